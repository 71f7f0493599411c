/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libxl keeps of PCI devices in xenstore (libxl_pci.c): since 4.15
 * /libxl/pci/0000-21-00-0/{driver_path,name,domid}, before
 * /libxl/pciback/0000-21-00-0/driver_path. xl and xltune go on with what the
 * other one has left.
 */
#include "backend/xen.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "backend/pci_text.h"
#include "base/util.h"

#define MAX_NAME 64 /* libxl's */

static bool is_since_4_15(const xt_xen *xen)
{
    const int version = xc_version(xen->xc, XENVER_version, NULL);

    return version < 0 || version >= (4 << 16 | 15);
}

static const char *path_of(const xt_xen *xen, xtune_arena *arena,
                           const char *address, const char *node)
{
    char *device = xtune_arena_strdup(arena, address), *p;

    for (p = device; *p; p++)
        if (*p == ':' || *p == '.') *p = '-';
    return xtune_arena_printf(arena, "/libxl/%s/%s/%s",
                              is_since_4_15(xen) ? "pci" : "pciback", device,
                              node);
}

static bool is_name(const char *name)
{
    size_t i, len = strlen(name);

    for (i = 0; i < len; i++)
        if (!isgraph((unsigned char)name[i])) return false;
    return len > 0 && len <= MAX_NAME;
}

int xt_xen_pci_kept_read(xt_xen *xen, xtune_arena *arena, const char *address,
                         xt_xen_pci_kept *kept_r, xtune_error **err)
{
    static const char *const nodes[] = { "driver_path", "name", "domid" };
    const char *paths[XT_ARRAY_SIZE(nodes)];
    char *values[XT_ARRAY_SIZE(nodes)];
    uint64_t domid;
    size_t i;
    int rc;

    for (i = 0; i < XT_ARRAY_SIZE(nodes); i++)
        paths[i] = path_of(xen, arena, address, nodes[i]);
    rc = xt_xen_store_read_all(xen, arena, paths, XT_ARRAY_SIZE(nodes), values,
                               err);
    if (rc) return rc;
    *kept_r = (xt_xen_pci_kept){ .claimed_by = XTUNE_NONE };
    if (values[0]) kept_r->former_driver = xt_pci_driver_of_path(values[0]);
    if (values[1] && is_name(values[1])) kept_r->name = values[1];
    /* libxl takes any text there for a claim. */
    if (values[2])
        kept_r->claimed_by = xt_parse_u64(values[2], 10, DOMID_INVALID, &domid)
                                 ? (uint32_t)domid
                                 : DOMID_INVALID;
    return 0;
}

/* value NULL: it goes. */
static int keep(xt_xen *xen, const char *address, const char *node,
                const char *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = path_of(xen, arena, address, node);
    struct xs_handle *xs;
    bool ok;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    if (value)
        ok = xs_write(xs, XBT_NULL, path, value, (unsigned int)strlen(value));
    else
        ok = xs_rm(xs, XBT_NULL, path) || errno == ENOENT;
    if (ok) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, address, NULL,
                           "cannot change \"%s\" in xenstore: %s", path,
                           strerror(errno));
}

int xt_xen_pci_keep_driver(xt_xen *xen, const char *address,
                           const char *driver, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    if (driver && !xt_pci_is_driver_name(driver))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, address, NULL,
                               "\"%.80s\" is not the name of a driver",
                               driver);
    return keep(xen, address, "driver_path",
                driver
                    ? xtune_arena_printf(arena, XT_PCI_DRIVERS "/%s", driver)
                    : NULL,
                err);
}

static int too_old(xtune_error **err, const char *address, const char *what)
{
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, address,
                           "use Xen 4.15 or later",
                           "this version of Xen's tools keeps no %s of a "
                           "device",
                           what);
}

int xt_xen_pci_keep_name(xt_xen *xen, const char *address, const char *name,
                         xtune_error **err)
{
    if (!is_since_4_15(xen)) return name ? too_old(err, address, "name") : 0;
    if (name && !is_name(name))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, address,
                               "use up to 64 printable characters, no blank",
                               "\"%.80s\" is not a name for it", name);
    return keep(xen, address, "name", name, err);
}

/* A domain that has the device keeps its claim: without it, the device could
 * be given to another one. */
static int check_stale(xt_xen *xen, const char *address, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen_pci_kept kept;
    xtune_attachment *list;
    xc_domaininfo_t info;
    size_t nr, i;
    bool found;
    int rc;

    rc = xt_xen_pci_kept_read(xen, arena, address, &kept, err);
    if (rc || kept.claimed_by == XTUNE_NONE) return rc;
    if (kept.claimed_by >= DOMID_FIRST_RESERVED) return 0;
    rc = xt_xen_read_domain(xen, kept.claimed_by, &found, &info, err);
    if (rc || !found) return rc;
    rc = xt_xen_read_attachments(xen, arena, kept.claimed_by, &list, &nr, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++)
        if (!strcmp(list[i].address, address))
            return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, address,
                                   NULL, "domain %u has it", kept.claimed_by);
    return 0;
}

int xt_xen_pci_claim(xt_xen *xen, const char *address, const char *domid,
                     xtune_error **err)
{
    uint64_t number;
    int rc;

    if (!is_since_4_15(xen))
        return domid ? too_old(err, address, "domain") : 0;
    if (domid && !xt_parse_u64(domid, 10, DOMID_INVALID, &number))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, address, NULL,
                               "\"%.80s\" is not the id of a domain", domid);
    rc = check_stale(xen, address, err);
    return rc ? rc : keep(xen, address, "domid", domid, err);
}
