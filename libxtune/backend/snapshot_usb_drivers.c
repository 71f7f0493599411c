/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's drivers of USB devices on a host in a file. An interface that dom0
 * has again gets the one that Linux has for its class, where that is one for
 * all such devices. Where it had another one, or none, that is kept meanwhile,
 * as its member "former_driver".
 */
#include <string.h>

#include "backend/snapshot.h"
#include "base/json.h"
#include "base/util.h"
#include "usb/parts.h"

#define FORMER "former_driver"

/* Those that Linux has for a class: of what is not here it knows more than the
 * class. XTUNE_NONE: any. */
static const struct class_driver {
    uint32_t class_code, subclass, protocol;
    const char *driver;
} class_drivers[] = {
    { 0x01, XTUNE_NONE, XTUNE_NONE, "snd-usb-audio" },
    { 0x02, 0x02, XTUNE_NONE, "cdc_acm" },
    { 0x02, 0x06, XTUNE_NONE, "cdc_ether" },
    { 0x03, XTUNE_NONE, XTUNE_NONE, "usbhid" },
    { 0x07, 0x01, XTUNE_NONE, "usblp" },
    { 0x08, 0x06, 0x50, "usb-storage" },
    { 0x08, 0x06, 0x62, "uas" },
    { 0x0e, XTUNE_NONE, XTUNE_NONE, "uvcvideo" },
    { 0xe0, 0x01, 0x01, "btusb" },
};

static bool is_any(uint32_t wanted, uint32_t value)
{
    return wanted == XTUNE_NONE || wanted == value;
}

static const char *class_driver(const xtune_usb_interface *interface)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(class_drivers); i++)
        if (class_drivers[i].class_code == interface->class_code &&
            is_any(class_drivers[i].subclass, interface->subclass) &&
            is_any(class_drivers[i].protocol, interface->protocol))
            return class_drivers[i].driver;
    return NULL;
}

/* All of its members but the driver that it had. */
static xt_json *without_former(xtune_arena *arena, const xt_json *members)
{
    xt_json *left = NULL;
    size_t i;

    for (i = 0; members && i < members->nr; i++) {
        if (!strcmp(members->keys[i], FORMER)) continue;
        if (!left) left = xt_json_object(arena);
        xt_json_add(arena, left, members->keys[i], members->items[i]);
    }
    return left;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

void xt_snapshot_usb_to_guest(const xt_snapshot *s, xtune_usb *usb,
                              const xtune_usb_controller *controller)
{
    xtune_arena *arena = s->host->arena;
    const char *driver = xt_usb_driver_in_guest(controller);
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++) {
        xtune_usb_interface *interface = &usb->interfaces[i];
        xt_json *members = without_former(arena, interface->extra_members);

        if (!is_same(interface->driver, class_driver(interface))) {
            if (!members) members = xt_json_object(arena);
            xt_json_add_string(arena, members, FORMER, interface->driver);
        }
        interface->extra_members = members;
        interface->driver = driver;
    }
}

/* What dom0 drives, it has already. */
void xt_snapshot_usb_to_dom0(const xt_snapshot *s, xtune_usb *usb,
                             const xtune_usb_controller *controller)
{
    const char *driver = xt_usb_driver_in_guest(controller);
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++) {
        xtune_usb_interface *interface = &usb->interfaces[i];
        const xt_json *former = xt_json_get(interface->extra_members, FORMER);

        if (!is_same(interface->driver, driver)) continue;
        interface->driver =
            former ? xt_json_text(former) : class_driver(interface);
        interface->extra_members =
            without_former(s->host->arena, interface->extra_members);
    }
}

static void add_copy(xtune_arena *arena, xt_json *object, const char *key,
                     const char *text)
{
    xt_json_add_string(arena, object, key,
                       text ? xtune_arena_strdup(arena, text) : NULL);
}

int xt_snapshot_get_usb_device(xtune_backend *backend, const char *path,
                               xtune_arena *arena, struct xt_json **value_r,
                               xtune_error **err)
{
    xt_json *drivers = xt_json_object(arena);
    xtune_usb *usb;
    size_t i;
    int rc;

    rc = xt_snapshot_load_usb(backend, path, &usb, err);
    if (rc) return rc;
    for (i = 0; i < usb->nr_interfaces; i++) {
        const char *driver = usb->interfaces[i].driver;

        if (driver) driver = xtune_arena_strdup(arena, driver);
        xt_json_add(arena, drivers,
                    xtune_arena_printf(arena, "%u", usb->interfaces[i].number),
                    xt_json_string(arena, driver));
    }
    *value_r = xt_json_object(arena);
    add_copy(arena, *value_r, "vendor", usb->vendor);
    add_copy(arena, *value_r, "product", usb->product);
    add_copy(arena, *value_r, "serial", usb->serial);
    xt_json_add(arena, *value_r, "drivers", drivers);
    return 0;
}

int xt_snapshot_probe_usb(xtune_backend *backend, const char *path,
                          xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb *usb;
    size_t i;
    int rc;

    rc = xt_snapshot_load_usb(backend, path, &usb, err);
    if (rc) return rc;
    for (i = 0; i < usb->nr_interfaces; i++)
        if (!usb->interfaces[i].driver)
            usb->interfaces[i].driver = class_driver(&usb->interfaces[i]);
    s->dirty = true;
    return 0;
}
