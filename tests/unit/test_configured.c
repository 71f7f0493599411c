/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The affinity in libxl's stored configuration: read, changed, compared. */
#include "host/configured.h"

#include "base/util.h"
#include <xtune/host.h>

#include "util.h"

#define NR_CPUS 8
#define NR_NODES 2

static xt_json *parse(xtune_arena *arena, const char *text)
{
    xt_json *json;
    xtune_error *err = NULL;

    if (xt_json_parse(arena, text, strlen(text), "t", &json, &err))
        fail_msg("%s: %s", text, err->message);
    return json;
}

/* Without blanks, for it is printed with many. */
static const char *words(xtune_arena *arena, const xt_json *json)
{
    XT_CLEANUP_FREE char *text = xt_json_print(json);
    char *to = text, *from = text;

    for (; *from; from++)
        if (*from != ' ' && *from != '\n') *to++ = *from;
    *to = '\0';
    return xtune_arena_strdup(arena, text);
}

static xtune_set set_of(xtune_arena *arena, const char *text)
{
    const xtune_set all = xtune_set_all(arena, NR_CPUS);
    const xtune_set_names names = { .what = "CPU", .exists = &all };
    xtune_set set;

    assert_int_equal(xtune_set_parse(arena, &names, "t", text, &set, NULL), 0);
    return set;
}

/* Reading. */

static void test_from_libxl(void **state)
{
    static const struct {
        const char *document, *expected;
    } rows[] = {
        { "{\"b_info\": {\"vcpu_hard_affinity\": [[2, 3], [0,1,2,3,4,5,6,7]], "
          "\"vcpu_soft_affinity\": [[4]], \"nodemap\": [1], "
          "\"numa_placement\": \"False\"}}",
          "{\"hard\":[\"2-3\",\"all\"],\"soft\":[\"4\"],\"nodes\":\"1\","
          "\"placement\":false}" },
        { "{\"b_info\": {\"numa_placement\": \"True\"}}",
          "{\"placement\":true}" },
        /* libxl's default is not written. */
        { "{\"b_info\": {\"numa_placement\": \"<default>\"}}", "{}" },
        { "{\"b_info\": {\"vcpu_hard_affinity\": [], \"nodemap\": []}}",
          "{}" },
        { "{\"b_info\": {\"vcpu_hard_affinity\": [[]]}}",
          "{\"hard\":[\"none\"]}" },
        { "{\"b_info\": {\"nodemap\": [0, 1]}}", "{\"nodes\":\"all\"}" },
        /* Beyond the host, and nothing at all. */
        { "{\"b_info\": {\"vcpu_hard_affinity\": [[1, 8, 4294967295, "
          "4294967296, 18446744073709551616, -1, 1.5, 1e3]]}}",
          "{\"hard\":[\"1\"]}" },
        { "{\"b_info\": {\"nodemap\": [0, 64, 2, 99999999999999999999]}}",
          "{\"nodes\":\"0\"}" },
        /* What libxl never writes. */
        { "{}", "{}" },
        { "{\"b_info\": null}", "{}" },
        { "{\"b_info\": []}", "{}" },
        { "[]", "{}" },
        { "\"b_info\"", "{}" },
        { "{\"b_info\": {\"vcpu_hard_affinity\": {\"0\": [1]}, "
          "\"vcpu_soft_affinity\": \"0-3\", \"nodemap\": 1, "
          "\"numa_placement\": true}}",
          "{}" },
        { "{\"b_info\": {\"vcpu_hard_affinity\": [\"0-3\", null, {}, [\"1\", "
          "null, [2], {}, 3]]}}",
          "{\"hard\":[\"none\",\"none\",\"none\",\"3\"]}" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const xt_json *json = xt_configured_from_libxl(
            arena, parse(arena, rows[i].document), NR_CPUS, NR_NODES);

        assert_string_equal(words(arena, json), rows[i].expected);
    }
}

/* Writing. */

static const char document_text[] =
    "{\"c_info\": {\"name\": \"d\"}, \"b_info\": {\"max_vcpus\": 2, "
    "\"vcpu_hard_affinity\": [[1]], \"memory\": 18446744073709551615, "
    "\"nodemap\": [0], \"numa_placement\": \"True\", "
    "\"vcpu_soft_affinity\": [[2], [3]], \"type.pv\": {\"e\": 1e-3}}, "
    "\"disks\": [{\"path\": \"\\u00fc\\\"/\"}], \"b_info2\": null}";

static int change(xtune_arena *arena, const char *document,
                  const char *configured, const char **text_r,
                  xtune_error **err)
{
    xt_json *changed;
    int rc;

    rc = xt_configured_to_libxl(arena, parse(arena, document),
                                parse(arena, configured), NR_CPUS, NR_NODES,
                                "d", &changed, err);
    if (!rc) *text_r = words(arena, changed);
    return rc;
}

static void test_to_libxl(void **state)
{
    static const struct {
        const char *configured, *members;
    } rows[] = {
        { "{}", "" },
        { "{\"hard\": [\"2-3\", \"all\"]}",
          ",\"vcpu_hard_affinity\":[[2,3],[0,1,2,3,4,5,6,7]]" },
        { "{\"soft\": [\"none\"], \"placement\": false}",
          ",\"vcpu_soft_affinity\":[[]],\"numa_placement\":\"False\"" },
        { "{\"nodes\": \"1\", \"placement\": true}",
          ",\"nodemap\":[1],\"numa_placement\":\"True\"" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const char *text = NULL, *expected;

        assert_int_equal(
            change(arena, document_text, rows[i].configured, &text, NULL), 0);
        expected = xtune_arena_printf(
            arena,
            "{\"c_info\":{\"name\":\"d\"},\"b_info\":{\"max_vcpus\":2,"
            "\"memory\":18446744073709551615,\"type.pv\":{\"e\":1e-3}%s},"
            "\"disks\":[{\"path\":\"\xc3\xbc\\\"/\"}],\"b_info2\":null}",
            rows[i].members);
        assert_string_equal(text, expected);
    }
}

/* What was read and is written again is the same: all but the order. */
static void test_there_and_back(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_json *document = parse(arena, document_text);
    const xt_json *configured =
        xt_configured_from_libxl(arena, document, NR_CPUS, NR_NODES);
    xt_json *changed, *again;

    (void)state;
    assert_int_equal(xt_configured_to_libxl(arena, document, configured,
                                            NR_CPUS, NR_NODES, "d", &changed,
                                            NULL),
                     0);
    assert_true(xt_json_equal(
        configured,
        xt_configured_from_libxl(arena, changed, NR_CPUS, NR_NODES)));
    assert_int_equal(xt_configured_to_libxl(arena, changed, configured,
                                            NR_CPUS, NR_NODES, "d", &again,
                                            NULL),
                     0);
    assert_string_equal(words(arena, changed), words(arena, again));
}

static void test_to_libxl_refuses(void **state)
{
    static const struct {
        const char *document, *configured, *part;
    } rows[] = {
        { "{}", "{}", "b_info" },
        { "[]", "{}", "b_info" },
        { "{\"b_info\": null}", "{}", "b_info" },
        { "{\"b_info\": []}", "{}", "b_info" },
        { document_text, "{\"hard\": [\"8\"]}", "no CPU 8" },
        { document_text, "{\"hard\": [\"\"]}", "CPU list" },
        { document_text, "{\"hard\": [1]}", "CPU list" },
        { document_text, "{\"hard\": [null]}", "CPU list" },
        { document_text, "{\"soft\": [\"0-99999999999\"]}", "CPU list" },
        { document_text, "{\"nodes\": \"2\"}", "no node 2" },
        { document_text, "{\"nodes\": []}", "node list" },
        /* A list that is none. */
        { document_text, "{\"hard\": \"0-3\"}", "hard" },
        { document_text, "{\"soft\": {\"0\": \"1\"}}", "soft" },
        { document_text, "{\"placement\": \"no\"}", "placement" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        xtune_error *err = NULL;
        const char *text = NULL;
        const int rc =
            change(arena, rows[i].document, rows[i].configured, &text, &err);

        if (!rc) fail_msg("%s gave %s", rows[i].configured, text);
        assert_string_equal(err->object, "d");
        check_error(rc, &err, XTUNE_ERR_INVALID, rows[i].part);
    }
}

/* Making and comparing. */

static const char *made(xtune_arena *arena, const char *hard0,
                        const char *hard1, const char *soft0,
                        const char *soft1)
{
    const xtune_set hard[2] = { set_of(arena, hard0), set_of(arena, hard1) };
    const xtune_set soft[2] = { set_of(arena, soft0), set_of(arena, soft1) };
    const xt_json *json = xt_configured_make(arena, NULL, hard, soft, 2);

    assert_true(xt_configured_gives(json, hard, soft, 2));
    return words(arena, json);
}

static void test_make(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    assert_string_equal(made(arena, "all", "all", "all", "all"),
                        "{\"placement\":false}");
    assert_string_equal(made(arena, "2-3", "all", "all", "all"),
                        "{\"hard\":[\"2-3\",\"all\"],\"placement\":false}");
    assert_string_equal(made(arena, "all", "all", "none", "4"),
                        "{\"soft\":[\"none\",\"4\"],\"placement\":false}");
    assert_string_equal(made(arena, "0", "1", "2", "3"),
                        "{\"hard\":[\"0\",\"1\"],\"soft\":[\"2\",\"3\"],"
                        "\"placement\":false}");
}

static void test_gives(void **state)
{
    /* Against hard "2-3" for vCPU 0 and "all" for vCPU 1, or no masks. */
    static const struct {
        const char *configured;
        bool masks, none;
    } rows[] = {
        { "{}", false, true },
        { "{\"placement\": true}", false, true },
        { "{\"placement\": false}", false, true },
        { "{\"nodes\": \"1\"}", false, true },
        { "{\"hard\": [\"2-3\"], \"placement\": false}", true, false },
        { "{\"hard\": [\"2-3\", \"all\"], \"placement\": false}", true,
          false },
        { "{\"hard\": [\"2-3\", \"all\", \"1\"], \"placement\": false}", true,
          false },
        { "{\"hard\": [\"2-3\", \"0\"], \"placement\": false}", false, false },
        { "{\"hard\": [\"2-3\"]}", false, false },
        { "{\"hard\": [\"2-3\"], \"placement\": true}", false, false },
        { "{\"hard\": [\"2-3\"], \"placement\": \"x\"}", false, false },
        { "{\"hard\": [\"2-3\"], \"nodes\": \"1\", \"placement\": false}",
          false, false },
        { "{\"hard\": [\"2-3\"], \"soft\": [\"1\"], \"placement\": false}",
          false, false },
        { "{\"hard\": \"2-3\", \"placement\": false}", false, true },
        { "[]", false, true },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set all = xtune_set_all(arena, NR_CPUS);
    const xtune_set none[2] = { all, all };
    const xtune_set hard[2] = { set_of(arena, "2-3"), all };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        const xt_json *json = parse(arena, rows[i].configured);

        if (xt_configured_gives(json, hard, none, 2) != rows[i].masks)
            fail_msg("%s: masks", rows[i].configured);
        if (xt_configured_gives(json, none, none, 2) != rows[i].none)
            fail_msg("%s: no masks", rows[i].configured);
    }
    assert_true(xt_configured_gives(NULL, none, none, 2));
    assert_false(xt_configured_gives(NULL, hard, none, 2));
}

/* Pinning. */

static void test_pin(void **state)
{
    static const struct {
        const char *configured;
        unsigned int vcpu;
        const char *hard, *soft, *expected;
    } rows[] = {
        { "{}", 1, "2", NULL, "{\"hard\":[\"all\",\"2\",\"all\"]}" },
        { "{}", XTUNE_NONE, "2", NULL, "{\"hard\":[\"2\",\"2\",\"2\"]}" },
        { "{\"placement\": true}", 0, NULL, "1",
          "{\"soft\":[\"1\",\"all\",\"all\"],\"placement\":false}" },
        { "{\"hard\": [\"0\", \"1\"], \"soft\": [\"7\"], \"nodes\": \"1\", "
          "\"placement\": true}",
          2, "5", NULL,
          "{\"hard\":[\"0\",\"1\",\"5\"],\"soft\":[\"7\"],\"nodes\":\"1\","
          "\"placement\":true}" },
        { "{\"hard\": [\"0\", \"1\"], \"soft\": [\"7\"]}", 0, "3", "4",
          "{\"hard\":[\"3\",\"1\",\"all\"],\"soft\":[\"4\",\"all\",\"all\"],"
          "\"placement\":false}" },
        { "{\"hard\": \"x\", \"soft\": [1, null]}", 0, "3", "4",
          "{\"hard\":[\"3\",\"all\",\"all\"],\"soft\":[\"4\",\"all\","
          "\"all\"],\"placement\":false}" },
        { "{\"hard\": [\"1\"]}", 0, NULL, NULL, "{\"hard\":[\"1\"]}" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        xtune_set hard, soft;
        const xt_json *json;

        if (rows[i].hard) hard = set_of(arena, rows[i].hard);
        if (rows[i].soft) soft = set_of(arena, rows[i].soft);
        json = xt_configured_pin(arena, parse(arena, rows[i].configured), 3,
                                 rows[i].vcpu, rows[i].hard ? &hard : NULL,
                                 rows[i].soft ? &soft : NULL);
        assert_string_equal(words(arena, json), rows[i].expected);
    }
}

/* The pool. */

static void test_pool_from_libxl(void **state)
{
    static const struct {
        const char *document, *expected;
    } rows[] = {
        { "{\"c_info\": {\"pool_name\": \"rt\", \"poolid\": 1}}",
          "{\"cpupool\":\"rt\"}" },
        { "{\"c_info\": {\"pool_name\": \"rt\"}, \"b_info\": "
          "{\"numa_placement\": \"False\"}}",
          "{\"placement\":false,\"cpupool\":\"rt\"}" },
        { "{\"c_info\": {\"pool_name\": null, \"poolid\": 1}}", "{}" },
        { "{\"c_info\": {\"pool_name\": \"\"}}", "{}" },
        { "{\"c_info\": {\"pool_name\": 1}}", "{}" },
        { "{\"c_info\": []}", "{}" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const xt_json *json = xt_configured_from_libxl(
            arena, parse(arena, rows[i].document), NR_CPUS, NR_NODES);

        assert_string_equal(words(arena, json), rows[i].expected);
    }
}

/* libxl takes poolid where there is no name: neither may outlive the other. */
static void test_pool_to_libxl(void **state)
{
    static const struct {
        const char *c_info, *configured, *expected;
    } rows[] = {
        { "{\"poolid\": 3, \"name\": \"d\"}", "{}",
          "{\"poolid\":3,\"name\":\"d\"}" },
        { "{\"pool_name\": \"a\", \"poolid\": 3}", "{\"cpupool\": \"a\"}",
          "{\"pool_name\":\"a\",\"poolid\":3}" },
        { "{\"pool_name\": \"a\", \"poolid\": 3, \"name\": \"d\"}",
          "{\"cpupool\": \"b\"}", "{\"name\":\"d\",\"pool_name\":\"b\"}" },
        { "{\"poolid\": 3}", "{\"cpupool\": \"b\"}", "{\"pool_name\":\"b\"}" },
        { "{\"pool_name\": \"a\", \"poolid\": 3}", "{}", "{}" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const char *text = NULL;

        assert_int_equal(change(arena,
                                xtune_arena_printf(
                                    arena, "{\"c_info\": %s, \"b_info\": {}}",
                                    rows[i].c_info),
                                rows[i].configured, &text, NULL),
                         0);
        assert_string_equal(
            text, xtune_arena_printf(arena, "{\"c_info\":%s,\"b_info\":{}}",
                                     rows[i].expected));
    }
}

static void test_pool_refused(void **state)
{
    static const char *const rows[] = { "{\"cpupool\": 1}",
                                        "{\"cpupool\": \"\"}",
                                        "{\"cpupool\": null}" };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        xtune_error *err = NULL;
        const char *text = NULL;

        check_error(change(arena, document_text, rows[i], &text, &err), &err,
                    XTUNE_ERR_INVALID, "cpupool");
    }
}

static void test_pool_is_kept(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set hard = set_of(arena, "2"), soft = set_of(arena, "all");
    const xt_json *old = parse(arena, "{\"cpupool\": \"rt\", \"nodes\": "
                                      "\"0\"}");

    (void)state;
    assert_string_equal(
        words(arena, xt_configured_make(arena, old, &hard, &soft, 1)),
        "{\"hard\":[\"2\"],\"placement\":false,\"cpupool\":\"rt\"}");
    assert_string_equal(
        words(arena, xt_configured_pin(arena, old, 1, 0, &hard, NULL)),
        "{\"hard\":[\"2\"],\"nodes\":\"0\",\"cpupool\":\"rt\"}");
    assert_string_equal(words(arena, xt_configured_in_pool(arena, old, "b")),
                        "{\"nodes\":\"0\",\"cpupool\":\"b\"}");
    assert_string_equal(words(arena, xt_configured_in_pool(arena, old, NULL)),
                        "{\"nodes\":\"0\"}");
    assert_string_equal(words(arena, xt_configured_in_pool(arena, NULL, "b")),
                        "{\"cpupool\":\"b\"}");
}

/* What is read outlives the document: "libxl-json" is read for a moment. */
static void test_outlives_the_document(void **state)
{
    static const char text[] =
        "{\"c_info\": {\"pool_name\": \"rt\"}, \"b_info\": "
        "{\"vcpu_hard_affinity\": [[2, 3]], \"nodemap\": [1]}}";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_arena *other = xtune_arena_new();
    xt_json *json;
    XT_CLEANUP_FREE char *scribble = NULL;

    (void)state;
    json =
        xt_configured_from_libxl(arena, parse(other, text), NR_CPUS, NR_NODES);
    xtune_arena_free(other);
    /* What takes the place of it is not to be found there. */
    scribble = xt_xrealloc(NULL, 1 << 15, 1);
    memset(scribble, 'x', 1 << 15);
    assert_string_equal(words(arena, json),
                        "{\"hard\":[\"2-3\"],\"nodes\":\"1\",\"cpupool\":"
                        "\"rt\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_from_libxl),
        cmocka_unit_test(test_pool_to_libxl),
        cmocka_unit_test(test_pool_refused),
        cmocka_unit_test(test_pool_is_kept),
        cmocka_unit_test(test_outlives_the_document),
        cmocka_unit_test(test_from_libxl),
        cmocka_unit_test(test_to_libxl),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_to_libxl_refuses),
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_gives),
        cmocka_unit_test(test_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
