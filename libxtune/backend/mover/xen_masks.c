/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masks and nodes in a domain's configuration, as libxl keeps it. */
#include "backend/mover/mover.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/set.h>

#include "base/util.h"

#define STORED "libxl-json"

typedef int (*alloc_fn)(libxl_ctx *ctx, libxl_bitmap *map, int bits);

/* Reads a list of CPUs or nodes into a bitmap of libxl's. */
static int read_map(mover *m, const char *what, unsigned int nbits,
                    const char *text, alloc_fn alloc, libxl_bitmap *map,
                    xtune_error **err)
{
    xtune_set all = xtune_set_all(m->arena, nbits), set;
    const xtune_set_names names = { .what = what, .exists = &all };
    unsigned int id;
    int rc;

    rc = xtune_set_parse(m->arena, &names, m->name, text, &set, err);
    if (rc) return rc;
    if (xtune_set_is_empty(&set))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, m->name, NULL,
                               "\"%s\" leaves no %s", text, what);
    if (alloc(m->ctx, map, 0)) return mover_libxl_error(m, err, "make a mask");
    /* All there can be, as xl writes it. */
    if (xtune_set_is_all(&set))
        libxl_bitmap_set_any(map);
    else
        xtune_set_for_each(id, &set) libxl_bitmap_set(map, (int)id);
    return 0;
}

static void drop_maps(libxl_bitmap **maps, int *nr)
{
    int i;

    for (i = 0; i < *nr; i++)
        libxl_bitmap_dispose(&(*maps)[i]);
    free(*maps);
    *maps = NULL;
    *nr = 0;
}

static libxl_bitmap *new_maps(size_t nr)
{
    libxl_bitmap *maps = xt_xrealloc(NULL, nr, sizeof(*maps));
    size_t i;

    for (i = 0; i < nr; i++)
        libxl_bitmap_init(&maps[i]);
    return maps;
}

static int set_masks(mover *m, const mover_request *request,
                     libxl_domain_build_info *b, xtune_error **err)
{
    int max = libxl_get_max_cpus(m->ctx), rc = 0;
    size_t i;

    if (max <= 0) return mover_libxl_error(m, err, "count CPUs");
    if (request->nr_vcpus > (size_t)b->max_vcpus)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, m->name, NULL,
                               "it has %d vCPUs, masks are given for %zu",
                               b->max_vcpus, request->nr_vcpus);
    drop_maps(&b->vcpu_hard_affinity, &b->num_vcpu_hard_affinity);
    drop_maps(&b->vcpu_soft_affinity, &b->num_vcpu_soft_affinity);
    b->vcpu_hard_affinity = new_maps(request->nr_vcpus);
    b->vcpu_soft_affinity = new_maps(request->nr_vcpus);
    b->num_vcpu_hard_affinity = (int)request->nr_vcpus;
    b->num_vcpu_soft_affinity = (int)request->nr_vcpus;
    for (i = 0; !rc && i < request->nr_vcpus; i++) {
        rc = read_map(m, "CPU", (unsigned int)max, request->vcpus[i].hard,
                      libxl_cpu_bitmap_alloc, &b->vcpu_hard_affinity[i], err);
        if (!rc)
            rc = read_map(m, "CPU", (unsigned int)max, request->vcpus[i].soft,
                          libxl_cpu_bitmap_alloc, &b->vcpu_soft_affinity[i],
                          err);
    }
    return rc;
}

static int set_nodes(mover *m, const mover_request *request,
                     libxl_domain_build_info *b, xtune_error **err)
{
    libxl_numainfo *info;
    int nr = 0;

    libxl_bitmap_dispose(&b->nodemap);
    libxl_bitmap_init(&b->nodemap);
    /* libxl's own placement ignores masks, and would write its own. */
    libxl_defbool_set(&b->numa_placement, false);
    if (!request->nodes) return 0;
    info = libxl_get_numainfo(m->ctx, &nr);
    if (!info || nr <= 0) return mover_libxl_error(m, err, "count nodes");
    libxl_numainfo_list_free(info, nr);
    return read_map(m, "node", (unsigned int)nr, request->nodes,
                    libxl_node_bitmap_alloc, &b->nodemap, err);
}

/* The pool that libxl would make it in; -1: none. */
static int64_t configured_pool(mover *m, const libxl_domain_create_info *c)
{
    uint32_t id;

    if (!c->pool_name) return c->poolid;
    if (libxl_name_to_cpupoolid(m->ctx, c->pool_name, &id)) return -1;
    return id;
}

/* The copy is made in the pool that the old one is in now: xl moves domains to
 * other pools and leaves what is stored of them as it was. */
static int set_pool(mover *m, const mover_request *request,
                    libxl_domain_create_info *c, xtune_error **err)
{
    XT_CLEANUP_FREE char *name = NULL;
    libxl_dominfo info;
    uint32_t pool, id;
    int r;

    libxl_dominfo_init(&info);
    r = libxl_domain_info(m->ctx, &info, request->domid);
    pool = info.cpupool;
    libxl_dominfo_dispose(&info);
    if (r) return mover_libxl_error(m, err, "ask for its cpupool");
    if (configured_pool(m, c) == (int64_t)pool) return 0;
    free(c->pool_name);
    c->pool_name = NULL;
    c->poolid = pool;
    name = libxl_cpupoolid_to_name(m->ctx, pool);
    /* A name that two have would lead to the first of them. */
    if (name && !libxl_name_to_cpupoolid(m->ctx, name, &id) && id == pool)
        c->pool_name = xt_xstrdup(name);
    return 0;
}

int mover_masks_config(mover *m, const mover_request *request,
                       libxl_domain_config *config, char **json_r,
                       xtune_error **err)
{
    char *json;
    int rc;

    rc = set_nodes(m, request, &config->b_info, err);
    if (!rc && !request->keep_masks)
        rc = set_masks(m, request, &config->b_info, err);
    if (!rc) rc = set_pool(m, request, &config->c_info, err);
    if (rc) return rc;
    config->c_info.domid = 0; /* any that is free, as xl does */
    json = libxl_domain_config_to_json(m->ctx, config);
    if (!json) return mover_libxl_error(m, err, "print its configuration");
    *json_r = xtune_arena_strdup(m->arena, json);
    free(json);
    return 0;
}

/* Nobody else changes it now: the copy has never run. */
static int change_stored(mover *m, uint32_t domid, libxl_domain_config *config)
{
    XT_CLEANUP_FREE uint8_t *data = NULL;
    XT_CLEANUP_FREE char *json = NULL;
    int len = 0;

    if (libxl_userdata_retrieve(m->ctx, domid, STORED, &data, &len) || !data ||
        len <= 0 || data[len - 1] != '\0' ||
        libxl_domain_config_from_json(m->ctx, config, (const char *)data))
        return -1;
    if (!config->b_info.nodemap.size) return 0;
    libxl_bitmap_dispose(&config->b_info.nodemap);
    libxl_bitmap_init(&config->b_info.nodemap);
    json = libxl_domain_config_to_json(m->ctx, config);
    if (!json) return -1;
    return libxl_userdata_store(m->ctx, domid, STORED, (const uint8_t *)json,
                                (int)strlen(json) + 1);
}

int mover_masks_forget_nodes(mover *m, uint32_t domid, xtune_error **err)
{
    libxl_domain_config config;
    libxl_bitmap all;
    int r;

    libxl_bitmap_init(&all);
    r = libxl_node_bitmap_alloc(m->ctx, &all, 0);
    if (!r) {
        /* All nodes: Xen derives them from the masks again. */
        libxl_bitmap_set_any(&all);
        r = libxl_domain_set_nodeaffinity(m->ctx, domid, &all);
    }
    libxl_bitmap_dispose(&all);
    if (r) return mover_libxl_error(m, err, "set its node affinity");
    libxl_domain_config_init(&config);
    r = change_stored(m, domid, &config);
    libxl_domain_config_dispose(&config);
    return r ? mover_libxl_error(m, err, "change its configuration") : 0;
}
