/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hiding PCI devices from dom0, now and at the next boot. */
#include "cmd_pci.h"

#include <stdlib.h>

#include <xtune/report.h>

#include "verb.h"

typedef int make_plan(const xtune_pci_request *request,
                      const xtune_pci *const *devices, size_t nr,
                      unsigned int when, xtune_plan **plan_r,
                      xtune_error **err);

/* Neither said is both. */
static unsigned int when(const struct settings *s)
{
    const unsigned int said =
        (s->now ? XTUNE_HIDE_NOW : 0) | (s->boot ? XTUNE_HIDE_BOOT : 0);

    return said ? said : XTUNE_HIDE_NOW | XTUNE_HIDE_BOOT;
}

static char *title_of(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    char *title =
        format_text("%s%s%s", ctx->command->name, s->now ? " --now" : "",
                    s->boot ? " --boot" : "");
    size_t i;

    for (i = 0; i < ctx->nr_args; i++) {
        char *longer = format_text("%s %s", title, ctx->args[i]);

        free(title);
        title = longer;
    }
    return title;
}

static int hide(struct context *ctx, make_plan *make)
{
    const xtune_pci **devices;
    xtune_pci_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    size_t nr;
    int rc, code;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = find_pcis(ctx, &devices, &nr, &err);
    request = pci_request(ctx);
    if (!rc)
        rc = make(&request, devices, nr, when(&ctx->settings), &plan, &err);
    if (!rc) rc = show_diff(ctx, plan, &err);
    if (rc)
        code = report_error(ctx, err);
    else
        code = run_verb(
            ctx, &(struct verb){ .plan = plan, .title = title_of(ctx) });
    xtune_plan_free(plan);
    return code;
}

int cmd_pci_hide(struct context *ctx)
{
    return hide(ctx, xtune_plan_pci_hide);
}

int cmd_pci_unhide(struct context *ctx)
{
    return hide(ctx, xtune_plan_pci_unhide);
}

int cmd_pci_hidden_list(struct context *ctx)
{
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err)) return report_error(ctx, err);
    return print_text(
        ctx,
        ctx->settings.json
            ? xtune_report_pci_hidden_json(ctx->host)
            : xtune_report_pci_hidden(ctx->host, ctx->settings.root),
        EXIT_DONE);
}
