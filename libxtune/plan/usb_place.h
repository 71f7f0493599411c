/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a device is to be in a guest. */
#ifndef XT_USB_PLACE_H
#define XT_USB_PLACE_H

#include "plan/usb.h"

/* A port, and the controller that is made for it, or is there. */
typedef struct xt_usb_spot {
    xtune_usb_controller *controller; /* NULL: it is made, as in */
    xtune_usb_controller shape;
    uint32_t port;
} xt_usb_spot;

/*
 * Finds a port for a device. before: where the domain says it has it, though
 * that is so no longer; it stays there if it can; NULL. XTUNE_ERR_INVALID for
 * a place that does not fit the device, XTUNE_ERR_NOT_FOUND for a controller
 * that is not there, XTUNE_ERR_REFUSED for a port that is taken.
 */
int xt_usb_find_spot(const xt_usb_planner *p, const xtune_domain *domain,
                     const xtune_usb *usb, const xtune_usb_place *place,
                     const xt_usb_taken *before, xt_usb_spot *spot_r,
                     xtune_error **err);

#endif
