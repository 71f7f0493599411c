/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One instance, everybody's turn. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>

#define RUNS 3

const char *const bench_row_names[BENCH_NR_ROWS] = {
    "engine", "online", "libxl", "xapi", "optimum", "anywhere",
};

/* xt_assess() counts as the text says, or one of the two is wrong. It
 * truncates where the text does not, as shares in parts of 65536. */
static void check_costs(const bench_instance *instance, const char *who,
                        double theirs, double ours)
{
    const double slack = 5e-5 * ours + 1000.0 * (double)instance->nr_newcomers;

    if (fabs(theirs - ours) > slack)
        bench_die("%s: what %s does costs %.0f by xt_assess and %.0f by the "
                  "text of xtune/place.h",
                  instance->name, who, theirs, ours);
}

static bench_row assess(const bench_instance *instance, const char *who,
                        const bench_layout *layout)
{
    const bench_model model = bench_model_of(instance);
    const xtune_place_request request = bench_request(instance);
    bench_row row;

    bench_layout_check(layout, instance, who);
    row = bench_assess(&request, layout->assignments);
    check_costs(instance, who, row.cost,
                bench_cost(&model, layout->assignments));
    return row;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static bench_row run_batch(const bench_instance *instance)
{
    const xtune_place_request request = bench_request(instance);
    bench_layout *layout =
        bench_layout_new(instance->nr_newcomers, instance->machine->nodes);
    double ms[RUNS], start;
    bench_row row;
    int i;

    for (i = 0; i < RUNS; i++) {
        start = bench_now_ms();
        bench_place_batch(instance, layout);
        ms[i] = bench_now_ms() - start;
    }
    qsort(ms, RUNS, sizeof(ms[0]), compare);
    row = assess(instance, "the engine", layout);
    row.ms = ms[RUNS / 2];
    row.peak_kb = bench_place_memory(&request);
    bench_layout_free(layout);
    return row;
}

static bench_row run_sequence(const bench_instance *instance,
                              const bench_placer *placer)
{
    bench_layout *layout =
        bench_layout_new(instance->nr_newcomers, instance->machine->nodes);
    void *state = placer->start(instance, layout);
    const double start = bench_now_ms();
    double ms;
    bench_row row;
    size_t i;

    for (i = 0; i < instance->nr_newcomers; i++)
        placer->arrive(state, i);
    ms = bench_now_ms() - start;
    placer->stop(state);
    row = assess(instance, placer->name, layout);
    row.ms = ms;
    bench_layout_free(layout);
    return row;
}

static double cheapest(const bench_result *result)
{
    double cost = INFINITY;
    size_t i;

    for (i = 0; i < BENCH_NR_ROWS; i++)
        if (result->rows[i].there && result->rows[i].cost < cost)
            cost = result->rows[i].cost;
    return cost;
}

static bench_optimum run_optimum(const bench_instance *instance, bool anywhere,
                                 int seconds, bench_result *result)
{
    bench_layout *layout =
        bench_layout_new(instance->nr_newcomers, instance->machine->nodes);
    const double start = bench_now_ms();
    const bench_optimum optimum =
        bench_solve(instance, anywhere, cheapest(result), seconds, layout);
    bench_row *row =
        &result->rows[anywhere ? BENCH_ROW_ANYWHERE : BENCH_ROW_OPTIMUM];

    if (optimum.solved == BENCH_PROVEN) {
        *row = assess(instance, "the optimum", layout);
        check_costs(instance, "GLPK", optimum.cost, row->cost);
        row->ms = bench_now_ms() - start;
    }
    bench_layout_free(layout);
    return optimum;
}

void bench_run_instance(bench_instance *instance, int solve_seconds,
                        bench_result *result)
{
    size_t i;

    bench_instance_build(instance);
    *result = (bench_result){
        .nr_domains = instance->nr_newcomers,
        .optimum.solved = BENCH_UNSOLVED,
        .anywhere.solved = BENCH_UNSOLVED,
    };
    for (i = 0; i < instance->nr_newcomers; i++)
        result->nr_vcpus += instance->newcomers[i].nr_vcpus;
    result->rows[BENCH_ROW_BATCH] = run_batch(instance);
    result->rows[BENCH_ROW_ONLINE] = run_sequence(instance, &bench_engine);
    result->rows[BENCH_ROW_LIBXL] = run_sequence(instance, &bench_libxl);
    result->rows[BENCH_ROW_XAPI] = run_sequence(instance, &bench_xapi);
    if (instance->optimum) {
        result->optimum = run_optimum(instance, false, solve_seconds, result);
        result->anywhere =
            run_optimum(instance, true, (solve_seconds + 3) / 4, result);
    }
    bench_instance_free(instance);
}
