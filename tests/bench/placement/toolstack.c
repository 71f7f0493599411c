/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "toolstack.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

void bench_toolstack_init(bench_toolstack *ts, const bench_instance *instance,
                          bench_layout *layout)
{
    const bench_machine *machine = instance->machine;
    const xtune_host *host = instance->host;
    size_t i;

    *ts = (bench_toolstack){
        .instance = instance,
        .layout = layout,
        .nodes = machine->nodes,
        .cpus_per_node = machine->cores * machine->threads,
        .cores_per_node = machine->cores,
        .nr_cpus = host->nr_cpus,
        .node_of = xt_xrealloc(NULL, host->nr_cpus, 1),
        .all = UINT64_MAX >> (64 - machine->nodes),
        .guests = xt_xrealloc(NULL, layout->nr, sizeof(bench_guest)),
    };
    memset(ts->guests, 0, layout->nr * sizeof(bench_guest));
    for (i = 0; i < host->nr_cpus; i++)
        ts->node_of[i] = (uint8_t)host->cpus[i].node;
    for (i = 0; i < ts->nodes; i++)
        ts->free_kb[i] = host->nodes[i].free_kb;
}

void bench_toolstack_dispose(bench_toolstack *ts)
{
    free(ts->node_of);
    free(ts->guests);
}

void bench_toolstack_leave(bench_toolstack *ts, size_t i)
{
    const xt_assignment *a = &ts->layout->assignments[i];
    unsigned int n;

    if (!a->vcpus_on) return;
    for (n = 0; n < ts->nodes; n++) {
        ts->free_kb[n] += a->memory_kb[n];
        ts->load[n] -= a->vcpus_on[n];
    }
    ts->guests[i].runs = false;
    bench_layout_remove(ts->layout, i);
}

/* The same number on each node, the rest where the fewest are: what the
 * scheduler makes of it in the long run. */
static void spread_vcpus(const bench_toolstack *ts, size_t i, uint64_t nodes,
                         uint32_t *vcpus_on)
{
    const size_t vcpus = ts->instance->newcomers[i].nr_vcpus;
    const size_t share = vcpus / (size_t)__builtin_popcountll(nodes);
    size_t left = vcpus % (size_t)__builtin_popcountll(nodes);
    uint64_t without = nodes;
    unsigned int n, least;

    for (n = 0; n < ts->nodes; n++)
        vcpus_on[n] = nodes >> n & 1 ? (uint32_t)share : 0;
    for (; left; left--) {
        least = (unsigned int)__builtin_ctzll(without);
        for (n = least; n < ts->nodes; n++)
            if (without >> n & 1 && ts->load[n] < ts->load[least]) least = n;
        vcpus_on[least]++;
        without &= ~(UINT64_C(1) << least);
    }
}

static void put(bench_toolstack *ts, size_t i, uint64_t nodes,
                const uint64_t *memory_kb)
{
    const xtune_domain *domain = &ts->instance->newcomers[i];
    uint32_t vcpus_on[BENCH_MAX_NODES];
    unsigned int n;

    spread_vcpus(ts, i, nodes, vcpus_on);
    for (n = 0; n < ts->nodes; n++) {
        ts->free_kb[n] -= memory_kb[n];
        ts->load[n] += vcpus_on[n];
    }
    ts->guests[i] = (bench_guest){
        .hard = ts->all,
        .affinity = nodes,
        .vcpus = (uint32_t)domain->nr_vcpus,
        .runs = true,
    };
    bench_layout_put(ts->layout, i, vcpus_on, memory_kb);
}

void bench_toolstack_interleave(bench_toolstack *ts, size_t i, uint64_t nodes)
{
    uint64_t memory_kb[BENCH_MAX_NODES] = { 0 }, share, room;
    uint64_t left = ts->instance->newcomers[i].memory_kb, open = nodes;
    unsigned int n;

    while (left && open) {
        share = left / (unsigned int)__builtin_popcountll(open);
        if (!share) share = 1;
        for (n = 0; n < ts->nodes && left; n++) {
            if (!(open >> n & 1)) continue;
            room = ts->free_kb[n] - memory_kb[n];
            if (room > share) room = share;
            if (room > left) room = left;
            memory_kb[n] += room;
            left -= room;
            if (memory_kb[n] == ts->free_kb[n]) open &= ~(UINT64_C(1) << n);
        }
    }
    put(ts, i, nodes, memory_kb);
}

void bench_toolstack_stripe(bench_toolstack *ts, size_t i)
{
    const uint64_t wanted = ts->instance->newcomers[i].memory_kb;
    uint64_t memory_kb[BENCH_MAX_NODES], total = 0, left = wanted, more;
    unsigned int n;

    for (n = 0; n < ts->nodes; n++)
        total += ts->free_kb[n];
    if (total < wanted) return;
    for (n = 0; n < ts->nodes; n++) {
        memory_kb[n] = (uint64_t)((double)wanted * (double)ts->free_kb[n] /
                                  (double)total);
        if (memory_kb[n] > ts->free_kb[n]) memory_kb[n] = ts->free_kb[n];
        if (memory_kb[n] > left) memory_kb[n] = left;
        left -= memory_kb[n];
    }
    for (n = 0; n < ts->nodes && left; n++) {
        more = ts->free_kb[n] - memory_kb[n];
        if (more > left) more = left;
        memory_kb[n] += more;
        left -= more;
    }
    put(ts, i, ts->all, memory_kb);
}
