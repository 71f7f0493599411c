/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB controllers, as libxl adds and removes them. */
#include "backend/device/device_usb.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "host/usb_device.h"

#define LET_GO_MS 5000 /* the guest has to agree to lose one */

int device_usb_read_number(const char *what, const char *text, uint32_t min,
                           uint32_t max, uint32_t *value_r, xtune_error **err)
{
    uint64_t value;

    if (!xt_parse_u64(text, 10, max, &value) || value < min)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, what, NULL,
                               "\"%.80s\" is not one", text);
    *value_r = (uint32_t)value;
    return 0;
}

int device_usb_fail(device *d, const char *doing, xtune_error **err)
{
    const int rc = xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, d->object, NULL, "cannot %s: %s", doing,
        d->log.error[0] ? d->log.error : "libxl does not say why");

    d->log.error[0] = '\0';
    return rc;
}

const char *device_usb_controller_id(device *d, uint32_t id)
{
    return xtune_arena_printf(d->arena, "xenusb-%u", id);
}

int device_usb_find_controller(device *d, uint32_t id, libxl_device_usbctrl *c,
                               xtune_error **err)
{
    const int r = libxl_devid_to_device_usbctrl(d->ctx, d->domid, (int)id, c);

    d->log.error[0] = '\0';
    if (!r) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, d->object, NULL,
                           "the domain has no USB controller %u", id);
}

/* One of that name may be on its way out, which it is only with the guest's
 * leave. */
static int check_model(device *d, const libxl_device_usbctrl *c,
                       xtune_error **err)
{
    const char *list;
    int rc;

    if (c->type != LIBXL_USBCTRL_TYPE_DEVICEMODEL) return 0;
    rc = device_usb_model_list(d, &list, err);
    if (rc) return rc;
    if (!device_usb_model_lists(
            d, list, device_usb_controller_id(d, (uint32_t)c->devid)))
        return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, d->object,
                           "reboot the domain, or wait until it has",
                           "the guest has not let go of the USB controller "
                           "%d that was taken from it",
                           c->devid);
}

static int add_controller(device *d, libxl_device_usbctrl *c,
                          xtune_error **err)
{
    int rc = check_model(d, c, err);

    if (rc) return rc;
    d->log.error[0] = '\0';
    if (!libxl_device_usbctrl_add(d->ctx, d->domid, c, NULL)) return 0;
    if (strstr(d->log.error, "device model required"))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object,
                               "give it one in its configuration: "
                               "usbctrl=[\"type=qusb\"]",
                               "the domain has no device model that would "
                               "serve a USB controller: it needs one from its "
                               "start");
    rc = device_usb_fail(d, "add the USB controller", err);
    /* libxl leaves the one that no backend serves. */
    if (c->type != LIBXL_USBCTRL_TYPE_DEVICEMODEL)
        (void)libxl_device_usbctrl_destroy(d->ctx, d->domid, c, NULL);
    return rc;
}

int device_usbctrl_attach(device *d, char **args, size_t nr, xtune_error **err)
{
    uint32_t id = 0, version = 0, ports = 0;
    libxl_device_usbctrl c;
    int rc;

    (void)nr;
    libxl_device_usbctrl_init(&c);
    rc = device_usb_read_number("controller", args[0], 0, INT32_MAX, &id, err);
    if (!rc && (libxl_usbctrl_type_from_string(args[1], &c.type) ||
                c.type == LIBXL_USBCTRL_TYPE_AUTO))
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, "type", NULL,
                             "\"%.80s\" is not one", args[1]);
    if (!rc)
        rc = device_usb_read_number("version", args[2], 1, 3, &version, err);
    if (!rc)
        rc = device_usb_read_number("ports", args[3], 1, XT_USB_MAX_PORTS,
                                    &ports, err);
    c.devid = (int)id;
    c.version = (int)version;
    c.ports = (int)ports;
    if (!rc) rc = add_controller(d, &c, err);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}

struct xs_handle *device_usb_open_store(const device *d, xtune_error **err)
{
    struct xs_handle *xs = xs_open(0);

    if (!xs)
        xtune_error_set(err, XTUNE_ERR_IO, errno, d->object, NULL,
                        "cannot open xenstore: %s", strerror(errno));
    return xs;
}

/* libxl keeps a controller that the device model does not have: one that it
 * has made for a device by itself, or that the guest has lost. */
static int forget_controller(device *d, uint32_t id, xtune_error **err)
{
    const char *node =
        xtune_arena_printf(d->arena, "/libxl/%u/device/vusb/%u", d->domid, id);
    struct xs_handle *xs = device_usb_open_store(d, err);
    int errnum = 0;

    if (!xs) return XTUNE_ERR_IO;
    if (!xs_rm(xs, XBT_NULL, node) && errno != ENOENT) errnum = errno;
    xs_close(xs);
    if (!errnum) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errnum, d->object, NULL,
                           "cannot clear \"%s\" in xenstore: %s", node,
                           strerror(errnum));
}

/* Where a PV guest does not answer libxl removes it all the same, and says
 * that it could not. */
static int not_removed(device *d, const libxl_device_usbctrl *c,
                       xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const int rc = device_usb_fail(d, "remove the USB controller", &why);
    libxl_device_usbctrl left;
    bool is_left;

    libxl_device_usbctrl_init(&left);
    is_left = !device_usb_find_controller(d, (uint32_t)c->devid, &left, NULL);
    libxl_device_usbctrl_dispose(&left);
    if (!is_left) return 0;
    return xtune_error_set(err, rc, 0, d->object, NULL, "%s", why->message);
}

static int remove_controller(device *d, libxl_device_usbctrl *c,
                             xtune_error **err)
{
    const bool in_model = c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL;
    const char *id = device_usb_controller_id(d, (uint32_t)c->devid);
    const char *list;

    if (in_model) {
        const int rc = device_usb_model_list(d, &list, err);

        if (rc) return rc;
        if (!device_usb_model_lists(d, list, id))
            return forget_controller(d, (uint32_t)c->devid, err);
    }
    d->log.error[0] = '\0';
    if (libxl_device_usbctrl_remove(d->ctx, d->domid, c, NULL))
        return not_removed(d, c, err);
    /* It is out of libxl's list then, whatever the guest does. */
    if (in_model) (void)device_usb_model_lets_go(d, id, LET_GO_MS);
    return 0;
}

int device_usbctrl_detach(device *d, char **args, size_t nr, xtune_error **err)
{
    libxl_device_usbctrl c;
    uint32_t id = 0;
    int rc;

    (void)nr;
    rc = device_usb_read_number("controller", args[0], 0, INT32_MAX, &id, err);
    if (rc) return rc;
    libxl_device_usbctrl_init(&c);
    rc = device_usb_find_controller(d, id, &c, err);
    if (!rc) rc = remove_controller(d, &c, err);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}
