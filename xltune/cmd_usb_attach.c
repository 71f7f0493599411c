/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One word does it all: a domain is given a USB device, or gives it back. */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/finding.h>
#include <xtune/record.h>
#include <xtune/report.h>

enum { ARG_DOMAIN, ARG_DEVICE };

static int end_verb(struct context *ctx, const xtune_plan *plan,
                    const struct usb_kept *kept, char *text)
{
    return run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = usb_title(ctx),
                             .text = text,
                             .keep = keep_usb,
                             .what = kept,
                             .object = kept->path,
                         });
}

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

/* Attaching. */

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
    enum xtune_usb_by by;
    int rc;

    if (!ctx->settings.by || !xtune_usb_by_read(ctx->settings.by, &by)) {
        kept->identity = xtune_usb_identity_of(ctx->host, kept->usb);
        return 0;
    }
    rc = xtune_usb_identity_by(kept->usb, by, &kept->identity, err);
    /* Or it would be that of another one as well, and never be given. */
    return rc ? rc
              : xtune_usb_resolve(ctx->host, &kept->identity, &kept->usb, err);
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
    place.version = kept->version;
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
    code = end_verb(ctx, plan, &kept,
                    xtune_report_usb_given(&(xtune_usb_given){
                        .host = ctx->host,
                        .domain = kept.domain,
                        .usb = kept.usb,
                        .plan = plan,
                    }));
    xtune_plan_free(plan);
    if (code == EXIT_DONE && kept.persist && !ctx->settings.dry_run &&
        !ctx->settings.quiet)
        note_guards(ctx, &kept);
    return code;
}

/* Detaching. */

/*
 * Devices that are gone, in a host of their own, where they are found as those
 * that are there: of each what the domain's ports and its record say.
 */

static void add_gone(xtune_host *gone, const char *path,
                     const xtune_usb_identity *identity)
{
    xtune_usb *usb = &gone->usb[gone->nr_usb++];

    *usb = (xtune_usb){
        .path = path ? path : "",
        .bus = XTUNE_NONE,
        .address = XTUNE_NONE,
    };
    if (!identity) return;
    usb->vendor = identity->vendor;
    usb->product = identity->product;
    usb->serial = identity->serial;
}

static const xtune_usb_identity *last_at(const xtune_record *record,
                                         const char *path)
{
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++)
        if (record->usb[i].identity.port &&
            !strcmp(record->usb[i].identity.port, path))
            return &record->usb[i].identity;
    return NULL;
}

static size_t nr_ports(const xtune_domain *domain)
{
    size_t nr = 0, i;

    for (i = 0; i < domain->nr_usb; i++)
        nr += domain->usb[i].nr_ports;
    return nr;
}

static void add_ports(xtune_host *gone, const struct context *ctx,
                      const xtune_domain *domain, const xtune_record *record)
{
    size_t i, k;

    for (i = 0; i < domain->nr_usb; i++)
        for (k = 0; k < domain->usb[i].nr_ports; k++) {
            const char *path = domain->usb[i].ports[k];

            if (path && !xtune_host_usb(ctx->host, path))
                add_gone(gone, path, last_at(record, path));
        }
}

static void add_rows(xtune_host *gone, const struct context *ctx,
                     const xtune_record *record)
{
    const xtune_usb *usb;
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++) {
        const xtune_usb_identity *identity = &record->usb[i].identity;

        if (xtune_usb_resolve(ctx->host, identity, &usb, NULL) ==
                XTUNE_ERR_NOT_FOUND &&
            !(identity->port && xtune_host_usb(gone, identity->port)))
            add_gone(gone, identity->port, identity);
    }
}

/* err is why it is not among those that are there. */
static int find_gone(struct context *ctx, struct usb_kept *kept,
                     xtune_error **err)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, ctx->host, kept->domain);
    const size_t room = nr_ports(kept->domain) + (record ? record->nr_usb : 0);
    xtune_host gone = {
        .usb = XTUNE_NEW_ARRAY(ctx->host->arena, xtune_usb, room + 1),
    };
    const xtune_usb *usb;
    int rc;

    add_ports(&gone, ctx, kept->domain, record);
    add_rows(&gone, ctx, record);
    rc = xtune_usb_find(&gone, ctx->args[ARG_DEVICE], &usb, NULL);
    if (rc) return XTUNE_ERR_NOT_FOUND;
    xtune_error_free(*err);
    *err = NULL;
    kept->path = usb->path;
    return 0;
}

/* One that was plugged in elsewhere is by its record where the domain had it,
 * and may be in that port still, as the toolstack says. */
static const char *path_in_domain(const struct context *ctx,
                                  const struct usb_kept *kept)
{
    const char *path = kept->usb->path;
    const xtune_wanted_usb *row = find_usb_row(ctx, kept);

    if (xtune_usb_owner(ctx->host, path, NULL, NULL) == kept->domain || !row ||
        !row->identity.port || xtune_host_usb(ctx->host, row->identity.port) ||
        xtune_usb_owner(ctx->host, row->identity.port, NULL, NULL) !=
            kept->domain)
        return path;
    return row->identity.port;
}

static int find_device(struct context *ctx, struct usb_kept *kept,
                       xtune_error **err)
{
    int rc = begin(ctx, kept, err);

    if (!rc) rc = prepare_usb_kept(ctx, kept, err);
    if (rc) return rc;
    rc = xtune_usb_find(ctx->host, ctx->args[ARG_DEVICE], &kept->usb, err);
    if (rc == XTUNE_ERR_NOT_FOUND) return find_gone(ctx, kept, err);
    if (!rc) kept->path = path_in_domain(ctx, kept);
    return rc;
}

/* The domain has it not, but its record gives it to it. */
static int forget(struct context *ctx, const struct usb_kept *kept)
{
    xtune_error *err = NULL;

    if (!ctx->settings.dry_run && keep_usb(ctx, kept, &err))
        return report_error(ctx, err);
    if (!ctx->settings.json) return EXIT_DONE;
    return print_text(ctx, xtune_report_outcome_json("forgotten", NULL, 0, 0),
                      EXIT_DONE);
}

int cmd_usb_detach(struct context *ctx)
{
    struct usb_kept kept = { .given = false };
    xtune_usb_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc, code;

    rc = find_device(ctx, &kept, &err);
    if (!rc && kept.persist &&
        xtune_usb_owner(ctx->host, kept.path, NULL, NULL) != kept.domain &&
        find_usb_row(ctx, &kept))
        return forget(ctx, &kept);
    request = usb_request(ctx);
    if (!rc)
        rc = xtune_plan_usb_detach(&request, kept.domain, kept.path, &plan,
                                   &err);
    if (rc) return report_error(ctx, err);
    code = end_verb(ctx, plan, &kept, NULL);
    xtune_plan_free(plan);
    return code;
}
