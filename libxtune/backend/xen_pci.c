/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCI devices: what dom0's kernel says of them, Xen's nodes, and the domains
 * that hold them.
 */
#include "backend/xen.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "host/pci_address.h"

#define SYSFS "/sys/bus/pci/devices"
#define BACKENDS "/local/domain/0/backend/pci"

/* More than any bus has; xenstore is not to make us loop. */
#define MAX_DEVICES_OF_DOMAIN 1024

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

/* A file that holds "0x" and so many digits; NULL where it does not. */
static const char *read_id(xtune_arena *arena, const char *folder,
                           const char *name, size_t digits)
{
    char *line = xt_file_read_line(
        arena, xtune_arena_printf(arena, "%s/%s", folder, name));

    if (!line || strncmp(line, "0x", 2) != 0 ||
        strspn(line + 2, "0123456789abcdef") != digits ||
        strlen(line + 2) != digits)
        return NULL;
    return line + 2;
}

static const char *read_driver(xtune_arena *arena, const char *folder)
{
    const char *path = xtune_arena_printf(arena, "%s/driver", folder);
    char target[PATH_MAX], *slash;
    ssize_t len = readlink(path, target, sizeof(target) - 1);

    if (len < 0) return NULL;
    target[len] = '\0';
    slash = strrchr(target, '/');
    return xtune_arena_strdup(arena, slash ? slash + 1 : target);
}

/* False for one that is being taken out. */
static bool read_details(xtune_arena *arena, const char *folder,
                         xtune_pci *pci)
{
    pci->class_code = read_id(arena, folder, "class", 6);
    pci->vendor = read_id(arena, folder, "vendor", 4);
    pci->device = read_id(arena, folder, "device", 4);
    pci->driver = read_driver(arena, folder);
    pci->assignable = pci->driver && !strcmp(pci->driver, "pciback");
    return pci->class_code && pci->vendor && pci->device;
}

static void add_device(xtune_host *host, const char *devices,
                       const char *address, bool details)
{
    xtune_arena *arena = host->arena;
    const char *folder = xtune_arena_printf(arena, "%s/%s", devices, address);
    xtune_pci pci = {
        .address = folder + strlen(devices) + 1,
        .node = XTUNE_NONE,
    };

    if (details && !read_details(arena, folder, &pci)) return;
    host->pci = xtune_arena_grow(arena, host->pci, host->nr_pci, sizeof(pci));
    host->pci[host->nr_pci++] = pci;
}

static int compare_devices(const void *a, const void *b)
{
    return strcmp(((const xtune_pci *)a)->address,
                  ((const xtune_pci *)b)->address);
}

/* A dom0 without PCI has no such folder. */
static void list_devices(xt_xen *xen, xtune_host *host, bool details)
{
    const char *path = xt_path(host->arena, xen->root, SYSFS);
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder) return;
    while ((entry = readdir(folder)))
        if (xt_pci_address_is_valid(entry->d_name))
            add_device(host, path, entry->d_name, details);
    closedir(folder);
    if (host->nr_pci)
        qsort(host->pci, host->nr_pci, sizeof(*host->pci), compare_devices);
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

/* One folder tells which domains have devices at all. */
int xt_xen_read_owners(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_FREE char **entries = NULL;
    struct xs_handle *xs;
    unsigned int nr = 0, i;
    size_t j;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    /* None, rather than not known. */
    for (j = 0; j < host->nr_domains; j++)
        host->domains[j].pci = XTUNE_NEW_ARRAY(host->arena, const char *, 0);
    entries = xs_directory(xs, XBT_NULL, BACKENDS, &nr);
    if (!entries) return 0;
    for (i = 0; i < nr && !rc; i++) {
        xtune_domain *domain = find_domain(host, entries[i]);

        if (domain) rc = read_owned(xen, host, domain, err);
    }
    return rc;
}

void xt_xen_read_devices(xt_xen *xen, xtune_host *host, bool details)
{
    list_devices(xen, host, details);
    if (host->nr_pci) read_nodes(xen, host);
}
