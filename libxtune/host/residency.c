/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where domains' memory is, against where their vCPUs may run. */
#include <xtune/host.h>

#include "base/util.h"

/* Xen takes a domain's memory from the nodes of its affinity in turn, so it
 * is spread evenly over them. */
static void spread(xtune_host *host, xtune_domain *domain,
                   const xtune_set *nodes)
{
    const unsigned int count = xtune_set_count(nodes);
    uint64_t left = domain->memory_kb;
    unsigned int id, nth = 0;

    if (!count) return;
    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_node_ids);
    xtune_set_for_each(id, nodes)
    {
        const uint64_t share = left / (count - nth++);

        domain->memory_by_node_kb[id] = share;
        left -= share;
    }
    domain->residency = XTUNE_RESIDENCY_INFERRED;
}

void xtune_host_infer_residency(xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        if (domain->memory_by_node_kb) continue;
        if (domain->has_built_nodes)
            spread(host, domain, &domain->built_nodes);
        else if (domain->has_node_affinity)
            spread(host, domain, &domain->node_affinity);
    }
}

void xtune_host_forget_residency(xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        host->domains[i].memory_by_node_kb = NULL;
        host->domains[i].residency = XTUNE_RESIDENCY_NONE;
    }
}

/* Where one vCPU may run, as the scheduler takes it. */
static xtune_set vcpu_cpus(xtune_arena *arena, const xtune_set *pool,
                           const xtune_set *hard, const xtune_set *soft)
{
    xtune_set cpus = xtune_set_copy(arena, pool), preferred;

    xtune_set_and(&cpus, hard);
    if (!xtune_set_equal(&cpus, pool)) return cpus;
    preferred = xtune_set_copy(arena, pool);
    xtune_set_and(&preferred, soft);
    return xtune_set_is_empty(&preferred) ? cpus : preferred;
}

static bool has_online_vcpu(const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].online) return true;
    return false;
}

xtune_set xtune_domain_run_nodes(xtune_arena *arena, const xtune_host *host,
                                 const xtune_domain *domain,
                                 const xtune_set *hard, const xtune_set *soft)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    const xtune_set *cpus = pool ? &pool->cpus : &host->cpu_ids;
    const bool online = has_online_vcpu(domain);
    xtune_set all = xtune_set_new(arena, host->nr_cpu_ids);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];
        xtune_set may;

        /* One that is off does not run anywhere, unless all are. */
        if (online && !vcpu->online) continue;
        may = vcpu_cpus(arena, cpus, hard ? &hard[i] : &vcpu->hard,
                        soft ? &soft[i] : &vcpu->soft);
        xtune_set_or(&all, &may);
    }
    if (!domain->nr_vcpus) xtune_set_or(&all, cpus);
    return xtune_host_nodes_of(arena, host, &all);
}

bool xtune_domain_local_kb(const xtune_host *host, const xtune_domain *domain,
                           const xtune_set *run_nodes, uint64_t *local_kb_r,
                           uint64_t *total_kb_r)
{
    unsigned int id;

    if (!domain->memory_by_node_kb) return false;
    *local_kb_r = *total_kb_r = 0;
    for (id = 0; id < host->nr_node_ids; id++) {
        *total_kb_r += domain->memory_by_node_kb[id];
        if (xtune_set_has(run_nodes, id))
            *local_kb_r += domain->memory_by_node_kb[id];
    }
    return true;
}
