/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for an action: what it changes, and of what. */
#ifndef XT_REPORT_CHANGES_H
#define XT_REPORT_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/plan.h>

/*
 * "hard all -> 0-3, soft 0-1 -> all": the members that differ between an
 * action's old and new. In the arena.
 */
const char *xt_action_changes(xtune_arena *arena, const xtune_action *action);

/* The masks in which two lists by vCPU differ, as above; "" where in none. */
struct xt_json;
const char *xt_masks_changes(xtune_arena *arena, const struct xt_json *old,
                             const struct xt_json *new);

/*
 * For kinds of pools and schedulers: their object with what it is, "cpupool
 * rt", and their changes. Either may be NULL. False for other kinds.
 */
bool xt_pool_changes(xtune_arena *arena, const xtune_action *action,
                     const char **object_r, const char **changes_r);

/* For kinds of PCI devices: their changes. False for other kinds. */
bool xt_pci_changes(xtune_arena *arena, const xtune_action *action,
                    const char **changes_r);

/* The same for parameters of command lines. */
bool xt_boot_parameter_changes(xtune_arena *arena, const xtune_action *action,
                               const char **changes_r);

/* The same for dom0's memory and vCPUs. */
bool xt_dom0_changes(xtune_arena *arena, const xtune_action *action,
                     const char **changes_r);

/* The same for kinds of USB. */
bool xt_usb_changes(xtune_arena *arena, const xtune_action *action,
                    const char **changes_r);

/* For kind "usb-rules", and "file": how many lines go and come. */
const char *xt_usb_rules_changes(xtune_arena *arena,
                                 const xtune_action *action);

/*
 * The domain's part of an object "web1/3", in the arena, and the vCPU's
 * number; the whole object, with what it is where it is a pool, and XTUNE_NONE
 * for any other object.
 */
const char *xt_action_domain(xtune_arena *arena, const xtune_action *action,
                             unsigned int *vcpu_r);

/*
 * How many of the actions from the first on change vCPUs of one domain alike,
 * for one reason: at least 1. *vcpus_r is their numbers, as "vCPUs 0-3".
 */
size_t xt_action_group(xtune_arena *arena, const xtune_action *first,
                       size_t nr, const char **vcpus_r);

#endif
