/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One word does it all: a domain is given a USB device. */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/finding.h>
#include <xtune/record.h>
#include <xtune/report.h>

enum { ARG_DOMAIN, ARG_DEVICE };

static int begin(struct context *ctx, struct usb_kept *kept, xtune_error **err)
{
    const int rc = observe_for_verb(ctx, 0, err);

    kept->persist = ctx->settings.persist;
    kept->version = XTUNE_NONE;
    if (ctx->settings.usb)
        parse_usb_number(ctx->settings.usb, 3, &kept->version);
    return rc ? rc
              : xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                       &kept->domain, err);
}

int check_usb_attach(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    enum xtune_usb_by by;
    uint32_t version;

    if (s->usb && (!parse_usb_number(s->usb, 3, &version) || !version))
        return usage_error(ctx, "--usb", "give 1, 2 or 3",
                           "\"%s\" is no version of a USB controller", s->usb);
    if (s->by && !xtune_usb_by_read(s->by, &by))
        return usage_error(ctx, "--by", "give serial, port or both",
                           "unknown word \"%s\"", s->by);
    if (s->by && !s->persist)
        return usage_error(ctx, "--by", "add --persist, or leave it out",
                           "what the device is known by matters only where "
                           "it is kept");
    return 0;
}

static int identify(const struct context *ctx, struct usb_kept *kept,
                    xtune_error **err)
{
    xtune_usb_identity anywhere;
    const xtune_usb *found;
    enum xtune_usb_by by;
    int rc;

    if (!ctx->settings.by || !xtune_usb_by_read(ctx->settings.by, &by)) {
        kept->identity = xtune_usb_identity_of(ctx->host, kept->usb);
        return 0;
    }
    rc = xtune_usb_identity_by(kept->usb, by, &kept->identity, err);
    /* Or it would be that of another one as well, wherever they are next. */
    anywhere = kept->identity;
    if (by == XTUNE_USB_BY_SERIAL) anywhere.port = NULL;
    return rc ? rc : xtune_usb_resolve(ctx->host, &anywhere, &found, err);
}

/* As its record has it, for as long as nobody says otherwise; one that the
 * domain has stays where it is. */
static uint32_t version_for(const struct context *ctx,
                            const struct usb_kept *kept)
{
    const xtune_wanted_usb *row;

    if (kept->version != XTUNE_NONE ||
        xtune_usb_owner(ctx->host, kept->path, NULL, NULL) == kept->domain)
        return kept->version;
    row = find_usb_row(ctx, kept);
    return row ? row->version : XTUNE_NONE;
}

static int plan_attach(struct context *ctx, struct usb_kept *kept,
                       xtune_plan **plan_r, xtune_error **err)
{
    xtune_usb_place place = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE };
    xtune_usb_request request;
    int rc = begin(ctx, kept, err);

    if (!rc)
        rc = xtune_usb_find(ctx->host, ctx->args[ARG_DEVICE], &kept->usb, err);
    if (!rc) kept->path = kept->usb->path;
    if (!rc) rc = identify(ctx, kept, err);
    if (!rc) rc = prepare_usb_kept(ctx, kept, err);
    if (rc) return rc;
    request = usb_request(ctx);
    place.version = version_for(ctx, kept);
    return xtune_plan_usb_attach(&request, kept->domain, kept->usb, &place,
                                 plan_r, err);
}

/* What was overruled is in the way each time that nobody does so. */
static void note_guards(const struct context *ctx, const struct usb_kept *kept)
{
    xtune_findings *findings = xtune_findings_new();
    xtune_usb_policy *rules = NULL;
    size_t i;

    if (xtune_usb_policy_of(ctx->host, &rules, NULL)) rules = NULL;
    xtune_usb_add_guards(findings, ctx->host, rules, kept->usb);
    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];
        char *note = format_text("it is kept, but not attached by itself as "
                                 "long as this is so: %s",
                                 f->text);

        print_note(f->object, note);
        free(note);
    }
    xtune_findings_free(findings);
    xtune_usb_policy_free(rules);
}

int cmd_usb_attach(struct context *ctx)
{
    struct usb_kept kept = { .given = true };
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int code;

    if (plan_attach(ctx, &kept, &plan, &err)) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = usb_title(ctx),
                             .text = xtune_report_usb_given(&(xtune_usb_given){
                                 .host = ctx->host,
                                 .domain = kept.domain,
                                 .usb = kept.usb,
                                 .plan = plan,
                             }),
                             .keep = keep_usb,
                             .what = &kept,
                             .object = kept.path,
                         });
    xtune_plan_free(plan);
    if (code == EXIT_DONE && kept.persist && !ctx->settings.dry_run &&
        !ctx->settings.quiet)
        note_guards(ctx, &kept);
    return code;
}
