/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device that is known by its serial number is given to its domain wherever
 * it is plugged in. Its row says where that was last: so it is told from its
 * twin, and meant by that port when it is gone.
 */
#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>

#include "cmd_usb.h"

static bool is_given(const xtune_plan *plan, const xtune_domain *domain,
                     const char *path)
{
    char *object = format_text("%s/%s", domain->name, path);
    bool is = false;
    size_t i;

    for (i = 0; !is && i < plan->nr_actions; i++)
        is = !strcmp(plan->actions[i].kind, "usb") &&
             !strcmp(plan->actions[i].object, object);
    free(object);
    return is;
}

int keep_usb_port(struct context *ctx, const xtune_record *record,
                  const xtune_wanted_usb *row, const char *path,
                  xtune_error **err)
{
    xtune_wanted_usb now = *row;
    int rc;

    if (row->identity.port && !strcmp(row->identity.port, path)) return 0;
    now.identity.port = path;
    rc = xtune_record_usb(ctx->state, record->uuid, NULL, &now, err);
    return rc ? rc
              : xtune_record_usb_group_port(ctx->state, &row->identity, path,
                                            err);
}

static int follow(struct context *ctx, const xtune_host *host,
                  const xtune_domain *domain, const xtune_plan *plan,
                  xtune_error **err)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, host, domain);
    const xtune_usb *usb;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && record && i < record->nr_usb; i++) {
        const xtune_wanted_usb *row = &record->usb[i];

        if (!xtune_usb_resolve(host, &row->identity, &usb, NULL) &&
            is_given(plan, domain, usb->path))
            rc = keep_usb_port(ctx, record, row, usb->path, err);
    }
    return rc;
}

void keep_usb_ports(struct context *ctx, const xtune_host *host,
                    const xtune_plan *plan)
{
    xtune_error *err = NULL;
    size_t i;
    int rc = 0;

    if (!ctx->policy || !ctx->state) return;
    for (i = 0; !rc && i < host->nr_domains; i++)
        rc = follow(ctx, host, &host->domains[i], plan, &err);
    if (!rc) return;
    print_note(err->object, err->message);
    xtune_error_free(err);
}
