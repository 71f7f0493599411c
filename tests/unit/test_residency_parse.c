/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Xen's answer to debug key "u" says, whole, cut and mixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/residency_parse.h"
#include "base/util.h"

/* Xen 4.17: a PV dom0, a PV, a PVH and an HVM guest on two nodes. */
static const char xen_4_17[] =
    "(XEN) 'u' pressed -> dumping numa info (now = 33659452697)\n"
    "(XEN) NODE0 start->0 size->393216 free->315105\n"
    "(XEN) NODE1 start->393216 size->917504 free->162996\n"
    "(XEN) CPU0...1 -> NODE0\n"
    "(XEN) CPU2...3 -> NODE1\n"
    "(XEN) Memory location of each domain:\n"
    "(XEN) Domain 0 (total: 230400):\n"
    "(XEN)     Node 0: 40895\n"
    "(XEN)     Node 1: 189505\n"
    "(XEN) Domain 1 (total: 2048):\n"
    "(XEN)     Node 0: 2048\n"
    "(XEN)     Node 1: 0\n"
    "(XEN) Domain 2 (total: 32784):\n"
    "(XEN)     Node 0: 0\n"
    "(XEN)     Node 1: 32784\n"
    "(XEN) Domain 3 (total: 32764):\n"
    "(XEN)     Node 0: 32764\n"
    "(XEN)     Node 1: 0\n";

static const char xen_4_20[] =
    "(XEN) [   33.659452] 'u' pressed -> dumping numa info (now = 33659)\n"
    "(XEN) [   33.659460] NODE0 start->0 size->393216 free->315105\n"
    "(XEN) [   33.659470] NODE1 start->393216 size->917504 free->162996\n"
    "(XEN) [   33.659480] mfn_to_nid(60001) -> 0 should be 1\n"
    "(XEN) [   33.659490] CPU0...3 -> NODE0\n"
    "(XEN) [   33.659500] Memory location of each domain:\n"
    "(XEN) [   33.659510] d0 (total: 230400):\n"
    "(XEN) [   33.659520]     Node 0: 40895\n"
    "(XEN) [   33.659530]     Node 1: 189505\n"
    "(XEN) [   33.659540] d1 (total: 2048):\n"
    "(XEN) [   33.659550]     Node 0: 2048\n"
    "(XEN) [   33.659560]     Node 1: 0\n"
    "(XEN) [   33.659570]      2 vnodes, 4 vcpus, guest physical layout:\n"
    "(XEN) [   33.659580]        0: pnode   0, vcpus 0-1 \n"
    "(XEN) [   33.659590]            0000000000000000 - 0000000000400000\n"
    "(XEN) [   33.659600]        1: pnode ???, vcpus 2-3\n"
    "(XEN) [   33.659610]            0000000000400000 - 0000000000800000\n"
    "(XEN) [   33.659620] d[IO] (total: 0):\n"
    "(XEN) [   33.659630]     Node 0: 0\n"
    "(XEN) [   33.659640]     Node 1: 0\n"
    "(XEN) [   33.659650] d7 (total: 30):\n"
    "(XEN) [   33.659660]     Node 0: 10\n"
    "(XEN) [   33.659670]     Node 1: 20\n";

typedef struct fixture {
    xtune_arena *arena;
    xtune_set nodes; /* 0 and 1, and room for more */
    xt_residency_parser *parser;
} fixture;

static int setup(void **state)
{
    fixture *f = test_malloc(sizeof(*f));

    f->arena = xtune_arena_new();
    f->nodes = xtune_set_new(f->arena, 4);
    xtune_set_add(&f->nodes, 0);
    xtune_set_add(&f->nodes, 1);
    f->parser = xt_residency_parser_new(f->arena, &f->nodes);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    xtune_arena_free(f->arena);
    test_free(f);
    return 0;
}

static void feed(const fixture *f, const char *text)
{
    xt_residency_feed(f->parser, text, strlen(text));
}

static void expect_pages(const fixture *f, unsigned int domid, uint64_t on_0,
                         uint64_t on_1)
{
    const xt_residency_entry *entry = xt_residency_find(f->parser, domid);

    assert_non_null(entry);
    assert_true(entry->complete);
    assert_int_equal(entry->pages[0], on_0);
    assert_int_equal(entry->pages[1], on_1);
    assert_int_equal(entry->counted, on_0 + on_1);
    assert_int_equal(entry->total, on_0 + on_1);
}

static void expect_broken(const fixture *f, unsigned int domid)
{
    const xt_residency_entry *entry = xt_residency_find(f->parser, domid);

    assert_non_null(entry);
    assert_false(entry->complete);
}

static void expect_4_17(const fixture *f)
{
    assert_true(xt_residency_is_whole(f->parser));
    expect_pages(f, 0, 40895, 189505);
    expect_pages(f, 1, 2048, 0);
    expect_pages(f, 2, 0, 32784);
    expect_pages(f, 3, 32764, 0);
    assert_null(xt_residency_find(f->parser, 4));
}

static void form_of_4_17(void **state)
{
    feed(*state, xen_4_17);
    expect_4_17(*state);
}

static void form_of_4_18_with_time_stamps(void **state)
{
    const fixture *f = *state;

    feed(f, xen_4_20);
    assert_true(xt_residency_is_whole(f->parser));
    expect_pages(f, 0, 40895, 189505);
    expect_pages(f, 1, 2048, 0);
    expect_pages(f, 7, 10, 20);
}

static void other_time_stamps(void **state)
{
    const fixture *f = *state;

    feed(f, "(XEN) [2026-11-21 00:13:59] 'u' pressed -> dumping numa info "
            "(now = 1)\r\n"
            "(XEN) [2026-11-21 00:13:59.123] d5 (total: 3):\r\n"
            "(XEN) [00000012d687abcd]     Node 0: 1\r\n"
            "(XEN) [00000012d687abce]     Node 1: 2\r\n");
    assert_true(xt_residency_is_whole(f->parser));
    expect_pages(f, 5, 1, 2);
}

static void no_prefix(void **state)
{
    const fixture *f = *state;

    feed(f, "'u' pressed -> dumping numa info (now-0x1C:22)\n"
            "Domain 5 (total: 3):\n    Node 0: 1\n    Node 1: 2\n");
    assert_true(xt_residency_is_whole(f->parser));
    expect_pages(f, 5, 1, 2);
}

static void text_in_small_pieces(void **state)
{
    const fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(xen_4_17) - 1; i++)
        xt_residency_feed(f->parser, xen_4_17 + i, 1);
    expect_4_17(f);
}

static void lines_of_others_between(void **state)
{
    const fixture *f = *state;

    feed(f, "[    1.5] some text of dom0's kernel\n"
            "(XEN) 'u' pressed -> dumping numa info (now = 1)\n"
            "(d9) Domain 5 (total: 99):\n"
            "(XEN) Domain 5 (total: 3):\n"
            "(XEN) (d9)     Node 0: 99\n"
            "(d9)     Node 0: 99\n"
            "    Node 0: 99\n"
            "Domain 6 (total: 1):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN) d9v0 Unhandled: vec 13, #GP[0000]\n"
            "\n"
            "(XEN) \n"
            "(XEN)     Node 1: 2\n");
    expect_pages(f, 5, 1, 2);
    assert_null(xt_residency_find(f->parser, 6));
}

static void beginning_lost(void **state)
{
    const fixture *f = *state;

    xt_residency_gap(f->parser);
    feed(f, "    Node 1: 189505\n"
            "(XEN)     Node 0: 7\n"
            "(XEN) Domain 1 (total: 2048):\n"
            "(XEN)     Node 0: 2048\n"
            "(XEN)     Node 1: 0\n");
    assert_false(xt_residency_has_begun(f->parser));
    assert_false(xt_residency_is_whole(f->parser));
    assert_null(xt_residency_find(f->parser, 0));
    expect_pages(f, 1, 2048, 0);
}

/* Line by line: a domain counts once its last line is there, newline too. */
static void end_lost(void **state)
{
    const size_t ends_at = strlen(xen_4_17) - 1;
    size_t len;

    (void)state;
    for (len = 0; len <= ends_at; len++) {
        const xt_residency_entry *entry;
        void *own;

        setup(&own);
        xt_residency_feed(((fixture *)own)->parser, xen_4_17, len);
        entry = xt_residency_find(((fixture *)own)->parser, 3);
        assert_true(!entry || !entry->complete);
        teardown(&own);
    }
}

static void middle_lost(void **state)
{
    const fixture *f = *state;

    feed(f, "(XEN) 'u' pressed -> dumping numa info (now = 1)\n"
            "(XEN) Domain 1 (total: 3):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 1: 2\n"
            "(XEN) Domain 2 (total: 9):\n"
            "(XEN)     Node 0: 4\n"
            "(XE");
    xt_residency_gap(f->parser);
    /* The rest of a line of domain 8, of which the others are lost. */
    feed(f, "(XEN)     Node 1: 5\n"
            "(XEN)     Node 1: 5\n"
            "(XEN) Domain 9 (total: 6):\n"
            "(XEN)     Node 0: 6\n"
            "(XEN)     Node 1: 0\n");
    assert_true(xt_residency_has_begun(f->parser));
    assert_false(xt_residency_is_whole(f->parser));
    expect_pages(f, 1, 1, 2);
    expect_broken(f, 2);
    assert_null(xt_residency_find(f->parser, 8));
    expect_pages(f, 9, 6, 0);
}

static void last_of_two_dumps(void **state)
{
    const fixture *f = *state;

    feed(f, "(XEN) 'u' pressed -> dumping numa info (now = 1)\n"
            "(XEN) Domain 4 (total: 3):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 1: 2\n"
            "(XEN) Domain 1 (total: 3):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 1: 2\n");
    xt_residency_gap(f->parser);
    feed(f, "\n");
    feed(f, xen_4_17);
    expect_4_17(f);
}

/* Somebody pressed the key as well: a line of each in turn. */
static void two_dumps_at_once(void **state)
{
    const fixture *f = *state;

    feed(f, "(XEN) 'u' pressed -> dumping numa info (now = 1)\n"
            "(XEN) 'u' pressed -> dumping numa info (now = 2)\n"
            "(XEN) Domain 1 (total: 3):\n"
            "(XEN) Domain 1 (total: 3):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 1: 2\n"
            "(XEN)     Node 1: 2\n"
            "(XEN) Domain 2 (total: 3):\n"
            "(XEN)     Node 0: 1\n"
            "(XEN)     Node 1: 2\n"
            "(XEN)     Node 1: 2\n");
    expect_broken(f, 1);
    expect_broken(f, 2);
}

static void nodes_with_holes(void **state)
{
    const fixture *f = *state;
    xtune_set nodes = xtune_set_new(f->arena, 64);
    const xt_residency_entry *entry;
    xt_residency_parser *parser;
    static const char text[] = "(XEN) d1 (total: 12):\n"
                               "(XEN)     Node 2: 5\n"
                               "(XEN)     Node 63: 7\n";

    xtune_set_add(&nodes, 2);
    xtune_set_add(&nodes, 63);
    parser = xt_residency_parser_new(f->arena, &nodes);
    xt_residency_feed(parser, text, sizeof(text) - 1);
    entry = xt_residency_find(parser, 1);
    assert_non_null(entry);
    assert_true(entry->complete);
    assert_int_equal(entry->pages[2], 5);
    assert_int_equal(entry->pages[63], 7);
}

static void unknown_nodes(void **state)
{
    static const char *const lines[] = {
        "(XEN)     Node 2: 1\n",
        "(XEN)     Node 4294967294: 1\n",
        "(XEN)     Node 1: 1\n",
    };
    const fixture *f = *state;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(lines); i++) {
        feed(f, "(XEN) d1 (total: 3):\n(XEN)     Node 0: 1\n");
        if (i == 2) feed(f, "(XEN)     Node 1: 2\n");
        feed(f, lines[i]);
        feed(f, "(XEN)     Node 1: 2\n");
        expect_broken(f, 1);
    }
}

static void hostile_lines(void **state)
{
    static const char *const lines[] = {
        "d1 (total: 99999999999999999999999):",
        "d1 (total: -1):",
        "d1 (total: +1):",
        "d1 (total: ):",
        "d1 (total: 1)",
        "d1 (total: 1): ",
        "d1 (total: 0x10):",
        "d (total: 1):",
        "d-1 (total: 1):",
        "d 1 (total: 1):",
        "d99999999999 (total: 1):",
        "d32768 (total: 1):",
        "Domain  1 (total: 1):",
        "domain 1 (total: 1):",
        " d1 (total: 1):",
        "[ d1 (total: 1):",
        "[] [] d1 (total: 1):",
    };
    const fixture *f = *state;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(lines); i++) {
        feed(f, "(XEN) ");
        feed(f, lines[i]);
        feed(f, "\n(XEN)     Node 0: 1\n(XEN)     Node 1: 2\n");
        assert_null(xt_residency_find(f->parser, 1));
    }
}

static void hostile_counts(void **state)
{
    static const char *const counts[] = {
        "18446744073709551617", "-1", "", "1 ", "0x1", "1e3", " 1",
    };
    const fixture *f = *state;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(counts); i++) {
        feed(f, "(XEN) d1 (total: 3):\n(XEN)     Node 0: ");
        feed(f, counts[i]);
        feed(f, "\n(XEN)     Node 1: 2\n");
        expect_broken(f, 1);
    }
}

static void long_lines_and_nuls(void **state)
{
    static const char with_nul[] = "(XEN) d1 (total: 3):\0\n"
                                   "(XEN)     Node 0: 1\n"
                                   "(XEN)     Node 1: 2\n";
    const fixture *f = *state;
    size_t i;

    feed(f, "(XEN) d1 (total: 3):");
    for (i = 0; i < 1000; i++)
        feed(f, "            ");
    feed(f, "\n");
    xt_residency_feed(f->parser, with_nul, sizeof(with_nul) - 1);
    assert_null(xt_residency_find(f->parser, 1));
    feed(f, xen_4_17);
    expect_4_17(f);
}

/* Pages that Xen keeps for a domain to touch are in no node's count. */
static void pages_not_counted(void **state)
{
    const fixture *f = *state;
    const xt_residency_entry *entry;

    feed(f, "(XEN) d1 (total: 131072):\n"
            "(XEN)     Node 0: 2048\n"
            "(XEN)     Node 1: 0\n");
    entry = xt_residency_find(f->parser, 1);
    assert_non_null(entry);
    assert_true(entry->complete);
    assert_int_equal(entry->total, 131072);
    assert_int_equal(entry->counted, 2048);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(form_of_4_17),         TEST(form_of_4_18_with_time_stamps),
        TEST(other_time_stamps),    TEST(no_prefix),
        TEST(text_in_small_pieces), TEST(lines_of_others_between),
        TEST(beginning_lost),       TEST(end_lost),
        TEST(middle_lost),          TEST(last_of_two_dumps),
        TEST(two_dumps_at_once),    TEST(nodes_with_holes),
        TEST(unknown_nodes),        TEST(hostile_lines),
        TEST(hostile_counts),       TEST(long_lines_and_nuls),
        TEST(pages_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
