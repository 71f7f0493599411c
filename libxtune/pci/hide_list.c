/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of hide lists, and where they stand. */
#include <string.h>

#include "base/util.h"
#include "boot/boot.h"
#include "pci/parts.h"

/* Lists come from one command line: they are short. */
static const char *with_item(xtune_arena *arena, const char *list,
                             const char *item)
{
    return xtune_arena_printf(arena, "%s%s", list, item);
}

/* As XAPI takes it as well, which knows no other form. */
static const char *item_of(xtune_arena *arena, const char *address)
{
    return xtune_arena_printf(arena, "(%s)", address);
}

const char *xtune_pci_hide_add(xtune_arena *arena,
                               const xtune_pci_hidden *hidden, size_t nr,
                               const char *address)
{
    const char *list = "";
    size_t i;

    for (i = 0; i < nr; i++)
        list = with_item(arena, list, hidden[i].text);
    if (xtune_pci_hide_has(hidden, nr, address)) return list;
    return with_item(arena, list, item_of(arena, address));
}

/* What is left of an item that means the device too: the others that the host
 * has, but for those that are in the list anyway. */
static const char *with_others(xtune_arena *arena, const xtune_host *host,
                               const xtune_pci_hidden *hidden, size_t nr,
                               size_t which, const char *address,
                               const char *list)
{
    size_t i, j;

    for (i = 0; i < host->nr_pci; i++) {
        const char *other = host->pci[i].address;
        bool is_there = !strcmp(other, address) ||
                        !xtune_pci_hide_has(&hidden[which], 1, other);

        /* Of two items that mean both, the first one is left. */
        for (j = 0; j < nr && !is_there; j++)
            is_there =
                j != which && xtune_pci_hide_has(&hidden[j], 1, other) &&
                (j < which || !xtune_pci_hide_has(&hidden[j], 1, address));
        if (!is_there) list = with_item(arena, list, item_of(arena, other));
    }
    return list;
}

const char *xtune_pci_hide_remove(xtune_arena *arena, const xtune_host *host,
                                  const xtune_pci_hidden *hidden, size_t nr,
                                  const char *address)
{
    const char *list = "";
    size_t i;

    for (i = 0; i < nr; i++)
        if (xtune_pci_hide_has(&hidden[i], 1, address))
            list = with_others(arena, host, hidden, nr, i, address, list);
        else
            list = with_item(arena, list, hidden[i].text);
    return list;
}

/* XenLinux' own name counts for nothing where Linux' is there as well, and
 * modprobe puts the command line behind what its files say. */
const char *xtune_pci_hide_of(xtune_arena *arena, const char *command_line,
                              const char *module_options)
{
    const char *list = NULL;

    if (command_line)
        list = xt_boot_value(arena, command_line, "xen-pciback.hide");
    if (!list && module_options)
        list = xt_boot_value(arena, module_options, "hide");
    if (!list && command_line)
        list = xt_boot_value(arena, command_line, "pciback.hide");
    return list;
}

const char *xt_pci_list_of(xtune_arena *arena, const xtune_host *host,
                           const char *command_line)
{
    const char *pciback = host->boot.pciback;

    /* modprobe.d is nothing to what is built in. */
    return xtune_pci_hide_of(arena, command_line,
                             pciback && !strcmp(pciback, "builtin")
                                 ? NULL
                                 : host->boot.pciback_options);
}

const char *xt_pci_next_line(const xtune_host *host)
{
    return host->boot.dom0_configured ? host->boot.dom0_configured
                                      : host->boot.dom0_running;
}
