/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar of usb-policies, and what they say of devices. */
#include <xtune/usb.h>

#include "usb_policy_loop.h"
#include "util.h"

#include "base/util.h"
#include "usb/policy.h"

#define ANY XTUNE_NONE

static xtune_usb_policy *parse(const char *text)
{
    xtune_usb_policy *policy;
    xtune_error *err = NULL;

    if (xtune_usb_policy_parse(text, strlen(text), "f", &policy, &err))
        fail_msg("\"%s\": %s: %s", text, err->object, err->message);
    return policy;
}

/* The grammar. */

/* Lines with one rule, and that rule. */
static const struct {
    const char *text;
    xtune_usb_rule rule;
} good[] = {
    { "ALLOW:", { 1, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "DENY:", { 1, false, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "aLLoW:", { 1, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "\t deny \t: \t", { 1, false, ANY, ANY, ANY, ANY, ANY, ANY, NULL, 0 } },
    { "DENY: class=02", { 1, false, 2, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "DENY:CLASS=Fe SubClass=01 PROT=aB",
      { 1, false, 0xfe, 1, 0xab, ANY, ANY, ANY, NULL, NULL } },
    { "ALLOW:vid=056a pid=0315 rel=FFFF",
      { 1, true, ANY, ANY, ANY, 0x56a, 0x315, 0xffff, NULL, NULL } },
    /* In any order. */
    { "ALLOW: prot=03 rel=0100 subclass=02 pid=2222 class=01 vid=1111",
      { 1, true, 1, 2, 3, 0x1111, 0x2222, 0x100, NULL, NULL } },
    /* Blanks may be missing, and be anywhere. */
    { "ALLOW:class=03vid=056apid=0315",
      { 1, true, 3, ANY, ANY, 0x56a, 0x315, ANY, NULL, NULL } },
    { "ALLOW : class = 03\tvid\t=\t056a \t",
      { 1, true, 3, ANY, ANY, 0x56a, ANY, ANY, NULL, NULL } },
    { "\xc2\xa0"
      "ALLOW\xe3\x80\x80:\xe2\x80\xa8"
      "class=03\x1c\x0b\x0c",
      { 1, true, 3, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "DENY: prot=00subclass=00",
      { 1, false, ANY, 0, 0, ANY, ANY, ANY, NULL, NULL } },
    /* Comments in every place. */
    { "ALLOW:#", { 1, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "ALLOW:class=03# a: b=c \"",
      { 1, true, 3, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "ALLOW: # class=03",
      { 1, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "#\n# ALLOW: x\n  # behind blanks\n\t\n \nDENY: vid=17e9 # :::\n#",
      { 6, false, ANY, ANY, ANY, 0x17e9, ANY, ANY, NULL, NULL } },
    { "# \xff\xfe no text\nDENY:",
      { 2, false, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    /* Ends of lines. */
    { "\r\n\r\nALLOW:\r\n",
      { 3, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "# a\rALLOW:", { 2, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    { "\n\r\n\r\rALLOW:\r\r\n",
      { 5, true, ANY, ANY, ANY, ANY, ANY, ANY, NULL, NULL } },
    /* Ours alone. */
    { "ALLOW: serial=60A44C port=1-2.1",
      { 1, true, ANY, ANY, ANY, ANY, ANY, ANY, "60A44C", "1-2.1" } },
    { "DENY: SERIAL = \"a b\" Port=\"10-4\"",
      { 1, false, ANY, ANY, ANY, ANY, ANY, ANY, "a b", "10-4" } },
    { "DENY: serial=\"a#:\\\"\\\\\"class=03#",
      { 1, false, 3, ANY, ANY, ANY, ANY, ANY, "a#:\"\\", NULL } },
    { "DENY: serial=\"vid=0951\" vid=0951",
      { 1, false, ANY, ANY, ANY, 0x0951, ANY, ANY, "vid=0951", NULL } },
    { "DENY: serial=vid vid=0951",
      { 1, false, ANY, ANY, ANY, 0x0951, ANY, ANY, "vid", NULL } },
    { "DENY: serial=00:11=\xc3\xa9,# x",
      { 1, false, ANY, ANY, ANY, ANY, ANY, ANY, "00:11=\xc3\xa9,", NULL } },
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_rule(const xtune_usb_rule *a, const xtune_usb_rule *b)
{
    return a->line == b->line && a->allow == b->allow &&
           a->class_code == b->class_code && a->subclass == b->subclass &&
           a->protocol == b->protocol && a->vendor == b->vendor &&
           a->product == b->product && a->release == b->release &&
           same_text(a->serial, b->serial) && same_text(a->port, b->port);
}

static void test_good(void **state)
{
    size_t i, nr;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++) {
        xtune_usb_policy *policy = parse(good[i].text);
        const xtune_usb_rule *rules = xtune_usb_policy_rules(policy, &nr);

        if (nr != 1 || !same_rule(rules, &good[i].rule))
            fail_msg("\"%s\" is %zu rules, or another one", good[i].text, nr);
        xtune_usb_policy_free(policy);
    }
}

/* Each rule as it is written comes back. */
static void test_words(void **state)
{
    size_t i, nr;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++) {
        xtune_arena *arena = xtune_arena_new();
        xtune_usb_policy *policy =
            parse(xtune_usb_rule_text(arena, &good[i].rule));
        xtune_usb_rule rule = *xtune_usb_policy_rules(policy, &nr);

        rule.line = good[i].rule.line;
        assert_int_equal(nr, 1);
        if (!same_rule(&rule, &good[i].rule))
            fail_msg("\"%s\" is another one",
                     xtune_usb_rule_text(arena, &good[i].rule));
        xtune_usb_policy_free(policy);
        xtune_arena_free(arena);
    }
}

/* What upstream refuses, and what is wrong with it: its own tests first. */
static const struct {
    const char *text, *where, *why;
} bad[] = {
    { "ss# unexpected words\nALLOW:", "f:1:1", "\"ss\" is neither ALLOW" },
    { "# a\nALLOW:vid=056a vid=0314 class=03", "f:2:16",
      "\"vid\" is there twice" },
    { "ALLOW:vid=056a psid=0314", "f:1:16", "\"psid\" is no key" },
    { "ALLOW:vid=056a pid=031 class=03", "f:1:20",
      "\"031\" has 3 hexadecimal digits, and \"pid\" takes exactly 4" },
    { "DENY:vid=056a pid=0314 class=035", "f:1:30",
      "\"035\" has 3 hexadecimal digits, and \"class\" takes exactly 2" },
    { "ALLOWED:vid=056a", "f:1:1", "\"ALLOWED\" is neither" },
    { "ALLOW:vid=056a kk # x", "f:1:16", "\"kk\" is no key" },
    { "ii ALLOW:vid=056a", "f:1:1", "\"ii\" is neither" },
    { "ALLOW:vid=056a jj class=03", "f:1:16", "\"jj\" is no key" },
    { "ALLOW:\naa\nALLOW:", "f:2:1", "\"aa\" is neither" },
    { "ALLOW # the rest", "f:1:7", "a \":\" is missing behind \"ALLOW\"" },
    /* Signs. */
    { ":", "f:1:1", "\":\" is neither" },
    { "ALLOW::", "f:1:7", "there is a second \":\"" },
    { "ALLOW: class=03 : # x", "f:1:17", "there is a second \":\"" },
    { "ALLOW: class=03, vid=056a", "f:1:16", "there is a \",\"" },
    { "ALLOW: class 03", "f:1:14", "a \"=\" is missing behind \"class\"" },
    { "ALLOW: class", "f:1:13", "a \"=\" is missing" },
    { "ALLOW: class#=03", "f:1:13", "a \"=\" is missing" },
    { "ALLOW: class==03", "f:1:14", "is no hexadecimal number" },
    { "ALLOW: =03", "f:1:8", "\"=\" is no key" },
    { "ALLOW class=03", "f:1:7", "a \":\" is missing" },
    { "ALLOW DENY: class=03", "f:1:7", "a \":\" is missing" },
    { "ALLOW;", "f:1:6", "a \":\" is missing" },
    /* Values. */
    { "ALLOW: class=", "f:1:14", "the value of \"class\" is missing" },
    { "ALLOW: class=#03", "f:1:14", "the value of \"class\" is missing" },
    { "ALLOW: class=3", "f:1:14", "has 1 hexadecimal digits" },
    { "ALLOW: class=0x03", "f:1:14", "has 1 hexadecimal digits" },
    { "ALLOW: class=g3", "f:1:14", "\"g3\" is no hexadecimal number" },
    { "ALLOW: class=-3", "f:1:14", "\"-3\" is no hexadecimal number" },
    { "ALLOW: class=03g", "f:1:16", "\"g\" is no key" },
    { "ALLOW: vid=00056a", "f:1:12", "has 6 hexadecimal digits" },
    { "ALLOW: vid=056aclass=03", "f:1:12", "has 5 hexadecimal digits" },
    { "ALLOW: class=\"03\"", "f:1:14", "is no hexadecimal number" },
    { "ALLOW: class=\xd9\xa0\xd9\xa3", "f:1:14", "is no hexadecimal number" },
    { "ALLOW: cla\xc5\xbfs=03", "f:1:8", "is no key" },
    { "ALLOW: CLASS=03 class=03", "f:1:17", "\"class\" is there twice" },
    { "ALLOW: serial=", "f:1:15", "\"serial\" cannot be read" },
    { "ALLOW: serial= # x", "f:1:16", "it is empty" },
    { "ALLOW: serial=\"\"", "f:1:15", "it is empty" },
    /* That of the next key would be taken for it. */
    { "DENY: serial= vid=0951", "f:1:15",
      "the value of \"serial\" is missing" },
    { "DENY: serial=PORT =1-2", "f:1:14",
      "the value of \"serial\" is missing" },
    { "DENY: port= serial=A", "f:1:13", "the value of \"port\" is missing" },
    { "ALLOW: serial=\"a", "f:1:15", "the closing quote is missing" },
    { "ALLOW: serial=\"a\\n\"", "f:1:15", "stands before \" or \\ only" },
    { "ALLOW: serial=a\"b", "f:1:15", "put all of it in double quotes" },
    { "ALLOW: serial=\"a\x01\"", "f:1:15", "that are no text" },
    { "ALLOW: serial=a\xff", "f:1:15", "that are no text" },
    { "ALLOW: port=1", "f:1:13", "\"1\" is no port" },
    { "ALLOW: port=usb1", "f:1:13", "\"usb1\" is no port" },
    { "ALLOW: port=1-2.", "f:1:13", "\"1-2.\" is no port" },
    { "ALLOW: port=1-2:1.0", "f:1:13", "\"1-2:1.0\" is no port" },
    { "DENY: port=01-2", "f:1:12", "\"01-2\" is no port" },
    { "DENY: port=1-02", "f:1:12", "\"1-02\" is no port" },
    { "DENY: port=1-0", "f:1:12", "\"1-0\" is no port" },
    { "DENY: port=256-1", "f:1:12", "\"256-1\" is no port" },
    { "DENY: port=1-1.1.1.1.1.1.1", "f:1:12", "is no port" },
    { "ALLOW: port=1-2 port=1-2", "f:1:17", "\"port\" is there twice" },
    /* Bytes. */
    { "\xef\xbb\xbf# x\nALLOW:", "f:1:1", "byte order mark" },
    { "# \xc3\xa9\n\xc3\xa9"
      "ALLOW:",
      "f:2:1", "is neither" },
    { "ALLOW: \xc3\xa9 x", "f:1:8", "is no key" },
    { "ALLOW:\xc2\xa0\xc2\xa0x", "f:1:9", "\"x\" is no key" },
    { "\xff\xfe"
      "A",
      "f:1:1", "is neither" },
    { "ALLOW: \x85", "f:1:8", "is no key" },
    { "a\r# x\r\nALLOW: y", "f:1:1", "\"a\" is neither" },
    { "# a\r# x\r\nALLOW: y", "f:3:8", "\"y\" is no key" },
};

static void test_bad(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        xtune_usb_policy *policy;
        xtune_error *err = NULL;
        char *text;

        if (xtune_usb_policy_parse(bad[i].text, strlen(bad[i].text), "f",
                                   &policy, &err) != XTUNE_ERR_INVALID)
            fail_msg("\"%s\" is taken", bad[i].text);
        if (strcmp(err->object, bad[i].where) != 0)
            fail_msg("\"%s\" is wrong at %s", bad[i].text, err->object);
        text = xtune_error_text(err);
        if (!strstr(text, bad[i].why) ||
            !strstr(text, "no device at all can be passed through"))
            fail_msg("\"%s\": %s", bad[i].text, text);
        free(text);
        xtune_error_free(err);
    }
}

/* The rest of a policy with a wrong line does not count. */
static void test_first_wrong(void **state)
{
    static const char text[] = "ALLOW:\nx\ny\n";
    xtune_usb_policy *policy = NULL;
    xtune_error *err = NULL;

    (void)state;
    check_error(xtune_usb_policy_parse(text, strlen(text), "f", &policy, &err),
                &err, XTUNE_ERR_INVALID, "f:2:1: \"x\"");
    assert_null(policy);
}

static void test_nul(void **state)
{
    static const char comment[] = "# a\0b\nALLOW: # \0";
    static const char rule[] = "ALLOW: class=03\0";
    static const char action[] = "\0ALLOW:";
    xtune_usb_policy *policy;
    xtune_error *err = NULL;
    size_t nr;

    (void)state;
    assert_int_equal(
        xtune_usb_policy_parse(comment, sizeof(comment), "f", &policy, &err),
        0);
    xtune_usb_policy_rules(policy, &nr);
    assert_int_equal(nr, 1);
    xtune_usb_policy_free(policy);
    check_error(xtune_usb_policy_parse(rule, sizeof(rule), "f", &policy, &err),
                &err, XTUNE_ERR_INVALID, "f:1:16: there is a NUL byte");
    check_error(
        xtune_usb_policy_parse(action, sizeof(action), "f", &policy, &err),
        &err, XTUNE_ERR_INVALID, "f:1:1: there is a NUL byte");
}

/* A line of a megabyte, of blanks and of what is wrong. */
static void test_long_lines(void **state)
{
    const size_t len = 1 << 20;
    char *text = malloc(len + 32);
    xtune_usb_policy *policy;
    xtune_error *err = NULL;
    size_t nr;

    (void)state;
    memset(text, ' ', len);
    memcpy(text, "DENY:", 5);
    strcpy(text + len, "class=03#");
    policy = parse(text);
    assert_int_equal(xtune_usb_policy_rules(policy, &nr)->class_code, 3);
    xtune_usb_policy_free(policy);

    memset(text + 5, 'x', len - 5);
    check_error(xtune_usb_policy_parse(text, strlen(text), "f", &policy, &err),
                &err, XTUNE_ERR_INVALID,
                "f:1:6: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is no");
    memcpy(text + 5, "vid=", 4);
    memset(text + 9, '0', len - 9);
    check_error(xtune_usb_policy_parse(text, strlen(text), "f", &policy, &err),
                &err, XTUNE_ERR_INVALID, "has 1048568 hexadecimal digits");
    memcpy(text + 5, "serial=", 7);
    check_error(xtune_usb_policy_parse(text, strlen(text), "f", &policy, &err),
                &err, XTUNE_ERR_INVALID, "it is too long");
    memset(text, '#', len);
    policy = parse(text);
    xtune_usb_policy_rules(policy, &nr);
    assert_int_equal(nr, 0);
    xtune_usb_policy_free(policy);
    free(text);
}

/* Devices. */

static bool allows(const xtune_usb_policy *policy, const char *device)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_usb usb;
    bool allow;

    if (xtune_usb_device_parse(arena, device, &usb, &err))
        fail_msg("\"%s\": %s", device, err->message);
    allow = xtune_usb_policy_judge(policy, &usb, arena).allow;
    xtune_arena_free(arena);
    return allow;
}

/* What the policy that ships says, as upstream's does. */
static const struct {
    const char *device;
    bool allow;
} shipped[] = {
    /* Upstream's tests. */
    { "096e:0302:010a if=03/00/00 port=1-2", true },
    { "096e:0302:010a if=03/00/00 port=1-2.1", true },
    { "413c:2113:0110 if=03/01/01,03/00/00", false },
    /* Seen with upstream's. */
    { "046d:c077:7200 if=03/01/02", false },
    { "0658:0200:0000 if=02/02/01,0a/00/00", false }, /* a Z-Wave stick */
    { "17e9:0377:0000 if=ff/00/00", false },          /* DisplayLink */
    { "8087:0a2b:0010 if=e0/01/01,e0/01/01", false }, /* Bluetooth */
    { "0bda:8153:0000 if=ef/04/01", false },          /* RNDIS */
    { "056a:0315:0000 if=03/01/02", true },           /* Wacom */
    { "056a:0315:0000 if=03/01/02,08/06/50", true },
    { "056a:0314:0000 if=03/01/02", true },
    { "056a:00fb:0000 if=03/01/02", true },
    { "056a:00fc:0000 if=03/01/02", false },
    { "056a:0315:0000 if=02/02/01", false },
    { "056a:0315:0000 if=0a/00/00", false },
    { "0951:1666:0110 if=08/06/50", true },
    { "046d:0825:0012 if=0e/01/00,0e/02/00,01/01/00,01/02/00", true },
    { "076b:3021:0100 if=0b/00/00", true },
    { "10c4:ea60:0100 if=ff/00/00", true },
    { "0bda:8153:0000 if=ef/02/01", true },
    /* One interface is enough, in any order. */
    { "0951:1666:0110 if=08/06/50,03/01/01", false },
    { "0951:1666:0110 if=03/01/01,08/06/50", false },
    /* Hubs never. */
    { "05e3:0608:6070 if=09/00/00", false },
    { "05e3:0608:6070 class=09 if=08/06/50", false },
    { "05e3:0608:6070 if=08/06/50,09/00/00", false },
};

static void test_shipped(void **state)
{
    xtune_usb_policy *policy;
    xtune_error *err = NULL;
    size_t i, nr;

    (void)state;
    assert_int_equal(xtune_usb_policy_parse(xt_usb_policy_conf,
                                            xt_usb_policy_conf_len, "f",
                                            &policy, &err),
                     0);
    xtune_usb_policy_rules(policy, &nr);
    assert_int_equal(nr, 11);
    for (i = 0; i < XT_ARRAY_SIZE(shipped); i++)
        if (allows(policy, shipped[i].device) != shipped[i].allow)
            fail_msg("\"%s\" is %s", shipped[i].device,
                     shipped[i].allow ? "denied" : "allowed");
    xtune_usb_policy_free(policy);
}

static void test_matching(void **state)
{
    static const struct {
        const char *policy, *device;
        bool allow;
    } rows[] = {
        { "", "1111:2222 if=08/06/50", false },
        { "# nothing", "1111:2222 if=08/06/50", false },
        { "ALLOW:", "1111:2222 if=08/06/50", true },
        { "ALLOW: class=08", "1111:2222 if=08/06/50", true },
        { "ALLOW: class=08", "1111:2222 if=08/06/50,03/00/00", false },
        { "ALLOW:\nDENY: class=08", "1111:2222 if=08/06/50", true },
        { "DENY: class=08\nALLOW:", "1111:2222 if=08/06/50", false },
        /* The class of the device is not asked for. */
        { "DENY: class=ef\nALLOW:", "1111:2222 class=ef if=08/06/50", true },
        { "ALLOW: vid=1111", "1111:2222 if=08/06/50", true },
        { "ALLOW: vid=1112", "1111:2222 if=08/06/50", false },
        { "ALLOW: pid=2222", "1111:2222 if=08/06/50", true },
        { "ALLOW: pid=1111", "1111:2222 if=08/06/50", false },
        { "ALLOW: rel=0100", "1111:2222:0100 if=08/06/50", true },
        { "ALLOW: rel=0100", "1111:2222:0101 if=08/06/50", false },
        { "ALLOW: vid=00AB", "00ab:2222 if=08/06/50", true },
        { "ALLOW: subclass=06", "1111:2222 if=08/06/50", true },
        { "ALLOW: subclass=05", "1111:2222 if=08/06/50", false },
        { "ALLOW: prot=50", "1111:2222 if=08/06/50", true },
        { "ALLOW: prot=51", "1111:2222 if=08/06/50", false },
        { "ALLOW: serial=A", "1111:2222 if=08/06/50 serial=A", true },
        { "ALLOW: serial=A", "1111:2222 if=08/06/50 serial=a", false },
        { "ALLOW: serial=A", "1111:2222 if=08/06/50", false },
        { "DENY: serial=A\nALLOW:", "1111:2222 if=08/06/50", true },
        { "ALLOW: port=1-2", "1111:2222 if=08/06/50 port=1-2", true },
        { "ALLOW: port=1-2", "1111:2222 if=08/06/50 port=1-2.1", false },
        { "ALLOW: port=1-2", "1111:2222 if=08/06/50", false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_usb_policy *policy = parse(rows[i].policy);

        if (allows(policy, rows[i].device) != rows[i].allow)
            fail_msg("\"%s\" is %s by \"%s\"", rows[i].device,
                     rows[i].allow ? "denied" : "allowed", rows[i].policy);
        xtune_usb_policy_free(policy);
    }
}

/* What is not known of a device is not taken for something else. */
static void test_not_there(void **state)
{
    xtune_usb_policy *policy = parse("DENY: rel=0100\nALLOW:");
    xtune_arena *arena = xtune_arena_new();
    xtune_usb_interface interface = { .class_code = 8 };
    const xtune_usb whole = {
        .vendor = "0951",
        .product = "1666",
        .release = "0110",
        .configured = true,
        .interfaces = &interface,
        .nr_interfaces = 1,
    };
    xtune_usb usb = whole;
    xtune_usb_verdict verdict;

    (void)state;
    verdict = xtune_usb_policy_judge(policy, &usb, arena);
    assert_true(verdict.allow);
    assert_int_equal(verdict.reason, XTUNE_USB_BY_RULES);
    assert_int_equal(verdict.nr_decisions, 1);
    assert_int_equal(verdict.decisions[0]->line, 2);
    usb.configured = false;
    verdict = xtune_usb_policy_judge(policy, &usb, arena);
    assert_false(verdict.allow);
    assert_int_equal(verdict.reason, XTUNE_USB_NOT_CONFIGURED);
    assert_int_equal(verdict.nr_decisions, 0);
    usb = whole;
    usb.nr_interfaces = 0;
    assert_false(xtune_usb_policy_judge(policy, &usb, arena).allow);
    usb = whole;
    usb.release = NULL;
    assert_false(xtune_usb_policy_judge(policy, &usb, arena).allow);
    usb = whole;
    usb.vendor = "951";
    assert_false(xtune_usb_policy_judge(policy, &usb, arena).allow);
    usb = whole;
    interface.subclass = XTUNE_NONE;
    assert_false(xtune_usb_policy_judge(policy, &usb, arena).allow);
    interface = (xtune_usb_interface){ .class_code = XTUNE_USB_CLASS_HUB };
    assert_int_equal(xtune_usb_policy_judge(policy, &usb, arena).reason,
                     XTUNE_USB_IS_HUB);
    xtune_arena_free(arena);
    xtune_usb_policy_free(policy);
}

static void test_device_words(void **state)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        { "", "there are no ids" },
        { "951:1666 if=08/06/50", "there are no ids" },
        { "0951-1666 if=08/06/50", "there are no ids" },
        { "0951:1666:01 if=08/06/50", "the release is none" },
        { "0951:1666", "there is no interface" },
        { "0951:1666 08/06/50", "this is not understood" },
        { "0951:1666 if=8/6/50", "this is no interface" },
        { "0951:1666 if=08/06", "this is no interface" },
        { "0951:1666 if=08/06/50/00", "something behind the value" },
        { "0951:1666if=08/06/50", "something behind the value" },
        { "0951:1666 if=08/06/50 name=x", "this is not understood" },
        { "0951:1666 if=08/06/50 serial=", "the value cannot be read" },
        { "0951:1666 if=08/06/50 port=2", "this is no port, at \"2\"" },
        { "0951:1666 if=08/06/50 port=01-2", "this is no port" },
        { "0951:1666 if=08/06/50 serial=A serial=B", "it is there twice" },
        { "0951:1666 if=08/06/50 port=1-2 port=1-2", "it is there twice" },
        { "0951:1666 if=08/06/50 class=00,class=09", "it is there twice" },
        { "0951:1666 if=08/06/50 class=9", "this is no class" },
    };
    static const char *const alike[] = {
        "0951:1666:0110,if=08/06/50,if=03/01/02,serial=A 1,port=1-2",
        "0951:1666:0110 if=08/06/50,03/01/02 serial=\"A 1\" port=1-2",
        " 0951:1666:0110 , port=1-2,, serial=\"A 1\" if=08/06/50 03/01/02 ",
    };
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_usb usb;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(wrong); i++)
        check_error(xtune_usb_device_parse(arena, wrong[i].text, &usb, &err),
                    &err, XTUNE_ERR_INVALID, wrong[i].why);
    check_error(xtune_usb_device_parse(arena, alike[0], &usb, &err), &err,
                XTUNE_ERR_INVALID, "at \"1,port=1-2\"");
    for (i = 1; i < XT_ARRAY_SIZE(alike); i++) {
        assert_int_equal(xtune_usb_device_parse(arena, alike[i], &usb, &err),
                         0);
        assert_string_equal(usb.vendor, "0951");
        assert_string_equal(usb.product, "1666");
        assert_string_equal(usb.release, "0110");
        assert_string_equal(usb.serial, "A 1");
        assert_string_equal(usb.path, "1-2");
        assert_int_equal(usb.nr_interfaces, 2);
        assert_int_equal(usb.interfaces[0].class_code, 8);
        assert_int_equal(usb.interfaces[1].number, 1);
        assert_int_equal(usb.interfaces[1].protocol, 2);
        assert_true(usb.configured);
    }
    xtune_arena_free(arena);
}

/* Random policies say the same by the index and rule by rule. */

static uint32_t seed = 1;

static unsigned int one_of(unsigned int nr)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % nr;
}

static xtune_usb_policy *random_policy(unsigned int nr)
{
    static const char *const keys[] = { "vid=000", "pid=000",    "rel=000",
                                        "class=0", "subclass=0", "prot=0",
                                        "serial=", "port=1-1" };
    char *text = malloc(nr * 128 + 1), *at = text;
    xtune_usb_policy *policy;
    unsigned int i, k;

    *at = '\0';
    for (i = 0; i < nr; i++) {
        at = stpcpy(at, one_of(2) ? "ALLOW:" : "DENY:");
        for (k = 0; k < XT_ARRAY_SIZE(keys); k++)
            if (!one_of(3)) at += sprintf(at, " %s%u", keys[k], one_of(4));
        at = stpcpy(at, "\n");
    }
    policy = parse(text);
    free(text);
    return policy;
}

static xtune_usb random_device(xtune_arena *arena)
{
    const char *text = xtune_arena_printf(
        arena, "000%u:000%u:000%u if=0%u/0%u/0%u,0%u/0%u/0%u", one_of(4),
        one_of(4), one_of(4), one_of(4), one_of(4), one_of(4), one_of(4),
        one_of(4), one_of(4));
    xtune_usb usb;

    if (one_of(4))
        text = xtune_arena_printf(arena, "%s serial=%u", text, one_of(4));
    if (one_of(4))
        text = xtune_arena_printf(arena, "%s port=1-1%u", text, one_of(4));
    assert_int_equal(xtune_usb_device_parse(arena, text, &usb, NULL), 0);
    return usb;
}

static void test_index(void **state)
{
    unsigned int round, i, k;

    (void)state;
    for (round = 0; round < 200; round++) {
        xtune_usb_policy *policy = random_policy(one_of(400));
        xtune_arena *arena = xtune_arena_new();
        const xtune_usb_rule *rules;
        size_t nr;

        rules = xtune_usb_policy_rules(policy, &nr);
        for (i = 0; i < 50; i++) {
            const xtune_usb usb = random_device(arena);
            const xtune_usb_verdict verdict =
                xtune_usb_policy_judge(policy, &usb, arena);

            for (k = 0; k < usb.nr_interfaces; k++)
                assert_ptr_equal(
                    verdict.decisions[k],
                    first_that_fits(rules, nr, &usb, &usb.interfaces[k]));
        }
        xtune_arena_free(arena);
        xtune_usb_policy_free(policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),         cmocka_unit_test(test_words),
        cmocka_unit_test(test_bad),          cmocka_unit_test(test_nul),
        cmocka_unit_test(test_first_wrong),  cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_long_lines),   cmocka_unit_test(test_matching),
        cmocka_unit_test(test_device_words), cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
