/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The masks that domains have on their way, once the order is known. */
#ifndef XT_ORDER_MASKS_H
#define XT_ORDER_MASKS_H

#include "plan/order.h"

/* By pool, before the first step. */
xtune_set *xt_order_first_cpus(xtune_arena *arena,
                               const xt_order_problem *problem);

/*
 * Gives the steps of domains their masks, in the arena, and says which is the
 * last of each; leaves out those that then change nothing. How many steps are
 * left.
 */
size_t xt_order_give_masks(xtune_arena *arena, const xt_order_problem *problem,
                           xt_order_step *steps, size_t nr);

#endif
