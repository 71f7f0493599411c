/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts share that find out what records want of devices. */
#ifndef XT_PCI_WANTER_H
#define XT_PCI_WANTER_H

#include "plan/pci.h"

/* A device that is to be assignable. */
typedef struct xt_wanted_device {
    const xtune_pci *pci;
    const char *name;      /* under this name; NULL: as it is */
    bool checked, blocked; /* with its card */
} xt_wanted_device;

/* A device that a domain is to have. */
typedef struct xt_gift {
    const xtune_pci *pci;
    const xtune_wanted_pci *wish;
    size_t domain; /* by index */
} xt_gift;

typedef struct xt_pci_wanter {
    xtune_plan *plan;
    xtune_arena *arena;
    const xtune_plan_request *request;
    const xtune_host *host;
    xt_wanted_device *wanted;
    size_t nr;
    xt_gift *gifts;
    size_t nr_gifts;
    const xtune_pci **pfs; /* by index of the policy's devices: those that are
                              to have virtual functions, or NULL */
    bool makes_vfs;
    const char **forced; /* the request's, and "siblings" */
    xtune_host *then;    /* NULL: no domain has other devices then */
} xt_pci_wanter;

/* An error as what blocks something. */
const char *xt_pci_why(const xt_pci_wanter *w, const xtune_error *why);

/* wanted_pci_make.c */

/* Plans what is collected: first what is made assignable, then what domains
 * are given. */
void xt_pci_make_assignable(xt_pci_wanter *w);
void xt_pci_give(xt_pci_wanter *w);

/* From here on a domain counts as having one more device. */
void xt_pci_count(xt_pci_wanter *w, const xtune_pci *device, size_t index);

#endif
