/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From homes to the masks of vCPUs. */
#ifndef XT_MASKS_H
#define XT_MASKS_H

#include "place/cost.h"

/*
 * Gives the vCPUs of every item that is decided their masks, and the parts of
 * a guest their shape. CPUs that a vCPU has for itself are in the masks of no
 * other. False where an item does not find them: it is out_of_cores, to be
 * decided again, and all masks are to be made anew.
 */
bool xt_make_masks(xt_model *model);

/* What goes from one item to the next. */
typedef struct xt_masks {
    xt_model *model;
    xtune_set all;   /* every CPU id */
    xtune_set alone; /* CPUs that one vCPU has for itself, and the threads
                        beside it that are to stay empty */
    const xt_item **owner; /* by CPU id: whose it is, of alone */
    xtune_set *node_mask;  /* by pool and node: the CPUs without alone */
    bool *has_mask;
} xt_masks;

/* The CPUs that a vCPU may use; in the arena or elsewhere. */
xtune_set xt_allowed_cpus(const xt_masks *masks, xtune_arena *arena,
                          const xt_item *item, size_t vcpu);

/* The mask of the two that its rule is about. */
const xtune_set *xt_present_mask(const xt_item *item, size_t vcpu);

void xt_start_masks(const xt_masks *masks, const xt_item *item);
void xt_set_mask(const xt_masks *masks, const xt_item *item, size_t vcpu,
                 const xtune_set *mask, const xtune_set *allowed);

/* The nodes of a vCPU within the home. */
uint64_t xt_nodes_of_vcpu(const xt_model *model, const xt_item *item,
                          size_t vcpu);

/* alone.c: CPUs for the vCPUs that are to have one each. False as above. */
bool xt_pin_alone(xt_masks *masks);

/* vnodes.c */
void xt_make_vnodes(xt_model *model, xt_item *item);

#endif
