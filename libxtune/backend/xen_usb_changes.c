/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB controllers and devices of running domains: what there is of them now,
 * and xltune-device, which changes it. */
#include "backend/xen_usb.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "host/usb_device.h"

#define LIST "usb-list"
#define PV_DRIVER "usbback"
#define MODEL_DRIVER "usbfs"

/* A domain that is looked at, or changed. */
typedef struct guest {
    xt_xen *xen;
    xtune_arena *arena;
    const xt_domain_ref *ref;
    unsigned int domid;
    xtune_usb_controller *list;
    size_t nr;
} guest;

static int read_guest(guest *g, xtune_backend *backend, xtune_arena *arena,
                      const xt_domain_ref *ref, xtune_error **err)
{
    xc_domaininfo_t info;
    int rc;

    *g = (guest){ .xen = (xt_xen *)backend, .arena = arena, .ref = ref };
    rc = xt_xen_find_domain(g->xen, ref, &info, err);
    if (rc) return rc;
    g->domid = info.domain;
    return xt_xen_usb_of_domain(g->xen, arena, g->domid, &g->list, &g->nr,
                                err);
}

static const xtune_usb_controller *find_controller(const guest *g, uint32_t id)
{
    size_t i;

    for (i = 0; i < g->nr; i++)
        if (g->list[i].id == id) return &g->list[i];
    return NULL;
}

/* The controller that has a device; NULL. */
static const xtune_usb_controller *find_port(const xtune_usb_controller *list,
                                             size_t nr, const char *path,
                                             uint32_t *port_r)
{
    size_t i, j;

    for (i = 0; i < nr; i++)
        for (j = 0; j < list[i].nr_ports; j++)
            if (list[i].ports[j] && !strcmp(list[i].ports[j], path)) {
                *port_r = (uint32_t)j + 1;
                return &list[i];
            }
    return NULL;
}

/* "5", in the arena. */
static const char *number(const guest *g, uint32_t value)
{
    return xtune_arena_printf(g->arena, "%u", value);
}

int xt_xen_get_usb_controller(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              xtune_arena *arena, xt_json **value_r,
                              xtune_error **err)
{
    const xtune_usb_controller *c;
    guest g;
    int rc;

    rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    c = find_controller(&g, id);
    *value_r = c ? xt_json_object(arena) : xt_json_null(arena);
    if (!c) return 0;
    xt_json_add_string(arena, *value_r, "type", c->type);
    xt_json_add_u64(arena, *value_r, "version", c->version);
    xt_json_add_u64(arena, *value_r, "ports", c->nr_ports);
    return 0;
}

int xt_xen_add_usb_controller(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              const xt_json *value, int lock_fd,
                              xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *type = xt_json_text(xt_json_get(value, "type"));
    uint64_t version, ports;
    guest g;
    int rc;

    if (!type ||
        !xt_json_to_u64(xt_json_get(value, "version"), UINT8_MAX, &version) ||
        !xt_json_to_u64(xt_json_get(value, "ports"), UINT8_MAX, &ports))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name, NULL,
                               "it does not say how USB controller %u is to "
                               "be",
                               id);
    rc = xt_xen_check_root((xt_xen *)backend, domain->name, err);
    if (!rc) rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    if (find_controller(&g, id))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EEXIST, domain->name,
                               NULL, "it has a USB controller %u", id);
    return xt_xen_run_device(
        (const char *const[]){ "usbctrl-attach", number(&g, g.domid),
                               domain->uuid, number(&g, id), type,
                               number(&g, (uint32_t)version),
                               number(&g, (uint32_t)ports), NULL },
        domain->name, LIST, lock_fd, err);
}

static const char *driver_in_guest(const xtune_usb_controller *c)
{
    return strcmp(c->type, "pv") != 0 ? MODEL_DRIVER : PV_DRIVER;
}

/* As xtune_usb_is_stale(). */
static bool is_stale(const xt_xen_usb_work *w, const xtune_usb_controller *c)
{
    xt_xen_usb_interface *list;
    size_t nr, i;

    if (!w->is_there) return true;
    xt_xen_usb_interfaces(w, &list, &nr);
    for (i = 0; i < nr; i++)
        if (list[i].driver && strcmp(list[i].driver, driver_in_guest(c)) != 0)
            return true;
    return false;
}

int xt_xen_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                   const char *path, xtune_arena *arena, xt_json **value_r,
                   xtune_error **err)
{
    const xtune_usb_controller *c;
    xt_xen_usb_work w;
    uint32_t port;
    guest g;
    int rc;

    rc = xt_xen_usb_begin((xt_xen *)backend, arena, path, &w, err);
    if (!rc) rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    c = find_port(g.list, g.nr, path, &port);
    *value_r = c ? xt_json_object(arena) : xt_json_null(arena);
    if (!c) return 0;
    xt_json_add_u64(arena, *value_r, "controller", c->id);
    xt_json_add_u64(arena, *value_r, "port", port);
    xt_json_add_bool(arena, *value_r, "stale", is_stale(&w, c));
    return 0;
}

/* Of a domain that is not to be the one that gets a device: it has that, or
 * one that is gone, where libxl refuses to attach any. */
static int check_other(const guest *g, unsigned int domid,
                       const xtune_usb_controller *c, uint32_t port,
                       const char *path, xtune_error **err)
{
    const char *has = c->ports[port - 1];
    xt_xen_usb_work w;
    int rc;

    if (!strcmp(has, path))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, EBUSY, path, "detach it from there first",
            "domain %u has it, at port %u of USB controller %u", domid, port,
            c->id);
    rc = xt_xen_usb_begin(g->xen, g->arena, has, &w, err);
    if (rc || w.is_there) return rc;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, EBUSY, path, "\"xltune pusb-scan\" clears it",
        "libxl attaches no device to any domain as long as domain %u, at port "
        "%u of USB controller %u, has \"%s\", which is gone",
        domid, port, c->id, has);
}

static int check_domain(const guest *g, unsigned int domid, const char *path,
                        xtune_error **err)
{
    xtune_usb_controller *list;
    size_t nr, i;
    uint32_t j;
    int rc;

    rc = xt_xen_usb_of_domain(g->xen, g->arena, domid, &list, &nr, err);
    for (i = 0; !rc && i < nr; i++)
        for (j = 0; !rc && j < list[i].nr_ports; j++)
            if (list[i].ports[j])
                rc = check_other(g, domid, &list[i], j + 1, path, err);
    return rc;
}

/* What libxl looks at, too: the domains that xenstore knows, be they alive or
 * not. */
static int check_domains(const guest *g, const char *path, xtune_error **err)
{
    XT_CLEANUP_FREE char **entries = NULL;
    unsigned int nr, nr_domids = 0, i, *domids;
    uint64_t domid;
    bool *has;
    int rc;

    rc = xt_xen_store_list(g->xen, "/local/domain", &entries, &nr, err);
    if (rc) return rc;
    domids = XTUNE_NEW_ARRAY(g->arena, unsigned int, nr);
    for (i = 0; i < nr; i++)
        if (xt_parse_u64(entries[i], 10, DOMID_FIRST_RESERVED - 1, &domid))
            domids[nr_domids++] = (unsigned int)domid;
    rc = xt_xen_usb_find_domains(g->xen, g->arena, domids, nr_domids, &has,
                                 err);
    for (i = 0; !rc && i < nr_domids; i++)
        if (has[i]) rc = check_domain(g, domids[i], path, err);
    return rc;
}

static int check_free(const guest *g, uint32_t id, uint32_t port,
                      const char *path, xtune_error **err)
{
    const xtune_usb_controller *c = find_controller(g, id);

    if (!c || !port || port > c->nr_ports)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, path,
                               "\"xltune usb-list\" shows what it has",
                               "%s has no port %u of a USB controller %u",
                               g->ref->name, port, id);
    if (c->ports[port - 1])
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, path,
                               "choose another port",
                               "\"%s\" is in port %u of USB controller %u",
                               c->ports[port - 1], port, id);
    return check_domains(g, path, err);
}

int xt_xen_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, uint32_t controller, uint32_t port,
                      int lock_fd, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen_usb_work w;
    guest g;
    int rc;

    rc = xt_xen_check_root((xt_xen *)backend, path, err);
    if (!rc) rc = xt_xen_usb_begin((xt_xen *)backend, arena, path, &w, err);
    if (!rc) rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    if (!w.is_there)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, path, NULL,
                               "no USB device is plugged in there");
    rc = check_free(&g, controller, port, path, err);
    if (rc) return rc;
    return xt_xen_run_device(
        (const char *const[]){
            "usbdev-attach", number(&g, g.domid), domain->uuid,
            number(&g, (uint32_t)w.bus), number(&g, (uint32_t)w.address),
            number(&g, controller), number(&g, port), NULL },
        path, LIST, lock_fd, err);
}

/* dom0's drivers do not always come back by themselves; it may be gone. */
static int give_back(const guest *g, const char *path, xtune_error **err)
{
    const int rc = xt_xen_probe_usb(&g->xen->base, path, err);

    if (rc != XTUNE_ERR_NOT_FOUND) return rc;
    xt_error_forget(err);
    return 0;
}

static int detach(const guest *g, const xtune_usb_controller *c, uint32_t port,
                  int lock_fd, xtune_error **err)
{
    const char *path = c->ports[port - 1];
    int rc;

    rc = xt_xen_run_device(
        (const char *const[]){ "usbdev-detach", number(g, g->domid),
                               g->ref->uuid, path, number(g, c->id),
                               number(g, port), NULL },
        path, LIST, lock_fd, err);
    return rc ? rc : give_back(g, path, err);
}

int xt_xen_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, int lock_fd, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_usb_controller *c;
    uint32_t port;
    guest g;
    int rc;

    rc = xt_xen_check_root((xt_xen *)backend, path, err);
    if (!rc) rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    c = find_port(g.list, g.nr, path, &port);
    if (c) return detach(&g, c, port, lock_fd, err);
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, path, NULL,
                           "the domain does not have it");
}

int xt_xen_remove_usb_controller(xtune_backend *backend,
                                 const xt_domain_ref *domain, uint32_t id,
                                 int lock_fd, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_usb_controller *c;
    uint32_t i;
    guest g;
    int rc;

    rc = xt_xen_check_root((xt_xen *)backend, domain->name, err);
    if (!rc) rc = read_guest(&g, backend, arena, domain, err);
    if (rc) return rc;
    c = find_controller(&g, id);
    if (!c)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, domain->name,
                               NULL, "it has no USB controller %u", id);
    for (i = 0; !rc && i < c->nr_ports; i++)
        if (c->ports[i]) rc = detach(&g, c, i + 1, lock_fd, err);
    if (rc) return rc;
    return xt_xen_run_device(
        (const char *const[]){ "usbctrl-detach", number(&g, g.domid),
                               domain->uuid, number(&g, id), NULL },
        domain->name, LIST, lock_fd, err);
}
