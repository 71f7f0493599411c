/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of dom0's files, and of governors: on a host in a file, in a tree,
 * and taken back. */
#include "dom0_tree.h"

#include <xtune/apply.h>

#include "backend/backend.h"
#include "host/dom0_file.h"
#include "base/json.h"
#include "plan/builder.h"

#define XL "/etc/xen/xl.conf"
#define SYSCTL "/etc/sysctl.d/90-xltune.conf"
#define SWAPPINESS "/proc/sys/vm/swappiness"
#define AIO "/proc/sys/fs/aio-max-nr"
#define SDA "/sys/block/sda/queue/scheduler"
#define SDB "/sys/block/sdb/queue/scheduler"

/* On a host in memory. */

#define HOST                                                                  \
    "{\"schema\": \"" XTUNE_HOST_SCHEMA "\", \"cpus\": ["                     \
    "{\"id\": 0, \"node\": null, \"socket\": 0, \"core\": 0, "                \
    "\"governor\": \"ondemand\"}, "                                           \
    "{\"id\": 1, \"node\": null, \"socket\": 0, \"core\": 1, "                \
    "\"governor\": \"none\"}, "                                               \
    "{\"id\": 2, \"node\": null, \"socket\": 0, \"core\": 2}, "               \
    "{\"id\": 3, \"node\": null, \"socket\": 0, \"core\": 3, "                \
    "\"governor\": \"hwp\"}]%s}"
#define FILES                                                                 \
    ", \"dom0\": {\"files\": ["                                               \
    "{\"path\": \"" SWAPPINESS "\", \"text\": \"60\\n\"}, "                   \
    "{\"path\": \"" SDA "\", \"text\": \"none [mq-deadline] bfq \\n\"}, "     \
    "{\"path\": \"" SDB "\", \"text\": \"none\\n\"}, "                        \
    "{\"path\": \"" XL "\", \"text\": \"#a\\n\"}, "                           \
    "{\"path\": \"/etc/modprobe.d/xltune.conf\", \"problem\": \"broken\"}]}"

static xtune_backend *open_host(const char *more)
{
    XT_CLEANUP_FREE char *text = xt_xprintf(HOST, more);
    xtune_backend *backend;
    xtune_host *host;

    assert_int_equal(
        xtune_host_from_json(text, strlen(text), "h", &host, NULL), 0);
    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    xtune_host_free(host);
    return backend;
}

static xtune_host *observed(xtune_backend *backend)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_host *host;

    assert_int_equal(xtune_backend_observe(backend, &what, &host, NULL), 0);
    return host;
}

static char *observed_text(xtune_backend *backend)
{
    xtune_host *host = observed(backend);
    char *text = xtune_host_to_json(host);

    xtune_host_free(host);
    return text;
}

/* text: what the model has then. */
static void set_there(xtune_backend *backend, const char *path,
                      const char *value, const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host;
    const char *now;

    assert_int_equal(backend->ops->set_file(backend, path, value, NULL), 0);
    assert_int_equal(backend->ops->get_file(backend, path, arena, &now, NULL),
                     0);
    host = observed(backend);
    if (value) {
        assert_string_equal(now, value);
        assert_string_equal(xtune_host_file(host, path), text);
    } else {
        assert_null(now);
        assert_null(xt_file_find(&host->dom0, path));
    }
    xtune_host_free(host);
}

static void test_snapshot(void **state)
{
    xtune_backend *backend = open_host(FILES);
    XT_CLEANUP_FREE char *before = observed_text(backend), *after = NULL;

    (void)state;
    set_there(backend, SWAPPINESS, "35", "35\n");
    set_there(backend, SDA, "none", "[none] mq-deadline bfq \n");
    set_there(backend, SDA, "bfq", "none mq-deadline [bfq] \n");
    set_there(backend, XL, "", "");
    set_there(backend, XL, NULL, NULL);
    set_there(backend, XL, NULL, NULL);
    set_there(backend, SYSCTL, "a", "a");
    set_there(backend, XL, "#a\n", "#a\n");
    set_there(backend, SYSCTL, NULL, NULL);
    set_there(backend, SWAPPINESS, "60", "60\n");
    set_there(backend, SDA, "mq-deadline", "none [mq-deadline] bfq \n");
    after = observed_text(backend);
    assert_string_equal(before, after);
    xtune_backend_close(backend);
}

static void test_snapshot_refuses(void **state)
{
    xtune_backend *backend = open_host(FILES), *old = open_host("");
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_backend_ops *ops = backend->ops;
    xtune_error *err = NULL;
    const char *text;

    (void)state;
    check_error(ops->set_file(backend, SDA, "kyber", &err), &err,
                XTUNE_ERR_REFUSED, "one of \"none [mq-deadline] bfq \"");
    check_error(ops->set_file(backend, SDB, "mq-deadline", &err), &err,
                XTUNE_ERR_REFUSED, "one of \"none\"");
    set_there(backend, SDB, "none", "none\n");
    check_error(ops->set_file(backend, SWAPPINESS, "350", &err), &err,
                XTUNE_ERR_INVALID, "from 0 to 200");
    check_error(ops->set_file(backend, AIO, "1", &err), &err,
                XTUNE_ERR_NOT_FOUND, "no such attribute");
    check_error(ops->set_file(backend, "/etc/os-release", "1", &err), &err,
                XTUNE_ERR_REFUSED, "none of the files");
    check_error(ops->get_file(backend, "/etc/modprobe.d/xltune.conf", arena,
                              &text, &err),
                &err, XTUNE_ERR_IO, "broken");
    check_error(ops->get_file(old, XL, arena, &text, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "not known");
    xtune_backend_close(backend);
    xtune_backend_close(old);
}

static void test_governors(void **state)
{
    xtune_backend *backend = open_host("");
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_backend_ops *ops = backend->ops;
    xtune_error *err = NULL;
    const char *governor;

    (void)state;
    assert_int_equal(ops->get_governor(backend, 0, arena, &governor, NULL), 0);
    assert_string_equal(governor, "ondemand");
    assert_int_equal(ops->set_governor(backend, 0, "performance", NULL), 0);
    assert_int_equal(ops->get_governor(backend, 0, arena, &governor, NULL), 0);
    assert_string_equal(governor, "performance");
    check_error(ops->set_governor(backend, 0, "schedutil", &err), &err,
                XTUNE_ERR_REFUSED, "no governor \"schedutil\" for CPU 0");
    check_error(ops->get_governor(backend, 1, arena, &governor, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "sets no frequency");
    check_error(ops->set_governor(backend, 2, "ondemand", &err), &err,
                XTUNE_ERR_UNSUPPORTED, "not known");
    check_error(ops->set_governor(backend, 3, "performance", &err), &err,
                XTUNE_ERR_REFUSED, "no governor");
    check_error(ops->get_governor(backend, 4, arena, &governor, &err), &err,
                XTUNE_ERR_NOT_FOUND, "no such CPU");
    xtune_backend_close(backend);
}

/* Plans. */

static void test_plan(void **state)
{
    xtune_backend *backend = open_host(FILES);
    xtune_host *host = observed(backend);
    xtune_plan *plan = xt_plan_new();

    (void)state;
    xt_plan_add_file(plan, SDA, xtune_host_file(host, SDA), "mq-deadline",
                     "r");
    xt_plan_add_file(plan, SYSCTL, NULL, NULL, "r");
    xt_plan_add_governor(plan, &host->cpus[0], "ondemand", "r");
    xt_plan_add_governor(plan, &host->cpus[2], "performance", "r");
    assert_int_equal(plan->nr_actions, 0);

    xt_plan_add_file(plan, SDA, xtune_host_file(host, SDA), "none", "r");
    assert_string_equal(xt_json_text(plan->actions[0].old), "mq-deadline");
    assert_string_equal(plan->actions[0].object, SDA);
    assert_string_equal(xt_plan_file(plan, host, XL), "#a\n");
    xt_plan_add_file(plan, XL, "#a\n", "#a\nb\n", "r");
    assert_string_equal(xt_plan_file(plan, host, XL), "#a\nb\n");
    xt_plan_add_file(plan, XL, "#a\n", "#a\nb\nc\n", "s");
    assert_int_equal(plan->nr_actions, 2);
    assert_string_equal(plan->actions[1].reason, "r, s");
    assert_string_equal(xt_json_text(plan->actions[1].old), "#a\n");
    assert_string_equal(xt_json_text(plan->actions[1].new), "#a\nb\nc\n");
    xt_plan_add_governor(plan, &host->cpus[0], "performance", "r");
    assert_string_equal(plan->actions[2].object, "CPU 0");
    xt_plan_add_file(plan, SDA, "mq-deadline", "mq-deadline", "t");
    assert_int_equal(plan->nr_actions, 2);
    assert_string_equal(plan->actions[0].object, XL);
    xtune_plan_free(plan);
    xtune_host_free(host);
    xtune_backend_close(backend);
}

/* Applied, and rolled back. */

static const char *at(const fixture *f, const char *path)
{
    return xtune_arena_printf(f->arena, "%s%s", f->root, path);
}

static void holds(const fixture *f, const char *path, const char *text)
{
    char *now;
    size_t len;

    if (xt_file_read(f->arena, at(f, path), 1 << 20, &now, &len, NULL))
        fail_msg("%s is not there", path);
    assert_string_equal(now, text);
}

static int apply(xtune_backend *backend, const char *root, xtune_plan *plan,
                 xtune_error **err)
{
    xtune_state *state;
    int rc;

    assert_int_equal(xtune_state_lock(backend, root, "test", 0, &state, NULL),
                     0);
    rc = xtune_apply(backend, state, plan, NULL, NULL, err);
    xtune_state_close(state);
    return rc;
}

static int roll_back(xtune_backend *backend, const char *root,
                     xtune_error **err)
{
    xtune_state *state;
    unsigned int id;
    int rc;

    assert_int_equal(xtune_state_lock(backend, root, "test", 0, &state, NULL),
                     0);
    rc = xtune_rollback(backend, state, NULL, &id, err);
    xtune_state_close(state);
    return rc;
}

static xtune_plan *file_plan(void)
{
    xtune_plan *plan = xt_plan_new();

    xt_plan_add_file(plan, XL, "#a\r\n\tb='1'", "#a\r\n\tb='1'\nc=2\n", "r");
    xt_plan_add_file(plan, SYSCTL, NULL, "vm.swappiness = 35\n", "r");
    return plan;
}

static xtune_backend *open_tree(const fixture *f, const char *fault)
{
    xtune_backend *backend;

    put(f, XL, "#a\r\n\tb='1'");
    put(f, SWAPPINESS, "60\n");
    assert_int_equal(xtune_backend_open_tree(f->root, &backend, NULL), 0);
    if (fault)
        assert_int_equal(xtune_backend_fault(backend, fault, &backend, NULL),
                         0);
    return backend;
}

static void test_rollback(void **state)
{
    const fixture *f = *state;
    xtune_backend *backend = open_tree(f, NULL);
    xtune_plan *plan = file_plan();
    XT_CLEANUP_FREE char *diff = NULL;
    struct stat st;

    assert_int_equal(xtune_plan_diff(backend, plan, &diff, NULL), 0);
    assert_non_null(strstr(diff, "--- " XL "\n"));
    assert_non_null(strstr(diff, "\n+c=2\n"));
    assert_non_null(strstr(diff, "\n+vm.swappiness = 35\n"));
    assert_int_equal(apply(backend, f->root, plan, NULL), 0);
    holds(f, XL, "#a\r\n\tb='1'\nc=2\n");
    holds(f, SYSCTL, "vm.swappiness = 35\n");
    assert_int_equal(roll_back(backend, f->root, NULL), 0);
    holds(f, XL, "#a\r\n\tb='1'");
    assert_int_equal(lstat(at(f, SYSCTL), &st), -1);
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

/* What is not a file comes back as well. */
static void test_rollback_attributes(void **state)
{
    const fixture *f = *state;
    xtune_backend *backend = open_host(FILES);
    XT_CLEANUP_FREE char *before = observed_text(backend), *after = NULL;
    xtune_host *host = observed(backend);
    xtune_plan *plan = xt_plan_new();

    xt_plan_add_file(plan, SDA, xtune_host_file(host, SDA), "none", "r");
    xt_plan_add_file(plan, SWAPPINESS, "60\n", "35", "r");
    xt_plan_add_governor(plan, &host->cpus[0], "performance", "r");
    xtune_host_free(host);
    assert_int_equal(apply(backend, f->root, plan, NULL), 0);
    host = observed(backend);
    assert_string_equal(host->cpus[0].governor, "performance");
    assert_string_equal(xtune_host_file(host, SWAPPINESS), "35\n");
    xtune_host_free(host);
    assert_int_equal(roll_back(backend, f->root, NULL), 0);
    after = observed_text(backend);
    assert_string_equal(before, after);
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

/* Nothing of another hand's is lost: before the change, and after it. */
static void test_other_hand(void **state)
{
    const fixture *f = *state;
    xtune_backend *backend = open_tree(f, NULL);
    xtune_plan *plan = file_plan();
    xtune_error *err = NULL;

    put(f, XL, "#a\n");
    check_error(apply(backend, f->root, plan, &err), &err, XTUNE_ERR_CHANGED,
                XL);
    holds(f, XL, "#a\n");
    put(f, XL, "#a\r\n\tb='1'");
    assert_int_equal(apply(backend, f->root, plan, NULL), 0);
    put(f, XL, "#a\r\n\tb='1'\nc=2\nd=3\n");
    check_error(roll_back(backend, f->root, &err), &err, XTUNE_ERR_CHANGED,
                XL);
    holds(f, XL, "#a\r\n\tb='1'\nc=2\nd=3\n");
    holds(f, SYSCTL, "vm.swappiness = 35\n");
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

/* Another hand, that writes when the first change is made. */
typedef struct other_hand {
    const fixture *f;
    const char *path, *text;
} other_hand;

static void write_meanwhile(void *opaque, enum xtune_step step,
                            const xtune_action *action, size_t index,
                            size_t nr, const char *note)
{
    const other_hand *other = opaque;

    (void)action;
    (void)nr;
    (void)note;
    if (step == XTUNE_STEP_DONE && !index)
        put(other->f, other->path, other->text);
}

static int apply_beside(xtune_backend *backend, const other_hand *other,
                        xtune_plan *plan, xtune_error **err)
{
    const xtune_apply_options options = { .progress = write_meanwhile,
                                          .opaque = (void *)other };
    xtune_state *state;
    int rc;

    assert_int_equal(
        xtune_state_lock(backend, other->f->root, "test", 0, &state, NULL), 0);
    rc = xtune_apply(backend, state, plan, &options, NULL, err);
    xtune_state_close(state);
    return rc;
}

/* Nor while other changes are made. */
static void test_other_hand_meanwhile(void **state)
{
    const fixture *f = *state;
    const other_hand other = { f, SYSCTL, "vm.swappiness = 1\n" };
    xtune_backend *backend = open_tree(f, NULL);
    xtune_plan *plan = file_plan();
    xtune_error *err = NULL;

    check_error(apply_beside(backend, &other, plan, &err), &err,
                XTUNE_ERR_CHANGED, SYSCTL);
    holds(f, SYSCTL, "vm.swappiness = 1\n");
    holds(f, XL, "#a\r\n\tb='1'");
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

/* Nor while they are taken back, for one that failed. */
static void test_other_hand_undoing(void **state)
{
    const fixture *f = *state;
    const other_hand other = { f, XL, "mine\n" };
    xtune_backend *backend = open_tree(f, "fail:2");
    const xtune_apply_options options = { .title = "test" };
    xtune_plan *plan = file_plan();
    xtune_recovered recovered;
    xtune_error *err = NULL;
    xtune_state *held;
    struct stat st;

    check_error(apply_beside(backend, &other, plan, &err), &err,
                XTUNE_ERR_REFUSED, "not all could be put back: " XL);
    holds(f, XL, "mine\n");
    assert_int_equal(
        xtune_state_lock(backend, f->root, "test", 0, &held, NULL), 0);
    assert_int_equal(xtune_recover(backend, held, &options, &recovered, NULL),
                     0);
    assert_false(xtune_state_is_interrupted(held));
    xtune_state_close(held);
    holds(f, XL, "mine\n");
    assert_int_equal(lstat(at(f, SYSCTL), &st), -1);
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

/* A CPU went offline since: the rest comes back. */
static void test_rollback_without_cpu(void **state)
{
    const fixture *f = *state;
    xtune_backend *backend = open_host(FILES);
    xtune_host *host = observed(backend);
    xtune_plan *plan = xt_plan_new();

    xt_plan_add_file(plan, XL, "#a\n", "#b\n", "r");
    xt_plan_add_governor(plan, &host->cpus[0], "performance", "r");
    xtune_host_free(host);
    assert_int_equal(apply(backend, f->root, plan, NULL), 0);
    host = observed(backend);
    host->cpus[0].governor = "none";
    xtune_backend_close(backend);
    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    xtune_host_free(host);
    assert_int_equal(roll_back(backend, f->root, NULL), 0);
    host = observed(backend);
    assert_string_equal(xtune_host_file(host, XL), "#a\n");
    xtune_host_free(host);
    xtune_plan_free(plan);
    xtune_backend_close(backend);
}

static void test_faults(void **state)
{
    static const char *const faults[] = { "fail:1", "fail:2", "half:1",
                                          "half:2", "lie:1",  "lie:2" };
    const fixture *f = *state;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(faults); i++) {
        xtune_backend *backend = open_tree(f, faults[i]);
        xtune_plan *plan = file_plan();
        struct stat st;

        if (!apply(backend, f->root, plan, NULL)) fail_msg("%s", faults[i]);
        holds(f, XL, "#a\r\n\tb='1'");
        assert_int_equal(lstat(at(f, SYSCTL), &st), -1);
        xtune_plan_free(plan);
        xtune_backend_close(backend);
    }
}

/* A recording has no kernel. */
static void test_tree_refuses(void **state)
{
    const fixture *f = *state;
    xtune_backend *backend = open_tree(f, NULL);
    xtune_error *err = NULL;

    check_error(backend->ops->set_file(backend, SWAPPINESS, "35", &err), &err,
                XTUNE_ERR_REFUSED, "recording");
    holds(f, SWAPPINESS, "60\n");
    xtune_backend_close(backend);
}

int main(void)
{
#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_snapshot_refuses),
        cmocka_unit_test(test_governors),
        cmocka_unit_test(test_plan),
        IN_TREE(test_rollback),
        IN_TREE(test_rollback_attributes),
        IN_TREE(test_other_hand),
        IN_TREE(test_other_hand_meanwhile),
        IN_TREE(test_other_hand_undoing),
        IN_TREE(test_rollback_without_cpu),
        IN_TREE(test_faults),
        IN_TREE(test_tree_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
