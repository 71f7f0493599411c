/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of the usb-policy: which one counts, how it is written, and the
 * plan that changes it. */
#include "boot_tree.h"

#include <xtune/plan.h>
#include <xtune/usb.h>

#include "backend/backend.h"
#include "backend/usb_rules.h"
#include "base/json.h"

#define XAPI "/etc/xensource/usb-policy.conf"
#define OURS XTUNE_SYSCONFDIR "/xltune/usb-policy.conf"
#define SHIPPED XTUNE_DATADIR "/xltune/usb-policy.conf"

static xtune_arena *arena;

static int setup(void **state)
{
    arena = xtune_arena_new();
    return tree_setup(state);
}

static int teardown(void **state)
{
    xtune_arena_free(arena);
    return tree_teardown(state);
}

static void counts(const char *file, const char *text)
{
    xtune_usb_rules rules;

    xt_usb_rules_read(arena, root, &rules);
    if (file)
        assert_string_equal(rules.file, file);
    else
        assert_null(rules.file);
    assert_null(rules.problem);
    if (text)
        assert_string_equal(rules.text, text);
    else
        assert_null(rules.text);
}

static const char *own_text(void)
{
    const char *text;

    assert_int_equal(xt_usb_rules_get(arena, root, &text, NULL), 0);
    return text;
}

static void test_order(void **state)
{
    (void)state;
    counts(NULL, NULL);
    assert_null(own_text());
    put(SHIPPED, "# shipped\n");
    counts(SHIPPED, "# shipped\n");
    assert_null(own_text());
    put(OURS, "# ours\n");
    counts(OURS, "# ours\n");
    assert_string_equal(own_text(), "# ours\n");
    put(XAPI, "# xapi\n");
    counts(XAPI, "# xapi\n");
    assert_string_equal(own_text(), "# xapi\n");
}

static const char *path_of(const char *file)
{
    return xtune_arena_printf(arena, "%s%s", root, file);
}

/* One that is there and cannot be read is not passed over. */
static void test_unreadable(void **state)
{
    xtune_usb_policy *policy;
    xtune_usb_rules rules;
    xtune_error *err = NULL;
    const char *text;

    (void)state;
    put(OURS, "ALLOW:\n");
    assert_int_equal(xt_make_dirs(path_of(XAPI), 0755, NULL), 0);
    xt_usb_rules_read(arena, root, &rules);
    assert_string_equal(rules.file, XAPI);
    assert_null(rules.text);
    assert_non_null(rules.problem);
    check_error(xtune_usb_policy_below(root, &policy, &err), &err,
                XTUNE_ERR_IO, "no device at all can be passed through");
    assert_int_not_equal(xt_usb_rules_get(arena, root, &text, NULL), 0);
    assert_int_not_equal(xt_usb_rules_set(root, "DENY:", NULL), 0);

    assert_int_equal(rmdir(path_of(XAPI)), 0);
    assert_int_equal(symlink("nowhere", path_of(XAPI)), 0);
    xt_usb_rules_read(arena, root, &rules);
    assert_string_equal(rules.file, XAPI);
    assert_non_null(rules.problem);

    /* Nor is what is outside of the root. */
    assert_int_equal(unlink(path_of(XAPI)), 0);
    assert_int_equal(symlink("/etc/passwd", path_of(XAPI)), 0);
    xt_usb_rules_read(arena, root, &rules);
    assert_string_equal(rules.file, XAPI);
    assert_null(rules.text);
    assert_non_null(rules.problem);
    holds(OURS, "ALLOW:\n");
}

static void put_bytes(const char *bytes, size_t nr)
{
    FILE *f;

    put(OURS, "");
    f = fopen(path_of(OURS), "we");
    fwrite(bytes, 1, nr, f);
    fclose(f);
}

static void test_nul(void **state)
{
    xtune_usb_rules rules;

    (void)state;
    put_bytes("# a\nDENY: \0b\nALLOW:\n", 21);
    xt_usb_rules_read(arena, root, &rules);
    assert_null(rules.text);
    assert_string_equal(rules.problem,
                        "line and column 2:7: there is a NUL byte");
    /* It is nothing that is asked of a comment. */
    put_bytes("# a\0b\nALLOW:\n", 13);
    counts(OURS, "# a b\nALLOW:\n");
}

static void test_below(void **state)
{
    xtune_usb_policy *policy;
    xtune_error *err = NULL;
    size_t nr;

    (void)state;
    assert_int_equal(xtune_usb_policy_below(root, &policy, &err), 0);
    xtune_usb_policy_rules(policy, &nr);
    assert_int_equal(nr, 11);
    xtune_usb_policy_free(policy);
    put(OURS, "DENY:\nx\n");
    check_error(xtune_usb_policy_below(root, &policy, &err), &err,
                XTUNE_ERR_INVALID, OURS ":2:1");
}

/* Mode and owner stay, the text before is kept, and nothing else is left. */
static void test_write(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(xt_usb_rules_set(root, "ALLOW:\n", NULL), 0);
    holds(OURS, "ALLOW:\n");
    assert_int_equal(stat(path_of(OURS), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);

    assert_int_equal(chmod(path_of(OURS), 0640), 0);
    assert_int_equal(xt_usb_rules_set(root, "DENY:\n", NULL), 0);
    holds(OURS, "DENY:\n");
    holds(OURS ".xltune-old", "ALLOW:\n");
    assert_int_equal(stat(path_of(OURS), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(stat(path_of(OURS ".xltune-old"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);

    assert_int_equal(xt_usb_rules_set(root, NULL, NULL), 0);
    holds(OURS ".xltune-old", "DENY:\n");
    counts(NULL, NULL);
    assert_int_equal(xt_usb_rules_set(root, NULL, NULL), 0);

    put(SHIPPED, "# shipped\n");
    put(XAPI, "# xapi\n");
    assert_int_equal(xt_usb_rules_set(root, "# new\n", NULL), 0);
    holds(XAPI, "# new\n");
    holds(SHIPPED, "# shipped\n");
    assert_int_not_equal(access(path_of(OURS), F_OK), 0);
}

/* The file that a link names is the one that is changed. */
static void test_link(void **state)
{
    struct stat st;

    (void)state;
    put("/srv/rules", "# a\n");
    put(OURS, "");
    assert_int_equal(unlink(path_of(OURS)), 0);
    assert_int_equal(symlink(path_of("/srv/rules"), path_of(OURS)), 0);
    assert_int_equal(xt_usb_rules_set(root, "# b\n", NULL), 0);
    holds("/srv/rules", "# b\n");
    assert_int_equal(lstat(path_of(OURS), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

/* Plans. */

static xtune_usb_interface keyboard_interface = { .class_code = 3,
                                                  .subclass = 1,
                                                  .protocol = 1 };
static xtune_use keyboard_use = { .kind = "keyboard", .what = "kbd" };
static xtune_usb keyboard = {
    .path = "1-2",
    .vendor = "413c",
    .product = "2113",
    .release = "0110",
    .configured = true,
    .interfaces = &keyboard_interface,
    .nr_interfaces = 1,
    .uses = &keyboard_use,
    .nr_uses = 1,
};

static xtune_host *host_with(const char *file, const char *text)
{
    xtune_host *host = xtune_host_new();

    host->usb = &keyboard;
    host->nr_usb = 1;
    host->has_usb = true;
    host->usb_rules = (xtune_usb_rules){ .file = file, .text = text };
    xtune_host_index(host);
    return host;
}

static xtune_plan *plan_of(const xtune_host *host, const char *text)
{
    const xtune_usb_request request = { .host = host };
    xtune_error *err = NULL;
    xtune_plan *plan;

    if (xtune_plan_usb_rules(&request, text, &plan, &err))
        fail_msg("%s: %s", err->object, err->message);
    return plan;
}

static void test_plan(void **state)
{
    static const struct {
        const char *file, *text; /* now */
        const char *target;
        bool has_old;
    } rows[] = {
        { NULL, NULL, OURS, false },
        { SHIPPED, "DENY:\n", OURS, false },
        { OURS, "DENY:\n", OURS, true },
        { XAPI, "DENY:\n", XAPI, true },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_host *host = host_with(rows[i].file, rows[i].text);
        xtune_plan *plan = plan_of(host, "ALLOW: vid=17e9\n");
        const xtune_action *action = plan->actions;

        assert_int_equal(plan->nr_actions, 1);
        assert_string_equal(action->kind, "usb-rules");
        assert_string_equal(xt_json_text(xt_json_get(action->target, "file")),
                            rows[i].target);
        assert_string_equal(xt_json_text(action->new), "ALLOW: vid=17e9\n");
        if (rows[i].has_old)
            assert_string_equal(xt_json_text(action->old), rows[i].text);
        else
            assert_int_equal(action->old->type, XT_JSON_NULL);
        assert_int_equal(plan->nr_notes, 0);
        xtune_plan_free(plan);
        if (rows[i].text) {
            plan = plan_of(host, rows[i].text);
            assert_int_equal(plan->nr_actions, 0);
            xtune_plan_free(plan);
        }
        xtune_host_free(host);
    }
}

static void test_notes(void **state)
{
    xtune_host *host = host_with(XAPI, "DENY:\n");
    xtune_plan *plan = plan_of(host, "ALLOW: vid=413c serial=A\nALLOW:\n");
    size_t i;
    bool inputs = false, extension = false;

    (void)state;
    for (i = 0; i < plan->nr_notes; i++) {
        const char *text = plan->notes[i].text;

        inputs |= !strcmp(plan->notes[i].object, "1-2") &&
                  strstr(text, "last keyboard");
        extension |=
            !strcmp(plan->notes[i].object, XAPI ":1") && strstr(text, "XAPI");
    }
    assert_true(inputs);
    assert_true(extension);
    assert_int_equal(plan->nr_notes, 2);
    xtune_plan_free(plan);
    xtune_host_free(host);
}

static void test_no_plan(void **state)
{
    xtune_host *host = host_with(OURS, "DENY: # \xff\n");
    const xtune_usb_request request = { .host = host };
    xtune_error *err = NULL;
    xtune_plan *plan;

    (void)state;
    check_error(xtune_plan_usb_rules(&request, "ALLOW:\n", &plan, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "not UTF-8");
    host->usb_rules.text = "DENY:\n";
    check_error(xtune_plan_usb_rules(&request, "ALLOW\n", &plan, &err), &err,
                XTUNE_ERR_INVALID, OURS ":1:6");
    host->usb_rules.problem = "broken";
    check_error(xtune_plan_usb_rules(&request, "ALLOW:\n", &plan, &err), &err,
                XTUNE_ERR_IO, "broken");
    /* What cannot be parsed can be mended. */
    host->usb_rules = (xtune_usb_rules){ .file = OURS, .text = "no policy\n" };
    plan = plan_of(host, "ALLOW:\n");
    assert_int_equal(plan->nr_actions, 1);
    xtune_plan_free(plan);
    xtune_host_free(host);
}

/* A host in a file: what counted before comes back. */
static void test_snapshot(void **state)
{
    static const struct {
        const char *file, *text;
    } rows[] = {
        { NULL, NULL },
        { SHIPPED, "DENY:\n" },
        { OURS, "DENY:\n" },
        { XAPI, "DENY:\n" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_host *host = host_with(rows[i].file, rows[i].text), *now;
        const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
        char *before, *after;
        xtune_backend *backend;
        const char *text;

        host->nr_usb = 0;
        assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
        assert_int_equal(xtune_backend_observe(backend, &what, &now, NULL), 0);
        before = xtune_host_to_json(now);
        xtune_host_free(now);
        assert_int_equal(
            backend->ops->get_usb_rules(backend, arena, &text, NULL), 0);
        if (i < 2)
            assert_null(text);
        else
            assert_string_equal(text, "DENY:\n");
        assert_int_equal(backend->ops->set_usb_rules(backend, "# a\n", NULL),
                         0);
        assert_int_equal(backend->ops->set_usb_rules(backend, "# b\n", NULL),
                         0);
        assert_int_equal(xtune_backend_observe(backend, &what, &now, NULL), 0);
        assert_string_equal(now->usb_rules.text, "# b\n");
        assert_string_equal(now->usb_rules.file, i == 3 ? XAPI : OURS);
        xtune_host_free(now);
        assert_int_equal(backend->ops->set_usb_rules(backend, text, NULL), 0);
        assert_int_equal(xtune_backend_observe(backend, &what, &now, NULL), 0);
        after = xtune_host_to_json(now);
        assert_string_equal(after, before);
        xtune_host_free(now);
        free(before);
        free(after);
        xtune_backend_close(backend);
        xtune_host_free(host);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_order),    TEST(test_unreadable), TEST(test_nul),
        TEST(test_below),    TEST(test_write),      TEST(test_link),
        TEST(test_plan),     TEST(test_notes),      TEST(test_no_plan),
        TEST(test_snapshot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
