/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a PV guest may map of a device. libxl gives these rights first of all,
 * leaves them where the rest of an attachment fails, and reads only 32 bits of
 * the addresses when it takes them back.
 */
#include "backend/device/device.h"

#include <inttypes.h>
#include <stdio.h>

#include "backend/dom0_files.h"
#include "base/util.h"

#define NR_BARS 7 /* as libxl: the last is the expansion ROM */
#define FLAG_IO 1 /* PCI_BASE_ADDRESS_SPACE_IO */
#define MAX_PORT 0xffff

static void take_range(const device *d, xc_interface *xc, uint64_t start,
                       uint64_t end, uint64_t flags)
{
    if (!start || end < start) return;
    if (!(flags & FLAG_IO))
        (void)xc_domain_iomem_permission(
            xc, d->domid, start >> XC_PAGE_SHIFT,
            (end >> XC_PAGE_SHIFT) - (start >> XC_PAGE_SHIFT) + 1, 0);
    else if (end <= MAX_PORT)
        (void)xc_domain_ioport_permission(xc, d->domid, (uint32_t)start,
                                          (uint32_t)(end - start + 1), 0);
}

void device_take_rights(device *d, const libxl_device_pci *pci)
{
    const xt_dom0_files files = { .arena = d->arena, .root = "" };
    uint64_t start, end, flags;
    xc_interface *xc;
    const char *line;
    int i, used;

    if (!d->is_pv) return;
    line = xt_dom0_read(
        &files,
        xtune_arena_printf(
            d->arena, "/sys/bus/pci/devices/%04x:%02x:%02x.%x/resource",
            (unsigned int)pci->domain, pci->bus, pci->dev, pci->func),
        XT_DOM0_MAX_LINE, NULL);
    xc = line ? xc_interface_open(&d->log.base, &d->log.base, 0) : NULL;
    if (!xc) return;
    for (i = 0; i < NR_BARS; i++, line += used) {
        used = 0;
        if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %n", &start,
                   &end, &flags, &used) != 3 ||
            !used)
            break;
        take_range(d, xc, start, end, flags);
    }
    xc_interface_close(xc);
}
