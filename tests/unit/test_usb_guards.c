/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guards: what the usb-policy says, and what dom0 cannot do without. */
#include "usb_host.h"

#define POLICY                                                                \
    "# all but keyboards\n"                                                   \
    "DENY: class=03 subclass=01 prot=01\n"                                    \
    "ALLOW: vid=046d\n"                                                       \
    "ALLOW: class=08\n"

#define KEYS INTERFACE("0", "03", "01", "01", "'usbhid'")
#define USES(list) "'uses': [" list "]"
#define USE(kind, what) "{'kind': '" kind "', 'what': '" what "'}"

/* A device of Logitech's, with these interfaces and uses. */
#define INPUT(path, address, interfaces, uses)                                \
    "{'path': '" path "', 'bus': 1, 'address': " address                      \
    ", 'vendor': '046d', 'product': 'c31c', 'release': '0100', "              \
    "'configured': true, 'controller': '0000:00:14.0', 'interfaces': "        \
    "[" interfaces "], " uses "}"
#define PAD(path, address, uses)                                              \
    INPUT(path, address, INTERFACE("0", "03", "00", "00", "'usbhid'"), uses)
#define KEYBOARD USE("keyboard", "Logitech K120")
#define POINTER USE("pointer", "Logitech M90")

/* dom0's USB controller, of which the same is said, and a bridge to ISA. */
#define PCI(uses, driver)                                                     \
    "'pci': [{'address': '0000:00:14.0', 'class': '0c0330', 'vendor': "       \
    "'8086', 'device': 'a36d', 'uses': [" KEYBOARD ", " POINTER               \
    "]}, {'address': '0000:00:1f.0', 'class': '060100', 'vendor': '8086', "   \
    "'device': 'a303', 'driver': " driver ", 'assignable': false, " uses "}]"

static xtune_usb_policy *policy_of(const char *text)
{
    xtune_usb_policy *policy;

    assert_int_equal(xtune_usb_policy_parse(text, strlen(text), "/etc/p.conf",
                                            &policy, NULL),
                     0);
    return policy;
}

/* "policy disk": the guards of the first device, in their order. */
static const char *guards_of(xtune_host *host, const char *rules,
                             xtune_findings **findings_r)
{
    xtune_usb_policy *policy = rules ? policy_of(rules) : NULL;
    xtune_findings *findings = xtune_findings_new();
    const char *text = "";
    size_t i;

    xtune_usb_add_guards(findings, host, policy, &host->usb[0]);
    xtune_usb_policy_free(policy);
    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        assert_true(f->is_guard);
        assert_int_equal(f->level, XTUNE_FINDING_ERROR);
        assert_string_equal(f->object, host->usb[0].path);
        assert_non_null(f->hint);
        text = xtune_arena_printf(findings->arena, "%s%s%s", text,
                                  i ? " " : "", f->name);
    }
    *findings_r = findings;
    return text;
}

/* part: of the text and the hint of the first, "text (hint)"; NULL: any. */
static void check(xtune_host *host, const char *rules, const char *expected,
                  const char *part)
{
    xtune_findings *findings;
    const char *names = guards_of(host, rules, &findings), *text;

    assert_string_equal(names, expected);
    if (part) {
        text = xtune_arena_printf(findings->arena, "%s (%s)",
                                  findings->items[0].text,
                                  findings->items[0].hint);
        if (!strstr(text, part)) fail_msg("\"%s\", not \"%s\"", text, part);
    }
    xtune_findings_free(findings);
    xtune_host_free(host);
}

static void check_one(const char *device, const char *expected,
                      const char *part)
{
    check(usb_host(LIST(device), NONE, ""), POLICY, expected, part);
}

/* The usb-policy. */

#define RELEASE ", 'release': '0110'"

static void test_policy(void **state)
{
    (void)state;
    check_one(STICK("1-1", "2", RELEASE), "", NULL);
    check_one(PAD("1-1", "2", USES("")), "", NULL);
    check_one(INPUT("1-2.1", "2", KEYS, USES("")), "policy",
              "the rule \"/etc/p.conf:2\" denies its interface 0 (03/01/01) "
              "(allow it with \"xltune usb-policy allow 1-2.1\")");
    /* The first interface that is denied tells why. */
    check_one(INPUT("1-1", "2",
                    INTERFACE("0", "ff", "00", "00", "null") ", " INTERFACE(
                        "1", "03", "01", "01", "null"),
                    USES("")),
              "policy", "\"/etc/p.conf:2\" denies its interface 1 (03/01/01)");
    check_one(
        USB("1-1", "2", "0bda", "0129",
            RELEASE INTERFACES(INTERFACE("2", "ff", "0a", "50", "null"))),
        "policy",
        "no rule of \"/etc/p.conf\" allows its interface 2 (ff/0a/50)");
}

static void test_no_policy(void **state)
{
    (void)state;
    check(usb_host(LIST(STICK("1-1", "2", RELEASE)), NONE,
                   "'usb_rules': {'file': '/etc/x.conf', 'problem': 'bad'}"),
          NULL, "policy",
          "\"/etc/x.conf\" cannot be read, which denies all (put right what "
          "\"xltune usb-policy check\" tells)");
    check(usb_host(LIST(STICK("1-1", "2", RELEASE)), NONE, ""), NULL, "policy",
          "the usb-policy cannot be read");
}

static void test_hub(void **state)
{
    (void)state;
    check_one(
        USB("1-1", "2", "0951", "1666",
            RELEASE INTERFACES(INTERFACE("0", "09", "00", "00", "'hub'"))),
        "policy",
        "it is a hub, which no guest can have (take the "
        "devices behind it)");
    check_one(USB("1-1", "2", "0951", "1666",
                  ", 'class': '09'" RELEASE INTERFACES(
                      INTERFACE("0", "08", "06", "50", "null"))),
              "policy", "it is a hub");
}

static void test_not_configured(void **state)
{
    (void)state;
    check_one("{'path': '1-1', 'bus': 1, 'address': 2, 'vendor': '0951', "
              "'product': '1666', 'release': '0110', 'uses': []}",
              "policy", "it is not configured");
    check_one(STICK("1-1", "2", ""), "policy", "not all is known of it");
}

/* What dom0 does with it. */

#define STICK_WITH(uses)                                                      \
    "{'path': '1-1', 'bus': 1, 'address': 2, 'vendor': '0951', "              \
    "'product': '1666', 'release': '0110', 'configured': true, "              \
    "'interfaces': [" INTERFACE("0", "08", "06", "50",                        \
                                "'usb-storage'") "]" uses "}"

static void test_disk(void **state)
{
    (void)state;
    check_one(STICK_WITH(", 'uses': [{'kind': 'mount', 'what': "
                         "'/mnt/stick', 'through': ['sdb1']}]"),
              "disk", "\"/mnt/stick\" is mounted from it (sdb1) (unmount it");
    check_one(STICK_WITH(", " USES(USE("swap", "/dev/sdb2"))), "disk",
              "\"/dev/sdb2\", on it, is swapped to");
    check_one(STICK_WITH(", " USES(USE("domain", "web1"))), "disk",
              "a disk of domain \"web1\" is on it");
    check_one(STICK_WITH(", " USES(USE("held", "/dev/dm-0"))), "disk",
              "\"/dev/dm-0\", on it, is held");
}

static void test_network(void **state)
{
    (void)state;
    check_one(STICK_WITH(", " USES(USE("route", "eth1"))), "network",
              "the default route goes over its \"eth1\"");
    check_one(STICK_WITH(", " USES(USE("login", "eth1"))), "network", NULL);
    check_one(STICK_WITH(", " USES(USE("link", "eth1"))), "", NULL);
}

static void test_console(void **state)
{
    (void)state;
    check_one(STICK_WITH(", " USES(USE("console", "ttyUSB0"))), "console",
              "\"ttyUSB0\" (give the console");
    check_one(STICK_WITH(", " USES(USE("display", "fb0"))), "console",
              "\"fb0\"");
}

static void test_unknown(void **state)
{
    (void)state;
    check_one(STICK_WITH(""), "unknown", "(see what it is for with \"lsusb");
    check_one(
        STICK_WITH(", " USES(USE("mount", "/") ", " USE("route", "eth1"))),
        "disk network", NULL);
}

/* Keyboards and pointers. */

static void check_input(const char *const *devices, const char *const *guests,
                        const char *more, const char *expected)
{
    check(usb_host(devices, guests, more), POLICY, expected, NULL);
}

static void test_last_keyboard(void **state)
{
    (void)state;
    check_one(PAD("1-1", "2", USES(KEYBOARD)), "keyboard",
              "it is the console's last keyboard, \"Logitech K120\" (plug "
              "another keyboard in");
    check_one(PAD("1-1", "2", USES(POINTER)), "pointer",
              "last pointing device, \"Logitech M90\" (plug another pointing "
              "device in");
    check_one(PAD("1-1", "2", USES(KEYBOARD ", " POINTER)), "keyboard pointer",
              NULL);
    /* Two keyboards of one device go together. */
    check_one(PAD("1-1", "2", USES(KEYBOARD ", " USE("keyboard", "Keys 2"))),
              "keyboard", "\"Logitech K120\"");
}

static void test_other_keyboard(void **state)
{
    (void)state;
    check_input(
        LIST(PAD("1-1", "2", USES(KEYBOARD)), PAD("1-2", "3", USES(KEYBOARD))),
        NONE, "", "");
    check_input(
        LIST(PAD("1-1", "2", USES(KEYBOARD)), PAD("1-2", "3", USES(POINTER))),
        NONE, "", "keyboard");
    /* Of that one it is not known. */
    check_input(LIST(PAD("1-1", "2", USES(KEYBOARD)),
                     INPUT("1-2", "3", KEYS, "'serial': '1'")),
                NONE, "", "keyboard");
}

#define GUEST(port)                                                           \
    DOMAIN("1", "web1", "hvm",                                                \
           CONTROLLER("0", "devicemodel", "1", "null, " port))

/* A guest's is not dom0's, until it was plugged in again. */
static void test_other_in_guest(void **state)
{
    (void)state;
    check_input(
        LIST(PAD("1-1", "2", USES(KEYBOARD)),
             INPUT("1-2", "3", INTERFACE("0", "03", "01", "01", "'usbfs'"),
                   USES(KEYBOARD))),
        LIST(GUEST("'1-2'")), "", "keyboard");
    check_input(LIST(PAD("1-1", "2", USES(KEYBOARD)),
                     INPUT("1-2", "3", KEYS, USES(KEYBOARD))),
                LIST(GUEST("'1-2'")), "", "");
}

/* What is said of the USB controller is said of its devices; a keyboard at the
 * bridge to ISA is another one. */
static void test_other_at_pci(void **state)
{
    (void)state;
    check_input(LIST(PAD("1-1", "2", USES(KEYBOARD))), NONE,
                PCI("'uses': []", "null"), "keyboard");
    check_input(LIST(PAD("1-1", "2", USES(KEYBOARD))), NONE,
                PCI("'uses': [" USE("keyboard", "AT keyboard") "]", "null"),
                "");
    check_input(LIST(PAD("1-1", "2", USES(POINTER))), NONE,
                PCI("'uses': [" USE("keyboard", "AT keyboard") "]", "null"),
                "pointer");
    check_input(
        LIST(PAD("1-1", "2", USES(KEYBOARD))),
        LIST("{'id': 1, 'name': 'web1', 'memory_kb': 4, 'uuid': "
             "'00000001-0000-4000-8000-00000000000a', "
             "'pci': ['0000:00:1f.0']}"),
        PCI("'uses': [" USE("keyboard", "AT keyboard") "]", "'pciback'"),
        "keyboard");
}

/* What a guest has dom0 does not miss; the policy counts all the same. */
static void test_in_guest(void **state)
{
    (void)state;
    check_input(
        LIST(INPUT("1-1", "2", INTERFACE("0", "03", "00", "00", "'usbfs'"),
                   USES(KEYBOARD))),
        LIST(GUEST("'1-1'")), "", "");
    check_input(
        LIST(INPUT("1-1", "2", INTERFACE("0", "03", "01", "01", "'usbfs'"),
                   USES(KEYBOARD))),
        LIST(GUEST("'1-1'")), "", "policy");
    check_input(LIST(PAD("1-1", "2", USES(KEYBOARD))), LIST(GUEST("'1-1'")),
                "", "keyboard");
}

static void test_names(void **state)
{
    static const char *const names[] = {
        "policy",  "disk",    "network", "keyboard",
        "pointer", "console", "unknown",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(names); i++)
        assert_string_equal(xtune_usb_guards[i], names[i]);
    assert_null(xtune_usb_guards[i]);
}

/* --force=NAME lets that one pass. */
static void test_heed(void **state)
{
    static const char *const forced[] = { "disk", "policy", "keyboard" };
    xtune_host *host = usb_host(
        LIST(INPUT("1-1", "2", KEYS, USES(KEYBOARD ", " USE("mount", "/x")))),
        NONE, "");
    xtune_findings *findings;
    xtune_error *err = NULL;
    int rc;

    (void)state;
    assert_string_equal(guards_of(host, POLICY, &findings),
                        "policy disk keyboard");
    rc = xtune_findings_heed(findings, forced, 1, &err);
    check_error(rc, &err, XTUNE_ERR_REFUSED, "--force=policy,keyboard");
    assert_int_equal(xtune_findings_heed(findings, forced, 3, NULL), 0);
    xtune_findings_free(findings);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_no_policy),
        cmocka_unit_test(test_hub),
        cmocka_unit_test(test_not_configured),
        cmocka_unit_test(test_disk),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_console),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_last_keyboard),
        cmocka_unit_test(test_other_keyboard),
        cmocka_unit_test(test_other_in_guest),
        cmocka_unit_test(test_other_at_pci),
        cmocka_unit_test(test_in_guest),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_heed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
