/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/settle.h"

#include "base/util.h"

/* More rounds than this have not been seen. */
#define MAX_ROUNDS 8

/* Takes what a domain has from the nodes, or gives it back to them. */
static void move_kb(xtune_host *host, const uint64_t *from, const uint64_t *to)
{
    size_t n;

    for (n = 0; n < host->nr_nodes; n++) {
        xtune_node *node = &host->nodes[n];

        if (node->free_kb == XTUNE_UNKNOWN_KB) continue;
        node->free_kb += from[node->id];
        node->free_kb -=
            to[node->id] < node->free_kb ? to[node->id] : node->free_kb;
    }
}

static void set_masks(xtune_arena *arena, xtune_domain *domain,
                      const xtune_placed *p)
{
    const xtune_vcpu *vcpus = domain->vcpus;
    size_t v;

    domain->vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    for (v = 0; v < domain->nr_vcpus; v++) {
        domain->vcpus[v] = vcpus[v];
        domain->vcpus[v].hard = p->hard[v];
        domain->vcpus[v].soft = p->soft[v];
    }
}

/* The host as a placement would have it. */
static xtune_host apply(xtune_arena *arena, const xtune_host *host,
                        const xtune_placement *placement)
{
    xtune_host planned = *host;
    size_t i;

    planned.domains = XTUNE_NEW_ARRAY(arena, xtune_domain, host->nr_domains);
    planned.nodes = XTUNE_NEW_ARRAY(arena, xtune_node, host->nr_nodes);
    for (i = 0; i < host->nr_nodes; i++)
        planned.nodes[i] = host->nodes[i];
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_placed *p = &placement->domains[i];

        planned.domains[i] = host->domains[i];
        if (p->hard) set_masks(arena, &planned.domains[i], p);
        if (!p->memory_kb) continue;
        move_kb(&planned, host->domains[i].memory_by_node_kb, p->memory_kb);
        planned.domains[i].memory_by_node_kb = p->memory_kb;
    }
    return planned;
}

static bool has_changed(const xtune_placed *p)
{
    size_t v;

    if (p->moved_kb) return true;
    for (v = 0; p->hard && v < p->domain->nr_vcpus; v++)
        if (!xtune_set_equal(&p->hard[v], &p->domain->vcpus[v].hard) ||
            !xtune_set_equal(&p->soft[v], &p->domain->vcpus[v].soft))
            return true;
    return false;
}

static xtune_set *copy_masks(xtune_arena *arena, const xtune_set *masks,
                             size_t nr)
{
    xtune_set *copy = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    size_t v;

    for (v = 0; v < nr; v++)
        copy[v] = xtune_set_copy(arena, &masks[v]);
    return copy;
}

/* Where its memory is to be instead; how much of it moves is as it was found
 * first. */
static void take_memory(xtune_arena *arena, const xtune_host *host,
                        xtune_placed *to, const xtune_placed *from)
{
    const uint64_t *resident = to->domain->memory_by_node_kb;
    unsigned int id;

    to->memory_kb = XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids);
    to->moved_kb = 0;
    for (id = 0; id < host->nr_node_ids; id++) {
        to->memory_kb[id] = from->memory_kb[id];
        if (to->memory_kb[id] > resident[id])
            to->moved_kb += to->memory_kb[id] - resident[id];
    }
    if (!to->moved_kb) to->memory_kb = NULL;
}

/* What a domain is to be instead. What it costs now and what moves is as it
 * was found first. */
static void take_over(xtune_arena *arena, const xtune_host *host,
                      xtune_placed *to, const xtune_placed *from)
{
    const size_t nr = to->domain->nr_vcpus;
    unsigned int id;

    to->hard = copy_masks(arena, from->hard, nr);
    to->soft = copy_masks(arena, from->soft, nr);
    to->nodes = xtune_set_copy(arena, &from->nodes);
    to->vcpus_on = XTUNE_NEW_ARRAY(arena, uint32_t, host->nr_node_ids);
    for (id = 0; from->vcpus_on && id < host->nr_node_ids; id++)
        to->vcpus_on[id] = from->vcpus_on[id];
    if (from->memory_kb) take_memory(arena, host, to, from);
    to->cost = from->cost;
    to->reason = xtune_arena_strdup(arena, from->reason);
    to->blocked =
        from->blocked ? xtune_arena_strdup(arena, from->blocked) : NULL;
}

/* False in *changed_r: it is settled. */
static int settle_once(const xtune_place_request *request,
                       xtune_placement *placement, bool *changed_r,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host host = apply(arena, request->host, placement);
    xtune_place_request again = *request;
    xtune_placement *next;
    size_t i;
    int rc;

    again.host = &host;
    again.explain = NULL;
    rc = xt_place_once(&again, &next, err);
    if (rc) return rc;
    *changed_r = false;
    for (i = 0; i < host.nr_domains; i++) {
        if (!has_changed(&next->domains[i])) continue;
        take_over(placement->arena, &host, &placement->domains[i],
                  &next->domains[i]);
        *changed_r = true;
    }
    if (*changed_r) placement->cost = next->cost;
    xtune_placement_free(next);
    return 0;
}

int xt_settle(const xtune_place_request *request, xtune_placement *placement,
              xtune_error **err)
{
    bool changed = true;
    int rounds, rc = 0;

    for (rounds = 0; !rc && changed && rounds < MAX_ROUNDS; rounds++)
        rc = settle_once(request, placement, &changed, err);
    return rc;
}
