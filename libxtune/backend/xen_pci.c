/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCI devices: Xen's nodes, the memory that firmware keeps for them, what the
 * toolstack keeps of them, and the domains that hold them. The rest is what
 * dom0's kernel says.
 */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "backend/dom0_scan.h"
#include "base/util.h"
#include "host/pci_address.h"
#include "usb/hwdb.h"

#define BACKENDS "/local/domain/0/backend/pci"

/* More than any bus has; xenstore is not to make us loop. */
#define MAX_DEVICES_OF_DOMAIN 1024

#define MAX_RESERVED 64 /* ranges of one device */

typedef struct bdf {
    unsigned long segment; /* above 0xffff behind Intel VMD */
    unsigned int bus, devfn;
} bdf;

/* DDDD:BB:DD.F */
static bool parse_address(const char *text, bdf *bdf_r)
{
    char *p;

    if (!xt_pci_address_is_valid(text)) return false;
    bdf_r->segment = strtoul(text, &p, 16);
    bdf_r->bus = (unsigned int)strtoul(p + 1, &p, 16);
    bdf_r->devfn = (unsigned int)strtoul(p + 1, &p, 16) << 3;
    bdf_r->devfn |= (unsigned int)strtoul(p + 1, &p, 16);
    return true;
}

/* Xen does not know segments above 0xffff: nor their nodes. */
static void read_nodes(xt_xen *xen, xtune_host *host)
{
    const size_t nr = host->nr_pci;
    XT_CLEANUP_FREE physdev_pci_device_t *devices =
        xt_xrealloc(NULL, nr, sizeof(*devices));
    XT_CLEANUP_FREE uint32_t *nodes = xt_xrealloc(NULL, nr, sizeof(*nodes));
    XT_CLEANUP_FREE size_t *of = xt_xrealloc(NULL, nr, sizeof(*of));
    unsigned int nr_asked = 0, i;
    bdf at;
    size_t j;

    for (j = 0; j < nr; j++) {
        if (!parse_address(host->pci[j].address, &at) || at.segment > 0xffff)
            continue;
        of[nr_asked] = j;
        devices[nr_asked++] = (physdev_pci_device_t){
            .seg = (uint16_t)at.segment,
            .bus = (uint8_t)at.bus,
            .devfn = (uint8_t)at.devfn,
        };
    }
    if (!nr_asked || xc_pcitopoinfo(xen->xc, nr_asked, devices, nodes)) return;
    host->has_pci_topology = true;
    for (i = 0; i < nr_asked; i++)
        if (xtune_set_has(&host->node_ids, nodes[i]))
            host->pci[of[i]].node = nodes[i];
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The devices that pciback serves to a domain, pass-through to HVM too. */
static int read_owned(xt_xen *xen, xtune_host *host, xtune_domain *domain,
                      xtune_error **err)
{
    char path[96], *value;
    uint64_t nr, i;
    int rc;

    snprintf(path, sizeof(path), BACKENDS "/%u/0/num_devs", domain->id);
    rc = xt_xen_store_read(xen, host->arena, path, &value, err);
    if (rc) return rc;
    if (!value || !xt_parse_u64(value, 10, MAX_DEVICES_OF_DOMAIN, &nr))
        return 0;
    domain->pci = XTUNE_NEW_ARRAY(host->arena, const char *, nr);
    for (i = 0; i < nr; i++) {
        snprintf(path, sizeof(path), BACKENDS "/%u/0/dev-%u", domain->id,
                 (unsigned int)i);
        rc = xt_xen_store_read(xen, host->arena, path, &value, err);
        if (rc) return rc;
        if (value && xt_pci_address_is_valid(value))
            domain->pci[domain->nr_pci++] = value;
    }
    if (domain->nr_pci)
        qsort(domain->pci, domain->nr_pci, sizeof(*domain->pci),
              compare_strings);
    return 0;
}

static xtune_domain *find_domain(xtune_host *host, const char *text)
{
    uint64_t id;
    size_t i;

    if (!xt_parse_u64(text, 10, UINT32_MAX, &id)) return NULL;
    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == id) return &host->domains[i];
    return NULL;
}

/* What libxl does not write is not known. */
static int read_attached(xt_xen *xen, xtune_host *host, xtune_domain *domain,
                         xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    int rc;

    rc =
        xt_xen_read_attachments(xen, host->arena, domain->id,
                                &domain->attached, &domain->nr_attached, &why);
    if (!rc) return 0;
    domain->attached = NULL;
    domain->nr_attached = 0;
    if (rc == XTUNE_ERR_INVALID) return 0;
    return xtune_error_set(err, rc, why->errnum, why->object, why->hint, "%s",
                           why->message);
}

/* None, rather than not known. */
static void clear_owned(xtune_host *host, bool attached)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        domain->pci = XTUNE_NEW_ARRAY(host->arena, const char *, 0);
        if (attached)
            domain->attached =
                XTUNE_NEW_ARRAY(host->arena, xtune_attachment, 0);
    }
}

/* One folder tells which domains have devices at all. */
int xt_xen_read_owners(xt_xen *xen, xtune_host *host, bool attached,
                       xtune_error **err)
{
    XT_CLEANUP_FREE char **entries = NULL;
    unsigned int nr, i;
    int rc;

    rc = xt_xen_store_list(xen, BACKENDS, &entries, &nr, err);
    if (rc) return rc;
    clear_owned(host, attached);
    for (i = 0; i < nr && !rc; i++) {
        xtune_domain *domain = find_domain(host, entries[i]);

        if (domain) rc = read_owned(xen, host, domain, err);
        if (domain && !rc && attached)
            rc = read_attached(xen, host, domain, err);
    }
    return rc;
}

/*
 * Xen has read it in ACPI's tables (RMRR of VT-d, unity maps of AMD), and
 * tells it in so many words; its log does in debug builds only.
 */
static void read_reserved(xt_xen *xen, xtune_host *host, xtune_pci *pci)
{
    struct xen_reserved_device_memory ranges[MAX_RESERVED];
    uint32_t nr = MAX_RESERVED, i;
    bdf at;

    if (!parse_address(pci->address, &at) || at.segment > 0xffff ||
        xc_reserved_device_memory_map(xen->xc, 0, (uint16_t)at.segment,
                                      (uint8_t)at.bus, (uint8_t)at.devfn,
                                      ranges, &nr) ||
        nr > MAX_RESERVED)
        return;
    pci->reserved = XTUNE_NEW_ARRAY(host->arena, const char *, nr);
    for (i = 0; i < nr; i++) {
        const uint64_t start = (uint64_t)ranges[i].start_pfn << XC_PAGE_SHIFT;
        const uint64_t bytes = (uint64_t)ranges[i].nr_pages << XC_PAGE_SHIFT;

        if (bytes)
            pci->reserved[pci->nr_reserved++] = xtune_arena_printf(
                host->arena, "%llx-%llx", (unsigned long long)start,
                (unsigned long long)(start + bytes - 1));
    }
}

/* "0000-04-00-0", as the store has it. */
static bool is_stored_as(const char *address, const char *entry)
{
    for (; *address && *entry; address++, entry++)
        if (*entry != (*address == ':' || *address == '.' ? '-' : *address))
            return false;
    return !*address && !*entry;
}

static int read_kept_of(xt_xen *xen, xtune_host *host, const char *entry,
                        xtune_error **err)
{
    xt_xen_pci_kept kept;
    size_t i;
    int rc;

    for (i = 0; i < host->nr_pci; i++) {
        xtune_pci *pci = &host->pci[i];

        if (!is_stored_as(pci->address, entry)) continue;
        rc = xt_xen_pci_kept_read(xen, host->arena, pci->address, &kept, err);
        if (rc) return rc;
        pci->assignable_name = kept.name;
        pci->former_driver = kept.former_driver;
        pci->claimed_by = kept.claimed_by;
    }
    return 0;
}

/* The folders tell of which devices anything is kept. */
int xt_xen_read_kept(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    static const char *const folders[] = { "/libxl/pci", "/libxl/pciback" };
    unsigned int nr, j;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < XT_ARRAY_SIZE(folders); i++) {
        XT_CLEANUP_FREE char **entries = NULL;

        rc = xt_xen_store_list(xen, folders[i], &entries, &nr, err);
        for (j = 0; !rc && j < nr; j++)
            rc = read_kept_of(xen, host, entries[j], err);
    }
    return rc;
}

void xt_xen_read_devices(xt_xen *xen, xtune_host *host, unsigned int parts)
{
    size_t i;

    xt_dom0_read_devices(xen->root, parts, host);
    /* The database is that of this machine. */
    if (parts & XTUNE_OBSERVE_USB && !xen->root[strspn(xen->root, "/")])
        xt_usb_read_names(host);
    if (host->nr_pci) read_nodes(xen, host);
    if (!(parts & XTUNE_OBSERVE_PCI_DETAILS)) return;
    for (i = 0; i < host->nr_pci; i++)
        read_reserved(xen, host, &host->pci[i]);
}
