/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include "util.h"

static int parse(xtune_arena *arena, const char *text, size_t len,
                 xt_json **json_r, xtune_error **err)
{
    return xt_json_parse(arena, text, len, "t.json", json_r, err);
}

static void test_round_trip(void **state)
{
    static const char text[] =
        "{\"a\": [1, -2, 1.50, 1e400, 18446744073709551616], \"b\": null,\n"
        " \"c\": {\"\xc3\xa9\": \"\\u00e9\\n\\\"\", \"e\": {}, \"f\": []},"
        " \"t\": true, \"u\": false, \"\": \"\"}";
    xtune_arena *arena = xtune_arena_new();
    xt_json *json, *again;
    char *once, *twice;

    (void)state;
    assert_int_equal(parse(arena, text, strlen(text), &json, NULL), 0);
    once = xt_json_print(json);
    assert_int_equal(parse(arena, once, strlen(once), &again, NULL), 0);
    assert_true(xt_json_equal(json, again));
    twice = xt_json_print(again);
    assert_string_equal(once, twice);
    assert_non_null(strstr(once, "1.50"));
    assert_non_null(strstr(once, "1e400"));
    assert_non_null(strstr(once, "18446744073709551616"));
    assert_string_equal(
        xt_json_text(xt_json_get(xt_json_get(json, "c"), "\xc3\xa9")),
        "\xc3\xa9\n\"");
    assert_int_equal(xt_json_get(json, "c")->line, 2);
    free(once);
    free(twice);
    xtune_arena_free(arena);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        { "", "t.json:1" },
        { "   ", "t.json:1" },
        { "{", "t.json:1" },
        { "{\"a\": 1", "t.json:1" },
        { "[1,\n2,\n", "t.json:3" },
        { "{\"a\": 1} x", "t.json:1" },
        { "[1] [2]", "t.json:1" },
        { "{\"a\": 1, \"a\": 2}", "twice" },
        { "{'a': 1}", "t.json:1" },
        { "[1,]", "t.json:1" },
        { "[01]", "t.json:1" },
        { "nul", "t.json:1" },
        { "\"\xff\"", "UTF8" },
        { "\"a\nb\"", "t.json" },
        { "\"\\u0000\"", "NUL" },
        { "{\"\\u0000\": 1}", "NUL" },
        { "// c\n1", "t.json" },
        { "\xef\xbb\xbf"
          "1",
          "t.json:1" },
    };
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xt_json *json;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int rc =
            parse(arena, rows[i].text, strlen(rows[i].text), &json, &err);

        if (!rc) fail_msg("accepted: %s", rows[i].text);
        check_error(rc, &err, XTUNE_ERR_INVALID, rows[i].part);
    }
    check_error(parse(arena, "1\0", 2, &json, &err), &err, XTUNE_ERR_INVALID,
                "t.json:1");
    xtune_arena_free(arena);
}

static void test_depth(void **state)
{
    enum { DEEP = 100000 };
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    char *text = calloc(1, 2 * DEEP + 1);
    xt_json *json;

    (void)state;
    memset(text, '[', XT_JSON_MAX_DEPTH);
    memset(text + XT_JSON_MAX_DEPTH, ']', XT_JSON_MAX_DEPTH);
    assert_int_equal(parse(arena, text, strlen(text), &json, NULL), 0);
    memset(text, '[', DEEP);
    memset(text + DEEP, ']', DEEP);
    check_error(parse(arena, text, strlen(text), &json, &err), &err,
                XTUNE_ERR_INVALID, "nested too deeply");
    free(text);
    xtune_arena_free(arena);
}

static void test_huge(void **state)
{
    const size_t len = XT_JSON_MAX_BYTES + 1, values = XT_JSON_MAX_VALUES + 2;
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    char *text = malloc(len);
    xt_json *json;
    size_t i;

    (void)state;
    memset(text, ' ', len);
    check_error(parse(arena, text, len, &json, &err), &err, XTUNE_ERR_INVALID,
                "longer than");
    for (i = 0; i < values; i++)
        memcpy(text + 2 * i, "1,", 2);
    text[0] = '[';
    text[1] = '1';
    text[2] = ',';
    for (i = 3; i + 1 < 2 * values; i += 2)
        memcpy(text + i, "1,", 2);
    memcpy(text + i, "1]", 2);
    check_error(parse(arena, text, i + 2, &json, &err), &err,
                XTUNE_ERR_INVALID, "too many values");
    free(text);
    xtune_arena_free(arena);
}

static void test_bad_utf8_is_replaced(void **state)
{
    xtune_arena *arena = xtune_arena_new();
    char *text = xt_json_print(
        xt_json_string(arena, "a\xff"
                              "b\xe2\x82\xac\xc0\x80\xed\xa0\x80"));

    (void)state;
    assert_string_equal(text, "\"a\xef\xbf\xbd"
                              "b\xe2\x82\xac"
                              "\xef\xbf\xbd\xef\xbf\xbd"
                              "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n");
    free(text);
    xtune_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_bad_utf8_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
