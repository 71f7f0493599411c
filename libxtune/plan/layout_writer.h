/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts share that make actions of a layout. */
#ifndef XT_LAYOUT_WRITER_H
#define XT_LAYOUT_WRITER_H

#include "base/json.h"
#include "plan/layout.h"
#include "plan/order.h"

/* A pool that is there now, or will be. */
typedef struct xt_slot {
    const xtune_cpupool *was;   /* NULL: it is to be made */
    const xt_layout_pool *then; /* NULL: it is to go */
    const char *name;           /* at this point of the plan; NULL: it has
                                   gone */
} xt_slot;

/* What is known of a domain at some point. */
typedef struct xt_domain_state {
    const char *pool;
    const xt_json *scheduling;
    xt_masks masks;
} xt_domain_state;

typedef struct xt_layout_writer {
    const xt_layout *layout;
    const xtune_host *host;
    xtune_plan *plan;
    xtune_arena *arena; /* for what is needed meanwhile */
    xt_slot *slots;     /* those that are there, then those to be made */
    size_t nr_slots;
    size_t *slot_of_pool; /* by index of the layout's pools */
    xt_domain_state *first,
        *last; /* by domain: at the beginning, at the end */
    xt_domain_state *now;
    const char **lost; /* by domain: what it could not keep */
    size_t *ordered;   /* by number in the order: the domain */
    xt_order_step *steps;
    size_t nr_steps;
} xt_layout_writer;

/* layout_order.c */

/* The slot that a domain is in now. */
size_t xt_writer_slot_of_domain(const xt_layout_writer *w, size_t i);

/* The slot that a CPU is in now, or then; XT_ORDER_FREE. */
size_t xt_writer_slot_of_cpu(const xt_layout_writer *w, unsigned int cpu,
                             bool then);

bool xt_writer_same_masks(const xt_masks *a, const xt_masks *b, size_t nr);

/* Fills in all but the plan's actions. XTUNE_ERR_REFUSED: there is no order.
 */
int xt_writer_prepare(xt_layout_writer *w, xtune_error **err);

/* layout_stored.c */

/* Why a domain is changed. */
const char *xt_writer_reason(const xt_layout_writer *w, size_t i);

/* Adds what its stored configuration is to be, for the next time that it is
 * made. */
void xt_writer_add_stored(xt_layout_writer *w, size_t i);

#endif
