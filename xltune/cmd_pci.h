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

/* The devices that the arguments mean, one each; twice the same is one. */
int find_pcis(struct context *ctx, const xtune_pci ***devices_r, size_t *nr_r,
              xtune_error **err);

/* With the guards that --force overrides. */
xtune_pci_request pci_request(const struct context *ctx);

/* A slot of a guest: hexadecimal, as in a specification. */
bool parse_guest_slot(const char *text, uint32_t *slot_r);

/* pci_keep.c */

/* What tells a device from others; the arena is the host's. */
xtune_wanted_pci wanted_of(xtune_arena *arena, const xtune_pci *pci);

/* What is to be kept of devices of the host. */
struct kept_device {
    const xtune_pci *const *devices;
    size_t nr;
    uint32_t vfs;     /* so many virtual functions, 0: nothing of them; or
                         XTUNE_NONE: it is about the device itself */
    bool assignable;  /* it is, or they are, to be assignable */
    const char *name; /* under this name; NULL: as it was kept */
};

/* For a verb: what is a struct kept_device. */
int keep_device(struct context *ctx, const void *what, xtune_error **err);

#endif
