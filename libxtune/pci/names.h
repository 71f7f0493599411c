/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What vendors, devices and classes are called: pci.ids, read by libpci, which
 * is loaded when the first name is asked for.
 */
#ifndef XT_PCI_NAMES_H
#define XT_PCI_NAMES_H

#include <xtune/host.h>

typedef struct xt_pci_names xt_pci_names;

/*
 * root prefixes the file, as it does all that is read; NULL or "" for the one
 * that libpci reads by itself. NULL where there is no libpci, or no file: a
 * name is nice to have, and the functions below then know none.
 */
xt_pci_names *xt_pci_names_open(const char *root);
void xt_pci_names_close(xt_pci_names *names);

/* In the arena; NULL where it has no name. */
const char *xt_pci_names_class(xt_pci_names *names, xtune_arena *arena,
                               const xtune_pci *pci);
const char *xt_pci_names_vendor(xt_pci_names *names, xtune_arena *arena,
                                const xtune_pci *pci);
const char *xt_pci_names_device(xt_pci_names *names, xtune_arena *arena,
                                const xtune_pci *pci);
const char *xt_pci_names_subsystem(xt_pci_names *names, xtune_arena *arena,
                                   const xtune_pci *pci);

#endif
