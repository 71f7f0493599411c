/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xltune-device: gives devices to running domains and takes them back, as
 * libxl does it. A program of its own, for libxl: what was begun is brought to
 * its end, and holds the lock at descriptor 3 until then, also where the
 * command that started it is killed. One line on stdout tells how it went:
 * "ok", or "failed CODE MESSAGE".
 */
#ifndef XT_DEVICE_H
#define XT_DEVICE_H

#include "backend/libxl/common.h"

typedef struct device {
    xtune_arena *arena;
    xt_libxl_log log;
    libxl_ctx *ctx;
    uint32_t domid;
    libxl_uuid id;
    bool is_pv;
    const char *object; /* of errors */
} device;

/* Whether the domain of that id is still the one that is meant:
 * XTUNE_ERR_NOT_FOUND. */
int device_check_domain(device *d, xtune_error **err);

/* xen_device_pci.c: ADDRESS SLOT FUNCTION [OPTION...], SLOT being "any" or a
 * number. */
int device_pci_attach(device *d, char **args, size_t nr, xtune_error **err);

/* ADDRESS [force] */
int device_pci_detach(device *d, char **args, size_t nr, xtune_error **err);

/* xen_device_rights.c: a PV guest may map its memory and ports no longer. */
void device_take_rights(device *d, const libxl_device_pci *pci);

/* xen_device_model.c: takes it from the device model of an HVM guest, which
 * may have none. false: the guest does not let go of it. */
bool device_model_lets_go(device *d, const libxl_device_pci *pci);

/* xen_device_usbctrl.c: ID TYPE VERSION PORTS */
int device_usbctrl_attach(device *d, char **args, size_t nr,
                          xtune_error **err);

/* ID */
int device_usbctrl_detach(device *d, char **args, size_t nr,
                          xtune_error **err);

/* xen_device_usb.c: BUS ADDRESS CONTROLLER PORT */
int device_usbdev_attach(device *d, char **args, size_t nr, xtune_error **err);

/* PATH CONTROLLER PORT; PATH may be gone. */
int device_usbdev_detach(device *d, char **args, size_t nr, xtune_error **err);

#endif
