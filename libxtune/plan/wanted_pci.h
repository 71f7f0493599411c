/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_WANTED_PCI_H
#define XT_WANTED_PCI_H

#include <xtune/plan.h>

/*
 * Adds to the plan what records want of devices: virtual functions, what is to
 * be assignable, and what domains are to have. What cannot be is blocked.
 * Returns the host that there is then, as far as it matters where domains are
 * to be: the request's, or one in the arena. A host that was observed without
 * XTUNE_OBSERVE_PCI_DETAILS is left as it is.
 */
const xtune_host *xt_plan_add_wanted_pci(xtune_plan *plan, xtune_arena *arena,
                                         const xtune_plan_request *request);

#endif
