/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of PCI devices, for the plans that have some among others. Nothing
 * is added where everything is as asked. */
#ifndef XT_PLAN_PCI_H
#define XT_PLAN_PCI_H

#include <xtune/pci.h>
#include <xtune/plan.h>

/* What stands behind the functions of <xtune/plan.h> of such names; guards are
 * heeded. */
int xt_plan_add_assignable(xtune_plan *plan, const xtune_pci_request *request,
                           const xtune_pci *const *devices, size_t nr,
                           const char *name, xtune_error **err);
int xt_plan_add_unassignable(xtune_plan *plan,
                             const xtune_pci_request *request,
                             const xtune_pci *const *devices, size_t nr,
                             bool rebind, xtune_error **err);
int xt_plan_add_sriov(xtune_plan *plan, const xtune_pci_request *request,
                      const xtune_pci *pci, uint32_t vfs, xtune_error **err);

/*
 * Gives a device to a domain, which is assignable, or made so by an action
 * that the plan has already. wanted is how; its address is not looked at.
 * XTUNE_ERR_REFUSED for a domain that cannot have one, and where another one
 * holds the device.
 */
int xt_plan_add_attach(xtune_plan *plan, const xtune_pci_request *request,
                       const xtune_domain *domain,
                       const xtune_wanted_pci *wanted, const xtune_pci *pci,
                       xtune_error **err);

/* The value of kind "pci-assignable" that a device has now. */
struct xt_json *xt_pci_value(xtune_arena *arena, const xtune_pci *pci);

#endif
