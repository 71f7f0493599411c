/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory and vCPUs, of a host in a file. */
#include <errno.h>
#include <inttypes.h>

#include "backend/snapshot.h"
#include "dom0/parts.h"

#define DOM0 "Domain-0"

static int load(xt_snapshot *s, xtune_domain **dom0_r, xtune_error **err)
{
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    *dom0_r = (xtune_domain *)xt_dom0_of(s->host);
    if (*dom0_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, DOM0, NULL,
                           "the snapshot has no such domain");
}

int xt_snapshot_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                                xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *dom0;
    int rc;

    rc = load(s, &dom0, err);
    if (rc) return rc;
    *target_kb_r = s->host->dom0.target_kb;
    if (*target_kb_r != XTUNE_UNKNOWN_KB) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, s->description,
                           "a snapshot that \"xltune snapshot\" makes in dom0 "
                           "has it",
                           "it is not known what dom0's balloon is to leave "
                           "it");
}

static int check_target(const xt_snapshot *s, const xtune_domain *dom0,
                        uint64_t kb, xtune_error **err)
{
    const uint64_t max_kb = s->host->dom0.static_max_kb;
    const uint64_t free_kb = s->host->xen.free_kb;

    if (max_kb != XTUNE_UNKNOWN_KB && kb > max_kb)
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, ERANGE, DOM0, "set it for the next boot",
            "it was booted with %" PRIu64 " MiB at most", max_kb >> 10);
    if (kb < XT_DOM0_LEAST_KB)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, DOM0, NULL,
                               "it cannot have less than %" PRIu64 " MiB",
                               XT_DOM0_LEAST_KB >> 10);
    if (free_kb == XTUNE_UNKNOWN_KB || kb <= dom0->memory_kb ||
        kb - dom0->memory_kb <= free_kb)
        return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOMEM, DOM0, NULL,
                           "Xen has %" PRIu64 " MiB free, and dom0 would need "
                           "%" PRIu64 " MiB more",
                           free_kb >> 10, (kb - dom0->memory_kb) >> 10);
}

/* It gets as much more, or less, as its target changes: Xen's count is not the
 * toolstack's. */
int xt_snapshot_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                                xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *dom0;
    uint64_t now_kb;
    int rc;

    rc = xt_snapshot_get_dom0_memory(backend, &now_kb, err);
    if (!rc) rc = load(s, &dom0, err);
    if (!rc) rc = check_target(s, dom0, target_kb, err);
    if (rc) return rc;
    xt_dom0_take_memory(s->host, dom0->memory_kb + target_kb - now_kb);
    /* Xen's limit is as far above it as it was. */
    if (dom0->max_memory_kb != XTUNE_UNKNOWN_KB)
        dom0->max_memory_kb += target_kb - now_kb;
    s->host->dom0.target_kb = target_kb;
    s->dirty = true;
    return 0;
}

int xt_snapshot_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                               xtune_error **err)
{
    xtune_domain *dom0;
    size_t i;
    int rc;

    rc = load(xt_snapshot_of(backend), &dom0, err);
    if (rc) return rc;
    *nr_r = dom0->online_vcpus;
    for (i = 0; i < dom0->nr_vcpus; i++)
        if (dom0->vcpus[i].online != (i < dom0->online_vcpus))
            return xtune_error_set(
                err, XTUNE_ERR_UNSUPPORTED, 0, DOM0,
                "bring those online first that are between",
                "its vCPUs that are online are not its first %u",
                dom0->online_vcpus);
    return 0;
}

int xt_snapshot_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                               xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *dom0;
    size_t i;
    int rc;

    rc = load(s, &dom0, err);
    if (rc) return rc;
    if (!nr || nr > dom0->nr_vcpus)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, DOM0,
                               "more of them take a boot",
                               "it was booted with %zu vCPUs, and cannot have "
                               "%u",
                               dom0->nr_vcpus, nr);
    for (i = 0; i < dom0->nr_vcpus; i++) {
        /* One that comes has nothing to do yet. */
        if (i < nr && !dom0->vcpus[i].online)
            dom0->vcpus[i].state = XTUNE_STATE_BLOCKED;
        dom0->vcpus[i].online = i < nr;
    }
    dom0->online_vcpus = nr;
    s->dirty = true;
    return 0;
}
