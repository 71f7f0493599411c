/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of USB have in common. Only xen_device_usb*.c include
 * this. */
#ifndef XT_DEVICE_USB_H
#define XT_DEVICE_USB_H

#include <xenstore.h>

#include "backend/device/device.h"

/* xen_device_usbctrl.c */

/* An argument: XTUNE_ERR_INVALID. */
int device_usb_read_number(const char *what, const char *text, uint32_t min,
                           uint32_t max, uint32_t *value_r, xtune_error **err);

/* "cannot DOING", and why libxl says so, which is then forgotten. */
int device_usb_fail(device *d, const char *doing, xtune_error **err);

/* What the device model calls a controller, in the arena. */
const char *device_usb_controller_id(device *d, uint32_t id);

/* A controller of the domain as libxl lists it, to be disposed of.
 * XTUNE_ERR_REFUSED where there is none. */
int device_usb_find_controller(device *d, uint32_t id, libxl_device_usbctrl *c,
                               xtune_error **err);

/* NULL: XTUNE_ERR_IO. */
struct xs_handle *device_usb_open_store(const device *d, xtune_error **err);

/* xen_device_usb_model.c */

/* The objects that the device model of an HVM guest was given, in the arena.
 * XTUNE_ERR_IO where it does not answer, XTUNE_ERR_NOT_FOUND where the
 * domain is gone. */
int device_usb_model_list(device *d, const char **list_r, xtune_error **err);

bool device_usb_model_lists(device *d, const char *list, const char *id);

/* Waits until it has an object no longer, or for as long. */
bool device_usb_model_lets_go(device *d, const char *id, int within_ms);

/* Waits until it has opened a device, or for as long. */
bool device_usb_model_opens(device *d, const char *id, int within_ms);

/* Takes from a port what is there by a list, be the device gone or not;
 * *cleared_r, which may be NULL, becomes true where there was something. */
int device_usb_model_clear(device *d, const char *list, uint32_t controller,
                           uint32_t port, int within_ms, bool *cleared_r,
                           xtune_error **err);

#endif
