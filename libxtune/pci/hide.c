/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hide lists taken apart as pciback does it: pcistub_init() of Linux'
 * drivers/xen/xen-pciback/pci_stub.c. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

#define MAX_SHOWN 40 /* bytes of an item that is wrong */

/* As isspace() of the kernel. */
#define BLANKS " \t\n\v\f\r"

typedef struct list_reader {
    xtune_arena *arena;
    const char *object;
    const char *item; /* where the item begins */
    size_t item_len, nth;
    xtune_error **err;
} list_reader;

static int invalid(const list_reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int invalid(const list_reader *r, const char *fmt, ...)
{
    const bool cut = r->item_len > MAX_SHOWN;
    const char *why;
    va_list ap;

    va_start(ap, fmt);
    why = xtune_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    return xtune_error_set(r->err, XTUNE_ERR_INVALID, 0, r->object,
                           "write each device as \"(0000:04:00.0)\": pciback "
                           "takes none at all with such a list",
                           "item %zu of the hide list, \"%.*s%s\", %s", r->nth,
                           (int)(cut ? MAX_SHOWN : r->item_len), r->item,
                           cut ? "..." : "", why);
}

/* A number of an item, blanks before it as for sscanf(). Signs and "0x" go
 * through there too, but are not what anyone means. */
static int read_number(const list_reader *r, const char *name, uint32_t max,
                       const char *text, uint32_t *value_r)
{
    const char *digits = text + strspn(text, BLANKS);
    uint64_t value;

    if (!*digits) return invalid(r, "has no %s", name);
    /* Any number of zeros in front is fine. */
    if (!xt_parse_u64(digits, 16, UINT64_MAX, &value) &&
        digits[strspn(digits, "0123456789abcdefABCDEF")])
        return invalid(r,
                       "has \"%.*s\" for its %s, which is no hexadecimal "
                       "number",
                       MAX_SHOWN, text, name);
    if (!xt_parse_u64(digits, 16, max, &value))
        return invalid(r, "has \"%.*s\" for its %s, which is more than %x",
                       MAX_SHOWN, digits, name, max);
    *value_r = (uint32_t)value;
    return 0;
}

/* What stands before the last ":", which is BUS or DOMAIN:BUS. */
static int read_bus(const list_reader *r, char *text, xtune_pci_hidden *hidden)
{
    char *bus = strchr(text, ':');
    int rc = 0;

    if (bus) {
        *bus++ = '\0';
        rc = read_number(r, "domain", 0xffff, text, &hidden->domain);
    }
    return rc ? rc
              : read_number(r, "bus", 0xff, bus ? bus : text, &hidden->bus);
}

/* DEVICE.FUNCTION, DEVICE.* or *.* */
static int read_slot(const list_reader *r, char *text,
                     xtune_pci_hidden *hidden)
{
    char *function = strchr(text, '.');

    hidden->device = hidden->function = XTUNE_NONE;
    if (!strcmp(text, "*.*")) return 0;
    if (!function) return invalid(r, "has no function");
    *function++ = '\0';
    if (*text == '*')
        return invalid(r, "means all devices, and then not all functions");
    if (strcmp(function, "*") != 0) {
        const int rc =
            read_number(r, "function", 7, function, &hidden->function);

        if (rc) return rc;
    }
    return read_number(r, "device", 0x1f, text, &hidden->device);
}

static int read_item(list_reader *r, xtune_pci_hidden *hidden)
{
    const char *close = strchr(r->item, ')');
    char *inner, *slot;
    int rc;

    r->item_len = close ? (size_t)(close + 1 - r->item) : strlen(r->item);
    if (*r->item != '(') return invalid(r, "does not begin with \"(\"");
    if (!close) return invalid(r, "does not end with \")\"");
    hidden->text = xtune_arena_strndup(r->arena, r->item, r->item_len);
    hidden->domain = 0;
    inner = xtune_arena_strndup(r->arena, r->item + 1, r->item_len - 2);
    slot = strrchr(inner, ':');
    if (!slot) return invalid(r, "has no bus");
    *slot++ = '\0';
    rc = read_bus(r, inner, hidden);
    return rc ? rc : read_slot(r, slot, hidden);
}

int xtune_pci_hide_parse(xtune_arena *arena, const char *text,
                         const char *object, xtune_pci_hidden **hidden_r,
                         size_t *nr_r, xtune_error **err)
{
    list_reader r = {
        .arena = arena,
        .object = object,
        .item = text,
        .err = err,
    };
    xtune_pci_hidden *hidden = NULL, item;
    int rc;

    /* Blanks alone are not nothing, for pciback. */
    while (*r.item) {
        r.item += strspn(r.item, BLANKS);
        r.nth++;
        rc = read_item(&r, &item);
        if (rc) return rc;
        hidden = xtune_arena_grow(arena, hidden, r.nth - 1, sizeof(item));
        hidden[r.nth - 1] = item;
        r.item += r.item_len;
        r.item += strspn(r.item, BLANKS);
    }
    *hidden_r = hidden;
    *nr_r = r.nth;
    return 0;
}

static bool is_hidden(const xtune_pci_hidden *item,
                      const xtune_pci_address *address)
{
    return item->domain == address->domain && item->bus == address->bus &&
           (item->device == XTUNE_NONE || item->device == address->device) &&
           (item->function == XTUNE_NONE ||
            item->function == address->function);
}

bool xtune_pci_hide_has(const xtune_pci_hidden *hidden, size_t nr,
                        const char *address)
{
    xtune_pci_address parsed;
    size_t i;

    if (xtune_pci_address_parse(address, &parsed, NULL)) return false;
    for (i = 0; i < nr; i++)
        if (is_hidden(&hidden[i], &parsed)) return true;
    return false;
}
