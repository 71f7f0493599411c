/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading and changing where one vCPU may run. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

#define BOTH (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

static int gone(const xt_vcpu_ref *vcpu, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, vcpu->domain.name,
                           NULL, "the domain is gone");
}

static int find_vcpu(xt_xen *xen, const xt_vcpu_ref *vcpu,
                     xc_domaininfo_t *info_r, xtune_error **err)
{
    int rc;

    rc = xt_xen_find_domain(xen, &vcpu->domain, info_r, err);
    if (rc) return rc;
    if (info_r->max_vcpu_id >= XTUNE_MAX_VCPUS ||
        vcpu->vcpu > info_r->max_vcpu_id)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, vcpu->domain.name,
                               NULL, "the domain has no vCPU %u", vcpu->vcpu);
    return 0;
}

int xt_xen_get_affinity(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        xtune_arena *arena, xtune_set *hard_r,
                        xtune_set *soft_r, xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    int rc;

    rc = find_vcpu(xen, vcpu, &info, err);
    if (rc) return rc;
    if (xc_vcpu_getaffinity(xen->xc, info.domain, (int)vcpu->vcpu, xen->hard,
                            xen->soft, BOTH))
        return errno == ESRCH
                   ? gone(vcpu, err)
                   : xt_xen_error(err, vcpu->domain.name, "read its affinity");
    *hard_r = xt_xen_set_from_map(arena, xen->nr_cpu_ids, xen->hard);
    *soft_r = xt_xen_set_from_map(arena, xen->nr_cpu_ids, xen->soft);
    return 0;
}

static void set_to_map(const xt_xen *xen, const xtune_set *set, uint8_t *map)
{
    unsigned int id;

    memset(map, 0, (xen->nr_cpu_ids + 7) / 8);
    for (id = 0; id < xen->nr_cpu_ids; id++)
        if (xtune_set_has(set, id)) map[id / 8] |= (uint8_t)(1u << id % 8);
}

/* The CPUs of a pool; false where that is not known. */
static bool pool_cpus(xt_xen *xen, uint32_t pool_id, unsigned int nbits,
                      xtune_arena *arena, xtune_set *cpus_r)
{
    xc_cpupoolinfo_t *pool = xc_cpupool_getinfo(xen->xc, pool_id);
    const bool found = pool && pool->cpupool_id == pool_id;

    if (found)
        *cpus_r = xt_xen_set_from_map(
            arena, nbits < xen->nr_cpu_ids ? nbits : xen->nr_cpu_ids,
            pool->cpumap);
    if (pool) xc_cpupool_infofree(xen->xc, pool);
    return found;
}

static bool is_outside_pool(xt_xen *xen, uint32_t pool_id,
                            const xtune_set *hard)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set cpus;

    return pool_cpus(xen, pool_id, hard->nbits, arena, &cpus) &&
           !xtune_set_intersects(&cpus, hard);
}

/* Where whole cores are scheduled Xen tells of the first CPU of each: the
 * others count as well. */
static void add_siblings(xt_xen *xen, uint32_t pool_id, const xtune_set *asked,
                         xtune_arena *arena, xtune_set *effective)
{
    xtune_set cpus;

    if (xtune_set_is_empty(effective) || xtune_set_equal(effective, asked) ||
        !pool_cpus(xen, pool_id, asked->nbits, arena, &cpus) ||
        cpus.nbits != effective->nbits)
        return;
    xtune_set_and(&cpus, asked);
    xtune_set_or(effective, &cpus);
}

/* Why Xen did not take the masks. */
static int refusal(xt_xen *xen, const xt_vcpu_ref *vcpu, uint32_t pool_id,
                   const xtune_set *hard, int errnum, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *cpus = xtune_set_format(arena, hard);

    if (errnum == ESRCH) return gone(vcpu, err);
    if (errnum == EBUSY)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum,
                               vcpu->domain.name, "try again in a moment",
                               "Xen has pinned it to a CPU for a while");
    if (errnum == EINVAL && is_outside_pool(xen, pool_id, hard))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum,
                               vcpu->domain.name, "give CPUs of that pool",
                               "Xen refuses hard affinity \"%s\": none of "
                               "its CPUs is in the domain's cpupool",
                               cpus);
    if (errnum == EINVAL)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum,
                               vcpu->domain.name, NULL,
                               "Xen refuses hard affinity \"%s\"", cpus);
    errno = errnum;
    return xt_xen_error(err, vcpu->domain.name, "set its affinity");
}

int xt_xen_set_affinity(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        const xtune_set *hard, const xtune_set *soft,
                        xtune_arena *arena, xtune_set *effective_hard_r,
                        xtune_set *effective_soft_r, xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    int rc;

    rc = find_vcpu(xen, vcpu, &info, err);
    if (rc) return rc;
    set_to_map(xen, hard, xen->hard);
    set_to_map(xen, soft, xen->soft);
    /* One call: Xen takes both or neither. */
    if (xc_vcpu_setaffinity(xen->xc, info.domain, (int)vcpu->vcpu, xen->hard,
                            xen->soft, BOTH))
        return refusal(xen, vcpu, info.cpupool, hard, errno, err);
    *effective_hard_r = xt_xen_set_from_map(arena, xen->nr_cpu_ids, xen->hard);
    *effective_soft_r = xt_xen_set_from_map(arena, xen->nr_cpu_ids, xen->soft);
    add_siblings(xen, info.cpupool, hard, arena, effective_hard_r);
    add_siblings(xen, info.cpupool, soft, arena, effective_soft_r);
    xtune_set_and(effective_soft_r, effective_hard_r);
    return 0;
}
