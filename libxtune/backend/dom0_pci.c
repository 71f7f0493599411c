/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /sys/bus/pci/devices: which devices there are. */
#include "backend/dom0_scan.h"

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

static void add_device(const xt_dom0_scan *scan, const char *address,
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

void xt_dom0_find_pci(const xt_dom0_scan *scan, xtune_pci *pci,
                      xt_dom0_device *device_r)
{
    const char *path = xt_dom0_resolve(
        &scan->files, xt_dom0_join(&scan->files, DEVICES, pci->address));

    *device_r = (xt_dom0_device){
        .pci = pci,
        .path = path,
        .path_len = path ? strlen(path) : 0,
    };
}

void xt_dom0_list_pci(const xt_dom0_scan *scan, unsigned int parts)
{
    xtune_host *host = scan->host;
    const char **names;
    size_t nr, i;

    names = xt_dom0_list(&scan->files, DEVICES, &nr);
    for (i = 0; i < nr; i++)
        if (xt_pci_address_is_valid(names[i]))
            add_device(scan, names[i], parts);
    if (host->nr_pci)
        qsort(host->pci, host->nr_pci, sizeof(*host->pci), compare_devices);
}
