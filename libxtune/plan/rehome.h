/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving a domain's memory: what an action "rehome" holds (apply/rehome.c),
 * what it needs, and what forbids it.
 */
#ifndef XT_REHOME_H
#define XT_REHOME_H

#include <xtune/plan.h>

#include "base/json.h"

/* Where a domain's memory is, and its masks; points into the host. */
xt_json *xt_rehome_now(xtune_arena *arena, const xtune_host *host,
                       const xtune_domain *domain);

/* The same for where they are to be. hard and soft are by index of vCPU. */
xt_json *xt_rehome_then(xtune_arena *arena, const xtune_host *host,
                        const xtune_domain *domain, const xtune_set *nodes,
                        const uint64_t *memory_by_node_kb,
                        const xtune_set *hard, const xtune_set *soft);

/* All of its memory on these nodes, as Xen takes it: from each in turn. */
uint64_t *xt_rehome_divide(xtune_arena *arena, const xtune_host *host,
                           const xtune_domain *domain, const xtune_set *nodes);

/* How much a second copy takes, of a part of the domain's memory. */
uint64_t xt_rehome_need_kb(const xtune_domain *domain, uint64_t part_kb);

/* How much of a node a second copy may take: what Xen keeps for devices is
 * given to domains last. */
uint64_t xt_rehome_room_kb(const xtune_node *node);

/*
 * Why its memory cannot be moved, in the arena; NULL where it can. *pause_r:
 * only while it is paused, which allow_pause allows.
 */
const char *xt_rehome_obstacle(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain, bool allow_pause,
                               bool *pause_r);

/* The nodes with memory of the domain, but for stray pages. */
xtune_set xt_rehome_nodes(xtune_arena *arena, const xtune_host *host,
                          const uint64_t *memory_by_node_kb);

/*
 * Adds to a plan the move of a domain's memory to the nodes where its vCPUs
 * may run, with the masks that it has on the request's host. XTUNE_ERR_REFUSED
 * as of xtune_plan_rehome().
 */
int xt_plan_follow(xtune_plan *plan, xtune_arena *arena,
                   const xtune_plan_request *request,
                   const xtune_domain *domain, xtune_error **err);

#endif
