/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pools of CPUs on a host in a file: they change as Xen changes them, and what
 * it refuses is refused (xen.git xen/common/sched/cpupool.c, and of core.c
 * sched_move_domain and cpu_disable_scheduler).
 */
#include <errno.h>
#include <string.h>

#include "backend/snapshot.h"
#include "base/util.h"

static int refuse(xtune_error **err, int errnum, const char *object,
                  const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, object, NULL, "%s",
                           why);
}

xtune_cpupool *xt_snapshot_pool(const xt_snapshot *s, const char *name,
                                xtune_error **err)
{
    /* No two have the same name: xtune_host_check(). */
    xtune_cpupool *pool = (xtune_cpupool *)xtune_host_cpupool(s->host, name);

    if (!pool)
        xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, name, NULL,
                        "no such cpupool");
    return pool;
}

int xt_snapshot_load_pool(const xtune_backend *backend, const char *name,
                          xtune_cpupool **pool_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    int rc = xt_snapshot_load(s, err);

    if (rc) return rc;
    *pool_r = xt_snapshot_pool(s, name, err);
    return *pool_r ? 0 : XTUNE_ERR_NOT_FOUND;
}

int xt_snapshot_list_pools(xtune_backend *backend, xtune_arena *arena,
                           const xtune_cpupool **pools_r, size_t *nr_r,
                           xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *pools;
    size_t i;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    pools = XTUNE_NEW_ARRAY(arena, xtune_cpupool, s->host->nr_cpupools);
    for (i = 0; i < s->host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &s->host->cpupools[i];

        pools[i] = *pool;
        pools[i].name = xtune_arena_strdup(arena, pool->name);
        if (pool->scheduler)
            pools[i].scheduler = xtune_arena_strdup(arena, pool->scheduler);
        if (pool->granularity)
            pools[i].granularity =
                xtune_arena_strdup(arena, pool->granularity);
        pools[i].cpus = xtune_set_copy(arena, &pool->cpus);
        pools[i].extra_members = NULL;
    }
    *pools_r = pools;
    *nr_r = s->host->nr_cpupools;
    return 0;
}

static bool is_scheduler(const char *name)
{
    static const char *const names[] = { "credit", "credit2", "rtds", "null",
                                         "arinc653" };
    size_t i;

    for (i = 0; name && i < XT_ARRAY_SIZE(names); i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

int xt_snapshot_create_pool(xtune_backend *backend, const char *name,
                            const char *scheduler, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *pools;
    xtune_host *host;
    size_t nr, i;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    host = s->host;
    nr = host->nr_cpupools;
    if (!name[0] || xtune_host_cpupool(host, name))
        return refuse(err, EEXIST, name, "there is such a cpupool already");
    if (!is_scheduler(scheduler))
        return refuse(err, EINVAL, name, "Xen has no such scheduler");
    if (nr >= 2 * (size_t)host->nr_cpu_ids)
        return refuse(err, ENOSPC, name, "Xen has as many cpupools as it can");
    /* Its array was made for those that were read. */
    pools = XTUNE_NEW_ARRAY(host->arena, xtune_cpupool, nr + 1);
    for (i = 0; i < nr; i++)
        pools[i] = host->cpupools[i];
    host->cpupools = pools;
    host->cpupools[nr] = (xtune_cpupool){
        .id = nr ? host->cpupools[nr - 1].id + 1 : 0,
        .name = xtune_arena_strdup(host->arena, name),
        .scheduler = xtune_arena_strdup(host->arena, scheduler),
        .granularity = nr ? host->cpupools[0].granularity : NULL,
        .cpus = xtune_set_new(host->arena, host->nr_cpu_ids),
        .scheduling = xt_snapshot_new_scheduling(s, scheduler),
    };
    host->nr_cpupools++;
    s->dirty = true;
    return 0;
}

static bool is_in(const xtune_domain *domain, const xtune_cpupool *pool)
{
    return domain->cpupool && !strcmp(domain->cpupool, pool->name);
}

/* Dying ones count where Xen has no other place for them. */
static bool has_domains(const xtune_host *host, const xtune_cpupool *pool,
                        bool dying)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (is_in(&host->domains[i], pool) &&
            (dying || !(host->domains[i].state & XTUNE_STATE_DYING)))
            return true;
    return false;
}

int xt_snapshot_destroy_pool(xtune_backend *backend, const char *name,
                             xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *pool;
    size_t index;
    int rc;

    rc = xt_snapshot_load_pool(backend, name, &pool, err);
    if (rc) return rc;
    if (!pool->id)
        return refuse(err, EBUSY, name, "Xen keeps its first cpupool");
    if (has_domains(s->host, pool, true))
        return refuse(err, EBUSY, name, "it has domains");
    if (!xtune_set_is_empty(&pool->cpus))
        return refuse(err, EBUSY, name, "it has CPUs");
    index = (size_t)(pool - s->host->cpupools);
    memmove(pool, pool + 1,
            (s->host->nr_cpupools - index - 1) * sizeof(*pool));
    s->host->nr_cpupools--;
    s->dirty = true;
    return 0;
}

int xt_snapshot_rename_pool(xtune_backend *backend, const char *name,
                            const char *new_name, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *pool;
    const char *copy;
    size_t i;
    int rc;

    rc = xt_snapshot_load_pool(backend, name, &pool, err);
    if (rc) return rc;
    if (!strcmp(name, new_name)) return 0;
    if (!new_name[0] || xtune_host_cpupool(s->host, new_name))
        return refuse(err, EEXIST, new_name,
                      "there is such a cpupool already");
    copy = xtune_arena_strdup(s->host->arena, new_name);
    for (i = 0; i < s->host->nr_domains; i++)
        if (is_in(&s->host->domains[i], pool))
            s->host->domains[i].cpupool = copy;
    pool->name = copy;
    s->dirty = true;
    return 0;
}

/* Moving CPUs. */

static xtune_cpupool *pool_with(const xt_snapshot *s, unsigned int cpu)
{
    size_t i;

    for (i = 0; i < s->host->nr_cpupools; i++)
        if (xtune_set_has(&s->host->cpupools[i].cpus, cpu))
            return &s->host->cpupools[i];
    return NULL;
}

/* Xen gives all CPUs to a vCPU whose last one goes. */
static void break_affinity(xt_snapshot *s, const xtune_cpupool *pool,
                           const xtune_set *gone)
{
    xtune_host *host = s->host;
    size_t i, v;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        for (v = 0; is_in(domain, pool) && v < domain->nr_vcpus; v++) {
            xtune_vcpu *vcpu = &domain->vcpus[v];

            if (xtune_set_intersects(&vcpu->hard, gone) &&
                !xtune_set_intersects(&vcpu->hard, &pool->cpus))
                vcpu->hard = xtune_set_all(host->arena, host->nr_cpu_ids);
        }
    }
}

/* Dying domains do not keep a pool's last CPU: they go to the first pool. */
static void send_dying_away(xt_snapshot *s, const xtune_cpupool *pool)
{
    size_t i;

    for (i = 0; i < s->host->nr_domains; i++)
        if (is_in(&s->host->domains[i], pool))
            s->host->domains[i].cpupool = s->host->cpupools[0].name;
}

static int remove_unit(xt_snapshot *s, xtune_cpupool *pool, unsigned int cpu,
                       xtune_arena *arena, xtune_error **err)
{
    xtune_set unit = xtune_set_new(arena, s->host->nr_cpu_ids);

    xtune_set_add(&unit, cpu);
    unit = xtune_host_units(arena, s->host, &unit, pool->granularity);
    if (!pool->id && xtune_set_has(&unit, 0))
        return refuse(err, EINVAL, pool->name,
                      "Xen keeps CPU 0 in its first cpupool");
    if (xtune_set_is_subset(&pool->cpus, &unit)) {
        if (has_domains(s->host, pool, false))
            return refuse(err, EBUSY, pool->name,
                          "it has domains, and this would be its last CPU");
        send_dying_away(s, pool);
    }
    xtune_set_andnot(&pool->cpus, &unit);
    break_affinity(s, pool, &unit);
    return 0;
}

static int add_unit(xt_snapshot *s, xtune_cpupool *pool, unsigned int cpu,
                    xtune_arena *arena, xtune_error **err)
{
    const xtune_set free_cpus = xtune_host_free_cpus(arena, s->host);
    xtune_set unit = xtune_set_new(arena, s->host->nr_cpu_ids);

    xtune_set_add(&unit, cpu);
    unit = xtune_host_units(arena, s->host, &unit, pool->granularity);
    if (!xtune_set_is_subset(&unit, &free_cpus))
        return refuse(err, ENODEV, pool->name,
                      "a CPU that goes with these is not free");
    xtune_set_or(&pool->cpus, &unit);
    return 0;
}

/* Units of different pools may differ: what is together must all be out
 * before it goes in. */
static int take_out(xt_snapshot *s, const xtune_set *cpus,
                    const xtune_cpupool *to, xtune_arena *arena,
                    xtune_error **err)
{
    unsigned int cpu;
    int rc = 0;

    for (cpu = xtune_set_next(cpus, 0); !rc && cpu != XTUNE_SET_END;
         cpu = xtune_set_next(cpus, cpu + 1)) {
        xtune_cpupool *pool = pool_with(s, cpu);

        if (pool && pool != to) rc = remove_unit(s, pool, cpu, arena, err);
    }
    return rc;
}

static int put_in(xt_snapshot *s, const xtune_set *cpus, xtune_cpupool *to,
                  xtune_arena *arena, xtune_error **err)
{
    unsigned int cpu;
    int rc = 0;

    for (cpu = xtune_set_next(cpus, 0); !rc && cpu != XTUNE_SET_END;
         cpu = xtune_set_next(cpus, cpu + 1))
        if (!xtune_set_has(&to->cpus, cpu))
            rc = add_unit(s, to, cpu, arena, err);
    return rc;
}

int xt_snapshot_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                          const char *name, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *to = NULL;
    xtune_set rest;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    if (name) {
        to = xt_snapshot_pool(s, name, err);
        if (!to) return XTUNE_ERR_NOT_FOUND;
    }
    if (cpus->nbits != s->host->nr_cpu_ids ||
        !xtune_set_is_subset(cpus, &s->host->cpu_ids))
        return refuse(err, EINVAL, name ? name : "cpupool",
                      "the host has no such CPU");
    s->dirty = true;
    rc = take_out(s, cpus, to, arena, err);
    if (!rc && to) rc = put_in(s, cpus, to, arena, err);
    if (s->host->xen.free_cpus != XTUNE_NONE) {
        rest = xtune_host_free_cpus(arena, s->host);
        s->host->xen.free_cpus = xtune_set_count(&rest);
    }
    return rc;
}

/* Moving domains. */

int xt_snapshot_get_domain_pool(xtune_backend *backend,
                                const xt_domain_ref *ref, xtune_arena *arena,
                                const char **pool_r, xtune_error **err)
{
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    if (!domain->cpupool)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, ref->name,
                               NULL, "it is in no cpupool");
    *pool_r = xtune_arena_strdup(arena, domain->cpupool);
    return 0;
}

static int refuse_move(const xtune_domain *domain, const xtune_cpupool *pool,
                       const xt_domain_ref *ref, xtune_error **err)
{
    if (!domain->id)
        return refuse(err, EPERM, ref->name,
                      "Xen lets no domain move itself to another cpupool");
    if (!domain->cpupool)
        return refuse(err, EINVAL, ref->name, "it is in no cpupool");
    if (xtune_set_is_empty(&pool->cpus))
        return refuse(err, ENOENT, ref->name, "that cpupool has no CPU");
    return 0;
}

int xt_snapshot_set_domain_pool(xtune_backend *backend,
                                const xt_domain_ref *ref, const char *name,
                                xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    const xtune_cpupool *pool, *from;
    xtune_domain *domain;
    size_t i;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    pool = xt_snapshot_pool(s, name, err);
    if (!pool) return XTUNE_ERR_NOT_FOUND;
    if (domain->id && is_in(domain, pool)) return 0;
    rc = refuse_move(domain, pool, ref, err);
    if (rc) return rc;
    from = xtune_host_cpupool(s->host, domain->cpupool);
    xt_snapshot_reset_scheduling(s, domain, from ? from->scheduler : NULL,
                                 pool->scheduler);
    domain->cpupool = pool->name;
    for (i = 0; i < domain->nr_vcpus; i++) {
        domain->vcpus[i].hard =
            xtune_set_all(s->host->arena, s->host->nr_cpu_ids);
        domain->vcpus[i].soft =
            xtune_set_all(s->host->arena, s->host->nr_cpu_ids);
    }
    s->dirty = true;
    return 0;
}
