/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where domains are put, and what that costs. */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/util.h"

void bench_die(const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fputs("bench: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

double bench_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

bench_layout *bench_layout_new(size_t nr, unsigned int nodes)
{
    bench_layout *layout = xt_xrealloc(NULL, 1, sizeof(*layout));

    *layout = (bench_layout){
        .nr = nr,
        .nodes = nodes,
        .assignments = xt_xrealloc(NULL, nr, sizeof(xt_assignment)),
        .vcpus_on = xt_xrealloc(NULL, nr * nodes, sizeof(uint32_t)),
        .memory_kb = xt_xrealloc(NULL, nr * nodes, sizeof(uint64_t)),
    };
    memset(layout->assignments, 0, nr * sizeof(xt_assignment));
    return layout;
}

void bench_layout_free(bench_layout *layout)
{
    free(layout->assignments);
    free(layout->vcpus_on);
    free(layout->memory_kb);
    free(layout);
}

void bench_layout_put(bench_layout *layout, size_t i, const uint32_t *vcpus_on,
                      const uint64_t *memory_kb)
{
    const unsigned int nodes = layout->nodes;
    uint32_t *v = layout->vcpus_on + i * nodes;
    uint64_t *m = layout->memory_kb + i * nodes;

    memcpy(v, vcpus_on, nodes * sizeof(*v));
    memcpy(m, memory_kb, nodes * sizeof(*m));
    layout->assignments[i] = (xt_assignment){ v, m };
}

void bench_layout_remove(bench_layout *layout, size_t i)
{
    layout->assignments[i] = (xt_assignment){ NULL, NULL };
}

void bench_layout_check(const bench_layout *layout,
                        const bench_instance *instance, const char *who)
{
    size_t i, n;

    for (i = 0; i < layout->nr; i++) {
        const xt_assignment *a = &layout->assignments[i];
        uint64_t vcpus = 0, kb = 0;

        if (!a->vcpus_on) continue;
        for (n = 0; n < layout->nodes; n++) {
            vcpus += a->vcpus_on[n];
            kb += a->memory_kb[n];
        }
        if (vcpus != instance->newcomers[i].nr_vcpus ||
            kb != instance->newcomers[i].memory_kb)
            bench_die("%s: %s puts %zu: %llu of %zu vCPUs, %llu of %llu KiB",
                      instance->name, who, i, (unsigned long long)vcpus,
                      instance->newcomers[i].nr_vcpus, (unsigned long long)kb,
                      (unsigned long long)instance->newcomers[i].memory_kb);
    }
}

/* Of what is placed: KiB times the mean distance to the domain's vCPUs. */
static double kb_distance(const xtune_place_request *request,
                          const xt_assignment *assignments)
{
    const xtune_host *host = request->host;
    double sum = 0, domain;
    unsigned int a, b;
    size_t i;

    for (i = 0; i < request->nr_newcomers; i++) {
        const xt_assignment *at = &assignments[i];

        domain = 0;
        for (a = 0; at->vcpus_on && a < host->nr_nodes; a++)
            for (b = 0; at->vcpus_on[a] && b < host->nr_nodes; b++)
                domain += (double)at->vcpus_on[a] * (double)at->memory_kb[b] *
                          host->nodes[a].distances[b];
        sum += domain / (double)request->newcomers[i].nr_vcpus;
    }
    return sum;
}

bench_row bench_assess(const xtune_place_request *request,
                       const xt_assignment *assignments)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xt_assessment a;
    bench_row row = { .there = true, .peak_kb = -1 };

    if (xt_assess(request, assignments, &a, &err))
        bench_die("xt_assess: %s", err->message);
    /* What no page can hold is no placement. */
    if (a.excess_kb > 64)
        bench_die("%llu KiB are put where there are none",
                  (unsigned long long)a.excess_kb);
    row.cost = (double)xtune_cost_sum(&a.cost) +
               (double)a.refused_kb * BENCH_REFUSED_DISTANCE;
    row.base = (double)(a.total_kb + a.refused_kb) * BENCH_LOCAL_DISTANCE;
    if (a.total_kb) {
        row.local_pct = 100.0 * (double)a.local_kb / (double)a.total_kb;
        row.distance = kb_distance(request, assignments) / (double)a.total_kb;
    }
    row.refused = a.nr_refused;
    row.vcpus_per_core = (double)a.fullest_milli / 1000;
    return row;
}
