/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The true optimum, by GLPK: each domain takes one option or is refused; each
 * node has so much memory, and so many cores, beyond which vCPUs are paid for.
 *
 * The relaxation is solved first. What costs so much more there than it does
 * that a placement that is known costs less is left out: it is in no optimum.
 */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

#include <glpk.h>

#include "base/util.h"

#define GAP 1e-5     /* what counts as proven */
#define A_TOUCH 1e-4 /* above what is known: it may be the optimum itself */
#define ATTEMPTS 4
#define MORE 1.03
#define A_TRIFLE 1e-6 /* a share of a domain's memory: nothing */

/* A column of the integer problem. */
typedef struct column {
    size_t option;
    unsigned int place; /* of memory; XTUNE_NONE: the choice of the option */
} column;

typedef struct search {
    const bench_problem *p;
    glp_prob *lp;
    column *columns; /* from the first one of an option */
    size_t nr, room;
    double gap, bound;
} search;

static void note(search *s, size_t option, unsigned int place)
{
    if (s->nr == s->room) {
        s->room = s->room ? s->room * 2 : 256;
        s->columns = xt_xrealloc(s->columns, s->room, sizeof(*s->columns));
    }
    s->columns[s->nr++] = (column){ option, place };
}

/* How much of its memory an option can have in a place in an optimum; least:
 * what the option costs more in its best one. */
static double most_share(const search *s, size_t option, unsigned int place,
                         double least)
{
    const double more = s->p->reduced[option * s->p->places + place] - least;

    if (more <= s->gap - least) return 1;
    return (s->gap - least) / more;
}

/* The choice of an option: a column with its vCPUs, and its memory where that
 * can be in one place only. */
static void add_choice(search *s, size_t option, int link)
{
    const bench_problem *p = s->p;
    const bench_option *o = &p->options.list[option];
    bench_needs needs = { 0 };
    int j;

    bench_need(&needs, bench_domain_row(o->domain), 1);
    bench_need_vcpus(&needs, p, o);
    if (link)
        bench_need(&needs, link, -1);
    else
        bench_need_memory(&needs, p, o, 0);
    j = bench_add_column(s->lp, link ? 0 : p->cost[option * p->places], 1,
                         &needs);
    glp_set_col_kind(s->lp, j, GLP_BV);
    note(s, option, XTUNE_NONE);
}

/* Memory in each of its places, which adds up to the choice. */
static void add_shares(search *s, size_t option, int link, double least)
{
    const bench_problem *p = s->p;
    const bench_option *o = &p->options.list[option];
    unsigned int place;

    for (place = 0; place < p->places; place++) {
        const double share = most_share(s, option, place, least);
        bench_needs needs = { 0 };

        if (share < A_TRIFLE) continue;
        bench_need_memory(&needs, p, o, place);
        bench_need(&needs, link, 1);
        bench_add_column(s->lp, p->cost[option * p->places + place], share,
                         &needs);
        note(s, option, place);
    }
}

static void add_options(search *s)
{
    const bench_problem *p = s->p;
    unsigned int place;
    double least;
    size_t i;
    int link;

    for (i = 0; i < p->options.nr; i++) {
        least = p->reduced[i * p->places];
        for (place = 1; place < p->places; place++)
            least = fmin(least, p->reduced[i * p->places + place]);
        if (least > s->gap) continue;
        if (!p->anywhere) {
            add_choice(s, i, 0);
            continue;
        }
        link = glp_add_rows(s->lp, 1);
        glp_set_row_bnds(s->lp, link, GLP_FX, 0, 0);
        add_choice(s, i, link);
        add_shares(s, i, link, least);
    }
}

/* Called by GLPK as it goes: remembers what is proven so far. */
static void watch(glp_tree *tree, void *info)
{
    search *s = info;
    const int best = glp_ios_best_node(tree);

    if (best) s->bound = fmax(s->bound, glp_ios_node_bound(tree, best));
}

static bool find(search *s, int seconds)
{
    const int first = bench_first_column(s->p);
    glp_iocp how;
    int j;

    for (j = 2 * (int)s->p->instance->machine->nodes + 1; j < first; j++)
        glp_set_col_kind(s->lp, j, GLP_BV);
    glp_init_iocp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.presolve = GLP_ON;
    how.mir_cuts = how.gmi_cuts = how.cov_cuts = GLP_ON;
    how.br_tech = GLP_BR_PCH;
    how.mip_gap = GAP;
    how.tm_lim = seconds * 1000;
    how.cb_func = watch;
    how.cb_info = s;
    j = glp_intopt(s->lp, &how);
    return j == GLP_EMIPGAP || (!j && glp_mip_status(s->lp) == GLP_OPT);
}

/* As much of the memory in each place as the solution says. */
static void put_memory(const search *s, size_t choice, uint64_t *memory_kb)
{
    const int first = bench_first_column(s->p);
    const size_t option = s->columns[choice].option;
    const uint64_t all =
        s->p->instance->newcomers[s->p->options.list[option].domain].memory_kb;
    uint64_t left = all, kb;
    unsigned int most = 0, n;
    size_t c;

    for (c = choice + 1; c < s->nr && s->columns[c].option == option; c++) {
        n = s->columns[c].place;
        kb = (uint64_t)(fmax(0, glp_mip_col_val(s->lp, first + (int)c)) *
                        (double)all);
        memory_kb[n] = kb < left ? kb : left;
        left -= memory_kb[n];
        if (memory_kb[n] > memory_kb[most]) most = n;
    }
    memory_kb[most] += left;
}

static void put_solution(const search *s, bench_layout *layout)
{
    const int first = bench_first_column(s->p);
    unsigned int k;
    size_t c;

    for (c = 0; c < s->nr; c++) {
        const bench_option *o = &s->p->options.list[s->columns[c].option];
        uint32_t vcpus_on[BENCH_MAX_NODES] = { 0 };
        uint64_t memory_kb[BENCH_MAX_NODES] = { 0 };

        if (s->columns[c].place != XTUNE_NONE ||
            glp_mip_col_val(s->lp, first + (int)c) < 0.5)
            continue;
        for (k = 0; k < o->nr; k++)
            vcpus_on[o->node[k]] = o->vcpus[k];
        if (s->p->anywhere)
            put_memory(s, c, memory_kb);
        else
            bench_option_memory(s->p, o, 0, memory_kb);
        bench_layout_put(layout, o->domain, vcpus_on, memory_kb);
    }
}

/* One attempt: the optimum, if it costs no more than what is known. */
static bool attempt(search *s, double known, int seconds)
{
    glp_smcp how;

    s->nr = 0;
    s->bound = s->p->relaxed;
    s->gap = known / BENCH_UNIT * (1 + A_TOUCH) - s->p->relaxed;
    s->lp = bench_problem_new(s->p);
    add_options(s);
    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    return !glp_simplex(s->lp, &how) && find(s, seconds);
}

/* Where nothing does as well as what is known, which need not be made of
 * options, more of them are let in. */
static bench_optimum solve(bench_problem *p, double known, int seconds,
                           bench_layout *layout)
{
    bench_optimum optimum = { .solved = BENCH_UNSOLVED };
    search s = { .p = p };
    bool found = true;
    int i;

    if (!bench_relax(p)) return optimum;
    optimum.solved = BENCH_BOUND;
    for (i = 0; found && optimum.solved == BENCH_BOUND && i < ATTEMPTS; i++) {
        found = attempt(&s, known, seconds);
        optimum.cost = glp_mip_obj_val(s.lp) * BENCH_UNIT;
        known *= 1 + A_TOUCH;
        if (found && optimum.cost <= known) {
            optimum.solved = BENCH_PROVEN;
            put_solution(&s, layout);
        }
        optimum.bound = found ? known : fmin(known, s.bound * BENCH_UNIT);
        glp_delete_prob(s.lp);
        known *= MORE;
    }
    free(s.columns);
    return optimum;
}

bench_optimum bench_solve(const bench_instance *instance, bool anywhere,
                          double known, int seconds, bench_layout *layout)
{
    bench_problem p = {
        .instance = instance,
        .model = bench_model_of(instance),
        .anywhere = anywhere,
        .places = anywhere ? instance->machine->nodes : 1,
    };
    bench_optimum optimum;

    glp_term_out(GLP_OFF);
    bench_find_options(&p);
    optimum = solve(&p, known, seconds, layout);
    free(p.options.list);
    free(p.cost);
    free(p.reduced);
    return optimum;
}
