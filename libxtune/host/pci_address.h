/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PCI_ADDRESS_H
#define XT_PCI_ADDRESS_H

#include <stdbool.h>

/*
 * Whether text is DDDD:BB:DD.F as Linux names a device in sysfs: lower-case
 * hexadecimal, the domain of 4 to 8 digits (VMD's are beyond ffff).
 */
bool xt_pci_address_is_valid(const char *text);

#endif
