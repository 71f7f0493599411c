/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shows USB devices, what the usb-policy says of them, and what is wrong. */
#include "cmd_usb.h"

#include <string.h>

#include <xtune/report.h>

enum { ARG_DEVICE };

/* A record that cannot be read is no reason not to show a device. */
static void read_wanted(struct context *ctx)
{
    xtune_error *err = NULL;

    ctx->policy = xtune_policy_new();
    if (!read_records(ctx, ctx->policy, &err)) return;
    print_note(err->object, err->message);
    xtune_error_free(err);
    xtune_policy_free(ctx->policy);
    ctx->policy = NULL;
}

/* Nor is a usb-policy; it denies everything then. */
static xtune_usb_policy *read_rules(const struct context *ctx)
{
    xtune_usb_policy *rules = NULL;
    xtune_error *err = NULL;

    if (!xtune_usb_policy_of(ctx->host, &rules, &err)) return rules;
    print_note(err->object, err->message);
    xtune_error_free(err);
    return NULL;
}

static xtune_findings *find(const struct context *ctx, const xtune_usb *usb,
                            const xtune_usb_policy *rules)
{
    xtune_findings *findings = xtune_findings_new();

    if (usb) xtune_usb_add_guards(findings, ctx->host, rules, usb);
    xtune_usb_add_stale(findings, ctx->host, NULL, usb ? usb->path : NULL);
    return findings;
}

int cmd_usb_show(struct context *ctx)
{
    xtune_usb_view view = { .usb = NULL };
    xtune_usb_policy *rules;
    xtune_findings *findings;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc && ctx->nr_args)
        rc = xtune_usb_find(ctx->host, ctx->args[ARG_DEVICE], &view.usb, &err);
    if (rc) return report_error(ctx, err);
    read_wanted(ctx);
    rules = read_rules(ctx);
    findings = find(ctx, view.usb, rules);
    view.host = ctx->host;
    view.rules = rules;
    view.records = ctx->policy;
    view.findings = findings;
    code = print_text(ctx,
                      ctx->settings.json ? xtune_report_usb_json(&view)
                                         : xtune_report_usb(&view),
                      EXIT_DONE);
    xtune_findings_free(findings);
    xtune_usb_policy_free(rules);
    return code;
}
