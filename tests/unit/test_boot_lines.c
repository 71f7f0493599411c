/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines: the words, values and changes of them. */
#include "util.h"

#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"

static void values(void **state)
{
    static const struct {
        const char *line, *key, *value;
    } cases[] = {
        { "", "quiet", NULL },
        { "quiet", "quiet", "" },
        { "quiet ", "quie", NULL },
        { "quiet", "quiets", NULL },
        { "a=1", "a", "1" },
        { "a=", "a", "" },
        { "a=b=c", "a", "b=c" },
        { "a=1 b=2 a=3", "a", "3" },
        { "\ta=1\n b=2", "b", "2" },
        { "a=\"b c\" d=e", "a", "b c" },
        { "a=\"b c\" d=e", "d", "e" },
        { "\"a=b c\" d=e", "a", "b c" },
        { "\"a\" d=e", "a", "" },
        { "a=\"b c", "a", "b c" },
        { "a=b\"c d\"e", "a", "b\"c d\"e" },
        { "a=1 -- a=2", "a", "1" },
        { "-- a=2", "a", NULL },
        { "--a=2 b", "b", "" },
        { "xen-pciback.hide=(04:00.0)", "xen-pciback.hide", "(04:00.0)" },
        { "xen_pciback.hide=(04:00.0)", "xen-pciback.hide", "(04:00.0)" },
        { "xen-pciback.hide=x", "xen_pciback.hide", "x" },
        { "xen-pciback.hidden=x", "xen-pciback.hide", NULL },
        { "dom0-mem=x", "dom0_mem", NULL }, /* Xen's are as they are */
        { "=x", "", NULL },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        const char *value = xt_boot_value(arena, cases[i].line, cases[i].key);

        if (!value != !cases[i].value ||
            (value && strcmp(value, cases[i].value)))
            fail_msg("%s of \"%s\": %s", cases[i].key, cases[i].line,
                     value ? value : "none");
    }
}

static void changes(void **state)
{
    static const struct {
        const char *line, *key, *value, *then;
    } cases[] = {
        { "", "a", "1", "a=1" },
        { "", "a", "", "a" },
        { "quiet", "a", "1", "quiet a=1" },
        { "quiet  ", "a", "1", "quiet   a=1" },
        { "quiet", "a", "b c", "quiet a=\"b c\"" },
        { "a=1 b", "a", "2", "a=2 b" },
        { "x  a=1\tb", "a", "2", "x  a=2\tb" },
        { "a=1 b a=3 c", "a", "2", "a=2 b c" },
        { "a b", "a", "1", "a=1 b" },
        { "a=1 b", "a", "", "a b" },
        { "x -- y", "a", "1", "x a=1 -- y" },
        { "-- y", "a", "1", "a=1 -- y" },
        { " -- y", "a", "1", " a=1 -- y" },
        { "x -", "a", "1", "x - a=1" },
        { "x --y", "a", "1", "x --y a=1" },
        { "x -- a=9", "a", "1", "x a=1 -- a=9" },
        { "\"a=1 2\" b", "a", "3", "a=3 b" },
        { "xen_pciback.hide=x", "xen-pciback.hide", "y",
          "xen_pciback.hide=y" },
        { "a=1", "a", NULL, "" },
        { "a=1 b", "a", NULL, "b" },
        { "b a=1", "a", NULL, "b" },
        { "b a=1 c", "a", NULL, "b c" },
        { "b  a=1  c", "a", NULL, "b   c" },
        { "a=1 a=2 b", "a", NULL, "b" },
        { "b a=1 a=2", "a", NULL, "b" },
        { "a=1 a=2", "a", NULL, "" },
        { "b", "a", NULL, "b" },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++)
        assert_string_equal(
            xt_boot_with(arena, cases[i].line, cases[i].key, cases[i].value),
            cases[i].then);
}

/* Lines of all kinds of bytes: set gives back, and what was set and taken out
 * has never been there. */
static void any_line(void **state)
{
    static const char letters[] = "ab=\"- \t-=b";
    unsigned int seed = 1, i, k;

    (void)state;
    for (i = 0; i < 200000; i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const unsigned int len = i % 14;
        const char *set, *value;
        char line[16];

        for (k = 0; k < len; k++) {
            seed = seed * 1103515245 + 12345;
            line[k] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }
        line[len] = '\0';
        set = xt_boot_with(arena, line, "key", "v w");
        value = xt_boot_value(arena, set, "key");
        /* A quote that is not closed takes all that follows. */
        if (!value) {
            for (k = 0, seed ^= i; line[k]; k++)
                if (line[k] == '"') break;
            assert_int_equal(line[k], '"');
            continue;
        }
        assert_string_equal(value, "v w");
        assert_string_equal(xt_boot_with(arena, set, "key", NULL), line);
        assert_string_equal(xt_boot_with(arena, set, "key", "v w"), set);
        assert_null(
            xt_boot_value(arena, xt_boot_with(arena, line, "b", NULL), "b"));
    }
}

static void what_no_line_holds(void **state)
{
    static const char *const bad[] = { "a\"b", "a\nb", "$x",   "`x`", "a;b",
                                       "a\\b", "#",    "a\tb", "'",   "{x}" };
    static const char *const bad_keys[] = { "", "a b", "a=b", "-a", "a\"" };
    xtune_error *err = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++)
        check_error(xt_boot_check_parameter("key", bad[i], &err), &err,
                    XTUNE_ERR_INVALID, "key: ");
    for (i = 0; i < XT_ARRAY_SIZE(bad_keys); i++)
        check_error(xt_boot_check_parameter(bad_keys[i], NULL, &err), &err,
                    XTUNE_ERR_INVALID, "no name of a parameter");
    assert_int_equal(xt_boot_check_parameter("xen-pciback.hide",
                                             "(0000:04:00.0)(05:00.*)", &err),
                     0);
    assert_int_equal(xt_boot_check_parameter("dom0_mem", "4G,max:8G", &err),
                     0);
}

static void diffs(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    assert_string_equal(xt_boot_diff_texts(arena, "f", "a\n", "a\n"), "");
    assert_string_equal(
        xt_boot_diff_texts(arena, "f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                           "1\n2\n3\n4\nx\n6\n7\n8\n9\n"),
        "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
    /* Two hunks; those that touch are one. */
    assert_string_equal(xt_boot_diff_texts(arena, "f",
                                           "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
                                           "1\n2\n3\n4\n5\n6\n7\nb\nc\n"),
                        "--- f\n+++ f\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n"
                        "@@ -7,3 +6,4 @@\n 6\n 7\n b\n+c\n");
    assert_string_equal(
        xt_boot_diff_texts(arena, "f", "a\n1\n2\n3\n4\n5\nb\n",
                           "1\n2\n3\n4\n5\nb\nc\n"),
        "--- f\n+++ f\n@@ -1,7 +1,7 @@\n-a\n 1\n 2\n 3\n 4\n 5\n b\n+c\n");
    assert_string_equal(
        xt_boot_diff_texts(arena, "f", "a", "a\n"),
        "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n"
        "+a\n");
    assert_string_equal(xt_boot_diff_texts(arena, "f", "", "\033[2Jx\r\n"),
                        "--- f\n+++ f\n@@ -0,0 +1 @@\n+\\x1b[2Jx\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),   cmocka_unit_test(changes),
        cmocka_unit_test(any_line), cmocka_unit_test(what_no_line_holds),
        cmocka_unit_test(diffs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
