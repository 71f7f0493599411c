/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses, specifications and hide lists of PCI devices from any bytes; what
 * is accepted is the same when it is written and read again. */
#include <stdlib.h>
#include <string.h>

#include <xtune/pci.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_spec(xtune_arena *arena, const char *text)
{
    xtune_pci_spec spec;
    const char *once;

    if (xtune_pci_spec_parse(arena, text, &spec, NULL)) return;
    once = xtune_pci_spec_text(arena, &spec);
    if (xtune_pci_spec_parse(arena, once, &spec, NULL) ||
        strcmp(once, xtune_pci_spec_text(arena, &spec)) != 0)
        abort();
}

static void check_list(xtune_arena *arena, const char *text)
{
    static const char *const address = "0000:04:00.0";
    xtune_host *host;
    xtune_pci_hidden *hidden;
    const char *list;
    size_t nr;

    if (xtune_pci_hide_parse(arena, text, "f", &hidden, &nr, NULL)) return;
    host = xtune_host_new();
    list = xtune_pci_hide_add(arena, hidden, nr, address);
    if (xtune_pci_hide_parse(arena, list, "f", &hidden, &nr, NULL) ||
        !xtune_pci_hide_has(hidden, nr, address))
        abort();
    list = xtune_pci_hide_remove(arena, host, hidden, nr, address);
    if (xtune_pci_hide_parse(arena, list, "f", &hidden, &nr, NULL) ||
        xtune_pci_hide_has(hidden, nr, address))
        abort();
    xtune_host_free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xtune_arena *arena = xtune_arena_new();
    const char *text = xtune_arena_strndup(arena, (const char *)data,
                                           size > 4096 ? 4096 : size);
    xtune_host *host = xtune_host_new();
    xtune_pci_address address;

    check_spec(arena, text);
    check_list(arena, text);
    xtune_pci_address_parse(text, &address, NULL);
    xtune_pci_hide_of(arena, text, text);
    host->xen.command_line = text;
    if (xtune_pci_extra_irqs(host) > 32768) abort();
    xtune_host_free(host);
    xtune_arena_free(arena);
    return 0;
}
