/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/pci_text.h"

#include <ctype.h>
#include <string.h>

#include "base/util.h"
#include "host/pci_address.h"

#define MAX_DRIVER_NAME 255
#define MAX_ADDRESS 17 /* ffffffff:ff:1f.7 */

/* False where it is too long. */
static bool copy(char *to, size_t size, const char *from, size_t len)
{
    if (len >= size) return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

bool xt_pci_slots_read(const char *text, const char *address, bool *has_r)
{
    char line[MAX_ADDRESS];
    size_t len;

    *has_r = false;
    for (; *text; text += len + 1) {
        len = strcspn(text, "\n");
        if (!text[len] || !copy(line, sizeof(line), text, len) ||
            !xt_pci_address_is_valid(line))
            return false;
        if (!strcmp(line, address)) *has_r = true;
    }
    return true;
}

static bool read_switch(const char *value, bool *switch_r)
{
    uint64_t number;

    if (!xt_parse_u64(value, 10, 1, &number)) return false;
    *switch_r = number;
    return true;
}

/* libxl has "invalid" for a policy that was not chosen. */
static bool read_policy(const char *value, bool *relaxed_r)
{
    *relaxed_r = !strcmp(value, "relaxed");
    return *relaxed_r || !strcmp(value, "strict") || !strcmp(value, "invalid");
}

static bool read_option(const char *key, const char *value,
                        xtune_attachment *attachment)
{
    if (!strcmp(key, "msitranslate"))
        return read_switch(value, &attachment->msitranslate);
    if (!strcmp(key, "power_mgmt"))
        return read_switch(value, &attachment->power_mgmt);
    if (!strcmp(key, "permissive"))
        return read_switch(value, &attachment->permissive);
    if (!strcmp(key, "rdm_policy"))
        return read_policy(value, &attachment->relaxed);
    return true;
}

bool xt_pci_options_read(const char *text, xtune_attachment *attachment)
{
    char option[64], *value;
    size_t len;

    for (; *text; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        if (text[len] && !text[len + 1]) return false;
        if (!copy(option, sizeof(option), text, len)) return false;
        value = strchr(option, '=');
        if (!value || value == option) return false;
        *value++ = '\0';
        if (!read_option(option, value, attachment)) return false;
    }
    return true;
}

bool xt_pci_vdevfn_read(const char *text, xtune_attachment *attachment)
{
    uint64_t devfn = 0;

    if (text && !xt_parse_u64(text, 16, 0xff, &devfn)) return false;
    attachment->slot = devfn >> 3 ? (uint32_t)(devfn >> 3) : XTUNE_NONE;
    attachment->function = devfn & 7;
    return true;
}

bool xt_pci_is_driver_name(const char *name)
{
    size_t i, len = strlen(name);

    for (i = 0; i < len; i++)
        if (!isgraph((unsigned char)name[i]) || name[i] == '/') return false;
    return len > 0 && len <= MAX_DRIVER_NAME && strcmp(name, ".") &&
           strcmp(name, "..");
}

const char *xt_pci_driver_of_path(const char *path)
{
    const size_t len = strlen(XT_PCI_DRIVERS);

    if (strncmp(path, XT_PCI_DRIVERS "/", len + 1)) return NULL;
    path += len + 1;
    return xt_pci_is_driver_name(path) ? path : NULL;
}
