/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Moves of domains' memory on a host in a file: made when they are begun. */
#include <errno.h>

#include "backend/snapshot.h"

/* Nodes have what the domain leaves, and no longer what it takes. */
static void move_memory(xt_snapshot *s, xtune_domain *domain,
                        const uint64_t *to_kb)
{
    uint64_t *now = domain->memory_by_node_kb;
    size_t n;

    for (n = 0; n < s->host->nr_nodes; n++) {
        xtune_node *node = &s->host->nodes[n];

        if (node->free_kb != XTUNE_UNKNOWN_KB) {
            node->free_kb += now[node->id];
            node->free_kb -= to_kb[node->id];
        }
        now[node->id] = to_kb[node->id];
    }
}

/* The second copy must fit beside the first one. */
static int check_room(const xt_snapshot *s, const xt_move *move,
                      const uint64_t *now_kb, xtune_error **err)
{
    size_t n;

    for (n = 0; n < s->host->nr_nodes; n++) {
        const xtune_node *node = &s->host->nodes[n];
        const uint64_t need_kb =
            node->id < move->nr_nodes ? move->memory_by_node_kb[node->id] : 0;

        if (node->free_kb == XTUNE_UNKNOWN_KB) continue;
        if (node->free_kb < need_kb)
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, ENOMEM, move->domain.name, NULL,
                "node %u has no room for the second copy", node->id);
        if (now_kb[node->id] > node->memory_kb - node->free_kb + need_kb)
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, move->domain.name, NULL,
                "the snapshot contradicts itself: more of it is on node %u "
                "than is not free there",
                node->id);
    }
    return 0;
}

/* A move is made when it is begun, and nothing is to be remembered of it. */
int xt_snapshot_begin_move(xtune_backend *backend, const xt_move *move,
                           xt_moving **moving_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *domain;
    size_t i;
    int rc;

    *moving_r = NULL;
    rc = xt_snapshot_load_domain(backend, &move->domain, &domain, err);
    if (rc) return rc;
    if (!domain->memory_by_node_kb || move->nr_nodes != s->host->nr_node_ids)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, move->domain.name,
                               NULL,
                               "the snapshot does not say where its memory "
                               "is");
    rc = check_room(s, move, domain->memory_by_node_kb, err);
    if (rc) return rc;
    move_memory(s, domain, move->memory_by_node_kb);
    for (i = 0; i < domain->nr_vcpus && i < move->nr_vcpus; i++) {
        domain->vcpus[i].hard = xtune_set_copy(s->host->arena, &move->hard[i]);
        domain->vcpus[i].soft = xtune_set_copy(s->host->arena, &move->soft[i]);
    }
    s->dirty = true;
    return 0;
}

size_t xt_snapshot_wait_moves(xtune_backend *backend, xt_moving *const *moving,
                              size_t nr)
{
    (void)backend;
    (void)moving;
    (void)nr;
    return 0;
}

int xt_snapshot_end_move(xtune_backend *backend, xt_moving *moving,
                         xt_moved *moved_r, xtune_error **err)
{
    (void)backend;
    (void)moving;
    (void)err;
    *moved_r = (xt_moved){ .bytes = 0 };
    return 0;
}

/* Its moves are never cut off half way. */
int xt_snapshot_settle(xtune_backend *backend, const xt_domain_ref *ref,
                       xtune_error **err)
{
    (void)backend;
    (void)ref;
    (void)err;
    return 0;
}
