/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libpci's header, which has the same name as the one beside this. */
#ifndef XT_LIBPCI_H
#define XT_LIBPCI_H

#include_next <pci/pci.h>

#endif
