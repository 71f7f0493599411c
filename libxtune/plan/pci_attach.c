/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that give PCI devices to domains, and take them back. */
#include "plan/pci.h"

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "host/attachment.h"
#include "plan/builder.h"

static bool has(const xtune_domain *domain, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < domain->nr_pci; i++)
        if (!strcmp(domain->pci[i], pci->address)) return true;
    return false;
}

/* Whether an action of the plan makes it assignable. */
static bool becomes_assignable(const xtune_plan *plan, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, "pci-assignable") &&
            !strcmp(plan->actions[i].object, pci->address))
            return true;
    return false;
}

static bool has_iommu(const xtune_xen *xen)
{
    size_t i;

    for (i = 0; i < xen->nr_capabilities; i++)
        if (!strcmp(xen->capabilities[i], "hvm_directio")) return true;
    return !xen->capabilities;
}

static int check_domain(const xtune_host *host, const xtune_domain *domain,
                        xtune_error **err)
{
    if (!domain->id)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                               "\"xltune pci-assignable-remove -r\" gives a "
                               "device back to dom0",
                               "dom0 has all devices that no guest has");
    if (domain->type == XTUNE_TYPE_PVH)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                               "make it an HVM guest (type=\"hvm\")",
                               "Xen gives no PCI device to a PVH guest");
    if (domain->state & (XTUNE_STATE_DYING | XTUNE_STATE_SHUTDOWN))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name, NULL,
                               "it is being shut down");
    if (domain->type == XTUNE_TYPE_HVM && !has_iommu(&host->xen))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                               "switch the IOMMU on in the firmware, and do "
                               "not give Xen iommu=off",
                               "an HVM guest needs an IOMMU for a device, and "
                               "Xen has none");
    return 0;
}

static int check_device(const xtune_plan *plan, const xtune_host *host,
                        const xtune_domain *domain, const xtune_pci *pci,
                        xtune_error **err)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);

    if (owner && owner != domain)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, pci->address,
                               "take it back with \"xltune pci-detach\" first",
                               "domain \"%s\" has it", owner->name);
    if (owner || pci->assignable || becomes_assignable(plan, pci)) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, pci->address,
        xtune_arena_printf(plan->arena,
                           "make it so with \"xltune pci-assignable-add %s\"",
                           pci->address),
        "it is not assignable: its driver in dom0 is \"%s\"",
        pci->driver ? pci->driver : "none");
}

static xt_json *target_of(xtune_arena *arena, const xtune_domain *domain,
                          const xtune_pci *pci)
{
    xt_json *target = xt_plan_target(arena, domain);

    xt_json_add_string(arena, target, "address",
                       xtune_arena_strdup(arena, pci->address));
    return target;
}

static void add_attach(xtune_plan *plan, const xtune_domain *domain,
                       const xtune_pci *pci, const xtune_attachment *how,
                       const char *reason)
{
    xtune_arena *arena = plan->arena;

    if (has(domain, pci)) return;
    xt_plan_add(plan, &(xtune_action){
                          .kind = "pci",
                          .object = xtune_arena_printf(
                              arena, "%s/%s", domain->name, pci->address),
                          .target = target_of(arena, domain, pci),
                          .old = xt_json_null(arena),
                          .new = xt_attachment_to_json(arena, how),
                          .reason = reason,
                      });
}

static const char *reason_of(xtune_arena *arena,
                             const xtune_wanted_pci *wanted)
{
    if (!wanted->source.file) return "pci-attach";
    return xtune_arena_printf(arena, "record %s",
                              xtune_source_text(arena, wanted->source));
}

int xt_plan_add_attach(xtune_plan *plan, const xtune_pci_request *request,
                       const xtune_domain *domain,
                       const xtune_wanted_pci *wanted, const xtune_pci *pci,
                       xtune_error **err)
{
    const xtune_attachment how = {
        .slot = wanted->slot,
        .msitranslate = wanted->msitranslate,
        .power_mgmt = wanted->power_mgmt,
        .permissive = wanted->permissive,
        .relaxed = wanted->relaxed,
    };
    int rc;

    rc = check_domain(request->host, domain, err);
    if (!rc) rc = check_device(plan, request->host, domain, pci, err);
    if (!rc)
        add_attach(plan, domain, pci, &how, reason_of(plan->arena, wanted));
    return rc;
}

/* The device model takes no second function for a slot that it was not told
 * of beforehand, which libxl does not do. */
static bool slots_for_each(const xtune_domain *domain,
                           const xtune_pci_spec *spec, size_t nr)
{
    return domain->type == XTUNE_TYPE_HVM && spec->all_functions && nr > 1;
}

static uint32_t function_of(const xtune_pci *pci)
{
    return (uint32_t)(pci->address[strlen(pci->address) - 1] - '0');
}

/* Function 0 makes the guest look at a slot, and comes last. */
static int add_all(xtune_plan *plan, const xtune_host *host,
                   const xtune_domain *domain, const xtune_pci_spec *spec,
                   const xtune_pci *const *devices, size_t nr,
                   xtune_error **err)
{
    xtune_attachment how = {
        .slot = spec->slot,
        .msitranslate = spec->msitranslate == 1,
        .power_mgmt = spec->power_mgmt == 1,
        .permissive = spec->permissive == 1,
        .relaxed = spec->rdm_policy == XTUNE_PCI_RDM_RELAXED,
    };
    size_t i;
    int rc = 0;

    for (i = nr; !rc && i-- > 0;) {
        rc = check_device(plan, host, domain, devices[i], err);
        if (slots_for_each(domain, spec, nr) && spec->slot != XTUNE_NONE)
            how.slot = spec->slot + (uint32_t)i;
        else if (spec->all_functions && domain->type != XTUNE_TYPE_HVM)
            how.function = function_of(devices[i]);
        if (!rc) add_attach(plan, domain, devices[i], &how, "pci-attach");
    }
    if (!rc && slots_for_each(domain, spec, nr))
        xt_plan_add_note(plan, domain->name,
                         "each function has a slot of its own in it");
    return rc;
}

/* Slots that are given must be there, and free. */
static int check_slot(const xtune_domain *domain, const xtune_pci_spec *spec,
                      const xtune_pci *const *devices, size_t nr,
                      xtune_error **err)
{
    const uint32_t first = spec->slot;
    const uint32_t last =
        first + (slots_for_each(domain, spec, nr) ? (uint32_t)nr - 1 : 0);
    size_t i, j;

    if (first == XTUNE_NONE) return 0;
    if (last > XT_MAX_GUEST_SLOT)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name,
                               "begin with a lower one, or leave it out",
                               "%zu functions need as many slots from %02x on",
                               nr, first);
    for (i = 0; i < domain->nr_attached; i++) {
        const xtune_attachment *other = &domain->attached[i];

        for (j = 0; j < nr; j++)
            if (!strcmp(devices[j]->address, other->address)) break;
        if (j == nr && other->slot >= first && other->slot <= last)
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, domain->name, "take another one",
                "its slot %02x has %s already", other->slot, other->address);
    }
    return 0;
}

/* What is left in the store of a domain that is gone would be in the way. */
static bool is_claimed(const xtune_pci *const *devices, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (devices[i]->claimed_by != XTUNE_NONE) return true;
    return false;
}

static int add_ready(xtune_plan *plan, const xtune_pci_request *request,
                     const xtune_pci_spec *spec,
                     const xtune_pci *const *devices, size_t nr,
                     xtune_error **err)
{
    size_t i;
    int rc = 0;

    if (spec->seize == 1)
        return xt_plan_add_assignable(plan, request, devices, nr, NULL, err);
    for (i = 0; !rc && i < nr; i++)
        if (devices[i]->assignable)
            rc = xt_plan_add_assignable(plan, request, &devices[i], 1, NULL,
                                        err);
    return rc;
}

int xtune_plan_pci_attach(const xtune_pci_request *request,
                          const xtune_domain *domain,
                          const xtune_pci_spec *spec, xtune_plan **plan_r,
                          xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    const xtune_pci **devices;
    size_t nr;
    int rc;

    rc = check_domain(request->host, domain, err);
    if (!rc)
        rc = xtune_pci_spec_devices(plan->arena, request->host, spec, &devices,
                                    &nr, err);
    if (!rc) rc = check_slot(domain, spec, devices, nr, err);
    if (!rc && (spec->seize == 1 || is_claimed(devices, nr)))
        rc = add_ready(plan, request, spec, devices, nr, err);
    if (!rc) rc = add_all(plan, request->host, domain, spec, devices, nr, err);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

static const xt_json *how_it_has(xtune_arena *arena,
                                 const xtune_domain *domain,
                                 const xtune_pci *pci)
{
    const xtune_attachment unknown = { .slot = XTUNE_NONE };
    size_t i;

    for (i = 0; i < domain->nr_attached; i++)
        if (!strcmp(domain->attached[i].address, pci->address))
            return xt_attachment_to_json(arena, &domain->attached[i]);
    return xt_attachment_to_json(arena, &unknown);
}

int xtune_plan_pci_detach(const xtune_host *host, const xtune_domain *domain,
                          const xtune_pci *const *devices, size_t nr,
                          bool force, xtune_plan **plan_r, xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    xtune_arena *arena = plan->arena;
    size_t i;

    (void)host;
    for (i = 0; i < nr; i++) {
        const xtune_pci *pci = devices[i];
        xt_json *target;

        if (!has(domain, pci)) {
            xtune_plan_free(plan);
            return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                                   "\"xltune pci-list\" shows what it has",
                                   "it does not have %s", pci->address);
        }
        target = target_of(arena, domain, pci);
        if (force) xt_json_add_bool(arena, target, "force", true);
        xt_plan_add(plan, &(xtune_action){
                              .kind = "pci",
                              .object = xtune_arena_printf(
                                  arena, "%s/%s", domain->name, pci->address),
                              .target = target,
                              .old = how_it_has(arena, domain, pci),
                              .new = xt_json_null(arena),
                              .reason = "pci-detach",
                          });
    }
    *plan_r = plan;
    return 0;
}
