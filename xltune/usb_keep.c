/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is written down when a domain is given a USB device, or it is taken
 * back from it. */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>

bool is_usb_row_of(const struct context *ctx, const xtune_wanted_usb *row,
                   const xtune_usb *usb)
{
    const xtune_usb *found = NULL;
    xtune_usb_identity now;
    const int rc = xtune_usb_resolve(ctx->host, &row->identity, &found, NULL);

    if (rc != XTUNE_ERR_INVALID) return !rc && found == usb;
    return !xtune_usb_identity_by(usb, row->identity.by, &now, NULL) &&
           xtune_usb_same_identity(&now, &row->identity);
}

/* One that is gone is meant by where it was last: where something is there
 * now, it must not be plugged in elsewhere. */
static bool was_there(const struct context *ctx, const xtune_wanted_usb *row,
                      const struct usb_kept *kept)
{
    const xtune_usb *usb;

    return row->identity.port && !strcmp(row->identity.port, kept->path) &&
           (!kept->usb || xtune_usb_resolve(ctx->host, &row->identity, &usb,
                                            NULL) == XTUNE_ERR_NOT_FOUND);
}

static const xtune_wanted_usb *row_of(const struct context *ctx,
                                      const xtune_record *record,
                                      const struct usb_kept *kept)
{
    size_t i;

    for (i = 0; kept->usb && record && i < record->nr_usb; i++)
        if (is_usb_row_of(ctx, &record->usb[i], kept->usb))
            return &record->usb[i];
    return NULL;
}

static const xtune_wanted_usb *row_there(const struct context *ctx,
                                         const xtune_record *record,
                                         const struct usb_kept *kept)
{
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++)
        if (was_there(ctx, &record->usb[i], kept)) return &record->usb[i];
    return NULL;
}

/* Whether the domain has what is plugged in there now. */
static bool has_it(const struct context *ctx, const struct usb_kept *kept)
{
    const xtune_usb_controller *controller;
    uint32_t port;

    return kept->usb &&
           xtune_usb_owner(ctx->host, kept->path, &controller, &port) ==
               kept->domain &&
           !xtune_usb_is_stale(ctx->host, controller, port);
}

const xtune_wanted_usb *find_usb_row(const struct context *ctx,
                                     const struct usb_kept *kept)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, ctx->host, kept->domain);
    const xtune_wanted_usb *row =
        kept->row ? kept->row : row_of(ctx, record, kept);

    /* Another one may be plugged in where the domain's was; one that the
     * domain has as well is no reason to forget that. */
    if (row || kept->given || kept->itself || !kept->path || has_it(ctx, kept))
        return row;
    return row_there(ctx, record, kept);
}

/* The record of another domain that has it. */
static const xtune_record *other_holder(const struct context *ctx,
                                        const struct usb_kept *kept)
{
    const xtune_policy *policy = ctx->policy;
    const xtune_record *own =
        xtune_policy_record(policy, ctx->host, kept->domain);
    const xtune_usb *usb;
    size_t i, k;

    for (i = 0; kept->given && i < policy->nr_records; i++)
        for (k = 0; k < policy->records[i].nr_usb; k++)
            if (&policy->records[i] != own &&
                !xtune_usb_resolve(ctx->host,
                                   &policy->records[i].usb[k].identity, &usb,
                                   NULL) &&
                usb == kept->usb)
                return &policy->records[i];
    return NULL;
}

static const char *holder_name(const xtune_record *record)
{
    return *record->name ? record->name : record->uuid;
}

int prepare_usb_kept(struct context *ctx, const struct usb_kept *kept,
                     xtune_error **err)
{
    const xtune_record *other;
    char *note;
    int rc;

    ctx->policy = xtune_policy_new();
    rc = read_records(ctx, ctx->policy, err);
    if (!rc && kept->persist && ctx->state)
        rc =
            xtune_record_check(ctx->state, ctx->host, kept->domain, NULL, err);
    other = rc ? NULL : other_holder(ctx, kept);
    if (!other) return rc;
    if (kept->persist)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, kept->path,
                               "\"xltune vusb-destroy\" takes it out of that",
                               "the record of domain \"%s\" has it already",
                               holder_name(other));
    note = format_text("the record of domain \"%s\" has it as well",
                       holder_name(other));
    print_note(kept->path, note);
    free(note);
    return 0;
}

/* Writing. */

/* A record that is the domain's by its name stays what it is. */
static const char *record_uuid(const struct context *ctx,
                               const struct usb_kept *kept)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, ctx->host, kept->domain);

    return record ? record->uuid : kept->domain->uuid;
}

static int write_row(struct context *ctx, const struct usb_kept *kept,
                     const xtune_wanted_usb *row, xtune_error **err)
{
    return xtune_record_usb(ctx->state, record_uuid(ctx, kept),
                            kept->domain->name, row, err);
}

static bool is_group_of(const struct context *ctx,
                        const xtune_usb_group *group,
                        const struct usb_kept *kept)
{
    const xtune_usb *usb;

    return !xtune_usb_resolve(ctx->host, &group->identity, &usb, NULL) &&
           usb == kept->usb;
}

/* What is said of it by what it was known by before. */
static int forget_groups(struct context *ctx, const struct usb_kept *kept,
                         xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < ctx->policy->nr_usb_groups; i++) {
        const xtune_usb_group *one = &ctx->policy->usb_groups[i];
        const xtune_usb_group nothing = { .identity = one->identity };

        if (is_group_of(ctx, one, kept) &&
            !xtune_usb_same_identity(&one->identity, &kept->identity))
            rc = xtune_record_usb_group(ctx->state, &nothing, err);
    }
    return rc;
}

/* That guests may have it; what else was said of it stays, be it that it was
 * known by something else. */
static int allow_passthrough(struct context *ctx, const struct usb_kept *kept,
                             xtune_error **err)
{
    xtune_usb_group group = { .passthrough = true };
    size_t i;
    int rc;

    for (i = 0; i < ctx->policy->nr_usb_groups; i++) {
        if (!is_group_of(ctx, &ctx->policy->usb_groups[i], kept)) continue;
        group = ctx->policy->usb_groups[i];
        group.passthrough = true;
        break;
    }
    group.identity = kept->identity;
    rc = xtune_record_usb_group(ctx->state, &group, err);
    return rc ? rc : forget_groups(ctx, kept, err);
}

/* The others that mean it, by something else, would give it again. */
static int forget_rows(struct context *ctx, const struct usb_kept *kept,
                       const xtune_usb_identity *but, xtune_error **err)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, ctx->host, kept->domain);
    bool found;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && kept->usb && record && i < record->nr_usb; i++) {
        const xtune_wanted_usb *row = &record->usb[i];

        if (is_usb_row_of(ctx, row, kept->usb) &&
            !(but && xtune_usb_same_identity(but, &row->identity)))
            rc = xtune_record_forget_usb(ctx->state, record->uuid,
                                         &row->identity, &found, err);
    }
    return rc;
}

/* One that was known by something else before is known by this from now on;
 * what was said of it besides stays. */
static int write_down(struct context *ctx, const struct usb_kept *kept,
                      xtune_error **err)
{
    const xtune_wanted_usb *before = find_usb_row(ctx, kept);
    xtune_wanted_usb row = { .version = XTUNE_NONE };
    int rc;

    if (before) row = *before;
    row.identity = kept->identity;
    row.description = xtune_usb_description(ctx->host->arena, kept->usb);
    row.unplugged = NULL;
    if (kept->version != XTUNE_NONE) row.version = kept->version;
    rc = write_row(ctx, kept, &row, err);
    if (!rc) rc = forget_rows(ctx, kept, &row.identity, err);
    return rc ? rc : allow_passthrough(ctx, kept, err);
}

/* Or it would be given back as soon as anybody looks. */
static int write_unplugged(struct context *ctx, const struct usb_kept *kept,
                           const xtune_wanted_usb *before, xtune_error **err)
{
    const char *boot_id = ctx->host->machine.boot_id;
    xtune_wanted_usb row = *before;
    char *life;
    int rc;

    print_note(kept->domain->name,
               boot_id ? "its record gives it the device: it does without as "
                         "long as it runs; --persist forgets it"
                       : "its record gives it the device, and will again; "
                         "--persist forgets it");
    if (!boot_id) return 0;
    life = format_text("%s/%u", boot_id, kept->domain->id);
    row.unplugged = life;
    rc = write_row(ctx, kept, &row, err);
    free(life);
    return rc;
}

static int write_plugged(struct context *ctx, const struct usb_kept *kept,
                         const xtune_wanted_usb *before, xtune_error **err)
{
    const xtune_record *record =
        xtune_policy_record(ctx->policy, ctx->host, kept->domain);
    xtune_wanted_usb row = *before;
    int rc = 0;

    row.unplugged = NULL;
    if (before->unplugged) rc = write_row(ctx, kept, &row, err);
    return rc ? rc : keep_usb_port(ctx, record, &row, kept->usb->path, err);
}

static int forget(struct context *ctx, const struct usb_kept *kept,
                  const xtune_wanted_usb *row, xtune_error **err)
{
    bool found;
    int rc = xtune_record_forget_usb(ctx->state, record_uuid(ctx, kept),
                                     &row->identity, &found, err);

    return rc ? rc : forget_rows(ctx, kept, NULL, err);
}

int keep_usb(struct context *ctx, const void *what, xtune_error **err)
{
    const struct usb_kept *kept = what;
    const xtune_wanted_usb *row;

    if (kept->given && kept->persist) return write_down(ctx, kept, err);
    row = find_usb_row(ctx, kept);
    if (!row) return 0;
    if (kept->persist) return forget(ctx, kept, row, err);
    return kept->given ? write_plugged(ctx, kept, row, err)
                       : write_unplugged(ctx, kept, row, err);
}

/* Rolled back. */

static bool is_of_this_life(const struct context *ctx,
                            const xtune_wanted_usb *row,
                            const xtune_domain *domain)
{
    const char *boot_id = ctx->host->machine.boot_id;
    char *life = format_text("%s/%u", boot_id ? boot_id : "", domain->id);
    const bool is = row->unplugged && !strcmp(row->unplugged, life);

    free(life);
    return is;
}

void note_usb_unplugged(const struct context *ctx, const xtune_policy *policy,
                        const xtune_domain *domain)
{
    const xtune_record *record =
        xtune_policy_record(policy, ctx->host, domain);
    const xtune_usb *usb;
    char *note;
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++) {
        const xtune_wanted_usb *row = &record->usb[i];

        if (!is_of_this_life(ctx, row, domain) ||
            xtune_usb_resolve(ctx->host, &row->identity, &usb, NULL) ||
            xtune_usb_owner(ctx->host, usb->path, NULL, NULL) != domain)
            continue;
        note = format_text("it has %s, but \"%s\" still says that it does "
                           "without: plugged in again, it is not attached; "
                           "\"xltune usb-attach %s %s\" puts that right",
                           usb->path, record->source.file, domain->name,
                           usb->path);
        print_note(domain->name, note);
        free(note);
    }
}
