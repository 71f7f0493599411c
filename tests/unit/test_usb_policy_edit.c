/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with usb-policies, and changing them. */
#include <xtune/usb.h>

#include "util.h"

#include "base/util.h"

static xtune_usb_policy *parse_as(const char *text, const char *object)
{
    xtune_usb_policy *policy;
    xtune_error *err = NULL;

    if (xtune_usb_policy_parse(text, strlen(text), object, &policy, &err))
        fail_msg("\"%s\": %s: %s", text, err->object, err->message);
    return policy;
}

static xtune_usb_policy *parse(const char *text)
{
    return parse_as(text, "f");
}

/* Findings, as "name line" each. */

static char *lint(const char *text, const char *object,
                  const xtune_usb *devices, size_t nr)
{
    xtune_usb_policy *policy = parse_as(text, object);
    xtune_findings *findings = xtune_findings_new();
    char *words = xt_xstrdup("");
    size_t i;

    xtune_usb_policy_add_lint(findings, policy, devices, nr);
    for (i = 0; i < findings->nr; i++) {
        const char *line = strrchr(findings->items[i].object, ':');
        char *longer = xt_xprintf("%s%s%s%s", words, i ? " " : "",
                                  findings->items[i].name, line ? line : "");

        free(words);
        words = longer;
    }
    xtune_findings_free(findings);
    xtune_usb_policy_free(policy);
    return words;
}

static void test_lint(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        { "ALLOW:", "" },
        { "", "empty" },
        { "# nothing\n", "empty" },
        { "DENY: class=08\nALLOW:", "" },
        { "ALLOW:\nDENY: class=08", "shadowed:2" },
        { "ALLOW:\nDENY:\nALLOW: vid=0951", "shadowed:2 shadowed:3" },
        { "DENY: class=08\nALLOW: class=08 vid=0951\nALLOW:", "shadowed:2" },
        { "ALLOW: class=08 vid=0951\nDENY: class=08\nALLOW:", "" },
        { "DENY: class=08\nALLOW: class=09\nALLOW:", "hub:2" },
        { "DENY: class=08\nALLOW: vid=0951\nALLOW:", "" },
        { "DENY: vid=0951\n# x\n\nDENY: prot=01 vid=0951 rel=0100",
          "shadowed:4" },
        { "DENY: vid=0951 serial=A\nDENY: vid=0951 serial=B\n"
          "DENY: vid=0951 serial=A port=1-2\nDENY: vid=0951 port=1-2",
          "shadowed:3" },
    };
    static const char outside[] = "ALLOW: vid=0951 serial=A\nDENY: port=1-2";
    /* XAPI's reader fails on lines that are not rules, nor comments from their
     * beginning. */
    static const struct {
        const char *text, *words;
    } xapi[] = {
        { outside, "extension:1 extension:2" },
        { "# a\n#\nALLOW: # b\n", "" },
        { "# a\n\nALLOW:\n", "extension:2" },
        { "ALLOW:\n \t\n\n", "extension:2" },
        { "ALLOW:\r\n  # b\r\n\r\n", "extension:2" },
        { "\n", "empty extension:1" },
    };
    size_t i;
    char *words;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        words = lint(rows[i].text, "f", NULL, 0);
        if (strcmp(words, rows[i].words) != 0)
            fail_msg("\"%s\": \"%s\"", rows[i].text, words);
        free(words);
    }
    for (i = 0; i < XT_ARRAY_SIZE(xapi); i++) {
        words = lint(xapi[i].text, "/etc/xensource/usb-policy.conf", NULL, 0);
        if (strcmp(words, xapi[i].words) != 0)
            fail_msg("\"%s\": \"%s\"", xapi[i].text, words);
        free(words);
    }
    words = lint(outside, "/etc/xltune/usb-policy.conf", NULL, 0);
    assert_string_equal(words, "");
    free(words);
    words = lint("ALLOW:\n\n # b", "/etc/xltune/usb-policy.conf", NULL, 0);
    assert_string_equal(words, "");
    free(words);
}

/* The earliest rule that takes all is named, and what each says. */
static void test_shadow_words(void **state)
{
    xtune_usb_policy *policy =
        parse("DENY: vid=0951\nDENY: class=08\nALLOW: vid=0951 class=08");
    xtune_findings *findings = xtune_findings_new();

    (void)state;
    xtune_usb_policy_add_lint(findings, policy, NULL, 0);
    assert_int_equal(findings->nr, 1);
    assert_int_equal(findings->items[0].level, XTUNE_FINDING_WARNING);
    assert_string_equal(findings->items[0].object, "f:3");
    assert_string_equal(findings->items[0].text,
                        "\"ALLOW: vid=0951 class=08\" can never match: line "
                        "1, \"DENY: vid=0951\", takes all that it would");
    assert_string_equal(findings->items[0].hint,
                        "put it in front of that one, or take it out");
    xtune_findings_free(findings);
    xtune_usb_policy_free(policy);
}

static xtune_usb device(xtune_arena *arena, const char *words)
{
    xtune_error *err = NULL;
    xtune_usb usb;

    if (xtune_usb_device_parse(arena, words, &usb, &err))
        fail_msg("\"%s\": %s", words, err->message);
    return usb;
}

static void test_unused(void **state)
{
    static const char text[] = "DENY: class=03\nALLOW: vid=0951\n"
                               "ALLOW: vid=0951 class=08\nDENY: vid=1111\n"
                               "DENY: class=09\nALLOW:";
    xtune_arena *arena = xtune_arena_new();
    const xtune_usb devices[] = { device(arena, "0951:1666 if=08/06/50"),
                                  device(arena, "1234:1666 if=08/06/50"),
                                  device(arena, "1111:1666 if=09/00/00") };
    char *words;

    (void)state;
    words = lint(text, "f", devices, 3);
    assert_string_equal(words, "unused:1 shadowed:3 unused:4 hub:5");
    free(words);
    words = lint(text, "f", devices, 0);
    assert_string_equal(words, "unused:1 unused:2 shadowed:3 unused:4 hub:5 "
                               "unused:6");
    free(words);
    xtune_arena_free(arena);
}

/* Changes. */

enum { NONE = -1 };

static const struct {
    const char *before, *device;
    bool allow;
    int by;
    const char *after;
} edits[] = {
    /* In front of the first rule that decides otherwise. */
    { "# a\nDENY: class=08 # b\nALLOW:\n", "0951:1666 if=08/06/50", true, NONE,
      "# a\nALLOW: vid=0951 pid=1666 # 0951:1666\nDENY: class=08 # b\n"
      "ALLOW:\n" },
    { "DENY: class=03\nDENY: class=08\nALLOW:\n",
      "0951:1666 if=08/06/50,03/01/01", true, NONE,
      "ALLOW: vid=0951 pid=1666 # 0951:1666\nDENY: class=03\n"
      "DENY: class=08\nALLOW:\n" },
    { "ALLOW: class=03\nDENY: class=08\n", "0951:1666 if=03/01/01,08/06/50",
      true, NONE,
      "ALLOW: class=03\nALLOW: vid=0951 pid=1666 # 0951:1666\n"
      "DENY: class=08\n" },
    { "DENY: class=03\n# rest\nALLOW:", "0951:1666 if=08/06/50", false, NONE,
      "DENY: class=03\n# rest\nDENY: vid=0951 pid=1666 # 0951:1666\nALLOW:" },
    /* At the end, where none matches. */
    { "", "0951:1666 if=08/06/50", true, NONE,
      "ALLOW: vid=0951 pid=1666 # 0951:1666\n" },
    { "ALLOW: class=03\n", "0951:1666 if=08/06/50,03/00/00", true, NONE,
      "ALLOW: class=03\nALLOW: vid=0951 pid=1666 # 0951:1666\n" },
    { "# no end", "0951:1666 if=08/06/50", true, NONE,
      "# no end\nALLOW: vid=0951 pid=1666 # 0951:1666\n" },
    { "# a\r\n# no end", "0951:1666 if=08/06/50", true, NONE,
      "# a\r\n# no end\r\nALLOW: vid=0951 pid=1666 # 0951:1666\r\n" },
    /* Lines end as they do there. */
    { "# a\r\nDENY:\r\n# b\n", "0951:1666 if=08/06/50", true, NONE,
      "# a\r\nALLOW: vid=0951 pid=1666 # 0951:1666\r\nDENY:\r\n# b\n" },
    { "# a\rDENY:\r", "0951:1666 if=08/06/50", true, NONE,
      "# a\rALLOW: vid=0951 pid=1666 # 0951:1666\rDENY:\r" },
    { "# a\nDENY:", "0951:1666 if=08/06/50", true, NONE,
      "# a\nALLOW: vid=0951 pid=1666 # 0951:1666\nDENY:" },
    /* A rule of just this device is turned, and only its word changes. */
    { "# a\n \xc2\xa0"
      "deny\t: pid=1666  vid=0951 # my stick\nALLOW:\n",
      "0951:1666 if=08/06/50", true, NONE,
      "# a\n \xc2\xa0"
      "ALLOW\t: pid=1666  vid=0951 # my stick\nALLOW:\n" },
    { "Allow:vid=0951pid=1666\n", "0951:1666 if=08/06/50", false, NONE,
      "DENY:vid=0951pid=1666\n" },
    { "DENY: vid=0951 pid=1666 class=08\n", "0951:1666 if=08/06/50", true,
      NONE,
      "ALLOW: vid=0951 pid=1666 # 0951:1666\n"
      "DENY: vid=0951 pid=1666 class=08\n" },
    { "DENY: vid=0951 pid=1666\n", "0951:1666 if=08/06/50 serial=A", true,
      XTUNE_USB_BY_SERIAL,
      "ALLOW: vid=0951 pid=1666 serial=A # 0951:1666\n"
      "DENY: vid=0951 pid=1666\n" },
    { "DENY: serial=A vid=0951 pid=1666\n", "0951:1666 if=08/06/50 serial=A",
      true, XTUNE_USB_BY_SERIAL, "ALLOW: serial=A vid=0951 pid=1666\n" },
    /* What the rule names. */
    { "", "0951:1666 if=08/06/50 serial=\"a \\\"b#\" port=1-2.1", true,
      XTUNE_USB_BY_SERIAL,
      "ALLOW: vid=0951 pid=1666 serial=\"a \\\"b#\" # 0951:1666\n" },
    { "", "0951:1666 if=08/06/50 serial=A port=1-2.1", true, XTUNE_USB_BY_PORT,
      "ALLOW: vid=0951 pid=1666 port=1-2.1 # 0951:1666\n" },
    { "", "0951:1666 if=08/06/50 serial=A port=1-2.1", true, XTUNE_USB_BY_BOTH,
      "ALLOW: vid=0951 pid=1666 serial=A port=1-2.1 # 0951:1666\n" },
    /* It says so already. */
    { "# a\nALLOW:\n\n", "0951:1666 if=08/06/50", true, NONE,
      "# a\nALLOW:\n\n" },
    { "DENY: class=08", "0951:1666 if=08/06/50,03/00/00", false, NONE,
      "DENY: class=08" },
    { "", "0951:1666 if=08/06/50", false, NONE, "" },
};

static xtune_usb_identity identity_of(const xtune_usb *usb, int by)
{
    return (xtune_usb_identity){
        .by = (enum xtune_usb_by)by,
        .vendor = usb->vendor,
        .product = usb->product,
        .serial = usb->serial,
        .port = usb->path,
    };
}

static void test_edit(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(edits); i++) {
        xtune_usb_policy *policy = parse(edits[i].before), *then;
        xtune_arena *arena = xtune_arena_new();
        const xtune_usb usb = device(arena, edits[i].device);
        const xtune_usb_identity of = identity_of(&usb, edits[i].by);
        const char *text;

        assert_int_equal(xtune_usb_policy_edit(
                             arena, policy, edits[i].before,
                             strlen(edits[i].before), &usb, edits[i].allow,
                             edits[i].by == NONE ? NULL : &of, &text, NULL),
                         0);
        if (strcmp(text, edits[i].after) != 0)
            fail_msg("row %zu is \"%s\"", i, text);
        then = parse(text);
        assert_int_equal(xtune_usb_policy_judge(then, &usb, arena).allow,
                         edits[i].allow);
        xtune_usb_policy_free(then);
        xtune_usb_policy_free(policy);
        xtune_arena_free(arena);
    }
}

static void test_refused(void **state)
{
    static const char nul[] = "# a\0b\nALLOW:";
    xtune_usb_policy *policy = parse("DENY: class=08");
    xtune_arena *arena = xtune_arena_new();
    xtune_usb usb = device(arena, "0951:1666 class=09 if=08/06/50 port=1-2");
    xtune_usb_identity of;
    xtune_error *err = NULL;
    const char *text;

    (void)state;
    check_error(xtune_usb_policy_edit(arena, policy, "DENY: class=08", 14,
                                      &usb, true, NULL, &text, &err),
                &err, XTUNE_ERR_REFUSED, "1-2: it is a hub");
    usb.class_code = 0;
    usb.configured = false;
    check_error(xtune_usb_policy_edit(arena, policy, "DENY: class=08", 14,
                                      &usb, true, NULL, &text, &err),
                &err, XTUNE_ERR_REFUSED, "it has no configuration");
    usb.configured = true;
    usb.serial = "a\nALLOW:";
    of = identity_of(&usb, XTUNE_USB_BY_SERIAL);
    check_error(xtune_usb_policy_edit(arena, policy, "DENY: class=08", 14,
                                      &usb, true, &of, &text, &err),
                &err, XTUNE_ERR_REFUSED, "cannot stand in a rule");
    check_error(xtune_usb_policy_edit(arena, policy, nul, sizeof(nul) - 1,
                                      &usb, true, NULL, &text, &err),
                &err, XTUNE_ERR_REFUSED, "there is a NUL byte");
    xtune_arena_free(arena);
    xtune_usb_policy_free(policy);
}

/* What a device calls itself ends no line and begins no rule. */
static void test_hostile_name(void **state)
{
    xtune_usb_policy *policy = parse(""), *then;
    xtune_arena *arena = xtune_arena_new();
    xtune_usb usb = device(arena, "0951:1666 if=08/06/50");
    const char *text;
    size_t nr;

    (void)state;
    usb.manufacturer = "x\nALLOW:\r\xff\x1b[1m";
    usb.model = "y\xc2\x85z";
    assert_int_equal(xtune_usb_policy_edit(arena, policy, "", 0, &usb, true,
                                           NULL, &text, NULL),
                     0);
    then = parse(text);
    xtune_usb_policy_rules(then, &nr);
    assert_int_equal(nr, 1);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\r'));
    xtune_usb_policy_free(then);
    xtune_usb_policy_free(policy);
    xtune_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lint),         cmocka_unit_test(test_unused),
        cmocka_unit_test(test_shadow_words), cmocka_unit_test(test_edit),
        cmocka_unit_test(test_hostile_name), cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
