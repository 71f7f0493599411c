/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order in which CPUs and domains change pools: what holds after every
 * step, and how many steps there are against the fewest there can be. A
 * failure names the seed of the problem:
 *
 *   ORDER_SEED=N ORDER_ROUNDS=1 ORDER_TRACE=1 test_pool_order
 */
#include "plan/order.h"

#include <time.h>

#include "base/util.h"
#include "plan/order_greedy.h"
#include "plan/order_masks.h"
#include "random_host.h"
#include "util.h"

#define ROUNDS 2000
#define SHOWN 5
#define MAX_SECONDS 5 /* for one problem, also with sanitizers */

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

static void begin_case(order_case *c, unsigned int nbits, size_t nr_pools,
                       size_t max_units, size_t max_domains)
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

static void end_case(order_case *c)
{
    xtune_arena_free(c->arena);
}

static xtune_set range(const order_case *c, unsigned int first,
                       unsigned int last)
{
    xtune_set set = xtune_set_new(c->arena, c->nbits);

    for (; first <= last; first++)
        xtune_set_add(&set, first);
    return set;
}

static xtune_set all(const order_case *c)
{
    return xtune_set_all(c->arena, c->nbits);
}

static void add_unit(order_case *c, xtune_set cpus, size_t from, size_t to)
{
    c->units[c->p.nr_units] = cpus;
    c->unit_from[c->p.nr_units] = from;
    c->unit_to[c->p.nr_units++] = to;
}

/* Units of one CPU each. */
static void add_cpus(order_case *c, unsigned int first, unsigned int last,
                     size_t from, size_t to)
{
    for (; first <= last; first++)
        add_unit(c, range(c, first, first), from, to);
}

static bool same_masks(const xtune_set *a, const xtune_set *b, size_t nr)
{
    size_t v;

    for (v = 0; v < nr; v++)
        if (!xtune_set_equal(&a[v], &b[v])) return false;
    return true;
}

static void add_domain(order_case *c, size_t from, size_t to, size_t nr_vcpus,
                       const xtune_set *hard, const xtune_set *hard_then)
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
static void add_plain(order_case *c, size_t from, size_t to, size_t nr_vcpus,
                      xtune_set hard, xtune_set hard_then)
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

static void find(order_case *c)
{
    c->found = xt_order_find(c->arena, &c->p, &c->steps, &c->nr_steps);
}

/* Words. */

static const char *place_text(const order_case *c, size_t place)
{
    return place == XT_ORDER_FREE ? "free"
                                  : xtune_arena_printf(c->arena, "%zu", place);
}

static const char *masks_text(const order_case *c, const xtune_set *masks,
                              size_t nr)
{
    const char *text = "";
    size_t v;

    for (v = 0; v < nr; v++)
        text = xtune_arena_printf(c->arena, "%s %s", text,
                                  xtune_set_format(c->arena, &masks[v]));
    return text;
}

static const char *step_text(const order_case *c, const xt_order_step *step)
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

static void show(const order_case *c)
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

static void begin_paper(paper *s, const order_case *c)
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
static const char *check_state(const paper *s)
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

static const char *take_cpus(paper *s, const xt_order_step *step)
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

static const char *take_domain(paper *s, const xt_order_step *step)
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

static const char *check_end(const paper *s)
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
static const char *check_steps(const order_case *c)
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

/* The fewest steps that there can be, of small problems: every state by the
 * number of steps that lead to it. */

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

static uint32_t pack(const small_state *s)
{
    uint32_t code = 0;
    size_t i;

    for (i = 0; i < MAX_UNITS; i++)
        code = code << 2 | s->unit_at[i];
    for (i = 0; i < MAX_DOMAINS; i++)
        code = code << 4 | s->at[i] << 2 | s->masks[i];
    return code;
}

static small_state unpack(uint32_t code)
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

static unsigned int small_place(size_t place)
{
    return place == XT_ORDER_FREE ? NR_PLACES - 1 : (unsigned int)place;
}

static unsigned int units_at(const small_search *f, const small_state *s,
                             unsigned int place)
{
    unsigned int units = 0, u;

    for (u = 0; u < f->c->p.nr_units; u++)
        if (s->unit_at[u] == place) units |= 1u << u;
    return units;
}

static bool domain_has_cpus(const small_search *f, const small_state *s,
                            size_t d)
{
    const unsigned int units = units_at(f, s, s->at[d]);
    size_t v;

    for (v = 0; v < f->c->domains[d].nr_vcpus; v++)
        if (!(f->meets[d][s->masks[d]][v] & units)) return false;
    return units;
}

static bool domain_is_done(const small_search *f, const small_state *s,
                           size_t d)
{
    const xt_order_domain *domain = &f->c->domains[d];

    return s->at[d] == domain->to &&
           (s->masks[d] == MASKS_LAST ||
            (s->masks[d] == MASKS_FIRST && !domain->masks_change));
}

/* At least so many steps are left: one a domain, and one where CPUs go. */
static size_t least_left(const small_search *f, const small_state *s)
{
    size_t i, nr = 0, away = 0;

    for (i = 0; i < f->c->p.nr_domains; i++)
        nr += !domain_is_done(f, s, i);
    for (i = 0; i < f->c->p.nr_units; i++)
        if (s->unit_at[i] != small_place(f->c->unit_to[i])) away = 1;
    return nr + away;
}

static void visit(small_search *f, const small_state *s)
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

static bool go_together(const small_search *f, unsigned int set)
{
    const size_t *to = f->c->unit_to;
    unsigned int u;

    for (u = 0; u < f->c->p.nr_units; u++)
        if (set >> u & 1 && to[u] != to[__builtin_ctz(set)]) return false;
    return true;
}

static void visit_units(small_search *f, const small_state *s,
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

static void visit_next(small_search *f, const small_state *s)
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

static void begin_search(small_search *f, const order_case *c,
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
static size_t fewest_steps(const order_case *c, size_t limit, bool any_way)
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

/* By chance. */

static xtune_set pool_cpus(const order_case *c, const size_t *unit_at,
                           size_t pool)
{
    xtune_set cpus = xtune_set_new(c->arena, c->nbits);
    size_t u;

    for (u = 0; u < c->p.nr_units; u++)
        if (unit_at[u] == pool) xtune_set_or(&cpus, &c->units[u]);
    return cpus;
}

/* One with a CPU. */
static size_t pick_pool(const order_case *c, rng *r, const size_t *unit_at)
{
    const size_t at = unit_at[rng_below(r, c->p.nr_units)];

    return at == XT_ORDER_FREE ? c->p.refuge : at;
}

static xtune_set pick_mask(const order_case *c, rng *r, const xtune_set *pool)
{
    xtune_set mask = xtune_set_new(c->arena, c->nbits);
    unsigned int id, percent;

    if (rng_chance(r, c->percent_wide)) return all(c);
    if (rng_chance(r, c->percent_wide)) return xtune_set_copy(c->arena, pool);
    xtune_set_add(&mask, random_member(r, pool));
    percent = rng_pick(r, c->percent_wide);
    for (id = 0; id < c->nbits; id++)
        if (rng_chance(r, percent)) xtune_set_add(&mask, id);
    return mask;
}

static void pick_domain(order_case *c, rng *r)
{
    const size_t from = pick_pool(c, r, c->unit_from);
    const xtune_set left = pool_cpus(c, c->unit_to, from);
    const size_t to = rng_chance(r, 30) && !xtune_set_is_empty(&left)
                          ? from
                          : pick_pool(c, r, c->unit_to);
    const xtune_set cpus = pool_cpus(c, c->unit_from, from);
    const xtune_set cpus_then = pool_cpus(c, c->unit_to, to);
    const size_t nr = 1 + rng_below(r, 2);
    xtune_set *hard = XTUNE_NEW_ARRAY(c->arena, xtune_set, nr);
    xtune_set *then = XTUNE_NEW_ARRAY(c->arena, xtune_set, nr);
    size_t v;

    for (v = 0; v < nr; v++) {
        hard[v] = pick_mask(c, r, &cpus);
        then[v] =
            xtune_set_intersects(&hard[v], &cpus_then) && rng_chance(r, 70)
                ? hard[v]
                : pick_mask(c, r, &cpus_then);
    }
    add_domain(c, from, to, nr, hard, then);
    /* Soft ones may change alone. */
    if (rng_chance(r, 10)) c->domains[c->p.nr_domains - 1].masks_change = true;
}

/* The last place is none. */
static size_t pick_place(rng *r, size_t nr_places)
{
    const size_t place = rng_below(r, nr_places);

    return place == nr_places - 1 ? XT_ORDER_FREE : place;
}

static void make_small(order_case *c, uint64_t seed)
{
    rng r = { .state = seed };
    const unsigned int nr_units = 3 + rng_pick(&r, MAX_UNITS - 2);
    const unsigned int size = 1 + rng_pick(&r, 2);
    unsigned int nr_domains = rng_pick(&r, MAX_DOMAINS + 1), u;

    begin_case(c, nr_units * size, NR_PLACES - 1, MAX_UNITS, MAX_DOMAINS);
    add_unit(c, range(c, 0, size - 1), 0, 0);
    for (u = 1; u < nr_units; u++)
        add_unit(c, range(c, u * size, (u + 1) * size - 1),
                 pick_place(&r, NR_PLACES), pick_place(&r, NR_PLACES));
    while (nr_domains--)
        pick_domain(c, &r);
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : usual;
}

typedef struct tally {
    uint64_t nr, bad, equal, worst, worst_seed, steps, fewest;
} tally;

/* NULL, or what is wrong. */
static const char *check_small(tally *t, uint64_t seed, const order_case *c)
{
    size_t fewest, any_way;

    if (!c->found) return "no order is found";
    fewest = fewest_steps(c, c->nr_steps, false);
    any_way = fewest_steps(c, fewest, true);
    t->nr++;
    t->steps += c->nr_steps;
    t->fewest += any_way;
    t->equal += c->nr_steps == any_way;
    if (c->nr_steps - any_way > t->worst) {
        t->worst = c->nr_steps - any_way;
        t->worst_seed = seed;
    }
    if (fewest < c->nr_steps)
        return xtune_arena_printf(c->arena, "%zu steps would do", fewest);
    return check_steps(c);
}

static void try_seed(tally *t, uint64_t seed)
{
    const char *why;
    order_case c;

    make_small(&c, seed);
    find(&c);
    why = check_small(t, seed, &c);
    if (why && t->bad++ < setting("ORDER_SHOWN", SHOWN)) {
        fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
        show(&c);
    } else if (getenv("ORDER_TRACE")) {
        show(&c);
    }
    end_case(&c);
}

/* As few steps as there can be; where CPUs on their way to several places may
 * go together there can be fewer. */
static void test_fewest_steps(void **state)
{
    const uint64_t first = setting("ORDER_SEED", 1);
    const uint64_t rounds = setting("ORDER_ROUNDS", ROUNDS);
    tally t = { 0 };
    uint64_t seed;

    (void)state;
    for (seed = first; seed < first + rounds; seed++)
        try_seed(&t, seed);
    print_message("%llu orders, %llu with the fewest steps any way: %.4f of "
                  "them in the mean, at worst %llu more (seed %llu)\n",
                  (unsigned long long)t.nr, (unsigned long long)t.equal,
                  t.fewest ? (double)t.steps / (double)t.fewest : 1.0,
                  (unsigned long long)t.worst,
                  (unsigned long long)t.worst_seed);
    if (t.bad) fail_msg("%llu are wrong", (unsigned long long)t.bad);
    assert_true(t.worst <= 2);
    assert_true(rounds < 1000 || t.equal * 100 >= t.nr * 97);
}

/* Larger ones: nobody knows how few steps would do. */

#define LARGER_POOLS 6
#define LARGER_UNITS 24
#define LARGER_DOMAINS 40
#define NR_WAYS 16

static void make_larger(order_case *c, uint64_t seed)
{
    rng r = { .state = seed };
    const unsigned int nr_units = 2 + rng_pick(&r, LARGER_UNITS - 1);
    const unsigned int size = 1 + rng_pick(&r, 4);
    const unsigned int nr_places = 2 + rng_pick(&r, LARGER_POOLS);
    const unsigned int staying = rng_pick(&r, 100);
    unsigned int nr_domains = rng_pick(&r, LARGER_DOMAINS + 1), u;
    size_t from, to;

    begin_case(c, nr_units * size, LARGER_POOLS, LARGER_UNITS, LARGER_DOMAINS);
    add_unit(c, range(c, 0, size - 1), 0, 0);
    for (u = 1; u < nr_units; u++) {
        from = pick_place(&r, nr_places);
        to = rng_chance(&r, staying) ? from : pick_place(&r, nr_places);
        add_unit(c, range(c, u * size, (u + 1) * size - 1), from, to);
    }
    c->percent_wide = rng_pick(&r, 30);
    while (nr_domains--)
        pick_domain(c, &r);
}

/* Each way by itself as well, and that by which there always is an order. */
static const char *check_ways(order_case *c)
{
    const char *why = c->found ? check_steps(c) : "no order is found";
    const size_t fewest = c->nr_steps;
    xt_order_way way = { .max_work = SIZE_MAX };

    for (way.seed = 0; !why && way.seed <= NR_WAYS; way.seed++) {
        way.park_all = way.seed == NR_WAYS;
        way.max_steps = 8 * (c->p.nr_units + c->p.nr_domains) + 64;
        c->found =
            xt_order_greedy(c->arena, &c->p, &way, &c->steps, &c->nr_steps);
        if (!c->found && way.park_all) why = "parked domains do not help";
        if (!c->found) continue;
        c->nr_steps =
            xt_order_give_masks(c->arena, &c->p, c->steps, c->nr_steps);
        why = check_steps(c);
        if (!why && c->nr_steps < fewest) why = "a greedy order is shorter";
    }
    return why;
}

static void test_larger_ones(void **state)
{
    const uint64_t first = setting("ORDER_SEED", 1);
    const uint64_t rounds = setting("ORDER_ROUNDS", ROUNDS) / 10 + 1;
    uint64_t seed, bad = 0;

    (void)state;
    for (seed = first; seed < first + rounds; seed++) {
        const char *why;
        clock_t begin;
        order_case c;

        make_larger(&c, seed);
        begin = clock();
        find(&c);
        why = clock() - begin > MAX_SECONDS * CLOCKS_PER_SEC
                  ? "it takes too long"
                  : check_ways(&c);
        if (why && bad++ < setting("ORDER_SHOWN", SHOWN)) {
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
            show(&c);
        }
        end_case(&c);
    }
    if (bad) fail_msg("%llu are wrong", (unsigned long long)bad);
}

/* By hand. */

static void expect_steps(order_case *c, size_t nr)
{
    const char *why;

    find(c);
    why = c->found ? check_steps(c) : "no order is found";
    if (why || c->nr_steps != nr) {
        show(c);
        fail_msg("%zu steps, not %zu; %s", c->nr_steps, nr, why ? why : "");
    }
    end_case(c);
}

static void test_nothing_to_do(void **state)
{
    order_case c;

    (void)state;
    begin_case(&c, 2, 2, 2, 1);
    add_cpus(&c, 0, 0, 0, 0);
    add_cpus(&c, 1, 1, 1, 1);
    add_plain(&c, 1, 1, 2, all(&c), all(&c));
    expect_steps(&c, 0);
}

/* Four nodes of four CPUs, all in Pool-0 as are the domains. */
static void make_split(order_case *c, bool pinned)
{
    unsigned int i;

    begin_case(c, 16, 4, 16, 20);
    for (i = 0; i < 4; i++)
        add_cpus(c, 4 * i, 4 * i + 3, 0, i);
    for (i = 0; i < 20; i++) {
        const unsigned int node = i % 4;
        const xtune_set mask =
            pinned ? range(c, 4 * node, 4 * node + 3) : all(c);

        add_plain(c, 0, node, 4, mask, mask);
    }
}

static void test_numa_split(void **state)
{
    order_case c;

    (void)state;
    make_split(&c, false);
    expect_steps(&c, 3 + 15);
}

/* Each node has to keep a CPU until its domains are gone. */
static void test_numa_split_pinned(void **state)
{
    order_case c;

    (void)state;
    make_split(&c, true);
    expect_steps(&c, 2 * 3 + 15);
}

static void test_domains_swap(void **state)
{
    order_case c;

    (void)state;
    begin_case(&c, 3, 3, 3, 2);
    add_cpus(&c, 0, 0, 0, 0);
    add_cpus(&c, 1, 1, 1, 1);
    add_cpus(&c, 2, 2, 2, 2);
    add_plain(&c, 1, 2, 1, range(&c, 1, 1), range(&c, 2, 2));
    add_plain(&c, 2, 1, 1, all(&c), all(&c));
    expect_steps(&c, 2);
}

/* One's domain is parked; or, where there is one, a free CPU is borrowed. */
static void make_swap(order_case *c, size_t nr_domains)
{
    begin_case(c, 4, 3, 4, 2 * nr_domains);
    add_cpus(c, 0, 0, 0, 0);
    add_cpus(c, 1, 1, 1, 2);
    add_cpus(c, 2, 2, 2, 1);
    for (; nr_domains; nr_domains--) {
        add_plain(c, 1, 1, 2, all(c), all(c));
        add_plain(c, 2, 2, 2, all(c), all(c));
    }
}

static void test_only_cpus_swap(void **state)
{
    order_case c;

    (void)state;
    make_swap(&c, 1);
    expect_steps(&c, 2 + 2);
    make_swap(&c, 3);
    expect_steps(&c, 2 + 6);
    make_swap(&c, 3);
    add_cpus(&c, 3, 3, XT_ORDER_FREE, XT_ORDER_FREE);
    expect_steps(&c, 2 + 2);
    make_swap(&c, 3);
    add_cpus(&c, 3, 3, 0, 0);
    expect_steps(&c, 2 + 2);
}

static void test_only_cpus_in_a_cycle(void **state)
{
    order_case c;

    (void)state;
    begin_case(&c, 4, 4, 4, 3);
    add_cpus(&c, 0, 0, 0, 0);
    add_cpus(&c, 1, 1, 1, 2);
    add_cpus(&c, 2, 2, 2, 3);
    add_cpus(&c, 3, 3, 3, 1);
    add_plain(&c, 1, 1, 1, all(&c), all(&c));
    add_plain(&c, 2, 2, 1, all(&c), all(&c));
    add_plain(&c, 3, 3, 1, all(&c), all(&c));
    expect_steps(&c, 3 + 2);
}

/* Its only CPU leaves: first it gets another mask. */
static void test_pinned_cpu_leaves(void **state)
{
    order_case c;

    (void)state;
    begin_case(&c, 4, 2, 4, 1);
    add_cpus(&c, 0, 2, 0, 0);
    add_cpus(&c, 3, 3, 0, 1);
    add_plain(&c, 0, 0, 1, range(&c, 3, 3), range(&c, 0, 2));
    expect_steps(&c, 2);
}

/* It goes with the CPUs that it is pinned to, one a vCPU. */
static void make_one_to_one(order_case *c)
{
    xtune_set *hard;
    unsigned int v;

    begin_case(c, 8, 2, 8, 1);
    add_cpus(c, 0, 3, 0, 0);
    add_cpus(c, 4, 7, 0, 1);
    hard = XTUNE_NEW_ARRAY(c->arena, xtune_set, 4);
    for (v = 0; v < 4; v++)
        hard[v] = range(c, 4 + v, 4 + v);
    add_domain(c, 0, 1, 4, hard, hard);
}

static void test_pinned_one_to_one(void **state)
{
    order_case c;

    (void)state;
    make_one_to_one(&c);
    expect_steps(&c, 3);
}

/* Two pools swap a CPU: only the mask that is left without one is opened. */
static void test_no_more_masks_are_opened(void **state)
{
    xtune_set now[2], then[2];
    order_case c;

    (void)state;
    begin_case(&c, 4, 2, 4, 2);
    add_cpus(&c, 0, 1, 0, 0);
    add_cpus(&c, 2, 2, 0, 1);
    add_cpus(&c, 3, 3, 1, 0);
    now[0] = then[0] = range(&c, 1, 1);
    now[1] = range(&c, 2, 2);
    then[1] = range(&c, 3, 3);
    add_domain(&c, 0, 0, 2, now, then);
    add_plain(&c, 1, 1, 1, all(&c), all(&c));
    find(&c);
    assert_int_equal(c.nr_steps, 4);
    assert_int_equal(c.steps[0].kind, XT_ORDER_MASKS);
    assert_true(xtune_set_equal(&c.steps[0].hard[0], &now[0]));
    assert_true(xtune_set_is_all(&c.steps[0].hard[1]));
    expect_steps(&c, 4);
}

static void test_free_cpus(void **state)
{
    order_case c;

    (void)state;
    begin_case(&c, 6, 3, 6, 2);
    add_cpus(&c, 0, 1, 0, 0);
    add_cpus(&c, 2, 3, XT_ORDER_FREE, 1);
    add_cpus(&c, 4, 5, 2, XT_ORDER_FREE);
    add_plain(&c, 2, 1, 2, range(&c, 4, 5), range(&c, 2, 3));
    add_plain(&c, 2, 1, 2, all(&c), all(&c));
    expect_steps(&c, 2 + 2);
}

/* Hosts as large as there are. */

#define HUGE_CPUS 256
#define HUGE_POOLS 8
#define HUGE_DOMAINS 500

static void make_huge(order_case *c, bool split, unsigned int percent_wide)
{
    rng r = { .state = 1 };
    unsigned int u, d;

    begin_case(c, HUGE_CPUS, HUGE_POOLS, HUGE_CPUS, HUGE_DOMAINS);
    c->percent_wide = percent_wide;
    add_cpus(c, 0, 0, 0, 0);
    for (u = 1; u < HUGE_CPUS; u++)
        add_cpus(c, u, u, split ? 0 : rng_pick(&r, HUGE_POOLS),
                 u * HUGE_POOLS / HUGE_CPUS);
    for (d = 0; d < HUGE_DOMAINS; d++)
        pick_domain(c, &r);
}

static void try_huge(bool split, unsigned int percent_wide)
{
    order_case c;
    const char *why;
    clock_t begin;
    double seconds;

    make_huge(&c, split, percent_wide);
    begin = clock();
    find(&c);
    seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    why = c.found ? check_steps(&c) : "no order is found";
    if (why) fail_msg("%s", why);
    print_message("%zu steps for %d CPUs and %d domains in %.3f s\n",
                  c.nr_steps, HUGE_CPUS, HUGE_DOMAINS, seconds);
    assert_true(seconds < MAX_SECONDS);
    end_case(&c);
}

static void test_huge_ones(void **state)
{
    (void)state;
    try_huge(true, 25);
    try_huge(true, 0);
    try_huge(false, 25);
    try_huge(false, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_numa_split),
        cmocka_unit_test(test_numa_split_pinned),
        cmocka_unit_test(test_domains_swap),
        cmocka_unit_test(test_only_cpus_swap),
        cmocka_unit_test(test_only_cpus_in_a_cycle),
        cmocka_unit_test(test_pinned_cpu_leaves),
        cmocka_unit_test(test_pinned_one_to_one),
        cmocka_unit_test(test_no_more_masks_are_opened),
        cmocka_unit_test(test_free_cpus),
        cmocka_unit_test(test_huge_ones),
        cmocka_unit_test(test_larger_ones),
        cmocka_unit_test(test_fewest_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
