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

/* What is to be kept of a domain; what is NULL is as it is. */
typedef struct wishes {
    const xtune_wanted_affinity *affinity;
    const xtune_wanted_scheduling *scheduling;
    size_t nr_scheduling;
    const char *cpupool;
} wishes;

static int merge(xt_kept *kept, const wishes *wanted, xtune_error **err)
{
    size_t i;
    int rc = 0;

    if (wanted->affinity)
        rc = xt_kept_add_affinity(kept, wanted->affinity, err);
    for (i = 0; !rc && i < wanted->nr_scheduling; i++)
        rc = xt_kept_add_scheduling(kept, &wanted->scheduling[i], err);
    if (wanted->cpupool) xt_kept_set_cpupool(kept, wanted->cpupool);
    return rc ? rc : xt_kept_check(kept, err);
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
                      const xtune_domain *domain, const wishes *wanted,
                      xtune_arena *arena, draft *d, xtune_error **err)
{
    xt_kept *kept;
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
    rc = xt_kept_new(arena, d->record, &kept, err);
    if (!rc) rc = merge(kept, wanted, err);
    if (rc) return rc;
    d->path = xtune_arena_printf(arena, "%s/%s.json",
                                 xt_record_dir(state, arena), domain->uuid);
    d->text = xt_kept_text(kept, domain->uuid, domain->name);
    return xt_record_check_text(d->text, d->path, err);
}

int xtune_record_check(const xtune_state *state, const xtune_host *host,
                       const xtune_domain *domain,
                       const xtune_wanted_affinity *wanted, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    draft d = { .policy = NULL };
    int rc = draft_make(state, host, domain, &(wishes){ .affinity = wanted },
                        arena, &d, err);

    draft_dispose(&d);
    return rc;
}

static int keep(const xtune_state *state, const xtune_host *host,
                const xtune_domain *domain, const wishes *wanted,
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

int xtune_record_affinity(xtune_state *state, const xtune_host *host,
                          const xtune_domain *domain,
                          const xtune_wanted_affinity *wanted,
                          xtune_error **err)
{
    return keep(state, host, domain, &(wishes){ .affinity = wanted }, err);
}

int xtune_record_scheduling(xtune_state *state, const xtune_host *host,
                            const xtune_domain *domain,
                            const xtune_wanted_scheduling *wanted,
                            size_t nr_wanted, xtune_error **err)
{
    return keep(state, host, domain,
                &(wishes){ .scheduling = wanted, .nr_scheduling = nr_wanted },
                err);
}

int xtune_record_cpupool(xtune_state *state, const xtune_host *host,
                         const xtune_domain *domain, const char *pool,
                         xtune_error **err)
{
    return keep(state, host, domain, &(wishes){ .cpupool = pool }, err);
}

/* What is left of it stays where it is: nothing new is said of the domain. */
static int forget(const xtune_state *state, xtune_arena *arena,
                  const xtune_record *record, bool *found_r, xtune_error **err)
{
    const char *path = record->source.file;
    xt_kept *kept;
    char *text;
    int rc;

    rc = xt_kept_new(arena, record, &kept, err);
    if (rc) return rc;
    /* One that says nothing at all goes as well. */
    *found_r = record->nr_affinity || xt_kept_is_empty(kept);
    if (!*found_r) return 0;
    xt_kept_forget_affinity(kept);
    if (xt_kept_is_empty(kept)) return remove_file(path, err);
    text = xt_kept_text(kept, record->uuid, record->name);
    rc = write_file(state, arena, path, text, err);
    free(text);
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

    *found_r = false;
    rc = read_all(state, &policy, err);
    if (rc) return rc;
    record = xtune_policy_record(policy, host, domain);
    if (record) rc = forget(state, arena, record, found_r, err);
    drop_empty_dir(state, arena);
    xtune_policy_free(policy);
    return rc;
}
