/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order with the fewest steps, of problems small enough to look at every
 * state that may be on its way.
 */
#ifndef XT_ORDER_FEWEST_H
#define XT_ORDER_FEWEST_H

#include "plan/order.h"

/*
 * Its steps, in the arena; of orders with as few, one that moves the fewest
 * CPUs. False, and nothing in steps_r, where there is none of at most max
 * steps, or where finding it would take too long.
 */
bool xt_order_fewest(xtune_arena *arena, const xt_order_problem *problem,
                     size_t max, xt_order_step **steps_r, size_t *nr_r);

#endif
