/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_XEN_USB_EVENTS_H
#define XT_XEN_USB_EVENTS_H

#include <stdbool.h>

#include <xtune/error.h>
#include <xtune/events.h>

/* A socket on which Linux tells of devices, to be polled for input. The caller
 * closes it. XTUNE_ERR_IO. */
int xt_xen_usb_events_open(int *fd_r, xtune_error **err);

/* The next event of USB, without waiting; *found_r false: there is none
 * yet. */
int xt_xen_usb_events_next(int fd, bool *found_r, xtune_event *event_r,
                           xtune_error **err);

#endif
