/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools of CPUs. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

const char *xt_xen_scheduler_name(int id)
{
    switch (id) {
    case XEN_SCHEDULER_CREDIT: return "credit";
    case XEN_SCHEDULER_CREDIT2: return "credit2";
    case XEN_SCHEDULER_ARINC653: return "arinc653";
    case XEN_SCHEDULER_RTDS: return "rtds";
    case XEN_SCHEDULER_NULL: return "null";
    }
    return "unknown";
}

int xt_xen_scheduler_id(const char *name)
{
    int id;

    for (id = 0; name && id <= XEN_SCHEDULER_NULL; id++)
        if (!strcmp(xt_xen_scheduler_name(id), name)) return id;
    return -1;
}

int xt_xen_list_pools(xt_xen *xen, xtune_arena *arena, unsigned int nr_cpu_ids,
                      xtune_cpupool **pools_r, size_t *nr_r, xtune_error **err)
{
    uint32_t next = 0;

    *pools_r = NULL;
    *nr_r = 0;
    for (;;) {
        /* The first at or after next. */
        xc_cpupoolinfo_t *info = xc_cpupool_getinfo(xen->xc, next);

        if (!info && errno == ENOENT) return 0;
        if (!info) return xt_xen_error(err, "xen", "ask it for its cpupools");
        *pools_r = xtune_arena_grow(arena, *pools_r, *nr_r, sizeof(**pools_r));
        (*pools_r)[(*nr_r)++] = (xtune_cpupool){
            .id = info->cpupool_id,
            .scheduler = xt_xen_scheduler_name((int)info->sched_id),
            .cpus = xt_xen_set_from_map(arena, nr_cpu_ids, info->cpumap),
            .scheduling = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
        };
        next = info->cpupool_id + 1;
        xc_cpupool_infofree(xen->xc, info);
    }
}

static bool is_taken(const xtune_cpupool *pools, size_t nr, const char *name)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(pools[i].name, name)) return true;
    return false;
}

/*
 * The names that the toolstack gave. A pool that is being made has none yet,
 * and xenstore does not keep two from having the same: domains name their
 * pools, so each needs one of its own.
 */
int xt_xen_name_pools(xt_xen *xen, xtune_arena *arena, xtune_cpupool *pools,
                      size_t nr, char ***stored_r, xtune_error **err)
{
    const char **paths = XTUNE_NEW_ARRAY(arena, const char *, nr);
    char **names = XTUNE_NEW_ARRAY(arena, char *, nr);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++)
        paths[i] =
            xtune_arena_printf(arena, "/local/pool/%u/name", pools[i].id);
    rc = xt_xen_store_read_all(xen, arena, paths, nr, names, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++) {
        const unsigned int id = pools[i].id;
        const char *name = names[i];

        if (!name || !name[0]) name = xtune_arena_printf(arena, "Pool-%u", id);
        while (is_taken(pools, i, name))
            name = xtune_arena_printf(arena, "%s#%u", name, id);
        pools[i].name = name;
    }
    if (stored_r) *stored_r = names;
    return 0;
}

void xt_xen_forget_pool_names(xt_xen *xen)
{
    while (xen->nr_pool_names)
        free(xen->pool_names[--xen->nr_pool_names].name);
    free(xen->pool_names);
    xen->pool_names = NULL;
}

static void keep_names(xt_xen *xen, const xtune_host *host)
{
    size_t i;

    xt_xen_forget_pool_names(xen);
    xen->pool_names =
        xt_xrealloc(NULL, host->nr_cpupools + 1, sizeof(*xen->pool_names));
    for (i = 0; i < host->nr_cpupools; i++)
        xen->pool_names[i] = (xt_xen_pool_name){
            .id = host->cpupools[i].id,
            .name = xt_xstrdup(host->cpupools[i].name),
        };
    xen->nr_pool_names = host->nr_cpupools;
}

/* xenstore takes longer to answer than all else that is asked of a domain. */
static bool recall_names(const xt_xen *xen, xtune_host *host)
{
    size_t i;

    if (!host->nr_cpupools || xen->nr_pool_names != host->nr_cpupools)
        return false;
    for (i = 0; i < host->nr_cpupools; i++) {
        if (xen->pool_names[i].id != host->cpupools[i].id) return false;
        host->cpupools[i].name =
            xtune_arena_strdup(host->arena, xen->pool_names[i].name);
    }
    return true;
}

static const char *pool_name(const xtune_host *host, uint32_t id)
{
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (host->cpupools[i].id == id) return host->cpupools[i].name;
    return NULL; /* of a domain that is going */
}

static int list_with_names(xt_xen *xen, xtune_host *host, bool fresh,
                           xtune_error **err)
{
    int rc;

    rc = xt_xen_list_pools(xen, host->arena, host->nr_cpu_ids, &host->cpupools,
                           &host->nr_cpupools, err);
    if (rc || (!fresh && recall_names(xen, host))) return rc;
    rc = xt_xen_name_pools(xen, host->arena, host->cpupools, host->nr_cpupools,
                           NULL, err);
    if (!rc) keep_names(xen, host);
    return rc;
}

int xt_xen_name_of_pool(xt_xen *xen, xtune_arena *arena, uint32_t id,
                        const char **name_r, xtune_error **err)
{
    xtune_host host = { .arena = arena, .nr_cpu_ids = xen->nr_cpu_ids };
    int rc;

    rc = list_with_names(xen, &host, false, err);
    if (!rc) *name_r = pool_name(&host, id);
    return rc;
}

int xt_xen_read_pools(xt_xen *xen, xtune_host *host, bool fresh,
                      xtune_error **err)
{
    size_t i;
    int rc;

    rc = list_with_names(xen, host, fresh, err);
    if (rc) return rc;
    for (i = 0; i < host->nr_domains; i++)
        host->domains[i].cpupool = pool_name(
            host, xt_xen_listed_find(xen, host->domains[i].id)->pool_id);
    return 0;
}
