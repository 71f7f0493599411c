/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has a device, and what it needs of a guest. */
#include <string.h>

#include "base/util.h"
#include "usb/parts.h"

const xtune_domain *xtune_usb_owner(const xtune_host *host, const char *path,
                                    const xtune_usb_controller **controller_r,
                                    uint32_t *port_r)
{
    size_t i, j, k;

    for (i = 0; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_usb; j++) {
            const xtune_usb_controller *c = &host->domains[i].usb[j];

            for (k = 0; k < c->nr_ports; k++) {
                if (!c->ports[k] || strcmp(c->ports[k], path) != 0) continue;
                if (controller_r) *controller_r = c;
                if (port_r) *port_r = (uint32_t)k + 1;
                return &host->domains[i];
            }
        }
    return NULL;
}

const char *xt_usb_driver_in_guest(const xtune_usb_controller *controller)
{
    return strcmp(controller->type, "pv") != 0 ? "usbfs" : "usbback";
}

bool xtune_usb_is_stale(const xtune_host *host,
                        const xtune_usb_controller *controller, uint32_t port)
{
    const char *path = NULL;
    const xtune_usb *usb;
    size_t i;

    if (port && port <= controller->nr_ports)
        path = controller->ports[port - 1];
    if (!path) return false;
    usb = xtune_host_usb(host, path);
    if (!usb) return true;
    for (i = 0; i < usb->nr_interfaces; i++)
        if (usb->interfaces[i].driver &&
            strcmp(usb->interfaces[i].driver,
                   xt_usb_driver_in_guest(controller)) != 0)
            return true;
    return false;
}

/* The whole part of "1.5"; false where it is no number. */
static bool whole_part(const char *text, uint64_t *value_r)
{
    char digits[8];
    const size_t len = text ? strcspn(text, ".") : 0;
    uint64_t fraction;

    if (!len || len >= sizeof(digits)) return false;
    if (text[len] && !xt_parse_u64(text + len + 1, 10, UINT32_MAX, &fraction))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    return xt_parse_u64(digits, 10, UINT32_MAX, value_r);
}

/* A device of USB 3 at a port of USB 2 is as slow as that. Where its speed is
 * not known, the version that it says it is of counts. */
uint32_t xtune_usb_version_of(const xtune_usb *usb)
{
    uint64_t value;

    if (whole_part(usb->speed, &value) && value)
        return value <= 12 ? 1 : value <= 480 ? 2 : 3;
    if (!whole_part(usb->version, &value)) return 2;
    return value <= 1 ? 1 : value == 2 ? 2 : 3;
}

/* The device model's are as QEMU has them: its controllers of USB 1 and 2 take
 * their own speeds only, but a fast device runs at that of USB 2 as well. */
bool xt_usb_takes(const xtune_usb_controller *controller, const xtune_usb *usb)
{
    const uint32_t needs = xtune_usb_version_of(usb);

    if (controller->version == 1) return needs == 1;
    if (controller->version != 2) return true;
    return needs >= 2 || strcmp(controller->type, "devicemodel") != 0;
}
