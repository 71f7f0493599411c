/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /sys/bus/usb/devices: "1-2.1" is a device, "1-2.1:1.0" an interface of it,
 * "usb1" a root hub, which is a part of its controller.
 */
#include "backend/dom0_scan.h"

#include <string.h>

#include "base/util.h"
#include "host/pci_address.h"
#include "host/usb_device.h"

#define DEVICES "/sys/bus/usb/devices"
#define USBBACK "/sys/bus/usb/drivers/usbback"
#define MAX_CONFIGURATION 255 /* bConfigurationValue: a byte */
#define MAX_INTERFACES 32 /* of a configuration: Linux, USB_MAXINTERFACES */

static const char *keep(const xt_dom0_scan *scan, const char *text)
{
    return text ? xtune_arena_strdup(scan->host->arena, text) : NULL;
}

/* A file with four hexadecimal digits; NULL where it is not that. */
static const char *read_id(const xt_dom0_scan *scan, const char *path,
                           const char *name)
{
    const char *line = xt_dom0_line(&scan->files, path, name);

    return line && xt_usb_is_id(line) ? keep(scan, line) : NULL;
}

/* "480", " 2.00"; NULL where it is not known: "unknown". */
static const char *read_decimal(const xt_dom0_scan *scan, const char *path,
                                const char *name)
{
    const char *line = xt_dom0_line(&scan->files, path, name);

    return line && xt_usb_is_decimal(line) ? keep(scan, line) : NULL;
}

/* What a device says of itself, which may be anything. */
static const char *read_text(const xt_dom0_scan *scan, const char *path,
                             const char *name)
{
    return keep(scan, xt_dom0_line(&scan->files, path, name));
}

static uint32_t read_number(const xt_dom0_scan *scan, const char *path,
                            const char *name, unsigned int base, uint32_t max)
{
    uint64_t number;

    if (!xt_dom0_number(&scan->files, path, name, base, max, &number))
        return XTUNE_NONE;
    return (uint32_t)number;
}

/* False for what is no interface of this number: one that is being taken out,
 * or put in. */
static bool read_interface(const xt_dom0_scan *scan, const char *path,
                           uint32_t number, xtune_usb_interface *face_r)
{
    *face_r = (xtune_usb_interface){
        .number = number,
        .class_code = read_number(scan, path, "bInterfaceClass", 16, 0xff),
        .subclass = read_number(scan, path, "bInterfaceSubClass", 16, 0xff),
        .protocol = read_number(scan, path, "bInterfaceProtocol", 16, 0xff),
        .driver = keep(scan, xt_dom0_link(&scan->files, path, "driver")),
    };
    return face_r->class_code != XTUNE_NONE &&
           face_r->subclass != XTUNE_NONE && face_r->protocol != XTUNE_NONE &&
           read_number(scan, path, "bInterfaceNumber", 16, 0xff) == number;
}

/* The interfaces of the configuration that it has, which are folders in its
 * own, "1-2.1:1.0": in the order of their numbers. */
static void read_interfaces(const xt_dom0_scan *scan, const char *path,
                            uint32_t configuration, xtune_usb *usb)
{
    xtune_arena *arena = scan->host->arena;
    const char *prefix = xtune_arena_printf(scan->files.arena, "%s:%u.",
                                            usb->path, configuration);
    const size_t len = strlen(prefix);
    xtune_usb_interface face;
    const char **names;
    uint64_t number;
    size_t nr, i;

    names = xt_dom0_list(&scan->files, path, &nr);
    for (i = 0; i < nr && usb->nr_interfaces < MAX_INTERFACES; i++) {
        if (strncmp(names[i], prefix, len) != 0 ||
            !xt_parse_u64(names[i] + len, 10, 0xff, &number) ||
            !read_interface(scan, xt_dom0_join(&scan->files, path, names[i]),
                            (uint32_t)number, &face))
            continue;
        usb->interfaces =
            xtune_arena_grow(arena, usb->interfaces, usb->nr_interfaces,
                             sizeof(*usb->interfaces));
        usb->interfaces[usb->nr_interfaces++] = face;
    }
    if (usb->nr_interfaces)
        qsort(usb->interfaces, usb->nr_interfaces, sizeof(*usb->interfaces),
              xt_usb_compare_interfaces);
}

/* Without a configuration both files are empty. */
static void read_configuration(const xt_dom0_scan *scan, const char *path,
                               xtune_usb *usb)
{
    const uint32_t configuration =
        read_number(scan, path, "bConfigurationValue", 10, MAX_CONFIGURATION);
    const uint32_t nr =
        read_number(scan, path, "bNumInterfaces", 10, MAX_INTERFACES);

    if (configuration == XTUNE_NONE) return;
    read_interfaces(scan, path, configuration, usb);
    usb->configured = nr && nr == usb->nr_interfaces;
}

/* The last PCI device in its path. */
static const char *controller_of(const xt_dom0_scan *scan, const char *path)
{
    char *copy = xtune_arena_strdup(scan->files.arena, path), *part;
    const char *found = NULL;

    while ((part = strsep(&copy, "/")))
        if (xt_pci_address_is_valid(part)) found = part;
    return keep(scan, found);
}

/* False for one that is being taken out, or is none. */
static bool read_device(const xt_dom0_scan *scan, const char *name,
                        xtune_usb *usb)
{
    const char *path = xt_dom0_resolve(
        &scan->files, xt_dom0_join(&scan->files, DEVICES, name));
    uint32_t bus;

    *usb = xt_usb_unknown(name);
    if (!path || !xt_usb_path_is_valid(name, &bus)) return false;
    usb->bus = read_number(scan, path, "busnum", 10, XT_USB_MAX_BUS);
    usb->address = read_number(scan, path, "devnum", 10, XT_USB_MAX_ADDRESS);
    usb->vendor = read_id(scan, path, "idVendor");
    usb->product = read_id(scan, path, "idProduct");
    if (usb->bus != bus || usb->address == XTUNE_NONE || !usb->address ||
        !usb->vendor || !usb->product)
        return false;
    usb->path = keep(scan, name);
    usb->release = read_id(scan, path, "bcdDevice");
    usb->class_code = read_number(scan, path, "bDeviceClass", 16, 0xff);
    usb->version = read_decimal(scan, path, "version");
    usb->speed = read_decimal(scan, path, "speed");
    usb->serial = read_text(scan, path, "serial");
    usb->manufacturer = read_text(scan, path, "manufacturer");
    usb->model = read_text(scan, path, "product");
    usb->controller = controller_of(scan, path);
    usb->uses = XTUNE_NEW_ARRAY(scan->host->arena, xtune_use, 0);
    read_configuration(scan, path, usb);
    return true;
}

/* The order of a list is that of paths. */
void xt_dom0_list_usb(const xt_dom0_scan *scan)
{
    xtune_host *host = scan->host;
    const char **names;
    xtune_usb usb;
    size_t nr, i;

    host->has_usb = true;
    host->has_usbback = xt_dom0_resolve(&scan->files, USBBACK);
    names = xt_dom0_list(&scan->files, DEVICES, &nr);
    for (i = 0; i < nr; i++) {
        if (!read_device(scan, names[i], &usb)) continue;
        host->usb = xtune_arena_grow(host->arena, host->usb, host->nr_usb,
                                     sizeof(usb));
        host->usb[host->nr_usb++] = usb;
    }
}

void xt_dom0_find_usb(const xt_dom0_scan *scan, xtune_usb *usb,
                      xt_dom0_device *device_r)
{
    const char *path = xt_dom0_resolve(
        &scan->files, xt_dom0_join(&scan->files, DEVICES, usb->path));

    /* Gone meanwhile. */
    *device_r = (xt_dom0_device){
        .usb = usb,
        .path = path,
        .path_len = path ? strlen(path) : 0,
        .is_unknown = !path,
    };
}
