/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a device is called. */
#include <string.h>

#include "usb/parts.h"

static const char *first_of(const char *a, const char *b)
{
    return a && *a ? a : b && *b ? b : NULL;
}

const char *xtune_usb_name(xtune_arena *arena, const xtune_usb *usb)
{
    const char *vendor = first_of(usb->vendor_desc, usb->manufacturer);
    const char *product = first_of(usb->product_desc, usb->model);

    if (vendor && product)
        return xtune_arena_printf(arena, "%s %s", vendor, product);
    if (product) return xtune_arena_strdup(arena, product);
    return xtune_arena_printf(
        arena, "%s%s%s:%s", vendor ? vendor : "", vendor ? " " : "",
        usb->vendor ? usb->vendor : "?", usb->product ? usb->product : "?");
}

/* Where the database has no vendor it begins with "_", as upstream's. */
const char *xtune_usb_description(xtune_arena *arena, const xtune_usb *usb)
{
    const char *product = first_of(usb->product_desc, NULL);
    const char *serial = first_of(usb->serial, NULL);

    return xtune_arena_printf(arena, "%s%s%s%s%s",
                              usb->vendor_desc ? usb->vendor_desc : "",
                              product ? "_" : "", product ? product : "",
                              serial ? "_" : "", serial ? serial : "");
}
