/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "optimum.h"

#include <string.h>

#include "base/util.h"

typedef struct walk {
    bench_problem *p;
    const xtune_domain *domain;
    bench_option option;
} walk;

/* What does not divide goes to the first node. */
static void divide_memory(const xtune_domain *domain,
                          const bench_option *option, uint64_t *memory_kb)
{
    uint64_t left = domain->memory_kb, kb;
    unsigned int k;

    for (k = 0; k < option->nr; k++) {
        kb = domain->memory_kb * option->vcpus[k] / domain->nr_vcpus;
        memory_kb[option->node[k]] = kb;
        left -= kb;
    }
    memory_kb[option->node[0]] += left;
}

void bench_option_memory(const bench_problem *p, const bench_option *option,
                         unsigned int place, uint64_t *memory_kb)
{
    const xtune_domain *domain = &p->instance->newcomers[option->domain];

    memset(memory_kb, 0, p->instance->machine->nodes * sizeof(*memory_kb));
    if (p->anywhere)
        memory_kb[place] = domain->memory_kb;
    else
        divide_memory(domain, option, memory_kb);
}

static double cost_of(const bench_problem *p, const bench_option *option,
                      unsigned int place)
{
    const xtune_domain *domain = &p->instance->newcomers[option->domain];
    uint32_t vcpus_on[BENCH_MAX_NODES] = { 0 };
    uint64_t memory_kb[BENCH_MAX_NODES];
    bench_costs costs;
    unsigned int k;

    for (k = 0; k < option->nr; k++)
        vcpus_on[option->node[k]] = option->vcpus[k];
    bench_option_memory(p, option, place, memory_kb);
    costs = bench_domain_cost(&p->model, domain, vcpus_on, memory_kb);
    return (costs.memory + costs.devices + costs.crowding) / BENCH_UNIT;
}

static bool can_be(const walk *w)
{
    const xtune_node *nodes = w->p->instance->host->nodes;
    uint64_t memory_kb[BENCH_MAX_NODES];
    unsigned int n;

    if (w->p->anywhere) return true;
    bench_option_memory(w->p, &w->option, 0, memory_kb);
    for (n = 0; n < w->p->instance->machine->nodes; n++)
        if (memory_kb[n] > nodes[n].free_kb) return false;
    return true;
}

static void add(walk *w)
{
    bench_options *options = &w->p->options;

    if (!can_be(w)) return;
    if (options->nr == options->room) {
        options->room = options->room ? options->room * 2 : 1024;
        options->list =
            xt_xrealloc(options->list, options->room, sizeof(*options->list));
    }
    options->list[options->nr++] = w->option;
}

/* One more node from "from" on, or all that is left on the last one. */
static void descend(walk *w, unsigned int from, uint32_t left)
{
    bench_option *o = &w->option;
    const unsigned int k = o->nr++;
    uint32_t v;

    for (; from < w->p->instance->machine->nodes; from++) {
        o->node[k] = from;
        o->vcpus[k] = left;
        add(w);
        if (o->nr == BENCH_HOME_NODES) continue;
        for (v = 1; v < left; v++) {
            o->vcpus[k] = v;
            descend(w, from + 1, left - v);
        }
    }
    o->nr--;
}

void bench_find_options(bench_problem *p)
{
    walk w = { .p = p };
    unsigned int place;
    size_t i;

    for (i = 0; i < p->instance->nr_newcomers; i++) {
        w.domain = &p->instance->newcomers[i];
        w.option = (bench_option){ .domain = i };
        descend(&w, 0, (uint32_t)w.domain->nr_vcpus);
    }
    p->cost = xt_xrealloc(NULL, p->options.nr * p->places, sizeof(*p->cost));
    for (i = 0; i < p->options.nr; i++)
        for (place = 0; place < p->places; place++)
            p->cost[i * p->places + place] =
                cost_of(p, &p->options.list[i], place);
}
