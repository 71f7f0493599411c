/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a specification means: as text, and on a host. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

static const char *with_switch(xtune_arena *arena, const char *text,
                               const char *key, int value)
{
    if (value < 0) return text;
    return xtune_arena_printf(arena, "%s,%s=%d", text, key, value);
}

/* The address with "*" for its function. */
static const char *slot_text(xtune_arena *arena,
                             const xtune_pci_address *address)
{
    return xtune_arena_printf(arena, "%04x:%02x:%02x.*", address->domain,
                              address->bus, address->device);
}

const char *xtune_pci_spec_text(xtune_arena *arena, const xtune_pci_spec *spec)
{
    const char *text;

    if (!spec->has_address)
        text = xtune_arena_printf(arena, "name=%s", spec->name);
    else if (spec->all_functions)
        text = slot_text(arena, &spec->address);
    else
        text = xtune_pci_address_text(arena, &spec->address);
    if (spec->slot != XTUNE_NONE)
        text = xtune_arena_printf(
            arena, "%s%s%x", text,
            spec->has_address ? "@" : ",vslot=", spec->slot);
    text = with_switch(arena, text, "msitranslate", spec->msitranslate);
    text = with_switch(arena, text, "power_mgmt", spec->power_mgmt);
    text = with_switch(arena, text, "permissive", spec->permissive);
    text = with_switch(arena, text, "seize", spec->seize);
    if (spec->rdm_policy == XTUNE_PCI_RDM_DEFAULT) return text;
    return xtune_arena_printf(
        arena, "%s,rdm_policy=%s", text,
        spec->rdm_policy == XTUNE_PCI_RDM_STRICT ? "strict" : "relaxed");
}

/* A virtual function beside its physical one: it is gone when that is
 * given away, and so is not part of the card. */
static bool is_beside_physical(const xtune_pci *pci)
{
    return pci->physfn && xt_pci_same_slot(pci->physfn, pci->address);
}

static int all_functions(xtune_arena *arena, const xtune_host *host,
                         const xtune_pci_spec *spec,
                         const xtune_pci ***devices_r, size_t *nr_r,
                         xtune_error **err)
{
    const char *slot = slot_text(arena, &spec->address);
    const xtune_pci **devices = NULL;
    size_t nr = 0, i;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (!xt_pci_same_slot(pci->address, slot) || is_beside_physical(pci))
            continue;
        devices = xtune_arena_grow(arena, devices, nr, sizeof(*devices));
        devices[nr++] = pci;
    }
    if (!nr)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, slot,
                               "\"xltune pci-show\" lists all devices",
                               "this host has no such PCI device");
    *devices_r = devices;
    *nr_r = nr;
    return 0;
}

int xtune_pci_spec_devices(xtune_arena *arena, const xtune_host *host,
                           const xtune_pci_spec *spec,
                           const xtune_pci ***devices_r, size_t *nr_r,
                           xtune_error **err)
{
    const char *text = spec->name;
    const xtune_pci *pci;
    int rc;

    if (spec->has_address && spec->all_functions)
        return all_functions(arena, host, spec, devices_r, nr_r, err);
    if (spec->has_address)
        text = xtune_pci_address_text(arena, &spec->address);
    rc = spec->has_address ? xtune_pci_find(host, text, &pci, err)
                           : xt_pci_find_named(host, text, &pci, err);
    if (rc) return rc;
    *devices_r = XTUNE_NEW_ARRAY(arena, const xtune_pci *, 1);
    (*devices_r)[0] = pci;
    *nr_r = 1;
    return 0;
}
