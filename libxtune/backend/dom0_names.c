/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 calls devices: "eth0", "nvme0n1", "card0"; their serial numbers.
 */
#include "backend/dom0_scan.h"

#include <string.h>

#include "base/printable.h"
#include "base/util.h"

#define MAX_NAMES 256 /* of a device */

/* Whether dom0's name of a thing is to be shown; path is where it is. */
typedef bool is_named(const xt_dom0_files *files, const char *path,
                      const char *name);

static bool is_any(const xt_dom0_files *files, const char *path,
                   const char *name)
{
    (void)files;
    (void)path;
    (void)name;
    return true;
}

static bool is_disk(const xt_dom0_files *files, const char *path,
                    const char *name)
{
    (void)name;
    return !xt_dom0_resolve(files, xt_dom0_join(files, path, "partition"));
}

/* Not its connectors, "card0-HDMI-A-1", nor what there is for rendering. */
static bool is_card(const xt_dom0_files *files, const char *path,
                    const char *name)
{
    (void)files;
    (void)path;
    return xt_dom0_is_numbered(name, "card");
}

/* The root hubs of USB controllers. */
static bool is_hub(const xt_dom0_files *files, const char *path,
                   const char *name)
{
    (void)files;
    (void)path;
    return xt_dom0_is_numbered(name, "usb");
}

static const struct {
    const char *folder;
    is_named *is_named;
    const char *prefix; /* where the name says too little */
} kinds[] = {
    { "/sys/class/net", is_any, "" },
    { "/sys/class/scsi_host", is_any, "" },
    { "/sys/class/nvme", is_any, "" },
    { "/sys/class/block", is_disk, "" },
    { "/sys/class/drm", is_card, "" },
    { "/sys/class/sound", is_card, "sound " },
    { "/sys/bus/usb/devices", is_hub, "" },
};

static void add_name(const xt_dom0_scan *scan, xtune_pci *pci,
                     const char *prefix, const char *name)
{
    xtune_arena *arena = scan->host->arena;
    char *text = xtune_arena_printf(arena, "%s%s", prefix, name);

    if (pci->nr_names >= MAX_NAMES) return;
    xt_printable_clean(text);
    pci->names = xtune_arena_grow(arena, pci->names, pci->nr_names,
                                  sizeof(*pci->names));
    pci->names[pci->nr_names++] = text;
}

/* Its own address, which an interface keeps as part of a bond as well. */
static const char *read_mac(const xt_dom0_files *files, const char *path)
{
    const char *mac = xt_dom0_line(
        files, xt_dom0_join(files, path, "bonding_slave"), "perm_hwaddr");
    uint64_t type;

    if (!mac &&
        xt_dom0_number(files, path, "addr_assign_type", 10, 255, &type) &&
        !type)
        mac = xt_dom0_line(files, path, "address");
    if (mac && !mac[strspn(mac, "0:")]) return NULL;
    return mac;
}

/* The serial number of what is at a path of a kind; NULL. */
static const char *read_serial(const xt_dom0_files *files, const char *folder,
                               const char *path)
{
    if (!strcmp(folder, "/sys/class/net")) return read_mac(files, path);
    if (!strcmp(folder, "/sys/class/nvme"))
        return xt_dom0_line(files, path, "serial");
    /* As virtio has it. Disks behind a controller are not what it is. */
    if (!strcmp(folder, "/sys/class/block"))
        return xt_dom0_line(files, path, "serial");
    return NULL;
}

static void read_kind(xt_dom0_scan *scan, size_t kind)
{
    const xt_dom0_files *files = &scan->files;
    const char *folder = kinds[kind].folder, *path, *serial;
    const xt_dom0_device *device;
    const char **names;
    size_t nr, i;

    names = xt_dom0_list(files, folder, &nr);
    for (i = 0; i < nr; i++) {
        path = xt_dom0_resolve(files, xt_dom0_join(files, folder, names[i]));
        device = path ? xt_dom0_nearest_pci(scan, path) : NULL;
        if (!device || !kinds[kind].is_named(files, path, names[i])) continue;
        add_name(scan, device->pci, kinds[kind].prefix, names[i]);
        if (device->pci->serial) continue;
        serial = read_serial(files, folder, path);
        if (serial)
            device->pci->serial =
                xtune_arena_strdup(scan->host->arena, serial);
    }
}

void xt_dom0_read_names(xt_dom0_scan *scan)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(kinds); i++)
        read_kind(scan, i);
}
