/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/usb_device.h"

#include <string.h>

#define MAX_DEPTH 6 /* ports between the bus and a device: Linux, hub.c */
#define MAX_PORT 255

xtune_usb xt_usb_unknown(const char *path)
{
    return (xtune_usb){
        .path = path,
        .bus = XTUNE_NONE,
        .address = XTUNE_NONE,
        .class_code = XTUNE_NONE,
    };
}

/* A number from 1 to max; *text is moved behind it. */
static bool take_number(const char **text, uint32_t max, uint32_t *number_r)
{
    uint32_t number = 0;
    const char *p = *text;

    if (*p == '0') return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        number = number * 10 + (uint32_t)(*p - '0');
        if (number > max) return false;
    }
    if (p == *text) return false;
    *text = p;
    *number_r = number;
    return true;
}

bool xt_usb_path_is_valid(const char *text, uint32_t *bus_r)
{
    uint32_t bus, port;
    unsigned int depth = 0;

    if (!take_number(&text, XT_USB_MAX_BUS, &bus) || *text != '-')
        return false;
    do {
        text++;
        if (++depth > MAX_DEPTH || !take_number(&text, MAX_PORT, &port))
            return false;
    } while (*text == '.');
    if (*text) return false;
    if (bus_r) *bus_r = bus;
    return true;
}

bool xt_usb_is_id(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789abcdef") == 4;
}

bool xt_usb_is_decimal(const char *text)
{
    const size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;

    if (!whole || whole > 9) return false;
    if (*rest == '.' && !strspn(++rest, "0123456789")) return false;
    return !rest[strspn(rest, "0123456789")];
}

int xt_usb_compare_paths(const char *a, const char *b)
{
    return strverscmp(a, b);
}

int xt_usb_compare_devices(const void *a, const void *b)
{
    return xt_usb_compare_paths(((const xtune_usb *)a)->path,
                                ((const xtune_usb *)b)->path);
}

int xt_usb_compare_interfaces(const void *a, const void *b)
{
    const uint32_t x = ((const xtune_usb_interface *)a)->number;
    const uint32_t y = ((const xtune_usb_interface *)b)->number;

    return x < y ? -1 : x > y;
}

int xt_usb_compare_controllers(const void *a, const void *b)
{
    const uint32_t x = ((const xtune_usb_controller *)a)->id;
    const uint32_t y = ((const xtune_usb_controller *)b)->id;

    return x < y ? -1 : x > y;
}
