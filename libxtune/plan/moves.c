/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/moves.h"

#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "plan/rehome.h"

/* Of so many moves every order is looked at. */
#define SEARCH_MOVES 16

typedef struct planner {
    xtune_arena *arena;
    const xtune_host *host;
    xt_wanted_move *moves;
    size_t nr_moves;
    uint64_t *room_kb;       /* by node id */
    const uint64_t **now_kb; /* by move: where its memory is so far */
    bool *made, *parked;     /* by move */
    bool *stuck;             /* by move: parked once, it did not get on */
    xt_move_step *steps;
    size_t nr_steps;
} planner;

static bool fits(const planner *p, const xtune_domain *domain,
                 const uint64_t *to_kb)
{
    unsigned int id;

    for (id = 0; id < p->host->nr_node_ids; id++)
        if (xt_rehome_need_kb(domain, to_kb[id]) > p->room_kb[id])
            return false;
    return true;
}

static void add(uint64_t *kb, uint64_t more_kb)
{
    if (__builtin_add_overflow(*kb, more_kb, kb)) *kb = UINT64_MAX;
}

/* Takes what the domain needs elsewhere, and gives back what it leaves. */
static void take(planner *p, size_t m, const uint64_t *to_kb)
{
    const xtune_domain *domain = p->moves[m].domain;
    unsigned int id;

    for (id = 0; id < p->host->nr_node_ids; id++) {
        p->room_kb[id] -= xt_rehome_need_kb(domain, to_kb[id]);
        add(&p->room_kb[id], p->now_kb[m][id]);
    }
    p->now_kb[m] = to_kb;
}

/* Each move has two steps at most. */
static void add_step(planner *p, size_t m, unsigned int parked)
{
    if (!p->steps)
        p->steps = XTUNE_NEW_ARRAY(p->arena, xt_move_step, 2 * p->nr_moves);
    p->steps[p->nr_steps++] = (xt_move_step){ .move = m, .parked = parked };
}

static bool is_before(const xt_wanted_move *a, const xt_wanted_move *b)
{
    return a->gain > b->gain;
}

/* The best of those that fit and are not tried (NULL: none is); nr_moves where
 * none does. */
static size_t find_fitting(const planner *p, const bool *tried)
{
    size_t best = p->nr_moves, m;

    for (m = 0; m < p->nr_moves; m++) {
        if (p->made[m] || (tried && tried[m]) ||
            !fits(p, p->moves[m].domain, p->moves[m].to_kb))
            continue;
        if (best == p->nr_moves || is_before(&p->moves[m], &p->moves[best]))
            best = m;
    }
    return best;
}

static void make(planner *p, size_t m)
{
    take(p, m, p->moves[m].to_kb);
    p->made[m] = true;
    add_step(p, m, XTUNE_NONE);
}

/* Whether another one would fit if this one were on that node. */
static bool helps(planner *p, size_t m, const uint64_t *on_kb)
{
    const uint64_t *was_kb = p->now_kb[m];
    XT_CLEANUP_FREE uint64_t *room_kb =
        xt_xrealloc(NULL, p->host->nr_node_ids, sizeof(*room_kb));
    bool found = false;
    unsigned int id;
    size_t other;

    for (id = 0; id < p->host->nr_node_ids; id++)
        room_kb[id] = p->room_kb[id];
    take(p, m, on_kb);
    for (other = 0; !found && other < p->nr_moves; other++)
        found = other != m && !p->made[other] &&
                fits(p, p->moves[other].domain, p->moves[other].to_kb);
    for (id = 0; id < p->host->nr_node_ids; id++)
        p->room_kb[id] = room_kb[id];
    p->now_kb[m] = was_kb;
    return found;
}

static uint64_t sum(const planner *p, const uint64_t *kb)
{
    uint64_t total = 0;
    unsigned int id;

    for (id = 0; id < p->host->nr_node_ids; id++)
        total += kb[id];
    return total;
}

/* All of a domain's memory on one node. */
static const uint64_t *all_on(planner *p, size_t m, unsigned int node)
{
    uint64_t *kb = XTUNE_NEW_ARRAY(p->arena, uint64_t, p->host->nr_node_ids);

    kb[node] = sum(p, p->now_kb[m]);
    return kb;
}

/* A third node for this one, where that helps. */
static bool park(planner *p, size_t m)
{
    const uint64_t *kb;
    size_t n;

    for (n = 0; n < p->host->nr_nodes; n++) {
        const unsigned int id = p->host->nodes[n].id;

        if (p->now_kb[m][id]) continue;
        kb = all_on(p, m, id);
        if (!fits(p, p->moves[m].domain, kb) || !helps(p, m, kb)) continue;
        take(p, m, kb);
        p->parked[m] = true;
        add_step(p, m, id);
        return true;
    }
    return false;
}

/* The smallest one whose parking makes room; false where there is none. */
static bool park_one(planner *p)
{
    XT_CLEANUP_FREE bool *tried =
        xt_xrealloc(NULL, p->nr_moves + 1, sizeof(*tried));
    size_t m, next, i;

    for (i = 0; i < p->nr_moves; i++)
        tried[i] = p->made[i] || p->parked[i] || p->stuck[i];
    for (;;) {
        next = p->nr_moves;
        for (m = 0; m < p->nr_moves; m++)
            if (!tried[m] && (next == p->nr_moves ||
                              sum(p, p->now_kb[m]) < sum(p, p->now_kb[next])))
                next = m;
        if (next == p->nr_moves) return false;
        if (park(p, next)) return true;
        tried[next] = true;
    }
}

/* What is missing, and where. */
static const char *why_not(const planner *p, const xt_wanted_move *move)
{
    unsigned int id;

    for (id = 0; id < p->host->nr_node_ids; id++) {
        const uint64_t need_kb =
            xt_rehome_need_kb(move->domain, move->to_kb[id]);

        if (need_kb <= p->room_kb[id]) continue;
        return xtune_arena_printf(
            p->arena,
            "node %u has no room for the second copy: %" PRIu64
            " MiB are free there and %" PRIu64 " MiB needed, %" PRIu64
            " MiB are missing, and no order of moves makes that room",
            id, p->room_kb[id] / 1024, (need_kb + 1023) / 1024,
            (need_kb - p->room_kb[id] + 1023) / 1024);
    }
    return "there is no room for the second copy";
}

static void begin(planner *p)
{
    size_t i, m;

    p->nr_steps = 0;
    for (i = 0; i < p->host->nr_nodes; i++)
        p->room_kb[p->host->nodes[i].id] =
            xt_rehome_room_kb(&p->host->nodes[i]);
    for (m = 0; m < p->nr_moves; m++) {
        p->now_kb[m] = p->moves[m].domain->memory_by_node_kb;
        p->made[m] = p->parked[m] = false;
    }
}

static void find_order(planner *p)
{
    size_t m;

    begin(p);
    do {
        while ((m = find_fitting(p, NULL)) < p->nr_moves)
            make(p, m);
    } while (park_one(p));
}

/* What is free depends on which moves were made, not on their order: seen is
 * by the set of those that are left. */
static bool search(planner *p, uint32_t left, bool *seen)
{
    bool tried[SEARCH_MOVES] = { false };
    uint64_t room_kb[XTUNE_MAX_NODES];
    const size_t size = p->host->nr_node_ids * sizeof(*room_kb);
    size_t m;

    if (!left) return true;
    if (seen[left]) return false;
    seen[left] = true;
    memcpy(room_kb, p->room_kb, size);
    while ((m = find_fitting(p, tried)) < p->nr_moves) {
        const uint64_t *was_kb = p->now_kb[m];

        tried[m] = true;
        make(p, m);
        if (search(p, left & ~(UINT32_C(1) << m), seen)) return true;
        memcpy(p->room_kb, room_kb, size);
        p->now_kb[m] = was_kb;
        p->made[m] = false;
        p->nr_steps--;
    }
    return false;
}

/* All of them without parking any: the one with the largest gain may have to
 * wait for others to pass. */
static bool find_direct(planner *p)
{
    XT_CLEANUP_FREE bool *seen = NULL;
    uint32_t nr_sets;

    if (p->nr_moves > SEARCH_MOVES) return false;
    nr_sets = UINT32_C(1) << p->nr_moves;
    seen = xt_xrealloc(NULL, nr_sets, sizeof(*seen));
    memset(seen, 0, nr_sets * sizeof(*seen));
    begin(p);
    return search(p, nr_sets - 1, seen);
}

/* Nobody is left on a third node: who did not get on from there is not to be
 * parked. False: the order stands. */
static bool leave_stuck(planner *p)
{
    bool any = false;
    size_t m;

    for (m = 0; m < p->nr_moves; m++) {
        if (!p->parked[m] || p->made[m]) continue;
        p->stuck[m] = true;
        any = true;
    }
    return any;
}

void xt_order_moves(xtune_arena *arena, const xtune_host *host,
                    xt_wanted_move *moves, size_t nr_moves,
                    xt_move_step **steps_r, size_t *nr_steps_r)
{
    planner p = {
        .arena = arena,
        .host = host,
        .moves = moves,
        .nr_moves = nr_moves,
        .room_kb = XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids),
        .now_kb = XTUNE_NEW_ARRAY(arena, const uint64_t *, nr_moves),
        .made = XTUNE_NEW_ARRAY(arena, bool, nr_moves),
        .parked = XTUNE_NEW_ARRAY(arena, bool, nr_moves),
        .stuck = XTUNE_NEW_ARRAY(arena, bool, nr_moves),
    };
    size_t m;

    if (!find_direct(&p)) do
            find_order(&p);
        while (leave_stuck(&p));
    for (m = 0; m < nr_moves; m++)
        moves[m].blocked = p.made[m] ? NULL : why_not(&p, &moves[m]);
    *steps_r = p.steps;
    *nr_steps_r = p.nr_steps;
}
