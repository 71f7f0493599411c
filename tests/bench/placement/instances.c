/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The instances: hosts, and the domains that are to be placed on them. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB UINT64_C(1024)
#define MAX_NEWCOMERS 4096

static const char *const size_names[] = { "uniform", "heavy", "bimodal" };
static const unsigned int fills[] = { 50, 80, 95 };

#define NR_SIZES (sizeof(size_names) / sizeof(size_names[0]))
#define NR_FILLS (sizeof(fills) / sizeof(fills[0]))

uint64_t bench_seed;

bench_random bench_random_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325 ^ bench_seed; /* FNV-1a */

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
    return (bench_random){ hash };
}

uint64_t bench_next(bench_random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t bench_below(bench_random *random, uint64_t limit)
{
    return bench_next(random) % limit;
}

double bench_unit(bench_random *random)
{
    return (double)(bench_next(random) >> 11) * 0x1p-53;
}

bench_instance *bench_instances(size_t *nr_r)
{
    bench_instance *all =
        calloc(bench_nr_machines * NR_FILLS * NR_SIZES * 2, sizeof(*all));
    size_t nr = 0, m, i;

    if (!all) bench_die("out of memory");
    for (m = 0; m < bench_nr_machines; m++)
        for (i = 0; i < NR_FILLS * NR_SIZES * 2; i++) {
            bench_instance *x = &all[nr++];

            x->machine = &bench_machines[m];
            x->fill_pct = fills[i / 2 / NR_SIZES];
            x->sizes = i / 2 % NR_SIZES;
            x->devices = i % 2;
            x->optimum = x->machine->nodes <= 8;
            snprintf(x->name, sizeof(x->name), "%s/%u/%s%s", x->machine->name,
                     x->fill_pct, size_names[x->sizes],
                     x->devices ? "/devices" : "");
        }
    *nr_r = nr;
    return all;
}

static uint64_t draw_memory(const bench_instance *instance,
                            bench_random *random)
{
    const double node = (double)instance->machine->node_kb;
    const double u = bench_unit(random);
    double kb;

    switch (instance->sizes) {
    case BENCH_UNIFORM: kb = node / 16 + u * (node / 2 - node / 16); break;
    case BENCH_HEAVY:
        kb = node / 12 * pow(1 - u, -1 / 1.1);
        if (kb > 2.2 * node) kb = 2.2 * node;
        break;
    default:
        kb = bench_below(random, 4) ? node / 12 + u * node / 24
                                    : 0.8 * node + u * 0.6 * node;
    }
    return (uint64_t)kb / (2 * MIB) * (2 * MIB);
}

/* About as many vCPUs as there are cores behind the memory, half or twice
 * that; a domain larger than a node has enough to be on all of its nodes. */
static unsigned int draw_vcpus(const bench_instance *instance, uint64_t kb,
                               bench_random *random)
{
    const bench_machine *machine = instance->machine;
    const double core_kb = (double)machine->node_kb / machine->cores;
    const double scale = pow(2, 2 * bench_unit(random) - 1);
    const unsigned int most = instance->optimum ? 8 : 16;
    const unsigned int least = kb > machine->node_kb ? 4 : 1;
    const double vcpus = (double)kb / core_kb * scale + 0.5;

    if (vcpus < least) return least;
    return vcpus > most ? most : (unsigned int)vcpus;
}

void bench_domain_init(const xtune_host *host, xtune_domain *domain,
                       uint32_t id, uint64_t memory_kb, unsigned int vcpus)
{
    /* All masks are the same words: nobody changes them. */
    const xtune_set all = xtune_set_all(host->arena, host->nr_cpu_ids);
    unsigned int v;

    *domain = (xtune_domain){
        .id = id,
        .name = xtune_arena_printf(host->arena, "d%u", id),
        .type = XTUNE_TYPE_HVM,
        .shutdown_reason = XTUNE_NONE,
        .cpupool = "Pool-0",
        .memory_kb = memory_kb,
        .max_memory_kb = memory_kb,
        .online_vcpus = vcpus,
        .weight = 256,
        .vcpus = XTUNE_NEW_ARRAY(host->arena, xtune_vcpu, vcpus),
        .nr_vcpus = vcpus,
        .state = XTUNE_STATE_BLOCKED,
    };
    snprintf(domain->uuid, sizeof(domain->uuid),
             "00000000-0000-4000-8000-%012x", id);
    for (v = 0; v < vcpus; v++)
        domain->vcpus[v] = (xtune_vcpu){
            .id = v,
            .online = true,
            .cpu = XTUNE_NONE,
            .state = XTUNE_STATE_BLOCKED,
            .hard = all,
            .soft = all,
        };
}

/* A third of the domains hold one device, or two, anywhere; of one in eight
 * devices the node is not known. */
static void add_devices(bench_instance *instance, bench_random *random)
{
    xtune_host *host = instance->host;
    const size_t most = instance->nr_newcomers * 2;
    size_t i, j;

    host->has_pci_topology = true;
    host->pci = XTUNE_NEW_ARRAY(host->arena, xtune_pci, most);
    for (i = 0; i < instance->nr_newcomers; i++) {
        xtune_domain *domain = &instance->newcomers[i];

        if (bench_below(random, 3)) continue;
        domain->nr_pci = 1 + bench_below(random, 2);
        domain->pci =
            XTUNE_NEW_ARRAY(host->arena, const char *, domain->nr_pci);
        for (j = 0; j < domain->nr_pci; j++) {
            xtune_pci *pci = &host->pci[host->nr_pci++];

            pci->address =
                xtune_arena_printf(host->arena, "0000:%02x:%02x.0",
                                   (unsigned int)(host->nr_pci / 32),
                                   (unsigned int)(host->nr_pci % 32));
            pci->node = bench_below(random, 8)
                            ? (uint32_t)bench_below(random, host->nr_nodes)
                            : XTUNE_NONE;
            domain->pci[j] = pci->address;
        }
    }
}

xtune_policy *bench_policy(xtune_arena *arena, enum xtune_memory_mode memory)
{
    xtune_policy *policy = XTUNE_NEW(arena, xtune_policy);
    const xtune_source source = { "bench", 1 };

    policy->arena = arena;
    policy->name = "bench";
    policy->nr_rules = 1;
    policy->rules = XTUNE_NEW(arena, xtune_rule);
    policy->rules[0] = (xtune_rule){
        .source = source,
        .match = "*",
        .has_numa = true,
        .numa_source = source,
        .placement = XTUNE_PLACE_AUTO,
        .mode = XTUNE_AFFINITY_SOFT,
        .memory = memory,
        .pin = XTUNE_PIN_NODE,
        .smt = XTUNE_SMT_AVOID,
        .devices = XTUNE_DEVICES_PREFERRED,
    };
    return policy;
}

void bench_instance_build(bench_instance *instance)
{
    const bench_machine *machine = instance->machine;
    const uint64_t total =
        machine->nodes * machine->node_kb / 100 * instance->fill_pct;
    bench_random random = bench_random_of(instance->name);
    uint64_t asked = 0, kb;
    size_t nr = 0;

    instance->host = bench_host_new(machine);
    instance->policy = bench_policy(instance->host->arena, XTUNE_MEMORY_STAY);
    instance->newcomers =
        XTUNE_NEW_ARRAY(instance->host->arena, xtune_domain, MAX_NEWCOMERS);
    while (nr < MAX_NEWCOMERS && asked + 64 * MIB < total) {
        kb = draw_memory(instance, &random);
        if (kb > total - asked) kb = (total - asked) / (2 * MIB) * (2 * MIB);
        bench_domain_init(instance->host, &instance->newcomers[nr],
                          (uint32_t)nr + 1, kb,
                          draw_vcpus(instance, kb, &random));
        asked += kb;
        nr++;
    }
    instance->nr_newcomers = nr;
    if (instance->devices) add_devices(instance, &random);
}

void bench_instance_free(bench_instance *instance)
{
    xtune_host_free(instance->host);
    instance->host = NULL;
}

xtune_place_request bench_request(const bench_instance *instance)
{
    return (xtune_place_request){
        .host = instance->host,
        .policy = instance->policy,
        .newcomers = instance->newcomers,
        .nr_newcomers = instance->nr_newcomers,
        .flags = XTUNE_PLACE_KEEP_RUNNING,
    };
}
