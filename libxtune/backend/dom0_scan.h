/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCI and USB devices as dom0's Linux shows them, and what dom0 does with
 * them. No part of it asks Xen: it is the same for a recorded tree.
 */
#ifndef XT_DOM0_SCAN_H
#define XT_DOM0_SCAN_H

#include <xtune/host.h>

#include "backend/dom0_files.h"

#define XT_DOM0_MAX_USES 256 /* of a device, of a kind */

/* A device of the host: one of its PCI or of its USB devices. */
typedef struct xt_dom0_device {
    xtune_pci *pci;   /* NULL: it is a USB device */
    xtune_usb *usb;   /* NULL: it is a PCI device */
    const char *path; /* "/sys/devices/pci0000:00/0000:00:1c.0", as it is
                         without links; NULL where it has none */
    size_t path_len;
    bool is_unknown; /* what dom0 does with it could not be read */
} xt_dom0_device;

/* An observation under way. */
typedef struct xt_dom0_scan {
    xt_dom0_files files; /* its arena is for the time being */
    xtune_host *host;
    xt_dom0_device *devices; /* those of which uses are looked for: PCI first,
                                each kind in the host's order */
    size_t nr;
} xt_dom0_scan;

/* dom0_scan.c */

/*
 * Fills host->pci: addresses; with XTUNE_OBSERVE_PCI in parts what they are,
 * with XTUNE_OBSERVE_PCI_DETAILS all that dom0 tells of them. With
 * XTUNE_OBSERVE_USB it fills host->usb, but for names of the hardware
 * database; what only PCI devices need is not read for that.
 */
void xt_dom0_read_devices(const char *root, unsigned int parts,
                          xtune_host *host);

/* dom0_pci.c: which PCI devices there are. */

void xt_dom0_list_pci(const xt_dom0_scan *scan, unsigned int parts);

/* Where it is, among all devices of its kind. */
void xt_dom0_find_pci(const xt_dom0_scan *scan, xtune_pci *pci,
                      xt_dom0_device *device_r);

/* dom0_details.c: one PCI device. */

void xt_dom0_read_details(xt_dom0_scan *scan, xt_dom0_device *device);

/* dom0_names.c: what dom0 calls PCI devices, and their serial numbers. */

void xt_dom0_read_names(xt_dom0_scan *scan);

/* dom0_usb.c: USB devices. */

void xt_dom0_list_usb(const xt_dom0_scan *scan);
void xt_dom0_find_usb(const xt_dom0_scan *scan, xtune_usb *usb,
                      xt_dom0_device *device_r);

/* dom0_uses.c */

/* The PCI device that has this path in it, nearest to its end; NULL. */
const xt_dom0_device *xt_dom0_nearest_pci(const xt_dom0_scan *scan,
                                          const char *path);

/* Whether something at this path is a device's, or of one that is behind it
 * on a bus of its own. Bridges and hubs have what has no nearer device of
 * their kind. */
bool xt_dom0_is_below(const xt_dom0_scan *scan, const xt_dom0_device *device,
                      const char *path);

/* Whether it is any device's at all. */
bool xt_dom0_is_below_any(const xt_dom0_scan *scan, const char *path);

/* How many uses of it are known. */
size_t xt_dom0_count_uses(const xt_dom0_device *device);

/* That nothing is known of what dom0 does with it. */
void xt_dom0_forget_uses(xt_dom0_device *device);

/* Adds a use, unless it is there; nothing is kept of what is given. */
void xt_dom0_add_use(const xt_dom0_scan *scan, const xt_dom0_device *device,
                     const char *kind, const char *what,
                     const char *const *through, size_t nr_through);

/* The same for every device that something at this path is below. */
void xt_dom0_add_uses(const xt_dom0_scan *scan, const char *path,
                      const char *kind, const char *what,
                      const char *const *through, size_t nr_through);

/* What dom0 does with devices: dom0_disks.c, dom0_network.c, dom0_seat.c. */

void xt_dom0_read_disks(xt_dom0_scan *scan);
void xt_dom0_read_network(xt_dom0_scan *scan);
void xt_dom0_read_seat(xt_dom0_scan *scan);

#endif
