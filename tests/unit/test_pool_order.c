/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order in which CPUs and domains change pools: what holds after every
 * step, and how many steps there are against the fewest there can be. A
 * failure names the seed of the problem:
 *
 *   ORDER_SEED=N ORDER_ROUNDS=1 ORDER_TRACE=1 test_pool_order
 */
#include <time.h>

#include "plan/order_greedy.h"
#include "order_small.h"
#include "random_host.h"
#include "util.h"

#define ROUNDS 2000
#define SHOWN 5
#define MAX_SECONDS 5 /* for one problem, also with sanitizers */

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
