/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of PCI devices. */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

typedef struct address_part {
    const char *name;
    size_t max_digits;
    uint32_t max;
    char end; /* what stands behind it */
} address_part;

enum { PART_DOMAIN, PART_BUS, PART_DEVICE, PART_FUNCTION };

static const address_part parts[] = {
    [PART_DOMAIN] = { "domain", 8, UINT32_MAX, ':' },
    [PART_BUS] = { "bus", 2, 0xff, ':' },
    [PART_DEVICE] = { "device", 2, 0x1f, '.' },
    [PART_FUNCTION] = { "function", 1, 7, '\0' },
};

static bool read_number(const address_part *part, const char *digits,
                        size_t len, uint32_t *value_r, char *why)
{
    char copy[9];
    uint64_t value;

    if (!len) {
        snprintf(why, XT_PCI_WHY_MAX, "it has no %s", part->name);
        return false;
    }
    snprintf(copy, sizeof(copy), "%.*s", (int)(len < 9 ? len : 8), digits);
    if (len > part->max_digits ||
        !xt_parse_u64(copy, 16, UINT32_MAX, &value)) {
        snprintf(why, XT_PCI_WHY_MAX,
                 "its %s \"%.*s\" is no hexadecimal number of up to %zu "
                 "digit%s",
                 part->name, (int)(len < 16 ? len : 16), digits,
                 part->max_digits, part->max_digits == 1 ? "" : "s");
        return false;
    }
    if (value > part->max) {
        snprintf(why, XT_PCI_WHY_MAX, "its %s \"%s\" is more than %x",
                 part->name, copy, part->max);
        return false;
    }
    *value_r = (uint32_t)value;
    return true;
}

/* One part and what ends it; *text is moved behind. */
static bool take_part(const char **text, unsigned int which, uint32_t *value_r,
                      char *why)
{
    const address_part *part = &parts[which];
    const char *end =
        part->end ? strchr(*text, part->end) : *text + strlen(*text);

    if (!end) {
        snprintf(why, XT_PCI_WHY_MAX, "it has no %s", parts[which + 1].name);
        return false;
    }
    if (!read_number(part, *text, (size_t)(end - *text), value_r, why))
        return false;
    *text = end + (part->end != '\0');
    return true;
}

static size_t count_colons(const char *text)
{
    size_t nr = 0;

    for (; *text; text++)
        nr += *text == ':';
    return nr;
}

bool xt_pci_read_address(const char *text, xtune_pci_address *address_r,
                         bool *all_r, char why[XT_PCI_WHY_MAX])
{
    const size_t colons = count_colons(text);
    xtune_pci_address address = { .domain = 0 };

    if (colons != 1 && colons != 2) {
        snprintf(why, XT_PCI_WHY_MAX,
                 "it is no PCI address, which is like \"0000:04:00.0\"");
        return false;
    }
    if (colons == 2 && !take_part(&text, PART_DOMAIN, &address.domain, why))
        return false;
    if (!take_part(&text, PART_BUS, &address.bus, why) ||
        !take_part(&text, PART_DEVICE, &address.device, why))
        return false;
    if (all_r) *all_r = !strcmp(text, "*");
    if ((!all_r || !*all_r) &&
        !take_part(&text, PART_FUNCTION, &address.function, why))
        return false;
    *address_r = address;
    return true;
}

int xtune_pci_address_parse(const char *text, xtune_pci_address *address_r,
                            xtune_error **err)
{
    char why[XT_PCI_WHY_MAX];

    if (xt_pci_read_address(text, address_r, NULL, why)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, text,
                           "an address is like \"0000:04:00.0\"", "%s", why);
}

const char *xtune_pci_address_text(xtune_arena *arena,
                                   const xtune_pci_address *address)
{
    return xtune_arena_printf(arena, "%04x:%02x:%02x.%x", address->domain,
                              address->bus, address->device,
                              address->function);
}

const xtune_pci *xtune_host_pci(const xtune_host *host, const char *address)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (!strcmp(host->pci[i].address, address)) return &host->pci[i];
    return NULL;
}

int xt_pci_find_named(const xtune_host *host, const char *name,
                      const xtune_pci **pci_r, xtune_error **err)
{
    const xtune_pci *found = NULL;
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (!pci->assignable_name || strcmp(pci->assignable_name, name))
            continue;
        if (found)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name,
                                   "give an address",
                                   "two devices are called so, %s and %s",
                                   found->address, pci->address);
        found = pci;
    }
    if (!found)
        return xtune_error_set(
            err, XTUNE_ERR_NOT_FOUND, 0, name,
            "\"xltune pci-assignable-list -n\" shows their names",
            "no assignable device has this name");
    *pci_r = found;
    return 0;
}

int xtune_pci_find(const xtune_host *host, const char *text,
                   const xtune_pci **pci_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *by_name = NULL;
    const xtune_pci *pci;
    xtune_pci_address address;
    char why[XT_PCI_WHY_MAX];
    int rc;

    if (xt_pci_read_address(text, &address, NULL, why)) {
        pci = xtune_host_pci(host, xtune_pci_address_text(arena, &address));
        if (!pci)
            return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, text,
                                   "\"xltune pci-show\" lists all devices",
                                   "this host has no such PCI device");
        *pci_r = pci;
        return 0;
    }
    rc = xt_pci_find_named(host, text, pci_r, &by_name);
    /* What has a colon was to be an address. */
    if (rc == XTUNE_ERR_NOT_FOUND &&
        (strchr(text, ':') || xtune_pci_name_fault(text)))
        return xtune_pci_address_parse(text, &address, err);
    if (rc && err) {
        xtune_error_free(*err);
        *err = by_name;
        by_name = NULL;
    }
    return rc;
}
