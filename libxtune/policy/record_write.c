/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeping and forgetting: a record is read, changed and written whole. */
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
    const xtune_wanted_pci *pci;
    const xtune_wanted_usb *usb;
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
    if (wanted->pci) xt_kept_set_pci(kept, wanted->pci);
    if (wanted->usb) xt_kept_set_usb(kept, wanted->usb);
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

/* Whose record it is: a domain of the host's, or one that does not run. */
typedef struct subject {
    const char *uuid;
    const char *name;           /* NULL: as its record has it */
    const xtune_domain *domain; /* NULL: it does not run */
    const xtune_host *host;
} subject;

static subject subject_of(const xtune_host *host, const xtune_domain *domain)
{
    return (subject){ domain->uuid, domain->name, domain, host };
}

static const xtune_record *find_record(const xtune_policy *policy,
                                       const subject *who)
{
    size_t i;

    if (who->domain)
        return xtune_policy_record(policy, who->host, who->domain);
    for (i = 0; i < policy->nr_records; i++)
        if (!strcmp(policy->records[i].uuid, who->uuid))
            return &policy->records[i];
    return NULL;
}

static bool has_uuid(const subject *who)
{
    if (!xt_is_uuid(who->uuid)) return false;
    if (who->domain) return xt_has_uuid(who->domain, who->uuid);
    return who->uuid[strspn(who->uuid, "0-")];
}

static const char *name_of(const draft *d, const subject *who)
{
    if (who->name) return who->name;
    return d->record ? d->record->name : "";
}

int xtune_record_check_pci(const xtune_policy *policy,
                           const xtune_record *record, const char *address,
                           xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    for (i = 0; i < policy->nr_records; i++) {
        const xtune_record *other = &policy->records[i];

        if (other == record ||
            !xt_record_find_pci(other->pci, other->nr_pci, address))
            continue;
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, address,
            xtune_arena_printf(arena,
                               "take it from there first, by \"xltune "
                               "pci-unassign %s %s\"",
                               other->uuid, address),
            "it is kept for domain \"%s\"",
            *other->name ? other->name : other->uuid);
    }
    return 0;
}

static int refuse_nameless(const subject *who, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, who->name ? who->name : who->uuid,
        "leave --persist out", "nothing can be kept for it: it has no uuid");
}

/* What would not be read again must not be written. */
static int draft_make(const xtune_state *state, const subject *who,
                      const wishes *wanted, xtune_arena *arena, draft *d,
                      xtune_error **err)
{
    xt_kept *kept;
    int rc;

    if (!has_uuid(who)) return refuse_nameless(who, err);
    rc = read_all(state, &d->policy, err);
    if (rc) return rc;
    d->record = find_record(d->policy, who);
    if (wanted->pci)
        rc = xtune_record_check_pci(d->policy, d->record, wanted->pci->address,
                                    err);
    if (!rc && wanted->usb)
        rc = xt_record_check_usb(d->policy, d->record, wanted->usb, err);
    if (!rc) rc = xt_kept_new(arena, d->record, &kept, err);
    if (!rc) rc = merge(kept, wanted, err);
    if (rc) return rc;
    d->path = xtune_arena_printf(arena, "%s/%s.json",
                                 xt_record_dir(state, arena), who->uuid);
    d->text = xt_kept_text(kept, who->uuid, name_of(d, who));
    return xt_record_check_text(d->text, d->path, err);
}

int xtune_record_check(const xtune_state *state, const xtune_host *host,
                       const xtune_domain *domain,
                       const xtune_wanted_affinity *wanted, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const subject who = subject_of(host, domain);
    draft d = { .policy = NULL };
    int rc = draft_make(state, &who, &(wishes){ .affinity = wanted }, arena,
                        &d, err);

    draft_dispose(&d);
    return rc;
}

static int keep_of(const xtune_state *state, const subject *who,
                   const wishes *wanted, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    draft d = { .policy = NULL };
    int rc;

    rc = draft_make(state, who, wanted, arena, &d, err);
    if (!rc) rc = write_file(state, arena, d.path, d.text, err);
    /* That of a domain of this name that is no more is taken over. */
    if (!rc && d.record && strcmp(d.record->source.file, d.path))
        rc = xt_record_remove(d.record->source.file, err);
    draft_dispose(&d);
    return rc;
}

static int keep(const xtune_state *state, const xtune_host *host,
                const xtune_domain *domain, const wishes *wanted,
                xtune_error **err)
{
    const subject who = subject_of(host, domain);

    return keep_of(state, &who, wanted, err);
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

int xtune_record_pci(xtune_state *state, const xtune_host *host,
                     const xtune_domain *domain,
                     const xtune_wanted_pci *wanted, xtune_error **err)
{
    return keep(state, host, domain, &(wishes){ .pci = wanted }, err);
}

int xtune_record_pci_of(xtune_state *state, const char *uuid, const char *name,
                        const xtune_wanted_pci *wanted, xtune_error **err)
{
    return keep_of(state, &(subject){ .uuid = uuid, .name = name },
                   &(wishes){ .pci = wanted }, err);
}

int xtune_record_usb(xtune_state *state, const char *uuid, const char *name,
                     const xtune_wanted_usb *wanted, xtune_error **err)
{
    return keep_of(state, &(subject){ .uuid = uuid, .name = name },
                   &(wishes){ .usb = wanted }, err);
}

/* What is left of it stays where it is: nothing new is said of the domain. */
static int write_rest(const xtune_state *state, xtune_arena *arena,
                      const xtune_record *record, xt_kept *kept,
                      xtune_error **err)
{
    const char *path = record->source.file;
    char *text;
    int rc;

    if (xt_kept_is_empty(kept)) return xt_record_remove(path, err);
    text = xt_kept_text(kept, record->uuid, record->name);
    rc = write_file(state, arena, path, text, err);
    free(text);
    return rc;
}

/* What is to be forgotten of it; nothing of both: its affinity. */
typedef struct oblivion {
    const char *address; /* of a PCI device */
    const xtune_usb_identity *usb;
} oblivion;

static bool drop(xt_kept *kept, const xtune_record *record,
                 const oblivion *what)
{
    bool found;

    if (what->address) return xt_kept_forget_pci(kept, what->address);
    if (what->usb) return xt_kept_forget_usb(kept, what->usb);
    /* One that says nothing at all goes as well. */
    found = record->nr_affinity || xt_kept_is_empty(kept);
    if (found) xt_kept_forget_affinity(kept);
    return found;
}

static int forget(const xtune_state *state, xtune_arena *arena,
                  const xtune_record *record, const oblivion *what,
                  bool *found_r, xtune_error **err)
{
    xt_kept *kept;
    int rc;

    rc = xt_kept_new(arena, record, &kept, err);
    if (rc) return rc;
    *found_r = drop(kept, record, what);
    return *found_r ? write_rest(state, arena, record, kept, err) : 0;
}

static int forget_of(const xtune_state *state, const subject *who,
                     const oblivion *what, bool *found_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_record *record;
    xtune_policy *policy;
    int rc;

    *found_r = false;
    rc = read_all(state, &policy, err);
    if (rc) return rc;
    record = find_record(policy, who);
    if (record) rc = forget(state, arena, record, what, found_r, err);
    drop_empty_dir(state, arena);
    xtune_policy_free(policy);
    return rc;
}

int xtune_record_forget_affinity(xtune_state *state, const xtune_host *host,
                                 const xtune_domain *domain, bool *found_r,
                                 xtune_error **err)
{
    const subject who = subject_of(host, domain);

    return forget_of(state, &who, &(oblivion){ .usb = NULL }, found_r, err);
}

int xtune_record_forget_pci(xtune_state *state, const xtune_host *host,
                            const xtune_domain *domain, const char *address,
                            bool *found_r, xtune_error **err)
{
    const subject who = subject_of(host, domain);

    return forget_of(state, &who, &(oblivion){ .address = address }, found_r,
                     err);
}

int xtune_record_forget_pci_of(xtune_state *state, const char *uuid,
                               const char *name, const char *address,
                               bool *found_r, xtune_error **err)
{
    return forget_of(state, &(subject){ .uuid = uuid, .name = name },
                     &(oblivion){ .address = address }, found_r, err);
}

int xtune_record_forget_usb(xtune_state *state, const char *uuid,
                            const xtune_usb_identity *identity, bool *found_r,
                            xtune_error **err)
{
    return forget_of(state, &(subject){ .uuid = uuid },
                     &(oblivion){ .usb = identity }, found_r, err);
}
