/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One domain's place, for people. */
#include "report/placing.h"

#include <inttypes.h>

#include "base/util.h"
#include "host/cores.h"
#include "report/table.h"
#include "report/text.h"

#define MIB_KB 1024
#define LOCAL_DISTANCE 10
#define USUAL_WEIGHT 256

const char *xt_nodes_named(xtune_arena *arena, const xtune_set *nodes)
{
    if (xtune_set_is_empty(nodes)) return "no node";
    return xtune_arena_printf(arena, "node%s %s",
                              xtune_set_count(nodes) == 1 ? "" : "s",
                              xtune_set_format_ids(arena, nodes));
}

const char *xt_mib_text(xtune_arena *arena, uint64_t kb)
{
    if (kb % MIB_KB)
        return xtune_arena_printf(arena, "%" PRIu64 ".%" PRIu64 " MiB",
                                  kb / MIB_KB, kb % MIB_KB * 10 / MIB_KB);
    return xtune_arena_printf(arena, "%" PRIu64 " MiB", kb / MIB_KB);
}

/* As placing counts it: what is on nodes, where that is known. */
xt_cost_base xt_cost_base_of(const xtune_host *host,
                             const xtune_domain *domain)
{
    xt_cost_base base = {
        .kb = domain->memory_kb,
        .weight = domain->weight ? domain->weight : USUAL_WEIGHT,
    };
    unsigned int id;

    if (!domain->memory_by_node_kb) return base;
    base.kb = 0;
    for (id = 0; id < host->nr_node_ids; id++)
        base.kb += domain->memory_by_node_kb[id];
    return base;
}

/* A cost a KiB of memory at the usual weight, times scale, rounded. */
static uint64_t cost_a_kb(const xt_cost_base *base, uint64_t cost,
                          uint64_t scale)
{
    const unsigned __int128 part =
        (unsigned __int128)cost * scale * USUAL_WEIGHT;
    const unsigned __int128 whole = (unsigned __int128)base->kb * base->weight;

    return whole ? (uint64_t)((part + whole / 2) / whole) : 0;
}

const char *xt_cost_text(xtune_arena *arena, const xt_cost_base *base,
                         uint64_t cost)
{
    const uint64_t permille = cost_a_kb(base, cost, 1000 / LOCAL_DISTANCE);

    if (!base->kb) return "-";
    return xtune_arena_printf(arena, "%" PRIu64 ".%" PRIu64, permille / 10,
                              permille % 10);
}

uint64_t xt_mean_distance(const xt_cost_base *base, const xtune_cost *cost)
{
    /* All of its memory is in its home; the mean counts half. */
    return cost_a_kb(base, cost->memory + 2 * cost->vcpus, 100);
}

/* A core counts once, by the first of its CPUs that is in the pool. */
static void count_cores(xtune_arena *arena, const xtune_host *host,
                        const xtune_set *pool, xt_crowd *crowds)
{
    const uint32_t *core_of = xt_host_cores(arena, host);
    xtune_set seen = xtune_set_new(arena, host->nr_cpu_ids);
    size_t i;

    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        if (!xtune_set_has(pool, cpu->id) || cpu->node >= host->nr_node_ids ||
            xtune_set_has(&seen, core_of[cpu->id]))
            continue;
        xtune_set_add(&seen, core_of[cpu->id]);
        crowds[cpu->node].cores++;
    }
}

/* The CPUs that a vCPU uses first: hard within the pool, soft within that
 * where there are any. */
static void used_cpus(const xtune_set *pool, const xtune_vcpu *vcpu,
                      xtune_set *cpus)
{
    xtune_set_or(cpus, pool);
    xtune_set_and(cpus, &vcpu->hard);
    if (xtune_set_intersects(cpus, &vcpu->soft))
        xtune_set_and(cpus, &vcpu->soft);
}

static void count_vcpu(xtune_arena *arena, const xtune_host *host,
                       const xtune_set *pool, const xtune_vcpu *vcpu,
                       xt_crowd *crowds)
{
    xtune_set cpus = xtune_set_new(arena, host->nr_cpu_ids), here;
    unsigned int id, all;

    used_cpus(pool, vcpu, &cpus);
    all = xtune_set_count(&cpus);
    xtune_set_for_each(id, &host->node_ids)
    {
        if (!all || !xtune_set_intersects(&cpus, &host->node_cpus[id]))
            continue;
        here = xtune_set_copy(arena, &cpus);
        xtune_set_and(&here, &host->node_cpus[id]);
        crowds[id].milli_vcpus +=
            UINT64_C(1000) * xtune_set_count(&here) / all;
    }
}

static bool is_running_in(const xtune_host *host, const xtune_domain *domain,
                          const xtune_set *pool)
{
    const xtune_cpupool *own = xtune_host_cpupool(host, domain->cpupool);

    return own && xtune_set_intersects(&own->cpus, pool) &&
           !(domain->state & (XTUNE_STATE_SHUTDOWN | XTUNE_STATE_DYING));
}

xt_crowd *xt_count_crowds(xtune_arena *arena, const xtune_host *host,
                          const char *pool)
{
    const xtune_cpupool *named = pool ? xtune_host_cpupool(host, pool) : NULL;
    const xtune_set *cpus = named ? &named->cpus : &host->cpu_ids;
    xt_crowd *crowds = XTUNE_NEW_ARRAY(arena, xt_crowd, host->nr_node_ids);
    size_t i, j;

    count_cores(arena, host, cpus, crowds);
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];
        /* One a domain: big hosts have many masks. */
        XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();

        if (!is_running_in(host, domain, cpus)) continue;
        for (j = 0; j < domain->nr_vcpus; j++)
            if (domain->vcpus[j].online)
                count_vcpu(scratch, host, cpus, &domain->vcpus[j], crowds);
    }
    return crowds;
}

void xt_put_constraints(FILE *out, xtune_arena *arena,
                        const xtune_placement *placement)
{
    xt_table table = { .arena = arena };
    size_t i;

    if (!placement->nr_constraints) return;
    xt_table_column(&table, false, "  Constraint");
    xt_table_column(&table, false, "Nodes left");
    xt_table_column(&table, false, "What it asks");
    xt_table_column(&table, false, "Written at");
    for (i = 0; i < placement->nr_constraints; i++) {
        const xtune_constraint *c = &placement->constraints[i];

        xt_table_cell(&table, "  %s", c->name);
        xt_table_cell(&table, "%s", xtune_set_format_ids(arena, &c->nodes));
        xt_table_cell(&table, "%s", c->text ? c->text : "");
        xt_table_cell(&table, "%s",
                      c->source.file ? xtune_source_text(arena, c->source)
                                     : "");
    }
    xt_table_print(out, &table);
}

void xt_put_masks(FILE *out, xtune_arena *arena, const xtune_set *hard,
                  const xtune_set *soft, size_t nr)
{
    size_t i, end;

    for (i = 0; i < nr; i = end) {
        end = i + 1;
        while (end < nr && xtune_set_equal(&hard[end], &hard[i]) &&
               xtune_set_equal(&soft[end], &soft[i]))
            end++;
        if (end - i > 1)
            fprintf(out, "  vCPUs %zu-%zu: ", i, end - 1);
        else
            fprintf(out, "  vCPU %zu: ", i);
        fprintf(out, "hard %s, soft %s\n", xtune_set_format(arena, &hard[i]),
                xtune_set_format(arena, &soft[i]));
    }
}
