/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vusb-plug and vusb-unplug: of a domain that runs. */
#include "cmd_xe.h"

#include <stdlib.h>

#include <xtune/record.h>

#include "cmd_usb.h"

static int check_running(const xtune_xe_vusb *vusb, xtune_error **err)
{
    if (vusb->domain) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, vusb->record->uuid,
        "it is given the device when it starts",
        "You attempted an operation on a VM that was not in "
        "an appropriate power state: it does not run");
}

static int write_row(struct context *ctx, const xtune_xe_vusb *vusb,
                     const char *unplugged, xtune_error **err)
{
    xtune_wanted_usb row = *vusb->wanted;

    row.unplugged = unplugged;
    return xtune_record_usb(ctx->state, vusb->record->uuid, NULL, &row, err);
}

/* Carries a plan out, and keeps what it is for. */
static int run_plan(struct context *ctx, const xtune_xe_vusb *vusb,
                    xtune_plan *plan,
                    int (*keep_it)(struct context *ctx, const void *what,
                                   xtune_error **err))
{
    const int code = run_verb(ctx, &(struct verb){
                                       .plan = plan,
                                       .title = usb_title(ctx),
                                       .keep = keep_it,
                                       .what = vusb,
                                       .object = vusb->uuid,
                                   });

    xtune_plan_free(plan);
    return code;
}

/* Plugging. */

static int keep_plugged(struct context *ctx, const void *what,
                        xtune_error **err)
{
    const xtune_xe_vusb *vusb = what;
    xtune_wanted_usb row = *vusb->wanted;
    int rc = 0;

    row.unplugged = NULL;
    if (vusb->wanted->unplugged) rc = write_row(ctx, vusb, NULL, err);
    return rc ? rc
              : keep_usb_port(ctx, vusb->record, &row, vusb->usb->usb->path,
                              err);
}

static int check_pluggable(const xtune_xe_vusb *vusb, xtune_error **err)
{
    int rc = check_running(vusb, err);

    if (!rc && vusb->attached)
        rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, vusb->uuid, NULL,
                             "The device is already attached to a VM");
    return rc ? rc : xe_check_enabled(vusb->usb, err);
}

static int plan_plug(struct context *ctx, const struct xe *xe,
                     const xtune_xe_vusb **vusb_r, xtune_plan **plan_r,
                     xtune_error **err)
{
    const xtune_usb_request request = usb_request(ctx);
    xtune_usb_place place = { .controller = XTUNE_NONE, .port = XTUNE_NONE };
    const xtune_usb *usb;
    int rc;

    rc = xe_find_vusb(xe, vusb_r, err);
    if (!rc) rc = check_pluggable(*vusb_r, err);
    if (!rc)
        rc = xtune_usb_resolve(ctx->host, &(*vusb_r)->wanted->identity, &usb,
                               err);
    if (rc) return rc;
    place.version = (*vusb_r)->wanted->version;
    return xtune_plan_usb_attach(&request, (*vusb_r)->domain, usb, &place,
                                 plan_r, err);
}

int cmd_vusb_plug(struct context *ctx)
{
    const xtune_xe_vusb *vusb = NULL;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    xtune_plan *plan = NULL;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !plan_plug(ctx, &xe, &vusb, &plan, &err))
        code = run_plan(ctx, vusb, plan, keep_plugged);
    return xe_end(ctx, &xe, code, err);
}

/* Unplugging: else the domain would be given it again at once. */

static int keep_unplugged(struct context *ctx, const void *what,
                          xtune_error **err)
{
    const xtune_xe_vusb *vusb = what;
    char *life =
        format_text("%s/%u", ctx->host->machine.boot_id, vusb->domain->id);
    const int rc = write_row(ctx, vusb, life, err);

    free(life);
    return rc;
}

/* Where the domain has it: a port may say so of a device that is gone. */
static const char *path_in(const xtune_xe_usbs *all, const xtune_xe_vusb *vusb)
{
    const char *path =
        vusb->usb->usb ? vusb->usb->usb->path : vusb->wanted->identity.port;

    if (!path || xtune_usb_owner(all->host, path, NULL, NULL) != vusb->domain)
        return NULL;
    return path;
}

static int plan_unplug(struct context *ctx, const struct xe *xe,
                       const xtune_xe_vusb **vusb_r, xtune_plan **plan_r,
                       xtune_error **err)
{
    const xtune_usb_request request = usb_request(ctx);
    const char *path;
    int rc;

    rc = xe_find_vusb(xe, vusb_r, err);
    if (!rc) rc = check_running(*vusb_r, err);
    if (rc) return rc;
    path = path_in(&xe->all, *vusb_r);
    if (!path)
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, (*vusb_r)->uuid,
            "\"xltune vusb-destroy\" keeps it away for good",
            "The device is not currently attached");
    if (!ctx->host->machine.boot_id)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, (*vusb_r)->uuid,
                               "\"xltune usb-detach\" takes it back once",
                               "it would be attached again at once: the id "
                               "of this boot is not known");
    return xtune_plan_usb_detach(&request, (*vusb_r)->domain, path, plan_r,
                                 err);
}

int cmd_vusb_unplug(struct context *ctx)
{
    const xtune_xe_vusb *vusb = NULL;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    xtune_plan *plan = NULL;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !plan_unplug(ctx, &xe, &vusb, &plan, &err))
        code = run_plan(ctx, vusb, plan, keep_unplugged);
    return xe_end(ctx, &xe, code, err);
}
