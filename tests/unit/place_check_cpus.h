/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether vCPUs that have a CPU for themselves really have it. */
#ifndef PLACE_CHECK_CPUS_H
#define PLACE_CHECK_CPUS_H

#include "place_check.h"

/* Who has a CPU for itself, by CPU id. */
typedef struct cpu_owner {
    const xtune_placed *p; /* NULL: nobody */
    size_t vcpu;
} cpu_owner;

static inline bool share_core(const xtune_cpu *a, const xtune_cpu *b)
{
    return a->node == b->node && a->socket == b->socket && a->core == b->core;
}

static inline void own_cpu(place_check *ck, cpu_owner *owners,
                           const xtune_placed *p, size_t vcpu)
{
    const xtune_set cpus = would_use(ck, p, vcpu);
    const unsigned int id = xtune_set_next(&cpus, 0);

    if (xtune_set_count(&cpus) != 1) {
        broken(ck, p, "vCPU %zu has %s, no CPU of its own", vcpu,
               mask_text(ck, &cpus));
        return;
    }
    if (owners[id].p)
        broken(ck, p, "vCPU %zu and %s/%zu both have CPU %u", vcpu,
               owners[id].p->domain->name, owners[id].vcpu, id);
    owners[id] = (cpu_owner){ p, vcpu };
}

/* Of the domains that asked for it and were not told that it cannot be. */
static inline cpu_owner *find_owners(place_check *ck)
{
    cpu_owner *owners =
        XTUNE_NEW_ARRAY(ck->arena, cpu_owner, ck->c->host->nr_cpu_ids);
    size_t i, j;

    for (i = 0; i < ck->placement->nr_domains; i++) {
        const xtune_placed *p = &ck->placement->domains[i];

        for (j = 0; is_one_to_one(p) && !p->blocked && j < p->domain->nr_vcpus;
             j++)
            if (p->domain->vcpus[j].online) own_cpu(ck, owners, p, j);
    }
    return owners;
}

static inline void check_cores(place_check *ck, const cpu_owner *owners)
{
    const xtune_host *host = ck->c->host;
    size_t i, j;

    for (i = 0; i < host->nr_cpus; i++) {
        const cpu_owner *owner = &owners[host->cpus[i].id];

        if (!owner->p || owner->p->rule->smt == XTUNE_SMT_ALLOW) continue;
        for (j = 0; j < host->nr_cpus; j++) {
            const cpu_owner *other = &owners[host->cpus[j].id];

            if (i != j && other->p &&
                share_core(&host->cpus[i], &host->cpus[j]))
                broken(ck, owner->p,
                       "vCPU %zu on CPU %u shares a core with %s/%zu (%s) on "
                       "CPU %u",
                       owner->vcpu, host->cpus[i].id, other->p->domain->name,
                       other->vcpu, rule_text(ck->arena, other->p->rule),
                       host->cpus[j].id);
        }
    }
}

static inline void check_one_to_one(place_check *ck)
{
    const cpu_owner *owners = find_owners(ck);

    if (!ck->why) check_cores(ck, owners);
}

/* The CPUs that are owned, and with siblings also the other threads of a core
 * that is to be isolated. */
static inline xtune_set reserved_cpus(const place_check *ck,
                                      const cpu_owner *owners, bool siblings)
{
    const xtune_host *host = ck->c->host;
    xtune_set cpus = xtune_set_new(ck->arena, host->nr_cpu_ids);
    size_t i, j;

    for (i = 0; i < host->nr_cpus; i++) {
        const cpu_owner *owner = &owners[host->cpus[i].id];

        if (!owner->p) continue;
        xtune_set_add(&cpus, host->cpus[i].id);
        if (!siblings || owner->p->rule->smt != XTUNE_SMT_ISOLATE) continue;
        for (j = 0; j < host->nr_cpus; j++)
            if (share_core(&host->cpus[i], &host->cpus[j]))
                xtune_set_add(&cpus, host->cpus[j].id);
    }
    return cpus;
}

/* What is taken in any way: also by domains that something else blocks, but
 * which may have their CPUs all the same. */
static inline xtune_set taken_cpus(const place_check *ck,
                                   const cpu_owner *sure)
{
    const unsigned int nr_ids = ck->c->host->nr_cpu_ids;
    cpu_owner *owners = XTUNE_NEW_ARRAY(ck->arena, cpu_owner, nr_ids);
    size_t i, j;

    memcpy(owners, sure, nr_ids * sizeof(*owners));
    for (i = 0; i < ck->placement->nr_domains; i++) {
        const xtune_placed *p = &ck->placement->domains[i];

        for (j = 0; is_one_to_one(p) && p->blocked && j < p->domain->nr_vcpus;
             j++) {
            const xtune_set cpus = would_use(ck, p, j);
            const unsigned int id = xtune_set_next(&cpus, 0);

            if (xtune_set_count(&cpus) == 1 && !owners[id].p)
                owners[id] = (cpu_owner){ p, j };
        }
    }
    return reserved_cpus(ck, owners, true);
}

static inline bool owns(const cpu_owner *owners, const xtune_placed *p,
                        size_t vcpu, const xtune_set *cpus)
{
    const unsigned int id = xtune_set_next(cpus, 0);

    return id != XTUNE_SET_END && owners[id].p == p && owners[id].vcpu == vcpu;
}

/* No vCPU of another placed domain uses them, unless it has nothing else. */
static inline void check_reserved(place_check *ck, bool siblings)
{
    const cpu_owner *owners = find_owners(ck);
    const xtune_set reserved = reserved_cpus(ck, owners, siblings);
    const xtune_set taken = taken_cpus(ck, owners);
    size_t i, j;

    for (i = 0; !ck->why && i < ck->placement->nr_domains; i++) {
        const xtune_placed *p = &ck->placement->domains[i];

        for (j = 0; p->hard && j < p->domain->nr_vcpus; j++) {
            xtune_set could = could_use(ck, p, j);
            const xtune_set would = would_use(ck, p, j);
            const xtune_set others = both(ck->arena, &would, &reserved);

            xtune_set_andnot(&could, &taken);
            if (xtune_set_is_empty(&others) || xtune_set_is_empty(&could) ||
                owns(owners, p, j, &would))
                continue;
            broken(ck, p,
                   "vCPU %zu uses %s, of which %s are others' own; %s are "
                   "left in its home",
                   j, mask_text(ck, &would), mask_text(ck, &others),
                   mask_text(ck, &could));
        }
    }
}

static inline void check_dedicated(place_check *ck)
{
    check_reserved(ck, false);
}

static inline void check_isolated(place_check *ck)
{
    check_reserved(ck, true);
}

/* Crowding. */

static inline unsigned int count_cores(const xtune_host *host,
                                       const xtune_set *cpus,
                                       unsigned int node)
{
    unsigned int nr = 0;
    size_t i, j;

    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        if (cpu->node != node || !xtune_set_has(cpus, cpu->id)) continue;
        for (j = 0; j < i; j++)
            if (share_core(&host->cpus[j], cpu) &&
                xtune_set_has(cpus, host->cpus[j].id))
                break;
        nr += j == i;
    }
    return nr;
}

#define MAX_VCPUS_A_CORE 8

/* What the vCPUs of a domain count for on a node, in cores: less where they
 * may share one, or have a cap. */
static inline double cores_wanted(const place_check *ck, const xtune_placed *p,
                                  unsigned int node)
{
    const xtune_host *host = ck->c->host;
    const xtune_domain *domain = p->domain;
    const bool alone = is_one_to_one(p) && !p->blocked;
    double each = 1;
    size_t i;

    if (p->rule && p->rule->smt == XTUNE_SMT_ALLOW) {
        unsigned int cores = 0;

        for (i = 0; i < host->nr_nodes; i++)
            cores += count_cores(host, &host->cpu_ids, host->nodes[i].id);
        each = (double)cores / (double)host->nr_cpus;
    }
    if (!alone && domain->cap &&
        domain->cap / 100.0 / domain->online_vcpus < each)
        each = domain->cap / 100.0 / domain->online_vcpus;
    return each * p->vcpus_on[node];
}

static inline void check_crowd_at(place_check *ck, const xtune_cpupool *pool,
                                  unsigned int node)
{
    const unsigned int cores = count_cores(ck->c->host, &pool->cpus, node);
    const xtune_placed *last = NULL;
    double wanted = 0;
    size_t i;

    for (i = ck->c->host->nr_domains; i < ck->placement->nr_domains; i++) {
        const xtune_placed *p = &ck->placement->domains[i];

        if (pool_of(ck, p) != &pool->cpus || !p->vcpus_on ||
            !p->vcpus_on[node])
            continue;
        wanted += cores_wanted(ck, p, node);
        last = p;
    }
    if (last && wanted > MAX_VCPUS_A_CORE * (cores + 0.01))
        broken(ck, last, "newcomers want %.2f cores of the %u of node %u",
               wanted, cores, node);
}

static inline void check_crowds(place_check *ck)
{
    const xtune_host *host = ck->c->host;
    size_t i, j;

    for (i = 0; i < host->nr_cpupools; i++)
        for (j = 0; j < host->nr_nodes; j++)
            check_crowd_at(ck, &host->cpupools[i], host->nodes[j].id);
}

#endif
