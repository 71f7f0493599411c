/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order with the fewest steps, of problems small enough to look at every
 * state that may be on its way.
 */
#ifndef XT_ORDER_FEWEST_H
#define XT_ORDER_FEWEST_H

#include "plan/order.h"

/*
 * In the arena, steps without masks: those that are not the last of their
 * domain stand for any that will do. Of orders with as few steps, one that
 * moves the fewest CPUs. False where there is none of at most max steps, or
 * where finding it would take too long.
 */
bool xt_order_fewest(xtune_arena *arena, const xt_order_problem *problem,
                     size_t max, xt_order_step **steps_r, size_t *nr_r);

#endif
