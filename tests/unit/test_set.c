/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/set.h>

#include "util.h"

/* 16 CPUs in two nodes, CPU 5 missing; node 2 has no CPU; node 3 is absent
 * and node 4 has CPU 15. */
typedef struct fixture {
    xtune_arena *arena;
    xtune_set cpus, nodes[5];
    xtune_set_names names;
} fixture;

static void add_range(xtune_set *set, unsigned int first, unsigned int last)
{
    for (; first <= last; first++)
        xtune_set_add(set, first);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    const unsigned int first[] = { 0, 8, 0, 0, 15 },
                       last[] = { 7, 14, 0, 0, 15 };
    size_t i;

    f->arena = xtune_arena_new();
    f->cpus = xtune_set_all(f->arena, 16);
    xtune_set_remove(&f->cpus, 5);
    for (i = 0; i < 5; i++) {
        if (i == 3) continue;
        f->nodes[i] = xtune_set_new(f->arena, 16);
        if (i != 2) add_range(&f->nodes[i], first[i], last[i]);
        xtune_set_and(&f->nodes[i], &f->cpus);
    }
    f->names = (xtune_set_names){ "CPU", &f->cpus, f->nodes, 5 };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    xtune_arena_free(f->arena);
    free(f);
    return 0;
}

static void test_good_lists(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "0", "0" },
        { "0-3", "0-3" },
        { "0,1,2", "0-2" },
        { "3,1", "1,3" },
        { "all", "all" },
        { "none", "none" },
        { "all,^0", "1-15" },
        { "^0", "none" },
        { "0-3,^2", "0-1,3" },
        { "0-3,^1-2", "0,3" },
        { "^1,0-3", "0-3" },
        { "node:0", "0-4,6-7" },
        { "nodes:1", "8-14" },
        { "nodes:0-1", NULL },
        { "node:all", "all" },
        { "node:2", "none" },
        { "0-3,node:4", "0-3,15" },
        { "all,^node:0", "5,8-15" },
        { "all,^nodes:0-2", "5,15" },
        { "15", "15" },
        { "007", "7" },
        { "1,1,1", "1" },
        { "0,2,4", "0,2,4" },
        { "6-8,12-13", "6-8,12-13" },
    };
    fixture *f = *state;
    xtune_error *err = NULL;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_set set;
        const int rc = xtune_set_parse(f->arena, &f->names, "arg",
                                       rows[i].text, &set, &err);

        if (rc) fail_msg("\"%s\": %s", rows[i].text, err->message);
        if (rows[i].expected)
            assert_string_equal(xtune_set_format(f->arena, &set),
                                rows[i].expected);
    }
}

static void test_bad_lists(void **state)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        { "", "empty" },
        { ",", "empty item" },
        { "1,,2", "empty item" },
        { "1,", "empty item" },
        { ",1", "empty item" },
        { "-5", "\"-5\"" },
        { "0-", "\"0-\"" },
        { "-", "\"-\"" },
        { " 1", "\" 1\"" },
        { "1 ", "\"1 \"" },
        { "+1", "\"+1\"" },
        { "0x1", "\"0x1\"" },
        { "1a", "\"1a\"" },
        { "a", "\"a\"" },
        { "3-1", "ends before" },
        { "0-4000000000", "no CPU 5" },
        { "16", "no CPU 16" },
        { "5", "no CPU 5" },
        { "4-6", "no CPU 5" },
        { "99999999999999999999", "no number" },
        { "4294967295", "no number" },
        { "^all", "\"^all\"" },
        { "^node:all", "\"^node:all\"" },
        { "^", "\"^\"" },
        { "^^1", "\"^^1\"" },
        { "node:", "\"node:\"" },
        { "node:3", "no node 3" },
        { "node:5", "no node 5" },
        { "node:^1", "\"node:^1\"" },
        { "nodes:0-9", "no node 3" },
        { "All", "\"All\"" },
        { "none,1", "\"none\"" },
        { "1-2-3", "1-2-3" },
        { "1;2", "\"1;2\"" },
        { "\xff", "\"\\xff\"" },
    };
    fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_error *err = NULL;
        xtune_set set = f->cpus;
        const int rc = xtune_set_parse(f->arena, &f->names, "arg",
                                       rows[i].text, &set, &err);

        check_error(rc, &err, XTUNE_ERR_INVALID, rows[i].part);
        assert_ptr_equal(set.words, f->cpus.words);
    }
}

static void test_format(void **state)
{
    fixture *f = *state;
    xtune_set none = xtune_set_new(f->arena, 0);
    xtune_set big = xtune_set_new(f->arena, 4096);
    unsigned int i;

    assert_string_equal(xtune_set_format(f->arena, &none), "none");
    for (i = 0; i < 4096; i += 2)
        xtune_set_add(&big, i);
    assert_int_equal(xtune_set_count(&big), 2048);
    assert_int_equal(strlen(xtune_set_format(f->arena, &big)),
                     5 * 1 + 45 * 2 + 450 * 3 + 1548 * 4 + 2047);
    big = xtune_set_all(f->arena, 4096);
    assert_string_equal(xtune_set_format(f->arena, &big), "all");
    assert_string_equal(xtune_set_format_ids(f->arena, &big), "0-4095");
}

static void test_algebra(void **state)
{
    fixture *f = *state;
    xtune_set a = xtune_set_new(f->arena, 130), b;

    xtune_set_add(&a, 0);
    xtune_set_add(&a, 64);
    xtune_set_add(&a, 129);
    xtune_set_add(&a, 130); /* not in the set's range */
    assert_int_equal(xtune_set_count(&a), 3);
    assert_false(xtune_set_has(&a, 130));
    assert_int_equal(xtune_set_next(&a, 1), 64);
    assert_int_equal(xtune_set_next(&a, 65), 129);
    assert_int_equal(xtune_set_next(&a, 130), XTUNE_SET_END);
    b = xtune_set_copy(f->arena, &a);
    assert_true(xtune_set_equal(&a, &b));
    xtune_set_remove(&b, 64);
    assert_true(xtune_set_is_subset(&b, &a));
    assert_false(xtune_set_is_subset(&a, &b));
    xtune_set_andnot(&a, &b);
    assert_false(xtune_set_intersects(&a, &b));
    assert_string_equal(xtune_set_format(f->arena, &a), "64");
    xtune_set_or(&a, &b);
    xtune_set_and(&a, &b);
    assert_true(xtune_set_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_format, setup, teardown),
        cmocka_unit_test_setup_teardown(test_algebra, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
