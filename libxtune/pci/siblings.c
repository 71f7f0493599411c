/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a device stands to others, and to domains. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

const xtune_domain *xtune_pci_owner(const xtune_host *host,
                                    const xtune_pci *pci)
{
    size_t i, j;

    for (i = 0; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_pci; j++)
            if (!strcmp(host->domains[i].pci[j], pci->address))
                return &host->domains[i];
    return NULL;
}

bool xt_pci_is_dom0s(const xtune_host *host, const xtune_pci *pci)
{
    return !pci->assignable && !xtune_pci_owner(host, pci);
}

bool xt_pci_same_slot(const char *address, const char *other)
{
    const size_t len = strcspn(address, ".");

    return len == strcspn(other, ".") && !memcmp(address, other, len);
}

bool xt_pci_is_among(const xtune_pci *pci, const xtune_pci *const *devices,
                     size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(devices[i]->address, pci->address)) return true;
    return false;
}

/* Behind a bridge there is one slot, unless it leads to a conventional bus:
 * what is on that has one identity for the IOMMU, or all of it uses that of
 * the bridge. Bridges side by side are ports of a switch. */
bool xt_pci_shares_bus(const xtune_pci *pci, const xtune_pci *other)
{
    const char *colon = strrchr(pci->address, ':');
    const size_t nr = pci->nr_bridges;

    return nr && colon &&
           !strncmp(pci->address, other->address,
                    (size_t)(colon + 1 - pci->address)) &&
           nr == other->nr_bridges && !pci->is_bridge && !other->is_bridge &&
           !pci->physfn && !other->physfn &&
           !strcmp(pci->bridges[nr - 1], other->bridges[nr - 1]) &&
           !xt_pci_same_slot(pci->address, other->address);
}

const xtune_pci **xtune_pci_siblings(xtune_arena *arena,
                                     const xtune_host *host,
                                     const xtune_pci *pci, size_t *nr_r)
{
    const xtune_pci **siblings = NULL;
    size_t i;

    *nr_r = 0;
    if (pci->physfn) return NULL;
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *other = &host->pci[i];

        if (other->physfn || !strcmp(other->address, pci->address) ||
            (!xt_pci_same_slot(other->address, pci->address) &&
             !xt_pci_shares_bus(pci, other)))
            continue;
        siblings = xtune_arena_grow(arena, siblings, *nr_r, sizeof(*siblings));
        siblings[(*nr_r)++] = other;
    }
    return siblings;
}

/* Linux's names; what is not here resets all of a bus. */
bool xt_pci_resets_alone(const xtune_pci *pci)
{
    static const char *const alone[] = {
        "flr", "af_flr", "pm", "device_specific", "acpi",
    };
    size_t i, j;

    for (i = 0; i < pci->nr_reset; i++)
        for (j = 0; j < XT_ARRAY_SIZE(alone); j++)
            if (!strcmp(pci->reset[i], alone[j])) return true;
    return false;
}
