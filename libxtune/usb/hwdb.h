/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What vendors and products are called: the hardware database of udev, read by
 * libudev, which is loaded when the first name is asked for.
 */
#ifndef XT_USB_HWDB_H
#define XT_USB_HWDB_H

#include <xtune/host.h>

/* Fills vendor_desc and product_desc of the host's USB devices, as far as the
 * database of this machine has them; without libudev, or a database, it has
 * none. */
void xt_usb_read_names(xtune_host *host);

#endif
