/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kinds of action on a domain's vCPUs share. */
#ifndef XT_APPLY_MASKS_H
#define XT_APPLY_MASKS_H

#include "apply/kinds.h"

/* The masks of one vCPU: {"hard": "0-3", "soft": "all"}. */
xt_json *xt_masks_to_json(xtune_arena *arena, const xtune_set *hard,
                          const xtune_set *soft);

/* From such a value, over so many CPUs. XTUNE_ERR_INVALID. */
int xt_masks_read(xtune_arena *arena, const char *object, const xt_json *value,
                  unsigned int nr_cpu_ids, xtune_set *hard_r,
                  xtune_set *soft_r, xtune_error **err);

/* From an array of them, by index of vCPU; none where it is no array. */
int xt_masks_read_all(xtune_arena *arena, const char *object,
                      const xt_json *vcpus, unsigned int nr_cpu_ids,
                      const xtune_set **hard_r, const xtune_set **soft_r,
                      size_t *nr_r, xtune_error **err);

/* The domain as it is now, on a host of its own, which the caller frees.
 * XTUNE_ERR_NOT_FOUND: it is gone. */
int xt_kind_look(const xt_hands *hands, const xtune_action *action,
                 unsigned int parts, xtune_host **host_r,
                 const xtune_domain **domain_r, xtune_error **err);

#endif
