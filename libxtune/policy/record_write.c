/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeping and forgetting: a record is read, changed and written whole. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

/* By the id of a vCPU, also of those that the domain has not: it may be
 * resized. */
typedef struct masks {
    const char *hard[XTUNE_MAX_VCPUS], *soft[XTUNE_MAX_VCPUS];
} masks;

/* Masks that are not written stay what they were. */
static int write_over(masks *m, xtune_arena *arena,
                      const xtune_wanted_affinity *row, xtune_error **err)
{
    xtune_set vcpus;
    unsigned int id;
    int rc;

    rc = xt_parse_vcpus(arena, "vCPUs", row->vcpus, &vcpus, err);
    if (rc) return rc;
    xtune_set_for_each(id, &vcpus)
    {
        if (row->hard) m->hard[id] = row->hard;
        if (row->soft) m->soft[id] = row->soft;
    }
    return 0;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/*
 * One with the last id there is goes on for ever: it is written as what it
 * leaves out, "all,^2", not as "0-1,3-8191".
 */
static const char *vcpus_text(xtune_arena *arena, const xtune_set *vcpus)
{
    if (xtune_set_has(vcpus, vcpus->nbits - 1))
        return xt_list_but(arena, vcpus);
    return xtune_set_format_ids(arena, vcpus);
}

/* All that have the masks of this one, as a row; they are then done with. */
static xt_json *take_row(masks *m, xtune_arena *arena, unsigned int first)
{
    xtune_set vcpus = xtune_set_new(arena, XTUNE_MAX_VCPUS);
    const char *hard = m->hard[first], *soft = m->soft[first];
    xt_json *row = xt_json_object(arena);
    unsigned int id;

    for (id = first; id < XTUNE_MAX_VCPUS; id++) {
        if (!is_same(m->hard[id], hard) || !is_same(m->soft[id], soft))
            continue;
        xtune_set_add(&vcpus, id);
        m->hard[id] = m->soft[id] = NULL;
    }
    xt_json_add_string(arena, row, "vcpus", vcpus_text(arena, &vcpus));
    if (hard) xt_json_add_string(arena, row, "hard", hard);
    if (soft) xt_json_add_string(arena, row, "soft", soft);
    return row;
}

/* The canonical text: rows by their first vCPU, none twice. */
static char *record_text(masks *m, xtune_arena *arena,
                         const xtune_domain *domain)
{
    xt_json *json = xt_json_object(arena), *rows = xt_json_array(arena);
    unsigned int id;

    for (id = 0; id < XTUNE_MAX_VCPUS; id++)
        if (m->hard[id] || m->soft[id])
            xt_json_append(arena, rows, take_row(m, arena, id));
    xt_json_add_string(arena, json, "schema", XT_RECORD_SCHEMA);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    /* Another name would not be read again; the uuid is enough. */
    xt_json_add_string(arena, json, "name",
                       xt_record_name_is_plain(domain->name) ? domain->name
                                                             : "");
    xt_json_add(arena, json, "affinity", rows);
    return xt_json_print(json);
}

/* Beside a snapshot nothing is left that says nothing. */
static void drop_empty_dir(const xtune_state *state, xtune_arena *arena)
{
    (void)rmdir(xt_record_dir(state, arena));
}

static int remove_file(const char *path, xtune_error **err)
{
    if (!unlink(path) || errno == ENOENT) return 0;
    return xtune_error_set(err,
                           errno == EACCES || errno == EPERM || errno == EROFS
                               ? XTUNE_ERR_PERMISSION
                               : XTUNE_ERR_IO,
                           errno, path, NULL, "cannot remove it: %s",
                           strerror(errno));
}

static int write_file(const xtune_state *state, xtune_arena *arena,
                      const char *path, const char *text, xtune_error **err)
{
    int rc;

    rc = xt_make_dirs(xt_record_dir(state, arena), 0755, err);
    if (rc) return rc;
    rc = xt_file_replace(path, text, strlen(text), 0600, err);
    if (rc) drop_empty_dir(state, arena);
    return rc;
}

/* What there is, to be freed with xtune_policy_free(). */
static int read_all(const xtune_state *state, xtune_policy **policy_r,
                    xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    int rc = xtune_records_read(state, policy, err);

    if (rc) {
        xtune_policy_free(policy);
        return rc;
    }
    *policy_r = policy;
    return 0;
}

static int merge(const xtune_record *record,
                 const xtune_wanted_affinity *wanted, xtune_arena *arena,
                 masks *m, xtune_error **err)
{
    size_t i;
    int rc;

    for (i = 0; record && i < record->nr_affinity; i++) {
        rc = write_over(m, arena, &record->affinity[i], err);
        if (rc) return rc;
    }
    return write_over(m, arena, wanted, err);
}

/* A record that is about to be written. */
typedef struct draft {
    xtune_policy *policy;       /* all that there are */
    const xtune_record *record; /* of these, the one that it replaces, or NULL;
                                   it may have another path */
    const char *path;
    char *text;
} draft;

static void draft_dispose(draft *d)
{
    xtune_policy_free(d->policy);
    free(d->text);
}

/* What would not be read again must not be written. */
static int draft_make(const xtune_state *state, const xtune_host *host,
                      const xtune_domain *domain,
                      const xtune_wanted_affinity *wanted, xtune_arena *arena,
                      draft *d, xtune_error **err)
{
    masks *m = XTUNE_NEW(arena, masks);
    int rc;

    if (!xt_is_uuid(domain->uuid) || !xt_has_uuid(domain, domain->uuid)) {
        xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                        "leave --persist out",
                        "nothing can be kept for it: it has no uuid");
        return XTUNE_ERR_REFUSED;
    }
    rc = read_all(state, &d->policy, err);
    if (rc) return rc;
    d->record = xtune_policy_record(d->policy, host, domain);
    rc = merge(d->record, wanted, arena, m, err);
    if (rc) return rc;
    d->path = xtune_arena_printf(arena, "%s/%s.json",
                                 xt_record_dir(state, arena), domain->uuid);
    d->text = record_text(m, arena, domain);
    return xt_record_check_text(d->text, d->path, err);
}

int xtune_record_check(const xtune_state *state, const xtune_host *host,
                       const xtune_domain *domain,
                       const xtune_wanted_affinity *wanted, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    draft d = { .policy = NULL };
    int rc = draft_make(state, host, domain, wanted, arena, &d, err);

    draft_dispose(&d);
    return rc;
}

int xtune_record_affinity(xtune_state *state, const xtune_host *host,
                          const xtune_domain *domain,
                          const xtune_wanted_affinity *wanted,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    draft d = { .policy = NULL };
    int rc;

    rc = draft_make(state, host, domain, wanted, arena, &d, err);
    if (!rc) rc = write_file(state, arena, d.path, d.text, err);
    /* That of a domain of this name that is no more is taken over. */
    if (!rc && d.record && strcmp(d.record->source.file, d.path))
        rc = remove_file(d.record->source.file, err);
    draft_dispose(&d);
    return rc;
}

int xtune_record_forget_affinity(xtune_state *state, const xtune_host *host,
                                 const xtune_domain *domain, bool *found_r,
                                 xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_record *record;
    xtune_policy *policy;
    int rc;

    rc = read_all(state, &policy, err);
    if (rc) return rc;
    record = xtune_policy_record(policy, host, domain);
    *found_r = record != NULL;
    /* It says nothing but of affinity. */
    if (record) rc = remove_file(record->source.file, err);
    drop_empty_dir(state, arena);
    xtune_policy_free(policy);
    return rc;
}
