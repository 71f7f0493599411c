/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/settle.h"

#include "base/util.h"

/* More rounds than this have not been seen. */
#define MAX_ROUNDS 8

/* The domains of a host with the masks of a placement. */
static xtune_domain *apply(xtune_arena *arena, const xtune_host *host,
                           const xtune_placement *placement)
{
    xtune_domain *domains =
        XTUNE_NEW_ARRAY(arena, xtune_domain, host->nr_domains);
    size_t i, v;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_placed *p = &placement->domains[i];

        domains[i] = host->domains[i];
        if (!p->hard) continue;
        domains[i].vcpus =
            XTUNE_NEW_ARRAY(arena, xtune_vcpu, domains[i].nr_vcpus);
        for (v = 0; v < domains[i].nr_vcpus; v++) {
            domains[i].vcpus[v] = host->domains[i].vcpus[v];
            domains[i].vcpus[v].hard = p->hard[v];
            domains[i].vcpus[v].soft = p->soft[v];
        }
    }
    return domains;
}

static bool has_changed(const xtune_placed *p)
{
    size_t v;

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
    xtune_host host = *request->host;
    xtune_place_request again = *request;
    xtune_placement *next;
    size_t i;
    int rc;

    host.domains = apply(arena, request->host, placement);
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
