/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plan that makes a pool, moves CPUs and a domain to it, changes what
 * schedulers give and renames a pool, on a host in a file: applied, spoiled
 * at every change, cut off at every change, and rolled back.
 */
#include <xtune/apply.h>

#include <signal.h>
#include <sys/wait.h>

#include "plan/builder.h"
#include "pools_fixture.h"

#define WEB1                                                                  \
    "{\"domid\": 1, \"uuid\": \"00000001-0000-4000-8000-000000000001\"}"
#define DB1                                                                   \
    "{\"domid\": 2, \"uuid\": \"00000002-0000-4000-8000-000000000002\"}"

static const struct {
    const char *kind, *object, *target, *old, *new;
    bool before_others;
} actions[] = {
    { "cpupool", "rt", "{\"name\": \"rt\"}", "null",
      "{\"scheduler\": \"credit2\"}", false },
    { "cpupool-cpus", "CPUs 4-7", "{\"cpus\": \"4-7\"}", "\"Pool-0\"",
      "\"rt\"", false },
    { "domain-cpupool", "web1", WEB1,
      "{\"cpupool\": \"Pool-0\", \"scheduling\": {\"weight\": 512, \"cap\": "
      "50}, \"vcpus\": [{\"hard\": \"2-5\", \"soft\": \"4-7\"}, {\"hard\": "
      "\"all\", \"soft\": \"0-1\"}]}",
      "{\"cpupool\": \"rt\", \"scheduling\": {\"weight\": 512, \"cap\": 50}, "
      "\"vcpus\": [{\"hard\": \"4-5\", \"soft\": \"4\"}, {\"hard\": \"6-7\", "
      "\"soft\": \"all\"}]}",
      false },
    { "scheduling", "db1", DB1, "{\"weight\": 256, \"cap\": 0}",
      "{\"weight\": 100, \"cap\": 25}", false },
    { "cpupool-scheduling", "Pool-0", "{\"cpupool\": \"Pool-0\"}",
      "{\"ratelimit_us\": 1000}", "{\"ratelimit_us\": 500}", true },
    { "cpupool-name", "Pool-0",
      "{\"from\": \"Pool-0\", \"to\": \"Pool-node0\"}", "\"Pool-0\"",
      "\"Pool-node0\"", false },
};

/* Of the backend: the third action makes four of them. */
#define NR_CHANGES 9

static xtune_plan *make_plan(void)
{
    xtune_plan *plan = xt_plan_new();
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(actions); i++)
        xt_plan_add(plan,
                    &(xtune_action){
                        .kind = actions[i].kind,
                        .object = actions[i].object,
                        .target = pools_json(plan->arena, actions[i].target),
                        .old = pools_json(plan->arena, actions[i].old),
                        .new = pools_json(plan->arena, actions[i].new),
                        .reason = "it is a test",
                        .before_others = actions[i].before_others,
                    });
    return plan;
}

typedef struct fixture {
    xtune_backend *inner, *backend; /* without and with the fault */
    struct xt_backend_ops live;
    xtune_state *state;
    xtune_plan *plan;
    char *before;
} fixture;

static void begin(fixture *f, const char *kind, unsigned int at)
{
    XT_CLEANUP_FREE char *spec = xt_xprintf("%s:%u", kind ? kind : "", at);

    f->inner = f->backend = pools_open(pools_text);
    f->before = observed_text(f->inner);
    /* Where every change is denied from one on it is to be as a live host, on
     * which those before are made. */
    f->live = *f->inner->ops;
    f->live.is_atomic = NULL;
    if (kind && !strcmp(kind, "deny")) f->inner->ops = &f->live;
    if (kind)
        assert_int_equal(
            xtune_backend_fault(f->inner, spec, &f->backend, NULL), 0);
    assert_int_equal(
        xtune_state_lock(f->backend, NULL, "test", 0, &f->state, NULL), 0);
    f->plan = make_plan();
}

static void end(fixture *f)
{
    xtune_plan_free(f->plan);
    xtune_state_close(f->state);
    xtune_backend_close(f->backend);
    free(f->before);
    forget_host_file();
}

static int apply(fixture *f, xtune_error **err)
{
    return xtune_apply(f->backend, f->state, f->plan, NULL, NULL, err);
}

static void expect_before(const fixture *f)
{
    XT_CLEANUP_FREE char *now = observed_text(f->inner);

    assert_string_equal(now, f->before);
}

static void expect_applied(const fixture *f)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_backend_ops *ops = f->inner->ops;
    const xt_vcpu_ref vcpu = { .domain = web1, .vcpu = 1 };
    const xtune_cpupool *pools;
    xtune_set hard, soft;
    const char *pool;
    xt_json *value;
    size_t nr;

    assert_int_equal(ops->list_pools(f->inner, arena, &pools, &nr, NULL), 0);
    assert_int_equal(nr, 2);
    assert_string_equal(pools[0].name, "Pool-node0");
    assert_string_equal(xtune_set_format_ids(arena, &pools[0].cpus), "0-3");
    assert_int_equal(pools[0].scheduling.ratelimit_us, 500);
    assert_string_equal(pools[1].name, "rt");
    assert_string_equal(xtune_set_format_ids(arena, &pools[1].cpus), "4-7");
    assert_int_equal(ops->get_domain_pool(f->inner, &web1, arena, &pool, NULL),
                     0);
    assert_string_equal(pool, "rt");
    assert_int_equal(
        ops->get_affinity(f->inner, &vcpu, arena, &hard, &soft, NULL), 0);
    assert_string_equal(xtune_set_format(arena, &hard), "6-7");
    assert_string_equal(xtune_set_format(arena, &soft), "all");
    assert_int_equal(ops->get_scheduling(f->inner, &web1, arena, &value, NULL),
                     0);
    assert_true(xt_json_equal(
        value, pools_json(arena, "{\"weight\": 512, \"cap\": 50}")));
}

static void test_applied_and_rolled_back(void **state)
{
    unsigned int id;
    fixture f;

    (void)state;
    begin(&f, NULL, 0);
    assert_int_equal(apply(&f, NULL), 0);
    expect_applied(&f);
    assert_int_equal(xtune_rollback(f.backend, f.state, NULL, &id, NULL), 0);
    expect_before(&f);
    end(&f);
}

/* There are as many changes as the tests below spoil. */
static void test_count(void **state)
{
    fixture f;

    (void)state;
    begin(&f, "fail", NR_CHANGES + 1);
    assert_int_equal(apply(&f, NULL), 0);
    end(&f);
}

static void test_spoiled(void **state)
{
    static const char *const kinds[] = { "fail", "half", "lie" };
    unsigned int at;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(kinds); i++)
        for (at = 1; at <= NR_CHANGES; at++) {
            xtune_error *err = NULL;
            fixture f;

            begin(&f, kinds[i], at);
            if (!apply(&f, &err)) fail_msg("%s:%u", kinds[i], at);
            if (strstr(err->message, "put back"))
                fail_msg("%s:%u: %s", kinds[i], at, err->message);
            xtune_error_free(err);
            expect_before(&f);
            end(&f);
        }
}

/* What a live host is like when we are killed: nothing is undone, and what
 * was made stays. */
static void test_cut_off(void **state)
{
    unsigned int at;

    (void)state;
    for (at = 1; at <= NR_CHANGES; at++) {
        xtune_recovered recovered;
        fixture f;

        begin(&f, "deny", at);
        assert_int_not_equal(apply(&f, NULL), 0);
        assert_int_equal(
            xtune_recover(f.inner, f.state, NULL, &recovered, NULL), 0);
        if (at > 1) assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
        expect_before(&f);
        end(&f);
    }
}

/* The same for a rollback: it begins anew, and ends. */
static void test_rollback_cut_off(void **state)
{
    unsigned int at, id;

    (void)state;
    for (at = NR_CHANGES + 1; at <= 2 * NR_CHANGES; at++) {
        xtune_recovered recovered;
        fixture f;

        begin(&f, "deny", at);
        assert_int_equal(apply(&f, NULL), 0);
        if (!xtune_rollback(f.backend, f.state, NULL, &id, NULL)) {
            end(&f);
            break;
        }
        assert_int_equal(
            xtune_recover(f.inner, f.state, NULL, &recovered, NULL), 0);
        expect_applied(&f);
        assert_int_equal(xtune_rollback(f.inner, f.state, NULL, &id, NULL), 0);
        expect_before(&f);
        end(&f);
    }
    assert_true(at > NR_CHANGES + 5);
}

static void test_killed(void **state)
{
    unsigned int at;

    (void)state;
    for (at = 1; at <= NR_CHANGES; at++) {
        xtune_recovered recovered;
        fixture f;
        int status;
        pid_t pid;

        begin(&f, "kill", at);
        pid = fork();
        assert_true(pid >= 0);
        if (!pid) _exit(apply(&f, NULL) ? 1 : 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_equal(
            xtune_recover(f.inner, f.state, NULL, &recovered, NULL), 0);
        expect_before(&f);
        end(&f);
    }
}

/* What another hand has made of it is neither half nor ours. */
static void test_another_hand(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_vcpu_ref vcpu = { .domain = web1, .vcpu = 0 };
    xtune_set mask = pools_cpus(arena, "7"), hard, soft;
    xtune_recovered recovered;
    XT_CLEANUP_FREE char *after = NULL;
    fixture f;

    (void)state;
    begin(&f, "deny", 5);
    assert_int_not_equal(apply(&f, NULL), 0);
    assert_int_equal(f.inner->ops->set_affinity(f.inner, &vcpu, &mask, &mask,
                                                arena, &hard, &soft, NULL),
                     0);
    (void)xtune_recover(f.inner, f.state, NULL, &recovered, NULL);
    after = observed_text(f.inner);
    assert_non_null(strstr(after, "\"hard\": \"7\""));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_applied_and_rolled_back),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_rollback_cut_off),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_another_hand),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
