/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1 for USB devices and guests' USB controllers, for
 * the usb-policy, and for what tells one host from another. */
#include <string.h>

#include "base/util.h"
#include "host/host_values.h"
#include "host/usb_device.h"

/* A byte as two hexadecimal digits, as files of sysfs have them. */

static int read_byte(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, uint32_t *byte_r)
{
    const char *text = xt_json_text(value);
    uint64_t number;

    *byte_r = XTUNE_NONE;
    if (!value) return 0;
    if (!text || strlen(text) != 2 || !xt_parse_u64(text, 16, 0xff, &number))
        return xt_host_read_error(reader, value, place,
                                  "\"%s\" is not two hexadecimal digits",
                                  text ? text : "");
    *byte_r = (uint32_t)number;
    return 0;
}

static xt_json *print_byte(xtune_arena *arena, uint32_t byte)
{
    if (byte == XTUNE_NONE) return NULL;
    return xt_json_string(arena, xtune_arena_printf(arena, "%02x", byte));
}

#define BYTE(type, name)                                                      \
    static int read_##type##_##name(const xt_host_reader *reader,             \
                                    const xt_json *value,                     \
                                    const xt_place *place, void *object)      \
    {                                                                         \
        return read_byte(reader, value, place, &((type *)object)->name);      \
    }                                                                         \
    static xt_json *print_##type##_##name(                                    \
        xtune_arena *arena, const xtune_host *host, const void *object)       \
    {                                                                         \
        (void)host;                                                           \
        return print_byte(arena, ((const type *)object)->name);               \
    }

#define BYTE_FIELD(type, name, key)                                           \
    CUSTOM(key, read_##type##_##name, print_##type##_##name)

/* interfaces */

BYTE(xtune_usb_interface, class_code)
BYTE(xtune_usb_interface, subclass)
BYTE(xtune_usb_interface, protocol)

static const xt_field interface_fields[] = {
    { FIELD(xtune_usb_interface, number, U32), .required = true, .max = 255 },
    { BYTE_FIELD(xtune_usb_interface, class_code, "class"), .required = true },
    { BYTE_FIELD(xtune_usb_interface, subclass, "subclass"),
      .required = true },
    { BYTE_FIELD(xtune_usb_interface, protocol, "protocol"),
      .required = true },
    { FIELD(xtune_usb_interface, driver, STRING), .nullable = true },
};
static const xt_object_type interface_type =
    TYPE(xtune_usb_interface, "interfaces", interface_fields);

/* usb */

static int read_interfaces(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    xtune_usb *usb = object;
    int rc;

    rc = xt_host_list_read(reader, &interface_type, value, place,
                           &usb->interfaces, &usb->nr_interfaces);
    if (!rc && usb->nr_interfaces)
        qsort(usb->interfaces, usb->nr_interfaces, sizeof(*usb->interfaces),
              xt_usb_compare_interfaces);
    return rc;
}

static xt_json *print_interfaces(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    const xtune_usb *usb = object;

    return xt_host_list_to_json(arena, host, &interface_type, usb->interfaces,
                                usb->nr_interfaces);
}

BYTE(xtune_usb, class_code)
OBJECTS(xtune_usb, uses, xt_use_type)

static const xt_field usb_fields[] = {
    { FIELD(xtune_usb, path, STRING), .required = true },
    { FIELD(xtune_usb, bus, U32), .required = true, .max = XT_USB_MAX_BUS },
    { FIELD(xtune_usb, address, U32), .required = true,
      .max = XT_USB_MAX_ADDRESS },
    { FIELD(xtune_usb, vendor, STRING), .required = true },
    { FIELD(xtune_usb, product, STRING), .required = true },
    { FIELD(xtune_usb, release, STRING) },
    { BYTE_FIELD(xtune_usb, class_code, "class") },
    { FIELD(xtune_usb, version, STRING) },
    { FIELD(xtune_usb, speed, STRING) },
    { FIELD(xtune_usb, serial, STRING) },
    { FIELD(xtune_usb, vendor_desc, STRING) },
    { FIELD(xtune_usb, product_desc, STRING) },
    { FIELD(xtune_usb, manufacturer, STRING) },
    { FIELD(xtune_usb, model, STRING) },
    { FIELD(xtune_usb, configured, BOOL) },
    { CUSTOM("interfaces", read_interfaces, print_interfaces) },
    { FIELD(xtune_usb, controller, STRING) },
    { OBJECTS_FIELD(xtune_usb, uses) },
};
const xt_object_type xt_usb_type = TYPE(xtune_usb, "usb", usb_fields);

/* controllers of domains */

static int read_type(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    static const char *const words[] = { "devicemodel", "pv", "qusb" };
    unsigned int word;
    int rc;

    rc =
        xt_read_word(reader, value, place, words, XT_ARRAY_SIZE(words), &word);
    if (!rc) ((xtune_usb_controller *)object)->type = words[word];
    return rc;
}

static xt_json *print_type(xtune_arena *arena, const xtune_host *host,
                           const void *object)
{
    (void)host;
    return xt_json_string(arena, ((const xtune_usb_controller *)object)->type);
}

/* Of each port the path of the device in it, or null. */
static int read_ports(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    xtune_usb_controller *controller = object;
    size_t i;
    int rc;

    rc = xt_need_array(reader, value, place);
    if (rc) return rc;
    if (!value->nr || value->nr > XT_USB_MAX_PORTS)
        return xt_host_read_error(reader, value, place,
                                  "it has %zu ports, not 1 to %d", value->nr,
                                  XT_USB_MAX_PORTS);
    controller->nr_ports = value->nr;
    controller->ports =
        XTUNE_NEW_ARRAY(reader->host->arena, const char *, value->nr);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };
        const char *path = xt_json_text(value->items[i]);

        if (value->items[i]->type != XT_JSON_NULL &&
            (!path || !xt_usb_path_is_valid(path, NULL)))
            return xt_host_read_error(reader, value->items[i], &element,
                                      "\"%s\" is no path of a USB device",
                                      path ? path : "");
        controller->ports[i] = path;
    }
    return 0;
}

static xt_json *print_ports(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    const xtune_usb_controller *controller = object;
    xt_json *json = xt_json_array(arena);
    size_t i;

    (void)host;
    for (i = 0; i < controller->nr_ports; i++)
        xt_json_append(arena, json,
                       xt_json_string(arena, controller->ports[i]));
    return json;
}

static const xt_field controller_fields[] = {
    { FIELD(xtune_usb_controller, id, U32), .required = true },
    { CUSTOM("type", read_type, print_type), .required = true },
    { FIELD(xtune_usb_controller, version, U32), .required = true, .max = 3 },
    { FIELD(xtune_usb_controller, backend, U32), .required = true },
    { FIELD(xtune_usb_controller, state, U32), .nullable = true },
    { CUSTOM("ports", read_ports, print_ports), .required = true },
};
const xt_object_type xt_usb_controller_type =
    TYPE(xtune_usb_controller, "usb", controller_fields);

/* usb_rules */

static const xt_field rules_fields[] = {
    { FIELD(xtune_usb_rules, file, STRING) },
    { FIELD(xtune_usb_rules, text, STRING) },
    { FIELD(xtune_usb_rules, problem, STRING) },
};
const xt_object_type xt_usb_rules_type =
    TYPE(xtune_usb_rules, "usb_rules", rules_fields);

/* machine */

static int read_text_uuid(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, const char **text_r)
{
    char *uuid;
    int rc;

    if (!value) return 0;
    uuid = xtune_arena_alloc(reader->host->arena, 37, 1);
    rc = xt_read_uuid(reader, value, place, uuid);
    if (!rc) *text_r = uuid;
    return rc;
}

#define UUID(name)                                                            \
    static int read_machine_##name(const xt_host_reader *reader,              \
                                   const xt_json *value,                      \
                                   const xt_place *place, void *object)       \
    {                                                                         \
        return read_text_uuid(reader, value, place,                           \
                              &((xtune_machine *)object)->name);              \
    }                                                                         \
    static xt_json *print_machine_##name(                                     \
        xtune_arena *arena, const xtune_host *host, const void *object)       \
    {                                                                         \
        const char *text = ((const xtune_machine *)object)->name;             \
                                                                              \
        (void)host;                                                           \
        return text ? xt_json_string(arena, text) : NULL;                     \
    }

UUID(uuid)
UUID(boot_id)

static const xt_field machine_fields[] = {
    { CUSTOM("uuid", read_machine_uuid, print_machine_uuid) },
    { CUSTOM("boot_id", read_machine_boot_id, print_machine_boot_id) },
};
const xt_object_type xt_machine_type =
    TYPE(xtune_machine, "machine", machine_fields);
