/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What checks look at, and where they tell what they find. */
#ifndef XT_PCI_CHECKS_H
#define XT_PCI_CHECKS_H

#include "pci/parts.h"

typedef struct xt_pci_checks {
    xtune_findings *findings;
    xtune_arena *arena; /* of the findings */
    const xtune_host *host;
    const xtune_pci *const *devices;
    size_t nr;
    const xtune_domain *domain; /* NULL: any */
    const char *object;         /* the domain's name, or the first device */
} xt_pci_checks;

/* Whether it may come to be in a guest of this type, as far as is known. */
bool xt_pci_may_be(const xt_pci_checks *c, enum xtune_domain_type type);

/* Whether Xen has an IOMMU for guests of a type; true where it is not known.
 */
bool xt_pci_has_iommu(const xtune_host *host, enum xtune_domain_type type);

/* What is to be said of one device, whatever it is given to. */
void xt_pci_check_device(const xt_pci_checks *c, const xtune_pci *pci);

/* What is to be said of a domain that gets them all. */
void xt_pci_check_domain(const xt_pci_checks *c);

#endif
