/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The nodes that domains were built for, from libxl's files. libxl replaces
 * a file as a whole, so that it can be read without its lock.
 */
#include "backend/xen.h"

#include "backend/built_nodes.h"
#include "base/files.h"
#include "base/util.h"

#define MAX_CONFIG (4u << 20)

static void read_domain(const xt_xen *xen, xtune_host *host,
                        xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = xtune_arena_printf(
        arena, "%s" XT_XEN_LIB_DIR "/userdata-d.%u.%s.libxl-json", xen->root,
        domain->id, domain->uuid);
    xtune_set nodes;
    size_t len;
    char *text;

    /* libxl writes the NUL that ends its text as well: no use for len. */
    if (xt_file_read(arena, path, MAX_CONFIG, &text, &len, NULL) ||
        !xt_built_nodes(arena, host, text, &nodes))
        return;
    domain->built_nodes = xtune_set_copy(host->arena, &nodes);
    domain->has_built_nodes = true;
}

void xt_xen_read_built(xt_xen *xen, xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        read_domain(xen, host, &host->domains[i]);
}
