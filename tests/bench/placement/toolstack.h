/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libxl and XAPI have in common: first come, first served. */
#ifndef BENCH_TOOLSTACK_H
#define BENCH_TOOLSTACK_H

#include "bench.h"

typedef struct bench_guest {
    uint64_t hard;     /* nodes that its hard mask has a CPU of */
    uint64_t affinity; /* nodes that its memory is to come from */
    uint32_t vcpus;
    bool runs;
} bench_guest;

typedef struct bench_toolstack {
    const bench_instance *instance;
    bench_layout *layout;
    unsigned int nodes, cpus_per_node, cores_per_node;
    size_t nr_cpus;
    uint8_t *node_of; /* by CPU */
    uint64_t all;     /* nodes */
    uint64_t free_kb[BENCH_MAX_NODES];
    uint64_t load[BENCH_MAX_NODES]; /* vCPUs */
    bench_guest *guests;            /* as the newcomers */
} bench_toolstack;

void bench_toolstack_init(bench_toolstack *ts, const bench_instance *instance,
                          bench_layout *layout);
void bench_toolstack_dispose(bench_toolstack *ts);
void bench_toolstack_leave(bench_toolstack *ts, size_t i);

/* Memory from these nodes in turn, until one is full; vCPUs on their CPUs. */
void bench_toolstack_interleave(bench_toolstack *ts, size_t i, uint64_t nodes);

/* Memory from wherever it is free, vCPUs anywhere; refused where the host has
 * less free memory than that. */
void bench_toolstack_stripe(bench_toolstack *ts, size_t i);

#endif
