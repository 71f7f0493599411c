/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Breadth first over states: where each block of CPUs is, where each domain
 * is and which masks it has. A state counts only where the steps to it and
 * the fewest that must follow are not too many.
 *
 * Units that nothing tells apart (where from and to, and whose masks hold
 * them) make two blocks: one of them, which can be left behind or lent, and
 * the rest. Masks are as they were, open, or as they are to be: which of a
 * domain's need not be opened is seen when the order is known.
 */
#include "plan/order_fewest.h"

#include <string.h>

#include "base/util.h"
#include "plan/order_masks.h"

#define MAX_BLOCKS 16
#define MAX_DOMAINS 16
#define MAX_POOLS 32
#define MAX_STATES ((size_t)1 << 16)
#define MAX_TRIED (1u << 20)
#define TABLE_SIZE (2 * MAX_STATES)
#define NOT_THERE UINT32_MAX

enum masks { MASKS_FIRST, MASKS_OPEN, MASKS_LAST, NR_MASKS };

typedef struct state {
    uint8_t block_at[MAX_BLOCKS]; /* nr_pools: in none */
    uint8_t at[MAX_DOMAINS];
    uint8_t masks[MAX_DOMAINS];
} state;

typedef struct node {
    state state;
    uint32_t parent;
    uint32_t steps, moved; /* to get here, and units that they move */
} node;

/* Those of a domain's masks that differ: the blocks with a CPU of each. */
typedef struct meeting {
    uint16_t *blocks;
    size_t nr;
} meeting;

typedef struct search {
    const xt_order_problem *p;
    xtune_arena *arena;
    uint8_t *block_of; /* by unit */
    size_t nr_blocks;
    uint8_t block_to[MAX_BLOCKS];
    uint32_t block_size[MAX_BLOCKS]; /* in units */
    meeting meets[MAX_DOMAINS][NR_MASKS];
    node *nodes;
    uint32_t *table; /* of nodes, by hash */
    uint32_t nr_nodes, goal;
    size_t max, nr_tried;
} search;

static uint8_t place_number(const search *s, size_t place)
{
    return (uint8_t)(place == XT_ORDER_FREE ? s->p->nr_pools : place);
}

static size_t place_of(const search *s, uint8_t number)
{
    return number == s->p->nr_pools ? XT_ORDER_FREE : number;
}

/* Blocks. */

static bool are_alike(const xt_order_problem *p, size_t a, size_t b)
{
    size_t d, v;

    if (p->unit_from[a] != p->unit_from[b] || p->unit_to[a] != p->unit_to[b])
        return false;
    for (d = 0; d < p->nr_domains; d++)
        for (v = 0; v < p->domains[d].nr_vcpus; v++) {
            const xtune_set *now = &p->domains[d].hard[v];
            const xtune_set *then = &p->domains[d].hard_then[v];

            if (xtune_set_intersects(now, &p->units[a]) !=
                    xtune_set_intersects(now, &p->units[b]) ||
                xtune_set_intersects(then, &p->units[a]) !=
                    xtune_set_intersects(then, &p->units[b]))
                return false;
        }
    return true;
}

/* The one that unit u goes with, or a new one. CPU 0 is alone in the first. */
static size_t choose_block(const search *s, size_t u, const size_t *first)
{
    size_t b, nr_alike = 0, last = 0;

    for (b = 1; u && b < s->nr_blocks; b++) {
        if (!are_alike(s->p, u, first[b])) continue;
        nr_alike++;
        last = b;
    }
    return nr_alike < 2 ? s->nr_blocks : last;
}

static bool make_blocks(search *s)
{
    const xt_order_problem *p = s->p;
    size_t first[MAX_BLOCKS], u, b;

    s->block_of = XTUNE_NEW_ARRAY(s->arena, uint8_t, p->nr_units);
    for (u = 0; u < p->nr_units; u++) {
        b = choose_block(s, u, first);
        if (b == MAX_BLOCKS) return false;
        if (b == s->nr_blocks) {
            first[s->nr_blocks++] = u;
            s->block_to[b] = place_number(s, p->unit_to[u]);
            s->nodes[0].state.block_at[b] = place_number(s, p->unit_from[u]);
        }
        s->block_of[u] = (uint8_t)b;
        s->block_size[b]++;
    }
    return true;
}

static void add_meeting(const search *s, meeting *m, const xtune_set *mask)
{
    uint16_t blocks = 0;
    size_t u, i;

    for (u = 0; u < s->p->nr_units; u++)
        if (!mask || xtune_set_intersects(mask, &s->p->units[u]))
            blocks |= (uint16_t)(1u << s->block_of[u]);
    for (i = 0; i < m->nr; i++)
        if (m->blocks[i] == blocks) return;
    m->blocks =
        xtune_arena_grow(s->arena, m->blocks, m->nr, sizeof(*m->blocks));
    m->blocks[m->nr++] = blocks;
}

static void make_domains(search *s)
{
    size_t d, v;

    for (d = 0; d < s->p->nr_domains; d++) {
        const xt_order_domain *domain = &s->p->domains[d];

        s->nodes[0].state.at[d] = (uint8_t)domain->from;
        add_meeting(s, &s->meets[d][MASKS_OPEN], NULL);
        for (v = 0; v < domain->nr_vcpus; v++) {
            add_meeting(s, &s->meets[d][MASKS_FIRST], &domain->hard[v]);
            add_meeting(s, &s->meets[d][MASKS_LAST], &domain->hard_then[v]);
        }
    }
}

/* States. */

static unsigned int blocks_at(const search *s, const state *now, uint8_t place)
{
    unsigned int blocks = 0;
    size_t b;

    for (b = 0; b < s->nr_blocks; b++)
        if (now->block_at[b] == place) blocks |= 1u << b;
    return blocks;
}

static bool meets_all(const search *s, size_t d, uint8_t masks,
                      unsigned int blocks)
{
    const meeting *m = &s->meets[d][masks];
    size_t i;

    for (i = 0; i < m->nr; i++)
        if (!(m->blocks[i] & blocks)) return false;
    return blocks;
}

static bool is_done(const search *s, const state *now, size_t d)
{
    const xt_order_domain *domain = &s->p->domains[d];

    return now->masks[d] == MASKS_LAST ||
           (now->masks[d] == MASKS_FIRST && domain->from == domain->to &&
            !domain->masks_change);
}

/* CPUs that go together are to be in one place: a step for each pair of
 * places, at least, and one for each domain. */
static size_t least_left(const search *s, const state *now)
{
    uint64_t to[MAX_POOLS + 1] = { 0 }; /* by place where they are */
    size_t i, nr = 0;

    for (i = 0; i < s->nr_blocks; i++)
        if (now->block_at[i] != s->block_to[i])
            to[now->block_at[i]] |= UINT64_C(1) << s->block_to[i];
    for (i = 0; i <= s->p->nr_pools; i++)
        nr += (size_t)__builtin_popcountll(to[i]);
    for (i = 0; i < s->p->nr_domains; i++)
        nr += !is_done(s, now, i);
    return nr;
}

/* The place in the table of a state, or of none where it would be. */
static uint32_t *look_up(const search *s, const state *now)
{
    const unsigned char *bytes = (const unsigned char *)now;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t i;

    for (i = 0; i < sizeof(*now); i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    i = (size_t)((hash ^ hash >> 32) % TABLE_SIZE);
    while (s->table[i] != NOT_THERE &&
           memcmp(&s->nodes[s->table[i]].state, now, sizeof(*now)))
        i = (i + 1) % TABLE_SIZE;
    return &s->table[i];
}

static void reach(search *s, uint32_t parent, const state *now, uint32_t moved)
{
    const uint32_t steps = s->nodes[parent].steps + 1;
    uint32_t *at = look_up(s, now);
    size_t left;

    s->nr_tried++;
    moved += s->nodes[parent].moved;
    if (*at != NOT_THERE) {
        node *other = &s->nodes[*at];

        if (other->steps != steps || other->moved <= moved) return;
        other->parent = parent;
        other->moved = moved;
        return;
    }
    left = least_left(s, now);
    if (steps + left > s->max || s->nr_nodes == MAX_STATES) return;
    *at = s->nr_nodes;
    s->nodes[s->nr_nodes] = (node){ *now, parent, steps, moved };
    if (!left && s->goal == NOT_THERE) s->goal = s->nr_nodes;
    s->nr_nodes++;
}

/* Steps. */

static bool may_stay(const search *s, const state *now, uint8_t pool,
                     unsigned int blocks)
{
    size_t d;

    if (pool == s->p->nr_pools) return true;
    for (d = 0; d < s->p->nr_domains; d++)
        if (now->at[d] == pool && !meets_all(s, d, now->masks[d], blocks))
            return false;
    return true;
}

static void move_blocks(search *s, uint32_t parent, unsigned int which,
                        uint8_t from)
{
    state now = s->nodes[parent].state;
    uint32_t moved = 0;
    unsigned int to;
    size_t b;

    for (b = 0; b < s->nr_blocks; b++)
        if (which >> b & 1) moved += s->block_size[b];
    for (to = 0; to <= s->p->nr_pools; to++) {
        if (to == from) continue;
        for (b = 0; b < s->nr_blocks; b++)
            if (which >> b & 1) now.block_at[b] = (uint8_t)to;
        reach(s, parent, &now, moved);
    }
}

static void move_group(search *s, uint32_t parent, uint8_t from, uint8_t then)
{
    const state now = s->nodes[parent].state;
    const unsigned int here = blocks_at(s, &now, from);
    unsigned int group = 0, which;
    size_t b;

    for (b = 1; b < s->nr_blocks; b++) /* CPU 0 stays */
        if (now.block_at[b] == from && s->block_to[b] == then)
            group |= 1u << b;
    for (which = group; which; which = (which - 1) & group) {
        if (s->nr_tried++ > MAX_TRIED) return;
        if (may_stay(s, &now, from, here & ~which))
            move_blocks(s, parent, which, from);
    }
}

static void move_domain(search *s, uint32_t parent, size_t d)
{
    state now = s->nodes[parent].state;
    const uint8_t to = (uint8_t)s->p->domains[d].to;
    unsigned int pool;

    if (now.masks[d] == MASKS_LAST) return;
    now.masks[d] = MASKS_OPEN;
    for (pool = 0; pool < s->p->nr_pools; pool++) {
        now.at[d] = (uint8_t)pool;
        if (blocks_at(s, &now, (uint8_t)pool)) reach(s, parent, &now, 0);
    }
    now.at[d] = to;
    now.masks[d] = MASKS_LAST;
    if (meets_all(s, d, MASKS_LAST, blocks_at(s, &now, to)))
        reach(s, parent, &now, 0);
}

/* All states of as many steps as the goal's are reached before it ends: the
 * way there may change to one that moves fewer. */
static void run(search *s)
{
    const unsigned int nr = (unsigned int)s->p->nr_pools + 1;
    unsigned int place;
    uint32_t head;
    size_t d;

    for (head = 0; head < s->nr_nodes; head++) {
        if (s->goal != NOT_THERE &&
            s->nodes[head].steps == s->nodes[s->goal].steps)
            return;
        if (s->nr_tried > MAX_TRIED || s->nr_nodes == MAX_STATES) return;
        for (place = 0; place < nr * nr; place++)
            move_group(s, head, (uint8_t)(place / nr), (uint8_t)(place % nr));
        for (d = 0; d < s->p->nr_domains; d++)
            move_domain(s, head, d);
    }
}

/* What makes one state of the other. */
static xt_order_step step_between(const search *s, xtune_arena *arena,
                                  const state *now, const state *then)
{
    xt_order_step step = { .kind = XT_ORDER_CPUS };
    size_t u, d;

    for (d = 0; d < s->p->nr_domains; d++) {
        if (now->at[d] == then->at[d] && now->masks[d] == then->masks[d])
            continue;
        return (xt_order_step){
            .kind =
                now->at[d] == then->at[d] ? XT_ORDER_MASKS : XT_ORDER_DOMAIN,
            .from = now->at[d],
            .to = then->at[d],
            .domain = d,
            .last = then->masks[d] == MASKS_LAST,
        };
    }
    step.cpus = xtune_set_new(arena, s->p->units[0].nbits);
    for (u = 0; u < s->p->nr_units; u++) {
        const uint8_t b = s->block_of[u];

        if (now->block_at[b] == then->block_at[b]) continue;
        xtune_set_or(&step.cpus, &s->p->units[u]);
        step.from = place_of(s, now->block_at[b]);
        step.to = place_of(s, then->block_at[b]);
    }
    return step;
}

static void write_steps(const search *s, xtune_arena *arena,
                        xt_order_step **steps_r, size_t *nr_r)
{
    const size_t nr = s->nodes[s->goal].steps;
    xt_order_step *steps = XTUNE_NEW_ARRAY(arena, xt_order_step, nr);
    uint32_t n = s->goal;
    size_t i;

    for (i = nr; i-- > 0; n = s->nodes[n].parent)
        steps[i] = step_between(s, arena, &s->nodes[s->nodes[n].parent].state,
                                &s->nodes[n].state);
    *steps_r = steps;
    *nr_r = nr;
}

bool xt_order_fewest(xtune_arena *arena, const xt_order_problem *problem,
                     size_t max, xt_order_step **steps_r, size_t *nr_r)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    XT_CLEANUP_FREE node *nodes = NULL;
    XT_CLEANUP_FREE uint32_t *table = NULL;
    search s = { .p = problem, .arena = scratch, .max = max };

    if (problem->nr_domains > MAX_DOMAINS || problem->nr_pools > MAX_POOLS)
        return false;
    s.nodes = nodes = xt_xrealloc(NULL, MAX_STATES, sizeof(*nodes));
    s.table = table = xt_xrealloc(NULL, TABLE_SIZE, sizeof(*table));
    memset(table, 0xff, TABLE_SIZE * sizeof(*table));
    nodes[0] = (node){ .steps = 0 };
    if (!make_blocks(&s)) return false;
    make_domains(&s);
    *look_up(&s, &nodes[0].state) = 0;
    s.nr_nodes = 1;
    s.goal = NOT_THERE;
    run(&s);
    if (s.goal == NOT_THERE) return false;
    write_steps(&s, arena, steps_r, nr_r);
    *nr_r = xt_order_give_masks(arena, problem, *steps_r, *nr_r);
    return true;
}
