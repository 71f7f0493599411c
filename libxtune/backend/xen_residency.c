/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where domains' memory is. Xen has no call that tells; it counts pages when
 * debug key "u" is pressed, and writes what it found to its console, the end
 * of which is kept in a ring.
 */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "backend/residency_parse.h"
#include "base/util.h"

#define PAGE_KB (XC_PAGE_SIZE / 1024)
#define CHUNK 32768u
#define HINT "boot Xen with conring_size=1m, or use --residency=infer"

/* A console that others write to faster than we read has no end. */
#define MAX_READ (64u << 20)

/*
 * Reads the console from *index_r to its end, into parser where there is one.
 * Xen goes on from the index it gave, unless what stood there has been
 * written over: then from the oldest byte.
 */
static int read_console(xt_xen *xen, uint32_t *index_r,
                        xt_residency_parser *parser, xtune_error **err)
{
    XT_CLEANUP_FREE char *text = xt_xrealloc(NULL, CHUNK, 1);
    size_t all = 0;
    unsigned int nr;

    do {
        const uint32_t expected = *index_r;

        nr = CHUNK;
        if (xc_readconsolering(xen->xc, text, &nr, 0, 1, index_r))
            return xt_xen_error(err, "xen", "read its console");
        if (!parser) continue;
        if (*index_r - nr != expected) xt_residency_gap(parser);
        xt_residency_feed(parser, text, nr);
    } while (nr == CHUNK && (all += nr) < MAX_READ);
    return 0;
}

/* What was in the ring before stays out: an old dump is not taken for ours. */
static int press_key(xt_xen *xen, xt_residency_parser *parser,
                     xtune_error **err)
{
    uint32_t index = 0;
    int rc;

    rc = read_console(xen, &index, NULL, err);
    if (rc) return rc;
    if (xc_send_debug_keys(xen->xc, "u"))
        return xt_xen_error(err, "xen", "send it debug key \"u\"");
    /* It has written all when it returns. */
    return read_console(xen, &index, parser, err);
}

/*
 * Xen counts the pages in use. Those that it set aside for a domain, to hand
 * out as they are touched, and those of a domain that is being taken down it
 * does not count: where they are is not known.
 */
static bool is_all_counted(const xt_residency_entry *entry)
{
    return entry->counted + entry->counted / 16 >= entry->total;
}

/* Returns whether there is an entry to go by. */
static bool fill_domain(xtune_host *host, xtune_domain *domain,
                        const xt_residency_entry *entry)
{
    unsigned int id;

    if (!entry || !entry->complete) return false;
    if (!is_all_counted(entry)) return true;
    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_node_ids);
    xtune_set_for_each(id, &host->node_ids) domain->memory_by_node_kb[id] =
        entry->pages[id] * PAGE_KB;
    domain->residency = XTUNE_RESIDENCY_MEASURED;
    return true;
}

/* Domains that came or went since they were listed have no entry, which is
 * nothing amiss where the text is whole. */
static int check_dump(const xt_residency_parser *parser, size_t nr_read,
                      size_t nr_broken, size_t nr_domains, xtune_error **err)
{
    if (nr_read == nr_domains) return 0;
    if (xt_residency_is_whole(parser)) {
        if (!nr_broken) return 0;
        return xtune_error_set(err, XTUNE_ERR_IO, 0, "xen", "try again",
                               "its answer to debug key \"u\" is mixed with "
                               "other text: %zu of %zu domains were read",
                               nr_read, nr_domains);
    }
    if (!xt_residency_has_begun(parser) && !nr_read && !nr_broken)
        return xtune_error_set(err, XTUNE_ERR_IO, 0, "xen", HINT,
                               "no answer to debug key \"u\" is in its "
                               "console ring");
    return xtune_error_set(err, XTUNE_ERR_IO, 0, "xen", HINT,
                           "the console ring is too small for its answer to "
                           "debug key \"u\": %zu of %zu domains were read",
                           nr_read, nr_domains);
}

static int measure(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_residency_parser *parser =
        xt_residency_parser_new(arena, &host->node_ids);
    size_t nr_read = 0, nr_broken = 0, i;
    int rc;

    rc = press_key(xen, parser, err);
    if (rc) return rc;
    for (i = 0; i < host->nr_domains; i++) {
        const xt_residency_entry *entry =
            xt_residency_find(parser, host->domains[i].id);

        if (fill_domain(host, &host->domains[i], entry))
            nr_read++;
        else if (entry)
            nr_broken++;
    }
    return check_dump(parser, nr_read, nr_broken, host->nr_domains, err);
}

int xt_xen_read_residency(xt_xen *xen, xtune_host *host,
                          enum xtune_residency_mode mode, xtune_error **err)
{
    if (mode == XTUNE_RESIDENCY_MEASURE) return measure(xen, host, err);
    if (mode == XTUNE_RESIDENCY_AUTO &&
        host->xen.total_kb <= XTUNE_RESIDENCY_AUTO_MAX_KB)
        (void)measure(xen, host, NULL);
    /* For those, or all, that are not known yet. */
    xtune_host_infer_residency(host);
    return 0;
}
