/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XAPI's best-effort placement, written from its description: xen-api,
 * doc/content/toolstack/features/NUMA. Sets of nodes by greatest and by mean
 * distance; as many cores as vCPUs; the first set that fits, and of those as
 * good the one least used so far. A plan of several nodes is dropped.
 */
#include "toolstack.h"

#include <stdlib.h>

#include "base/util.h"

#define ALL_SETS 16 /* above so many nodes, single ones only */
#define AS_GOOD 1e-3

typedef struct candidate {
    uint64_t nodes;
    uint32_t greatest;
    double mean;
    size_t order;
} candidate;

typedef struct xapi {
    bench_toolstack ts;
    candidate *candidates;
    size_t nr;
    uint64_t used[BENCH_MAX_NODES]; /* never goes down */
} xapi;

static candidate measure(const bench_machine *machine, uint64_t nodes)
{
    candidate c = { .nodes = nodes };
    unsigned int a, b, pairs = 0;

    for (a = 0; a < machine->nodes; a++)
        for (b = 0; b < machine->nodes; b++) {
            const uint32_t d = bench_distance(machine, a, b);

            if (!(nodes >> a & 1) || !(nodes >> b & 1)) continue;
            c.mean += d;
            if (d > c.greatest) c.greatest = d;
            pairs++;
        }
    c.mean /= pairs;
    return c;
}

static int compare(const void *a, const void *b)
{
    const candidate *x = a, *y = b;

    if (x->greatest != y->greatest) return x->greatest < y->greatest ? -1 : 1;
    if (x->mean != y->mean) return x->mean < y->mean ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void *start(const bench_instance *instance, bench_layout *layout)
{
    const bench_machine *machine = instance->machine;
    xapi *x = xt_xrealloc(NULL, 1, sizeof(*x));
    const bool all = machine->nodes <= ALL_SETS;
    size_t i;

    *x = (xapi){ .nr = all ? (1u << machine->nodes) - 1 : machine->nodes };
    bench_toolstack_init(&x->ts, instance, layout);
    x->candidates = xt_xrealloc(NULL, x->nr, sizeof(candidate));
    for (i = 0; i < x->nr; i++) {
        x->candidates[i] = measure(machine, all ? i + 1 : UINT64_C(1) << i);
        x->candidates[i].order = i;
    }
    qsort(x->candidates, x->nr, sizeof(candidate), compare);
    return x;
}

static void stop(void *state)
{
    xapi *x = state;

    bench_toolstack_dispose(&x->ts);
    free(x->candidates);
    free(x);
}

static void leave(void *state, size_t i)
{
    bench_toolstack_leave(&((xapi *)state)->ts, i);
}

static bool fits(const xapi *x, const xtune_domain *domain, uint64_t nodes)
{
    const size_t nr = (size_t)__builtin_popcountll(nodes);
    uint64_t free_kb = 0;
    unsigned int n;

    if (nr * x->ts.cores_per_node < domain->nr_vcpus) return false;
    for (n = 0; n < x->ts.nodes; n++)
        if (nodes >> n & 1) free_kb += x->ts.free_kb[n];
    return free_kb >= domain->memory_kb;
}

static uint64_t usage(const xapi *x, uint64_t nodes)
{
    uint64_t sum = 0;
    unsigned int n;

    for (n = 0; n < x->ts.nodes; n++)
        if (nodes >> n & 1) sum += x->used[n];
    return sum;
}

/* Node lists from the last node on, as words are compared. */
static bool comes_before(uint64_t a, uint64_t b)
{
    while (a && b) {
        const int x = 63 - __builtin_clzll(a), y = 63 - __builtin_clzll(b);

        if (x != y) return x < y;
        a &= ~(UINT64_C(1) << x);
        b &= ~(UINT64_C(1) << y);
    }
    return !a && b;
}

static uint64_t choose(const xapi *x, const xtune_domain *domain)
{
    const candidate *first = NULL, *best = NULL;
    size_t i;

    for (i = 0; i < x->nr; i++) {
        const candidate *c = &x->candidates[i];

        if (first && c->greatest != first->greatest) break;
        if (!fits(x, domain, c->nodes)) continue;
        if (!first) first = c;
        if (c->mean - first->mean >= AS_GOOD) break;
        if (!best || usage(x, c->nodes) < usage(x, best->nodes) ||
            (usage(x, c->nodes) == usage(x, best->nodes) &&
             comes_before(c->nodes, best->nodes)))
            best = c;
    }
    return best ? best->nodes : 0;
}

static void arrive(void *state, size_t i)
{
    xapi *x = state;
    const uint64_t nodes = choose(x, &x->ts.instance->newcomers[i]);
    unsigned int n;

    for (n = 0; n < x->ts.nodes; n++)
        x->used[n] += nodes >> n & 1;
    if (nodes && !(nodes & (nodes - 1)))
        bench_toolstack_interleave(&x->ts, i, nodes);
    else
        bench_toolstack_stripe(&x->ts, i);
}

const bench_placer bench_xapi = { "xapi", start, arrive, leave, stop };
