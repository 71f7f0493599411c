/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain gives a USB device back. What it has, or its record gives it, is
 * meant first, be it there or not; then what else is plugged in, of which it
 * can only be said that the domain has it not.
 */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>
#include <xtune/report.h>

enum { ARG_DOMAIN, ARG_DEVICE };

static const xtune_record *record_of(const struct context *ctx,
                                     const struct usb_kept *kept)
{
    return xtune_policy_record(ctx->policy, ctx->host, kept->domain);
}

/* Whether a port of the domain says so; *is_there_r: and that is so. */
static bool says_it_has(const struct context *ctx, const struct usb_kept *kept,
                        const char *path, bool *is_there_r)
{
    const xtune_usb_controller *controller;
    uint32_t port;

    *is_there_r = false;
    if (!path ||
        xtune_usb_owner(ctx->host, path, &controller, &port) != kept->domain)
        return false;
    *is_there_r = !xtune_usb_is_stale(ctx->host, controller, port);
    return true;
}

/* Where the domain had a device of its record: a port that still says so. Not
 * where it has another one by now. */
static const char *left_in(const struct context *ctx,
                           const struct usb_kept *kept,
                           const xtune_wanted_usb *row)
{
    bool is_there;

    if (!says_it_has(ctx, kept, row->identity.port, &is_there) || is_there)
        return NULL;
    return row->identity.port;
}

/* Devices that are there. */

static const xtune_wanted_usb *row_of(const struct context *ctx,
                                      const struct usb_kept *kept,
                                      const xtune_usb *usb)
{
    const xtune_record *record = record_of(ctx, kept);
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++)
        if (is_usb_row_of(ctx, &record->usb[i], usb)) return &record->usb[i];
    return NULL;
}

/* Of those that the domain has, or is to have. XTUNE_ERR_NOT_FOUND. */
static int find_own(struct context *ctx, struct usb_kept *kept,
                    xtune_error **err)
{
    xtune_host own = {
        .usb = XTUNE_NEW_ARRAY(ctx->host->arena, xtune_usb,
                               ctx->host->nr_usb + 1),
    };
    const xtune_usb *usb;
    bool is_there;
    size_t i;
    int rc;

    for (i = 0; i < ctx->host->nr_usb; i++) {
        usb = &ctx->host->usb[i];
        says_it_has(ctx, kept, usb->path, &is_there);
        if (is_there || row_of(ctx, kept, usb)) own.usb[own.nr_usb++] = *usb;
    }
    rc = xtune_usb_find(&own, ctx->args[ARG_DEVICE], &usb, err);
    if (rc) return rc;
    kept->usb = xtune_host_usb(ctx->host, usb->path);
    kept->row = row_of(ctx, kept, kept->usb);
    kept->path = kept->usb->path;
    /* One that was plugged in elsewhere may be where it was still. */
    if (!says_it_has(ctx, kept, kept->path, &is_there) && kept->row &&
        left_in(ctx, kept, kept->row))
        kept->path = kept->row->identity.port;
    return 0;
}

/* Devices that are gone, in a host of their own, where they are found as those
 * that are there: of each what the domain's record and its ports say. */

typedef struct gone {
    xtune_host host;
    const xtune_wanted_usb **rows; /* of each; NULL: a port alone says it */
} gone;

static void add_gone(gone *g, const char *path, const xtune_wanted_usb *row)
{
    g->rows[g->host.nr_usb] = row;
    g->host.usb[g->host.nr_usb++] = (xtune_usb){
        .path = path ? path : "",
        .bus = XTUNE_NONE,
        .address = XTUNE_NONE,
        .vendor = row ? row->identity.vendor : NULL,
        .product = row ? row->identity.product : NULL,
        .serial = row ? row->identity.serial : NULL,
    };
}

/* One that is plugged in elsewhere as well, where a port says that it was
 * there: so it is meant by that. */
static void add_rows(gone *g, const struct context *ctx,
                     const struct usb_kept *kept)
{
    const xtune_record *record = record_of(ctx, kept);
    const xtune_usb *usb;
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++) {
        const xtune_wanted_usb *row = &record->usb[i];

        if (left_in(ctx, kept, row) ||
            xtune_usb_resolve(ctx->host, &row->identity, &usb, NULL) ==
                XTUNE_ERR_NOT_FOUND)
            add_gone(g, row->identity.port, row);
    }
}

static void add_ports(gone *g, const struct context *ctx,
                      const struct usb_kept *kept)
{
    size_t i, k;

    for (i = 0; i < kept->domain->nr_usb; i++)
        for (k = 0; k < kept->domain->usb[i].nr_ports; k++) {
            const char *path = kept->domain->usb[i].ports[k];

            if (path && !xtune_host_usb(ctx->host, path) &&
                !xtune_host_usb(&g->host, path))
                add_gone(g, path, NULL);
        }
}

static gone list_gone(const struct context *ctx, const struct usb_kept *kept)
{
    const xtune_record *record = record_of(ctx, kept);
    size_t room = 1 + (record ? record->nr_usb : 0), i;
    gone g = { .rows = NULL };

    for (i = 0; i < kept->domain->nr_usb; i++)
        room += kept->domain->usb[i].nr_ports;
    g.host.usb = XTUNE_NEW_ARRAY(ctx->host->arena, xtune_usb, room);
    g.rows = XTUNE_NEW_ARRAY(ctx->host->arena, const xtune_wanted_usb *, room);
    add_rows(&g, ctx, kept);
    add_ports(&g, ctx, kept);
    return g;
}

static int find_gone(struct context *ctx, struct usb_kept *kept,
                     xtune_error **err)
{
    const gone g = list_gone(ctx, kept);
    const char *words = ctx->args[ARG_DEVICE];
    const xtune_usb *usb;
    bool is_there;
    int rc = xtune_usb_find(&g.host, words, &usb, NULL);

    if (rc == XTUNE_ERR_INVALID)
        return xtune_error_set(err, rc, 0, words,
                               "say which with serial= or uuid=",
                               "it may be any of several devices that are "
                               "gone");
    if (rc) return rc;
    kept->row = g.rows[usb - g.host.usb];
    kept->path = usb->path;
    /* Not what the domain has there by now. */
    if (!*kept->path || (kept->row && !left_in(ctx, kept, kept->row) &&
                         says_it_has(ctx, kept, kept->path, &is_there)))
        kept->path = words;
    return 0;
}

/* Whichever it is. */

static int find_device(struct context *ctx, struct usb_kept *kept,
                       xtune_error **err)
{
    int rc = prepare_usb_kept(ctx, kept, err);

    if (rc) return rc;
    rc = find_own(ctx, kept, err);
    if (rc != XTUNE_ERR_NOT_FOUND) return rc;
    xtune_error_free(*err);
    *err = NULL;
    rc = find_gone(ctx, kept, err);
    if (rc != XTUNE_ERR_NOT_FOUND) return rc;
    rc = xtune_usb_find(ctx->host, ctx->args[ARG_DEVICE], &kept->usb, err);
    if (!rc) kept->path = kept->usb->path;
    return rc;
}

/* Words that mean a port may be taken for what is plugged in there now. */
static void note_another(const struct context *ctx,
                         const struct usb_kept *kept)
{
    const xtune_usb_identity *id = kept->row ? &kept->row->identity : NULL;
    char *note;

    if (!kept->persist || kept->usb || !id ||
        !xtune_host_usb(ctx->host, kept->path))
        return;
    note = format_text("%s:%s%s%s, which was there, is kept for \"%s\" no "
                       "longer; what is plugged in there now is another one",
                       id->vendor, id->product, id->serial ? ",serial=" : "",
                       id->serial ? id->serial : "", kept->domain->name);
    print_note(kept->path, note);
    free(note);
}

static int would_forget(struct context *ctx, const struct usb_kept *kept)
{
    if (ctx->settings.json)
        return print_text(
            ctx, xtune_report_outcome_json("nothing", NULL, 0, 0), EXIT_DONE);
    if (ctx->settings.quiet) return EXIT_DONE;
    return print_text(ctx,
                      format_text("%s: it has not got the device, which would "
                                  "be kept for it no longer\n",
                                  kept->domain->name),
                      EXIT_DONE);
}

/* The domain has it not, but its record gives it to it. */
static int forget(struct context *ctx, const struct usb_kept *kept)
{
    xtune_error *err = NULL;

    if (ctx->settings.dry_run) return would_forget(ctx, kept);
    if (keep_usb(ctx, kept, &err)) return report_error(ctx, err);
    note_another(ctx, kept);
    if (!ctx->settings.json) return EXIT_DONE;
    return print_text(ctx, xtune_report_outcome_json("forgotten", NULL, 0, 0),
                      EXIT_DONE);
}

static int take_back(struct context *ctx, const struct usb_kept *kept)
{
    const xtune_usb_request request = usb_request(ctx);
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int code;

    if (xtune_plan_usb_detach(&request, kept->domain, kept->path, &plan, &err))
        return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = usb_title(ctx),
                             .keep = keep_usb,
                             .what = kept,
                             .object = kept->path,
                         });
    xtune_plan_free(plan);
    if (code == EXIT_DONE && !ctx->settings.dry_run) note_another(ctx, kept);
    return code;
}

int cmd_usb_detach(struct context *ctx)
{
    struct usb_kept kept = {
        .persist = ctx->settings.persist,
        .itself = true,
        .version = XTUNE_NONE,
    };
    xtune_error *err = NULL;
    bool is_there;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                    &kept.domain, &err);
    if (!rc) rc = find_device(ctx, &kept, &err);
    if (rc) return report_error(ctx, err);
    if (kept.persist && kept.row &&
        !says_it_has(ctx, &kept, kept.path, &is_there))
        return forget(ctx, &kept);
    return take_back(ctx, &kept);
}
