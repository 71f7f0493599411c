/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reports about PCI devices have in common. */
#ifndef XT_REPORT_PCI_H
#define XT_REPORT_PCI_H

#include <stdbool.h>
#include <stdio.h>

#include <xtune/pci.h>

#include "base/json.h"
#include "pci/names.h"

/* "Ethernet controller: Intel Corporation 82540EM", as lspci has it; class and
 * ids where there are no names. Safe on a terminal, as all texts below. */
const char *xt_pci_title(xtune_arena *arena, xt_pci_names *names,
                         const xtune_pci *pci);

/* Whether a guest can be given it as it is. libxl does not take one that its
 * store says is given away, be it to a domain that is gone. */
bool xt_pci_is_assignable(const xtune_host *host, const xtune_pci *pci);

/* What dom0 does with it, or the domain that holds it, in a few words: "/,
 * swap", "eth0, default route", "web1"; "-" for nothing, "?" where that is not
 * known. */
const char *xt_pci_used_by(xtune_arena *arena, const xtune_host *host,
                           const xtune_pci *pci);

/* How a domain has it; NULL: that is not known. */
const xtune_attachment *xt_pci_attachment_of(const xtune_domain *domain,
                                             const char *address);

/* The findings about one object, or, NULL, all: a line each, what will not
 * work first. */
void xt_pci_put_findings(FILE *out, xtune_arena *arena,
                         const xtune_findings *findings, const char *object);
xt_json *xt_pci_findings_json(xtune_arena *arena,
                              const xtune_findings *findings,
                              const char *object);

/* One device, all that is known of it, a line a property. */
void xt_pci_put_device(FILE *out, xtune_arena *arena, xt_pci_names *names,
                       const xtune_host *host, const xtune_pci *pci);

/* Whether Xen can keep a device's DMA within its guest: 1, 0, or -1 where that
 * is not known. */
int xt_pci_iommu(const xtune_host *host);

#endif
