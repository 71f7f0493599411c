/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_WANTED_USB_H
#define XT_WANTED_USB_H

#include <xtune/plan.h>

/*
 * Adds to the plan the USB devices that records want in domains that run. One
 * that is not plugged in is waited for; what cannot be is blocked. A host that
 * was observed without XTUNE_OBSERVE_USB is left as it is. Returns the host
 * that there is then, as far as it matters which domains can be moved: the
 * request's, or one in the arena.
 */
const xtune_host *xt_plan_add_wanted_usb(xtune_plan *plan, xtune_arena *arena,
                                         const xtune_plan_request *request);

#endif
