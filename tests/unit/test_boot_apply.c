/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of command lines by plans: applied, rolled back, cut off. */
#include "boot_wish.h"

#include <sys/wait.h>

#include <xtune/apply.h>
#include <xtune/boot.h>

#include "backend/backend.h"
#include "base/json.h"
#include "plan/builder.h"

#define GRUB "/etc/default/grub"
#define EXTRA GRUB ".d/extra.cfg"

#define LINUX                                                                 \
    "# k\xe4se\n"                                                             \
    "GRUB_CMDLINE_LINUX=\"ro a=1 b=2 k=1 c=3 k=2 k=\\\"1\\\" d=4\"\n"
#define XEN "GRUB_CMDLINE_XEN='dom0_mem=1G x k=1 y'\n"

static const wish deleted[] = {
    { "dom0", "k", { "2" } },
    { "dom0", "b", { NULL } },
    { "dom0", "z", { "1", "2" } },
    { "xen", "k", { NULL } },
};

static const wish second[] = { { "dom0", "a", { NULL } },
                               { "xen", "dom0_mem", { "2G" } } };

typedef struct fixture {
    xtune_backend *backend;
    xtune_state *state;
} fixture;

static fixture begin(const char *fault)
{
    fixture f = { .backend = NULL };

    assert_int_equal(xtune_backend_open_tree(root, &f.backend, NULL), 0);
    if (fault)
        assert_int_equal(
            xtune_backend_fault(f.backend, fault, &f.backend, NULL), 0);
    assert_int_equal(
        xtune_state_lock(f.backend, root, "test", 0, &f.state, NULL), 0);
    return f;
}

static void end(fixture *f)
{
    xtune_state_close(f->state);
    xtune_backend_close(f->backend);
}

static xtune_plan *plan_of(const fixture *f, const wish *wishes, size_t nr)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_BOOT };
    xtune_boot_change changes[8];
    xtune_error *err = NULL;
    xtune_plan *plan;
    xtune_host *host;

    assert_int_equal(xtune_backend_observe(f->backend, &what, &host, NULL), 0);
    nr = to_changes(wishes, nr, changes);
    if (xtune_plan_boot(host, changes, nr, &plan, &err))
        fail_msg("%s: %s", err->object, err->message);
    xtune_host_free(host);
    return plan;
}

static int apply(const fixture *f, const wish *wishes, size_t nr,
                 xtune_error **err)
{
    xtune_plan *plan = plan_of(f, wishes, nr);
    int rc;

    rc = xtune_apply(f->backend, f->state, plan, NULL, NULL, err);
    xtune_plan_free(plan);
    return rc;
}

static int rollback(const fixture *f, xtune_error **err)
{
    unsigned int id;

    return xtune_rollback(f->backend, f->state, NULL, &id, err);
}

static void put_files(void)
{
    put(GRUB, LINUX);
    put(EXTRA, XEN);
}

static void hold_files(void)
{
    holds(GRUB, LINUX);
    holds(EXTRA, XEN);
}

static void says(const struct xt_json *json, const char *wanted)
{
    XT_CLEANUP_FREE char *text = xt_json_print(json);

    assert_string_equal(text, wanted);
}

/* Old and new of one action, and nothing where all is so. */
static void planned(void **state)
{
    static const wish same[] = { { "dom0", "k", { "1", "2", "1" } } };
    xtune_plan *plan;
    fixture f;

    (void)state;
    put_files();
    f = begin(NULL);
    plan = plan_of(&f, deleted, XT_ARRAY_SIZE(deleted));
    assert_int_equal(plan->nr_actions, 1);
    assert_string_equal(plan->actions[0].kind, "boot-parameters");
    assert_string_equal(plan->actions[0].object, "command line");
    says(plan->actions[0].old, "{\n"
                               "  \"dom0\": {\n"
                               "    \"k\": [\"1\",\"2\",\"1\"],\n"
                               "    \"b\": \"2\",\n"
                               "    \"z\": null\n"
                               "  },\n"
                               "  \"xen\": {\n"
                               "    \"k\": \"1\"\n"
                               "  }\n"
                               "}\n");
    says(plan->actions[0].new, "{\n"
                               "  \"dom0\": {\n"
                               "    \"k\": \"2\",\n"
                               "    \"b\": null,\n"
                               "    \"z\": [\"1\",\"2\"]\n"
                               "  },\n"
                               "  \"xen\": {\n"
                               "    \"k\": null\n"
                               "  }\n"
                               "}\n");
    xtune_plan_free(plan);
    plan = plan_of(&f, same, 1);
    assert_int_equal(plan->nr_actions, 0);
    assert_int_equal(plan->nr_notes, 0);
    xtune_plan_free(plan);
    end(&f);
    hold_files();
}

/* Parameters added to a plan one by one are one action of it. */
static void added(void **state)
{
    static const char *const one[] = { "1" }, *const two[] = { "1", "2" };
    xtune_plan *plan = xt_plan_new();

    (void)state;
    xt_plan_add_boot(plan, "xen", "a", NULL, 0, one, 1, "first");
    xt_plan_add_boot(plan, "dom0", "a", one, 1, NULL, 0, "second");
    xt_plan_add_boot(plan, "xen", "b", one, 1, one, 1, "nothing");
    xt_plan_add_boot(plan, "xen", "a", NULL, 0, two, 2, "first");
    assert_int_equal(plan->nr_actions, 1);
    assert_string_equal(plan->actions[0].reason, "first, second");
    says(plan->actions[0].new, "{\n"
                               "  \"xen\": {\n"
                               "    \"a\": [\"1\",\"2\"]\n"
                               "  },\n"
                               "  \"dom0\": {\n"
                               "    \"a\": null\n"
                               "  }\n"
                               "}\n");
    xtune_plan_free(plan);
}

static void refused(void **state)
{
    static const wish twice[] = { { "xen", "a", { "1" } },
                                  { "xen", "a", { "2" } } };
    static const wish bad[] = { { "xen", "a", { "1;2" } } };
    xtune_host *host = xtune_host_new();
    xtune_boot_change changes[2];
    xtune_error *err = NULL;
    xtune_plan *plan;

    (void)state;
    to_changes(bad, 1, changes);
    check_error(xtune_plan_boot(host, changes, 1, &plan, &err), &err,
                XTUNE_ERR_INVALID, "cannot be given to it");
    to_changes(twice, 2, changes);
    check_error(xtune_plan_boot(host, changes, 1, &plan, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "it is not known what");
    host->boot.xen_configured = "";
    check_error(xtune_plan_boot(host, changes, 2, &plan, &err), &err,
                XTUNE_ERR_INVALID, "a: it is there twice");
    /* What stands there is not asked for. */
    host->boot.xen_configured = "a=1;2 a=3";
    to_changes(bad, 1, changes);
    assert_int_equal(xtune_plan_boot(host, changes, 1, &plan, &err), 0);
    xtune_plan_free(plan);
    host->boot.xen_configured = NULL;
    to_changes(twice, 2, changes);
    host->boot.problem = "grub:1: x";
    check_error(xtune_plan_boot(host, changes, 1, &plan, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "cannot be told: grub:1: x");
    xtune_host_free(host);
}

/* Two changes, rolled back one after the other. */
static void rolled_back(void **state)
{
    xtune_error *err = NULL;
    fixture f;

    (void)state;
    put_files();
    f = begin(NULL);
    assert_int_equal(apply(&f, deleted, XT_ARRAY_SIZE(deleted), NULL), 0);
    is_configured("ro a=1 c=3 k=2 d=4 z=1 z=2", "dom0_mem=1G x y");
    assert_int_equal(apply(&f, second, 2, NULL), 0);
    is_configured("ro c=3 k=2 d=4 z=1 z=2", "dom0_mem=2G x y");
    end(&f);
    f = begin(NULL);
    assert_int_equal(rollback(&f, NULL), 0);
    is_configured("ro a=1 c=3 k=2 d=4 z=1 z=2", "dom0_mem=1G x y");
    assert_int_equal(rollback(&f, NULL), 0);
    hold_files();
    check_error(rollback(&f, &err), &err, XTUNE_ERR_NOT_FOUND, "nothing");
    end(&f);
}

/* Another hand was there: what it did stays. */
static void between(void **state)
{
    xtune_error *err = NULL;
    fixture f;

    (void)state;
    put_files();
    f = begin(NULL);
    assert_int_equal(apply(&f, deleted, XT_ARRAY_SIZE(deleted), NULL), 0);
    put(GRUB, "GRUB_CMDLINE_LINUX=\"mine k=2 z=1 c=5 z=2\" # my own\n");
    assert_int_equal(rollback(&f, NULL), 0);
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"mine k=1 k=2 k=1 c=5 b=2\" # my own\n");
    is_configured(NULL, "dom0_mem=1G x y k=1");
    /* And where it changed the parameter itself, it is left. */
    put_files();
    assert_int_equal(apply(&f, second, 2, NULL), 0);
    put(EXTRA, "GRUB_CMDLINE_XEN='dom0_mem=3G'\n");
    check_error(rollback(&f, &err), &err, XTUNE_ERR_CHANGED, "another hand");
    holds(EXTRA, "GRUB_CMDLINE_XEN='dom0_mem=3G'\n");
    end(&f);
}

/* The host says no, or that it has, or dies. */
static void faults(void **state)
{
    static const struct {
        const char *fault;
        int code;
    } cases[] = { { "fail:1", XTUNE_ERR_REFUSED },
                  { "half:1", XTUNE_ERR_REFUSED },
                  { "lie:1", XTUNE_ERR_IO } };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        fixture f;

        put_files();
        f = begin(cases[i].fault);
        assert_int_equal(apply(&f, deleted, XT_ARRAY_SIZE(deleted), NULL),
                         cases[i].code);
        hold_files();
        assert_false(xtune_state_is_interrupted(f.state));
        end(&f);
    }
}

/* Cut off when the files are written, and the journal has not ended. */

static struct xt_backend_ops dying;
static int (*set_boot)(xtune_backend *backend,
                       const xtune_boot_change *changes, size_t nr,
                       const struct xt_json *kept, xtune_arena *arena,
                       const struct xt_json **kept_r, xtune_error **err);

static int set_and_die(xtune_backend *backend,
                       const xtune_boot_change *changes, size_t nr,
                       const struct xt_json *kept, xtune_arena *arena,
                       const struct xt_json **kept_r, xtune_error **err)
{
    _exit(set_boot(backend, changes, nr, kept, arena, kept_r, err) ? 1 : 9);
}

static void die(bool rolling_back, const wish *wishes, size_t nr)
{
    const pid_t pid = fork();
    int status;

    if (!pid) {
        fixture f = begin(NULL);

        set_boot = f.backend->ops->set_boot;
        dying = *f.backend->ops;
        dying.set_boot = set_and_die;
        f.backend->ops = &dying;
        _exit(rolling_back ? rollback(&f, NULL) : apply(&f, wishes, nr, NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 9);
}

static void recover(void)
{
    xtune_recovered recovered;
    fixture f = begin(NULL);

    assert_int_equal(xtune_recover(f.backend, f.state, NULL, &recovered, NULL),
                     0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
    end(&f);
}

static void recovered(void **state)
{
    static const char after_linux[] =
        "# k\xe4se\nGRUB_CMDLINE_LINUX=\"ro a=1 c=3 k=2 d=4 z=1 z=2\"\n";
    fixture f;

    (void)state;
    put_files();
    die(false, deleted, XT_ARRAY_SIZE(deleted));
    is_configured("ro a=1 c=3 k=2 d=4 z=1 z=2", "dom0_mem=1G x y");
    recover();
    hold_files();
    /* One file was written, the other was not. */
    die(false, deleted, XT_ARRAY_SIZE(deleted));
    put(EXTRA, XEN);
    recover();
    hold_files();
    /* A rollback that is cut off is no rollback. */
    f = begin(NULL);
    assert_int_equal(apply(&f, deleted, XT_ARRAY_SIZE(deleted), NULL), 0);
    end(&f);
    die(true, NULL, 0);
    hold_files();
    recover();
    holds(GRUB, after_linux);
    f = begin(NULL);
    assert_int_equal(rollback(&f, NULL), 0);
    end(&f);
    hold_files();
}

/* A host in a file has its lines back as they were, too. */
static void in_a_file(void **state)
{
    static const wish gone[] = { { "dom0", "ro", { NULL } },
                                 { "dom0", "console", { "tty0", "hvc0" } } };
    XT_CLEANUP_FREE char *path = xt_xprintf("%s/h", root);
    XT_CLEANUP_FREE char *text = NULL;
    fixture f;
    size_t len;

    (void)state;
    text = test_read("hosts/pci.json", &len);
    put("/h", text);
    assert_int_equal(xtune_backend_open_snapshot(path, &f.backend, NULL), 0);
    assert_int_equal(
        xtune_state_lock(f.backend, NULL, "test", 0, &f.state, NULL), 0);
    assert_int_equal(apply(&f, gone, 2, NULL), 0);
    end(&f);
    {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        char *now;

        assert_int_equal(xt_file_read(arena, path, 1 << 20, &now, &len, NULL),
                         0);
        assert_non_null(strstr(now, "vg-root console=tty0 console=hvc0 "));
    }
    assert_int_equal(xtune_backend_open_snapshot(path, &f.backend, NULL), 0);
    assert_int_equal(
        xtune_state_lock(f.backend, NULL, "test", 0, &f.state, NULL), 0);
    assert_int_equal(rollback(&f, NULL), 0);
    end(&f);
    holds("/h", text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(planned), TEST(added),  TEST(refused),   TEST(rolled_back),
        TEST(between), TEST(faults), TEST(recovered), TEST(in_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
