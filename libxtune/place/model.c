/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host becomes nodes, cells and load. */
#include "place/model.h"

#include <string.h>

#include "base/util.h"
#include "host/cores.h"

uint64_t xt_clamp_kb(uint64_t kb)
{
    return kb < XT_MAX_KB ? kb : XT_MAX_KB;
}

/* What firmware says of the way between two nodes, where it makes sense. */
static uint32_t distance(const xtune_host *host, const xtune_node *from,
                         const xtune_node *to)
{
    uint32_t value;

    if (from->id == to->id) return XT_LOCAL_DISTANCE;
    if (!from->distances || to->id >= host->nr_node_ids)
        return XT_UNKNOWN_DISTANCE;
    value = from->distances[to->id];
    if (value >= 255) return XT_UNREACHABLE_DISTANCE;
    return value < XT_LOCAL_DISTANCE ? XT_UNKNOWN_DISTANCE : value;
}

static void add_nodes(xt_model *model)
{
    const xtune_host *host = model->host;
    uint64_t size_kb, free_kb;
    uint32_t i, j;

    model->nearest = XT_UNREACHABLE_DISTANCE;
    for (i = 0; i < XTUNE_MAX_NODES; i++)
        model->place_of[i] = XTUNE_NONE;
    model->nr_nodes = (uint32_t)host->nr_nodes;
    for (i = 0; i < model->nr_nodes; i++) {
        const xtune_node *node = &host->nodes[i];

        model->node_id[i] = node->id;
        model->place_of[node->id] = i;
        size_kb = node->memory_kb == XTUNE_UNKNOWN_KB ? 0 : node->memory_kb;
        free_kb = node->free_kb == XTUNE_UNKNOWN_KB ? 0 : node->free_kb;
        /* Xen gives that to nobody who could have other memory. */
        if (node->low_free_kb)
            free_kb -=
                node->low_free_kb < free_kb ? node->low_free_kb : free_kb;
        model->memory_kb[i] = xt_clamp_kb(size_kb);
        /* More free than there is: a host that lies. */
        model->free_kb[i] =
            (int64_t)xt_clamp_kb(free_kb < size_kb ? free_kb : size_kb);
        for (j = 0; j < model->nr_nodes; j++) {
            model->distance[i][j] = distance(host, node, &host->nodes[j]);
            if (i != j && model->distance[i][j] < model->nearest)
                model->nearest = model->distance[i][j];
        }
    }
}

static bool stamped(xt_model *model, uint32_t core)
{
    if (model->stamp[core] == model->stamp_no) return true;
    model->stamp[core] = model->stamp_no;
    return false;
}

void xt_model_count(xt_model *model, const xtune_set *cpus, uint32_t *cores_r,
                    uint32_t *threads_r)
{
    unsigned int id;
    uint32_t i;

    model->stamp_no++;
    memset(cores_r, 0, model->nr_nodes * sizeof(*cores_r));
    memset(threads_r, 0, model->nr_nodes * sizeof(*threads_r));
    for (i = 0; i < model->nr_nodes; i++) {
        const xtune_set *here = &model->host->node_cpus[model->node_id[i]];
        unsigned int word;

        for (word = 0; word * 64 < here->nbits; word++) {
            uint64_t left = here->words[word] & cpus->words[word];

            for (; left; left &= left - 1) {
                id = word * 64 + (unsigned int)__builtin_ctzll(left);
                threads_r[i]++;
                cores_r[i] += !stamped(model, model->core_of[id]);
            }
        }
    }
}

/* The last one stands for a domain in no pool that is known. */
static void add_pools(xt_model *model)
{
    const xtune_host *host = model->host;
    uint32_t i;

    model->nr_pools = (uint32_t)host->nr_cpupools + 1;
    model->pool_cpus =
        XTUNE_NEW_ARRAY(model->arena, xtune_set, model->nr_pools);
    model->pool_cores =
        XTUNE_NEW_ARRAY(model->arena, uint32_t *, model->nr_pools);
    model->pool_threads =
        XTUNE_NEW_ARRAY(model->arena, uint32_t *, model->nr_pools);
    for (i = 0; i < model->nr_pools; i++) {
        model->pool_cpus[i] =
            i < host->nr_cpupools ? host->cpupools[i].cpus : host->cpu_ids;
        model->pool_cores[i] =
            XTUNE_NEW_ARRAY(model->arena, uint32_t, model->nr_nodes);
        model->pool_threads[i] =
            XTUNE_NEW_ARRAY(model->arena, uint32_t, model->nr_nodes);
        xt_model_count(model, &model->pool_cpus[i], model->pool_cores[i],
                       model->pool_threads[i]);
    }
}

static void add_cells(xt_model *model)
{
    uint32_t pool, n;

    model->cells = XTUNE_NEW_ARRAY(model->arena, xt_cell,
                                   (size_t)model->nr_pools * model->nr_nodes);
    for (pool = 0; pool < model->nr_pools; pool++)
        for (n = 0; n < model->nr_nodes; n++) {
            xt_cell *cell = xt_cell_at(model, pool, n);

            cell->cores = cell->single_cores = model->pool_cores[pool][n];
            cell->threads = model->pool_threads[pool][n];
            cell->capacity = (int64_t)cell->cores * XT_LOAD *
                             (100 - (int64_t)model->headroom_pct) / 100;
        }
}

static void count_threads(xt_model *model)
{
    const uint32_t all = model->nr_pools - 1;
    uint64_t cores = 0, threads = 0;
    uint32_t n;

    for (n = 0; n < model->nr_nodes; n++) {
        cores += model->pool_cores[all][n];
        threads += model->pool_threads[all][n];
    }
    model->threads_per_core =
        cores ? (uint32_t)((threads + cores - 1) / cores) : 1;
}

static void add_behind(const xtune_domain *domain, uint64_t *kb,
                       uint64_t *vcpus)
{
    size_t i;

    *kb += xt_clamp_kb(domain->memory_kb);
    for (i = 0; i < domain->nr_vcpus; i++)
        *vcpus += domain->vcpus[i].online;
}

/* The unit of crowding: the memory behind a vCPU; a power of two, so that it
 * is the same while domains come and go. */
static void measure_vcpus(xt_model *model)
{
    const xtune_place_request *request = model->request;
    uint64_t kb = 0, vcpus = 0;
    size_t i;

    for (i = 0; i < model->host->nr_domains; i++)
        if (model->host->domains[i].id)
            add_behind(&model->host->domains[i], &kb, &vcpus);
    for (i = 0; i < request->nr_newcomers; i++)
        add_behind(&request->newcomers[i], &kb, &vcpus);
    if (vcpus) kb /= vcpus;
    model->vcpu_kb = 1;
    while (model->vcpu_kb * 2 <= kb && model->vcpu_kb < UINT64_C(1) << 30)
        model->vcpu_kb *= 2;
}

/* Memory that is promised comes from the nodes that the domain may use, as
 * they have it. */
static void subtract_claims(xt_model *model)
{
    const xtune_host *host = model->host;
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];
        const uint64_t claim = xt_clamp_kb(domain->outstanding_kb);
        uint64_t nodes = 0, free_kb = 0;
        uint32_t n;

        if (!claim) continue;
        if (domain->has_node_affinity)
            nodes = xt_model_places(model, &domain->node_affinity);
        if (!nodes) nodes = xt_model_places(model, &host->node_ids);
        xt_for_each_node(n, nodes) free_kb += (uint64_t)model->free_kb[n];
        if (!free_kb) continue;
        xt_for_each_node(n, nodes)
        {
            const unsigned __int128 share =
                (unsigned __int128)model->free_kb[n] *
                (claim < free_kb ? claim : free_kb);

            model->free_kb[n] -= (int64_t)(uint64_t)(share / free_kb);
        }
    }
}

xt_model *xt_model_new(xtune_arena *arena, const xtune_place_request *request)
{
    const xtune_host *host = request->host;
    xt_model *model = XTUNE_NEW(arena, xt_model);

    model->arena = arena;
    model->request = request;
    model->host = host;
    if (request->policy && request->policy->has_headroom)
        model->headroom_pct = request->policy->headroom_pct;
    model->core_of = xt_host_cores(arena, host);
    model->stamp = XTUNE_NEW_ARRAY(arena, uint32_t, host->nr_cpu_ids);
    model->busy = xtune_set_new(arena, host->nr_cpu_ids);
    model->reserved = xtune_set_new(arena, host->nr_cpu_ids);
    add_nodes(model);
    add_pools(model);
    add_cells(model);
    count_threads(model);
    measure_vcpus(model);
    subtract_claims(model);
    return model;
}

uint32_t xt_model_pool(const xt_model *model, const char *name)
{
    const xtune_host *host = model->host;
    uint32_t i;

    for (i = 0; name && i < host->nr_cpupools; i++)
        if (!strcmp(host->cpupools[i].name, name)) return i;
    return model->nr_pools - 1;
}

uint32_t xt_weight(const xtune_domain *domain)
{
    return !domain->weight               ? 256
           : domain->weight < UINT16_MAX ? domain->weight
                                         : UINT16_MAX;
}

uint32_t xt_load_per_vcpu(const xtune_domain *domain, uint32_t nr_vcpus,
                          uint32_t share)
{
    uint32_t load = XT_LOAD / (share ? share : 1);
    uint64_t capped;

    if (!domain->cap || !nr_vcpus) return load ? load : 1;
    capped = (uint64_t)domain->cap * XT_LOAD / 100 / nr_vcpus;
    if (capped < load) load = (uint32_t)capped;
    return load ? load : 1;
}

bool xt_used_cpus(const xt_model *model, uint32_t pool, const xtune_vcpu *vcpu,
                  xtune_set *cpus_r)
{
    const xtune_set *all = &model->pool_cpus[pool];
    const size_t words = (all->nbits + 63) / 64;
    uint64_t narrowed = 0, soft = 0;
    size_t i;

    for (i = 0; i < words; i++) {
        cpus_r->words[i] = all->words[i] & vcpu->hard.words[i];
        narrowed |= all->words[i] & ~vcpu->hard.words[i];
        soft |= cpus_r->words[i] & vcpu->soft.words[i];
    }
    for (i = 0; soft && i < words; i++) {
        narrowed |= cpus_r->words[i] & ~vcpu->soft.words[i];
        cpus_r->words[i] &= vcpu->soft.words[i];
    }
    return narrowed != 0;
}

/* Puts the load of vCPUs on cells by their cores. */
static void spread(xt_model *model, uint32_t pool, const uint32_t *cores,
                   int64_t load)
{
    uint64_t sum = 0;
    uint32_t n;

    for (n = 0; n < model->nr_nodes; n++)
        sum += cores[n];
    for (n = 0; sum && n < model->nr_nodes; n++)
        xt_cell_at(model, pool, n)->load +=
            load * (int64_t)cores[n] / (int64_t)sum;
}

/* A core that a vCPU is pinned to: no other gets it alone. */
static void close_core(xt_model *model, unsigned int cpu)
{
    uint32_t n, p;

    if (xtune_set_has(&model->busy, model->core_of[cpu])) return;
    xtune_set_add(&model->busy, model->core_of[cpu]);
    for (p = 0; p < model->nr_pools; p++)
        for (n = 0; n < model->nr_nodes; n++)
            if (xtune_set_has(&model->pool_cpus[p], cpu) &&
                xtune_set_has(&model->host->node_cpus[model->node_id[n]],
                              cpu) &&
                xt_cell_at(model, p, n)->single_cores)
                xt_cell_at(model, p, n)->single_cores--;
}

/* The one CPU of a set; XTUNE_NONE where there are more, or none. */
static unsigned int only_cpu(const xtune_set *cpus)
{
    const unsigned int cpu = xtune_set_next(cpus, 0);

    if (cpu == XTUNE_SET_END || xtune_set_next(cpus, cpu + 1) != XTUNE_SET_END)
        return XTUNE_NONE;
    return cpu;
}

/* A vCPU with a CPU that its rule gave to it alone. */
static void reserve(xt_model *model, uint32_t pool, const xtune_rule *rule,
                    unsigned int cpu)
{
    const xtune_cpu *c = xtune_host_cpu(model->host, cpu);
    unsigned int id;

    xtune_set_add(&model->reserved, cpu);
    xtune_set_for_each(id, &model->host->cpu_ids) if (rule->smt ==
                                                          XTUNE_SMT_ISOLATE &&
                                                      model->core_of[id] ==
                                                          model->core_of[cpu])
        xtune_set_add(&model->reserved, id);
    if (c && c->node < XTUNE_MAX_NODES &&
        model->place_of[c->node] != XTUNE_NONE)
        xt_cell_at(model, pool, model->place_of[c->node])->dedicated +=
            XT_LOAD;
}

/* One vCPU of a domain that stays as it is. cpus: those that it uses. */
static void add_vcpu(xt_model *model, uint32_t pool, const xtune_rule *rule,
                     const xtune_set *cpus, int64_t load, uint32_t *counts)
{
    const unsigned int cpu = only_cpu(cpus);
    const bool pinned =
        cpu != XTUNE_NONE && xtune_set_count(&model->pool_cpus[pool]) > 1;

    if (pinned) close_core(model, cpu);
    if (pinned && rule && rule->pin == XTUNE_PIN_ONE_TO_ONE) {
        reserve(model, pool, rule, cpu);
        return;
    }
    xt_model_count(model, cpus, counts, counts + model->nr_nodes);
    spread(model, pool, counts, load);
}

void xt_model_add_load(xt_model *model, const xtune_domain *domain,
                       const xtune_rule *rule)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const uint32_t pool = xt_model_pool(model, domain->cpupool);
    const bool placed =
        rule && rule->has_numa && rule->placement != XTUNE_PLACE_NONE;
    xtune_set cpus = xtune_set_new(arena, model->host->nr_cpu_ids);
    uint32_t *counts =
        XTUNE_NEW_ARRAY(arena, uint32_t, 2 * (size_t)model->nr_nodes);
    const uint32_t load = xt_load_per_vcpu(domain, domain->online_vcpus, 1);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        if (!vcpu->online) continue;
        if (xt_used_cpus(model, pool, vcpu, &cpus))
            add_vcpu(model, pool, placed ? rule : NULL, &cpus, load, counts);
        else
            spread(model, pool, model->pool_cores[pool], load);
    }
}

xtune_set xt_model_nodes(const xt_model *model, uint64_t nodes)
{
    xtune_set set = xtune_set_new(model->arena, model->host->nr_node_ids);
    uint32_t n;

    xt_for_each_node(n, nodes) xtune_set_add(&set, model->node_id[n]);
    return set;
}

uint64_t xt_model_places(const xt_model *model, const xtune_set *nodes)
{
    uint64_t places = 0;
    unsigned int id;

    xtune_set_for_each(id, nodes) if (id < XTUNE_MAX_NODES &&
                                      model->place_of[id] != XTUNE_NONE)
        places |= UINT64_C(1) << model->place_of[id];
    return places;
}
