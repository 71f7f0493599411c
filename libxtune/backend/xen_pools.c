/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools of CPUs. */
#include "backend/xen.h"

#include <errno.h>

#include "base/util.h"

const char *xt_xen_scheduler_name(int id)
{
    switch (id) {
    case XEN_SCHEDULER_CREDIT:
        return "credit";
    case XEN_SCHEDULER_CREDIT2:
        return "credit2";
    case XEN_SCHEDULER_ARINC653:
        return "arinc653";
    case XEN_SCHEDULER_RTDS:
        return "rtds";
    case XEN_SCHEDULER_NULL:
        return "null";
    }
    return "unknown";
}

/*
 * The name that the toolstack gave it. One that is being made has none yet,
 * and xenstore does not keep two from having the same: domains name their
 * pools, so each needs one of its own.
 */
static int name_pool(xt_xen *xen, xtune_host *host, xtune_cpupool *pool,
                     xtune_error **err)
{
    char path[64], *name;
    int rc;

    snprintf(path, sizeof(path), "/local/pool/%u/name", pool->id);
    rc = xt_xen_store_read(xen, host->arena, path, &name, err);
    if (rc) return rc;
    if (!name)
        name = xtune_arena_printf(host->arena, "Pool-%u", pool->id);
    while (xtune_host_cpupool(host, name))
        name = xtune_arena_printf(host->arena, "%s#%u", name, pool->id);
    pool->name = name;
    return 0;
}

static int add_pool(xt_xen *xen, xtune_host *host,
                    const xc_cpupoolinfo_t *info, xtune_error **err)
{
    xtune_cpupool pool = {
        .id = info->cpupool_id,
        .scheduler = xt_xen_scheduler_name((int)info->sched_id),
        .cpus = xt_xen_set_from_map(host->arena, host->nr_cpu_ids,
                                    info->cpumap),
    };
    int rc = name_pool(xen, host, &pool, err);

    if (rc) return rc;
    host->cpupools = xtune_arena_grow(host->arena, host->cpupools,
                                      host->nr_cpupools, sizeof(pool));
    host->cpupools[host->nr_cpupools++] = pool;
    return 0;
}

static const char *pool_name(const xtune_host *host, uint32_t id)
{
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (host->cpupools[i].id == id)
            return host->cpupools[i].name;
    return NULL; /* of a domain that is going */
}

int xt_xen_read_pools(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    uint32_t next = 0;
    size_t i;
    int rc;

    for (;;) {
        /* The first at or after next. */
        xc_cpupoolinfo_t *info = xc_cpupool_getinfo(xen->xc, next);

        if (!info && errno == ENOENT)
            break;
        if (!info)
            return xt_xen_error(err, "xen", "ask it for its cpupools");
        next = info->cpupool_id + 1;
        rc = add_pool(xen, host, info, err);
        xc_cpupool_infofree(xen->xc, info);
        if (rc) return rc;
    }
    for (i = 0; i < host->nr_domains; i++)
        host->domains[i].cpupool = pool_name(
            host, xt_xen_listed_find(xen, host->domains[i].id)->pool_id);
    return 0;
}
