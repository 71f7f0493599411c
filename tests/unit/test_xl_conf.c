/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xl.conf: read as libxlutil reads it, and changed with all else kept. */
#include "util.h"

#include "backend/xen_xlutil.h"
#include "base/util.h"
#include "host/xl_conf.h"

/* As distributions ship it: nothing is set. */
static const char shipped[] =
    "## Global XL config file ##\n"
    "\n"
    "# Control whether dom0 is ballooned down when xen doesn't have enough\n"
    "# free memory to create a domain.  \"auto\" means only balloon if dom0\n"
    "# starts with all the host's memory.\n"
    "#autoballoon=\"auto\"\n"
    "\n"
    "# full path of the lockfile used by xl during domain creation\n"
    "#lockfile=\"/var/lock/xl\"\n";

typedef struct conf_case {
    const char *text, *value; /* of "a" */
    const char *problem;
} conf_case;

static const conf_case cases[] = {
    { "", NULL, NULL },
    { shipped, NULL, NULL },
    { "a=\"off\"\n", "off", NULL },
    { "a='off'", "off", NULL },
    { " \ta\t=  1\t# why\n", "1", NULL },
    { "a=0x1f\n", "0x1f", NULL },
    { "a=\"1\"\na=\"2\"\n", "2", NULL },
    { "a=\"1\";b=2;a=\"3\";\n", "3", NULL },
    { "b.a=\"1\"\nab=\"2\"\n", NULL, NULL },
    { "#a=\"1\"\n", NULL, NULL },
    { "a=\"1\"#a=\"2\"\n", "1", NULL },
    { "a=\"#\"\n", "#", NULL },
    { "a=\"x\\\"\\\\\\t'\"\n", "x\"\\\t'", NULL },
    { "a=\"1\"\na+='2'\n", "12", NULL },
    { "a+=\"2\"\n", "2", NULL },
    { "a=[]\n", NULL, NULL },
    { "a=[ \"x\",\n# in between\n [1, 2,\n], ]\nb=1\n", NULL, NULL },
    { "b=[\n#a=1\n1]\na=\"2\"\n", "2", NULL },
    { "# carriage return\r\na=1\n", "1", NULL },
    { ";\n;;a=1;\n", "1", NULL },
    { "a=\"1\"\r\n", NULL, "line 1: a carriage return" },
    { "a=off\n", NULL, "line 1: a value is missing" },
    { "\n\na=\"1\n", NULL, "line 3: a quote" },
    { "a=\"1\"\n# x", NULL, "line 2: a comment at the end" },
    { "a=\"1\"\n#", "1", NULL },
    { "a=1 b=2\n", NULL, "line 1: something behind a value" },
    { "a 1\n", NULL, "line 1: no \"=\"" },
    { "a=1\nA=2\n", NULL, "line 2: neither a key" },
    { "a=[1\n\n2]\n", NULL, "line 3: a list that does not end" },
    { "a=[1", NULL, "line 1: a list that does not end" },
    { "a=[,]\n", NULL, "line 1: a value is missing" },
    { "a=\"1\"\na+=[2]\n", NULL, "line 2: a list is added" },
    { "a=\"\\q\"\n", NULL, "line 1: a backslash" },
    { "=1\n", NULL, "line 1: a key is missing" },
    { "a=-1\n", NULL, "line 1: neither a key" },
};

/* What libxlutil says; *value_r is in the arena. False: it does not take it.
 */
static bool ask_xlutil(const xt_xlutil *x, xtune_arena *arena,
                       const char *text, const char **value_r)
{
    FILE *nowhere = fopen("/dev/null", "we");
    XLU_Config *conf = x->xlu_cfg_init(nowhere, "xl.conf");
    const bool ok = !x->xlu_cfg_readdata(conf, text, (int)strlen(text));
    const char *value;

    *value_r = NULL;
    if (ok && !x->xlu_cfg_get_string(conf, "a", &value, 1))
        *value_r = xtune_arena_strdup(arena, value);
    x->xlu_cfg_destroy(conf);
    fclose(nowhere);
    return ok;
}

static void compare(const xt_xlutil *x, xtune_arena *arena, const char *text)
{
    const char *ours = xt_xl_conf_value(arena, text, "a"), *theirs;
    const char *problem = xt_xl_conf_problem(arena, text);

    if (ask_xlutil(x, arena, text, &theirs) != !problem)
        fail_msg("\"%s\": %s", text, problem ? problem : "libxlutil refuses");
    if (!ours != !theirs || (ours && strcmp(ours, theirs) != 0))
        fail_msg("\"%s\": \"%s\", not \"%s\"", text, ours, theirs);
}

static void test_cases(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_xlutil *x = NULL;
    const char *value, *problem;
    size_t i;

    (void)state;
    xt_xlutil_load(&x, NULL);
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        const conf_case *c = &cases[i];

        value = xt_xl_conf_value(arena, c->text, "a");
        problem = xt_xl_conf_problem(arena, c->text);
        if (!value != !c->value || (value && strcmp(value, c->value) != 0))
            fail_msg("case %zu: \"%s\"", i, value ? value : "none");
        if (!problem != !c->problem ||
            (problem && strncmp(problem, c->problem, strlen(c->problem))))
            fail_msg("case %zu: %s", i, problem ? problem : "no problem");
        if (x) compare(x, arena, c->text);
    }
    assert_null(xt_xl_conf_value(arena, NULL, "a"));
    assert_null(xt_xl_conf_problem(arena, NULL));
}

/* Whatever is put together of these is to be read as libxlutil does, also when
 * it was changed. */
static void test_as_xlutil(void **state)
{
    static const char *const parts[] = {
        "a",   "a", "b",          "=",         "=",     "+=",      "\"x\"",
        "'y'", "7", "\n",         "\n",        ";",     "#",       "[",
        "]",   ",", " ",          "a=\"v\"\n", "\r",    "a=1;",    "\"q",
        "\\",  "-", "#a=\"w\"\n", "a+=\"z\"",  "b=[1]", "\"\\n\"",
    };
    const xt_xlutil *x;
    unsigned int round, seed = 20;

    (void)state;
    if (xt_xlutil_load(&x, NULL)) skip();
    for (round = 0; round < 20000; round++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        char text[256] = "";
        const char *with, *without;
        int nr = rand_r(&seed) % 12;

        while (nr--)
            strcat(text, parts[(size_t)rand_r(&seed) % XT_ARRAY_SIZE(parts)]);
        compare(x, arena, text);
        with = xt_xl_conf_with(arena, text, "a", "o\"f\\f\n");
        without = xt_xl_conf_with(arena, text, "a", NULL);
        if (!with) continue;
        compare(x, arena, with);
        assert_string_equal(xt_xl_conf_value(arena, with, "a"), "o\"f\\f\n");
        compare(x, arena, without);
        assert_null(xt_xl_conf_value(arena, without, "a"));
    }
}

typedef struct with_case {
    const char *before, *value, *after;
} with_case;

static const with_case with_cases[] = {
    { NULL, "off", "a=\"off\"\n" },
    { "", "off", "a=\"off\"\n" },
    { "# x", "off", "# x\na=\"off\"\n" },
    { "b=1", "off", "b=1\na=\"off\"\n" },
    { "# x\r\n", "off", "# x\r\na=\"off\"\n" },
    { "#a=\"auto\"\n\nb=1\n", "off", "#a=\"auto\"\na=\"off\"\n\nb=1\n" },
    { "# a = 1\n#ab=1\n## A\n", "2", "# a = 1\na=\"2\"\n#ab=1\n## A\n" },
    { "#a=\"auto\"", "off", "#a=\"auto\"\na=\"off\"\n" },
    { "b=[\n#a=1\n2]\n", "1", "b=[\n#a=1\n2]\na=\"1\"\n" },
    { "#a=1\na  =  'on' # mine\n", "off", "#a=1\na  =  \"off\" # mine\n" },
    { "a=\"on\"\na=\"auto\"\n", "off", "a=\"on\"\na=\"off\"\n" },
    { "a=\"on\"\na += \"x\"\n", "off", "a=\"on\"\na = \"off\"\n" },
    { "a=[\n1]\nb=2\n", "off", "a=\"off\"\nb=2\n" },
    { "a='off'", "off", "a='off'" },
    { "a=\"on\"", "off", "a=\"off\"" },
    { "#a=1\n a=1\nb=2\n", NULL, "#a=1\nb=2\n" },
    { "a=1;b=2;a=3\n", NULL, "b=2;\n" },
    { "a=1 # mine\n", NULL, " # mine\n" },
    { "b=1\na=[\n1]", NULL, "b=1\n" },
    { "a=1\n#", "off", "a=\"off\"\n#" },
    { "b=1\n-", "off", NULL },
    { "a=on\n", "off", NULL },
    { "a=\"on\"\r\n", "off", NULL },
};

static void test_with(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(with_cases); i++) {
        const with_case *c = &with_cases[i];
        const char *after = xt_xl_conf_with(arena, c->before, "a", c->value);

        if (!after != !c->after || (after && strcmp(after, c->after) != 0))
            fail_msg("case %zu: \"%s\"", i, after ? after : "none");
    }
    assert_non_null(
        strstr(xt_xl_conf_with(arena, shipped, "autoballoon", "off"),
               "\n#autoballoon=\"auto\"\nautoballoon=\"off\"\n\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_as_xlutil),
        cmocka_unit_test(test_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
