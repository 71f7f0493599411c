/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What pciback and libxl write of PCI devices, as text. Knows nothing of Xen's
 * calls.
 */
#ifndef XT_PCI_TEXT_H
#define XT_PCI_TEXT_H

#include <xtune/host.h>

/* pciback's driver, and where Linux has devices and drivers. */
#define XT_PCIBACK "pciback"
#define XT_PCI_DEVICES "/sys/bus/pci/devices"
#define XT_PCI_DRIVERS "/sys/bus/pci/drivers"

/*
 * Whether a device is among those in pciback/slots, "0000:21:00.0" a line
 * (drivers/xen/xen-pciback/pci_stub.c of Linux). False where the text is not
 * such a list, or was cut off: sysfs gives a page and no more.
 */
bool xt_pci_slots_read(const char *text, const char *address, bool *has_r);

/*
 * opts-N of a backend in xenstore: "msitranslate=0,power_mgmt=0,permissive=0,
 * rdm_policy=strict". What is not in it is off; what a later libxl may have
 * there besides is passed over. False where it is not such a text.
 */
bool xt_pci_options_read(const char *text, xtune_attachment *attachment);

/* vdevfn-N, hexadecimal: slot and function in the guest; NULL where libxl has
 * not written it. */
bool xt_pci_vdevfn_read(const char *text, xtune_attachment *attachment);

/* The driver of a path as libxl keeps it, "/sys/bus/pci/drivers/e1000"; NULL
 * where it is another. */
const char *xt_pci_driver_of_path(const char *path);

/* Whether it can be the name of a driver, and of a file. */
bool xt_pci_is_driver_name(const char *name);

#endif
