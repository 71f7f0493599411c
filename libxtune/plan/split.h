/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pool for each node. */
#ifndef XT_SPLIT_H
#define XT_SPLIT_H

#include "plan/layout.h"

/* Whether each node that has CPUs has a pool of its own, and there is no other
 * pool with CPUs. CPUs whose node is not known are with those of CPU 0's. */
bool xt_layout_is_split(const xtune_host *host);

/*
 * Makes the layout so: "Pool-node0" and so on, as xl calls them, and the first
 * pool that of CPU 0. Domains go where their hard masks bind them, else where
 * their soft masks lead them, which are somebody's word, else where their
 * memory is, else to where there is the most room; dom0 stays in the first
 * pool. XTUNE_ERR_REFUSED where CPUs
 * of two nodes come and go together.
 */
int xt_layout_split(xt_layout *layout, xtune_arena *arena, xtune_error **err);

#endif
