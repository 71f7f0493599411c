/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The affinity in the toolstack's stored configuration of a domain, which the
 * domain gets when it is made again: at its reboot, by restore and by
 * migration. As JSON, for hosts and for plans:
 *
 *     { "hard": ["2-3", "all"], "soft": ["0-3"], "nodes": "1",
 *       "placement": false, "cpupool": "Pool-0" }
 *
 * hard and soft are by vCPU; nodes is where memory is to come from; placement
 * is whether libxl may choose nodes itself; cpupool is the pool that it is
 * made in. What the configuration does not say is not there. libxl's own form
 * of it: the members vcpu_hard_affinity, vcpu_soft_affinity, nodemap and
 * numa_placement of "b_info", and pool_name of "c_info" (libxl_types.idl of
 * Xen 4.14 and later).
 */
#ifndef XT_CONFIGURED_H
#define XT_CONFIGURED_H

#include <xtune/set.h>

#include "base/json.h"

/* From libxl's document; sets are over so many CPU and node ids, and what is
 * beyond them is dropped. */
xt_json *xt_configured_from_libxl(xtune_arena *arena, const xt_json *document,
                                  unsigned int nr_cpu_ids,
                                  unsigned int nr_node_ids);

/*
 * libxl's document with this affinity instead of its own; all else is as it
 * was. XTUNE_ERR_INVALID, about object, for a value that is not as above.
 */
int xt_configured_to_libxl(xtune_arena *arena, const xt_json *document,
                           const xt_json *configured, unsigned int nr_cpu_ids,
                           unsigned int nr_node_ids, const char *object,
                           xt_json **document_r, xtune_error **err);

/*
 * That vCPUs are to have these masks, and memory is to come as they say. old:
 * what it was before, whose pool is kept; NULL: nothing.
 */
xt_json *xt_configured_make(xtune_arena *arena, const xt_json *old,
                            const xtune_set *hard, const xtune_set *soft,
                            size_t nr);

/*
 * The same configuration with other masks for one vCPU of nr, or for all
 * (XTUNE_NONE). hard and soft may be NULL to leave those.
 */
xt_json *xt_configured_pin(xtune_arena *arena, const xt_json *configured,
                           size_t nr, unsigned int vcpu, const xtune_set *hard,
                           const xtune_set *soft);

/* The same configuration, but in this pool; NULL: in none by name. */
xt_json *xt_configured_in_pool(xtune_arena *arena, const xt_json *configured,
                               const char *pool);

/*
 * Whether a domain that is made again gets these masks, and its memory as
 * they say. Where they ask for nothing, any configuration without masks
 * will do.
 */
bool xt_configured_gives(const xt_json *configured, const xtune_set *hard,
                         const xtune_set *soft, size_t nr);

#endif
