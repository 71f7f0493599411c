/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices, as libxl attaches and detaches them. */
#include "backend/device/device_usb.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "backend/dom0_files.h"
#include "base/util.h"
#include "host/usb_device.h"

#define DEVICES "/sys/bus/usb/devices"
#define UNOPENED "failed to open host usb device"
#define UNSEEN "failed to find host usb device"
#define SEEN_MS 3000 /* udevd has it from the kernel, and tells of it */
#define LOOK_MS 100
#define OPEN_MS 2000  /* the device model opens a device */
#define CLOSE_MS 2000 /* and closes it */

/* A device at a port, as libxl wants it. */
static int read_place(libxl_device_usbdev *dev, const char *controller,
                      const char *port, xtune_error **err)
{
    uint32_t value = 0;
    int rc;

    libxl_device_usbdev_init_type(dev, LIBXL_USBDEV_TYPE_HOSTDEV);
    rc = device_usb_read_number("controller", controller, 0, INT32_MAX, &value,
                                err);
    dev->ctrl = (int)value;
    if (!rc)
        rc = device_usb_read_number("port", port, 1, XT_USB_MAX_PORTS, &value,
                                    err);
    dev->port = (int)value;
    return rc;
}

/* What the device model calls it: as libxl says, or its own backend. */
static const char *device_id(device *d, const libxl_device_usbdev *dev,
                             const libxl_device_usbctrl *c)
{
    if (c->type == LIBXL_USBCTRL_TYPE_QUSB)
        return xtune_arena_printf(d->arena, "xen-qusb-%d-%d", dev->ctrl,
                                  dev->port);
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

static int not_seen(device *d, xtune_error **err)
{
    d->log.error[0] = '\0';
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, d->object,
                           "see that udevd runs in dom0",
                           "the domain's device model has not heard that it "
                           "was plugged in");
}

static int not_added(device *d, int version, xtune_error **err)
{
    int rc;

    if (strstr(d->log.error, UNOPENED))
        rc = not_opened(d, version, err);
    else if (strstr(d->log.error, UNSEEN))
        rc = not_seen(d, err);
    else
        rc = device_usb_fail(d, "attach it", err);
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
    if (device_usb_model_lists(d, list, device_usb_controller_id(d, id)))
        return device_usb_model_clear(d, list, id, (uint32_t)dev->port,
                                      CLOSE_MS, cleared_r, err);
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, d->object,
                           "remove it with \"xltune usbctrl-detach\"",
                           "USB controller %u is in xenstore alone, and not "
                           "in the domain's device model",
                           id);
}

/* A device model that runs hears of a device that has just come from udevd,
 * which may be later than us. */
static bool add_when_seen(device *d, libxl_device_usbdev *dev)
{
    const uint64_t until = xt_libxl_now_ms() + SEEN_MS;

    for (;;) {
        d->log.error[0] = '\0';
        if (!libxl_device_usbdev_add(d->ctx, d->domid, dev, NULL)) return true;
        if (!strstr(d->log.error, UNSEEN) || xt_libxl_now_ms() >= until)
            return false;
        poll(NULL, 0, LOOK_MS);
    }
}

static int add_device(device *d, libxl_device_usbdev *dev,
                      const libxl_device_usbctrl *c, xtune_error **err)
{
    bool cleared = false;
    int rc = 0;

    if (add_when_seen(d, dev)) return 0;
    if (c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL &&
        !strstr(d->log.error, UNOPENED) && !strstr(d->log.error, UNSEEN))
        rc = make_room(d, dev, &cleared, err);
    if (rc || (cleared && add_when_seen(d, dev))) return rc;
    return not_added(d, c->version, err);
}

static int attach(device *d, libxl_device_usbdev *dev,
                  const libxl_device_usbctrl *c, xtune_error **err)
{
    const int rc = add_device(d, dev, c, err);

    if (rc || c->type == LIBXL_USBCTRL_TYPE_PV ||
        device_usb_model_opens(d, device_id(d, dev, c), OPEN_MS))
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
    if (!rc)
        rc = device_usb_read_number("bus", args[0], 1, XT_USB_MAX_BUS, &bus,
                                    err);
    if (!rc)
        rc = device_usb_read_number("address", args[1], 1, XT_USB_MAX_ADDRESS,
                                    &address, err);
    dev.u.hostdev.hostbus = (uint8_t)bus;
    dev.u.hostdev.hostaddr = (uint8_t)address;
    if (!rc) rc = device_usb_find_controller(d, (uint32_t)dev.ctrl, &c, err);
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
    struct xs_handle *xs = device_usb_open_store(d, err);
    XT_CLEANUP_FREE char *value = NULL;
    unsigned int len;
    int errnum = 0;

    if (!xs) return XTUNE_ERR_IO;
    value = xs_read(xs, XBT_NULL, node, &len);
    if (value ? !strcmp(value, path) && !xs_write(xs, XBT_NULL, node, "", 0)
              : errno != ENOENT)
        errnum = errno;
    xs_close(xs);
    if (!errnum) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errnum, d->object, NULL,
                           "cannot clear \"%s\" in xenstore: %s", node,
                           strerror(errnum));
}

/* libxl asks the device model for the device that has its address now, and
 * does nothing where it does not have that: it is gone, or was plugged in
 * again. */
static int detach_from_model(device *d, const char *path,
                             libxl_device_usbdev *dev, xtune_error **err)
{
    const bool is_there = read_address(d, path, dev);
    const char *list;
    int rc;

    if (is_there && !libxl_device_usbdev_remove(d->ctx, d->domid, dev, NULL))
        return 0;
    d->log.error[0] = '\0';
    rc = device_usb_model_list(d, &list, err);
    if (!rc)
        rc = device_usb_model_clear(d, list, (uint32_t)dev->ctrl,
                                    (uint32_t)dev->port, CLOSE_MS, NULL, err);
    /* Without a device model nobody has a device that is gone. */
    if (rc && (rc != XTUNE_ERR_IO || is_there)) return rc;
    return forget_device(d, path, dev, err);
}

static int detach(device *d, const char *path, libxl_device_usbdev *dev,
                  const libxl_device_usbctrl *c, xtune_error **err)
{
    d->log.error[0] = '\0';
    if (c->type == LIBXL_USBCTRL_TYPE_DEVICEMODEL)
        return detach_from_model(d, path, dev, err);
    if (libxl_device_usbdev_remove(d->ctx, d->domid, dev, NULL))
        return device_usb_fail(d, "detach it", err);
    /* Its backend sees it in xenstore, and a little later. */
    if (c->type == LIBXL_USBCTRL_TYPE_QUSB)
        (void)device_usb_model_lets_go(d, device_id(d, dev, c), CLOSE_MS);
    return 0;
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
    if (!rc) rc = device_usb_find_controller(d, (uint32_t)dev.ctrl, &c, err);
    if (!rc) rc = detach(d, args[0], &dev, &c, err);
    libxl_device_usbdev_dispose(&dev);
    libxl_device_usbctrl_dispose(&c);
    return rc;
}
