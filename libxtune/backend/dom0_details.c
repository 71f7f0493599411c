/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a device is: where it is plugged in, what it has and can. */
#include "backend/dom0_scan.h"

#include <string.h>

#include "backend/dom0_config.h"
#include "base/util.h"
#include "host/pci_address.h"

#define MAX_BRIDGES 256 /* more than buses can be nested */

/* Flags of a resource: Linux, include/linux/ioport.h */
#define RESOURCE_IO 0x100
#define RESOURCE_MEMORY 0x200
#define RESOURCE_PREFETCH 0x2000
#define RESOURCE_64 0x100000

#define NR_BARS 7 /* with the expansion ROM; what follows is of others */

/* "pci0000:00" */
static bool is_root_bus(const char *text)
{
    const size_t digits =
        !strncmp(text, "pci", 3) ? strspn(text + 3, "0123456789abcdef") : 0;

    return digits >= 4 && digits <= 8 && text[3 + digits] == ':' &&
           strspn(text + 4 + digits, "0123456789abcdef") == 2 &&
           !text[6 + digits];
}

/* From the folder's path: ".../pci0000:00/0000:00:1c.0/0000:04:00.0". */
static void read_place(const xt_dom0_scan *scan, const xt_dom0_device *device)
{
    xtune_arena *arena = scan->host->arena;
    xtune_pci *pci = device->pci;
    char *path = xtune_arena_strdup(scan->files.arena, device->path), *part;
    const char *root = NULL;

    if (strcmp(xt_dom0_base(device->path), pci->address) != 0) return;
    pci->bridges = XTUNE_NEW_ARRAY(arena, const char *, 0);
    while ((part = strsep(&path, "/"))) {
        if (!root && is_root_bus(part)) root = part;
        if (!root || !path || !xt_pci_address_is_valid(part)) continue;
        if (pci->nr_bridges == MAX_BRIDGES) break;
        pci->bridges = xtune_arena_grow(arena, pci->bridges, pci->nr_bridges,
                                        sizeof(*pci->bridges));
        pci->bridges[pci->nr_bridges++] = xtune_arena_strdup(arena, part);
    }
    if (root) pci->root = xtune_arena_strdup(arena, root);
}

/* One line: start, end and flags. False where it is not that. */
static bool parse_resource(const char *line, uint64_t numbers[3])
{
    char copy[64], *rest = copy, *word;
    size_t i;

    if (strlen(line) >= sizeof(copy)) return false;
    strcpy(copy, line);
    for (i = 0; i < 3; i++) {
        word = strsep(&rest, " ");
        if (!word || strncmp(word, "0x", 2) != 0 ||
            !xt_parse_u64(word + 2, 16, UINT64_MAX, &numbers[i]))
            return false;
    }
    return !rest;
}

static void add_bar(xtune_arena *arena, xtune_pci *pci, uint32_t index,
                    const uint64_t numbers[3])
{
    const uint64_t start = numbers[0], end = numbers[1], flags = numbers[2];

    if (!(flags & (RESOURCE_IO | RESOURCE_MEMORY)) || end < start ||
        end - start > UINT64_MAX - 2)
        return;
    pci->bars =
        xtune_arena_grow(arena, pci->bars, pci->nr_bars, sizeof(*pci->bars));
    pci->bars[pci->nr_bars++] = (xtune_pci_bar){
        .index = index,
        .kind = flags & RESOURCE_IO ? "io" : "memory",
        .start = start,
        .bytes = end - start + 1,
        .wide = flags & RESOURCE_64,
        .prefetchable = flags & RESOURCE_PREFETCH,
    };
}

static void read_bars(const xt_dom0_scan *scan, const xt_dom0_device *device)
{
    xtune_pci *pci = device->pci;
    uint64_t numbers[3];
    uint32_t index;
    char *text, *line;

    text = xt_dom0_read(&scan->files,
                        xt_dom0_join(&scan->files, device->path, "resource"),
                        XT_DOM0_MAX_LINE, NULL);
    if (!text) return;
    pci->bars = XTUNE_NEW_ARRAY(scan->host->arena, xtune_pci_bar, 0);
    for (index = 0; index < NR_BARS; index++) {
        line = strsep(&text, "\n");
        if (!line || !parse_resource(line, numbers)) break;
        add_bar(scan->host->arena, pci, index, numbers);
    }
}

static void add_reset(xtune_arena *arena, xtune_pci *pci, const char *name)
{
    pci->reset = xtune_arena_grow(arena, pci->reset, pci->nr_reset,
                                  sizeof(*pci->reset));
    pci->reset[pci->nr_reset++] = xtune_arena_strdup(arena, name);
}

/* Linux has "reset" where there is a way, and since 5.15 "reset_method", which
 * names them. Before, the capabilities tell; what they do not is done by
 * resetting the bus. */
static void read_reset(const xt_dom0_scan *scan, const xt_dom0_device *device,
                       const xt_dom0_config *config)
{
    const xt_dom0_files *files = &scan->files;
    const char *methods = xt_dom0_line(files, device->path, "reset_method");
    xtune_arena *arena = scan->host->arena;
    xtune_pci *pci = device->pci;
    char *copy, *word;

    if (!methods &&
        xt_dom0_resolve(files, xt_dom0_join(files, device->path, "reset"))) {
        if (!config->has_capabilities) return;
        pci->reset = XTUNE_NEW_ARRAY(arena, const char *, 0);
        if (config->flr) add_reset(arena, pci, "flr");
        if (config->af_flr) add_reset(arena, pci, "af_flr");
        if (config->pm) add_reset(arena, pci, "pm");
        if (!pci->nr_reset) add_reset(arena, pci, "bus");
        return;
    }
    pci->reset = XTUNE_NEW_ARRAY(arena, const char *, 0);
    copy = methods ? xtune_arena_strdup(files->arena, methods) : NULL;
    while ((word = strsep(&copy, " ")))
        if (*word) add_reset(arena, pci, word);
}

static bool is_there(const xtune_host *host, const char *address)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (!strcmp(host->pci[i].address, address)) return true;
    return false;
}

static void read_virtual_functions(const xt_dom0_scan *scan,
                                   const xt_dom0_device *device)
{
    const xt_dom0_files *files = &scan->files;
    xtune_pci *pci = device->pci;
    const char *physfn = xt_dom0_link(files, device->path, "physfn");
    uint64_t total = 0, enabled = 0;

    if (!xt_dom0_number(files, device->path, "sriov_totalvfs", 10, UINT16_MAX,
                        &total) ||
        !xt_dom0_number(files, device->path, "sriov_numvfs", 10, total,
                        &enabled))
        total = enabled = 0;
    pci->vfs_total = (uint32_t)total;
    pci->vfs_enabled = (uint32_t)enabled;
    if (physfn && strcmp(physfn, pci->address) != 0 &&
        is_there(scan->host, physfn))
        pci->physfn = xtune_arena_strdup(scan->host->arena, physfn);
}

static void read_config(const xt_dom0_scan *scan, const xt_dom0_device *device,
                        xt_dom0_config *config_r)
{
    const xt_dom0_files *files = &scan->files;
    xtune_pci *pci = device->pci;
    const char *path = xt_dom0_join(files, device->path, "config");
    size_t len = 0;
    const char *bytes = xt_dom0_read(files, path, 4096, &len);

    if (!xt_dom0_parse_config((const uint8_t *)bytes, len, config_r)) {
        /* A bridge to PCI, by its class. */
        pci->is_bridge = !strncmp(pci->class_code, "0604", 4);
        return;
    }
    pci->is_bridge = config_r->is_bridge;
    if (!config_r->has_capabilities) return;
    pci->msi = config_r->msi;
    pci->msix = config_r->msix;
    /* As lspci writes it. */
    if (config_r->serial)
        pci->serial = xtune_arena_printf(
            scan->host->arena, "%02x-%02x-%02x-%02x-%02x-%02x-%02x-%02x",
            (unsigned int)(config_r->serial >> 56) & 0xff,
            (unsigned int)(config_r->serial >> 48) & 0xff,
            (unsigned int)(config_r->serial >> 40) & 0xff,
            (unsigned int)(config_r->serial >> 32) & 0xff,
            (unsigned int)(config_r->serial >> 24) & 0xff,
            (unsigned int)(config_r->serial >> 16) & 0xff,
            (unsigned int)(config_r->serial >> 8) & 0xff,
            (unsigned int)config_r->serial & 0xff);
}

void xt_dom0_read_details(xt_dom0_scan *scan, xt_dom0_device *device)
{
    xtune_pci *pci = device->pci;
    xt_dom0_config config;
    uint64_t number;

    pci->names = XTUNE_NEW_ARRAY(scan->host->arena, const char *, 0);
    pci->uses = XTUNE_NEW_ARRAY(scan->host->arena, xtune_use, 0);
    if (!device->path) return;
    read_place(scan, device);
    read_config(scan, device, &config);
    read_reset(scan, device, &config);
    read_bars(scan, device);
    read_virtual_functions(scan, device);
    pci->boot_vga = xt_dom0_number(&scan->files, device->path, "boot_vga", 10,
                                   1, &number) &&
                    number;
}
