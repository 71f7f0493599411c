/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The placement bench: this engine, what libxl and XAPI would do, and the
 * true optimum of the same costs, on the same instances.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/place.h>

#include "place/assess.h"

#define BENCH_MAX_NODES 64

/*
 * A domain that is refused counts as if each KiB of it were this far away:
 * farther than any distance that there is (254), so that how many domains are
 * placed comes first and what they cost second.
 */
#define BENCH_REFUSED_DISTANCE 500

#define BENCH_LOCAL_DISTANCE 10

/* Random numbers that are the same everywhere: splitmix64. */
typedef struct bench_random {
    uint64_t state;
} bench_random;

/* Other instances of the same names; 0 unless it is asked for. */
extern uint64_t bench_seed;

bench_random bench_random_of(const char *name);
uint64_t bench_next(bench_random *random);
uint64_t bench_below(bench_random *random, uint64_t limit);
double bench_unit(bench_random *random); /* from 0 to below 1 */

/* A kind of host: its nodes are all alike. */
typedef struct bench_machine {
    const char *name;
    unsigned int nodes, cores, threads; /* cores a node, threads a core */
    uint64_t node_kb;
    const uint8_t *matrix; /* NULL: distance() says */
    uint32_t (*distance)(unsigned int a, unsigned int b);
    bool quick; /* part of a quick run */
} bench_machine;

extern const bench_machine bench_machines[];
extern const size_t bench_nr_machines;

uint32_t bench_distance(const bench_machine *machine, unsigned int a,
                        unsigned int b);

/* A host without domains; everything is in its arena. */
xtune_host *bench_host_new(const bench_machine *machine);

enum bench_sizes { BENCH_UNIFORM, BENCH_HEAVY, BENCH_BIMODAL };

typedef struct bench_instance {
    char name[64]; /* what --only takes; the seed is made of it */
    const bench_machine *machine;
    unsigned int fill_pct; /* of the host's memory that newcomers ask for */
    enum bench_sizes sizes;
    bool devices;
    bool optimum; /* small enough for the true optimum */
    /* Of bench_instance_build(). */
    xtune_host *host; /* owns all of this */
    xtune_policy *policy;
    xtune_domain *newcomers; /* in the order in which they arrive */
    size_t nr_newcomers;
} bench_instance;

/* All instances, not built yet; the caller frees the array. */
bench_instance *bench_instances(size_t *nr_r);
void bench_instance_build(bench_instance *instance);
void bench_instance_free(bench_instance *instance);

/* One rule for all: placement="auto" mode="soft", devices="preferred". */
xtune_policy *bench_policy(xtune_arena *arena, enum xtune_memory_mode memory);

/* A newcomer whose vCPUs may run anywhere. */
void bench_domain_init(const xtune_host *host, xtune_domain *domain,
                       uint32_t id, uint64_t memory_kb, unsigned int vcpus);

xtune_place_request bench_request(const bench_instance *instance);

/* Where the newcomers of an instance are put; refused until they are. */
typedef struct bench_layout {
    size_t nr;
    unsigned int nodes;
    xt_assignment *assignments;
    uint32_t *vcpus_on;  /* nr * nodes */
    uint64_t *memory_kb; /* nr * nodes */
} bench_layout;

bench_layout *bench_layout_new(size_t nr, unsigned int nodes);
void bench_layout_free(bench_layout *layout);
void bench_layout_put(bench_layout *layout, size_t i, const uint32_t *vcpus_on,
                      const uint64_t *memory_kb);
void bench_layout_remove(bench_layout *layout, size_t i);

/* Ends the run where a domain is not put somewhere as a whole. */
void bench_layout_check(const bench_layout *layout,
                        const bench_instance *instance, const char *who);

/* Domains that come and go one at a time. */
typedef struct bench_placer {
    const char *name;
    void *(*start)(const bench_instance *instance, bench_layout *layout);
    void (*arrive)(void *state, size_t i);
    void (*leave)(void *state, size_t i);
    void (*stop)(void *state);
} bench_placer;

extern const bench_placer bench_engine, bench_libxl, bench_xapi;

/* Places what runs by the engine anew, memory as well; returns how many moved
 * and adds what that costs. state: of bench_engine. */
size_t bench_engine_tune(void *state, double *moving);

/* All newcomers in one request. */
void bench_place_batch(const bench_instance *instance, bench_layout *layout);

/* xtune_place(), which must not fail. */
xtune_placement *bench_place(const xtune_place_request *request);

/* How much larger the process gets by one such call, in KiB. */
long bench_place_memory(const xtune_place_request *request);

/*
 * The costs of xtune/place.h once more, from its text: to see that the engine
 * counts as it says, and for the optimum.
 */
typedef struct bench_costs {
    double memory, devices, crowding;
} bench_costs;

typedef struct bench_model {
    const bench_instance *instance;
    double vcpu_kb;
} bench_model;

bench_model bench_model_of(const bench_instance *instance);

/* Of one domain alone. */
bench_costs bench_domain_cost(const bench_model *model,
                              const xtune_domain *domain,
                              const uint32_t *vcpus_on,
                              const uint64_t *memory_kb);

/* Of a node with so many vCPUs. */
double bench_crowding(const bench_model *model, double vcpus, double cores);

/* All of it, refused domains included. */
double bench_cost(const bench_model *model, const xt_assignment *assignments);

enum bench_solved { BENCH_PROVEN, BENCH_BOUND, BENCH_UNSOLVED };

typedef struct bench_optimum {
    enum bench_solved solved;
    double cost;  /* proven: what the best costs */
    double bound; /* no placement costs less */
} bench_optimum;

/*
 * The best placement with vCPUs on up to three nodes each and memory in
 * proportion to them; anywhere: and memory wherever it costs least. known:
 * what some placement costs, as a start.
 */
bench_optimum bench_solve(const bench_instance *instance, bool anywhere,
                          double known, int seconds, bench_layout *layout);

double bench_now_ms(void);
void bench_die(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* What one contestant makes of one instance. */
typedef struct bench_row {
    bool there;
    double cost, base, local_pct, distance, vcpus_per_core, ms;
    size_t refused, moved;
    long peak_kb; /* -1: not measured */
} bench_row;

enum {
    BENCH_ROW_BATCH,
    BENCH_ROW_ONLINE,
    BENCH_ROW_LIBXL,
    BENCH_ROW_XAPI,
    BENCH_ROW_OPTIMUM,
    BENCH_ROW_ANYWHERE,
    BENCH_NR_ROWS,
};

extern const char *const bench_row_names[BENCH_NR_ROWS];

typedef struct bench_result {
    bench_row rows[BENCH_NR_ROWS];
    bench_optimum optimum, anywhere;
    size_t nr_domains, nr_vcpus;
} bench_result;

/* xt_assess() of a layout; refused domains are in the cost. */
bench_row bench_assess(const xtune_place_request *request,
                       const xt_assignment *assignments);

void bench_run_instance(bench_instance *instance, int solve_seconds,
                        bench_result *result);

void bench_print_head(void);
void bench_print_result(const bench_instance *instance,
                        const bench_result *result);

/* False where the engine is not as good as it has to be. */
bool bench_print_summary(const bench_instance *instances,
                         const bench_result *results, size_t nr);

/* False where the engine costs more than one of the others. */
bool bench_churn(const char *only, bool quick);
void bench_scale(bool quick);

#endif
