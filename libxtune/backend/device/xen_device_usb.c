/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB controllers and devices, as libxl attaches and detaches them. */
#include "backend/device/device.h"

#include <errno.h>
#include <string.h>
#include <xenstore.h>

#include "backend/dom0_files.h"
#include "base/util.h"
#include "host/usb_device.h"

#define DEVICES "/sys/bus/usb/devices"
#define UNOPENED "failed to open host usb device" /* QEMU from 5.1 on */
#define OPEN_MS 2000    /* the device model opens a device */
#define CLOSE_MS 2000   /* and closes it */
#define LET_GO_MS 10000 /* the guest has to agree to lose a controller */

static int read_number(const char *what, const char *text, uint32_t min,
                       uint32_t max, uint32_t *value_r, xtune_error **err)
{
    uint64_t value;

    if (!xt_parse_u64(text, 10, max, &value) || value < min)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, what, NULL,
                               "\"%.80s\" is not one", text);
    *value_r = (uint32_t)value;
    return 0;
}

static int fail(device *d, const char *doing, xtune_error **err)
{
    const int rc = xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, d->object, NULL, "cannot %s: %s", doing,
        d->log.error[0] ? d->log.error : "libxl does not say why");

    d->log.error[0] = '\0';
    return rc;
}

static const char *controller_id(device *d, uint32_t id)
{
    return xtune_arena_printf(d->arena, "xenusb-%u", id);
}

/* A controller of the domain as libxl lists it, to be disposed of. */
static int find_controller(device *d, uint32_t id, libxl_device_usbctrl *c,
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
    if (!device_usb_model_lists(d, list, controller_id(d, (uint32_t)c->devid)))
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
    rc = fail(d, "add the USB controller", err);
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
    rc = read_number("controller", args[0], 0, INT32_MAX, &id, err);
    if (!rc && (libxl_usbctrl_type_from_string(args[1], &c.type) ||
                c.type == LIBXL_USBCTRL_TYPE_AUTO))
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, "type", NULL,
                             "\"%.80s\" is not one", args[1]);
    if (!rc) rc = read_number("version", args[2], 1, 3, &version, err);
    if (!rc)
        rc = read_number("ports", args[3], 1, XT_USB_MAX_PORTS, &ports, err);
    c.devid = (int)id;
    c.version = (int)version;
    c.ports = (int)ports;
    if (!rc) rc = add_controller(d, &c, err);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}

static struct xs_handle *open_store(const device *d, xtune_error **err)
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
    struct xs_handle *xs;
    bool ok;

    xs = open_store(d, err);
    if (!xs) return XTUNE_ERR_IO;
    ok = xs_rm(xs, XBT_NULL,
               xtune_arena_printf(d->arena, "/libxl/%u/device/vusb/%u",
                                  d->domid, id));
    xs_close(xs);
    if (ok) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, d->object, NULL,
                           "cannot clear it from xenstore: %s",
                           strerror(errno));
}

static int remove_controller(device *d, libxl_device_usbctrl *c,
                             xtune_error **err)
{
    const bool in_model = c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL;
    const char *id = controller_id(d, (uint32_t)c->devid), *list;
    int rc;

    if (in_model) {
        rc = device_usb_model_list(d, &list, err);
        if (rc) return rc;
        if (!device_usb_model_lists(d, list, id))
            return forget_controller(d, (uint32_t)c->devid, err);
    }
    d->log.error[0] = '\0';
    if (libxl_device_usbctrl_remove(d->ctx, d->domid, c, NULL))
        return fail(d, "remove the USB controller", err);
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
    rc = read_number("controller", args[0], 0, INT32_MAX, &id, err);
    if (rc) return rc;
    libxl_device_usbctrl_init(&c);
    rc = find_controller(d, id, &c, err);
    if (!rc) rc = remove_controller(d, &c, err);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}

/* A device at a port, as libxl wants it. */
static int read_place(libxl_device_usbdev *dev, const char *controller,
                      const char *port, xtune_error **err)
{
    uint32_t value = 0;
    int rc;

    libxl_device_usbdev_init_type(dev, LIBXL_USBDEV_TYPE_HOSTDEV);
    rc = read_number("controller", controller, 0, INT32_MAX, &value, err);
    dev->ctrl = (int)value;
    if (!rc) rc = read_number("port", port, 1, XT_USB_MAX_PORTS, &value, err);
    dev->port = (int)value;
    return rc;
}

static const char *device_id(device *d, const libxl_device_usbdev *dev)
{
    return xtune_arena_printf(d->arena, "xenusb-%u-%u",
                              (unsigned int)dev->u.hostdev.hostbus,
                              (unsigned int)dev->u.hostdev.hostaddr);
}

/* The device model says so, or has the object, but not the device. */
static int not_opened(device *d, int version, xtune_error **err)
{
    d->log.error[0] = '\0';
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, d->object,
        "choose a controller of the version that its speed needs; the device "
        "model's log in /var/log/xen may say more",
        "the domain's device model cannot open it for a controller of USB %d: "
        "it has another speed, or something else uses it",
        version);
}

static int not_added(device *d, int version, xtune_error **err)
{
    const bool unopened = strstr(d->log.error, UNOPENED) != NULL;
    const int rc =
        unopened ? not_opened(d, version, err) : fail(d, "attach it", err);

    /* That says more than what failed for it. */
    return device_check_domain(d, err) ? XTUNE_ERR_NOT_FOUND : rc;
}

/* What the device model has at a port that is free in xenstore is nobody's;
 * *cleared_r false: there was nothing. */
static int make_room(device *d, const libxl_device_usbdev *dev,
                     bool *cleared_r, xtune_error **err)
{
    const uint32_t id = (uint32_t)dev->ctrl;
    const char *list;
    int rc = device_usb_model_list(d, &list, err);

    *cleared_r = false;
    if (rc) return rc;
    if (device_usb_model_lists(d, list, controller_id(d, id)))
        return device_usb_model_clear(d, list, id, (uint32_t)dev->port,
                                      CLOSE_MS, cleared_r, err);
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, d->object,
                           "remove it with \"xltune usbctrl-detach\"",
                           "USB controller %u is in xenstore alone, and not "
                           "in the domain's device model",
                           id);
}

static int add_device(device *d, libxl_device_usbdev *dev,
                      const libxl_device_usbctrl *c, xtune_error **err)
{
    bool cleared = false;
    int rc = 0;

    d->log.error[0] = '\0';
    if (!libxl_device_usbdev_add(d->ctx, d->domid, dev, NULL)) return 0;
    if (c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL &&
        !strstr(d->log.error, UNOPENED))
        rc = make_room(d, dev, &cleared, err);
    if (rc) return rc;
    if (cleared) {
        d->log.error[0] = '\0';
        if (!libxl_device_usbdev_add(d->ctx, d->domid, dev, NULL)) return 0;
    }
    return not_added(d, c->version, err);
}

static int attach(device *d, libxl_device_usbdev *dev,
                  const libxl_device_usbctrl *c, xtune_error **err)
{
    const int rc = add_device(d, dev, c, err);

    if (rc || c->type != LIBXL_USBCTRL_TYPE_DEVICEMODEL ||
        device_usb_model_opens(d, device_id(d, dev), OPEN_MS))
        return rc;
    (void)libxl_device_usbdev_remove(d->ctx, d->domid, dev, NULL);
    return not_opened(d, c->version, err);
}

int device_usbdev_attach(device *d, char **args, size_t nr, xtune_error **err)
{
    uint32_t bus = 0, address = 0;
    libxl_device_usbdev dev;
    libxl_device_usbctrl c;
    int rc;

    (void)nr;
    libxl_device_usbctrl_init(&c);
    libxl_device_usbdev_init(&dev);
    rc = read_place(&dev, args[2], args[3], err);
    if (!rc) rc = read_number("bus", args[0], 1, XT_USB_MAX_BUS, &bus, err);
    if (!rc)
        rc = read_number("address", args[1], 1, XT_USB_MAX_ADDRESS, &address,
                         err);
    dev.u.hostdev.hostbus = (uint8_t)bus;
    dev.u.hostdev.hostaddr = (uint8_t)address;
    if (!rc) rc = find_controller(d, (uint32_t)dev.ctrl, &c, err);
    if (!rc) rc = attach(d, &dev, &c, err);
    libxl_device_usbdev_dispose(&dev);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}

/* Where it is plugged in now; false: nowhere. */
static bool read_address(device *d, const char *path, libxl_device_usbdev *dev)
{
    const xt_dom0_files files = { .arena = d->arena, .root = "" };
    const char *folder = xtune_arena_printf(d->arena, DEVICES "/%s", path);
    uint64_t bus, address;

    if (!xt_dom0_number(&files, folder, "busnum", 10, XT_USB_MAX_BUS, &bus) ||
        !xt_dom0_number(&files, folder, "devnum", 10, XT_USB_MAX_ADDRESS,
                        &address))
        return false;
    dev->u.hostdev.hostbus = (uint8_t)bus;
    dev->u.hostdev.hostaddr = (uint8_t)address;
    return true;
}

/* Unless the port has something else by now. */
static int forget_device(device *d, const char *path,
                         const libxl_device_usbdev *dev, xtune_error **err)
{
    const char *node =
        xtune_arena_printf(d->arena, "/libxl/%u/device/vusb/%d/port/%d",
                           d->domid, dev->ctrl, dev->port);
    struct xs_handle *xs = open_store(d, err);
    XT_CLEANUP_FREE char *value = NULL;
    unsigned int len;
    bool ok = true;

    if (!xs) return XTUNE_ERR_IO;
    value = xs_read(xs, XBT_NULL, node, &len);
    if (value && !strcmp(value, path))
        ok = xs_write(xs, XBT_NULL, node, "", 0);
    xs_close(xs);
    if (ok) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, d->object, NULL,
                           "cannot clear \"%s\" in xenstore: %s", node,
                           strerror(errno));
}

/* libxl asks the device model for the device that has its address now, and
 * does nothing where it does not have that: it is gone, or was plugged in
 * again. */
static int detach(device *d, const char *path, libxl_device_usbdev *dev,
                  const libxl_device_usbctrl *c, xtune_error **err)
{
    const bool is_there = read_address(d, path, dev);
    const bool in_model = c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL;
    const char *list;
    int rc;

    d->log.error[0] = '\0';
    if ((is_there || !in_model) &&
        !libxl_device_usbdev_remove(d->ctx, d->domid, dev, NULL))
        return 0;
    if (!in_model) return fail(d, "detach it", err);
    d->log.error[0] = '\0';
    rc = device_usb_model_list(d, &list, err);
    if (rc) return rc;
    rc = device_usb_model_clear(d, list, (uint32_t)dev->ctrl,
                                (uint32_t)dev->port, CLOSE_MS, NULL, err);
    return rc ? rc : forget_device(d, path, dev, err);
}

int device_usbdev_detach(device *d, char **args, size_t nr, xtune_error **err)
{
    libxl_device_usbdev dev;
    libxl_device_usbctrl c;
    int rc;

    (void)nr;
    if (!xt_usb_path_is_valid(args[0], NULL))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "path", NULL,
                               "\"%.80s\" is not one", args[0]);
    libxl_device_usbctrl_init(&c);
    libxl_device_usbdev_init(&dev);
    rc = read_place(&dev, args[1], args[2], err);
    if (!rc) rc = find_controller(d, (uint32_t)dev.ctrl, &c, err);
    if (!rc) rc = detach(d, args[0], &dev, &c, err);
    libxl_device_usbdev_dispose(&dev);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}
