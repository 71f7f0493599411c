/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reports about USB devices have in common. Texts are safe on a terminal
 * as soon as they are printed by xt_table_cell() and the like. */
#ifndef XT_REPORT_USB_H
#define XT_REPORT_USB_H

#include <stdio.h>

#include <xtune/report.h>

#include "base/json.h"

/* Who has it: the name of a domain; what dom0 does with it; "-" for nobody. */
const char *xt_usb_used_by(xtune_arena *arena, const xtune_host *host,
                           const xtune_usb *usb);

/* dom0's drivers, each once: "cdc_acm, usbhid"; "-" where it has none. */
const char *xt_usb_drivers(xtune_arena *arena, const xtune_usb *usb);

/* What the usb-policy says, and by which of its lines: "allow, line 26". */
const char *xt_usb_policy_text(xtune_arena *arena, const xtune_usb_view *view,
                               const xtune_usb *usb);

/* Where a domain has it: "controller 0, port 1"; and what that is: "USB 2,
 * devicemodel". */
const char *xt_usb_place_text(xtune_arena *arena,
                              const xtune_usb_controller *controller,
                              uint32_t port);
const char *xt_usb_controller_text(xtune_arena *arena,
                                   const xtune_usb_controller *controller);

/* The domain's name in the record that gives it a device, or its uuid; NULL
 * where there is none. */
const char *xt_usb_recorded_for(const xtune_usb_view *view,
                                const xtune_usb *usb);

/* What is written down of a device of the host; NULL: nothing is. */
const xtune_usb_group *xt_usb_group_of(const xtune_usb_view *view,
                                       const xtune_usb *usb);

/* One device, all that is known of it, a line a property. */
void xt_usb_put_device(FILE *out, xtune_arena *arena,
                       const xtune_usb_view *view);

#endif
