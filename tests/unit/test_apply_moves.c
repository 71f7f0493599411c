/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two domains that change places by way of a third node, on a host in a file:
 * applied, stopped, spoiled at every change, within budgets, and rolled back.
 */
#include "base/json.h"
#include "host_file.h"
#include "plan/builder.h"

/* 400 MiB are on node 0 and 300 on node 1, where 50 are free; 350 on node 2.
 */
static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 1048576, \"free_kb\": 51200}, "
    "{\"id\": 1, \"memory_kb\": 1048576, \"free_kb\": 128000}, "
    "{\"id\": 2, \"memory_kb\": 1048576, \"free_kb\": 358400}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 2, \"node\": 2, \"socket\": 2, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0-2\"}], "
    "\"domains\": ["
    "{\"id\": 1, \"name\": \"a\", \"cpupool\": \"Pool-0\", \"type\": \"pvh\", "
    "\"uuid\": \"00000001-0000-4000-8000-000000000001\", "
    "\"state\": \"blocked\", \"memory_kb\": 409600, "
    "\"memory_by_node_kb\": [409600, 0, 0], \"vcpus\": [{\"id\": 0, "
    "\"online\": true, \"hard\": \"0\", \"soft\": \"all\"}]}, "
    "{\"id\": 2, \"name\": \"b\", \"cpupool\": \"Pool-0\", \"type\": \"pvh\", "
    "\"uuid\": \"00000002-0000-4000-8000-000000000002\", "
    "\"state\": \"blocked\", \"memory_kb\": 307200, "
    "\"memory_by_node_kb\": [0, 307200, 0], \"vcpus\": [{\"id\": 0, "
    "\"online\": true, \"hard\": \"1\", \"soft\": \"all\"}]}]}";

typedef struct fixture {
    xtune_backend *backend;
    xtune_state *state;
    xtune_plan *plan;
    xtune_host *host; /* as it was */
    char *before;     /* its file */
    volatile sig_atomic_t stop;
    size_t stop_after; /* so many changes; 0: not */
    char steps[512];   /* what has become of the actions */
} fixture;

/* The file as the backend writes it, and where each domain's memory is. */
static char *read_host(const fixture *f, char *where, size_t size)
{
    xtune_host *host = observed(f->backend);
    char *text = xtune_host_to_json(host);
    size_t i, len = 0;
    unsigned int id;

    for (i = 0; where && i < host->nr_domains; i++)
        for (id = 0; id < host->nr_node_ids; id++)
            if (host->domains[i].memory_by_node_kb[id])
                len += (size_t)snprintf(where + len, size - len, "%s%u",
                                        host->domains[i].name, id);
    xtune_host_free(host);
    return text;
}

static const char *where_is(const fixture *f)
{
    static char where[32];

    free(read_host(f, where, sizeof(where)));
    return where;
}

static xtune_set *one_cpu(const fixture *f, unsigned int cpu)
{
    xtune_set *set = XTUNE_NEW(f->plan->arena, xtune_set);

    *set = xtune_set_new(f->plan->arena, f->host->nr_cpu_ids);
    xtune_set_add(set, cpu);
    return set;
}

static void add_move(const fixture *f, size_t domain, unsigned int node,
                     bool parked)
{
    uint64_t *kb = XTUNE_NEW_ARRAY(f->plan->arena, uint64_t, 3);
    xtune_set *soft = XTUNE_NEW(f->plan->arena, xtune_set);

    kb[node] = f->host->domains[domain].memory_kb;
    *soft = xtune_set_all(f->plan->arena, f->host->nr_cpu_ids);
    xt_plan_add_move(f->plan, f->host,
                     &(xt_planned_move){
                         .domain = &f->host->domains[domain],
                         .parked = parked ? node : XTUNE_NONE,
                         .memory_by_node_kb = kb,
                         .hard = one_cpu(f, node),
                         .soft = soft,
                         .reason = "it is to be there",
                     });
}

/* fault: as XLTUNE_FAULT has it; NULL: none. */
static void begin(fixture *f, const char *fault)
{
    write_host_text(host_text);
    *f = (fixture){ .backend = open_host_file(fault) };
    f->state = lock_host_file(f->backend);
    f->host = observed(f->backend);
    f->before = read_host(f, NULL, 0);
    f->plan = xt_plan_new();
    add_move(f, 1, 2, true);
    add_move(f, 0, 1, false);
    add_move(f, 1, 0, false);
}

static void end(fixture *f)
{
    xtune_plan_free(f->plan);
    xtune_host_free(f->host);
    xtune_state_close(f->state);
    xtune_backend_close(f->backend);
    free(f->before);
    forget_host_file();
}

static void note_step(void *opaque, enum xtune_step step,
                      const xtune_action *action, size_t index, size_t nr,
                      const char *note)
{
    fixture *f = opaque;
    const size_t len = strlen(f->steps);

    (void)nr;
    (void)note;
    snprintf(f->steps + len, sizeof(f->steps) - len, "%s%s %s",
             len ? ", " : "", action->object, step_word(step));
    if (f->stop_after && index + 1 == f->stop_after) f->stop = 1;
}

static int apply(fixture *f, xtune_apply_options options, size_t *failed_r)
{
    options.progress = note_step;
    options.opaque = f;
    options.stop = &f->stop;
    return xtune_apply(f->backend, f->state, f->plan, &options, failed_r,
                       NULL);
}

static void expect_back(fixture *f)
{
    XT_CLEANUP_FREE char *after = NULL;
    unsigned int id;

    f->stop = 0;
    assert_int_equal(xtune_rollback(f->backend, f->state, NULL, &id, NULL), 0);
    after = read_host(f, NULL, 0);
    assert_string_equal(f->before, after);
}

static void test_they_change_places(void **state)
{
    size_t failed;
    fixture f;

    (void)state;
    begin(&f, NULL);
    assert_string_equal(where_is(&f), "a0b1");
    assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, &failed), 0);
    assert_int_equal(failed, 0);
    assert_string_equal(f.steps, "b done, a done, b done");
    assert_string_equal(where_is(&f), "a1b0");
    end(&f);
}

/* Each has to make room for the other once more. */
static void test_they_change_places_again(void **state)
{
    fixture f;

    (void)state;
    begin(&f, NULL);
    assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, NULL), 0);
    assert_string_equal(where_is(&f), "a1b0");
    expect_back(&f);
    assert_string_equal(where_is(&f), "a0b1");
    end(&f);
}

/* A rollback that fails half way can be tried again. */
static void test_rollback_in_two_steps(void **state)
{
    static const char *const faults[] = { "fail:4", "fail:6" };
    unsigned int id;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(faults); i++) {
        fixture f;

        begin(&f, faults[i]);
        assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, NULL), 0);
        assert_int_not_equal(
            xtune_rollback(f.backend, f.state, NULL, &id, NULL), 0);
        expect_back(&f);
        end(&f);
    }
}

static void test_rollback_is_stopped(void **state)
{
    xtune_error *err = NULL;
    unsigned int id;
    fixture f;

    (void)state;
    begin(&f, NULL);
    assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, NULL), 0);
    f.stop_after = 1;
    check_error(xtune_rollback(f.backend, f.state,
                               &(xtune_apply_options){
                                   .progress = note_step,
                                   .opaque = &f,
                                   .stop = &f.stop,
                               },
                               &id, &err),
                &err, XTUNE_ERR_INTERRUPTED, "stopped on request");
    assert_string_equal(where_is(&f), "a1b2");
    expect_back(&f);
    end(&f);
}

static void test_stopped_in_between(void **state)
{
    size_t failed;
    fixture f;

    (void)state;
    begin(&f, NULL);
    f.stop_after = 2;
    assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, &failed), 0);
    assert_int_equal(failed, 0);
    assert_string_equal(f.steps, "b done, a done, b kept");
    f.stop_after = 0;
    expect_back(&f);
    end(&f);
}

static void test_stopped_at_once(void **state)
{
    XT_CLEANUP_FREE char *after = NULL;
    fixture f;

    (void)state;
    begin(&f, NULL);
    f.stop = 1;
    assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, NULL), 0);
    assert_string_equal(f.steps, "b kept, a kept, b kept");
    after = read_host(&f, NULL, 0);
    assert_string_equal(f.before, after);
    end(&f);
}

/* The first of two moves of one domain that is not made takes the second
 * with it, and no one else is touched. */
static void test_parking_fails(void **state)
{
    static const char *const faults[] = { "fail:1", "lie:1", "deny:1" };
    size_t failed, i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(faults); i++) {
        fixture f;

        begin(&f, faults[i]);
        assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, &failed), 0);
        assert_string_equal(f.steps, "b failed, a failed, b kept");
        assert_int_equal(failed, 2);
        assert_string_equal(where_is(&f), "a0b1");
        end(&f);
    }
}

static void test_half_made_counts(void **state)
{
    static const char *const faults[] = { "half:1", "half:2", "half:3" };
    size_t failed, i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(faults); i++) {
        fixture f;

        begin(&f, faults[i]);
        assert_int_equal(apply(&f, (xtune_apply_options){ 0 }, &failed), 0);
        assert_int_equal(failed, 0);
        assert_string_equal(where_is(&f), "a1b0");
        end(&f);
    }
}

/* Nobody is parked if the budget is not enough for the rest. */
static void test_no_parking_without_the_rest(void **state)
{
    static const xtune_apply_options budgets[] = {
        { .max_moves = 1 },
        { .max_moves = 2 },
        { .max_bytes = UINT64_C(400) << 20 },
        { .max_bytes = UINT64_C(900) << 20 },
    };
    size_t failed, i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(budgets); i++) {
        fixture f;

        begin(&f, NULL);
        assert_int_equal(apply(&f, budgets[i], &failed), 0);
        assert_int_equal(failed, 0);
        assert_string_equal(where_is(&f), "a0b1");
        end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_change_places),
        cmocka_unit_test(test_they_change_places_again),
        cmocka_unit_test(test_rollback_in_two_steps),
        cmocka_unit_test(test_rollback_is_stopped),
        cmocka_unit_test(test_stopped_in_between),
        cmocka_unit_test(test_stopped_at_once),
        cmocka_unit_test(test_parking_fails),
        cmocka_unit_test(test_half_made_counts),
        cmocka_unit_test(test_no_parking_without_the_rest),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
