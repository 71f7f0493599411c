/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables, and whether the engine is as good as it has to be. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#define MEAN_RATIO 1.02
#define WORST_RATIO 1.10

/* Costs are whole numbers that are truncated here and there. */
#define SLACK 1e-6

static bool is_more(double a, double b)
{
    return a > b * (1 + SLACK);
}

void bench_print_head(void)
{
    printf("Costs are GiB times distance; a KiB that is refused counts as %d "
           "away. Ratios are to\noptimum; <= is by what GLPK could prove in "
           "its time. One row for each contestant:\n"
           "engine    xtune_place(), all domains as newcomers of one request\n"
           "online    xtune_place(), one newcomer after the other\n"
           "libxl     its algorithm, one after the other; xapi the same\n"
           "optimum   GLPK's: vCPUs on up to three nodes, memory in "
           "proportion to them\n"
           "anywhere  GLPK's: the same with memory wherever it costs "
           "least\n\n",
           BENCH_REFUSED_DISTANCE);
    printf("%-30s %-8s %6s %8s %7s %10s %5s %9s %8s %12s %8s\n", "instance",
           "who", "local%", "distance", "refused", "vcpus/core", "moved", "ms",
           "peak KiB", "cost", "/optimum");
}

static void print_ratio(const bench_result *result, const bench_row *row)
{
    const bench_row *optimum = &result->rows[BENCH_ROW_OPTIMUM];

    if (optimum->there)
        printf(" %8.4f\n", row->cost / optimum->cost);
    else if (result->optimum.solved == BENCH_BOUND)
        printf(" <=%6.4f\n", row->cost / result->optimum.bound);
    else
        printf(" %8s\n", "-");
}

static void print_row(const char *name, const char *who, const bench_row *row)
{
    printf("%-30s %-8s %6.1f %8.2f %7zu %10.2f %5zu %9.2f ", name, who,
           row->local_pct, row->distance, row->refused, row->vcpus_per_core,
           row->moved, row->ms);
    if (row->peak_kb < 0)
        printf("%8s ", "-");
    else
        printf("%8ld ", row->peak_kb);
    printf("%12.1f", row->cost / (1 << 20));
}

void bench_print_result(const bench_instance *instance,
                        const bench_result *result)
{
    char text[64];
    size_t i;

    for (i = 0; i < BENCH_NR_ROWS; i++) {
        if (!result->rows[i].there) continue;
        text[0] = '\0';
        if (i == 0) snprintf(text, sizeof(text), "%s", instance->name);
        if (i == 1)
            snprintf(text, sizeof(text), "  %zu domains, %zu vCPUs",
                     result->nr_domains, result->nr_vcpus);
        print_row(text, bench_row_names[i], &result->rows[i]);
        print_ratio(result, &result->rows[i]);
    }
    fflush(stdout);
}

typedef struct ratios {
    size_t nr;
    double sum, worst;
    const char *where;
} ratios;

static void add_ratio(ratios *r, double ratio, const char *where)
{
    r->nr++;
    r->sum += ratio;
    if (r->where && ratio <= r->worst) return;
    r->worst = ratio;
    r->where = where;
}

static void print_ratios(const char *what, const ratios *r)
{
    if (!r->nr) return;
    printf("%-40s mean %.4f  worst %.4f  (%s, of %zu)\n", what,
           r->sum / (double)r->nr, r->worst, r->where, r->nr);
}

/* What a result costs above the distance that no KiB can do without. */
static double excess(const bench_row *row)
{
    return row->cost - row->base;
}

/* One contestant against one of the two optima. */
static ratios print_optima(const bench_instance *instances,
                           const bench_result *results, size_t nr, size_t who,
                           size_t to)
{
    ratios all = { 0 }, above = { 0 }, bound = { 0 };
    double excess_sum = 0, best_sum = 0;
    char text[64];
    size_t i;

    for (i = 0; i < nr; i++) {
        const bench_optimum *o = to == BENCH_ROW_OPTIMUM
                                     ? &results[i].optimum
                                     : &results[i].anywhere;
        const bench_row *best = &results[i].rows[to];
        const bench_row *row = &results[i].rows[who];

        if (o->solved == BENCH_BOUND)
            add_ratio(&bound, row->cost / o->bound, instances[i].name);
        if (!best->there) continue;
        add_ratio(&all, row->cost / best->cost, instances[i].name);
        excess_sum += excess(row);
        best_sum += excess(best);
        /* What is next to nothing is no measure. */
        if (excess(best) > 1e-3 * best->base)
            add_ratio(&above, excess(row) / excess(best), instances[i].name);
    }
    snprintf(text, sizeof(text), "%s / %s", bench_row_names[who],
             bench_row_names[to]);
    print_ratios(text, &all);
    print_ratios("  what is above the base, local memory", &above);
    if (best_sum > 0)
        printf("%-40s sum / sum %.4f\n", "  the same", excess_sum / best_sum);
    print_ratios("  by the bound, where GLPK has not finished", &bound);
    return all;
}

/* Lists the instances where one costs more than another; returns how many. */
static size_t print_worse(const bench_instance *instances,
                          const bench_result *results, size_t nr, size_t who,
                          size_t than)
{
    size_t worse = 0, i;

    for (i = 0; i < nr; i++) {
        const bench_row *a = &results[i].rows[who];
        const bench_row *b = &results[i].rows[than];

        if (!is_more(a->cost, b->cost)) continue;
        worse++;
        printf("  %s: %s %.1f, %s %.1f\n", instances[i].name,
               bench_row_names[who], a->cost / (1 << 20),
               bench_row_names[than], b->cost / (1 << 20));
    }
    printf("%s costs more than %s in %zu of %zu instances\n",
           bench_row_names[who], bench_row_names[than], worse, nr);
    return worse;
}

static void print_totals(const bench_result *results, size_t nr)
{
    bench_row sum;
    size_t who, i;

    for (who = 0; who < BENCH_ROW_OPTIMUM; who++) {
        sum = (bench_row){ .peak_kb = -1 };
        for (i = 0; i < nr; i++) {
            const bench_row *row = &results[i].rows[who];

            sum.cost += row->cost;
            sum.local_pct += row->local_pct / (double)nr;
            sum.distance += row->distance / (double)nr;
            sum.refused += row->refused;
            sum.moved += row->moved;
            sum.ms += row->ms;
            if (row->vcpus_per_core > sum.vcpus_per_core)
                sum.vcpus_per_core = row->vcpus_per_core;
            if (row->peak_kb > sum.peak_kb) sum.peak_kb = row->peak_kb;
        }
        print_row(who ? "" : "total, mean or greatest", bench_row_names[who],
                  &sum);
        putchar('\n');
    }
}

static void print_above(const bench_instance *instances,
                        const bench_result *results, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        const bench_row *best = &results[i].rows[BENCH_ROW_OPTIMUM];
        const bench_row *row = &results[i].rows[BENCH_ROW_BATCH];

        if (best->there && row->cost > MEAN_RATIO * best->cost)
            printf("  %s: %.4f of the optimum\n", instances[i].name,
                   row->cost / best->cost);
    }
}

static void print_solved(const bench_instance *instances,
                         const bench_result *results, size_t nr)
{
    size_t tried = 0, proven = 0, anywhere = 0, i;

    for (i = 0; i < nr; i++) {
        tried += instances[i].optimum;
        proven += results[i].rows[BENCH_ROW_OPTIMUM].there;
        anywhere += results[i].rows[BENCH_ROW_ANYWHERE].there;
    }
    printf(
        "\nGLPK finished %zu of the %zu instances given to it, and %zu with "
        "memory anywhere\n",
        proven, tried, anywhere);
}

bool bench_print_summary(const bench_instance *instances,
                         const bench_result *results, size_t nr)
{
    size_t worse, i;
    ratios r;
    bool ok;

    putchar('\n');
    print_totals(results, nr);
    print_solved(instances, results, nr);
    r = print_optima(instances, results, nr, BENCH_ROW_BATCH,
                     BENCH_ROW_OPTIMUM);
    print_above(instances, results, nr);
    for (i = BENCH_ROW_BATCH; i < BENCH_ROW_OPTIMUM; i++) {
        if (i) print_optima(instances, results, nr, i, BENCH_ROW_OPTIMUM);
        print_optima(instances, results, nr, i, BENCH_ROW_ANYWHERE);
    }
    ok = !r.nr ||
         (r.sum / (double)r.nr <= MEAN_RATIO && r.worst <= WORST_RATIO);
    worse =
        print_worse(instances, results, nr, BENCH_ROW_BATCH, BENCH_ROW_LIBXL);
    worse +=
        print_worse(instances, results, nr, BENCH_ROW_BATCH, BENCH_ROW_XAPI);
    /* For information: who knows less of what is to come may be unlucky. */
    print_worse(instances, results, nr, BENCH_ROW_ONLINE, BENCH_ROW_LIBXL);
    print_worse(instances, results, nr, BENCH_ROW_ONLINE, BENCH_ROW_XAPI);
    return ok && !worse;
}
