/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cost model of xtune/place.h, on the model. */
#ifndef XT_COST_H
#define XT_COST_H

#include "place/model.h"

/* What a home costs the domain itself. */
void xt_own_cost(const xt_model *model, const xt_item *item,
                 const xt_home *home, xtune_cost *cost_r);

/* What the nodes' crowding costs, in one cell. */
uint64_t xt_cell_cost(const xt_model *model, const xt_cell *cell);

/* What the next vCPU there adds to that at the least. */
uint64_t xt_next_vcpu_cost(const xt_model *model, const xt_cell *cell);

/* Own cost and what the home adds to the crowding of its nodes, with the item
 * not in the model. */
int64_t xt_home_cost(xt_model *model, const xt_item *item,
                     const xt_home *home);

/* Whether a home can be: memory, CPUs, devices; with the item not in the
 * model. */
bool xt_home_fits(const xt_model *model, const xt_item *item,
                  const xt_home *home);

/* The cores of some nodes that an item may use. */
uint64_t xt_count_cores(const xt_item *item, uint64_t nodes);

/* Those of some nodes where others have all cores to themselves. */
uint64_t xt_taken_nodes(const xt_model *model, const xt_item *item,
                        uint64_t nodes);

/* How many vCPUs can have a core of a node to themselves. */
uint32_t xt_single_cores(const xt_model *model, const xt_item *item,
                         uint32_t node);

/* The part of its vCPUs that runs on a node of a home where its memory is as
 * it is, and what all parts add up to. */
uint64_t xt_share_of(const xt_item *item, uint64_t nodes, uint32_t node);
uint64_t xt_share_sum(const xt_item *item, uint64_t nodes);

/* Puts the home of an item into the model or takes it out again. */
void xt_enter(xt_model *model, const xt_item *item, const xt_home *home);
void xt_leave(xt_model *model, const xt_item *item, const xt_home *home);

/* What an item costs as it is decided, in the model or refused. */
int64_t xt_item_cost(const xt_model *model, const xt_item *item);

#endif
