/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one state of a device. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

enum next_boot { NEXT_UNKNOWN, NEXT_DOM0, NEXT_HIDDEN };

static enum next_boot next_boot_of(const xtune_host *host,
                                   const xtune_pci *pci)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *line = xt_pci_next_line(host);
    const char *list = xt_pci_list_of(arena, host, line);
    const char *pciback = host->boot.pciback;
    xtune_pci_hidden *hidden;
    size_t nr;

    if (!list) return line ? NEXT_DOM0 : NEXT_UNKNOWN;
    if (pciback && !strcmp(pciback, "missing")) return NEXT_DOM0;
    /* One wrong item, and pciback takes none. */
    if (xtune_pci_hide_parse(arena, list, "", &hidden, &nr, NULL))
        return NEXT_DOM0;
    return xtune_pci_hide_has(hidden, nr, pci->address) ? NEXT_HIDDEN
                                                        : NEXT_DOM0;
}

enum xtune_pci_state xtune_pci_state_of(const xtune_host *host,
                                        const xtune_pci *pci)
{
    enum next_boot next;

    if (xtune_pci_owner(host, pci)) return XTUNE_PCI_ASSIGNED;
    next = next_boot_of(host, pci);
    if (pci->assignable)
        return next == NEXT_DOM0 ? XTUNE_PCI_ASSIGNABLE_ONCE
                                 : XTUNE_PCI_ASSIGNABLE;
    return next == NEXT_HIDDEN ? XTUNE_PCI_HIDDEN_NEXT : XTUNE_PCI_DOM0;
}

const char *xtune_pci_state_name(enum xtune_pci_state state)
{
    static const char *const names[] = {
        [XTUNE_PCI_DOM0] = "dom0",
        [XTUNE_PCI_HIDDEN_NEXT] = "hidden at next boot",
        [XTUNE_PCI_ASSIGNABLE] = "assignable",
        [XTUNE_PCI_ASSIGNABLE_ONCE] = "assignable until reboot",
        [XTUNE_PCI_ASSIGNED] = "assigned",
    };

    return names[state];
}
