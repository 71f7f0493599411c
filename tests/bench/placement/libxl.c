/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxl's automatic placement, written from its description: xen.git,
 * docs/man/xl-numa-placement.7.pod, and the comment "Automatic NUMA
 * placement" in tools/libs/light/libxl_internal.h. What it costs is kept: it
 * looks at each vCPU of each domain for each newcomer, and at each CPU for
 * each set of nodes; what is left out is hypercalls. Its hard masks are
 * ignored, as they are there; sums that overflow there do not here.
 */
#include "toolstack.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define TOO_BIG 16 /* above so many nodes it does nothing */

typedef struct candidate {
    uint64_t nodes, free_kb, vcpus;
} candidate;

static void *start(const bench_instance *instance, bench_layout *layout)
{
    bench_toolstack *ts = xt_xrealloc(NULL, 1, sizeof(*ts));

    bench_toolstack_init(ts, instance, layout);
    return ts;
}

static void stop(void *state)
{
    bench_toolstack_dispose(state);
    free(state);
}

static void leave(void *state, size_t i)
{
    bench_toolstack_leave(state, i);
}

/* Each vCPU counts on each node where it may run. */
static void count_vcpus(const bench_toolstack *ts, size_t nr, uint64_t *vcpus)
{
    unsigned int n;
    uint32_t v;
    size_t i;

    for (i = 0; i < nr; i++) {
        const bench_guest *guest = &ts->guests[i];

        if (!guest->runs) continue;
        for (v = 0; v < guest->vcpus; v++)
            for (n = 0; n < ts->nodes; n++)
                vcpus[n] += guest->hard & guest->affinity & ts->all >> n & 1;
    }
}

static size_t count_cpus(const bench_toolstack *ts, uint64_t nodes)
{
    size_t nr = 0, i;

    for (i = 0; i < ts->nr_cpus; i++)
        nr += nodes >> ts->node_of[i] & 1;
    return nr;
}

/* Fewer vCPUs first, more free memory second. */
static bool is_better(const candidate *a, const candidate *b)
{
    if (!b->nodes || a->vcpus != b->vcpus)
        return !b->nodes || a->vcpus < b->vcpus;
    return a->free_kb > b->free_kb;
}

static void weigh(const bench_toolstack *ts, const xtune_domain *domain,
                  const uint64_t *vcpus, uint64_t nodes, candidate *best)
{
    candidate c = { .nodes = nodes };
    unsigned int n;

    for (n = 0; n < ts->nodes; n++)
        if (nodes >> n & 1) {
            c.free_kb += ts->free_kb[n];
            c.vcpus += vcpus[n];
        }
    if (c.free_kb < domain->memory_kb ||
        count_cpus(ts, nodes) < domain->nr_vcpus)
        return;
    if (is_better(&c, best)) *best = c;
}

/* The next set of k of nr nodes in lexicographic order of their numbers;
 * false after the last one. */
static bool next_set(unsigned int *set, unsigned int k, unsigned int nr)
{
    unsigned int i = k;

    while (i && set[i - 1] == nr - k + i - 1)
        i--;
    if (!i) return false;
    set[i - 1]++;
    for (; i < k; i++)
        set[i] = set[i - 1] + 1;
    return true;
}

static uint64_t set_bits(const unsigned int *set, unsigned int k)
{
    uint64_t bits = 0;

    while (k--)
        bits |= UINT64_C(1) << set[k];
    return bits;
}

static void arrive(void *state, size_t i)
{
    bench_toolstack *ts = state;
    const xtune_domain *domain = &ts->instance->newcomers[i];
    uint64_t vcpus[BENCH_MAX_NODES] = { 0 };
    unsigned int set[TOO_BIG], k, n;
    candidate best = { 0 };

    if (ts->nodes == 1 || ts->nodes > TOO_BIG) {
        bench_toolstack_stripe(ts, i);
        return;
    }
    count_vcpus(ts, ts->layout->nr, vcpus);
    k = (unsigned int)((domain->nr_vcpus + ts->cpus_per_node - 1) /
                       ts->cpus_per_node);
    for (; k <= ts->nodes && !best.nodes; k++) {
        for (n = 0; n < k; n++)
            set[n] = n;
        do
            weigh(ts, domain, vcpus, set_bits(set, k), &best);
        while (next_set(set, k, ts->nodes));
    }
    if (best.nodes)
        bench_toolstack_interleave(ts, i, best.nodes);
    else
        bench_toolstack_stripe(ts, i);
}

const bench_placer bench_libxl = { "libxl", start, arrive, leave, stop };
