/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which devices there are, and then what dom0 does with all of them. */
#include "backend/dom0_scan.h"

#include <string.h>

#include <xtune/backend.h>

#include "base/util.h"

#define ANY_PCI                                                               \
    (XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_PCI_NODES | XTUNE_OBSERVE_PCI_DETAILS)

/* What is known of it is not all, and nothing must be taken for all. */
static void forget_unknown(xt_dom0_scan *scan)
{
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (scan->devices[i].is_unknown)
            xt_dom0_forget_uses(&scan->devices[i]);
}

/* Folders are found only when all are there: those of bridges matter to what
 * is behind them. */
static void read_pci_closely(xt_dom0_scan *scan)
{
    xtune_host *host = scan->host;
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        xt_dom0_device *device = &scan->devices[scan->nr++];

        xt_dom0_find_pci(scan, &host->pci[i], device);
        xt_dom0_read_details(scan, device);
    }
    xt_dom0_read_names(scan);
    host->has_pci_details = true;
}

static void find_usb(xt_dom0_scan *scan)
{
    xtune_host *host = scan->host;
    size_t i;

    for (i = 0; i < host->nr_usb; i++)
        xt_dom0_find_usb(scan, &host->usb[i], &scan->devices[scan->nr++]);
}

static void read_uses(xt_dom0_scan *scan)
{
    if (!scan->nr) return;
    xt_dom0_read_disks(scan);
    xt_dom0_read_network(scan);
    xt_dom0_read_seat(scan);
    forget_unknown(scan);
}

/* A dom0 without PCI or USB has no such folders. */
void xt_dom0_read_devices(const char *root, unsigned int parts,
                          xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_dom0_scan scan = {
        .files = { .arena = arena, .root = strcmp(root, "/") ? root : "" },
        .host = host,
    };

    if (parts & ANY_PCI) xt_dom0_list_pci(&scan, parts);
    if (parts & XTUNE_OBSERVE_USB) xt_dom0_list_usb(&scan);
    scan.devices =
        XTUNE_NEW_ARRAY(arena, xt_dom0_device, host->nr_pci + host->nr_usb);
    if (parts & XTUNE_OBSERVE_PCI_DETAILS) read_pci_closely(&scan);
    if (parts & XTUNE_OBSERVE_USB) find_usb(&scan);
    read_uses(&scan);
}
