/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Specifications of devices, as xl's: xl-pci-configuration(5). */
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "pci/parts.h"

#define MAX_XEN_DOMAIN 0xffffu /* of PCI; Xen has 16 bits for it */
#define MAX_SLOT 0x1f

enum spec_key {
    KEY_BDF,
    KEY_VSLOT,
    KEY_NAME,
    KEY_MSITRANSLATE,
    KEY_POWER_MGMT,
    KEY_PERMISSIVE,
    KEY_SEIZE,
    KEY_RDM_POLICY,
    NR_KEYS
};

static const char *const key_names[NR_KEYS] = {
    [KEY_BDF] = "bdf",
    [KEY_VSLOT] = "vslot",
    [KEY_NAME] = "name",
    [KEY_MSITRANSLATE] = "msitranslate",
    [KEY_POWER_MGMT] = "power_mgmt",
    [KEY_PERMISSIVE] = "permissive",
    [KEY_SEIZE] = "seize",
    [KEY_RDM_POLICY] = "rdm_policy",
};

typedef struct spec_reader {
    xtune_arena *arena;
    const char *text;
    xtune_pci_spec spec;
    bool seen[NR_KEYS];
    xtune_error **err;
} spec_reader;

static int invalid(const spec_reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int invalid(const spec_reader *r, const char *fmt, ...)
{
    const char *message;
    va_list ap;

    va_start(ap, fmt);
    message = xtune_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    return xtune_error_set(r->err, XTUNE_ERR_INVALID, 0, r->text,
                           "see xl-pci-configuration(5)", "%s", message);
}

static int read_bdf(spec_reader *r, const char *value)
{
    xtune_pci_spec *spec = &r->spec;
    char why[XT_PCI_WHY_MAX];

    if (!xt_pci_read_address(value, &spec->address, &spec->all_functions, why))
        return invalid(r, "address \"%s\": %s", value, why);
    if (spec->address.domain > MAX_XEN_DOMAIN)
        return invalid(r,
                       "address \"%s\": its domain is more than %x, and Xen "
                       "knows no such device",
                       value, MAX_XEN_DOMAIN);
    spec->has_address = true;
    return 0;
}

static int read_slot(spec_reader *r, const char *value)
{
    uint64_t slot;

    if (strlen(value) > 2 || !xt_parse_u64(value, 16, 0xff, &slot))
        return invalid(r, "slot \"%s\" is no hexadecimal number", value);
    if (!slot || slot > MAX_SLOT)
        return invalid(r, "slot \"%s\" is not one of 1 to %x", value,
                       MAX_SLOT);
    r->spec.slot = (uint32_t)slot;
    return 0;
}

static int read_device_name(spec_reader *r, const char *value)
{
    const char *why = xtune_pci_name_fault(value);

    if (why) return invalid(r, "name \"%s\": %s", value, why);
    r->spec.name = value;
    return 0;
}

static int read_switch(spec_reader *r, enum spec_key key, const char *value)
{
    xtune_pci_spec *spec = &r->spec;
    int *const switches[NR_KEYS] = {
        [KEY_MSITRANSLATE] = &spec->msitranslate,
        [KEY_POWER_MGMT] = &spec->power_mgmt,
        [KEY_PERMISSIVE] = &spec->permissive,
        [KEY_SEIZE] = &spec->seize,
    };

    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return invalid(r, "%s \"%s\" is neither 0 nor 1", key_names[key],
                       value);
    *switches[key] = *value - '0';
    return 0;
}

static int read_policy(spec_reader *r, const char *value)
{
    if (!strcasecmp(value, "strict"))
        r->spec.rdm_policy = XTUNE_PCI_RDM_STRICT;
    else if (!strcasecmp(value, "relaxed"))
        r->spec.rdm_policy = XTUNE_PCI_RDM_RELAXED;
    else
        return invalid(r,
                       "rdm_policy \"%s\" is neither \"strict\" nor "
                       "\"relaxed\"",
                       value);
    return 0;
}

static int read_value(spec_reader *r, enum spec_key key, const char *value)
{
    if (r->seen[key]) return invalid(r, "%s is given twice", key_names[key]);
    r->seen[key] = true;
    switch (key) {
    case KEY_BDF: return read_bdf(r, value);
    case KEY_VSLOT: return read_slot(r, value);
    case KEY_NAME: return read_device_name(r, value);
    case KEY_RDM_POLICY: return read_policy(r, value);
    default: return read_switch(r, key, value);
    }
}

/* BDF[@VSLOT] */
static int read_front(spec_reader *r, char *item)
{
    char *slot = strchr(item, '@');
    int rc;

    if (slot) *slot++ = '\0';
    rc = read_value(r, KEY_BDF, item);
    return rc || !slot ? rc : read_value(r, KEY_VSLOT, slot);
}

static int read_option(spec_reader *r, char *item)
{
    char *value = strchr(item, '=');
    unsigned int key;

    if (!value) return invalid(r, "\"%s\" is not KEY=VALUE", item);
    *value++ = '\0';
    for (key = 0; key < NR_KEYS; key++)
        if (!strcmp(item, key_names[key])) return read_value(r, key, value);
    return invalid(r, "there is no key \"%s\"", item);
}

static int read_items(spec_reader *r)
{
    const char *rest = r->text;
    int rc;

    /* xl's grammar has a comma behind each: one at the end is no mistake. */
    do {
        const size_t len = strcspn(rest, ",");
        char *item = xtune_arena_strndup(r->arena, rest, len);

        if (rest == r->text && !strchr(item, '='))
            rc = read_front(r, item);
        else
            rc = read_option(r, item);
        rest += len + (rest[len] == ',');
    } while (!rc && *rest);
    return rc;
}

int xtune_pci_spec_parse(xtune_arena *arena, const char *text,
                         xtune_pci_spec *spec_r, xtune_error **err)
{
    spec_reader r = {
        .arena = arena,
        .text = text,
        .err = err,
        .spec = {
            .slot = XTUNE_NONE,
            .msitranslate = -1,
            .power_mgmt = -1,
            .permissive = -1,
            .seize = -1,
        },
    };
    int rc;

    if (!*text) return invalid(&r, "it names no device");
    rc = read_items(&r);
    if (rc) return rc;
    if (r.spec.has_address && r.spec.name)
        return invalid(&r, "it has an address and a name");
    if (!r.spec.has_address && !r.spec.name)
        return invalid(&r, "it names no device");
    *spec_r = r.spec;
    return 0;
}
