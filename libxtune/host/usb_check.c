/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must hold of USB devices, and of what domains have of them. */
#include "host/host_check.h"

#include <string.h>

#include "base/util.h"
#include "host/pci_address.h"
#include "host/usb_device.h"

static int check_numbers(const xt_host_checker *c, const xtune_usb *usb)
{
    const char *const ids[] = { usb->vendor, usb->product, usb->release };
    const char *const decimals[] = { usb->version, usb->speed };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(ids); i++)
        if (ids[i] && !xt_usb_is_id(ids[i]))
            return xt_host_contradiction(
                c, "\"%s\" of USB device %s is not 4 hexadecimal digits",
                ids[i], usb->path);
    for (i = 0; i < XT_ARRAY_SIZE(decimals); i++)
        if (decimals[i] && !xt_usb_is_decimal(decimals[i]))
            return xt_host_contradiction(
                c, "\"%s\" of USB device %s is no decimal number", decimals[i],
                usb->path);
    return 0;
}

static int check_device(const xt_host_checker *c, const xtune_usb *usb)
{
    uint32_t bus;
    size_t i;

    if (!xt_usb_path_is_valid(usb->path, &bus))
        return xt_host_contradiction(c, "\"%s\" is no path of a USB device",
                                     usb->path);
    if (usb->bus != bus)
        return xt_host_contradiction(c, "USB device %s is on bus %u",
                                     usb->path, usb->bus);
    if (!usb->address || usb->address > XT_USB_MAX_ADDRESS)
        return xt_host_contradiction(c, "USB device %s has no address",
                                     usb->path);
    if (usb->controller && !xt_pci_address_is_valid(usb->controller))
        return xt_host_contradiction(
            c, "USB device %s is at \"%s\", which is no PCI address",
            usb->path, usb->controller);
    for (i = 1; i < usb->nr_interfaces; i++)
        if (usb->interfaces[i].number == usb->interfaces[i - 1].number)
            return xt_host_contradiction(
                c, "USB device %s has interface %u twice", usb->path,
                usb->interfaces[i].number);
    return check_numbers(c, usb);
}

static int check_devices(const xt_host_checker *c)
{
    const xtune_host *host = c->host;
    bool taken[XT_USB_MAX_BUS + 1][XT_USB_MAX_ADDRESS + 1] = { { false } };
    size_t i;
    int rc;

    for (i = 0; i < host->nr_usb; i++) {
        const xtune_usb *usb = &host->usb[i];

        rc = check_device(c, usb);
        if (rc) return rc;
        if (i && !strcmp(usb->path, host->usb[i - 1].path))
            return xt_host_contradiction(c, "USB device %s is there twice",
                                         usb->path);
        if (taken[usb->bus][usb->address])
            return xt_host_contradiction(
                c, "address %u of USB bus %u is there twice", usb->address,
                usb->bus);
        taken[usb->bus][usb->address] = true;
    }
    return 0;
}

static int check_controller(const xt_host_checker *c,
                            const xtune_domain *domain, size_t nth)
{
    const xtune_usb_controller *controller = &domain->usb[nth];

    if (!controller->version)
        return xt_host_contradiction(
            c, "domain \"%s\": USB controller %u is of USB 0", domain->name,
            controller->id);
    if (nth && controller->id == domain->usb[nth - 1].id)
        return xt_host_contradiction(
            c, "domain \"%s\": USB controller %u is there twice", domain->name,
            controller->id);
    return 0;
}

/* That a device is in two ports is no contradiction of ours: the toolstack's
 * store can say so, for a domain that dies and another one. */
int xt_host_check_usb(const xt_host_checker *c)
{
    const xtune_host *host = c->host;
    size_t i, j;
    int rc;

    rc = check_devices(c);
    for (i = 0; !rc && i < host->nr_domains; i++)
        for (j = 0; !rc && j < host->domains[i].nr_usb; j++)
            rc = check_controller(c, &host->domains[i], j);
    return rc;
}
