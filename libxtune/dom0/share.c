/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's memory comes from the nodes, and goes back to them: from all that it
 * is on alike. To give and take as much again leaves all as it was.
 */
#include "base/util.h"
#include "dom0/parts.h"

#define PAGE_KB 4

typedef struct sharing {
    xtune_host *host;
    xtune_domain *dom0;
    bool grows;
    bool any_node; /* also one that it is not on yet, and memory that is kept
                      for devices */
} sharing;

static uint64_t *on_node(const sharing *s, const xtune_node *node)
{
    return s->dom0->memory_by_node_kb ? &s->dom0->memory_by_node_kb[node->id]
                                      : NULL;
}

/* What of a node others have, dom0 among them; all of it where that is not
 * known. */
static uint64_t taken(const xtune_node *node)
{
    return node->free_kb == XTUNE_UNKNOWN_KB ? node->memory_kb
                                             : node->memory_kb - node->free_kb;
}

/* How much a node may still give, or take back. */
static uint64_t room(const sharing *s, const xtune_node *node)
{
    const uint64_t *has = on_node(s, node);
    const uint64_t kept = s->any_node ? 0 : node->low_free_kb;

    if (!s->any_node && has && !*has) return 0;
    if (!s->grows) return has ? *has : taken(node);
    if (node->free_kb == XTUNE_UNKNOWN_KB)
        return has && *has < node->memory_kb ? node->memory_kb - *has : 0;
    return node->free_kb > kept ? node->free_kb - kept : 0;
}

static void move(const sharing *s, xtune_node *node, uint64_t kb)
{
    uint64_t *has = on_node(s, node);

    if (has) *has += s->grows ? kb : -kb;
    if (node->free_kb == XTUNE_UNKNOWN_KB) return;
    node->free_kb -= s->grows ? kb : -kb;
    if (node->low_free_kb > node->free_kb) node->low_free_kb = node->free_kb;
}

static size_t nr_with_room(const sharing *s)
{
    size_t i, nr = 0;

    for (i = 0; i < s->host->nr_nodes; i++)
        nr += room(s, &s->host->nodes[i]) > 0;
    return nr;
}

/* In equal parts, the first ones a page more; as far as there is room. What
 * is left. */
static uint64_t share_out(const sharing *s, uint64_t kb)
{
    size_t nr, i;

    while (kb && (nr = nr_with_room(s))) {
        const uint64_t each = kb / nr / PAGE_KB * PAGE_KB;
        uint64_t more = kb - each * nr;

        for (i = 0; i < s->host->nr_nodes; i++) {
            xtune_node *node = &s->host->nodes[i];
            const uint64_t extra = more < PAGE_KB ? more : PAGE_KB;
            uint64_t part = room(s, node);

            if (!part) continue;
            if (part > each + extra) part = each + extra;
            more -= extra;
            move(s, node, part);
            kb -= part;
        }
    }
    return kb;
}

void xt_dom0_take_memory(xtune_host *host, uint64_t kb)
{
    xtune_domain *dom0 = (xtune_domain *)xt_dom0_of(host);
    sharing s = { .host = host, .dom0 = dom0, .grows = kb > dom0->memory_kb };
    const uint64_t moves =
        s.grows ? kb - dom0->memory_kb : dom0->memory_kb - kb;
    uint64_t left;

    left = share_out(&s, moves);
    s.any_node = true;
    (void)share_out(&s, left);
    dom0->memory_kb = kb;
    if (host->xen.free_kb == XTUNE_UNKNOWN_KB) return;
    if (s.grows)
        host->xen.free_kb -=
            moves < host->xen.free_kb ? moves : host->xen.free_kb;
    else
        host->xen.free_kb += moves;
}
