/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCI devices on a host in a file: they go from driver to driver as Linux lets
 * them, and to and from domains as libxl does it.
 */
#include <errno.h>
#include <string.h>

#include "backend/snapshot.h"
#include "base/util.h"
#include "host/attachment.h"

#define PCIBACK "pciback"
#define MAX_NAME 64 /* libxl's */

static int refuse(xtune_error **err, int errnum, const char *object,
                  const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, object, NULL, "%s",
                           why);
}

/* NULL, with the error set, where it is not there. */
static xtune_pci *find_device(const xt_snapshot *s, const char *address,
                              xtune_error **err)
{
    size_t i;

    for (i = 0; i < s->host->nr_pci; i++)
        if (!strcmp(s->host->pci[i].address, address)) return &s->host->pci[i];
    xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENODEV, address, NULL,
                    "no such device");
    return NULL;
}

static int load_device(const xtune_backend *backend, const char *address,
                       xtune_pci **pci_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    int rc = xt_snapshot_load(s, err);

    if (rc) return rc;
    *pci_r = find_device(s, address, err);
    return *pci_r ? 0 : XTUNE_ERR_NOT_FOUND;
}

static size_t find_held(const xtune_domain *domain, const char *address)
{
    size_t i;

    for (i = 0; i < domain->nr_pci; i++)
        if (!strcmp(domain->pci[i], address)) break;
    return i;
}

static bool is_held(const xt_snapshot *s, const char *address)
{
    size_t i;

    for (i = 0; i < s->host->nr_domains; i++)
        if (find_held(&s->host->domains[i], address) <
            s->host->domains[i].nr_pci)
            return true;
    return false;
}

static bool is_pciback(const xtune_pci *pci)
{
    return pci->driver && !strcmp(pci->driver, PCIBACK);
}

static void add_text(xtune_arena *arena, xt_json *json, const char *key,
                     const char *text)
{
    xt_json_add(arena, json, key,
                text ? xt_json_string(arena, xtune_arena_strdup(arena, text))
                     : xt_json_null(arena));
}

/* Where that is not known there is one. */
static bool has_pciback(const xt_snapshot *s)
{
    const char *is = s->host->boot.pciback;

    return !is || strcmp(is, "missing") != 0;
}

int xt_snapshot_get_pci(xtune_backend *backend, const char *address,
                        xtune_arena *arena, struct xt_json **value_r,
                        xtune_error **err)
{
    xtune_pci *pci;
    int rc;

    rc = load_device(backend, address, &pci, err);
    if (rc) return rc;
    *value_r = xt_json_object(arena);
    add_text(arena, *value_r, "driver", pci->driver);
    xt_json_add_bool(arena, *value_r, "slot", is_pciback(pci));
    xt_json_add_bool(arena, *value_r, "pciback",
                     has_pciback(xt_snapshot_of(backend)));
    add_text(arena, *value_r, "name", pci->assignable_name);
    add_text(arena, *value_r, "former_driver", pci->former_driver);
    xt_json_add(arena, *value_r, "claimed_by",
                pci->claimed_by == XTUNE_NONE
                    ? xt_json_null(arena)
                    : xt_json_u64(arena, pci->claimed_by));
    return 0;
}

static int unbind(const xt_snapshot *s, xtune_pci *pci, xtune_error **err)
{
    if (!pci->driver)
        return refuse(err, ENODEV, pci->address, "it has no driver");
    if (is_held(s, pci->address))
        return refuse(err, EBUSY, pci->address, "a domain has it");
    pci->driver = NULL;
    pci->assignable = false;
    return 0;
}

static int bind(const xt_snapshot *s, xtune_pci *pci, const char *driver,
                xtune_error **err)
{
    if (pci->driver)
        return refuse(err, EBUSY, pci->address, "it has a driver");
    pci->driver = xtune_arena_strdup(s->host->arena, driver);
    pci->assignable = is_pciback(pci);
    return 0;
}

/* Its own driver, where that is known; Linux would look for one. */
static int probe(const xt_snapshot *s, xtune_pci *pci, xtune_error **err)
{
    if (pci->driver || !pci->former_driver) return 0;
    return bind(s, pci, pci->former_driver, err);
}

static bool has_iommu(const xtune_xen *xen)
{
    size_t i;

    for (i = 0; i < xen->nr_capabilities; i++)
        if (!strcmp(xen->capabilities[i], "hvm_directio")) return true;
    return !xen->capabilities;
}

static int quarantine(const xt_snapshot *s, const xtune_pci *pci,
                      xtune_error **err)
{
    if (!has_iommu(&s->host->xen))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ENODEV, pci->address,
                               "switch it on in the firmware, and do not give "
                               "Xen iommu=off",
                               "it cannot be kept apart: Xen has no IOMMU");
    if (is_held(s, pci->address))
        return refuse(err, EBUSY, pci->address, "a domain has it");
    return 0;
}

static int keep_name(const xt_snapshot *s, xtune_pci *pci, const char *name,
                     xtune_error **err)
{
    if (name && (!*name || strlen(name) > MAX_NAME))
        return refuse(err, EINVAL, pci->address, "no name of a device");
    pci->assignable_name =
        name ? xtune_arena_strdup(s->host->arena, name) : NULL;
    return 0;
}

static int claim(xtune_pci *pci, const char *text, xtune_error **err)
{
    uint64_t domid = XTUNE_NONE;

    if (text && !xt_parse_u64(text, 10, UINT32_MAX - 1, &domid))
        return refuse(err, EINVAL, pci->address, "no id of a domain");
    pci->claimed_by = (uint32_t)domid;
    return 0;
}

static int make_step(const xt_snapshot *s, xtune_pci *pci,
                     enum xt_pci_step step, const char *text,
                     xtune_error **err)
{
    switch (step) {
    case XT_PCI_UNBIND: return unbind(s, pci, err);
    case XT_PCI_BIND: return bind(s, pci, text, err);
    case XT_PCI_PROBE: return probe(s, pci, err);
    case XT_PCI_NEW_SLOT:
    case XT_PCI_REMOVE_SLOT: return 0; /* they follow its driver here */
    case XT_PCI_QUARANTINE: return quarantine(s, pci, err);
    case XT_PCI_RELEASE:
        if (!is_held(s, pci->address)) return 0;
        return refuse(err, EBUSY, pci->address, "a domain has it");
    case XT_PCI_KEEP_DRIVER:
        pci->former_driver =
            text ? xtune_arena_strdup(s->host->arena, text) : NULL;
        return 0;
    case XT_PCI_KEEP_NAME: return keep_name(s, pci, text, err);
    case XT_PCI_CLAIM: return claim(pci, text, err);
    }
    return 0;
}

int xt_snapshot_do_pci_step(xtune_backend *backend, const char *address,
                            enum xt_pci_step step, const char *text,
                            xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_pci *pci;
    int rc;

    rc = load_device(backend, address, &pci, err);
    if (!rc) rc = make_step(s, pci, step, text, err);
    if (!rc) s->dirty = true;
    return rc;
}

/* Domains. */

static size_t find_attached(const xtune_domain *domain, const char *address)
{
    size_t i;

    for (i = 0; i < domain->nr_attached; i++)
        if (!strcmp(domain->attached[i].address, address)) break;
    return i;
}

int xt_snapshot_get_attached(xtune_backend *backend,
                             const xt_domain_ref *domain, const char *address,
                             xtune_arena *arena, struct xt_json **value_r,
                             xtune_error **err)
{
    const xtune_attachment unknown = { .slot = XTUNE_NONE };
    xtune_domain *found;
    size_t i;
    int rc;

    rc = xt_snapshot_load_domain(backend, domain, &found, err);
    if (rc) return rc;
    *value_r = xt_json_null(arena);
    if (find_held(found, address) == found->nr_pci) return 0;
    i = find_attached(found, address);
    *value_r = xt_attachment_to_json(
        arena, i < found->nr_attached ? &found->attached[i] : &unknown);
    return 0;
}

/* Their list is sorted; how it has them is not. */
static void add_held(xt_snapshot *s, xtune_domain *domain,
                     const xtune_attachment *attachment)
{
    xtune_arena *arena = s->host->arena;
    xtune_attachment *copy;
    size_t i = domain->nr_pci;

    domain->pci = xtune_arena_widen(arena, domain->pci, domain->nr_pci,
                                    sizeof(*domain->pci));
    domain->nr_pci++;
    for (; i && strcmp(domain->pci[i - 1], attachment->address) > 0; i--)
        domain->pci[i] = domain->pci[i - 1];
    domain->pci[i] = xtune_arena_strdup(arena, attachment->address);
    if (!s->host->has_pci_details && !domain->attached) return;
    domain->attached =
        xtune_arena_widen(arena, domain->attached, domain->nr_attached,
                          sizeof(*domain->attached));
    copy = &domain->attached[domain->nr_attached++];
    *copy = *attachment;
    copy->address = domain->pci[i];
}

static int check_attach(const xt_snapshot *s, const xtune_domain *domain,
                        const xtune_pci *pci, const xtune_attachment *wanted,
                        xtune_error **err)
{
    size_t i;

    if (domain->type == XTUNE_TYPE_PVH)
        return refuse(err, EOPNOTSUPP, domain->name,
                      "a PVH guest can have no PCI device");
    if (!domain->id)
        return refuse(err, EINVAL, domain->name, "dom0 has all devices");
    if (!is_pciback(pci))
        return refuse(err, EINVAL, pci->address, "it is not assignable");
    if (is_held(s, pci->address))
        return refuse(err, EBUSY, pci->address, "a domain has it");
    for (i = 0; i < domain->nr_attached; i++)
        if (wanted->slot != XTUNE_NONE &&
            domain->attached[i].slot == wanted->slot &&
            domain->attached[i].function == wanted->function)
            return refuse(err, EBUSY, domain->name, "the slot is taken");
    return 0;
}

int xt_snapshot_attach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                           const xt_pci_attachment *attachment, int lock_fd,
                           xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *found;
    xtune_pci *pci;
    int rc;

    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, domain, &found, err);
    if (!rc) rc = load_device(backend, attachment->address, &pci, err);
    if (!rc) rc = check_attach(s, found, pci, attachment, err);
    if (rc) return rc;
    add_held(s, found, attachment);
    if (s->host->has_pci_details) pci->claimed_by = found->id;
    s->dirty = true;
    return 0;
}

int xt_snapshot_detach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *address, bool force, int lock_fd,
                           xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *found;
    xtune_pci *pci;
    size_t i;
    int rc;

    (void)force; /* guests let go here */
    (void)lock_fd;
    rc = xt_snapshot_load_domain(backend, domain, &found, err);
    if (!rc) rc = load_device(backend, address, &pci, err);
    if (rc) return rc;
    i = find_held(found, address);
    if (i == found->nr_pci)
        return refuse(err, ENOENT, found->name, "it does not have the device");
    found->nr_pci--;
    memmove(&found->pci[i], &found->pci[i + 1],
            (found->nr_pci - i) * sizeof(*found->pci));
    i = find_attached(found, address);
    if (i < found->nr_attached) {
        found->nr_attached--;
        memmove(&found->attached[i], &found->attached[i + 1],
                (found->nr_attached - i) * sizeof(*found->attached));
    }
    pci->claimed_by = XTUNE_NONE;
    s->dirty = true;
    return 0;
}

/* Virtual functions. */

int xt_snapshot_get_vfs(xtune_backend *backend, const char *address,
                        uint32_t *nr_r, xtune_error **err)
{
    xtune_pci *pci;
    int rc = load_device(backend, address, &pci, err);

    if (rc) return rc;
    if (!pci->vfs_total || pci->vfs_total == XTUNE_NONE)
        return refuse(err, EOPNOTSUPP, address, "it has no virtual functions");
    *nr_r = pci->vfs_enabled;
    return 0;
}

static bool is_vf_of(const xtune_pci *vf, const xtune_pci *pf)
{
    return vf->physfn && !strcmp(vf->physfn, pf->address);
}

static int check_vfs(const xt_snapshot *s, const xtune_pci *pf, uint32_t nr,
                     xtune_error **err)
{
    size_t i;

    if (nr > pf->vfs_total)
        return refuse(err, ERANGE, pf->address,
                      "it has not so many virtual functions");
    if (nr && pf->vfs_enabled)
        return refuse(err, EBUSY, pf->address,
                      "it has virtual functions already");
    for (i = 0; i < s->host->nr_pci; i++)
        if (is_vf_of(&s->host->pci[i], pf) &&
            is_held(s, s->host->pci[i].address))
            return refuse(err, EBUSY, s->host->pci[i].address,
                          "a domain has it");
    return 0;
}

/* Where they will be is not known here: those that come do not show. */
int xt_snapshot_set_vfs(xtune_backend *backend, const char *address,
                        uint32_t nr, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_pci *pci;
    size_t i, left = 0;
    uint32_t now;
    int rc;

    rc = xt_snapshot_get_vfs(backend, address, &now, err);
    if (!rc) rc = load_device(backend, address, &pci, err);
    if (!rc) rc = check_vfs(s, pci, nr, err);
    if (rc) return rc;
    pci->vfs_enabled = nr;
    for (i = 0; !nr && i < s->host->nr_pci; i++)
        if (!is_vf_of(&s->host->pci[i], pci))
            s->host->pci[left++] = s->host->pci[i];
    if (!nr) s->host->nr_pci = left;
    s->dirty = true;
    return 0;
}
