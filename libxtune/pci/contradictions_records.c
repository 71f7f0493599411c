/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the host is not as was written down of devices. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

/* Whose record it is that is looked at. */
typedef struct record_view {
    xtune_findings *findings;
    const xtune_host *host;
    const xtune_policy *policy;
    const xtune_record *record; /* NULL: the host's */
    const char *object;         /* "web1", or "host" */
} record_view;

/* Which device is meant; NULL, with a finding, where that is not there. */
static const xtune_pci *find_wanted(const record_view *v,
                                    const xtune_wanted_pci *wanted)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_pci *pci;

    if (xtune_pci_resolve_wanted(v->host, wanted, &pci, &err)) {
        xt_findings_add(v->findings, "record", XTUNE_FINDING_ERROR, v->object,
                        err->hint, "it is to have %s: %s", wanted->address,
                        err->message);
        return NULL;
    }
    if (strcmp(pci->address, wanted->address) != 0)
        xt_findings_add(v->findings, "record", XTUNE_FINDING_NOTE, v->object,
                        NULL, "the device that was %s is %s now",
                        wanted->address, pci->address);
    return pci;
}

static void check_assignable(const record_view *v, const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(v->host, pci);

    if (owner || pci->assignable) return;
    xt_findings_add(v->findings, "record", XTUNE_FINDING_WARNING, v->object,
                    xtune_arena_printf(v->findings->arena,
                                       "\"xltune pci-assignable-add %s\"",
                                       pci->address),
                    "%s is to be %s, and is not assignable", pci->address,
                    v->record ? "given to it" : "assignable");
}

/* Another domain has it. */
static void check_holder(const record_view *v, const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(v->host, pci);

    if (!owner || xtune_policy_record(v->policy, v->host, owner) == v->record)
        return;
    xt_findings_add(v->findings, "record", XTUNE_FINDING_WARNING, v->object,
                    xtune_arena_printf(v->findings->arena,
                                       "\"xltune pci-detach %s %s\"",
                                       owner->name, pci->address),
                    "it is to have %s, which domain \"%s\" has", pci->address,
                    owner->name);
}

/* Records before this one that want the same. */
static void check_twice(const record_view *v, const xtune_wanted_pci *wanted)
{
    const xtune_record *other;
    size_t j;

    for (other = v->policy->records; other < v->record; other++)
        for (j = 0; j < other->nr_pci; j++)
            if (!strcmp(other->pci[j].address, wanted->address))
                xt_findings_add(
                    v->findings, "record", XTUNE_FINDING_ERROR, v->object,
                    xtune_arena_printf(v->findings->arena,
                                       "\"xltune pci-unassign\" it "
                                       "from one of them"),
                    "%s is to be given to it, and to \"%s\"", wanted->address,
                    other->name);
}

static void check_functions(const record_view *v,
                            const xtune_wanted_pci *wanted,
                            const xtune_pci *pci)
{
    if (wanted->vfs == XTUNE_NONE || pci->vfs_enabled == XTUNE_NONE ||
        wanted->vfs == pci->vfs_enabled)
        return;
    xt_findings_add(v->findings, "record", XTUNE_FINDING_WARNING, v->object,
                    xtune_arena_printf(v->findings->arena,
                                       "\"xltune sriov-set %s %u\"",
                                       pci->address, wanted->vfs),
                    "%s is to have %u virtual functions, and has %u",
                    pci->address, wanted->vfs, pci->vfs_enabled);
}

static void check_record(const record_view *v)
{
    size_t i;

    for (i = 0; i < v->record->nr_pci; i++) {
        const xtune_wanted_pci *wanted = &v->record->pci[i];
        const xtune_pci *pci = find_wanted(v, wanted);

        check_twice(v, wanted);
        if (!pci) continue;
        check_assignable(v, pci);
        check_holder(v, pci);
    }
}

void xt_pci_add_record_contradictions(xtune_findings *findings,
                                      const xtune_host *host,
                                      const xtune_policy *policy)
{
    record_view v = {
        .findings = findings,
        .host = host,
        .policy = policy,
    };
    size_t i;

    for (i = 0; i < policy->nr_records; i++) {
        v.record = &policy->records[i];
        v.object = v.record->name ? v.record->name : v.record->uuid;
        check_record(&v);
    }
    v.record = NULL;
    v.object = "host";
    for (i = 0; i < policy->nr_devices; i++) {
        const xtune_wanted_pci *wanted = &policy->devices[i];
        const xtune_pci *pci = find_wanted(&v, wanted);

        if (!pci) continue;
        if (wanted->assignable) check_assignable(&v, pci);
        check_functions(&v, wanted, pci);
    }
}
