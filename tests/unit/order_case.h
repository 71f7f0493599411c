/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Problems of plan/order.h, made piece by piece, and their steps taken on
 * paper: what order.h promises holds after each.
 */
#ifndef ORDER_CASE_H
#define ORDER_CASE_H

#include "plan/order.h"

#include <stdio.h>

#include "base/util.h"

typedef struct order_case {
    xtune_arena *arena;
    unsigned int nbits;        /* of all sets: ids of CPUs */
    unsigned int percent_wide; /* of masks by chance; 0: each is one CPU */
    xt_order_problem p;
    xtune_set *units;
    size_t *unit_from, *unit_to;
    xt_order_domain *domains;
    bool found;
    xt_order_step *steps;
    size_t nr_steps;
} order_case;

static inline void begin_case(order_case *c, unsigned int nbits,
                              size_t nr_pools, size_t max_units,
                              size_t max_domains)
{
    *c = (order_case){ .arena = xtune_arena_new(),
                       .nbits = nbits,
                       .percent_wide = 25 };
    c->units = XTUNE_NEW_ARRAY(c->arena, xtune_set, max_units);
    c->unit_from = XTUNE_NEW_ARRAY(c->arena, size_t, max_units);
    c->unit_to = XTUNE_NEW_ARRAY(c->arena, size_t, max_units);
    c->domains = XTUNE_NEW_ARRAY(c->arena, xt_order_domain, max_domains);
    c->p = (xt_order_problem){
        .nr_pools = nr_pools,
        .units = c->units,
        .unit_from = c->unit_from,
        .unit_to = c->unit_to,
        .domains = c->domains,
    };
}

static inline void end_case(order_case *c)
{
    xtune_arena_free(c->arena);
}

static inline xtune_set range(const order_case *c, unsigned int first,
                              unsigned int last)
{
    xtune_set set = xtune_set_new(c->arena, c->nbits);

    for (; first <= last; first++)
        xtune_set_add(&set, first);
    return set;
}

static inline xtune_set all(const order_case *c)
{
    return xtune_set_all(c->arena, c->nbits);
}

static inline void add_unit(order_case *c, xtune_set cpus, size_t from,
                            size_t to)
{
    c->units[c->p.nr_units] = cpus;
    c->unit_from[c->p.nr_units] = from;
    c->unit_to[c->p.nr_units++] = to;
}

/* Units of one CPU each. */
static inline void add_cpus(order_case *c, unsigned int first,
                            unsigned int last, size_t from, size_t to)
{
    for (; first <= last; first++)
        add_unit(c, range(c, first, first), from, to);
}

static inline bool same_masks(const xtune_set *a, const xtune_set *b,
                              size_t nr)
{
    size_t v;

    for (v = 0; v < nr; v++)
        if (!xtune_set_equal(&a[v], &b[v])) return false;
    return true;
}

static inline void add_domain(order_case *c, size_t from, size_t to,
                              size_t nr_vcpus, const xtune_set *hard,
                              const xtune_set *hard_then)
{
    c->domains[c->p.nr_domains++] = (xt_order_domain){
        .from = from,
        .to = to,
        .nr_vcpus = nr_vcpus,
        .hard = hard,
        .hard_then = hard_then,
        .masks_change = !same_masks(hard, hard_then, nr_vcpus),
    };
}

/* One whose vCPUs have one mask. */
static inline void add_plain(order_case *c, size_t from, size_t to,
                             size_t nr_vcpus, xtune_set hard,
                             xtune_set hard_then)
{
    xtune_set *now = XTUNE_NEW_ARRAY(c->arena, xtune_set, nr_vcpus);
    xtune_set *then = XTUNE_NEW_ARRAY(c->arena, xtune_set, nr_vcpus);
    size_t v;

    for (v = 0; v < nr_vcpus; v++) {
        now[v] = hard;
        then[v] = hard_then;
    }
    add_domain(c, from, to, nr_vcpus, now, then);
}

static inline void find(order_case *c)
{
    c->found = xt_order_find(c->arena, &c->p, &c->steps, &c->nr_steps);
}

/* Words. */

static inline const char *place_text(const order_case *c, size_t place)
{
    return place == XT_ORDER_FREE ? "free"
                                  : xtune_arena_printf(c->arena, "%zu", place);
}

static inline const char *masks_text(const order_case *c,
                                     const xtune_set *masks, size_t nr)
{
    const char *text = "";
    size_t v;

    for (v = 0; v < nr; v++)
        text = xtune_arena_printf(c->arena, "%s %s", text,
                                  xtune_set_format(c->arena, &masks[v]));
    return text;
}

static inline const char *step_text(const order_case *c,
                                    const xt_order_step *step)
{
    if (step->kind == XT_ORDER_CPUS)
        return xtune_arena_printf(c->arena, "CPUs %s: %s -> %s",
                                  xtune_set_format_ids(c->arena, &step->cpus),
                                  place_text(c, step->from),
                                  place_text(c, step->to));
    return xtune_arena_printf(
        c->arena, "domain %zu: %s -> %s,%s%s", step->domain,
        place_text(c, step->from), place_text(c, step->to),
        masks_text(c, step->hard, c->domains[step->domain].nr_vcpus),
        step->last ? ", last" : "");
}

static inline void show(const order_case *c)
{
    size_t i;

    for (i = 0; i < c->p.nr_units; i++)
        fprintf(stderr, "  CPUs %s: %s -> %s\n",
                xtune_set_format_ids(c->arena, &c->units[i]),
                place_text(c, c->unit_from[i]), place_text(c, c->unit_to[i]));
    for (i = 0; i < c->p.nr_domains; i++)
        fprintf(stderr, "  domain %zu: %zu -> %zu,%s ->%s%s\n", i,
                c->domains[i].from, c->domains[i].to,
                masks_text(c, c->domains[i].hard, c->domains[i].nr_vcpus),
                masks_text(c, c->domains[i].hard_then, c->domains[i].nr_vcpus),
                c->domains[i].masks_change ? ", masks change" : "");
    for (i = 0; i < c->nr_steps; i++)
        fprintf(stderr, "  step %zu: %s\n", i + 1, step_text(c, &c->steps[i]));
}

/* The steps taken on paper. */

typedef struct paper {
    const order_case *c;
    xtune_set *cpus; /* by pool */
    size_t *unit_at, *at;
    const xtune_set **hard; /* by domain */
    bool *touched, *done;
} paper;

static inline void begin_paper(paper *s, const order_case *c)
{
    const xt_order_problem *p = &c->p;
    size_t i;

    *s = (paper){
        .c = c,
        .cpus = XTUNE_NEW_ARRAY(c->arena, xtune_set, p->nr_pools),
        .unit_at = XTUNE_NEW_ARRAY(c->arena, size_t, p->nr_units),
        .at = XTUNE_NEW_ARRAY(c->arena, size_t, p->nr_domains),
        .hard = XTUNE_NEW_ARRAY(c->arena, const xtune_set *, p->nr_domains),
        .touched = XTUNE_NEW_ARRAY(c->arena, bool, p->nr_domains),
        .done = XTUNE_NEW_ARRAY(c->arena, bool, p->nr_domains),
    };
    for (i = 0; i < p->nr_pools; i++)
        s->cpus[i] = xtune_set_new(c->arena, c->nbits);
    for (i = 0; i < p->nr_units; i++) {
        s->unit_at[i] = p->unit_from[i];
        if (p->unit_from[i] != XT_ORDER_FREE)
            xtune_set_or(&s->cpus[p->unit_from[i]], &p->units[i]);
    }
    for (i = 0; i < p->nr_domains; i++) {
        s->at[i] = p->domains[i].from;
        s->hard[i] = p->domains[i].hard;
    }
}

/* No pool with domains is without a CPU, no vCPU without one of its pool. */
static inline const char *check_state(const paper *s)
{
    const xt_order_problem *p = &s->c->p;
    size_t d, v;

    if (xtune_set_is_empty(&s->cpus[p->refuge]))
        return "the refuge has no CPU";
    for (d = 0; d < p->nr_domains; d++) {
        const xtune_set *cpus = &s->cpus[s->at[d]];

        if (xtune_set_is_empty(cpus)) return "a domain without a CPU";
        for (v = 0; v < p->domains[d].nr_vcpus; v++)
            if (!xtune_set_intersects(&s->hard[d][v], cpus))
                return "a mask without a CPU";
    }
    return NULL;
}

static inline const char *take_cpus(paper *s, const xt_order_step *step)
{
    const xt_order_problem *p = &s->c->p;
    xtune_set whole = xtune_set_new(s->c->arena, s->c->nbits);
    size_t u;

    if (step->from == step->to) return "CPUs stay where they are";
    if (xtune_set_is_empty(&step->cpus)) return "no CPU goes";
    for (u = 0; u < p->nr_units; u++) {
        if (!xtune_set_intersects(&p->units[u], &step->cpus)) continue;
        if (!u) return "CPU 0 goes";
        if (s->unit_at[u] != step->from) return "CPUs come from elsewhere";
        s->unit_at[u] = step->to;
        xtune_set_or(&whole, &p->units[u]);
    }
    if (!xtune_set_equal(&whole, &step->cpus)) return "units are torn apart";
    if (step->from != XT_ORDER_FREE)
        xtune_set_andnot(&s->cpus[step->from], &step->cpus);
    if (step->to != XT_ORDER_FREE)
        xtune_set_or(&s->cpus[step->to], &step->cpus);
    return NULL;
}

static inline const char *take_domain(paper *s, const xt_order_step *step)
{
    const size_t d = step->domain;
    const xt_order_domain *domain = &s->c->p.domains[d];

    if (d >= s->c->p.nr_domains) return "there is no such domain";
    if (step->from != s->at[d]) return "a domain comes from elsewhere";
    if ((step->kind == XT_ORDER_MASKS) != (step->from == step->to))
        return "a domain's step is of the wrong kind";
    if (s->done[d]) return "a domain goes on after its last step";
    s->done[d] = step->last;
    s->touched[d] = true;
    s->at[d] = step->to;
    s->hard[d] = step->hard;
    if (step->last &&
        (step->to != domain->to ||
         !same_masks(step->hard, domain->hard_then, domain->nr_vcpus)))
        return "the last step leaves a domain elsewhere";
    return NULL;
}

static inline const char *check_end(const paper *s)
{
    const xt_order_problem *p = &s->c->p;
    size_t i;

    for (i = 0; i < p->nr_units; i++)
        if (s->unit_at[i] != p->unit_to[i]) return "CPUs are left elsewhere";
    for (i = 0; i < p->nr_domains; i++) {
        const xt_order_domain *domain = &p->domains[i];

        if (s->touched[i] != s->done[i]) return "a domain has no last step";
        if (s->at[i] != domain->to) return "a domain is left elsewhere";
        if (!same_masks(s->hard[i], domain->hard_then, domain->nr_vcpus))
            return "a domain has other masks";
        if (domain->masks_change && !s->done[i])
            return "a domain's masks are not set";
    }
    return NULL;
}

/* NULL, or what is wrong with the steps. */
static inline const char *check_steps(const order_case *c)
{
    const char *why = NULL;
    paper s;
    size_t i;

    begin_paper(&s, c);
    for (i = 0; !why && i < c->nr_steps; i++) {
        why = c->steps[i].kind == XT_ORDER_CPUS
                  ? take_cpus(&s, &c->steps[i])
                  : take_domain(&s, &c->steps[i]);
        if (!why) why = check_state(&s);
    }
    return why ? xtune_arena_printf(c->arena, "step %zu: %s", i, why)
               : check_end(&s);
}

#endif
