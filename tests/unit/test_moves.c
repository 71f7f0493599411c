/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of moves: by hand, and on hosts by chance, where every step is
 * made on paper. A failure names the seed:
 *
 *   MOVES_SEED=N MOVES_ROUNDS=1 test_moves
 */
#include "plan/moves.h"

#include "plan/rehome.h"
#include "random_host.h"
#include "util.h"

#define MAX_NODES 5
#define MAX_MOVES 5
#define MIB UINT64_C(1024)

/* Domains that are to move, each by where its memory is and is to be. */
typedef struct moves_case {
    xtune_host *host;
    xt_wanted_move moves[MAX_MOVES];
    size_t nr;
    xt_move_step *steps;
    size_t nr_steps;
} moves_case;

static void begin_case(moves_case *c, const uint64_t *free_mib,
                       unsigned int nr_nodes)
{
    xtune_host *host = xtune_host_new();
    unsigned int i;

    *c = (moves_case){ .host = host };
    host->nodes = XTUNE_NEW_ARRAY(host->arena, xtune_node, nr_nodes);
    host->nr_nodes = nr_nodes;
    for (i = 0; i < nr_nodes; i++)
        host->nodes[i] = (xtune_node){ .id = i, .free_kb = free_mib[i] * MIB };
    host->cpus = XTUNE_NEW_ARRAY(host->arena, xtune_cpu, 1);
    host->nr_cpus = 1;
    xtune_host_index(host);
}

static uint64_t *copy_kb(const moves_case *c, const uint64_t *mib)
{
    uint64_t *kb =
        XTUNE_NEW_ARRAY(c->host->arena, uint64_t, c->host->nr_node_ids);
    unsigned int id;

    for (id = 0; id < c->host->nr_node_ids; id++)
        kb[id] = mib[id] * MIB;
    return kb;
}

static void add_move(moves_case *c, const uint64_t *now_mib,
                     const uint64_t *to_mib, uint64_t gain)
{
    xtune_domain *domain = XTUNE_NEW(c->host->arena, xtune_domain);
    unsigned int id;

    domain->id = (uint32_t)c->nr + 1;
    domain->name = xtune_arena_printf(c->host->arena, "d%u", domain->id);
    domain->type = XTUNE_TYPE_PV;
    domain->nr_vcpus = 1;
    domain->memory_by_node_kb = copy_kb(c, now_mib);
    for (id = 0; id < c->host->nr_node_ids; id++)
        domain->memory_kb += domain->memory_by_node_kb[id];
    c->moves[c->nr++] = (xt_wanted_move){
        .domain = domain,
        .to_kb = copy_kb(c, to_mib),
        .gain = gain,
    };
}

/* From one node to another. */
static void add_simple(moves_case *c, uint64_t mib, unsigned int from,
                       unsigned int to, uint64_t gain)
{
    uint64_t now[MAX_NODES] = { 0 }, then[MAX_NODES] = { 0 };

    now[from] = then[to] = mib;
    add_move(c, now, then, gain);
}

static void order(moves_case *c)
{
    xt_order_moves(c->host->arena, c->host, c->moves, c->nr, &c->steps,
                   &c->nr_steps);
}

/* "1 0@2": move 1, then move 0 parked on node 2. */
static const char *steps_text(const moves_case *c)
{
    const char *text = "";
    size_t s;

    for (s = 0; s < c->nr_steps; s++) {
        text = xtune_arena_printf(c->host->arena, "%s%s%zu", text,
                                  s ? " " : "", c->steps[s].move);
        if (c->steps[s].parked != XTUNE_NONE)
            text = xtune_arena_printf(c->host->arena, "%s@%u", text,
                                      c->steps[s].parked);
    }
    return text;
}

static void expect_steps(moves_case *c, const char *steps)
{
    order(c);
    assert_string_equal(steps_text(c), steps);
}

static void end_case(moves_case *c)
{
    xtune_host_free(c->host);
}

static void test_no_moves(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 10, 10 }, 2);
    expect_steps(&c, "");
    end_case(&c);
}

static void test_larger_gain_first(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 1000, 1000 }, 2);
    add_simple(&c, 100, 0, 1, 1);
    add_simple(&c, 100, 0, 1, 9);
    add_simple(&c, 100, 1, 0, 5);
    expect_steps(&c, "1 2 0");
    end_case(&c);
}

static void test_equal_gains_keep_their_order(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 1000, 1000 }, 2);
    add_simple(&c, 100, 0, 1, 3);
    add_simple(&c, 50, 0, 1, 3);
    expect_steps(&c, "0 1");
    end_case(&c);
}

static void test_one_frees_room_for_the_next(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 0, 120 }, 3);
    add_simple(&c, 90, 0, 1, 9);
    add_simple(&c, 100, 1, 2, 1);
    expect_steps(&c, "1 0");
    end_case(&c);
}

/* The copy takes more than the guest sees: just as much is not enough. */
static void test_need_is_more_than_memory(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 100 }, 2);
    add_simple(&c, 100, 0, 1, 1);
    order(&c);
    assert_int_equal(c.nr_steps, 0);
    assert_non_null(c.moves[0].blocked);
    end_case(&c);
}

/* What Xen keeps at low addresses is no room. */
static void test_low_memory_is_no_room(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 200 }, 2);
    c.host->nodes[1].low_free_kb = 150 * MIB;
    add_simple(&c, 100, 0, 1, 1);
    order(&c);
    assert_int_equal(c.nr_steps, 0);
    end_case(&c);
}

static void test_unknown_room_is_enough(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 0 }, 2);
    c.host->nodes[1].free_kb = XTUNE_UNKNOWN_KB;
    add_simple(&c, 100, 0, 1, 1);
    add_simple(&c, 50, 0, 1, 1);
    add_simple(&c, 20, 1, 0, 1);
    expect_steps(&c, "0 1 2");
    end_case(&c);
}

static void test_swap_parks_the_smaller_once(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 10, 10, 150 }, 3);
    add_simple(&c, 100, 0, 1, 9);
    add_simple(&c, 98, 1, 0, 1);
    expect_steps(&c, "1@2 0 1");
    end_case(&c);
}

static void test_swap_without_a_third_node(void **state)
{
    moves_case c;
    size_t m;

    (void)state;
    begin_case(&c, (uint64_t[]){ 10, 10 }, 2);
    add_simple(&c, 100, 0, 1, 9);
    add_simple(&c, 100, 1, 0, 1);
    order(&c);
    assert_int_equal(c.nr_steps, 0);
    for (m = 0; m < 2; m++) {
        assert_non_null(c.moves[m].blocked);
        /* 102 MiB are needed: a PV guest's 1 MiB more, in superpages. */
        assert_non_null(strstr(c.moves[m].blocked, "10 MiB are free"));
        assert_non_null(strstr(c.moves[m].blocked, " MiB are missing"));
    }
    assert_non_null(strstr(c.moves[0].blocked, "node 1 "));
    assert_non_null(strstr(c.moves[1].blocked, "node 0 "));
    end_case(&c);
}

/* The third node takes either, yet who was parked could not go on. */
static void test_nobody_stays_parked(void **state)
{
    moves_case c;
    size_t s;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 10, 150 }, 3);
    add_simple(&c, 100, 0, 1, 9);
    add_simple(&c, 120, 1, 0, 1);
    order(&c);
    for (s = 0; s < c.nr_steps; s++)
        assert_int_equal(c.steps[s].parked, XTUNE_NONE);
    assert_non_null(c.moves[1].blocked);
    end_case(&c);
}

/* Who comes first takes the room that the others need to pass. */
static void test_the_largest_gain_may_have_to_wait(void **state)
{
    moves_case c;

    (void)state;
    begin_case(&c, (uint64_t[]){ 0, 100, 0 }, 3);
    add_simple(&c, 80, 0, 1, 9);
    add_simple(&c, 60, 2, 1, 1);
    add_simple(&c, 56, 1, 2, 1);
    order(&c);
    assert_null(c.moves[0].blocked);
    assert_null(c.moves[1].blocked);
    assert_null(c.moves[2].blocked);
    end_case(&c);
}

/* By chance. */

static void make_case(moves_case *c, rng *r)
{
    const unsigned int nr_nodes = 2 + rng_pick(r, MAX_NODES - 1);
    const unsigned int nr = 1 + rng_pick(r, MAX_MOVES);
    uint64_t mib[MAX_NODES];
    unsigned int i;

    for (i = 0; i < nr_nodes; i++)
        mib[i] = rng_below(r, rng_chance(r, 30) ? 400 : 120);
    begin_case(c, mib, nr_nodes);
    for (i = 0; i < nr; i++) {
        uint64_t now[MAX_NODES] = { 0 }, then[MAX_NODES] = { 0 };
        uint64_t size = 2 + 2 * rng_below(r, 60);

        now[rng_pick(r, nr_nodes)] = size;
        if (rng_chance(r, 25)) now[rng_pick(r, nr_nodes)] += 30;
        for (size = 0; size < MAX_NODES; size++)
            then[0] += now[size];
        size = then[0];
        then[0] = 0;
        then[rng_pick(r, nr_nodes)] = size / 2;
        then[rng_chance(r, 25) ? rng_pick(r, nr_nodes) : i % nr_nodes] +=
            size - size / 2;
        add_move(c, now, then, rng_below(r, 4));
    }
}

/* What is free on each node, and where each domain is, step by step. */
typedef struct paper {
    uint64_t room_kb[MAX_NODES];
    uint64_t now_kb[MAX_MOVES][MAX_NODES];
} paper;

static void begin_paper(paper *p, const moves_case *c)
{
    unsigned int id;
    size_t m;

    for (id = 0; id < c->host->nr_node_ids; id++) {
        p->room_kb[id] = xt_rehome_room_kb(&c->host->nodes[id]);
        for (m = 0; m < c->nr; m++)
            p->now_kb[m][id] = c->moves[m].domain->memory_by_node_kb[id];
    }
}

/* False where there is no room. */
static bool move_on_paper(paper *p, const moves_case *c, size_t m,
                          const uint64_t *to_kb)
{
    const xtune_domain *domain = c->moves[m].domain;
    unsigned int id;

    for (id = 0; id < c->host->nr_node_ids; id++)
        if (xt_rehome_need_kb(domain, to_kb[id]) > p->room_kb[id])
            return false;
    for (id = 0; id < c->host->nr_node_ids; id++) {
        p->room_kb[id] -= xt_rehome_need_kb(domain, to_kb[id]);
        p->room_kb[id] += p->now_kb[m][id];
        p->now_kb[m][id] = to_kb[id];
    }
    return true;
}

static bool step_on_paper(paper *p, const moves_case *c,
                          const xt_move_step *step)
{
    const xtune_domain *domain = c->moves[step->move].domain;
    uint64_t kb[MAX_NODES] = { 0 };

    if (step->parked == XTUNE_NONE)
        return move_on_paper(p, c, step->move, c->moves[step->move].to_kb);
    kb[step->parked] = domain->memory_kb;
    return move_on_paper(p, c, step->move, kb);
}

/* NULL, or what is wrong with the steps. */
static const char *check_steps(const moves_case *c)
{
    unsigned int count[MAX_MOVES] = { 0 };
    bool arrived[MAX_MOVES] = { false };
    size_t s, m;
    paper p;

    begin_paper(&p, c);
    for (s = 0; s < c->nr_steps; s++) {
        m = c->steps[s].move;
        if (arrived[m]) return "one moves on from where it was wanted";
        if (!step_on_paper(&p, c, &c->steps[s])) return "there is no room";
        arrived[m] = c->steps[s].parked == XTUNE_NONE;
        if (++count[m] > 2) return "one moves more than twice";
    }
    for (m = 0; m < c->nr; m++) {
        if (arrived[m] == !!c->moves[m].blocked)
            return "who is blocked and who moves are not told apart";
        if (!arrived[m] && count[m]) return "one stays parked";
    }
    return NULL;
}

/* Whether all that are left can be moved in some order, without parking. */
static bool some_order(const paper *p, const moves_case *c, unsigned int left)
{
    size_t m;

    if (!left) return true;
    for (m = 0; m < c->nr; m++) {
        paper next = *p;

        if (left & 1u << m && move_on_paper(&next, c, m, c->moves[m].to_kb) &&
            some_order(&next, c, left & ~(1u << m)))
            return true;
    }
    return false;
}

static const char *check_complete(const moves_case *c)
{
    size_t m;
    paper p;

    begin_paper(&p, c);
    if (!some_order(&p, c, (1u << c->nr) - 1)) return NULL;
    for (m = 0; m < c->nr; m++)
        if (c->moves[m].blocked) return "all could be moved, but are not";
    return NULL;
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : usual;
}

static void sweep(const char *(*check)(const moves_case *c))
{
    const uint64_t first = setting("MOVES_SEED", 1);
    const uint64_t rounds = setting("MOVES_ROUNDS", 20000);
    uint64_t seed, bad = 0;

    for (seed = first; seed < first + rounds; seed++) {
        rng r = { .state = seed };
        const char *why;
        moves_case c;

        make_case(&c, &r);
        order(&c);
        why = check(&c);
        if (why && bad++ < 5)
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
        end_case(&c);
    }
    if (bad)
        fail_msg("%llu of %llu", (unsigned long long)bad,
                 (unsigned long long)rounds);
}

static void test_every_step_has_room(void **state)
{
    (void)state;
    sweep(check_steps);
}

static void test_an_order_that_exists_is_found(void **state)
{
    (void)state;
    sweep(check_complete);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_moves),
        cmocka_unit_test(test_larger_gain_first),
        cmocka_unit_test(test_equal_gains_keep_their_order),
        cmocka_unit_test(test_one_frees_room_for_the_next),
        cmocka_unit_test(test_need_is_more_than_memory),
        cmocka_unit_test(test_low_memory_is_no_room),
        cmocka_unit_test(test_unknown_room_is_enough),
        cmocka_unit_test(test_swap_parks_the_smaller_once),
        cmocka_unit_test(test_swap_without_a_third_node),
        cmocka_unit_test(test_nobody_stays_parked),
        cmocka_unit_test(test_the_largest_gain_may_have_to_wait),
        cmocka_unit_test(test_every_step_has_room),
        cmocka_unit_test(test_an_order_that_exists_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
