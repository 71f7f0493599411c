/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The costs, from the text of xtune/place.h and nothing else. */
#include "bench.h"

#include <string.h>

/* A vCPU too many on a node, in parts of the memory behind a vCPU; one too
 * many for the cores of its domain's home, in parts of what is behind it. */
#define CROWDED (1.0 / 32)
#define OVERCROWDED (1.0 / 8)
#define OWN_CROWDED 2.0

bench_model bench_model_of(const bench_instance *instance)
{
    uint64_t kb = 0, vcpus = 0;
    double mean, unit = 1;
    size_t i;

    for (i = 0; i < instance->nr_newcomers; i++) {
        kb += instance->newcomers[i].memory_kb;
        vcpus += instance->newcomers[i].nr_vcpus;
    }
    mean = vcpus ? (double)kb / (double)vcpus : 1;
    while (unit * 2 <= mean)
        unit *= 2;
    return (bench_model){ .instance = instance, .vcpu_kb = unit };
}

double bench_crowding(const bench_model *model, double vcpus, double cores)
{
    const double unit = model->vcpu_kb * BENCH_LOCAL_DISTANCE;
    double crowded = vcpus - cores, overcrowded = vcpus - 2 * cores;

    if (crowded <= 0) return 0;
    if (overcrowded <= 0) return crowded * CROWDED * unit;
    return (cores * CROWDED + overcrowded * OVERCROWDED) * unit;
}

/* vCPUs of one domain beyond the cores of the nodes that they are on. */
static double own_crowding(const bench_model *model,
                           const xtune_domain *domain,
                           const uint32_t *vcpus_on)
{
    const bench_machine *machine = model->instance->machine;
    double crowded = 0;
    unsigned int n;

    for (n = 0; n < machine->nodes; n++)
        if (vcpus_on[n] > machine->cores)
            crowded += vcpus_on[n] - machine->cores;
    return crowded * OWN_CROWDED * BENCH_LOCAL_DISTANCE *
           (double)domain->memory_kb / (double)domain->nr_vcpus;
}

/* How much farther than local a node is from a vCPU, in the mean. */
static double mean_beyond(const bench_model *model, const uint32_t *vcpus_on,
                          uint32_t to)
{
    const bench_machine *machine = model->instance->machine;
    double sum = 0, vcpus = 0;
    unsigned int n;

    for (n = 0; n < machine->nodes; n++) {
        if (!vcpus_on[n]) continue;
        vcpus += vcpus_on[n];
        sum += (double)vcpus_on[n] *
               (bench_distance(machine, n, to) - BENCH_LOCAL_DISTANCE);
    }
    return sum / vcpus;
}

/* Memory that is placed is on nodes of the home, so that each KiB is local to
 * one of them; and half of what is beyond that in the mean. */
static double memory_cost(const bench_model *model, const uint32_t *vcpus_on,
                          const uint64_t *memory_kb)
{
    double sum = 0;
    unsigned int n;

    for (n = 0; n < model->instance->machine->nodes; n++)
        if (memory_kb[n])
            sum +=
                (double)memory_kb[n] *
                (BENCH_LOCAL_DISTANCE + mean_beyond(model, vcpus_on, n) / 2);
    return sum;
}

static uint32_t device_node(const xtune_host *host, const char *address)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (!strcmp(host->pci[i].address, address)) return host->pci[i].node;
    return XTUNE_NONE;
}

static double device_cost(const bench_model *model, const xtune_domain *domain,
                          const uint32_t *vcpus_on)
{
    double sum = 0;
    size_t i, nr = 0;

    for (i = 0; i < domain->nr_pci; i++) {
        const uint32_t node =
            device_node(model->instance->host, domain->pci[i]);

        if (node == XTUNE_NONE) continue;
        sum += mean_beyond(model, vcpus_on, node);
        nr++;
    }
    return nr ? sum / (double)nr * (double)domain->memory_kb / 2 : 0;
}

bench_costs bench_domain_cost(const bench_model *model,
                              const xtune_domain *domain,
                              const uint32_t *vcpus_on,
                              const uint64_t *memory_kb)
{
    const double weight = (double)domain->weight / 256;

    return (bench_costs){
        .memory = weight * memory_cost(model, vcpus_on, memory_kb),
        .devices = weight * device_cost(model, domain, vcpus_on),
        .crowding = weight * own_crowding(model, domain, vcpus_on),
    };
}

double bench_cost(const bench_model *model, const xt_assignment *assignments)
{
    const bench_instance *instance = model->instance;
    double load[BENCH_MAX_NODES] = { 0 }, sum = 0;
    unsigned int n;
    size_t i;

    for (i = 0; i < instance->nr_newcomers; i++) {
        const xtune_domain *domain = &instance->newcomers[i];
        const xt_assignment *a = &assignments[i];
        bench_costs costs;

        if (!a->vcpus_on) {
            sum += (double)domain->memory_kb * BENCH_REFUSED_DISTANCE;
            continue;
        }
        costs = bench_domain_cost(model, domain, a->vcpus_on, a->memory_kb);
        sum += costs.memory + costs.devices + costs.crowding;
        for (n = 0; n < instance->machine->nodes; n++)
            load[n] += a->vcpus_on[n];
    }
    for (n = 0; n < instance->machine->nodes; n++)
        sum += bench_crowding(model, load[n], instance->machine->cores);
    return sum;
}
