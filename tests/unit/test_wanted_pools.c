/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What policies and verbs want of pools on recorded hosts, where it is near to
 * what cannot be: names that go round, schedulers, pools without room, masks
 * of half a core.
 */
#include <xtune/apply.h>
#include <xtune/plan.h>

#include "policy_text.h"
#include "pools_fixture.h"

#define KEEP "<cpupool name=\"rt\"/><cpupool name=\"pinned\"/>"
#define BATCH "<cpupool name=\"batch\"/>"
#define MOVE(name, pool)                                                      \
    "<domains match=\"name:" name "\"><cpupool name=\"" pool "\"/></domains>"
#define HOST_AND(inside, rules) POLICY("<host>\n" inside "\n</host>\n" rules)

typedef struct fixture {
    xtune_arena *arena;
    xtune_host *host;
    xtune_policy *policy; /* NULL: a verb's */
} fixture;

static fixture begin(const char *name, const char *policy)
{
    XT_CLEANUP_FREE char *text = NULL;
    fixture f = { .arena = xtune_arena_new() };
    size_t len;

    text = test_read(xtune_arena_printf(f.arena, "hosts/%s.json", name), &len);
    assert_int_equal(xtune_host_from_json(text, len, "h", &f.host, NULL), 0);
    if (policy) f.policy = must_read(policy);
    return f;
}

static void end(fixture *f)
{
    xtune_policy_free(f->policy);
    xtune_host_free(f->host);
    xtune_arena_free(f->arena);
}

static xtune_domain *domain(const fixture *f, const char *name)
{
    const xtune_domain *found;

    assert_int_equal(xtune_host_find_domain(f->host, name, &found, NULL), 0);
    return (xtune_domain *)found;
}

static xtune_cpupool *pool(const fixture *f, const char *name)
{
    return (xtune_cpupool *)xtune_host_cpupool(f->host, name);
}

static xtune_set cpus(const fixture *f, const char *text)
{
    const xtune_set_names names = xtune_host_cpu_names(f->host);
    xtune_set set;

    assert_int_equal(xtune_set_parse(f->arena, &names, "", text, &set, NULL),
                     0);
    return set;
}

/* Plans. */

static int try_plan(const fixture *f, xtune_plan **plan_r, xtune_error **err)
{
    const xtune_plan_request request = {
        .host = f->host,
        .policy = f->policy,
        .flags = XTUNE_PLAN_NO_MOVES,
    };

    return xtune_plan_make(&request, plan_r, err);
}

static xtune_plan *plan(const fixture *f)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_plan *made;

    if (try_plan(f, &made, &err))
        fail_msg("%s: %s", err->object, err->message);
    return made;
}

static xtune_plan *change(const fixture *f, const xtune_pool_change *wanted)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_plan *made;

    if (xtune_plan_pool_change(f->host, wanted, &made, &err))
        fail_msg("%s: %s", err->object, err->message);
    return made;
}

/* "kind object" of each action. */
static const char *actions(const fixture *f, const xtune_plan *p)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < p->nr_actions; i++)
        text = xtune_arena_printf(f->arena, "%s%s%s %s", text, i ? ", " : "",
                                  p->actions[i].kind, p->actions[i].object);
    return text;
}

static const char *blocked(const fixture *f, const xtune_plan *p)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < p->nr_blocked; i++)
        text = xtune_arena_printf(f->arena, "%s%s%s %s: %s", text,
                                  i ? "; " : "", p->blocked[i].kind,
                                  p->blocked[i].object, p->blocked[i].why);
    return text;
}

static const char *notes(const fixture *f, const xtune_plan *p)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < p->nr_notes; i++)
        text = xtune_arena_printf(f->arena, "%s%s%s: %s", text, i ? "; " : "",
                                  p->notes[i].object, p->notes[i].text);
    return text;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void has_not(const char *text, const char *part)
{
    if (strstr(text, part)) fail_msg("\"%s\" is in \"%s\"", part, text);
}

/* Applies a plan to the host in a file, and looks at it again. */
static void apply(fixture *f, const xtune_plan *p)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *text = xtune_host_to_json(f->host);
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_backend *backend = pools_open(text);
    xtune_state *state;

    assert_int_equal(xtune_state_lock(backend, NULL, "test", 0, &state, &err),
                     0);
    if (xtune_apply(backend, state, p, NULL, NULL, &err))
        fail_msg("%s: %s, of: %s", err->object, err->message, actions(f, p));
    xtune_host_free(f->host);
    assert_int_equal(xtune_backend_observe(backend, &what, &f->host, NULL), 0);
    xtune_state_close(state);
    xtune_backend_close(backend);
    forget_host_file();
}

/* What the policy wants is made, and then there is nothing more to do. */
static void settle(fixture *f)
{
    xtune_plan *p = plan(f), *again;

    assert_string_equal(blocked(f, p), "");
    apply(f, p);
    again = plan(f);
    assert_string_equal(actions(f, again), "");
    xtune_plan_free(p);
    xtune_plan_free(again);
}

/* Names. */

static void a_removed_pools_name_is_free(void **state)
{
    const xtune_pool_change join = { .verb = XTUNE_POOL_JOIN };
    fixture f = begin("pools-4x4", HOST("<cpupools split=\"numa\"/>"));
    xtune_plan *p;

    (void)state;
    f.host->nr_cpupools = 2;
    f.host->nr_domains = 1;
    f.host->cpupools[1].name = "Pool-node0";
    settle(&f);
    assert_string_equal(f.host->cpupools[0].name, "Pool-node0");
    assert_int_equal(f.host->nr_cpupools, 4);
    end(&f);

    f = begin("pools-4x4", NULL);
    f.host->nr_cpupools = 2;
    f.host->nr_domains = 1;
    f.host->cpupools[0].name = f.host->domains[0].cpupool = "first";
    f.host->cpupools[1].name = "Pool-0";
    p = change(&f, &join);
    apply(&f, p);
    assert_int_equal(f.host->nr_cpupools, 1);
    assert_string_equal(f.host->cpupools[0].name, "Pool-0");
    xtune_plan_free(p);
    end(&f);
}

/* As it was captured when the first pool was called so. */
static void the_pool_of_cpu_0_is_the_first(void **state)
{
    fixture f = begin("4x4", HOST("<cpupool name=\"Pool-node0\" nodes=\"0\"/>"
                                  "<cpupool name=\"a\" nodes=\"1-3\"/>"));
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_plan *p;

    (void)state;
    settle(&f);
    assert_int_equal(f.host->nr_cpupools, 2);
    assert_string_equal(f.host->cpupools[0].name, "Pool-node0");
    end(&f);

    /* Not where another has its name. */
    f = begin("4x4", HOST("<cpupool name=\"a\" nodes=\"0\"/>"
                          "<cpupool name=\"Pool-0\" nodes=\"1-3\"/>"));
    p = plan(&f);
    has(blocked(&f, p), "CPU 0 must stay in Xen's first cpupool");
    xtune_plan_free(p);
    end(&f);

    f = begin("4x4", HOST("<cpupool name=\"Pool-node0\" cpus=\"0-3\"/>\n"
                          "<cpupool name=\"Pool-0\" cpus=\"4-7\"/>"));
    f.host->cpupools[0].name = "Pool-node0";
    assert_int_equal(try_plan(&f, &p, &err), XTUNE_ERR_INVALID);
    has(err->message, "both name Xen's first cpupool");
    assert_string_equal(err->object, "p.xml:4");
    end(&f);
}

static void a_node_may_be_unknown(void **state)
{
    const xtune_pool_change split = { .verb = XTUNE_POOL_SPLIT };
    fixture f = begin("4x4", NULL);
    XT_CLEANUP_FREE char *text = NULL;
    xtune_plan *p;

    (void)state;
    f.host->cpus[15].node = XTUNE_NONE;
    /* Sets by node are made when it is read. */
    text = xtune_host_to_json(f.host);
    xtune_host_free(f.host);
    assert_int_equal(
        xtune_host_from_json(text, strlen(text), "h", &f.host, NULL), 0);
    p = change(&f, &split);
    apply(&f, p);
    assert_string_equal(
        xtune_set_format_ids(f.arena, &f.host->cpupools[0].cpus), "0-3,15");
    xtune_plan_free(p);
    p = change(&f, &split);
    assert_string_equal(actions(&f, p), "");
    xtune_plan_free(p);
    end(&f);
}

/* Schedulers. */

static void a_pool_made_again_gets_its_parameters(void **state)
{
    fixture f = begin("pools-4x4",
                      HOST(KEEP "<cpupool name=\"batch\" cpus=\"4-5,8-9\" "
                                "scheduler=\"credit2\" ratelimit=\"500\"/>"));

    (void)state;
    settle(&f);
    assert_string_equal(pool(&f, "batch")->scheduler, "credit2");
    assert_int_equal(pool(&f, "batch")->scheduling.ratelimit_us, 500);
    end(&f);
}

/* The pool that has the name now is another. */
static void a_renamed_pool_gets_its_parameters(void **state)
{
    xtune_pool_record record = {
        .name = "Pool-node0",
        .scheduling = { XTUNE_NONE, 500, XTUNE_NONE },
    };
    fixture f = begin("pools-4x4", HOST("<cpupools split=\"numa\"/>"));

    (void)state;
    f.host->nr_cpupools = 2;
    f.host->nr_domains = 1;
    f.host->cpupools[1].name = "Pool-node0";
    f.policy->pool_records = &record;
    f.policy->nr_pool_records = 1;
    settle(&f);
    assert_int_equal(f.host->cpupools[0].scheduling.ratelimit_us, 500);
    end(&f);
}

/* Of what a new pool begins with nothing is guessed. */
static void a_new_pool_gets_what_is_wanted(void **state)
{
    fixture f =
        begin("pools-4x4", HOST(BATCH "<cpupool name=\"rt\" cpus=\"6-7\" "
                                      "scheduler=\"credit\" tslice=\"20\"/>"
                                      "<cpupool name=\"pinned\"/>"
                                      "<cpupool name=\"new\" cpus=\"10-11\" "
                                      "ratelimit=\"700\"/>"));

    (void)state;
    f.host->xen.command_line = "sched-gran=core sched_ratelimit_us=500";
    settle(&f);
    assert_int_equal(pool(&f, "new")->scheduling.ratelimit_us, 700);
    assert_int_equal(pool(&f, "rt")->scheduling.tslice_ms, 20);
    assert_int_equal(pool(&f, "rt")->scheduling.ratelimit_us, 1000);
    end(&f);
}

static void what_a_new_pool_lacks_is_blocked(void **state)
{
    fixture f = begin("pools-4x4",
                      HOST(KEEP BATCH "<cpupool name=\"new\" cpus=\"10-11\" "
                                      "tslice=\"5\" ratelimit=\"700\"/>"));
    xtune_plan *p = plan(&f);

    (void)state;
    has(blocked(&f, p), "cpupool-scheduling new: its scheduler \"credit2\" "
                        "has no tslice");
    assert_int_equal(p->nr_blocked, 1);
    has(actions(&f, p), "cpupool new");
    apply(&f, p);
    assert_int_equal(pool(&f, "new")->scheduling.ratelimit_us, 700);
    xtune_plan_free(p);
    end(&f);
}

static void what_is_not_known_is_said(void **state)
{
    fixture f =
        begin("4x4", HOST("<cpupool name=\"Pool-0\" ratelimit=\"700\"/>"));
    xtune_plan *p;

    (void)state;
    f.host->cpupools[0].scheduler = "credit2";
    f.host->cpupools[0].scheduling.ratelimit_us = XTUNE_NONE;
    p = plan(&f);
    has(blocked(&f, p), "the snapshot does not say what schedulers do");
    xtune_plan_free(p);
    end(&f);
}

/* Room under the null scheduler. */

static void more_cpus_are_never_refused(void **state)
{
    fixture f = begin("pools-4x4",
                      HOST(BATCH "<cpupool name=\"rt\"/>"
                                 "<cpupool name=\"pinned\" cpus=\"14-15\"/>"));
    const xtune_set more = cpus(&f, "14");
    const xtune_pool_change add = {
        .verb = XTUNE_POOL_ADD_CPUS,
        .pool = pool(&f, "pinned"),
        .cpus = &more,
    };
    xtune_plan *p;

    (void)state;
    domain(&f, "dpdk")->online_vcpus = 6;
    p = change(&f, &add);
    assert_int_equal(p->nr_actions, 1);
    xtune_plan_free(p);
    /* As many as before. */
    p = plan(&f);
    assert_string_equal(blocked(&f, p), "");
    assert_true(p->nr_actions > 0);
    xtune_plan_free(p);
    end(&f);
}

static void fewer_are_refused(void **state)
{
    fixture f = begin("pools-4x4", NULL);
    const xtune_set fewer = cpus(&f, "14-15");
    const xtune_pool_change take = {
        .verb = XTUNE_POOL_REMOVE_CPUS,
        .pool = pool(&f, "pinned"),
        .cpus = &fewer,
    };
    xtune_error *err = NULL;
    xtune_plan *p;

    (void)state;
    xtune_set_or(&pool(&f, "pinned")->cpus, &fewer);
    check_error(xtune_plan_pool_change(f.host, &take, &p, &err), &err,
                XTUNE_ERR_REFUSED, "there would be 3 vCPUs on 2 CPUs");
    end(&f);
}

static void one_without_room_stays_alone(void **state)
{
    fixture f =
        begin("pools-4x4", POLICY(MOVE("web1", "pinned") MOVE("audio", "batch")
                                      MOVE("Domain-0", "rt")));
    xtune_plan *p = plan(&f);

    (void)state;
    has(actions(&f, p), "domain-cpupool audio");
    has(blocked(&f, p), "domain-cpupool web1: the null scheduler needs");
    has(blocked(&f, p), "domain-cpupool Domain-0: Xen does not let dom0");
    has_not(blocked(&f, p), "cpupool pinned:");
    assert_int_equal(p->nr_blocked, 2);
    xtune_plan_free(p);
    end(&f);
}

/* The largest stays, and where one leaves there is room. */
static void the_smaller_find_room(void **state)
{
    fixture f = begin("pools-4x4",
                      POLICY(MOVE("dpdk", "Pool-0") MOVE("audio", "pinned")
                                 MOVE("batch1", "pinned")));
    xtune_plan *p;

    (void)state;
    domain(&f, "audio")->online_vcpus = 2;
    p = plan(&f);
    has(actions(&f, p), "domain-cpupool audio");
    has(actions(&f, p), "domain-cpupool dpdk");
    has(blocked(&f, p), "domain-cpupool batch1: ");
    assert_int_equal(p->nr_blocked, 1);
    xtune_plan_free(p);
    end(&f);
}

static void a_dying_domain_is_left_alone(void **state)
{
    fixture f = begin("pools-4x4", POLICY(MOVE("web1", "nowhere")));
    xtune_plan *p;

    (void)state;
    domain(&f, "web1")->state |= XTUNE_STATE_DYING;
    p = plan(&f);
    has_not(blocked(&f, p), "nowhere");
    xtune_plan_free(p);
    end(&f);
}

/* Memory and masks. */

static void memory_is_noted_where_it_is_left(void **state)
{
    fixture f = begin("pools-4x4", NULL);
    const xtune_set node2 = cpus(&f, "8-9");
    const xtune_pool_change rename = {
        .verb = XTUNE_POOL_RENAME,
        .pool = pool(&f, "batch"),
        .name = "bb",
    };
    const xtune_pool_change take = {
        .verb = XTUNE_POOL_REMOVE_CPUS,
        .pool = pool(&f, "batch"),
        .cpus = &node2,
    };
    xtune_plan *p = change(&f, &rename);

    (void)state;
    assert_string_equal(notes(&f, p), "");
    xtune_plan_free(p);
    domain(&f, "batch2")->memory_by_node_kb[1] = 0;
    p = change(&f, &take);
    has(notes(&f, p), "batch2: most of its memory is not on the nodes");
    /* It was not before, nor is there less of it. */
    has_not(notes(&f, p), "batch1");
    xtune_plan_free(p);
    end(&f);
}

/* Of a core only the first CPU counts. */
static void half_a_core_does_not_count(void **state)
{
    fixture f = begin("pools-4x4", NULL);
    const xtune_set core = cpus(&f, "8-9");
    const xtune_pool_change take = {
        .verb = XTUNE_POOL_REMOVE_CPUS,
        .pool = pool(&f, "batch"),
        .cpus = &core,
    };
    const xt_json *hard;
    xtune_plan *p;

    (void)state;
    domain(&f, "batch2")->vcpus[0].hard = cpus(&f, "5,8");
    domain(&f, "batch2")->vcpus[1].hard = cpus(&f, "5,8");
    p = change(&f, &take);
    assert_string_equal(actions(&f, p),
                        "vcpu-affinity batch2/0, vcpu-affinity batch2/1, "
                        "cpupool-cpus CPUs 8-9");
    hard = xt_json_get(p->actions[0].new, "hard");
    assert_string_equal(xt_json_text(hard), "4-5,8-9");
    has(notes(&f, p), "5,8 has of no core of the pool the first CPU");
    apply(&f, p);
    xtune_plan_free(p);
    end(&f);
}

static void its_first_cpu_is_enough(void **state)
{
    fixture f = begin("pools-4x4", NULL);
    const xtune_set core = cpus(&f, "8-9");
    const xtune_pool_change take = {
        .verb = XTUNE_POOL_REMOVE_CPUS,
        .pool = pool(&f, "batch"),
        .cpus = &core,
    };
    xtune_plan *p;

    (void)state;
    domain(&f, "batch2")->vcpus[0].hard = cpus(&f, "4,8");
    domain(&f, "batch2")->vcpus[1].hard = cpus(&f, "4,8");
    p = change(&f, &take);
    assert_string_equal(actions(&f, p), "cpupool-cpus CPUs 8-9");
    xtune_plan_free(p);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_removed_pools_name_is_free),
        cmocka_unit_test(the_pool_of_cpu_0_is_the_first),
        cmocka_unit_test(a_node_may_be_unknown),
        cmocka_unit_test(a_pool_made_again_gets_its_parameters),
        cmocka_unit_test(a_renamed_pool_gets_its_parameters),
        cmocka_unit_test(a_new_pool_gets_what_is_wanted),
        cmocka_unit_test(what_a_new_pool_lacks_is_blocked),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(more_cpus_are_never_refused),
        cmocka_unit_test(fewer_are_refused),
        cmocka_unit_test(one_without_room_stays_alone),
        cmocka_unit_test(the_smaller_find_room),
        cmocka_unit_test(a_dying_domain_is_left_alone),
        cmocka_unit_test(memory_is_noted_where_it_is_left),
        cmocka_unit_test(half_a_core_does_not_count),
        cmocka_unit_test(its_first_cpu_is_enough),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
