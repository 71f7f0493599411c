/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of pci/ share. */
#ifndef XT_PCI_PARTS_H
#define XT_PCI_PARTS_H

#include <xtune/pci.h>

#include "host/findings.h"

/* Room for a sentence about what is wrong with an address. */
#define XT_PCI_WHY_MAX 120

/*
 * Reads an address, digits left out in front as xl takes it. all_r: whether
 * the function is "*", which is then 0; NULL: that is no address. False, with
 * the reason in why, where it is none.
 */
bool xt_pci_read_address(const char *text, xtune_pci_address *address_r,
                         bool *all_r, char why[XT_PCI_WHY_MAX]);

/* The device that was made assignable under a name. XTUNE_ERR_NOT_FOUND;
 * XTUNE_ERR_INVALID where two were. */
int xt_pci_find_named(const xtune_host *host, const char *name,
                      const xtune_pci **pci_r, xtune_error **err);

bool xt_pci_same_slot(const char *address, const char *other);

/* Whether it can be reset without what shares its slot or its bus. */
bool xt_pci_resets_alone(const xtune_pci *pci);

/* Whether a device is among these. */
bool xt_pci_is_among(const xtune_pci *pci, const xtune_pci *const *devices,
                     size_t nr);

/* Whether dom0 has it: it is neither assignable nor a domain's. */
bool xt_pci_is_dom0s(const xtune_host *host, const xtune_pci *pci);

/* 0 for a number that is not known. */
static inline uint32_t xt_pci_known(uint32_t value)
{
    return value == XTUNE_NONE ? 0 : value;
}

/* The hide list that counts with this command line of dom0's, by what is
 * known of pciback; NULL: there is none. */
const char *xt_pci_list_of(xtune_arena *arena, const xtune_host *host,
                           const char *command_line);

/* The command line of the next boot, or, where that is not known, of this. */
const char *xt_pci_next_line(const xtune_host *host);

/* Whether the IOMMU cannot tell one from the other: they are in different
 * slots of a conventional bus. */
bool xt_pci_shares_bus(const xtune_pci *pci, const xtune_pci *other);

/* xtune_pci_add_guards(), where it may be known what the device is for:
 * siblings that this domain has do not count. domain may be NULL. */
void xt_pci_add_guards_to(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *pci, const xtune_pci *const *taken,
                          size_t nr_taken, const xtune_domain *domain);

/* Whether a device of dom0 has a keyboard, and dom0 keeps no other where
 * those are taken. */
bool xt_pci_has_only_keyboard(const xtune_host *host, const xtune_pci *pci,
                              const xtune_pci *const *taken, size_t nr_taken);

/* Whether dom0 or a domain other than this does something with a device; in
 * words, in the arena; NULL: not as far as is known. */
const char *xt_pci_in_use(xtune_arena *arena, const xtune_host *host,
                          const xtune_pci *pci, const xtune_domain *domain);

/* What Xen lets guests have by extra_guest_irqs, and dom0; 0: its default. */
void xt_pci_extra_irqs(const xtune_host *host, unsigned int *domu_r,
                       unsigned int *dom0_r);

/* Where the toolstack's store says of a domain that it has the device, and
 * that has it not. */
void xt_pci_add_claim(xtune_findings *findings, const xtune_host *host,
                      const xtune_pci *pci);

/* The part of contradictions that is about what was written down. */
void xt_pci_add_record_contradictions(xtune_findings *findings,
                                      const xtune_host *host,
                                      const xtune_policy *policy);

#endif
