/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Disks of all domains, in four questions to xenstore for any number of them:
 * which there are in libxl's own folders, which nobody else may write to;
 * where another toolstack made a domain, which dom0 serves it; and what is
 * known of each.
 */
#include "backend/xen.h"

#include <string.h>

#include "backend/disk_text.h"
#include "base/printable.h"
#include "base/util.h"
#include "host/disk.h"

#define BACKENDS "/local/domain/0/backend"

static const char *const kinds[] = { "vbd", "vbd3", "tap", "qdisk" };

/* What is read of each disk. */
enum node { BACKEND, PARAMS, SCRIPT, MODE, TYPE, DEV, DIRECT_IO, NR_NODES };

static const char *const nodes[NR_NODES] = {
    [BACKEND] = "backend",
    [PARAMS] = "params",
    [SCRIPT] = "script",
    [MODE] = "mode",
    [TYPE] = "device-type",
    [DEV] = "dev",
    [DIRECT_IO] = "direct-io-safe",
};

/* A folder of disks, and the domain whose they are. */
typedef struct folder {
    xtune_domain *domain;
    const char *path;
    const char *kind; /* of the backend whose it is; NULL: libxl's own */
} folder;

/* A disk in one of them. */
typedef struct found {
    const folder *folder;
    const char *id;
} found;

typedef struct reader {
    xt_xen *xen;
    xtune_host *host;
    xtune_arena *arena; /* for the time being */
    found *found;
    size_t nr;
} reader;

/* Adds all that is in folders. */
static int find_disks(reader *r, const folder *folders, size_t nr,
                      xtune_error **err)
{
    const char **paths = XTUNE_NEW_ARRAY(r->arena, const char *, nr);
    xt_xen_names *names = XTUNE_NEW_ARRAY(r->arena, xt_xen_names, nr);
    size_t i, k;
    int rc;

    for (i = 0; i < nr; i++)
        paths[i] = folders[i].path;
    rc = xt_xen_store_list_all(r->xen, r->arena, paths, nr, names, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++)
        for (k = 0; k < names[i].nr; k++) {
            r->found =
                xtune_arena_grow(r->arena, r->found, r->nr, sizeof(*r->found));
            r->found[r->nr++] = (found){ &folders[i], names[i].items[k] };
        }
    return 0;
}

static int find_libxl(reader *r, xtune_error **err)
{
    const size_t nr = r->host->nr_domains;
    folder *folders = XTUNE_NEW_ARRAY(r->arena, folder, nr);
    size_t i;

    for (i = 0; i < nr; i++)
        folders[i] = (folder){
            .domain = &r->host->domains[i],
            .path = xtune_arena_printf(r->arena, "/libxl/%u/device/vbd",
                                       r->host->domains[i].id),
        };
    return find_disks(r, folders, nr, err);
}

/* The domain of a folder's name, unless libxl has told of its disks. */
static xtune_domain *domain_left(const reader *r, size_t nr_libxl,
                                 const char *name)
{
    xtune_domain *domain = NULL;
    uint64_t id;
    size_t i;

    if (!xt_parse_u64(name, 10, UINT32_MAX, &id)) return NULL;
    for (i = 0; !domain && i < r->host->nr_domains; i++)
        if (r->host->domains[i].id == id) domain = &r->host->domains[i];
    for (i = 0; domain && i < nr_libxl; i++)
        if (r->found[i].folder->domain == domain) return NULL;
    return domain;
}

/* Those that dom0 serves, of domains that libxl knows nothing of. */
static int find_others(reader *r, xtune_error **err)
{
    xt_xen_names names[XT_ARRAY_SIZE(kinds)];
    const char *paths[XT_ARRAY_SIZE(kinds)];
    folder *folders = NULL;
    size_t nr = 0, i, k;
    int rc;

    for (i = 0; i < XT_ARRAY_SIZE(kinds); i++)
        paths[i] = xtune_arena_printf(r->arena, BACKENDS "/%s", kinds[i]);
    rc = xt_xen_store_list_all(r->xen, r->arena, paths, XT_ARRAY_SIZE(kinds),
                               names, err);
    for (i = 0; !rc && i < XT_ARRAY_SIZE(kinds); i++)
        for (k = 0; k < names[i].nr; k++) {
            xtune_domain *domain = domain_left(r, r->nr, names[i].items[k]);

            if (!domain) continue;
            folders =
                xtune_arena_grow(r->arena, folders, nr, sizeof(*folders));
            folders[nr++] = (folder){
                .domain = domain,
                .path = xtune_arena_printf(r->arena, "%s/%u", paths[i],
                                           domain->id),
                .kind = kinds[i],
            };
        }
    return rc ? rc : find_disks(r, folders, nr, err);
}

/* A backend does not say that it is a drive, only the front end's folder. */
static const char *node_path(const reader *r, const found *f, enum node node)
{
    if (f->folder->kind && node == TYPE)
        return xtune_arena_printf(r->arena,
                                  "/local/domain/%u/device/vbd/%s/%s",
                                  f->folder->domain->id, f->id, nodes[node]);
    return xtune_arena_printf(r->arena, "%s/%s/%s", f->folder->path, f->id,
                              nodes[node]);
}

static int read_nodes(const reader *r, char ***values_r, xtune_error **err)
{
    const size_t nr = r->nr * NR_NODES;
    const char **paths = XTUNE_NEW_ARRAY(r->arena, const char *, nr);
    size_t i, k;

    *values_r = XTUNE_NEW_ARRAY(r->arena, char *, nr);
    for (i = 0; i < r->nr; i++)
        for (k = 0; k < NR_NODES; k++)
            paths[i * NR_NODES + k] = node_path(r, &r->found[i], (enum node)k);
    return xt_xen_store_read_all(r->xen, r->arena, paths, nr, *values_r, err);
}

static bool is(const char *value, const char *word)
{
    return value && !strcmp(value, word);
}

/* False for one that is on its way out, or is not as it should be. */
static bool read_disk(const reader *r, const found *f, char *const *values,
                      xtune_disk *disk)
{
    const char *kind = f->folder->kind, *script;
    xtune_arena *arena = r->host->arena;
    uint32_t server = 0;
    size_t i;

    for (i = 0; i < NR_NODES; i++)
        if (values[i]) xt_printable_clean(values[i]);
    if (!kind &&
        (!values[BACKEND] ||
         !xt_disk_backend_path(r->arena, values[BACKEND],
                               f->folder->domain->id, &server, &kind)))
        return false;
    *disk = xt_disk_unknown(
        xtune_arena_strdup(arena, values[DEV] ? values[DEV] : f->id));
    disk->server = server;
    xt_disk_describe(arena, kind, values[PARAMS], disk);
    script = xt_disk_script(values[SCRIPT]);
    if (script) disk->script = xtune_arena_strdup(arena, script);
    disk->readonly = is(values[MODE], "r");
    disk->cdrom = is(values[TYPE], "cdrom");
    disk->direct_io_safe = is(values[DIRECT_IO], "1");
    return true;
}

static bool has_disk(const xtune_domain *domain, const char *device)
{
    size_t i;

    for (i = 0; i < domain->nr_disks; i++)
        if (!strcmp(domain->disks[i].device, device)) return true;
    return false;
}

static void add_disk(xtune_host *host, xtune_domain *domain,
                     const xtune_disk *disk)
{
    if (has_disk(domain, disk->device)) return;
    domain->disks = xtune_arena_grow(host->arena, domain->disks,
                                     domain->nr_disks, sizeof(*disk));
    domain->disks[domain->nr_disks++] = *disk;
}

static void keep_disks(const reader *r, char *const *values)
{
    xtune_host *host = r->host;
    xtune_disk disk;
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        host->domains[i].disks = XTUNE_NEW_ARRAY(host->arena, xtune_disk, 0);
    for (i = 0; i < r->nr; i++)
        if (read_disk(r, &r->found[i], values + i * NR_NODES, &disk))
            add_disk(host, r->found[i].folder->domain, &disk);
    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].nr_disks)
            qsort(host->domains[i].disks, host->domains[i].nr_disks,
                  sizeof(disk), xt_disk_compare);
}

int xt_xen_read_disks(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    reader r = { .xen = xen, .host = host, .arena = arena };
    char **values = NULL;
    int rc;

    rc = find_libxl(&r, err);
    if (!rc) rc = find_others(&r, err);
    if (!rc) rc = read_nodes(&r, &values, err);
    if (!rc) keep_disks(&r, values);
    return rc;
}
