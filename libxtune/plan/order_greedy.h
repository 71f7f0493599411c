/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An order, not always the shortest, of problems of any size. */
#ifndef XT_ORDER_GREEDY_H
#define XT_ORDER_GREEDY_H

#include "plan/order.h"

/* Which of several like steps comes first, and when to give up. */
typedef struct xt_order_way {
    uint64_t seed;
    bool park_all; /* all domains first: this leads to the end in any case */
    size_t max_steps, max_work;
    size_t work; /* out: masks looked at */
} xt_order_way;

/* Its steps, in the arena. False, and nothing in steps_r, where this way leads
 * nowhere. */
bool xt_order_greedy(xtune_arena *arena, const xt_order_problem *problem,
                     xt_order_way *way, xt_order_step **steps_r, size_t *nr_r);

#endif
