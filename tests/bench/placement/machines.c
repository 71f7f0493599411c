/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hosts: distances that machines report, and some made up for sizes of which
 * none was at hand.
 */
#include "bench.h"

#include <stdlib.h>

#define GIB(n) ((uint64_t)(n) << 20)

/* Two sockets as most firmware describes them. */
static const uint8_t two_10_21[] = {
    10, 21, /**/
    21, 10, /**/
};

/* 2 x EPYC 9375F: github.com/egandro/proxmox-cpu-affinity issue 58. */
static const uint8_t two_epyc_9375[] = {
    10, 32, /**/
    32, 10, /**/
};

/* Two sockets with sub-NUMA clusters: xapi's documentation of NUMA. */
static const uint8_t four_snc[] = {
    10, 11, 21, 21, /**/
    11, 10, 21, 21, /**/
    21, 21, 10, 11, /**/
    21, 21, 11, 10, /**/
};

/* A ring of four: linux, the comment in kernel/sched/topology.c. */
static const uint8_t four_ring[] = {
    10, 20, 30, 20, /**/
    20, 10, 20, 30, /**/
    30, 20, 10, 20, /**/
    20, 30, 20, 10, /**/
};

/* Kunpeng 920, two sockets of two dies each: linux-kernel, 24 March 2020. */
static const uint8_t four_kunpeng[] = {
    10, 12, 20, 22, /**/
    12, 10, 22, 24, /**/
    20, 22, 10, 12, /**/
    22, 24, 12, 10, /**/
};

/* Four sockets, 80 CPUs: linux-kernel, "sched/fair: rework load_balance",
 * November 2019. */
static const uint8_t four_flat[] = {
    10, 20, 20, 20, /**/
    20, 10, 20, 20, /**/
    20, 20, 10, 20, /**/
    20, 20, 20, 10, /**/
};

/* 4 x Opteron 6272: xapi's test_topology.ml. */
static const uint8_t eight_opteron[] = {
    10, 16, 16, 22, 16, 22, 16, 22, /**/
    16, 10, 22, 16, 16, 22, 22, 16, /**/
    16, 22, 10, 16, 16, 16, 16, 16, /**/
    22, 16, 16, 10, 16, 16, 22, 22, /**/
    16, 16, 16, 16, 10, 16, 16, 22, /**/
    22, 22, 16, 16, 16, 10, 22, 16, /**/
    16, 22, 16, 22, 16, 22, 10, 16, /**/
    22, 16, 16, 22, 22, 16, 16, 10, /**/
};

/* 2 x EPYC 7742 with four nodes a socket, as numactl prints it on many. */
static const uint8_t eight_epyc[] = {
    10, 12, 12, 12, 32, 32, 32, 32, /**/
    12, 10, 12, 12, 32, 32, 32, 32, /**/
    12, 12, 10, 12, 32, 32, 32, 32, /**/
    12, 12, 12, 10, 32, 32, 32, 32, /**/
    32, 32, 32, 32, 10, 12, 12, 12, /**/
    32, 32, 32, 32, 12, 10, 12, 12, /**/
    32, 32, 32, 32, 12, 12, 10, 12, /**/
    32, 32, 32, 32, 12, 12, 12, 10, /**/
};

/* Eight nodes, three levels, 160 CPUs: the thread of four_flat. */
static const uint8_t eight_levels[] = {
    10, 12, 17, 17, 19, 19, 19, 19, /**/
    12, 10, 17, 17, 19, 19, 19, 19, /**/
    17, 17, 10, 12, 19, 19, 19, 19, /**/
    17, 17, 12, 10, 19, 19, 19, 19, /**/
    19, 19, 19, 19, 10, 12, 17, 17, /**/
    19, 19, 19, 19, 12, 10, 17, 17, /**/
    19, 19, 19, 19, 17, 17, 10, 12, /**/
    19, 19, 19, 19, 17, 17, 12, 10, /**/
};

/* One socket of a Phytium FT-2500, 2 x 8 nodes with 100 between sockets:
 * plantegg's comparison of CPUs, numactl -H. */
static const uint8_t phytium_socket[] = {
    10, 20, 40, 30, 20, 30, 50, 40, /**/
    20, 10, 30, 40, 50, 20, 40, 50, /**/
    40, 30, 10, 20, 40, 50, 20, 30, /**/
    30, 40, 20, 10, 30, 20, 40, 50, /**/
    20, 50, 40, 30, 10, 50, 30, 20, /**/
    30, 20, 50, 20, 50, 10, 50, 40, /**/
    50, 40, 20, 40, 30, 50, 10, 30, /**/
    40, 50, 30, 50, 20, 40, 30, 10, /**/
};

static uint32_t phytium(unsigned int a, unsigned int b)
{
    return a / 8 == b / 8 ? phytium_socket[a % 8 * 8 + b % 8] : 100;
}

static uint32_t capped(unsigned int d)
{
    return d < 254 ? d : 254;
}

/* As xapi's tests make them. */
static uint32_t line(unsigned int a, unsigned int b)
{
    return capped(10 + 11 * (a > b ? a - b : b - a));
}

static uint32_t mesh(unsigned int a, unsigned int b)
{
    const int rows = abs((int)(a / 4) - (int)(b / 4));
    const int columns = abs((int)(a % 4) - (int)(b % 4));

    return capped(10 + 8 * (unsigned int)(rows + columns));
}

/* Twelve boards of two nodes in a ring. */
static uint32_t boards(unsigned int a, unsigned int b)
{
    const unsigned int x = a / 2, y = b / 2;
    const unsigned int apart = x > y ? x - y : y - x;

    if (a == b) return 10;
    return apart ? capped(20 + 6 * (apart < 6 ? apart : 12 - apart)) : 14;
}

/* SGI Altix, 64 nodes: hwloc, tests/hwloc/linux/256ia64-64n2s2c.output. */
static uint32_t altix(unsigned int a, unsigned int b)
{
    const unsigned int blades = a / 4 ^ b / 4;

    if (a == b) return 10;
    if (!blades) return 22;
    if (blades < 4) return 22 + 4 * (unsigned int)__builtin_popcount(blades);
    return 30 + 4 * (blades & 1);
}

const bench_machine bench_machines[] = {
    { "2-xeon", 2, 16, 2, GIB(64), two_10_21, NULL, true },
    { "2-epyc", 2, 32, 1, GIB(256), two_epyc_9375, NULL, false },
    { "4-snc", 4, 10, 2, GIB(48), four_snc, NULL, true },
    { "4-ring", 4, 8, 1, GIB(32), four_ring, NULL, true },
    { "4-kunpeng", 4, 24, 1, GIB(128), four_kunpeng, NULL, false },
    { "4-flat", 4, 10, 2, GIB(128), four_flat, NULL, false },
    { "8-opteron", 8, 4, 2, GIB(16), eight_opteron, NULL, true },
    { "8-epyc", 8, 16, 2, GIB(64), eight_epyc, NULL, false },
    { "8-levels", 8, 10, 2, GIB(126), eight_levels, NULL, false },
    { "16-phytium", 16, 8, 1, GIB(32), NULL, phytium, false },
    { "16-line", 16, 8, 2, GIB(16), NULL, line, false },
    { "16-mesh", 16, 16, 1, GIB(64), NULL, mesh, true },
    { "24-boards", 24, 12, 2, GIB(96), NULL, boards, true },
    { "32-line", 32, 8, 1, GIB(32), NULL, line, false },
    { "64-altix", 64, 4, 1, GIB(8), NULL, altix, false },
};
const size_t bench_nr_machines =
    sizeof(bench_machines) / sizeof(bench_machines[0]);

uint32_t bench_distance(const bench_machine *machine, unsigned int a,
                        unsigned int b)
{
    if (machine->matrix) return machine->matrix[a * machine->nodes + b];
    return machine->distance(a, b);
}

static void add_cpus(xtune_host *host, const bench_machine *machine)
{
    const unsigned int a_node = machine->cores * machine->threads;
    unsigned int id;

    host->nr_cpus = (size_t)machine->nodes * a_node;
    host->cpus = XTUNE_NEW_ARRAY(host->arena, xtune_cpu, host->nr_cpus);
    for (id = 0; id < host->nr_cpus; id++)
        host->cpus[id] = (xtune_cpu){
            .id = id,
            .node = id / a_node,
            .socket = id / a_node,
            .core = id % a_node / machine->threads,
        };
    host->xen.max_cpu_id = (uint32_t)host->nr_cpus - 1;
    host->xen.threads_per_core = machine->threads;
    host->xen.cores_per_socket = machine->cores;
}

static void add_nodes(xtune_host *host, const bench_machine *machine)
{
    unsigned int a, b;

    host->nr_nodes = machine->nodes;
    host->nodes = XTUNE_NEW_ARRAY(host->arena, xtune_node, machine->nodes);
    for (a = 0; a < machine->nodes; a++) {
        xtune_node *node = &host->nodes[a];

        node->id = a;
        node->memory_kb = node->free_kb = machine->node_kb;
        node->nr_distances = machine->nodes;
        node->distances =
            XTUNE_NEW_ARRAY(host->arena, uint32_t, machine->nodes);
        for (b = 0; b < machine->nodes; b++)
            node->distances[b] = bench_distance(machine, a, b);
    }
}

xtune_host *bench_host_new(const bench_machine *machine)
{
    xtune_host *host = xtune_host_new();

    add_nodes(host, machine);
    add_cpus(host, machine);
    xtune_host_index(host);
    host->cpupools = XTUNE_NEW(host->arena, xtune_cpupool);
    host->nr_cpupools = 1;
    host->cpupools[0] = (xtune_cpupool){
        .scheduling = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
        .name = "Pool-0",
        .scheduler = "credit2",
        .cpus = xtune_set_copy(host->arena, &host->cpu_ids),
    };
    host->xen.scheduler = "credit2";
    host->xen.free_cpus = 0;
    host->xen.total_kb = host->xen.free_kb = machine->nodes * machine->node_kb;
    return host;
}
