/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What schedulers are to give: the verbs' plans, and what the planner adds. */
#include <xtune/plan.h>

#include "base/json.h"
#include "base/util.h"
#include "host/parameters.h"
#include "plan/builder.h"
#include "plan/scheduling.h"
#include "policy/read.h"
#include "util.h"

#define UUID "00000002-0000-4000-8000-00000000000a"

/* One domain of three vCPUs, in the pool whose scheduler "%s" is; pools with
 * the others beside it. */
static const char host_format[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 1}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"p\", \"cpus\": \"0-1\""
    "%s}], "
    "\"domains\": [{\"id\": 7, \"name\": \"d\", \"uuid\": \"" UUID "\", "
    "\"memory_kb\": 1000, \"cpupool\": \"p\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}, "
    "{\"id\": 1, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}, "
    "{\"id\": 3, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}"
    "]}]}";

static xtune_host *make_host(const char *scheduler)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_host *host = NULL;
    const char *text = xtune_arena_printf(
        arena, host_format,
        scheduler
            ? xtune_arena_printf(arena, ", \"scheduler\": \"%s\"", scheduler)
            : "");
    size_t i;

    if (xtune_host_from_json(text, strlen(text), "h.json", &host, &err))
        fail_msg("%s: %s", err->object, err->message);
    host->domains[0].weight = 256;
    for (i = 0; i < 3; i++) {
        host->domains[0].vcpus[i].period_us = 10000;
        host->domains[0].vcpus[i].budget_us = 4000;
    }
    host->cpupools[0].scheduling = (xtune_pool_scheduling){ 30, 1000, 0 };
    return host;
}

/* JSON on one line, without blanks. */
static const char *flat(xtune_arena *arena, const xt_json *json)
{
    XT_CLEANUP_FREE char *text = xt_json_print(json);
    char *line = xtune_arena_strdup(arena, text), *to = line;
    const char *from;

    for (from = text; *from; from++)
        if (*from != ' ' && *from != '\n') *to++ = *from;
    *to = '\0';
    return line;
}

/* "old -> new" of the one action, "-" where there is none, or the blocked. */
static const char *describe(xtune_arena *arena, const xtune_plan *plan)
{
    const xtune_action *action = plan->actions;

    assert_true(plan->nr_actions + plan->nr_blocked <= 1);
    if (plan->nr_blocked)
        return xtune_arena_printf(arena, "%s: %s", plan->blocked[0].kind,
                                  plan->blocked[0].why);
    if (!plan->nr_actions) return "-";
    return xtune_arena_printf(arena, "%s -> %s", flat(arena, action->old),
                              flat(arena, action->new));
}

#define WEIGHT(w, c) "{\"weight\":" w ",\"cap\":" c "}"
#define VCPU(p, b, e)                                                         \
    "{\"period_us\":" p ",\"budget_us\":" b ",\"extratime\":" e "}"
#define VCPUS(a, b, c) "{\"vcpus\":[" a "," b "," c "]}"
#define NOW VCPU("10000", "4000", "false")

#define NONE XTUNE_NONE

typedef struct domain_case {
    const char *scheduler;
    xtune_wanted_scheduling wanted;
    const char *verb; /* what its plan is; or its error, and ... */
    int rc;
    const char *planner; /* what the planner adds */
} domain_case;

#define WANTED(vcpus, ...)                                                    \
    {                                                                         \
        { "p.xml", 3 }, vcpus, __VA_ARGS__                                    \
    }

static const domain_case domain_cases[] = {
    { "credit2", WANTED("all", NONE, NONE, NONE, NONE, NONE), "-", 0, "-" },
    { "credit2", WANTED("all", 256, 0, NONE, NONE, NONE), "-", 0, "-" },
    { "credit2", WANTED("all", 512, NONE, NONE, NONE, NONE),
      WEIGHT("256", "0") " -> " WEIGHT("512", "0"), 0,
      WEIGHT("256", "0") " -> " WEIGHT("512", "0") },
    { "credit", WANTED(NULL, 65535, 300, NONE, NONE, NONE),
      WEIGHT("256", "0") " -> " WEIGHT("65535", "300"), 0,
      WEIGHT("256", "0") " -> " WEIGHT("65535", "300") },
    /* One that may come to be in another pool. */
    { "credit", WANTED("all", NONE, 50, 5000, 1000, 1),
      "its cpupool \"p\" has scheduler \"credit\", which has no period: use "
      "\"xltune sched-credit\"",
      XTUNE_ERR_INVALID, WEIGHT("256", "0") " -> " WEIGHT("256", "50") },
    { "rtds", WANTED("all", 512, NONE, NONE, NONE, NONE),
      "scheduler \"rtds\", which has no weight: use \"xltune sched-rtds\"",
      XTUNE_ERR_INVALID, "-" },
    { "null", WANTED("all", 512, NONE, NONE, NONE, NONE),
      "scheduler \"null\", which has no weight: move it to a pool with "
      "another scheduler",
      XTUNE_ERR_INVALID, "-" },
    { NULL, WANTED("all", 512, NONE, NONE, NONE, NONE),
      "the scheduler of its cpupool is not known", XTUNE_ERR_UNSUPPORTED,
      "-" },
    { "credit2", WANTED("all", 512, 301, NONE, NONE, NONE),
      "a cap of 301 is above 300, which is 100 for each of its vCPUs",
      XTUNE_ERR_INVALID,
      "scheduling: p.xml:3: a cap of 301 is above 300, which is 100 for each "
      "of its vCPUs" },
    { "credit2", WANTED("all", 0, NONE, NONE, NONE, NONE),
      "a weight of 0 is not a whole number from 1 to 65535", XTUNE_ERR_INVALID,
      "scheduling: p.xml:3: a weight of 0 is not a whole number from 1 to "
      "65535" },
    { "rtds", WANTED("all", NONE, NONE, 20000, NONE, 1),
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(VCPU("20000", "4000", "true"),
                                        VCPU("20000", "4000", "true"),
                                        VCPU("20000", "4000", "true")),
      0,
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(VCPU("20000", "4000", "true"),
                                        VCPU("20000", "4000", "true"),
                                        VCPU("20000", "4000", "true")) },
    { "rtds", WANTED("1,3", NONE, NONE, NONE, 10000, 0),
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(NOW, VCPU("10000", "10000", "false"),
                                        VCPU("10000", "10000", "false")),
      0,
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(NOW, VCPU("10000", "10000", "false"),
                                        VCPU("10000", "10000", "false")) },
    { "rtds", WANTED("all,^0-1", NONE, NONE, 10000, 4000, 1),
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(NOW, NOW,
                                        VCPU("10000", "4000", "true")),
      0,
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(NOW, NOW,
                                        VCPU("10000", "4000", "true")) },
    { "rtds", WANTED("1-2", NONE, NONE, NONE, NONE, 1), "it has no vCPU 2",
      XTUNE_ERR_NOT_FOUND,
      VCPUS(NOW, NOW, NOW) " -> " VCPUS(NOW, VCPU("10000", "4000", "true"),
                                        NOW) },
    { "rtds", WANTED("0", NONE, NONE, 3999, NONE, NONE),
      "a budget of 4000 us is above the period of 3999 us of vCPU 0",
      XTUNE_ERR_INVALID,
      "scheduling: p.xml:3: a budget of 4000 us is above the period of 3999 "
      "us of vCPU 0" },
    { "rtds", WANTED("0", NONE, NONE, NONE, 9, NONE),
      "a budget of 9 is not a whole number", XTUNE_ERR_INVALID,
      "scheduling: p.xml:3: a budget of 9 is not a whole number of "
      "microseconds from 10 to the period" },
    { "rtds", WANTED("0", NONE, NONE, 1000000001, NONE, NONE),
      "a period of 1000000001 is not", XTUNE_ERR_INVALID,
      "scheduling: p.xml:3: a period of 1000000001 is not a whole number of "
      "microseconds from 10 to 1000000000" },
};

static void check_verb(const xtune_host *host, const domain_case *c)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;
    int rc = xtune_plan_scheduling(host, &host->domains[0], &c->wanted, 1,
                                   &plan, &err);

    if (c->rc) {
        check_error(rc, &err, c->rc, c->verb);
        return;
    }
    assert_int_equal(rc, 0);
    assert_string_equal(describe(arena, plan), c->verb);
    if (plan->nr_actions) {
        assert_string_equal(plan->actions[0].kind, "scheduling");
        assert_string_equal(plan->actions[0].object, "d");
        assert_string_equal(flat(arena, plan->actions[0].target),
                            "{\"domid\":7,\"name\":\"d\",\"uuid\":\"" UUID
                            "\"}");
        assert_int_equal(strncmp(plan->actions[0].reason, "sched-", 6), 0);
    }
    xtune_plan_free(plan);
}

static void check_planner(const xtune_host *host, const domain_case *c)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_plan *plan = xt_plan_new();

    assert_int_equal(
        xt_plan_add_scheduling(plan, host, &host->domains[0], &c->wanted, 1),
        0);
    assert_string_equal(describe(arena, plan), c->planner);
    if (plan->nr_actions)
        assert_string_equal(plan->actions[0].reason, "as \"p.xml:3\" says");
    xtune_plan_free(plan);
}

static void domains(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(domain_cases); i++) {
        xtune_host *host = make_host(domain_cases[i].scheduler);

        check_verb(host, &domain_cases[i]);
        check_planner(host, &domain_cases[i]);
        xtune_host_free(host);
    }
}

/* Later ones win, and what is not known is as Xen gives it. */
static void several_and_unknown(void **state)
{
    const xtune_wanted_scheduling wanted[] = {
        WANTED("all", 512, 100, 20000, NONE, 0),
        WANTED("1", NONE, 50, 30000, 30000, NONE),
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("credit2");
    xtune_plan *plan = xt_plan_new();
    size_t i;

    (void)state;
    host->domains[0].weight = 0;
    xt_plan_add_scheduling(plan, host, &host->domains[0], wanted, 2);
    assert_string_equal(describe(arena, plan), "null -> " WEIGHT("512", "50"));
    xtune_plan_free(plan);
    plan = xt_plan_new();
    xt_plan_add_scheduling(
        plan, host, &host->domains[0],
        &(xtune_wanted_scheduling)WANTED("all", NONE, 50, NONE, NONE, NONE),
        1);
    assert_string_equal(describe(arena, plan), "null -> " WEIGHT("256", "50"));
    xtune_plan_free(plan);
    xtune_host_free(host);

    host = make_host("rtds");
    plan = xt_plan_new();
    for (i = 0; i < 3; i++)
        host->domains[0].vcpus[i].period_us = 0;
    xt_plan_add_scheduling(plan, host, &host->domains[0], wanted, 2);
    assert_string_equal(describe(arena, plan),
                        "null -> " VCPUS(VCPU("20000", "4000", "false"),
                                         VCPU("30000", "30000", "false"),
                                         VCPU("20000", "4000", "false")));
    xtune_plan_free(plan);
    /* Nothing is wanted. */
    plan = xt_plan_new();
    assert_int_equal(
        xt_plan_add_scheduling(plan, host, &host->domains[0], NULL, 0), 0);
    assert_string_equal(describe(arena, plan), "-");
    /* A list that is none: the plan is as it was. */
    assert_int_equal(
        xt_plan_add_scheduling(
            plan, host, &host->domains[0],
            &(xtune_wanted_scheduling)WANTED("x", NONE, NONE, 50, NONE, NONE),
            1),
        XTUNE_ERR_INVALID);
    assert_string_equal(describe(arena, plan), "-");
    xtune_plan_free(plan);
    xtune_host_free(host);
}

#define CREDIT(t, r, m)                                                       \
    "{\"tslice_ms\":" t ",\"ratelimit_us\":" r ",\"migration_delay_us\":" m "}"

typedef struct pool_case {
    const char *scheduler;
    xtune_pool_scheduling wanted;
    const char *text; /* of both; an error's where there is none of a plan */
    int rc;
    const char *hint;
} pool_case;

static const pool_case pool_cases[] = {
    { "credit", { NONE, NONE, NONE }, "-", 0, NULL },
    { "null", { NONE, NONE, NONE }, "-", 0, NULL },
    { "credit", { 30, 1000, 0 }, "-", 0, NULL },
    { "credit",
      { 10, NONE, NONE },
      CREDIT("30", "1000", "0") " -> " CREDIT("10", "1000", "0"),
      0,
      NULL },
    { "credit",
      { NONE, 0, 100000 },
      CREDIT("30", "1000", "0") " -> " CREDIT("30", "0", "100000"),
      0,
      NULL },
    { "credit2",
      { NONE, 500, NONE },
      "{\"ratelimit_us\":1000} -> {\"ratelimit_us\":500}",
      0,
      NULL },
    { "credit2",
      { 10, NONE, NONE },
      "its scheduler \"credit2\" has no tslice",
      XTUNE_ERR_INVALID,
      "use \"xltune sched-credit2\"" },
    { "rtds",
      { NONE, 500, NONE },
      "its scheduler \"rtds\" has no ratelimit",
      XTUNE_ERR_INVALID,
      "use \"xltune sched-rtds\"" },
    { "null",
      { NONE, NONE, 5 },
      "\"null\" has no migration-delay",
      XTUNE_ERR_INVALID,
      "leave it out" },
    { NULL,
      { NONE, 500, NONE },
      "its scheduler is not known",
      XTUNE_ERR_INVALID,
      "" },
    { "credit",
      { 1001, NONE, NONE },
      "a tslice of 1001 is not",
      XTUNE_ERR_INVALID,
      "" },
    { "credit",
      { 0, NONE, NONE },
      "a tslice of 0 is not",
      XTUNE_ERR_INVALID,
      "" },
    { "credit2",
      { NONE, 99, NONE },
      "a ratelimit of 99 is not",
      XTUNE_ERR_INVALID,
      "" },
    { "credit",
      { NONE, 30001, NONE },
      "a ratelimit of 30001 us is above the tslice of 30 ms",
      XTUNE_ERR_INVALID,
      "" },
    /* It has no tslice. */
    { "credit2",
      { NONE, 500000, NONE },
      "{\"ratelimit_us\":1000} -> {\"ratelimit_us\":500000}",
      0,
      NULL },
};

static void check_pool(const xtune_host *host, const pool_case *c)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_cpupool *pool = &host->cpupools[0];
    xtune_plan *plan = NULL, *added = xt_plan_new();
    xtune_error *err = NULL;
    int rc = xtune_plan_pool_scheduling(host, pool, &c->wanted, &plan, &err);

    xt_plan_add_pool_scheduling(added, pool, &c->wanted);
    if (c->rc) {
        assert_non_null(strstr(describe(arena, added), c->text));
        assert_non_null(
            strstr(describe(arena, added), "cpupool-scheduling: "));
        if (*c->hint) assert_string_equal(err->hint, c->hint);
        check_error(rc, &err, c->rc, c->text);
    } else {
        assert_int_equal(rc, 0);
        assert_string_equal(describe(arena, plan), c->text);
        assert_string_equal(describe(arena, added), c->text);
        if (plan->nr_actions) {
            assert_string_equal(plan->actions[0].kind, "cpupool-scheduling");
            assert_string_equal(plan->actions[0].object, "p");
            assert_string_equal(flat(arena, plan->actions[0].target),
                                "{\"cpupool\":\"p\"}");
        }
    }
    xtune_plan_free(plan);
    xtune_plan_free(added);
}

static void pools(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(pool_cases); i++) {
        const char *scheduler = pool_cases[i].scheduler;
        xtune_host *host = make_host(scheduler);

        if (!scheduler || strcmp(scheduler, "credit")) {
            host->cpupools[0].scheduling.tslice_ms = NONE;
            host->cpupools[0].scheduling.migration_delay_us = NONE;
        }
        check_pool(host, &pool_cases[i]);
        xtune_host_free(host);
    }
}

/* What its scheduler has not keeps nothing else back. */
static void pools_of_another_scheduler(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_pool_scheduling wanted = { 20, 500, 7 };
    xtune_host *host = make_host("credit2");
    xtune_plan *plan = xt_plan_new();

    (void)state;
    xt_plan_add_pool_scheduling(plan, &host->cpupools[0], &wanted);
    assert_int_equal(plan->nr_blocked, 2);
    assert_string_equal(plan->blocked[0].why,
                        "its scheduler \"credit2\" has no tslice");
    assert_string_equal(plan->blocked[1].why,
                        "its scheduler \"credit2\" has no migration-delay");
    assert_int_equal(plan->nr_actions, 1);
    assert_string_equal(flat(arena, plan->actions[0].new),
                        "{\"ratelimit_us\":500}");
    xtune_plan_free(plan);
    xtune_host_free(host);
}

/* As of a host in a file that does not have them. */
static void pools_that_are_not_known(void **state)
{
    xtune_host *host = make_host("credit2");

    (void)state;
    host->cpupools[0].scheduling = XT_NO_POOL_SCHEDULING;
    check_pool(host,
               &(pool_case){ "credit2",
                             { NONE, 500, NONE },
                             "the snapshot does not say what schedulers do",
                             XTUNE_ERR_INVALID,
                             "" });
    xtune_host_free(host);
}

/* The table's offsets, names and limits. */
static void parameters(void **state)
{
    const xtune_wanted_scheduling wanted = {
        .weight = 1, .cap = 2, .period_us = 3, .budget_us = 4, .extratime = 5
    };
    const xtune_pool_scheduling pool = { 6, 7, 8 };
    xtune_wanted_scheduling copy = XT_NO_SCHEDULING;
    unsigned int id;
    uint32_t value;

    (void)state;
    for (id = 0; id < XT_NR_PARAMETERS; id++) {
        assert_int_equal(xt_parameter_get(id, id < XT_FIRST_OF_POOLS
                                                  ? (const void *)&wanted
                                                  : &pool),
                         id + 1);
        assert_true(
            xt_parameter_takes(&xt_parameters[id], xt_parameters[id].min));
        assert_true(
            xt_parameter_takes(&xt_parameters[id], xt_parameters[id].max));
        assert_false(xt_parameter_takes(&xt_parameters[id],
                                        xt_parameters[id].max + 1ull));
        assert_false(xt_scheduler_has("arinc653", id));
        assert_false(xt_scheduler_has("null", id));
    }
    xt_parameter_set(XT_BUDGET, &copy, 9);
    assert_int_equal(copy.budget_us, 9);
    assert_int_equal(copy.period_us, NONE);
    assert_true(xt_parameter_takes(&xt_parameters[XT_RATELIMIT], 0));
    assert_false(xt_parameter_takes(&xt_parameters[XT_RATELIMIT], 99));
    assert_false(xt_parameter_takes(&xt_parameters[XT_WEIGHT], 0));
    assert_true(xt_parameter_parse(&xt_parameters[XT_CAP], "65534", &value));
    assert_int_equal(value, 65534);
    assert_false(xt_parameter_parse(&xt_parameters[XT_CAP], "", &value));
    assert_false(xt_parameter_parse(&xt_parameters[XT_CAP], "+1", &value));
    assert_false(xt_parameter_parse(&xt_parameters[XT_CAP], "01", &value));
    assert_int_equal(value, 65534);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains),
        cmocka_unit_test(several_and_unknown),
        cmocka_unit_test(pools),
        cmocka_unit_test(pools_of_another_scheduler),
        cmocka_unit_test(pools_that_are_not_known),
        cmocka_unit_test(parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
