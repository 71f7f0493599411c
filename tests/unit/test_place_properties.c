/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What holds of every placement, on hosts by chance. A failure names the seed
 * of the host:
 *
 *   PLACE_SEED=N PLACE_ROUNDS=1 test_place_properties
 *
 * PLACE_ROUNDS makes long runs as well, PLACE_SHOWN shows more than a few
 * failures of each, and PLACE_TRACE=1 names each seed before it is tried.
 */
#include <xtune/place.h>

#include <signal.h>
#include <time.h>

#include "case_change.h"
#include "place/assess.h"
#include "place_check.h"
#include "place_check_cpus.h"
#include "place_same.h"
#include "random_lies.h"
#include "util.h"

#define ROUNDS 1000
#define SHOWN 5
#define MAX_SECONDS 60 /* for one host, however slow the machine */

static const random_limits usual = { 8, 8, 14, 5, 9, true };
static const random_limits small = { 4, 4, 8, 3, 6, false };
/* Where nearly everything is scarce, and a failure is easy to look at. */
static const random_limits tiny = { 3, 3, 3, 2, 4, false };

/* NULL, or what was broken, in the case's arena. */
typedef const char *(*property)(const random_case *c);

static uint64_t seed_at_work;

static void took_too_long(int signal_number)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "seed %llu takes too long\n",
                       (unsigned long long)seed_at_work);

    (void)signal_number;
    if (write(STDERR_FILENO, text, (size_t)len) < len) _exit(2);
    _exit(1);
}

static uint64_t setting(const char *name, uint64_t usual_value)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : usual_value;
}

typedef void (*maker)(random_case *c, uint64_t seed,
                      const random_limits *limits);

static const char *size_name(const random_limits *limits)
{
    return limits == &usual ? "usual" : limits == &small ? "small" : "tiny";
}

/* False, and tells, where it does not hold. */
static bool check_seed(uint64_t seed, maker make, const random_limits *limits,
                       property holds, bool show)
{
    random_case c;
    const char *why;

    seed_at_work = seed;
    if (getenv("PLACE_TRACE"))
        fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    make(&c, seed, limits);
    alarm(MAX_SECONDS);
    why = holds(&c);
    alarm(0);
    /* cmocka cuts a long message short. */
    if (why && show)
        fprintf(stderr, "seed %llu, %s: %s\n", (unsigned long long)seed,
                size_name(limits), why);
    xtune_host_free(c.host);
    return !why;
}

static void sweep(maker make, const random_limits *limits, property holds)
{
    const uint64_t first = setting("PLACE_SEED", 1);
    const uint64_t rounds = setting("PLACE_ROUNDS", ROUNDS);
    const uint64_t shown = setting("PLACE_SHOWN", SHOWN);
    uint64_t seed, bad = 0;

    signal(SIGALRM, took_too_long);
    for (seed = first; seed < first + rounds; seed++) {
        bad += !check_seed(seed, make, &tiny, holds, bad < shown);
        bad += !check_seed(seed, make, limits, holds, bad < shown);
    }
    if (bad)
        fail_msg("%llu of %llu hosts", (unsigned long long)bad,
                 (unsigned long long)rounds * 2);
}

/* NULL in *placement_r and the error's text where there is none. */
static const char *place(const random_case *c, xtune_placement **placement_r)
{
    const xtune_place_request request = random_case_request(c);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *text = NULL;

    *placement_r = NULL;
    if (!xtune_place(&request, placement_r, &err)) return NULL;
    *placement_r = NULL;
    text = xtune_error_text(err);
    return xtune_arena_strdup(c->arena, text);
}

/* The hosts are no lies: Xen could be so. */

static const char *holds_hosts(const random_case *c)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (!xtune_host_check(c->host, "host", &err)) return NULL;
    return xtune_arena_strdup(c->arena, err->message);
}

static void test_hosts(void **state)
{
    (void)state;
    sweep(random_case_make, &usual, holds_hosts);
}

/* Constraints. */

static const char *check_each(const random_case *c,
                              void (*check)(place_check *,
                                            const xtune_placed *),
                              void (*check_all)(place_check *))
{
    place_check ck = { .arena = c->arena, .c = c };
    xtune_placement *placement;
    size_t i;

    ck.why = place(c, &placement);
    if (ck.why) return ck.why;
    ck.placement = placement;
    if (placement->nr_domains != c->host->nr_domains + c->nr_newcomers)
        ck.why = "domains are missing";
    for (i = 0; check && !ck.why && i < placement->nr_domains; i++)
        check(&ck, &placement->domains[i]);
    if (check_all && !ck.why) check_all(&ck);
    xtune_placement_free(placement);
    return ck.why;
}

/*
 * Nobody wants CPUs of their own: where masks of vCPUs overlap, who gets them
 * may depend on who comes first, and with that the rest.
 */
static void make_sharing(random_case *c, uint64_t seed,
                         const random_limits *limits)
{
    size_t i;

    random_case_make(c, seed, limits);
    for (i = 0; c->policy && i < c->policy->nr_rules; i++)
        if (c->policy->rules[i].pin == XTUNE_PIN_ONE_TO_ONE)
            c->policy->rules[i].pin = XTUNE_PIN_NODE;
}

#define CONSTRAINT(name, make, each, all)                                     \
    static const char *holds_##name(const random_case *c)                     \
    {                                                                         \
        return check_each(c, each, all);                                      \
    }                                                                         \
    static void test_##name(void **state)                                     \
    {                                                                         \
        (void)state;                                                          \
        sweep(make, &usual, holds_##name);                                    \
    }

CONSTRAINT(answers, random_case_make, check_answer, NULL)
CONSTRAINT(masks, random_case_make, check_masks, NULL)
CONSTRAINT(sums, random_case_make, check_sums, NULL)
CONSTRAINT(where_counted, make_sharing, check_where_counted, NULL)
CONSTRAINT(free_memory, random_case_make, NULL, check_free_memory)
CONSTRAINT(devices, random_case_make, check_devices, NULL)
CONSTRAINT(vnodes, random_case_make, check_vnodes, NULL)
CONSTRAINT(one_to_one, random_case_make, NULL, check_one_to_one)
CONSTRAINT(dedicated_cpus, random_case_make, NULL, check_dedicated)
CONSTRAINT(isolated_cores, random_case_make, NULL, check_isolated)
CONSTRAINT(crowds, random_case_make, NULL, check_crowds)

/* The same call twice. */

static const char *holds_same_twice(const random_case *c)
{
    xtune_placement *first, *second = NULL;
    const char *why = place(c, &first);

    if (!why) why = place(c, &second);
    if (!why) why = placements_differ(c->arena, first, second);
    xtune_placement_free(first);
    xtune_placement_free(second);
    return why;
}

static void test_same_twice(void **state)
{
    (void)state;
    sweep(random_case_make, &usual, holds_same_twice);
}

/* What is asked about one domain changes nothing, and says the same. */

static const char *check_candidates(const random_case *c,
                                    const xtune_placement *placement,
                                    const xtune_placed *p)
{
    uint64_t last = 0;
    size_t i, chosen = 0;

    for (i = 0; i < placement->nr_candidates; i++) {
        const xtune_candidate *candidate = &placement->candidates[i];
        const uint64_t sum = xtune_cost_sum(&candidate->cost);

        if (i && placement->candidates[i - 1].refused && !candidate->refused)
            return "a candidate that can be after one that cannot";
        if (!candidate->refused && sum < last)
            return "candidates are not in the order of their costs";
        last = candidate->refused ? last : sum;
        if (!candidate->chosen) continue;
        chosen++;
        if (candidate->refused ||
            !xtune_set_equal(&candidate->nodes, &p->nodes))
            return xtune_arena_printf(c->arena, "%s: another home is chosen",
                                      p->domain->name);
    }
    if (placement->nr_candidates && !xtune_set_is_empty(&p->nodes) &&
        chosen != 1)
        return xtune_arena_printf(c->arena, "%s: %zu candidates are chosen",
                                  p->domain->name, chosen);
    return NULL;
}

static const char *check_explained(const random_case *c, size_t which)
{
    xtune_place_request request = random_case_request(c);
    xtune_placement *plain, *explained;
    const char *why = place(c, &plain);

    if (why) return why;
    request.explain = plain->domains[which].domain;
    if (xtune_place(&request, &explained, NULL))
        why = "cannot be explained";
    else {
        why = placements_differ(c->arena, plain, explained);
        if (!why)
            why = check_candidates(c, explained, &explained->domains[which]);
        xtune_placement_free(explained);
    }
    xtune_placement_free(plain);
    return why;
}

static const char *holds_explain(const random_case *c)
{
    rng r = { .state = c->seed + 4 };
    const size_t nr = c->host->nr_domains + c->nr_newcomers;

    return nr ? check_explained(c, rng_below(&r, nr)) : NULL;
}

static void test_explain(void **state)
{
    (void)state;
    sweep(random_case_make, &usual, holds_explain);
}

/* Other numbers, another order. */

/* What cannot be placed is left out of the cost. */
static size_t count_unplaced(const xtune_placement *placement)
{
    size_t i, nr = 0;

    for (i = 0; i < placement->nr_domains; i++)
        nr += placement->domains[i].blocked || placement->domains[i].refused;
    return nr;
}

typedef struct totals {
    uint64_t cost, vcpus;
    size_t nr_unplaced;
} totals;

static const char *total(const random_case *c, totals *totals_r)
{
    xtune_placement *placement;
    const char *why = place(c, &placement);

    if (why) return why;
    totals_r->cost = xtune_cost_sum(&placement->cost);
    totals_r->vcpus = placement->cost.vcpus;
    totals_r->nr_unplaced = count_unplaced(placement);
    xtune_placement_free(placement);
    return NULL;
}

static const char *holds_renumbered(const random_case *c)
{
    /* Of nodes that are alike the odd KiB is on one or the other. */
    const uint64_t nr = c->host->nr_domains + c->nr_newcomers;
    random_case other;
    totals one = { 0 }, two = { 0 };
    const char *why;

    case_renumbered(c, &other);
    why = total(c, &one);
    if (!why) why = total(&other, &two);
    if (!why && (one.cost > two.cost + nr || two.cost > one.cost + nr ||
                 one.nr_unplaced != two.nr_unplaced))
        why = xtune_arena_printf(
            c->arena, "costs %llu, renumbered %llu (%zu and %zu blocked)",
            (unsigned long long)one.cost, (unsigned long long)two.cost,
            one.nr_unplaced, two.nr_unplaced);
    else if (why)
        why = xtune_arena_strdup(c->arena, why);
    xtune_host_free(other.host);
    return why;
}

static void test_renumbered(void **state)
{
    (void)state;
    sweep(make_sharing, &usual, holds_renumbered);
}

/* One more core. */

/* Costs are whole numbers, and loads are in parts of a vCPU. */
#define ROUNDING 200

static const char *holds_more_cores(const random_case *c)
{
    random_case other;
    totals one = { 0 }, two = { 0 };
    const char *why;

    if (!case_with_core(c, &other)) return NULL;
    why = total(c, &one);
    if (!why) why = total(&other, &two);
    if (why) why = xtune_arena_strdup(c->arena, why);
    /* One that cannot be placed yet costs nothing yet; and a core on a node
     * that is far from the memory draws vCPUs there. */
    else if (one.nr_unplaced || one.vcpus)
        why = NULL;
    else if (two.nr_unplaced)
        why = xtune_arena_printf(c->arena, "%zu are blocked by a core more",
                                 two.nr_unplaced);
    else if (one.cost + one.cost / ROUNDING + 1 < two.cost)
        why = xtune_arena_printf(c->arena, "costs %llu, with a core more %llu",
                                 (unsigned long long)one.cost,
                                 (unsigned long long)two.cost);
    xtune_host_free(other.host);
    return why;
}

static void test_more_cores(void **state)
{
    (void)state;
    sweep(random_case_make, &small, holds_more_cores);
}

/* What was placed, placed again. */

static const char *check_stays(const random_case *c, const xtune_placed *p)
{
    size_t i;
    unsigned int id;

    for (i = 0; p->hard && i < p->domain->nr_vcpus; i++)
        if (!xtune_set_equal(&p->hard[i], &p->domain->vcpus[i].hard) ||
            !xtune_set_equal(&p->soft[i], &p->domain->vcpus[i].soft))
            return xtune_arena_printf(
                c->arena,
                "%s (%s; flags %u): vCPU %zu: %s/%s becomes %s/%s: %s",
                p->domain->name, rule_text(c->arena, p->rule), c->flags, i,
                xtune_set_format(c->arena, &p->domain->vcpus[i].hard),
                xtune_set_format(c->arena, &p->domain->vcpus[i].soft),
                xtune_set_format(c->arena, &p->hard[i]),
                xtune_set_format(c->arena, &p->soft[i]), p->reason);
    for (id = 0; p->memory_kb && id < c->host->nr_node_ids; id++)
        if (!p->domain->memory_by_node_kb ||
            p->memory_kb[id] != p->domain->memory_by_node_kb[id])
            return xtune_arena_printf(
                c->arena, "%s (%s; flags %u): memory moves again",
                p->domain->name, rule_text(c->arena, p->rule), c->flags);
    return NULL;
}

static const char *check_twice(const random_case *c,
                               const xtune_placement *first)
{
    xtune_placement *second;
    random_case after;
    const char *why;
    size_t i;

    case_applied(c, first, &after);
    why = place(&after, &second);
    for (i = 0; !why && i < second->nr_domains; i++)
        why = check_stays(&after, &second->domains[i]);
    if (why) why = xtune_arena_strdup(c->arena, why);
    xtune_placement_free(second);
    xtune_host_free(after.host);
    return why;
}

static const char *holds_stays(const random_case *c)
{
    xtune_placement *first;
    const char *why = place(c, &first);

    if (!why) why = check_twice(c, first);
    xtune_placement_free(first);
    return why;
}

/* As plan and apply have it: nothing is new, and no memory moves. */
static void make_running(random_case *c, uint64_t seed,
                         const random_limits *limits)
{
    random_case_make(c, seed, limits);
    c->nr_newcomers = 0;
    c->flags = 0;
}

static void test_stays(void **state)
{
    (void)state;
    sweep(make_running, &usual, holds_stays);
}

/* The engine's own answer, assessed. */

/* Nothing but newcomers. */
static void make_empty_host(random_case *c, uint64_t seed,
                            const random_limits *limits)
{
    make_sharing(c, seed, limits);
    c->host->nr_domains = 0;
}

static const char *assess(const random_case *c,
                          const xtune_placement *placement,
                          xt_assessment *assessment_r)
{
    const xtune_place_request request = random_case_request(c);
    xt_assignment *assignments =
        XTUNE_NEW_ARRAY(c->arena, xt_assignment, c->nr_newcomers);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    size_t i;

    for (i = 0; i < c->nr_newcomers; i++) {
        const xtune_placed *p = &placement->domains[c->host->nr_domains + i];

        assignments[i] = (xt_assignment){ p->vcpus_on, p->memory_kb };
    }
    if (!xt_assess(&request, assignments, assessment_r, &err)) return NULL;
    return xtune_arena_printf(c->arena, "not assessed: %s", err->message);
}

static const char *cost_text(xtune_arena *arena, const xtune_cost *cost)
{
    return xtune_arena_printf(
        arena, "%llu + %llu + %llu + %llu + %llu",
        (unsigned long long)cost->memory, (unsigned long long)cost->vcpus,
        (unsigned long long)cost->devices, (unsigned long long)cost->crowding,
        (unsigned long long)cost->moving);
}

static const char *holds_assessed(const random_case *c)
{
    xt_assessment assessment = { .nr_refused = 0 };
    xtune_placement *placement;
    size_t i, refused = 0;
    const char *why = place(c, &placement);

    if (why) return why;
    for (i = 0; i < placement->nr_domains; i++)
        refused += placement->domains[i].refused;
    why = assess(c, placement, &assessment);
    if (!why &&
        memcmp(&assessment.cost, &placement->cost, sizeof(assessment.cost)))
        why = xtune_arena_printf(c->arena, "costs %s, is assessed as %s",
                                 cost_text(c->arena, &placement->cost),
                                 cost_text(c->arena, &assessment.cost));
    if (!why && assessment.nr_refused != refused) why = "others are refused";
    if (!why && assessment.excess_kb) why = "memory is put where none is";
    xtune_placement_free(placement);
    return why;
}

static void test_assessed(void **state)
{
    (void)state;
    sweep(make_empty_host, &usual, holds_assessed);
}

/* Hosts that lie: an answer, or one clear error. */

static void check_lie(place_check *ck, const xtune_placed *p)
{
    uint64_t sum = 0;
    size_t i;
    unsigned int id;

    if (!p->reason || !p->reason[0]) broken(ck, p, "no reason");
    for (i = 0; p->hard && i < p->domain->nr_vcpus; i++)
        if (!xtune_set_equal(&p->hard[i], &p->domain->vcpus[i].hard) &&
            !xtune_set_intersects(&p->hard[i], pool_of(ck, p)))
            broken(ck, p, "vCPU %zu: hard %s is not in its pool", i,
                   mask_text(ck, &p->hard[i]));
    for (id = 0; p->memory_kb && id < ck->c->host->nr_node_ids; id++)
        sum += p->memory_kb[id];
    if (p->memory_kb && is_newcomer(ck, p) && sum != p->domain->memory_kb)
        broken(ck, p, "%llu KiB, %llu are placed",
               (unsigned long long)p->domain->memory_kb,
               (unsigned long long)sum);
}

static const char *holds_lies(const random_case *c)
{
    const xtune_place_request request = random_case_request(c);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    place_check ck = { .arena = c->arena, .c = c };
    xtune_placement *placement = NULL;
    const int rc = xtune_place(&request, &placement, &err);
    size_t i;

    if (rc)
        return err && (int)err->code == rc && err->message[0]
                   ? NULL
                   : "fails without an error";
    if (err) return "an error, and an answer";
    ck.placement = placement;
    for (i = 0; i < placement->nr_domains; i++)
        check_lie(&ck, &placement->domains[i]);
    xtune_placement_free(placement);
    return ck.why;
}

static void test_lies(void **state)
{
    (void)state;
    sweep(random_lie_make, &usual, holds_lies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_where_counted),
        cmocka_unit_test(test_free_memory),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_vnodes),
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_dedicated_cpus),
        cmocka_unit_test(test_isolated_cores),
        cmocka_unit_test(test_crowds),
        cmocka_unit_test(test_same_twice),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_renumbered),
        cmocka_unit_test(test_more_cores),
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_assessed),
        cmocka_unit_test(test_lies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
