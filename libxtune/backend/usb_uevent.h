/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_USB_UEVENT_H
#define XT_USB_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/events.h>

/*
 * What Linux says when a USB device comes or goes, when an interface of one
 * comes, without which there is no use in it, or loses its driver: words of
 * "KEY=value", each with a zero byte at its end. False for all else, and
 * for what is not as Linux writes it.
 */
bool xt_usb_uevent_parse(const char *text, size_t len, xtune_event *event_r);

#endif
