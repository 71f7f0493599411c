/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the reports on one domain's place have in common. */
#ifndef XT_REPORT_PLACING_H
#define XT_REPORT_PLACING_H

#include <stdint.h>
#include <stdio.h>

#include <xtune/place.h>

#include "base/json.h"

/* "node 0", "nodes 0-1", "no node". */
const char *xt_nodes_named(xtune_arena *arena, const xtune_set *nodes);

/* "512 MiB", "1.5 MiB". */
const char *xt_mib_text(xtune_arena *arena, uint64_t kb);

/*
 * What a cost is measured by for people: what all of the domain's memory costs
 * where all of it is local.
 */
typedef struct xt_cost_base {
    uint64_t kb; /* that memory */
    uint32_t weight;
} xt_cost_base;

xt_cost_base xt_cost_base_of(const xtune_host *host,
                             const xtune_domain *domain);

/* In percent of that, as "112.5"; "-" for a domain without memory. */
const char *xt_cost_text(xtune_arena *arena, const xt_cost_base *base,
                         uint64_t cost);

/* Of memory that costs so much, in hundredths; 0 where there is none. */
uint64_t xt_mean_distance(const xt_cost_base *base, const xtune_cost *cost);

/* How many vCPUs there are to the cores of a node. */
typedef struct xt_crowd {
    uint32_t cores;       /* in the cpupool */
    uint64_t milli_vcpus; /* of domains that run, where their masks let them;
                             each spread over the CPUs that it uses first */
} xt_crowd;

/* By node id, in the arena. pool NULL: all CPUs. */
xt_crowd *xt_count_crowds(xtune_arena *arena, const xtune_host *host,
                          const char *pool);

/* Table of what rules nodes out. */
void xt_put_constraints(FILE *out, xtune_arena *arena,
                        const xtune_placement *placement);

/* "  vCPUs 0-3: hard all, soft 4-7": a line for each run of vCPUs with the
 * same masks. */
void xt_put_masks(FILE *out, xtune_arena *arena, const xtune_set *hard,
                  const xtune_set *soft, size_t nr);

/* JSON, for the schemas xtune/placement/1 and xtune/explanation/1. */

xt_json *xt_nodes_json(xtune_arena *arena, const xtune_set *nodes);
xt_json *xt_cost_json(xtune_arena *arena, const xtune_cost *cost);
xt_json *xt_constraints_json(xtune_arena *arena,
                             const xtune_placement *placement);
xt_json *xt_candidates_json(xtune_arena *arena,
                            const xtune_placement *placement);

/* One text where all masks are the same, else an array of them; null for
 * NULL. */
xt_json *xt_masks_json(xtune_arena *arena, const xtune_set *masks, size_t nr);

/* By node id, null for NULL. */
xt_json *xt_by_node_json(xtune_arena *arena, const xtune_host *host,
                         const uint64_t *kb);

/* All that a placement says of a domain. */
void xt_add_placed(xtune_arena *arena, xt_json *json, const xtune_host *host,
                   const xtune_placed *placed);

#endif
