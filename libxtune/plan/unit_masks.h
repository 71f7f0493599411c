/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masks where Xen schedules whole cores or sockets. */
#ifndef XT_UNIT_MASKS_H
#define XT_UNIT_MASKS_H

#include "plan/builder.h"

/*
 * Makes masks what Xen can give: vCPUs that come and go together get the same,
 * and of whole cores, for of a core only the first CPU counts. Masks that are
 * so already, and those of a pool whose CPUs are scheduled one by one, stay.
 * In the arena.
 */
void xt_unit_masks(xtune_arena *arena, const xtune_host *host,
                   const xtune_domain *domain, xt_masks *masks);

#endif
