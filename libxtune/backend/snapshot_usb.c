/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * USB devices on a host in a file: they come to guests and go from them as
 * libxl and QEMU let them (xen.git tools/libs/light/libxl_usb.c). What dom0
 * does with one is left as it was: it does so again when it has it back.
 */
#include <errno.h>
#include <string.h>

#include "backend/snapshot.h"
#include "base/json.h"
#include "base/util.h"
#include "usb/parts.h"

#define PV_STATE_CONNECTED 4 /* XenbusStateConnected */

static int refuse(xtune_error **err, int errnum, const char *object,
                  const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, object, NULL, "%s",
                           why);
}

int xt_snapshot_load_usb(const xtune_backend *backend, const char *path,
                         xtune_usb **usb_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    int rc = xt_snapshot_load(s, err);

    if (rc) return rc;
    *usb_r = (xtune_usb *)xtune_host_usb(s->host, path);
    if (*usb_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENODEV, path, NULL,
                           "no such USB device is plugged in");
}

static xtune_usb_controller *find_controller(const xtune_domain *domain,
                                             uint32_t id)
{
    size_t i;

    for (i = 0; i < domain->nr_usb; i++)
        if (domain->usb[i].id == id) return &domain->usb[i];
    return NULL;
}

/* Controllers. */

int xt_snapshot_get_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *ref, uint32_t id,
                                   xtune_arena *arena,
                                   struct xt_json **value_r, xtune_error **err)
{
    const xtune_usb_controller *controller;
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    controller = find_controller(domain, id);
    *value_r = controller ? xt_json_object(arena) : xt_json_null(arena);
    if (!controller) return 0;
    xt_json_add_string(arena, *value_r, "type",
                       xtune_arena_strdup(arena, controller->type));
    xt_json_add_u64(arena, *value_r, "version", controller->version);
    xt_json_add_u64(arena, *value_r, "ports", controller->nr_ports);
    return 0;
}

/* What libxl makes of each type and version, and QEMU can. */
static const struct controller_kind {
    const char *type;
    uint32_t version, min_ports, max_ports;
} controller_kinds[] = {
    { "devicemodel", 1, 2, 2 },  { "devicemodel", 2, 6, 6 },
    { "devicemodel", 3, 1, 15 }, { "pv", 1, 1, 31 },
    { "pv", 2, 1, 31 },          { "qusb", 1, 1, 31 },
    { "qusb", 2, 1, 31 },
};

static int check_kind(const xtune_domain *domain,
                      const xtune_usb_controller *wanted, xtune_error **err)
{
    const struct controller_kind *kind;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(controller_kinds); i++) {
        kind = &controller_kinds[i];
        if (strcmp(kind->type, wanted->type) != 0 ||
            kind->version != wanted->version)
            continue;
        if (wanted->nr_ports >= kind->min_ports &&
            wanted->nr_ports <= kind->max_ports)
            return 0;
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, EINVAL, domain->name, NULL,
            "a controller of type \"%s\" and version %u has %u to %u ports, "
            "not %zu",
            kind->type, kind->version, kind->min_ports, kind->max_ports,
            wanted->nr_ports);
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, domain->name, NULL,
                           "there is no controller of type \"%s\" and version "
                           "%u",
                           wanted->type, wanted->version);
}

static int check_controller(const xtune_domain *domain,
                            const xtune_usb_controller *wanted,
                            xtune_error **err)
{
    const bool is_model = !strcmp(wanted->type, "devicemodel");

    if (!domain->id)
        return refuse(err, EINVAL, domain->name, "dom0 has all devices");
    if (domain->type == XTUNE_TYPE_PVH)
        return refuse(err, EOPNOTSUPP, domain->name,
                      "a PVH guest can have no USB device");
    if (is_model && domain->type == XTUNE_TYPE_PV)
        return refuse(err, EOPNOTSUPP, domain->name,
                      "a PV guest has no device model");
    if (find_controller(domain, wanted->id))
        return refuse(err, EEXIST, domain->name,
                      "it has a USB controller of this id");
    return check_kind(domain, wanted, err);
}

static bool read_controller(xtune_arena *arena, const xt_json *value,
                            xtune_usb_controller *controller)
{
    const char *type = xt_json_text(xt_json_get(value, "type"));
    uint64_t version, ports;

    if (!type || !xt_json_to_u64(xt_json_get(value, "version"), 9, &version) ||
        !xt_json_to_u64(xt_json_get(value, "ports"), UINT8_MAX, &ports))
        return false;
    controller->type = xtune_arena_strdup(arena, type);
    controller->version = (uint32_t)version;
    controller->nr_ports = ports;
    controller->ports = XTUNE_NEW_ARRAY(arena, const char *, ports);
    controller->state =
        strcmp(type, "devicemodel") != 0 ? PV_STATE_CONNECTED : XTUNE_NONE;
    return true;
}

int xt_snapshot_add_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *ref, uint32_t id,
                                   const struct xt_json *value, int lock_fd,
                                   xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb_controller wanted = { .id = id };
    xtune_domain *domain;
    size_t i;
    int rc;

    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    if (!read_controller(s->host->arena, value, &wanted))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name, NULL,
                               "this describes no USB controller");
    rc = check_controller(domain, &wanted, err);
    if (rc) return rc;
    domain->usb = xtune_arena_widen(s->host->arena, domain->usb,
                                    domain->nr_usb, sizeof(*domain->usb));
    for (i = domain->nr_usb++; i && domain->usb[i - 1].id > id; i--)
        domain->usb[i] = domain->usb[i - 1];
    domain->usb[i] = wanted;
    s->dirty = true;
    return 0;
}

/* A port is free again; what was in it is dom0's, if it is there. */
static void empty_port(const xt_snapshot *s, xtune_usb_controller *controller,
                       uint32_t port)
{
    const char *path = controller->ports[port - 1];
    const bool stale = xtune_usb_is_stale(s->host, controller, port);
    xtune_usb *usb = (xtune_usb *)xtune_host_usb(s->host, path);

    controller->ports[port - 1] = NULL;
    if (usb && !stale) xt_snapshot_usb_to_dom0(s, usb, controller);
}

int xt_snapshot_remove_usb_controller(xtune_backend *backend,
                                      const xt_domain_ref *ref, uint32_t id,
                                      int lock_fd, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb_controller *controller;
    xtune_domain *domain;
    size_t i;
    int rc;

    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    controller = find_controller(domain, id);
    if (!controller)
        return refuse(err, ENOENT, domain->name,
                      "it has no USB controller of this id");
    for (i = 0; i < controller->nr_ports; i++)
        if (controller->ports[i]) empty_port(s, controller, (uint32_t)i + 1);
    domain->nr_usb--;
    i = (size_t)(controller - domain->usb);
    memmove(controller, controller + 1,
            (domain->nr_usb - i) * sizeof(*controller));
    s->dirty = true;
    return 0;
}

/* Devices. */

/* The port of a domain with a device in it; NULL. */
static xtune_usb_controller *find_port(const xtune_domain *domain,
                                       const char *path, uint32_t *port_r)
{
    size_t i, j;

    for (i = 0; i < domain->nr_usb; i++)
        for (j = 0; j < domain->usb[i].nr_ports; j++) {
            const char *in = domain->usb[i].ports[j];

            if (!in || strcmp(in, path) != 0) continue;
            *port_r = (uint32_t)j + 1;
            return &domain->usb[i];
        }
    return NULL;
}

int xt_snapshot_get_usb(xtune_backend *backend, const xt_domain_ref *ref,
                        const char *path, xtune_arena *arena,
                        struct xt_json **value_r, xtune_error **err)
{
    const xtune_host *host;
    const xtune_usb_controller *controller;
    xtune_domain *domain;
    uint32_t port;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    host = xt_snapshot_of(backend)->host;
    controller = find_port(domain, path, &port);
    *value_r = controller ? xt_json_object(arena) : xt_json_null(arena);
    if (!controller) return 0;
    xt_json_add_u64(arena, *value_r, "controller", controller->id);
    xt_json_add_u64(arena, *value_r, "port", port);
    xt_json_add_bool(arena, *value_r, "stale",
                     xtune_usb_is_stale(host, controller, port));
    return 0;
}

/* libxl asks after each device that a domain has, and gives up where one is
 * not there. */
static int check_ports(const xt_snapshot *s, xtune_error **err)
{
    const xtune_host *host = s->host;
    size_t i, j, k;

    for (i = 0; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_usb; j++)
            for (k = 0; k < host->domains[i].usb[j].nr_ports; k++) {
                const char *path = host->domains[i].usb[j].ports[k];

                if (!path || xtune_host_usb(host, path)) continue;
                return xtune_error_set(
                    err, XTUNE_ERR_REFUSED, ENODEV, host->domains[i].name,
                    NULL,
                    "it is said to have the USB device \"%s\", which is not "
                    "there: no domain can have another one until that is "
                    "taken back",
                    path);
            }
    return 0;
}

static int check_device(const xtune_host *host, const xtune_usb *usb,
                        xtune_error **err)
{
    const xtune_domain *owner = xtune_usb_owner(host, usb->path, NULL, NULL);

    if (xtune_usb_is_hub(usb))
        return refuse(err, EINVAL, usb->path,
                      "it is a hub, which no guest can have");
    if (!usb->configured)
        return refuse(err, EINVAL, usb->path, "it is not configured");
    if (owner)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, usb->path, NULL,
                               "domain \"%s\" has it", owner->name);
    return 0;
}

static int check_place(const xtune_domain *domain, const xtune_usb *usb,
                       uint32_t id, uint32_t port, xtune_error **err)
{
    const xtune_usb_controller *controller = find_controller(domain, id);

    if (!controller)
        return refuse(err, ENOENT, domain->name,
                      "it has no USB controller of this id");
    if (controller->backend)
        return refuse(err, EOPNOTSUPP, domain->name,
                      "another domain than dom0 serves the controller");
    if (!port || port > controller->nr_ports)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, domain->name,
                               NULL, "USB controller %u has ports 1 to %zu",
                               id, controller->nr_ports);
    if (controller->ports[port - 1])
        return refuse(err, EBUSY, domain->name, "the port is taken");
    if (!xt_usb_takes(controller, usb))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, EINVAL, usb->path, NULL,
            "its speed, of USB %u, is none of controller %u, which is of "
            "USB %u",
            xtune_usb_version_of(usb), id, controller->version);
    return 0;
}

int xt_snapshot_attach_usb(xtune_backend *backend, const xt_domain_ref *ref,
                           const char *path, uint32_t controller,
                           uint32_t port, int lock_fd, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb_controller *found;
    xtune_domain *domain;
    xtune_usb *usb;
    int rc;

    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (!rc) rc = xt_snapshot_load_usb(backend, path, &usb, err);
    if (!rc) rc = check_device(s->host, usb, err);
    if (!rc) rc = check_place(domain, usb, controller, port, err);
    if (!rc) rc = check_ports(s, err);
    if (rc) return rc;
    found = find_controller(domain, controller);
    found->ports[port - 1] = usb->path;
    xt_snapshot_usb_to_guest(s, usb, found);
    s->dirty = true;
    return 0;
}

int xt_snapshot_detach_usb(xtune_backend *backend, const xt_domain_ref *ref,
                           const char *path, int lock_fd, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb_controller *controller;
    xtune_domain *domain;
    uint32_t port;
    int rc;

    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    controller = find_port(domain, path, &port);
    if (!controller)
        return refuse(err, ENOENT, domain->name,
                      "it does not have the device");
    empty_port(s, controller, port);
    s->dirty = true;
    return 0;
}
