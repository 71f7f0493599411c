/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts with USB devices, written as JSON with ' for ". */
#ifndef TEST_USB_HOST_H
#define TEST_USB_HOST_H

#include <xtune/usb.h>

#include "host_text.h"

/* A device; more members may follow. It is configured, and dom0 does nothing
 * with it. */
#define USB(path, address, vendor, product, more)                             \
    "{'path': '" path "', 'bus': 1, 'address': " address                      \
    ", 'vendor': '" vendor "', 'product': '" product                          \
    "', 'configured': true, 'uses': []" more "}"
#define SERIAL(text) ", 'serial': '" text "'"
#define SPEED(text) ", 'speed': '" text "'"
#define INTERFACES(list) ", 'interfaces': [" list "]"
#define INTERFACE(number, class_code, subclass, protocol, driver)             \
    "{'number': " number ", 'class': '" class_code                            \
    "', 'subclass': '" subclass "', 'protocol': '" protocol                   \
    "', 'driver': " driver "}"

/* A stick: mass storage. */
#define STICK(path, address, more)                                            \
    USB(path, address, "0951", "1666",                                        \
        SPEED("480")                                                          \
            INTERFACES(INTERFACE("0", "08", "06", "50", "'usb-storage'"))     \
                more)

#define DOM0                                                                  \
    "{'id': 0, 'name': 'Domain-0', 'memory_kb': 4, 'uuid': "                  \
    "'00000000-0000-0000-0000-000000000000'}"
#define DOMAIN(id, name, type, controllers)                                   \
    "{'id': " id ", 'name': '" name "', 'type': '" type                       \
    "', 'memory_kb': 4, 'uuid': '0000000" id                                  \
    "-0000-4000-8000-00000000000a', 'usb': [" controllers "]}"
#define CONTROLLER(id, type, version, ports)                                  \
    "{'id': " id ", 'type': '" type "', 'version': " version                  \
    ", 'backend': 0, 'ports': [" ports "]}"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE ((const char *const[]){ NULL })

static inline char *usb_list(const char *const *items)
{
    char *text = xt_xstrdup(""), *longer;
    size_t i;

    for (i = 0; items[i]; i++) {
        longer = xt_xprintf("%s%s%s", text, i ? ", " : "", items[i]);
        free(text);
        text = longer;
    }
    return text;
}

/* more: members of the host; "" for none. The caller frees it. */
static inline char *usb_text(const char *const *devices,
                             const char *const *domains, const char *more)
{
    XT_CLEANUP_FREE char *usb = usb_list(devices), *guests = usb_list(domains);
    char *text, *p;

    text =
        xt_xprintf("{'schema': 'xtune/host/1', 'usb': [%s], "
                   "'domains': [" DOM0 "%s%s]%s%s}",
                   usb, *guests ? ", " : "", guests, *more ? ", " : "", more);
    for (p = text; *p; p++)
        if (*p == '\'') *p = '"';
    return text;
}

static inline xtune_host *usb_host(const char *const *devices,
                                   const char *const *domains,
                                   const char *more)
{
    XT_CLEANUP_FREE char *text = usb_text(devices, domains, more);

    return host_of(text);
}

#endif
