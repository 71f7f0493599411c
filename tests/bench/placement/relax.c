/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The relaxation, by column generation: of the columns, an option with all of
 * its memory in one place, those are put into the problem that would make it
 * cheaper, until there are none.
 */
#include "optimum.h"

#include <stdlib.h>

#include <glpk.h>

#include "base/util.h"

#define NOTHING 1e-9
#define MOST_ROUNDS 2000

int bench_domain_row(size_t domain)
{
    return (int)domain + 1;
}

int bench_memory_row(const bench_problem *p, unsigned int node)
{
    return (int)(p->instance->nr_newcomers + node) + 1;
}

int bench_vcpu_row(const bench_problem *p, unsigned int node)
{
    return bench_memory_row(p, node) + (int)p->instance->machine->nodes;
}

void bench_need(bench_needs *needs, int row, double value)
{
    needs->row[++needs->nr] = row;
    needs->value[needs->nr] = value;
}

void bench_need_vcpus(bench_needs *needs, const bench_problem *p,
                      const bench_option *option)
{
    unsigned int k;

    for (k = 0; k < option->nr; k++)
        bench_need(needs, bench_vcpu_row(p, option->node[k]),
                   option->vcpus[k]);
}

void bench_need_memory(bench_needs *needs, const bench_problem *p,
                       const bench_option *option, unsigned int place)
{
    uint64_t memory_kb[BENCH_MAX_NODES];
    unsigned int n;

    bench_option_memory(p, option, place, memory_kb);
    for (n = 0; n < p->instance->machine->nodes; n++)
        if (memory_kb[n])
            bench_need(needs, bench_memory_row(p, n),
                       (double)memory_kb[n] / BENCH_GIB);
}

int bench_add_column(glp_prob *lp, double cost, double most,
                     const bench_needs *needs)
{
    const int j = glp_add_cols(lp, 1);

    glp_set_obj_coef(lp, j, cost);
    glp_set_col_bnds(lp, j, GLP_DB, 0, most);
    glp_set_mat_col(lp, j, needs->nr, needs->row, needs->value);
    return j;
}

static void add_rows(const bench_problem *p, glp_prob *lp)
{
    const bench_machine *machine = p->instance->machine;
    unsigned int n;
    size_t i;

    glp_add_rows(lp, (int)p->instance->nr_newcomers + 2 * (int)machine->nodes);
    for (i = 0; i < p->instance->nr_newcomers; i++)
        glp_set_row_bnds(lp, bench_domain_row(i), GLP_FX, 1, 1);
    for (n = 0; n < machine->nodes; n++) {
        glp_set_row_bnds(lp, bench_memory_row(p, n), GLP_UP, 0,
                         (double)p->instance->host->nodes[n].free_kb /
                             BENCH_GIB);
        glp_set_row_bnds(lp, bench_vcpu_row(p, n), GLP_UP, 0, machine->cores);
    }
}

/* vCPUs beyond one to a core, and beyond two. */
static void add_crowding(const bench_problem *p, glp_prob *lp)
{
    const bench_model *model = &p->model;
    const unsigned int cores = p->instance->machine->cores;
    const double some = bench_crowding(model, cores + 1, cores);
    const double many = bench_crowding(model, 2 * cores + 1, cores) -
                        bench_crowding(model, 2 * cores, cores);
    unsigned int n;

    for (n = 0; n < p->instance->machine->nodes; n++) {
        bench_needs needs = { 0 };

        bench_need(&needs, bench_vcpu_row(p, n), -1);
        bench_add_column(lp, some / BENCH_UNIT, cores, &needs);
        bench_add_column(lp, many / BENCH_UNIT,
                         (BENCH_MOST_VCPUS_A_CORE - 2) * cores, &needs);
    }
}

static void add_refusals(const bench_problem *p, glp_prob *lp)
{
    size_t i;

    for (i = 0; i < p->instance->nr_newcomers; i++) {
        const double kb = (double)p->instance->newcomers[i].memory_kb;
        bench_needs needs = { 0 };

        bench_need(&needs, bench_domain_row(i), 1);
        bench_add_column(lp, kb * BENCH_REFUSED_DISTANCE / BENCH_UNIT, 1,
                         &needs);
    }
}

glp_prob *bench_problem_new(const bench_problem *p)
{
    glp_prob *lp = glp_create_prob();

    glp_set_obj_dir(lp, GLP_MIN);
    add_rows(p, lp);
    add_crowding(p, lp);
    add_refusals(p, lp);
    return lp;
}

int bench_first_column(const bench_problem *p)
{
    return 2 * (int)p->instance->machine->nodes +
           (int)p->instance->nr_newcomers + 1;
}

/* What each column would cost more than what the problem pays now for what
 * it takes; below 0: it makes it cheaper. */
static void price(bench_problem *p, glp_prob *lp)
{
    unsigned int place;
    size_t i;
    int k;

    for (i = 0; i < p->options.nr; i++) {
        const bench_option *o = &p->options.list[i];

        for (place = 0; place < p->places; place++) {
            double *reduced = &p->reduced[i * p->places + place];
            bench_needs needs = { 0 };

            bench_need(&needs, bench_domain_row(o->domain), 1);
            bench_need_vcpus(&needs, p, o);
            bench_need_memory(&needs, p, o, place);
            *reduced = p->cost[i * p->places + place];
            for (k = 1; k <= needs.nr; k++)
                *reduced -=
                    needs.value[k] * glp_get_row_dual(lp, needs.row[k]);
        }
    }
}

static void add_option(const bench_problem *p, glp_prob *lp, size_t column)
{
    const bench_option *o = &p->options.list[column / p->places];
    const unsigned int place = (unsigned int)(column % p->places);
    bench_needs needs = { 0 };

    bench_need(&needs, bench_domain_row(o->domain), 1);
    bench_need_vcpus(&needs, p, o);
    bench_need_memory(&needs, p, o, place);
    bench_add_column(lp, p->cost[column], 1, &needs);
}

/* The best of each domain with so many nodes, where it helps. */
static bool add_best(const bench_problem *p, glp_prob *lp)
{
    const bench_option *list = p->options.list;
    bool any = false;
    size_t i, n, best;

    for (i = 0; i < p->options.nr;) {
        const size_t domain = list[i].domain;
        size_t chosen[BENCH_HOME_NODES];

        for (n = 0; n < BENCH_HOME_NODES; n++)
            chosen[n] = SIZE_MAX;
        for (; i < p->options.nr && list[i].domain == domain; i++)
            for (n = 0; n < p->places; n++) {
                best = chosen[list[i].nr - 1];
                if (best == SIZE_MAX ||
                    p->reduced[i * p->places + n] < p->reduced[best])
                    chosen[list[i].nr - 1] = i * p->places + n;
            }
        for (n = 0; n < BENCH_HOME_NODES; n++) {
            if (chosen[n] == SIZE_MAX || p->reduced[chosen[n]] > -NOTHING)
                continue;
            add_option(p, lp, chosen[n]);
            any = true;
        }
    }
    return any;
}

bool bench_relax(bench_problem *p)
{
    glp_prob *lp = bench_problem_new(p);
    bool ok = false, more = true;
    glp_smcp how;
    int round;

    p->reduced =
        xt_xrealloc(NULL, p->options.nr * p->places, sizeof(*p->reduced));
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    for (round = 0; more && round < MOST_ROUNDS; round++) {
        ok = !glp_simplex(lp, &how) && glp_get_status(lp) == GLP_OPT;
        if (!ok) break;
        price(p, lp);
        more = add_best(p, lp);
    }
    p->relaxed = glp_get_obj_val(lp);
    glp_delete_prob(lp);
    return ok && !more;
}
