/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device that is looked at, or changed, by files of dom0's /sys. */
#ifndef XT_XEN_PCI_WORK_H
#define XT_XEN_PCI_WORK_H

#include "backend/dom0_files.h"
#include "backend/xen.h"

typedef struct xt_xen_pci_work {
    xt_xen *xen;
    const char *address;
    xt_dom0_files files;
} xt_xen_pci_work;

/* XTUNE_ERR_NOT_FOUND where dom0 has no such device. */
int xt_xen_pci_begin(xt_xen *xen, xtune_arena *arena, const char *address,
                     xt_xen_pci_work *work_r, xtune_error **err);

/* xen_pci_quarantine.c: the steps of these names. */
int xt_xen_pci_quarantine(const xt_xen_pci_work *w, xtune_error **err);
int xt_xen_pci_release(const xt_xen_pci_work *w, xtune_error **err);

#endif
