/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PCI_DEVICE_H
#define XT_PCI_DEVICE_H

#include <xtune/host.h>

/* A device of which nothing is known but its address. */
xtune_pci xt_pci_unknown(const char *address);

/* Whether more is known of it than XTUNE_OBSERVE_PCI reads. */
bool xt_pci_has_details(const xtune_pci *pci);

#endif
