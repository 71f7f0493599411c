/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device model's side of a device. libxl gives it to the model first:
 * where the rest fails it leaves it there, and the guest goes on with a device
 * that is nobody's to Xen, and soon another guest's.
 */
#include "backend/device/device.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define LET_GO_MS 20000 /* the guest has to agree */
#define LOOK_MS 500

/* As libxl calls it (libxl_pci.c, PCI_PT_QDEV_ID). */
static const char *id_of(device *d, const libxl_device_pci *pci)
{
    return xtune_arena_printf(d->arena, "pci-pt-%02x_%02x.%x", pci->bus,
                              pci->dev, pci->func);
}

static bool has(device *d, const char *id)
{
    XT_CLEANUP_FREE char *text = NULL;

    return !libxl_qemu_monitor_command(d->ctx, d->domid, "info pci", &text,
                                       NULL) &&
           text && strstr(text, xtune_arena_printf(d->arena, "\"%s\"", id));
}

bool device_model_lets_go(device *d, const libxl_device_pci *pci)
{
    const char *id = id_of(d, pci);
    XT_CLEANUP_FREE char *text = NULL;
    int left;

    if (d->is_pv || !has(d, id)) return true;
    (void)libxl_qemu_monitor_command(
        d->ctx, d->domid, xtune_arena_printf(d->arena, "device_del %s", id),
        &text, NULL);
    for (left = LET_GO_MS; left > 0 && has(d, id); left -= LOOK_MS)
        poll(NULL, 0, LOOK_MS);
    return left > 0;
}
