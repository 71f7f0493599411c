/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time and memory on large hosts. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"

#define RUNS 5
#define LONG_MS 15000 /* what takes longer is run once */
#define GIB(n) ((uint64_t)(n) << 20)

typedef struct size {
    const char *name;
    bench_machine machine;
    size_t domains, vcpus; /* vcpus of each in the mean */
    bool series, quick;
} size;

static uint32_t flat(unsigned int a, unsigned int b)
{
    return a == b ? 10 : a / 4 == b / 4 ? 12 : 32;
}

#define MACHINE(nodes_, cores_)                                               \
    {                                                                         \
        .nodes = (nodes_), .cores = (cores_), .threads = 1,                   \
        .node_kb = GIB(1024), .distance = flat,                               \
    }

/* Of the series each has as many domains to a CPU and as many vCPUs to a core
 * as the others. */
static const size sizes[] = {
    { "1000 on 16 nodes, 1024 CPUs", MACHINE(16, 64), 1000, 8, false, true },
    { "10000 on 64 nodes, 4096 CPUs", MACHINE(64, 64), 10000, 2, false,
      false },
    { "500 on 16 nodes, 128 CPUs", MACHINE(16, 8), 500, 1, true, true },
    { "1000 on 16 nodes, 256 CPUs", MACHINE(16, 16), 1000, 1, true, true },
    { "2000 on 16 nodes, 512 CPUs", MACHINE(16, 32), 2000, 1, true, true },
    { "4000 on 16 nodes, 1024 CPUs", MACHINE(16, 64), 4000, 1, true, true },
    { "8000 on 16 nodes, 2048 CPUs", MACHINE(16, 128), 8000, 1, true, false },
    { "16000 on 16 nodes, 4096 CPUs", MACHINE(16, 256), 16000, 1, true,
      false },
};

/* For the exponent of time. */
typedef struct fit {
    double n, x, y, xx, xy;
} fit;

static void add_point(fit *f, double domains, double ms)
{
    const double x = log(domains), y = log(ms);

    f->n++;
    f->x += x;
    f->y += y;
    f->xx += x * x;
    f->xy += x * y;
}

static double exponent(const fit *f)
{
    return (f->n * f->xy - f->x * f->y) / (f->n * f->xx - f->x * f->x);
}

/* From half to one and a half of the mean; where that is one, sometimes two.
 */
static unsigned int draw_vcpus(size_t mean, bench_random *random)
{
    if (mean == 1) return bench_below(random, 4) ? 1 : 2;
    return (unsigned int)(mean / 2 + bench_below(random, mean + 1));
}

/* Memory for 80 of 100, sizes from half to one and a half of the mean. */
static void build(const size *s, bench_instance *instance)
{
    const double mean = 0.8 * (double)s->machine.nodes *
                        (double)s->machine.node_kb / (double)s->domains;
    bench_random random = bench_random_of(s->name);
    uint64_t kb;
    size_t i;

    *instance = (bench_instance){ .machine = &s->machine };
    snprintf(instance->name, sizeof(instance->name), "scale/%s", s->name);
    instance->host = bench_host_new(&s->machine);
    instance->policy = bench_policy(instance->host->arena, XTUNE_MEMORY_STAY);
    instance->nr_newcomers = s->domains;
    instance->newcomers =
        XTUNE_NEW_ARRAY(instance->host->arena, xtune_domain, s->domains);
    for (i = 0; i < s->domains; i++) {
        kb = (uint64_t)(mean * (0.5 + bench_unit(&random)));
        bench_domain_init(instance->host, &instance->newcomers[i],
                          (uint32_t)i + 1, kb / 2048 * 2048,
                          draw_vcpus(s->vcpus, &random));
    }
}

/* They run already, anywhere; the memory of each is on one node or two. */
static void start_them(bench_instance *instance)
{
    xtune_host *host = instance->host;
    bench_random random = bench_random_of(instance->name);
    size_t i;

    host->domains = instance->newcomers;
    host->nr_domains = instance->nr_newcomers;
    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];
        size_t a = bench_below(&random, host->nr_nodes), b = a;

        if (bench_below(&random, 2)) b = bench_below(&random, host->nr_nodes);
        while (host->nodes[a].free_kb + host->nodes[b].free_kb <
               2 * domain->memory_kb)
            a = b = (a + 1) % host->nr_nodes;
        if (host->nodes[b].free_kb < domain->memory_kb / 2) b = a;
        if (host->nodes[a].free_kb < domain->memory_kb) a = b;
        domain->memory_by_node_kb =
            XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_nodes);
        domain->residency = XTUNE_RESIDENCY_MEASURED;
        domain->memory_by_node_kb[a] += domain->memory_kb / 2;
        domain->memory_by_node_kb[b] +=
            domain->memory_kb - domain->memory_kb / 2;
        host->nodes[a].free_kb -= domain->memory_kb / 2;
        host->nodes[b].free_kb -= domain->memory_kb - domain->memory_kb / 2;
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median_ms(const xtune_place_request *request)
{
    double ms[RUNS], start;
    int i, runs = RUNS;

    for (i = 0; i < runs; i++) {
        start = bench_now_ms();
        xtune_placement_free(bench_place(request));
        ms[i] = bench_now_ms() - start;
        if (ms[i] > LONG_MS) runs = i + 1;
    }
    qsort(ms, (size_t)runs, sizeof(ms[0]), compare);
    return ms[runs / 2];
}

static double sequence_ms(const bench_instance *instance,
                          const bench_placer *placer)
{
    bench_layout *layout =
        bench_layout_new(instance->nr_newcomers, instance->machine->nodes);
    const double start = bench_now_ms();
    void *state = placer->start(instance, layout);
    size_t i;

    for (i = 0; i < instance->nr_newcomers; i++)
        placer->arrive(state, i);
    placer->stop(state);
    bench_layout_free(layout);
    return bench_now_ms() - start;
}

static void run(const size *s, fit *batch_fit, fit *running_fit)
{
    double batch, running, libxl, xapi;
    long batch_kb, running_kb;
    xtune_place_request request;
    bench_instance instance;

    build(s, &instance);
    request = bench_request(&instance);
    batch_kb = bench_place_memory(&request);
    batch = median_ms(&request);
    libxl = sequence_ms(&instance, &bench_libxl);
    xapi = sequence_ms(&instance, &bench_xapi);
    start_them(&instance);
    request = (xtune_place_request){ .host = instance.host,
                                     .policy = instance.policy };
    running_kb = bench_place_memory(&request);
    running = median_ms(&request);
    if (s->series) {
        add_point(batch_fit, (double)s->domains, batch);
        add_point(running_fit, (double)s->domains, running);
    }
    printf("%-30s %10.1f %10.1f %10.1f %10.1f %10.1f %10.1f %9.2f %9.2f\n",
           s->name, batch, (double)batch_kb / 1024, running,
           (double)running_kb / 1024, libxl, xapi, batch / libxl,
           batch / xapi);
    fflush(stdout);
    bench_instance_free(&instance);
}

void bench_scale(bool quick)
{
    fit batch = { 0 }, running = { 0 };
    size_t i;

    printf("\nLarge hosts: one call, the median of %d. libxl and xapi: the "
           "algorithms alone, for\nall domains, without a hypercall; above 16 "
           "nodes libxl does nothing.\n\n",
           RUNS);
    printf("%-30s %21s %21s %10s %10s %9s %9s\n", "", "batch of newcomers",
           "all running", "libxl", "xapi", "batch", "batch");
    printf("%-30s %10s %10s %10s %10s %10s %10s %9s %9s\n", "domains", "ms",
           "MiB", "ms", "MiB", "ms", "ms", "/libxl", "/xapi");
    for (i = 0; i < XT_ARRAY_SIZE(sizes); i++)
        if (!quick || sizes[i].quick) run(&sizes[i], &batch, &running);
    printf("time grows with domains to the power of %.2f (newcomers), %.2f "
           "(running)\n",
           exponent(&batch), exponent(&running));
}
