/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices, groups and VUSBs as records of xe's: the fields and their order
 * are those of its records. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "report/xe.h"

/* For what is not known. */
#define NOT_THERE "<not in database>"
#define NO_SPEED "-1.000"

#define CLASS(rows, list)                                                     \
    .fields = (rows), .nr_fields = XT_ARRAY_SIZE(rows), .listed = (list)

static xtune_xe_value text_value(const char *text)
{
    return (xtune_xe_value){ .text = text ? text : "" };
}

static xtune_xe_value flag_value(bool flag)
{
    return (xtune_xe_value){ .text = flag ? "true" : "false" };
}

static xtune_xe_value items_value(const char *const *items, size_t nr)
{
    return (xtune_xe_value){ .items = items, .nr_items = nr };
}

static const char *name_of(xtune_arena *arena, const xtune_xe_usb *usb)
{
    if (usb->written && usb->written->name) return usb->written->name;
    return xtune_arena_printf(arena, "Group of %s %s USBs",
                              usb->identity.vendor, usb->identity.product);
}

/* Not shown where a PUSB is not. */
static bool is_pusb(const xtune_xe_usb *usb)
{
    return usb->usb && usb->allowed;
}

/* PUSBs. */

enum {
    PUSB_UUID,
    PUSB_GROUP,
    PUSB_HOST,
    PUSB_HOST_NAME,
    PUSB_PATH,
    PUSB_VENDOR_ID,
    PUSB_VENDOR_DESC,
    PUSB_PRODUCT_ID,
    PUSB_PRODUCT_DESC,
    PUSB_SERIAL,
    PUSB_VERSION,
    PUSB_DESCRIPTION,
    PUSB_SPEED,
    PUSB_ENABLED,
    NR_PUSB_FIELDS,
};

static const xtune_xe_field pusb_fields[] = {
    [PUSB_UUID] = { .name = "uuid" },
    [PUSB_GROUP] = { .name = "usb-group-uuid" },
    [PUSB_HOST] = { .name = "host-uuid" },
    [PUSB_HOST_NAME] = { .name = "host-name-label" },
    [PUSB_PATH] = { .name = "path" },
    [PUSB_VENDOR_ID] = { .name = "vendor-id" },
    [PUSB_VENDOR_DESC] = { .name = "vendor-desc" },
    [PUSB_PRODUCT_ID] = { .name = "product-id" },
    [PUSB_PRODUCT_DESC] = { .name = "product-desc" },
    [PUSB_SERIAL] = { .name = "serial" },
    [PUSB_VERSION] = { .name = "version" },
    [PUSB_DESCRIPTION] = { .name = "description" },
    [PUSB_SPEED] = { .name = "speed" },
    [PUSB_ENABLED] = { .name = "passthrough-enabled",
                       .type = XTUNE_XE_FLAG,
                       .writable = true },
};

static const char *const pusb_listed[] = {
    "uuid",        "path",         "vendor-id", "vendor-desc",
    "product-id",  "product-desc", "serial",    "version",
    "description", "speed",        NULL,
};

const xtune_xe_class xtune_xe_pusb_class = {
    .name = "pusb",
    .type = "PUSB",
    CLASS(pusb_fields, pusb_listed),
};

/* With three digits behind the point: "1.5" is "1.500". */
static const char *speed_of(xtune_arena *arena, const xtune_usb *usb)
{
    const char *text = usb->speed ? usb->speed : "";
    const size_t len = strspn(text, "0123456789");
    const bool has_point = text[len] == '.';
    const char *fraction = text + len + has_point;
    const size_t digits = strspn(fraction, "0123456789");

    if (!len || fraction[digits] || (has_point && !digits)) return NO_SPEED;
    return xtune_arena_printf(arena, "%.*s.%.*s%.*s", (int)len, text,
                              (int)(digits < 3 ? digits : 3), fraction,
                              digits < 3 ? 3 - (int)digits : 0, "000");
}

static void fill_pusb(xtune_arena *arena, const xtune_xe_usbs *all,
                      const xtune_xe_usb *entry, xtune_xe_value *values)
{
    const xtune_machine *machine = &all->host->machine;
    const char *host = all->host->xen.host;
    const xtune_usb *usb = entry->usb;

    values[PUSB_UUID] = text_value(entry->uuid);
    values[PUSB_GROUP] = text_value(entry->group_uuid);
    values[PUSB_HOST] = text_value(machine->uuid ? machine->uuid : NOT_THERE);
    values[PUSB_HOST_NAME] = text_value(host && *host ? host : NOT_THERE);
    values[PUSB_PATH] = text_value(usb->path);
    values[PUSB_VENDOR_ID] = text_value(usb->vendor);
    values[PUSB_VENDOR_DESC] = text_value(usb->vendor_desc);
    values[PUSB_PRODUCT_ID] = text_value(usb->product);
    values[PUSB_PRODUCT_DESC] = text_value(usb->product_desc);
    values[PUSB_SERIAL] = text_value(usb->serial);
    values[PUSB_VERSION] = text_value(usb->version);
    values[PUSB_DESCRIPTION] = text_value(xtune_usb_description(arena, usb));
    values[PUSB_SPEED] = text_value(speed_of(arena, usb));
    values[PUSB_ENABLED] =
        flag_value(entry->written && entry->written->passthrough);
}

const xtune_xe_record *xtune_xe_pusb_records(xtune_arena *arena,
                                             const xtune_xe_usbs *all,
                                             size_t *nr_r)
{
    xtune_xe_record *records =
        XTUNE_NEW_ARRAY(arena, xtune_xe_record, all->nr_usbs + 1);
    size_t i, nr = 0;

    for (i = 0; i < all->nr_usbs; i++) {
        xtune_xe_value *values;

        if (!is_pusb(all->usbs[i])) continue;
        values = XTUNE_NEW_ARRAY(arena, xtune_xe_value, NR_PUSB_FIELDS);
        fill_pusb(arena, all, all->usbs[i], values);
        records[nr++].values = values;
    }
    *nr_r = nr;
    return records;
}

/* Groups. */

enum {
    GROUP_UUID,
    GROUP_NAME,
    GROUP_DESCRIPTION,
    GROUP_VUSBS,
    GROUP_PUSBS,
    GROUP_OTHER,
    NR_GROUP_FIELDS,
};

static const xtune_xe_field group_fields[] = {
    [GROUP_UUID] = { .name = "uuid" },
    [GROUP_NAME] = { .name = "name-label", .writable = true },
    [GROUP_DESCRIPTION] = { .name = "name-description", .writable = true },
    [GROUP_VUSBS] = { .name = "VUSB-uuids", .type = XTUNE_XE_SET },
    [GROUP_PUSBS] = { .name = "PUSB-uuids", .type = XTUNE_XE_SET },
    [GROUP_OTHER] = { .name = "other-config",
                      .type = XTUNE_XE_MAP,
                      .writable = true },
};

static const char *const group_listed[] = {
    "uuid",
    "name-label",
    "name-description",
    NULL,
};

const xtune_xe_class xtune_xe_usb_group_class = {
    .name = "usb-group",
    .type = "USB_group",
    CLASS(group_fields, group_listed),
};

static xtune_xe_value vusbs_of(xtune_arena *arena, const xtune_xe_usbs *all,
                               const xtune_xe_usb *usb)
{
    const char **uuids =
        XTUNE_NEW_ARRAY(arena, const char *, all->nr_vusbs + 1);
    size_t i, nr = 0;

    for (i = 0; i < all->nr_vusbs; i++)
        if (all->vusbs[i].usb == usb) uuids[nr++] = all->vusbs[i].uuid;
    return (xtune_xe_value){ .items = uuids, .nr_items = nr };
}

static xtune_xe_value pusb_of(xtune_arena *arena, const xtune_xe_usb *usb)
{
    const char **uuids = XTUNE_NEW(arena, const char *);

    *uuids = usb->uuid;
    return (xtune_xe_value){ .items = uuids, .nr_items = is_pusb(usb) };
}

const xtune_xe_record *xtune_xe_usb_group_records(xtune_arena *arena,
                                                  const xtune_xe_usbs *all,
                                                  size_t *nr_r)
{
    xtune_xe_record *records =
        XTUNE_NEW_ARRAY(arena, xtune_xe_record, all->nr_usbs + 1);
    size_t i;

    for (i = 0; i < all->nr_usbs; i++) {
        const xtune_xe_usb *usb = all->usbs[i];
        xtune_xe_value *values =
            XTUNE_NEW_ARRAY(arena, xtune_xe_value, NR_GROUP_FIELDS);

        values[GROUP_UUID] = text_value(usb->group_uuid);
        values[GROUP_NAME] = text_value(name_of(arena, usb));
        values[GROUP_DESCRIPTION] =
            text_value(usb->written ? usb->written->description : NULL);
        values[GROUP_VUSBS] = vusbs_of(arena, all, usb);
        values[GROUP_PUSBS] = pusb_of(arena, usb);
        if (usb->written)
            values[GROUP_OTHER] = items_value(usb->written->other_config,
                                              usb->written->nr_other_config);
        records[i].values = values;
    }
    *nr_r = all->nr_usbs;
    return records;
}

/* VUSBs. */

enum {
    VUSB_UUID,
    VUSB_VM,
    VUSB_VM_NAME,
    VUSB_GROUP,
    VUSB_GROUP_NAME,
    VUSB_OTHER,
    VUSB_ATTACHED,
    VUSB_ALLOWED,
    VUSB_CURRENT,
    NR_VUSB_FIELDS,
};

static const xtune_xe_field vusb_fields[] = {
    [VUSB_UUID] = { .name = "uuid" },
    [VUSB_VM] = { .name = "vm-uuid" },
    [VUSB_VM_NAME] = { .name = "vm-name-label" },
    [VUSB_GROUP] = { .name = "usb-group-uuid" },
    [VUSB_GROUP_NAME] = { .name = "usb-group-name-label" },
    [VUSB_OTHER] = { .name = "other-config",
                     .type = XTUNE_XE_MAP,
                     .writable = true },
    [VUSB_ATTACHED] = { .name = "currently-attached", .type = XTUNE_XE_FLAG },
    [VUSB_ALLOWED] = { .name = "allowed-operations", .type = XTUNE_XE_SET },
    [VUSB_CURRENT] = { .name = "current-operations", .type = XTUNE_XE_SET },
};

static const char *const vusb_listed[] = {
    "uuid",
    "vm-uuid",
    "usb-group-uuid",
    NULL,
};

const xtune_xe_class xtune_xe_vusb_class = {
    .name = "vusb",
    .type = "VUSB",
    CLASS(vusb_fields, vusb_listed),
};

static const char *vm_name_of(const xtune_xe_vusb *vusb)
{
    const char *name = vusb->domain ? vusb->domain->name : vusb->record->name;

    return *name ? name : NOT_THERE;
}

/* In XAPI's order. */
static xtune_xe_value operations_of(const xtune_xe_vusb *vusb)
{
    static const char *const when_attached[] = { "attach", "unplug" };
    static const char *const when_detached[] = { "attach", "plug" };

    return (xtune_xe_value){
        .items = vusb->attached ? when_attached : when_detached,
        .nr_items = vusb->domain ? 2 : 1,
    };
}

static void fill_vusb(xtune_arena *arena, const xtune_xe_vusb *vusb,
                      xtune_xe_value *values)
{
    values[VUSB_UUID] = text_value(vusb->uuid);
    values[VUSB_VM] =
        text_value(vusb->domain ? vusb->domain->uuid : vusb->record->uuid);
    values[VUSB_VM_NAME] = text_value(vm_name_of(vusb));
    values[VUSB_GROUP] = text_value(vusb->usb->group_uuid);
    values[VUSB_GROUP_NAME] = text_value(name_of(arena, vusb->usb));
    values[VUSB_OTHER] =
        items_value(vusb->wanted->other_config, vusb->wanted->nr_other_config);
    values[VUSB_ATTACHED] = flag_value(vusb->attached);
    values[VUSB_ALLOWED] = operations_of(vusb);
}

const xtune_xe_record *xtune_xe_vusb_records(xtune_arena *arena,
                                             const xtune_xe_usbs *all,
                                             size_t *nr_r)
{
    xtune_xe_record *records =
        XTUNE_NEW_ARRAY(arena, xtune_xe_record, all->nr_vusbs + 1);
    size_t i;

    for (i = 0; i < all->nr_vusbs; i++) {
        xtune_xe_value *values =
            XTUNE_NEW_ARRAY(arena, xtune_xe_value, NR_VUSB_FIELDS);

        fill_vusb(arena, &all->vusbs[i], values);
        records[i].values = values;
    }
    *nr_r = all->nr_vusbs;
    return records;
}
