/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_USB_DEVICE_H
#define XT_USB_DEVICE_H

#include <xtune/host.h>

#define XT_USB_MAX_BUS 255
#define XT_USB_MAX_ADDRESS 127
#define XT_USB_MAX_PORTS 31 /* of a controller of a guest */

/* A device of which nothing is known but its path. */
xtune_usb xt_usb_unknown(const char *path);

/* Whether text is a path as Linux names a device in sysfs: its bus, then the
 * ports of the hubs that it is behind, "1-2.1", none of them with a zero in
 * front. bus_r may be NULL. */
bool xt_usb_path_is_valid(const char *text, uint32_t *bus_r);

/* Four hexadecimal digits, small letters. */
bool xt_usb_is_id(const char *text);

/* A speed, or a version of USB: "480", "1.5", "2.00". */
bool xt_usb_is_decimal(const char *text);

/* The order of devices: "1-2" is before "1-2.1", and that before "1-10". */
int xt_usb_compare_paths(const char *a, const char *b);

/* The same for qsort() and bsearch() of devices, and of interfaces and
 * controllers by their numbers. */
int xt_usb_compare_devices(const void *a, const void *b);
int xt_usb_compare_interfaces(const void *a, const void *b);
int xt_usb_compare_controllers(const void *a, const void *b);

#endif
