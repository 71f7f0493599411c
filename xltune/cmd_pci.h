/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands about PCI devices have in common. */
#ifndef XLTUNE_CMD_PCI_H
#define XLTUNE_CMD_PCI_H

#include <xtune/pci.h>

#include "xltune.h"

/* The devices that a word means, in the host's arena: an address, the name of
 * an assignable device, or a specification. */
int find_pci(struct context *ctx, const char *text,
             const xtune_pci ***devices_r, size_t *nr_r, xtune_error **err);

/* With the guards that --force overrides. */
xtune_pci_request pci_request(const struct context *ctx);

#endif
