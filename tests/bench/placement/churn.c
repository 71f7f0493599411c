/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host over time: domains arrive, and others leave to make room. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define ARRIVALS 1000
#define TUNE_EVERY 100 /* arrivals */
#define MIB UINT64_C(1024)

static const char *const churn_machines[] = {
    "4-snc",
    "8-opteron",
    "16-mesh",
    "24-boards",
};
static const unsigned int churn_fills[] = { 80, 95 };

typedef struct story {
    bench_instance instance;
    /* Who leaves before i arrives: left[from[i]] to left[from[i + 1] - 1]. */
    size_t *left, *from;
} story;

typedef struct totals {
    double cost, local_pct, distance, vcpus_per_core, ms;
    size_t refused, moved;
} totals;

static uint64_t draw_memory(const bench_machine *machine, bench_random *random)
{
    const double node = (double)machine->node_kb;
    const double u = bench_unit(random);
    const double kb = bench_below(random, 10)
                          ? node / 32 + u * (node / 4 - node / 32)
                          : node / 2 + u * 0.8 * node;

    return (uint64_t)kb / (2 * MIB) * (2 * MIB);
}

static unsigned int draw_vcpus(const bench_machine *machine, uint64_t kb,
                               bench_random *random)
{
    const double core_kb = (double)machine->node_kb / machine->cores;
    const double vcpus =
        (double)kb / core_kb * (0.5 + 1.5 * bench_unit(random));

    return vcpus < 1 ? 1 : vcpus > 16 ? 16 : (unsigned int)vcpus;
}

static void tell(story *s)
{
    bench_instance *instance = &s->instance;
    const bench_machine *machine = instance->machine;
    const uint64_t most =
        machine->nodes * machine->node_kb / 100 * instance->fill_pct;
    bench_random random = bench_random_of(instance->name);
    size_t alive[ARRIVALS] = { 0 }, nr_alive = 0, nr_left = 0, i, k;
    uint64_t used = 0, kb;

    for (i = 0; i < ARRIVALS; i++) {
        kb = draw_memory(machine, &random);
        bench_domain_init(instance->host, &instance->newcomers[i],
                          (uint32_t)i + 1, kb,
                          draw_vcpus(machine, kb, &random));
        s->from[i] = nr_left;
        while (nr_alive && used + kb > most) {
            k = bench_below(&random, nr_alive);
            used -= instance->newcomers[alive[k]].memory_kb;
            s->left[nr_left++] = alive[k];
            alive[k] = alive[--nr_alive];
        }
        alive[nr_alive++] = i;
        used += kb;
    }
    s->from[ARRIVALS] = nr_left;
}

static void begin(story *s, const bench_machine *machine, unsigned int fill)
{
    bench_instance *instance = &s->instance;

    *instance = (bench_instance){ .machine = machine, .fill_pct = fill };
    snprintf(instance->name, sizeof(instance->name), "churn/%s/%u",
             machine->name, fill);
    instance->host = bench_host_new(machine);
    instance->policy =
        bench_policy(instance->host->arena, XTUNE_MEMORY_FOLLOW);
    instance->nr_newcomers = ARRIVALS;
    instance->newcomers =
        XTUNE_NEW_ARRAY(instance->host->arena, xtune_domain, ARRIVALS);
    s->left = XTUNE_NEW_ARRAY(instance->host->arena, size_t, ARRIVALS);
    s->from = XTUNE_NEW_ARRAY(instance->host->arena, size_t, ARRIVALS + 1);
    tell(s);
}

/* What those cost that are there now. */
static void look(const story *s, const bench_layout *layout, const bool *there,
                 totals *sum)
{
    static xtune_domain domains[ARRIVALS];
    static xt_assignment assignments[ARRIVALS];
    xtune_place_request request = bench_request(&s->instance);
    size_t nr = 0, i;
    bench_row row;

    for (i = 0; i < ARRIVALS; i++) {
        if (!there[i]) continue;
        domains[nr] = s->instance.newcomers[i];
        assignments[nr++] = layout->assignments[i];
    }
    request.newcomers = domains;
    request.nr_newcomers = nr;
    row = bench_assess(&request, assignments);
    sum->cost += row.cost;
    sum->local_pct += row.local_pct / ARRIVALS;
    sum->distance += row.distance / ARRIVALS;
    if (row.vcpus_per_core > sum->vcpus_per_core)
        sum->vcpus_per_core = row.vcpus_per_core;
}

static totals live(const story *s, const bench_placer *placer, bool tune)
{
    bench_layout *layout =
        bench_layout_new(ARRIVALS, s->instance.machine->nodes);
    void *state = placer->start(&s->instance, layout);
    bool there[ARRIVALS] = { false };
    totals sum = { 0 };
    double start;
    size_t i, k;

    for (i = 0; i < ARRIVALS; i++) {
        for (k = s->from[i]; k < s->from[i + 1]; k++) {
            placer->leave(state, s->left[k]);
            there[s->left[k]] = false;
        }
        start = bench_now_ms();
        placer->arrive(state, i);
        if (tune && i % TUNE_EVERY == TUNE_EVERY - 1)
            sum.moved += bench_engine_tune(state, &sum.cost);
        sum.ms += bench_now_ms() - start;
        there[i] = true;
        sum.refused += !layout->assignments[i].vcpus_on;
        look(s, layout, there, &sum);
    }
    bench_layout_check(layout, &s->instance, placer->name);
    placer->stop(state);
    bench_layout_free(layout);
    return sum;
}

static void print(const char *name, const char *who, const totals *sum,
                  double than)
{
    printf("%-20s %-8s %6.1f %8.2f %7zu %10.2f %5zu %9.1f %14.1f %8.4f\n",
           name, who, sum->local_pct, sum->distance, sum->refused,
           sum->vcpus_per_core, sum->moved, sum->ms, sum->cost / (1 << 20),
           sum->cost / than);
    fflush(stdout);
}

static bool run(const bench_machine *machine, unsigned int fill)
{
    totals online, tuned, libxl, xapi;
    story s;

    begin(&s, machine, fill);
    online = live(&s, &bench_engine, false);
    tuned = live(&s, &bench_engine, true);
    libxl = live(&s, &bench_libxl, false);
    xapi = live(&s, &bench_xapi, false);
    print(s.instance.name, "engine", &online, libxl.cost);
    print("", "+ tuned", &tuned, libxl.cost);
    print("", "libxl", &libxl, libxl.cost);
    print("", "xapi", &xapi, libxl.cost);
    xtune_host_free(s.instance.host);
    return online.cost <= libxl.cost && online.cost <= xapi.cost;
}

static bool is_wanted(const bench_machine *machine, unsigned int fill,
                      const char *only, bool quick)
{
    char name[64];
    size_t i;

    snprintf(name, sizeof(name), "churn/%s/%u", machine->name, fill);
    if (only) return strstr(name, only);
    for (i = 0; i < XT_ARRAY_SIZE(churn_machines); i++)
        if (!strcmp(machine->name, churn_machines[i]))
            return !quick || !strcmp(machine->name, "8-opteron");
    return false;
}

static void print_head(void)
{
    printf("\n%d arrivals, one after the other; others leave as they need "
           "room. Costs are summed\nover the arrivals. \"+ tuned\": every %d "
           "arrivals all running domains are placed anew,\nwith memory that "
           "may move; what moving costs is counted.\n\n",
           ARRIVALS, TUNE_EVERY);
    printf("%-20s %-8s %6s %8s %7s %10s %5s %9s %14s %8s\n", "instance", "who",
           "local%", "distance", "refused", "vcpus/core", "moved", "ms",
           "cost", "/libxl");
}

bool bench_churn(const char *only, bool quick)
{
    bool ok = true, any = false;
    size_t m, f;

    for (m = 0; m < bench_nr_machines; m++)
        for (f = 0; f < XT_ARRAY_SIZE(churn_fills); f++) {
            if (!is_wanted(&bench_machines[m], churn_fills[f], only, quick))
                continue;
            if (!any) print_head();
            any = true;
            if (run(&bench_machines[m], churn_fills[f])) continue;
            printf("the engine costs more than another\n");
            ok = false;
        }
    return ok;
}
