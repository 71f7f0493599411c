/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fewest steps that there can be, of small problems: every state by the
 * number of steps that lead to it.
 */
#ifndef ORDER_SMALL_H
#define ORDER_SMALL_H

#include <string.h>

#include "order_case.h"

#define MAX_UNITS 4
#define MAX_DOMAINS 3
#define NR_PLACES 4 /* three pools, and none */
#define NR_STATES (1u << (2 * MAX_UNITS + 4 * MAX_DOMAINS))

enum masks_are { MASKS_FIRST, MASKS_OPEN, MASKS_LAST };

typedef struct small_state {
    unsigned int unit_at[MAX_UNITS];
    unsigned int at[MAX_DOMAINS];
    enum masks_are masks[MAX_DOMAINS];
} small_state;

typedef struct small_search {
    const order_case *c;
    /* By domain, masks, vCPU: the units that have a CPU of it. */
    unsigned int meets[MAX_DOMAINS][3][2];
    bool any_way; /* CPUs go together that are not to be in one place */
    size_t limit; /* orders as long as this are of no interest */
    size_t steps; /* of the state that is looked at */
    bool found;
    size_t head, tail;
} small_search;

static uint32_t queue[NR_STATES];
static uint8_t depth[NR_STATES]; /* and one; 0: not seen */

static inline uint32_t pack(const small_state *s)
{
    uint32_t code = 0;
    size_t i;

    for (i = 0; i < MAX_UNITS; i++)
        code = code << 2 | s->unit_at[i];
    for (i = 0; i < MAX_DOMAINS; i++)
        code = code << 4 | s->at[i] << 2 | s->masks[i];
    return code;
}

static inline small_state unpack(uint32_t code)
{
    small_state s;
    size_t i;

    for (i = MAX_DOMAINS; i-- > 0; code >>= 4) {
        s.masks[i] = code & 3;
        s.at[i] = code >> 2 & 3;
    }
    for (i = MAX_UNITS; i-- > 0; code >>= 2)
        s.unit_at[i] = code & 3;
    return s;
}

static inline unsigned int small_place(size_t place)
{
    return place == XT_ORDER_FREE ? NR_PLACES - 1 : (unsigned int)place;
}

static inline unsigned int units_at(const small_search *f,
                                    const small_state *s, unsigned int place)
{
    unsigned int units = 0, u;

    for (u = 0; u < f->c->p.nr_units; u++)
        if (s->unit_at[u] == place) units |= 1u << u;
    return units;
}

static inline bool domain_has_cpus(const small_search *f, const small_state *s,
                                   size_t d)
{
    const unsigned int units = units_at(f, s, s->at[d]);
    size_t v;

    for (v = 0; v < f->c->domains[d].nr_vcpus; v++)
        if (!(f->meets[d][s->masks[d]][v] & units)) return false;
    return units;
}

static inline bool domain_is_done(const small_search *f, const small_state *s,
                                  size_t d)
{
    const xt_order_domain *domain = &f->c->domains[d];

    return s->at[d] == domain->to &&
           (s->masks[d] == MASKS_LAST ||
            (s->masks[d] == MASKS_FIRST && !domain->masks_change));
}

/* At least so many steps are left: one a domain, and one where CPUs go. */
static inline size_t least_left(const small_search *f, const small_state *s)
{
    size_t i, nr = 0, away = 0;

    for (i = 0; i < f->c->p.nr_domains; i++)
        nr += !domain_is_done(f, s, i);
    for (i = 0; i < f->c->p.nr_units; i++)
        if (s->unit_at[i] != small_place(f->c->unit_to[i])) away = 1;
    return nr + away;
}

static inline void visit(small_search *f, const small_state *s)
{
    const uint32_t code = pack(s);
    size_t d, left;

    if (depth[code]) return;
    for (d = 0; d < f->c->p.nr_domains; d++)
        if (!domain_has_cpus(f, s, d)) return;
    left = least_left(f, s);
    if (f->steps + 1 + left >= f->limit) return;
    depth[code] = (uint8_t)(f->steps + 2);
    queue[f->tail++] = code;
    if (!left) f->found = true;
}

static inline bool go_together(const small_search *f, unsigned int set)
{
    const size_t *to = f->c->unit_to;
    unsigned int u;

    for (u = 0; u < f->c->p.nr_units; u++)
        if (set >> u & 1 && to[u] != to[__builtin_ctz(set)]) return false;
    return true;
}

static inline void visit_units(small_search *f, const small_state *s,
                               unsigned int from, unsigned int to)
{
    const unsigned int here = units_at(f, s, from) & ~1u; /* CPU 0 stays */
    unsigned int set, u;

    for (set = here; set; set = (set - 1) & here) {
        small_state next = *s;

        if (!f->any_way && !go_together(f, set)) continue;
        for (u = 0; u < f->c->p.nr_units; u++)
            if (set >> u & 1) next.unit_at[u] = to;
        visit(f, &next);
    }
}

static inline void visit_next(small_search *f, const small_state *s)
{
    unsigned int from, to;
    size_t d;

    for (from = 0; from < NR_PLACES; from++)
        for (to = 0; to < NR_PLACES; to++)
            if (from != to) visit_units(f, s, from, to);
    for (d = 0; d < f->c->p.nr_domains; d++)
        for (to = 0; to < f->c->p.nr_pools; to++) {
            small_state next = *s;

            next.at[d] = to;
            next.masks[d] = MASKS_OPEN;
            visit(f, &next);
            /* Elsewhere open ones do as well: they are not its last. */
            if (to != f->c->domains[d].to) continue;
            next.masks[d] = MASKS_LAST;
            visit(f, &next);
        }
}

static inline void begin_search(small_search *f, const order_case *c,
                                small_state *first)
{
    size_t d, v, u;

    memset(f, 0, sizeof(*f));
    memset(first, 0, sizeof(*first));
    f->c = c;
    for (u = 0; u < c->p.nr_units; u++)
        first->unit_at[u] = small_place(c->unit_from[u]);
    for (d = 0; d < c->p.nr_domains; d++) {
        const xt_order_domain *domain = &c->domains[d];

        first->at[d] = (unsigned int)domain->from;
        for (v = 0; v < domain->nr_vcpus; v++)
            for (u = 0; u < c->p.nr_units; u++) {
                const unsigned int bit = 1u << u;

                f->meets[d][MASKS_OPEN][v] |= bit;
                if (xtune_set_intersects(&domain->hard[v], &c->units[u]))
                    f->meets[d][MASKS_FIRST][v] |= bit;
                if (xtune_set_intersects(&domain->hard_then[v], &c->units[u]))
                    f->meets[d][MASKS_LAST][v] |= bit;
            }
    }
}

/* The fewest steps, where they are fewer than limit, else limit. */
static inline size_t fewest_steps(const order_case *c, size_t limit,
                                  bool any_way)
{
    small_search f;
    small_state s;

    begin_search(&f, c, &s);
    f.limit = limit;
    f.any_way = any_way;
    if (!least_left(&f, &s)) return 0;
    memset(depth, 0, sizeof(depth));
    depth[pack(&s)] = 1;
    queue[f.tail++] = pack(&s);
    while (!f.found && f.head < f.tail) {
        f.steps = depth[queue[f.head]] - 1u;
        s = unpack(queue[f.head++]);
        visit_next(&f, &s);
    }
    return f.found ? f.steps + 1 : limit;
}

#endif
