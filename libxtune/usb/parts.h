/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of usb/ share. */
#ifndef XT_USB_PARTS_H
#define XT_USB_PARTS_H

#include <xtune/usb.h>

#include "host/findings.h"

/* "0951:1666,serial=S", for messages, in the arena. */
const char *xt_usb_identity_text(xtune_arena *arena,
                                 const xtune_usb_identity *identity);

/* dom0's driver of the interfaces that a guest has: "usbfs", which is a
 * program's, or "usbback". */
const char *xt_usb_driver_in_guest(const xtune_usb_controller *controller);

/* Whether a controller of a guest takes a device, by the speed of that. */
bool xt_usb_takes(const xtune_usb_controller *controller,
                  const xtune_usb *usb);

#endif
