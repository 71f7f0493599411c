/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The optimum: for each domain one way to divide its vCPUs over up to three
 * nodes, or refusal; its memory in proportion to them, or anywhere.
 */
#ifndef BENCH_OPTIMUM_H
#define BENCH_OPTIMUM_H

#include "bench.h"

#define BENCH_HOME_NODES 3
#define BENCH_MOST_VCPUS_A_CORE 8

/* Costs are counted in GiB beside their vCPUs, memory in GiB. */
#define BENCH_GIB ((double)(1 << 20))
#define BENCH_UNIT (BENCH_GIB * BENCH_LOCAL_DISTANCE)

/* So many vCPUs on each of some nodes. */
typedef struct bench_option {
    size_t domain;
    unsigned int nr;
    unsigned int node[BENCH_HOME_NODES];
    uint32_t vcpus[BENCH_HOME_NODES];
} bench_option;

typedef struct bench_options {
    bench_option *list;
    size_t nr, room;
} bench_options;

typedef struct glp_prob glp_prob;

typedef struct bench_problem {
    const bench_instance *instance;
    bench_model model;
    /* Where the memory of an option can be: in proportion to its vCPUs (one
     * place); or any part of it on any node (as many places as nodes). */
    bool anywhere;
    unsigned int places;
    bench_options options;
    /* By option, then place: what it costs with all memory there, in
     * BENCH_UNIT. With some here and some there it costs the mean. */
    double *cost;
    /* Of the relaxation. */
    double relaxed;  /* what it costs */
    double *reduced; /* by option, then place: what it costs more, at least */
} bench_problem;

/* All options of all newcomers, and what they cost. */
void bench_find_options(bench_problem *p);

/* How much memory an option has on each node, with all of it in one place. */
void bench_option_memory(const bench_problem *p, const bench_option *option,
                         unsigned int place, uint64_t *memory_kb);

/* Rows of a problem: one a domain, then for each node memory, then vCPUs. */
int bench_domain_row(size_t domain);
int bench_memory_row(const bench_problem *p, unsigned int node);
int bench_vcpu_row(const bench_problem *p, unsigned int node);

/* An empty problem: these rows, and columns for vCPUs beyond one to a core and
 * beyond two, two a node, and for refusals. */
glp_prob *bench_problem_new(const bench_problem *p);
int bench_first_column(const bench_problem *p); /* after those */

/* What a column takes of the rows. */
typedef struct bench_needs {
    int nr;
    int row[2 * BENCH_MAX_NODES + 2]; /* from 1 on */
    double value[2 * BENCH_MAX_NODES + 2];
} bench_needs;

void bench_need(bench_needs *needs, int row, double value);
void bench_need_vcpus(bench_needs *needs, const bench_problem *p,
                      const bench_option *option);
void bench_need_memory(bench_needs *needs, const bench_problem *p,
                       const bench_option *option, unsigned int place);

/* A column; most: its upper bound. Returns its number. */
int bench_add_column(glp_prob *lp, double cost, double most,
                     const bench_needs *needs);

/* Solves the relaxation, in which a domain may be divided among its options.
 * False where GLPK gives up. */
bool bench_relax(bench_problem *p);

#endif
