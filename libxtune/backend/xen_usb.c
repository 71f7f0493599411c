/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Domains' USB controllers and what is in their ports, as libxl keeps them in
 * xenstore: those of the device model in libxl's own folder of the domain,
 * the others where their backend is.
 */
#include "backend/xen_usb.h"

#include <string.h>

#include "base/util.h"
#include "host/usb_device.h"

#define FOLDER "/libxl/%u/device/vusb"
#define MAX_VERSION 3
#define MAX_STATE 8 /* XenbusStateReconfigured */

/* Those of one domain. */
typedef struct reader {
    xt_xen_moment moment;
    xtune_arena *arena;
    unsigned int domid;
} reader;

/* NULL where there is none. */
static const char *read_node(reader *r, const char *folder, const char *node)
{
    return xt_xen_moment_read(
        &r->moment, xtune_arena_printf(r->arena, "%s/%s", folder, node));
}

static int bad(const char *folder, const char *node, const char *value,
               xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "xenstore",
                           "put it right with xenstore-write: libxl attaches "
                           "no USB device to any domain as it is",
                           "\"%s/%s\" has \"%.80s\", which cannot be read",
                           folder, node, value ? value : "");
}

static int read_number(reader *r, const char *folder, const char *node,
                       uint32_t max, uint32_t *value_r, xtune_error **err)
{
    const char *text = read_node(r, folder, node);
    uint64_t value;

    if (!text || !xt_parse_u64(text, 10, max, &value) || !value)
        return bad(folder, node, text, err);
    *value_r = (uint32_t)value;
    return 0;
}

static int read_ports(reader *r, const char *folder, xtune_usb_controller *c,
                      xtune_error **err)
{
    char node[32];
    uint32_t nr, i;
    int rc;

    rc = read_number(r, folder, "num-ports", XT_USB_MAX_PORTS, &nr, err);
    if (rc) return rc;
    c->ports = XTUNE_NEW_ARRAY(r->arena, const char *, nr);
    c->nr_ports = nr;
    for (i = 0; i < nr; i++) {
        const char *path;

        snprintf(node, sizeof(node), "port/%u", i + 1);
        path = read_node(r, folder, node);
        if (path && *path && !xt_usb_path_is_valid(path, NULL))
            return bad(folder, node, path, err);
        c->ports[i] = path && *path ? path : NULL;
    }
    return 0;
}

/* Where libxl keeps the ports of one that a backend serves; NULL where that is
 * not as it writes it. */
static const char *backend_folder(reader *r, const char *folder,
                                  xtune_usb_controller *c)
{
    static const char top[] = "/local/domain/";
    const char *kind = strcmp(c->type, "pv") != 0 ? c->type : "vusb";
    const char *path = read_node(r, folder, "backend"), *rest;
    uint64_t domid;

    if (!path || strncmp(path, top, strlen(top)) != 0) return NULL;
    rest = path + strlen(top);
    if (!xt_parse_u64(xtune_arena_strndup(r->arena, rest, strcspn(rest, "/")),
                      10, DOMID_FIRST_RESERVED - 1, &domid))
        return NULL;
    c->backend = (uint32_t)domid;
    rest = xtune_arena_printf(r->arena, "%s%u/backend/%s/%u/%u", top,
                              c->backend, kind, r->domid, c->id);
    return strcmp(path, rest) != 0 ? NULL : path;
}

/* The guest writes it: what is no state is none. */
static uint32_t read_state(reader *r, uint32_t id)
{
    const char *text = read_node(
        r,
        xtune_arena_printf(r->arena, "/local/domain/%u/device/vusb/%u",
                           r->domid, id),
        "state");
    uint64_t state;

    return text && xt_parse_u64(text, 10, MAX_STATE, &state) ? (uint32_t)state
                                                             : XTUNE_NONE;
}

static bool is_type(const char *text)
{
    return !strcmp(text, "devicemodel") || !strcmp(text, "pv") ||
           !strcmp(text, "qusb");
}

/* *found_r false: it is on its way out, or libxl could not make it whole. */
static int read_controller(reader *r, const char *entry,
                           xtune_usb_controller *c, bool *found_r,
                           xtune_error **err)
{
    const char *top = xtune_arena_printf(r->arena, FOLDER, r->domid), *folder;
    uint64_t id;
    int rc;

    *found_r = false;
    if (!xt_parse_u64(entry, 10, INT32_MAX, &id))
        return bad(top, entry, "", err);
    folder = xtune_arena_printf(r->arena, "%s/%s", top, entry);
    *c = (xtune_usb_controller){ .id = (uint32_t)id, .state = XTUNE_NONE };
    c->type = read_node(r, folder, "type");
    if (!c->type) return 0;
    if (!is_type(c->type)) return bad(folder, "type", c->type, err);
    if (strcmp(c->type, "devicemodel") != 0) {
        const char *backend = backend_folder(r, folder, c);

        if (!backend)
            return bad(folder, "backend", read_node(r, folder, "backend"),
                       err);
        folder = backend;
        if (!read_node(r, folder, "num-ports")) return 0;
        c->state = read_state(r, c->id);
    }
    rc = read_number(r, folder, "usb-ver", MAX_VERSION, &c->version, err);
    if (!rc) rc = read_ports(r, folder, c, err);
    *found_r = !rc;
    if (!rc || !c->backend) return rc;
    /* Another domain writes its own nodes, and is to hide itself alone. */
    xt_error_forget(err);
    return 0;
}

static int read_controllers(reader *r, xtune_usb_controller **list_r,
                            size_t *nr_r, xtune_error **err)
{
    XT_CLEANUP_FREE char **entries = NULL;
    unsigned int nr, i;
    bool found;
    int rc = 0;

    entries = xt_xen_moment_list(
        &r->moment, xtune_arena_printf(r->arena, FOLDER, r->domid), &nr);
    *nr_r = 0;
    *list_r = XTUNE_NEW_ARRAY(r->arena, xtune_usb_controller, nr);
    for (i = 0; !rc && i < nr; i++) {
        rc = read_controller(r, entries[i], &(*list_r)[*nr_r], &found, err);
        *nr_r += !rc && found;
    }
    if (*nr_r)
        qsort(*list_r, *nr_r, sizeof(**list_r), xt_usb_compare_controllers);
    return rc;
}

int xt_xen_usb_of_domain(xt_xen *xen, xtune_arena *arena, unsigned int domid,
                         xtune_usb_controller **list_r, size_t *nr_r,
                         xtune_error **err)
{
    reader r = { .arena = arena, .domid = domid };
    int rc;

    rc = xt_xen_moment_begin(xen, arena, &r.moment, err);
    if (rc) return rc;
    rc = read_controllers(&r, list_r, nr_r, err);
    return xt_xen_moment_end(&r.moment, rc, "USB controllers", domid, err);
}

/* Most domains have none: to see that takes one question for all of them. */
int xt_xen_usb_find_domains(xt_xen *xen, xtune_arena *arena,
                            const unsigned int *domids, size_t nr,
                            bool **has_r, xtune_error **err)
{
    const char **paths = XTUNE_NEW_ARRAY(arena, const char *, nr);
    char **values = XTUNE_NEW_ARRAY(arena, char *, nr);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++)
        paths[i] = xtune_arena_printf(arena, FOLDER, domids[i]);
    rc = xt_xen_store_read_all(xen, arena, paths, nr, values, err);
    if (rc) return rc;
    *has_r = XTUNE_NEW_ARRAY(arena, bool, nr);
    for (i = 0; i < nr; i++)
        (*has_r)[i] = values[i] != NULL;
    return 0;
}

int xt_xen_read_usb(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    unsigned int *domids =
        XTUNE_NEW_ARRAY(host->arena, unsigned int, host->nr_domains);
    bool *has = NULL;
    size_t i;
    int rc;

    for (i = 0; i < host->nr_domains; i++)
        domids[i] = host->domains[i].id;
    rc = xt_xen_usb_find_domains(xen, host->arena, domids, host->nr_domains,
                                 &has, err);
    for (i = 0; !rc && i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        domain->usb = XTUNE_NEW_ARRAY(host->arena, xtune_usb_controller, 0);
        if (has[i])
            rc = xt_xen_usb_of_domain(xen, host->arena, domain->id,
                                      &domain->usb, &domain->nr_usb, err);
    }
    return rc;
}
