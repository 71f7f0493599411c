/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command that sets how many virtual functions a device has. */
#include "cmd_pci.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

#include "verb.h"

enum { ARG_PF, ARG_NUMBER };

#define MAX_VFS 65535

static bool parse_vfs(const char *text, uint32_t *vfs_r)
{
    const size_t len = strlen(text);

    if (!len || len > 5 || strspn(text, "0123456789") != len) return false;
    *vfs_r = (uint32_t)strtoul(text, NULL, 10);
    return *vfs_r <= MAX_VFS;
}

int check_sriov_set(struct context *ctx)
{
    uint32_t vfs;

    if (!parse_vfs(ctx->args[ARG_NUMBER], &vfs))
        return usage_error(ctx, "N", "give a number from 0 to 65535",
                           "\"%s\" is no number of virtual functions",
                           ctx->args[ARG_NUMBER]);
    if (vfs || !ctx->settings.assignable) return 0;
    return usage_error(ctx, "--assignable", NULL,
                       "there are no virtual functions to make assignable");
}

static char *title_of(const struct context *ctx)
{
    return format_text("sriov-set %s %s%s%s", ctx->args[ARG_PF],
                       ctx->args[ARG_NUMBER],
                       ctx->settings.assignable ? " --assignable" : "",
                       ctx->settings.persist ? " --persist" : "");
}

static size_t list_vfs(const xtune_host *host, const char *pf,
                       const xtune_pci ***vfs_r)
{
    size_t nr = 0, i;

    *vfs_r = XTUNE_NEW_ARRAY(host->arena, const xtune_pci *, host->nr_pci);
    for (i = 0; i < host->nr_pci; i++)
        if (host->pci[i].physfn && !strcmp(host->pci[i].physfn, pf))
            (*vfs_r)[nr++] = &host->pci[i];
    return nr;
}

/* They are devices of their own, which are there only now. */
static int plan_assignable(struct context *ctx, const char *pf,
                           xtune_plan **plan_r, xtune_error **err)
{
    const xtune_pci **vfs;
    xtune_pci_request request;
    size_t nr;
    int rc;

    xtune_host_free(ctx->host);
    ctx->host = NULL;
    rc = observe(ctx, 0, NULL, 0, err);
    if (rc) return rc;
    nr = list_vfs(ctx->host, pf, &vfs);
    request = pci_request(ctx);
    return xtune_plan_pci_assignable(&request, vfs, nr, NULL, plan_r, err);
}

static int try_assignable(struct context *ctx, const char *pf,
                          const struct change *change, xtune_error **err)
{
    xtune_plan *plan = NULL;
    int rc = plan_assignable(ctx, pf, &plan, err);

    if (!rc)
        rc = xtune_apply(ctx->backend, ctx->state, plan, &change->options,
                         NULL, err);
    xtune_plan_free(plan);
    return rc;
}

/* The virtual functions are made: that they are not assignable must not be
 * missed. */
static int make_assignable(struct context *ctx, const char *pf,
                           const struct change *change, xtune_error **err)
{
    xtune_error *cause = NULL;
    unsigned int tries = 0;
    int rc;

    do {
        rc = try_assignable(ctx, pf, change, &cause);
    } while (wait_for_drivers(rc, &tries));
    if (rc)
        xtune_error_set(
            err, rc, cause->errnum, pf, cause->hint,
            "its virtual functions are there, but not assignable: %s: "
            "%s",
            cause->object, cause->message);
    xtune_error_free(cause);
    return rc;
}

static int keep(struct context *ctx, const char *pf, uint32_t vfs,
                xtune_error **err)
{
    const xtune_pci *pci = xtune_host_pci(ctx->host, pf);

    if (!pci)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, pf, NULL,
                               "it is gone, and will not be kept");
    return keep_device(ctx,
                       &(struct kept_device){
                           .devices = &pci,
                           .nr = 1,
                           .vfs = vfs,
                           .assignable = ctx->settings.assignable,
                       },
                       err);
}

static int carry_out(struct context *ctx, const char *pf, uint32_t vfs,
                     const xtune_plan *plan)
{
    char *title = title_of(ctx);
    xtune_error *err = NULL;
    struct change change;
    int code, rc;

    change_begin(&change, ctx, title, true);
    rc = xtune_apply(ctx->backend, ctx->state, plan, &change.options, NULL,
                     &err);
    if (!rc && ctx->settings.assignable)
        rc = make_assignable(ctx, pf, &change, &err);
    if (!rc && ctx->settings.persist) rc = keep(ctx, pf, vfs, &err);
    code = change_end(&change, rc, err, change.nr_made ? "applied" : "nothing",
                      NULL);
    free(title);
    return code;
}

int cmd_sriov_set(struct context *ctx)
{
    xtune_pci_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    const xtune_pci *pci;
    uint32_t vfs;
    char *pf;
    int code, rc;

    parse_vfs(ctx->args[ARG_NUMBER], &vfs);
    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = xtune_pci_find(ctx->host, ctx->args[ARG_PF], &pci, &err);
    request = pci_request(ctx);
    if (!rc) rc = xtune_plan_sriov(&request, pci, vfs, &plan, &err);
    if (rc) return report_error(ctx, err);
    pf = format_text("%s", pci->address);
    if (ctx->settings.dry_run)
        code = run_verb(
            ctx, &(struct verb){ .plan = plan, .title = title_of(ctx) });
    else
        code = carry_out(ctx, pf, vfs, plan);
    free(pf);
    xtune_plan_free(plan);
    return code;
}
