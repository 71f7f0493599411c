/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1 for PCI devices, and for command lines. */
#include "host/host_fields.h"

#include "base/util.h"
#include "host/host_values.h"
#include "host/pci_device.h"

xtune_pci xt_pci_unknown(const char *address)
{
    return (xtune_pci){
        .address = address,
        .node = XTUNE_NONE,
        .msi = XTUNE_NONE,
        .msix = XTUNE_NONE,
        .vfs_total = XTUNE_NONE,
        .vfs_enabled = XTUNE_NONE,
        .claimed_by = XTUNE_NONE,
    };
}

/* bars */

static const xt_field bar_fields[] = {
    { FIELD(xtune_pci_bar, index, U32), .required = true, .max = 6 },
    { FIELD(xtune_pci_bar, kind, STRING), .required = true },
    { FIELD(xtune_pci_bar, start, U64), .required = true },
    { FIELD(xtune_pci_bar, bytes, U64), .required = true },
    { FIELD(xtune_pci_bar, wide, BOOL), .zero = true },
    { FIELD(xtune_pci_bar, prefetchable, BOOL), .zero = true },
};
static const xt_object_type bar_type = TYPE(xtune_pci_bar, "bars", bar_fields);

/* pci */

STRINGS(xtune_pci, bridges)
STRINGS(xtune_pci, reset)
STRINGS(xtune_pci, reserved)
STRINGS(xtune_pci, names)
OBJECTS(xtune_pci, bars, bar_type)
OBJECTS(xtune_pci, uses, xt_use_type)

static const xt_field pci_fields[] = {
    { FIELD(xtune_pci, address, STRING), .required = true },
    { .key = "class",
      .kind = XT_FIELD_STRING,
      .offset = offsetof(xtune_pci, class_code) },
    { FIELD(xtune_pci, vendor, STRING) },
    { FIELD(xtune_pci, device, STRING) },
    { FIELD(xtune_pci, node, U32), .nullable = true },
    { FIELD(xtune_pci, driver, STRING), .nullable = true },
    { FIELD(xtune_pci, assignable, BOOL) },
    { FIELD(xtune_pci, subsystem_vendor, STRING) },
    { FIELD(xtune_pci, subsystem_device, STRING) },
    { FIELD(xtune_pci, revision, STRING) },
    { FIELD(xtune_pci, root, STRING) },
    { STRINGS_FIELD(xtune_pci, bridges) },
    { FIELD(xtune_pci, is_bridge, BOOL), .zero = true },
    { STRINGS_FIELD(xtune_pci, reset) },
    { OBJECTS_FIELD(xtune_pci, bars) },
    { FIELD(xtune_pci, msi, U32), .max = 32 },
    { FIELD(xtune_pci, msix, U32), .max = 2048 },
    { FIELD(xtune_pci, vfs_total, U32), .max = UINT16_MAX },
    { FIELD(xtune_pci, vfs_enabled, U32), .max = UINT16_MAX },
    { FIELD(xtune_pci, physfn, STRING) },
    { STRINGS_FIELD(xtune_pci, reserved) },
    { FIELD(xtune_pci, boot_vga, BOOL), .zero = true },
    { FIELD(xtune_pci, serial, STRING) },
    { STRINGS_FIELD(xtune_pci, names) },
    { OBJECTS_FIELD(xtune_pci, uses) },
    { FIELD(xtune_pci, assignable_name, STRING) },
    { FIELD(xtune_pci, former_driver, STRING) },
    { FIELD(xtune_pci, claimed_by, U32) },
};
const xt_object_type xt_pci_type = TYPE(xtune_pci, "pci", pci_fields);

bool xt_pci_has_details(const xtune_pci *pci)
{
    return pci->bridges || pci->reset || pci->uses;
}

/* boot */

static const xt_field boot_fields[] = {
    { FIELD(xtune_boot, source, STRING) },
    { FIELD(xtune_boot, dom0_running, STRING) },
    { FIELD(xtune_boot, dom0_configured, STRING) },
    { FIELD(xtune_boot, xen_configured, STRING) },
    { FIELD(xtune_boot, problem, STRING) },
    { FIELD(xtune_boot, pciback_options, STRING) },
    { FIELD(xtune_boot, pciback_options_file, STRING) },
    { FIELD(xtune_boot, pciback, STRING) },
};
const xt_object_type xt_boot_type = TYPE(xtune_boot, "boot", boot_fields);
