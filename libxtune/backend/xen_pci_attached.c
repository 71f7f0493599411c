/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How domains have PCI devices, from the backend in xenstore, where libxl
 * lists them also for HVM guests. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "backend/pci_text.h"
#include "base/util.h"
#include "host/attachment.h"
#include "host/pci_address.h"

#define BACKENDS "/local/domain/0/backend/pci"

/* More than any bus has; xenstore is not to make us loop. */
#define MAX_DEVICES_OF_DOMAIN 1024

/* The list of one domain, as it is at one moment: libxl moves up those behind
 * one that it takes out. */
typedef struct reader {
    xt_xen_moment moment;
    xtune_arena *arena;
    unsigned int domid;
} reader;

static const char *path_of(const reader *r, const char *node)
{
    return xtune_arena_printf(r->arena, BACKENDS "/%u/0/%s", r->domid, node);
}

/* NULL where there is none. */
static const char *read_node(reader *r, const char *node)
{
    return xt_xen_moment_read(&r->moment, path_of(r, node));
}

static int bad(const reader *r, const char *node, const char *value,
               xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "xenstore", NULL,
                           "\"%s\" has \"%.80s\", which cannot be read",
                           path_of(r, node), value ? value : "");
}

static int read_device(reader *r, unsigned int i, xtune_attachment *attachment,
                       xtune_error **err)
{
    char node[32];
    const char *value;

    snprintf(node, sizeof(node), "dev-%u", i);
    value = read_node(r, node);
    if (!value || !xt_pci_address_is_valid(value))
        return bad(r, node, value, err);
    *attachment = (xtune_attachment){ .address = value };
    snprintf(node, sizeof(node), "vdevfn-%u", i);
    value = read_node(r, node);
    if (!xt_pci_vdevfn_read(value, attachment))
        return bad(r, node, value, err);
    snprintf(node, sizeof(node), "opts-%u", i);
    value = read_node(r, node);
    if (value && !xt_pci_options_read(value, attachment))
        return bad(r, node, value, err);
    return 0;
}

static int read_devices(reader *r, xtune_attachment **list_r, size_t *nr_r,
                        xtune_error **err)
{
    const char *value = read_node(r, "num_devs");
    uint64_t nr, i;
    int rc = 0;

    *list_r = NULL;
    *nr_r = 0;
    if (!value) return 0;
    if (!xt_parse_u64(value, 10, MAX_DEVICES_OF_DOMAIN, &nr))
        return bad(r, "num_devs", value, err);
    *list_r = XTUNE_NEW_ARRAY(r->arena, xtune_attachment, nr);
    for (i = 0; !rc && i < nr; i++)
        rc = read_device(r, (unsigned int)i, &(*list_r)[i], err);
    *nr_r = nr;
    return rc;
}

int xt_xen_read_attachments(xt_xen *xen, xtune_arena *arena,
                            unsigned int domid, xtune_attachment **list_r,
                            size_t *nr_r, xtune_error **err)
{
    reader r = { .arena = arena, .domid = domid };
    int rc;

    rc = xt_xen_moment_begin(xen, arena, &r.moment, err);
    if (rc) return rc;
    rc = read_devices(&r, list_r, nr_r, err);
    return xt_xen_moment_end(&r.moment, rc, "devices", domid, err);
}

/* The first of these devices that is in the list; NULL. */
static const char *find_in(const xtune_attachment *list, size_t nr_list,
                           const char *const *addresses, size_t nr)
{
    size_t i, j;

    for (i = 0; i < nr_list; i++)
        for (j = 0; j < nr; j++)
            if (!strcmp(list[i].address, addresses[j])) return addresses[j];
    return NULL;
}

int xt_xen_pci_find_listed(xt_xen *xen, const char *const *addresses,
                           size_t nr, const char **found_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char **domains = NULL;
    unsigned int nr_domains, i;
    xtune_attachment *list = NULL;
    xc_domaininfo_t info;
    uint64_t domid;
    size_t nr_list;
    bool lives;
    int rc;

    *found_r = NULL;
    rc = xt_xen_store_list(xen, BACKENDS, &domains, &nr_domains, err);
    for (i = 0; !rc && !*found_r && i < nr_domains; i++) {
        if (!xt_parse_u64(domains[i], 10, DOMID_FIRST_RESERVED, &domid))
            continue;
        rc = xt_xen_read_domain(xen, (unsigned int)domid, &lives, &info, err);
        if (rc || !lives) continue;
        rc = xt_xen_read_attachments(xen, arena, (unsigned int)domid, &list,
                                     &nr_list, err);
        if (!rc) *found_r = find_in(list, nr_list, addresses, nr);
    }
    return rc;
}

int xt_xen_pci_check_unlisted(xt_xen *xen, const char *const *addresses,
                              size_t nr, xtune_error **err)
{
    const char *found;
    int rc = xt_xen_pci_find_listed(xen, addresses, nr, &found, err);

    if (rc || !found) return rc;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, found,
                           "detach it from that domain first",
                           "a domain has it");
}

int xt_xen_get_attached(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *address, xtune_arena *arena,
                        xt_json **value_r, xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xtune_attachment *list = NULL;
    xc_domaininfo_t info;
    size_t nr = 0, i;
    int rc;

    rc = xt_xen_find_domain(xen, domain, &info, err);
    if (!rc)
        rc = xt_xen_read_attachments(xen, arena, info.domain, &list, &nr, err);
    if (rc) return rc;
    for (i = 0; i < nr && strcmp(list[i].address, address); i++)
        continue;
    *value_r =
        i < nr ? xt_attachment_to_json(arena, &list[i]) : xt_json_null(arena);
    return 0;
}
