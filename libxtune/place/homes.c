/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/homes.h"

#include <string.h>

/* The fuller of a home's nodes, in thousandths of what they can carry. */
static int64_t fullest(const xt_model *model, const xt_item *item,
                       const xt_home *home)
{
    int64_t most = 0, load, full;
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++) {
        const xt_cell *cell =
            xt_cell_at(model, item->pool, home->parts[i].node);

        load = cell->load + cell->dedicated +
               (int64_t)home->parts[i].vcpus * item->load_per_vcpu;
        full = load * 1000 / (cell->capacity ? cell->capacity : 1);
        if (full > most) most = full;
    }
    return most;
}

static int64_t spare_kb(const xt_model *model, const xt_home *home)
{
    int64_t sum = 0;
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++)
        sum += model->free_kb[home->parts[i].node] -
               (int64_t)home->parts[i].memory_kb;
    return sum;
}

/* What decides between homes that cost the same; smaller is better. */
static void find_keys(const xt_chooser *c, const xt_home *home, int64_t key[2])
{
    key[0] = key[1] = 0;
    if (!home->placed) return;
    if (c->tie == XT_TIE_SPREAD) {
        /* In halves, and then tightly: room is left for larger ones. */
        key[0] = fullest(c->model, c->item, home) / 500;
        key[1] = spare_kb(c->model, home);
    } else {
        key[0] = spare_kb(c->model, home);
        key[1] = fullest(c->model, c->item, home);
    }
}

static bool is_better(const xt_chooser *c, int64_t cost, const int64_t key[2])
{
    if (!c->found || cost != c->cost) return !c->found || cost < c->cost;
    if (key[0] != c->key[0]) return key[0] < c->key[0];
    return key[1] < c->key[1];
}

void xt_consider(xt_chooser *c, const xt_home *home)
{
    int64_t cost, key[2];

    if (!xt_home_fits(c->model, c->item, home)) return;
    cost = xt_home_cost(c->model, c->item, home);
    if (c->found && cost > c->cost) return;
    find_keys(c, home, key);
    if (!is_better(c, cost, key)) return;
    c->found = true;
    c->cost = cost;
    c->key[0] = key[0];
    c->key[1] = key[1];
    c->best = *home;
    c->best.parts = c->parts;
    if (home->nr_parts)
        memcpy(c->parts, home->parts, home->nr_parts * sizeof(*home->parts));
}

int64_t xt_ideal_cost(const xt_item *item)
{
    return (int64_t)(item->memory_kb * XT_LOCAL_DISTANCE * item->weight / 256);
}

/* Of two nodes that are as good otherwise: the less loaded one, then the
 * emptier one. So it does not depend on their order. */
static bool is_idler(const xt_model *model, const xt_item *item, uint32_t a,
                     uint32_t b)
{
    const xt_cell *x = xt_cell_at(model, item->pool, a);
    const xt_cell *y = xt_cell_at(model, item->pool, b);
    const int64_t full_x =
        (x->load + x->dedicated) * (y->cores ? y->cores : 1);
    const int64_t full_y =
        (y->load + y->dedicated) * (x->cores ? x->cores : 1);

    if (full_x != full_y) return full_x < full_y;
    if (model->free_kb[a] != model->free_kb[b])
        return model->free_kb[a] > model->free_kb[b];
    return item->cores[a] > item->cores[b];
}

/* How far a node is from all of others, in both ways; less for what it has of
 * the memory that remains to be placed. */
static int64_t far_from(const xt_model *model, uint64_t nodes, uint32_t n,
                        uint64_t remaining_kb)
{
    const int64_t nr = __builtin_popcountll(nodes);
    const uint64_t free_kb =
        model->free_kb[n] > 0 ? (uint64_t)model->free_kb[n] : 0;
    int64_t score = 0;
    uint32_t other;

    xt_for_each_node(other, nodes) score +=
        model->distance[n][other] + model->distance[other][n];
    score = score * 1024 / (nr ? nr : 1);
    if (remaining_kb)
        score -= (int64_t)((free_kb < remaining_kb ? free_kb : remaining_kb) *
                           1024 / remaining_kb) *
                 XT_UNKNOWN_DISTANCE;
    return score;
}

uint32_t xt_nearest_node(const xt_model *model, const xt_item *item,
                         uint64_t nodes, uint64_t among, uint64_t remaining_kb)
{
    int64_t best_score = INT64_MAX, score;
    uint32_t n, best = XTUNE_NONE;

    xt_for_each_node(n, among & ~nodes)
    {
        score = far_from(model, nodes, n, remaining_kb);
        if (score > best_score) continue;
        if (score == best_score && !is_idler(model, item, n, best)) continue;
        best_score = score;
        best = n;
    }
    return best;
}

/* Each vCPU in turn, those with few nodes to choose from first, to the node
 * where there is the most room left. */
static bool deal_bound(const xt_item *item, xt_home *home, uint32_t *room)
{
    uint32_t left = item->nr_vcpus, options, v, i, best;

    for (options = 1; left && options <= XTUNE_MAX_NODES; options++)
        for (v = 0; v < item->nr_vcpus; v++) {
            const uint64_t nodes = item->vcpu_nodes[v] & home->nodes;

            if ((uint32_t)__builtin_popcountll(nodes) != options) continue;
            best = XTUNE_NONE;
            for (i = 0; i < home->nr_parts; i++)
                if (nodes & UINT64_C(1) << home->parts[i].node && room[i] &&
                    (best == XTUNE_NONE || room[i] > room[best]))
                    best = i;
            if (best == XTUNE_NONE) return false;
            home->parts[best].vcpus++;
            room[best]--;
            left--;
        }
    return !left;
}

bool xt_deal_vcpus(const xt_item *item, xt_home *home, uint32_t *room)
{
    uint32_t left = item->nr_vcpus, before, i, share, more;

    for (i = 0; i < home->nr_parts; i++)
        home->parts[i].vcpus = 0;
    if (item->vcpu_nodes) return deal_bound(item, home, room);
    do {
        before = left;
        share = left / home->nr_parts ? left / home->nr_parts : 1;
        for (i = 0; i < home->nr_parts && left; i++) {
            more = room[i] < share ? room[i] : share;
            if (more > left) more = left;
            home->parts[i].vcpus += more;
            room[i] -= more;
            left -= more;
        }
    } while (left && left != before);
    return !left;
}

/* vCPUs that have a core each keep it, where that is within the home. */
static bool keep_cores(const xt_item *item, xt_home *home,
                       const uint32_t *room)
{
    uint32_t i, sum = 0;

    if (!item->pinned_on) return false;
    for (i = 0; i < home->nr_parts; i++) {
        const uint32_t here = item->pinned_on[home->parts[i].node];

        if (here > room[i]) return false;
        home->parts[i].vcpus = here;
        sum += here;
    }
    return sum == item->nr_vcpus;
}

/* vCPUs that get a core each, evenly over the nodes of a home. False where
 * there are not enough cores, or a node would get none. */
static bool deal_cores(const xt_chooser *c, xt_home *home)
{
    const xt_item *item = c->item;
    uint32_t room[XTUNE_MAX_NODES], n, i;
    xt_part *parts = home->parts;

    home->nr_parts = 0;
    xt_for_each_node(n, home->nodes)
    {
        /* The one with most of its memory first. */
        for (i = home->nr_parts++;
             i && item->resident_kb[n] > item->resident_kb[parts[i - 1].node];
             i--)
            parts[i] = parts[i - 1];
        parts[i] = (xt_part){ .node = n };
    }
    for (i = 0; i < home->nr_parts; i++)
        room[i] = xt_single_cores(c->model, item, parts[i].node);
    if (!keep_cores(item, home, room) && !xt_deal_vcpus(item, home, room))
        return false;
    for (i = 0; i < home->nr_parts; i++)
        if (!parts[i].vcpus && !item->given) return false;
    return true;
}

void xt_consider_staying(xt_chooser *c, uint64_t nodes)
{
    xt_part parts[XTUNE_MAX_NODES];
    xt_home home = { .parts = parts };

    nodes |= c->item->must;
    home.nodes = nodes & c->item->allowed;
    home.nodes &= ~xt_taken_nodes(c->model, c->item, home.nodes);
    if (!home.nodes) return;
    if (c->item->exclusive && !deal_cores(c, &home)) return;
    xt_consider(c, &home);
}

/* The nodes that hold the most of its memory, one more each time. */
static void consider_memory(xt_chooser *c)
{
    const xt_item *item = c->item;
    uint64_t left = item->memory_nodes & item->allowed, nodes = 0;
    uint32_t n;

    while (left) {
        uint32_t most = (uint32_t)__builtin_ctzll(left);

        xt_for_each_node(n, left)
        {
            if (item->resident_kb[n] < item->resident_kb[most]) continue;
            if (item->resident_kb[n] > item->resident_kb[most] ||
                is_idler(c->model, item, n, most))
                most = n;
        }
        nodes |= UINT64_C(1) << most;
        left &= ~(UINT64_C(1) << most);
        xt_consider_staying(c, nodes);
    }
}

/* From where its memory is to the nodes near it, until it is no use. */
static void consider_wider(xt_chooser *c)
{
    const xt_item *item = c->item;
    uint64_t nodes = item->memory_nodes & item->allowed;
    int worse = 0;
    uint32_t n;

    if (!nodes && c->found) nodes = c->best.nodes;
    nodes |= item->must;
    while (worse < 2) {
        const int64_t before = c->found ? c->cost : INT64_MAX;

        n = xt_nearest_node(c->model, item, nodes ? nodes : item->memory_nodes,
                            item->allowed & ~nodes, 0);
        if (n == XTUNE_NONE) return;
        nodes |= UINT64_C(1) << n;
        xt_consider_staying(c, nodes);
        if (c->found && c->cost >= before) worse++;
    }
}

static void choose_staying(xt_chooser *c)
{
    const xt_item *item = c->item;
    uint32_t n;

    if (item->given) {
        xt_consider_staying(c, item->given);
        return;
    }
    if (item->now) xt_consider_staying(c, item->now);
    consider_memory(c);
    if (c->found && c->cost <= xt_ideal_cost(item)) return;
    xt_for_each_node(n, item->allowed)
        xt_consider_staying(c, UINT64_C(1) << n);
    consider_wider(c);
    xt_consider_staying(c, item->allowed);
}

static void consider_triples(xt_chooser *c, uint64_t allowed)
{
    uint32_t a, b, d;

    xt_for_each_node(a, allowed) xt_for_each_node(b, allowed & (~1ull << a))
        xt_for_each_node(d, allowed & (~1ull << a) & (~1ull << b))
            xt_consider_split(c, 1ull << a | 1ull << b | 1ull << d);
}

/* From a node to those near it, until the memory fits, and one more. */
static void consider_grown(xt_chooser *c, uint64_t allowed, uint32_t seed,
                           bool large_first)
{
    const xt_item *item = c->item;
    uint64_t nodes = item->must | UINT64_C(1) << seed, free_kb = 0, left;
    int fitting = 0;
    uint32_t n;

    xt_for_each_node(n, nodes) if (c->model->free_kb[n] > 0) free_kb +=
        (uint64_t)c->model->free_kb[n];
    while (fitting < 2) {
        left = free_kb < item->memory_kb ? item->memory_kb - free_kb : 1;
        n = xt_nearest_node(c->model, item, nodes, allowed & ~nodes,
                            large_first ? left : 0);
        if (n == XTUNE_NONE) return;
        nodes |= UINT64_C(1) << n;
        if (c->model->free_kb[n] > 0)
            free_kb += (uint64_t)c->model->free_kb[n];
        if (free_kb < item->memory_kb) continue;
        xt_consider_split(c, nodes);
        fitting++;
    }
}

/* Whether the best so far has fewer cores than vCPUs. */
static bool crowds_itself(const xt_chooser *c)
{
    xtune_cost cost;

    xt_own_cost(c->model, c->item, &c->best, &cost);
    return cost.crowding != 0;
}

/* So few nodes that every three of them are tried. */
#define FEW_NODES 12

static void choose_wide(xt_chooser *c, uint64_t allowed)
{
    uint32_t a, b;

    xt_for_each_node(a, allowed) xt_for_each_node(b, allowed & (~1ull << a))
        xt_consider_split(c, 1ull << a | 1ull << b);
    if (__builtin_popcountll(allowed) <= FEW_NODES)
        consider_triples(c, allowed);
    else if (c->found && !crowds_itself(c))
        return;
    if (c->found && c->best.nr_parts < 3 && !crowds_itself(c)) return;
    xt_for_each_node(a, allowed)
    {
        consider_grown(c, allowed, a, false);
        consider_grown(c, allowed, a, true);
    }
    xt_consider_split(c, allowed);
}

/* What it costs at the least, beyond its memory, to be on two nodes. */
static int64_t least_wide(const xt_chooser *c)
{
    const xt_item *item = c->item;
    const uint64_t nr = item->nr_vcpus;
    uint64_t least = UINT64_MAX, next;
    uint32_t n;

    if (nr < 2) return INT64_MAX;
    xt_for_each_node(n, item->allowed)
    {
        next =
            xt_next_vcpu_cost(c->model, xt_cell_at(c->model, item->pool, n));
        if (next < least) least = next;
    }
    return (int64_t)((nr - 1) * item->memory_kb / (nr * nr) *
                         (c->model->nearest - XT_LOCAL_DISTANCE) *
                         item->weight / 256 +
                     nr * item->load_per_vcpu * least / XT_LOAD);
}

/* Whether a vCPU with the memory that is its part finds room; less is no use
 * to put a part there. */
static bool has_room(const xt_model *model, const xt_item *item, uint32_t n)
{
    return model->free_kb[n] > 0 &&
           (uint64_t)model->free_kb[n] >= item->memory_kb / item->nr_vcpus;
}

static void choose_placed(xt_chooser *c)
{
    const xt_item *item = c->item;
    uint64_t roomy = 0, some = 0;
    uint32_t n;

    if (item->given) {
        xt_consider_split(c, item->given);
        return;
    }
    xt_for_each_node(n, item->allowed)
    {
        xt_consider_single(c, n);
        if (has_room(c->model, item, n)) roomy |= UINT64_C(1) << n;
        if (c->model->free_kb[n] > 0) some |= UINT64_C(1) << n;
    }
    if (c->found && c->cost - xt_ideal_cost(item) <= least_wide(c)) return;
    if (item->must) xt_consider_split(c, item->must);
    if (roomy) choose_wide(c, roomy | item->must);
    if (!c->found && some != roomy) choose_wide(c, some | item->must);
}

void xt_choose(xt_chooser *c, xt_model *model, const xt_item *item,
               enum xt_tie tie)
{
    c->model = model;
    c->item = item;
    c->tie = tie;
    c->found = false;
    c->cost = INT64_MAX;
    if (!item->is_new) choose_staying(c);
    if (!item->is_new && !item->may_move) return;
    if (c->found && c->cost <= xt_ideal_cost(item)) return;
    choose_placed(c);
}
