/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order in which CPUs change pools and domains change pools and masks.
 * Pure: pools are numbers, XT_ORDER_FREE stands for CPUs in none.
 *
 * CPUs that go in one step are to be in one place in the end: none takes a way
 * of its own because others do, which would save a step and move it twice.
 *
 * At no time is a pool without a CPU while it has domains, is a hard mask
 * without a CPU of its domain's pool, or does a domain go where it has none.
 */
#ifndef XT_ORDER_H
#define XT_ORDER_H

#include <xtune/host.h>

#define XT_ORDER_FREE ((size_t)-1)

typedef struct xt_order_domain {
    size_t from, to; /* pools */
    size_t nr_vcpus;
    const xtune_set *hard;      /* by index of vCPU: as they are */
    const xtune_set *hard_then; /* as they are to be, each with a CPU of to */
    bool masks_change; /* masks are to be set, also if the hard ones stay */
} xt_order_domain;

typedef struct xt_order_problem {
    size_t nr_pools;
    /* CPUs that come and go together: of each unit those that count for hard
     * masks. The first one is CPU 0's, which Xen keeps in Pool-0: it is the
     * refuge's, and stays. */
    const xtune_set *units;
    size_t nr_units;
    const size_t *unit_from, *unit_to; /* by unit: its pool */
    const xt_order_domain *domains;    /* those that Xen counts: not dying */
    size_t nr_domains;
    size_t refuge; /* a pool that always keeps a CPU: Pool-0 */
} xt_order_problem;

enum xt_order_kind {
    XT_ORDER_CPUS,   /* cpus go from one pool to another */
    XT_ORDER_DOMAIN, /* a domain goes to pool to, and gets masks */
    XT_ORDER_MASKS,  /* a domain gets masks where it is */
};

typedef struct xt_order_step {
    enum xt_order_kind kind;
    xtune_set cpus;
    size_t from, to;
    size_t domain;
    /* Of a domain: its hard masks then, by vCPU. The last step of a domain
     * gives it those that it is to have, and its soft ones. */
    const xtune_set *hard;
    bool last;
} xt_order_step;

/*
 * The steps of the best order found, in the arena: of small problems one with
 * the fewest there can be. There always is one, by way of the refuge; false
 * where the problem is none.
 */
bool xt_order_find(xtune_arena *arena, const xt_order_problem *problem,
                   xt_order_step **steps_r, size_t *nr_r);

#endif
