/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /sys/bus/pci/devices: which devices there are. */
#include "backend/dom0_pci.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/backend.h>

#include "base/util.h"
#include "host/pci_address.h"
#include "host/pci_device.h"

#define DEVICES "/sys/bus/pci/devices"

/* A file that holds "0x" and so many digits, kept with the host; NULL where
 * it does not. */
static const char *read_id(const xt_dom0_scan *scan, const char *folder,
                           const char *name, size_t digits)
{
    const char *line = xt_dom0_line(&scan->files, folder, name);

    if (!line || strncmp(line, "0x", 2) != 0 ||
        strspn(line + 2, "0123456789abcdef") != digits ||
        strlen(line + 2) != digits)
        return NULL;
    return xtune_arena_strdup(scan->host->arena, line + 2);
}

/* False for one that is being taken out. */
static bool read_ids(const xt_dom0_scan *scan, const char *folder,
                     xtune_pci *pci)
{
    const char *driver = xt_dom0_link(&scan->files, folder, "driver");

    pci->class_code = read_id(scan, folder, "class", 6);
    pci->vendor = read_id(scan, folder, "vendor", 4);
    pci->device = read_id(scan, folder, "device", 4);
    if (driver) {
        pci->driver = xtune_arena_strdup(scan->host->arena, driver);
        pci->assignable = !strcmp(driver, "pciback");
    }
    return pci->class_code && pci->vendor && pci->device;
}

static void add_device(xt_dom0_scan *scan, const char *address,
                       unsigned int parts)
{
    xtune_host *host = scan->host;
    const char *folder = xt_dom0_join(&scan->files, DEVICES, address);
    xtune_pci pci = xt_pci_unknown(xtune_arena_strdup(host->arena, address));

    if (parts & (XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_PCI_DETAILS) &&
        !read_ids(scan, folder, &pci))
        return;
    if (parts & XTUNE_OBSERVE_PCI_DETAILS) {
        pci.subsystem_vendor = read_id(scan, folder, "subsystem_vendor", 4);
        pci.subsystem_device = read_id(scan, folder, "subsystem_device", 4);
        pci.revision = read_id(scan, folder, "revision", 2);
    }
    host->pci =
        xtune_arena_grow(host->arena, host->pci, host->nr_pci, sizeof(pci));
    host->pci[host->nr_pci++] = pci;
}

static int compare_devices(const void *a, const void *b)
{
    return strcmp(((const xtune_pci *)a)->address,
                  ((const xtune_pci *)b)->address);
}

/* What is known of it is not all, and nothing must be taken for all. */
static void forget_unknown(xt_dom0_scan *scan)
{
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (scan->devices[i].is_unknown) {
            scan->devices[i].pci->uses = NULL;
            scan->devices[i].pci->nr_uses = 0;
        }
}

/* Folders are found only when all are there: those of bridges matter to what
 * is behind them. */
static void read_closely(xt_dom0_scan *scan)
{
    xtune_host *host = scan->host;
    size_t i;

    scan->nr = host->nr_pci;
    scan->devices =
        XTUNE_NEW_ARRAY(scan->files.arena, xt_dom0_device, scan->nr);
    for (i = 0; i < scan->nr; i++) {
        xt_dom0_device *device = &scan->devices[i];

        device->pci = &host->pci[i];
        device->path =
            xt_dom0_resolve(&scan->files, xt_dom0_join(&scan->files, DEVICES,
                                                       device->pci->address));
        device->path_len = device->path ? strlen(device->path) : 0;
        xt_dom0_read_details(scan, device);
    }
    xt_dom0_read_names(scan);
    xt_dom0_read_disks(scan);
    xt_dom0_read_network(scan);
    xt_dom0_read_seat(scan);
    forget_unknown(scan);
    host->has_pci_details = true;
}

/* A dom0 without PCI has no such folder. */
void xt_dom0_read_pci(const char *root, unsigned int parts, xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_dom0_scan scan = {
        .files = { arena, strcmp(root, "/") ? root : "" },
        .host = host,
    };
    const char **names;
    size_t nr, i;

    names = xt_dom0_list(&scan.files, DEVICES, &nr);
    for (i = 0; i < nr; i++)
        if (xt_pci_address_is_valid(names[i]))
            add_device(&scan, names[i], parts);
    if (host->nr_pci)
        qsort(host->pci, host->nr_pci, sizeof(*host->pci), compare_devices);
    if (parts & XTUNE_OBSERVE_PCI_DETAILS) read_closely(&scan);
}
