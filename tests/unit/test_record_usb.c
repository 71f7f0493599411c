/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs were told to keep of USB devices. */
#include "record_folder.h"

#include <xtune/usb.h>

#define STICK                                                                 \
    "\"by\": \"serial\", \"vendor\": \"0951\", \"product\": \"1666\", "       \
    "\"serial\": \"60A44C\", \"port\": \"1-2\""
#define MOUSE                                                                 \
    "\"by\": \"port\", \"vendor\": \"046d\", \"product\": \"c077\", "         \
    "\"port\": \"1-10.3\""
#define BOOT "0c8f6d3e-2b1a-4f57-9d80-3a1b2c4d5e6f"
#define USB(rows) NAMED ",\n\"usb\": [\n" rows " ] }"
#define GROUPS(rows) "{ \"schema\": \"xtune/usb/1\",\n\"usb\": [\n" rows " ] }"

static const xtune_wanted_usb stick = {
    .identity = { .by = XTUNE_USB_BY_SERIAL,
                  .vendor = "0951",
                  .product = "1666",
                  .serial = "60A44C",
                  .port = "1-2" },
    .description = "Kingston DataTraveler",
    .version = 2,
    .unplugged = BOOT "/7",
};

static const xtune_wanted_usb mouse = {
    .identity = { .by = XTUNE_USB_BY_PORT,
                  .vendor = "046d",
                  .product = "c077",
                  .port = "1-10.3" },
    .version = XTUNE_NONE,
};

static const char *groups_path(xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/usb.json", folder);
}

static void write_groups(const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    assert_int_equal(
        xt_file_replace(groups_path(arena), text, strlen(text), 0600, NULL),
        0);
}

/* Reading. */

static void everything_of_a_domain_is_read(void **unused)
{
    const xtune_wanted_usb *usb;
    xtune_policy *policy;

    (void)unused;
    write_record(UUID ".json",
                 USB("{ " MOUSE " },\n"
                     "{ " STICK ", \"description\": \"a stick\", "
                     "\"version\": 3, \"unplugged\": \"" BOOT "/32751\", "
                     "\"other_config\": { \"a\": \"1\", \"b\": \"\" } }"));
    policy = read_records();
    assert_int_equal(policy->nr_records, 1);
    assert_int_equal(policy->records[0].nr_usb, 2);
    usb = policy->records[0].usb;
    assert_int_equal(usb[0].identity.by, XTUNE_USB_BY_PORT);
    assert_string_equal(usb[0].identity.port, "1-10.3");
    assert_null(usb[0].identity.serial);
    assert_null(usb[0].description);
    assert_null(usb[0].unplugged);
    assert_int_equal(usb[0].version, XTUNE_NONE);
    assert_int_equal(usb[0].source.line, 5);
    assert_int_equal(usb[1].identity.by, XTUNE_USB_BY_SERIAL);
    assert_string_equal(usb[1].identity.vendor, "0951");
    assert_string_equal(usb[1].identity.product, "1666");
    assert_string_equal(usb[1].identity.serial, "60A44C");
    assert_string_equal(usb[1].identity.port, "1-2");
    assert_string_equal(usb[1].description, "a stick");
    assert_int_equal(usb[1].version, 3);
    assert_string_equal(usb[1].unplugged, BOOT "/32751");
    assert_int_equal(usb[0].nr_other_config, 0);
    assert_int_equal(usb[1].nr_other_config, 4);
    assert_string_equal(usb[1].other_config[0], "a");
    assert_string_equal(usb[1].other_config[1], "1");
    assert_string_equal(usb[1].other_config[2], "b");
    assert_string_equal(usb[1].other_config[3], "");
    assert_int_equal(usb[1].source.line, 6);
    xtune_policy_free(policy);
}

static void everything_of_the_host_is_read(void **unused)
{
    xtune_policy *policy;

    (void)unused;
    write_groups(GROUPS("{ " STICK ", \"passthrough\": true },\n"
                        "{ " MOUSE ", \"name\": \"pointer\", "
                        "\"description\": \"\" }"));
    policy = read_records();
    assert_int_equal(policy->nr_usb_groups, 2);
    assert_string_equal(policy->usb_groups[0].identity.serial, "60A44C");
    assert_true(policy->usb_groups[0].passthrough);
    assert_null(policy->usb_groups[0].name);
    assert_null(policy->usb_groups[0].description);
    assert_int_equal(policy->usb_groups[0].source.line, 3);
    assert_false(policy->usb_groups[1].passthrough);
    assert_string_equal(policy->usb_groups[1].name, "pointer");
    assert_string_equal(policy->usb_groups[1].description, "");
    assert_int_equal(policy->usb_groups[1].source.line, 4);
    xtune_policy_free(policy);
}

#define IDS "\"vendor\": \"0951\", \"product\": \"1666\""

/* Rows, of a domain and of the host alike. */
static const struct {
    const char *row, *message;
} bad_identities[] = {
    { "7", "no object in its array" },
    { "{ }", "member \"by\" is missing" },
    { "{ \"by\": \"name\", " IDS ", \"port\": \"1-2\" }",
      "\"serial\", \"port\" or \"both\"" },
    { "{ \"by\": 1, " IDS ", \"port\": \"1-2\" }", "\"by\" is no text" },
    { "{ \"by\": \"port\", \"product\": \"1666\", \"port\": \"1-2\" }",
      "\"vendor\" is missing" },
    { "{ \"by\": \"port\", \"vendor\": \"0951\", \"port\": \"1-2\" }",
      "\"product\" is missing" },
    { "{ \"by\": \"port\", \"vendor\": \"095\", \"product\": \"1666\", "
      "\"port\": \"1-2\" }",
      "\"vendor\" is not four" },
    { "{ \"by\": \"port\", \"vendor\": \"095A\", \"product\": \"1666\", "
      "\"port\": \"1-2\" }",
      "\"vendor\" is not four" },
    { "{ \"by\": \"port\", \"vendor\": \"0951\", \"product\": \"16666\", "
      "\"port\": \"1-2\" }",
      "\"product\" is not four" },
    { "{ \"by\": \"serial\", " IDS ", \"port\": \"1-2\" }",
      "\"serial\" is missing" },
    { "{ \"by\": \"both\", " IDS ", \"port\": \"1-2\" }",
      "\"serial\" is missing" },
    { "{ \"by\": \"both\", " IDS ", \"serial\": \"A\" }",
      "\"port\" is missing" },
    { "{ \"by\": \"port\", " IDS ", \"serial\": \"A\" }",
      "\"port\" is missing" },
    { "{ \"by\": \"serial\", " IDS ", \"serial\": \"\" }",
      "\"serial\" is not up to" },
    { "{ \"by\": \"serial\", " IDS ", \"serial\": \"a\\u001bb\" }",
      "\"serial\" is not up to" },
    { "{ \"by\": \"serial\", " IDS ", \"serial\": \"A\", \"port\": \"1-\" }",
      "\"port\" is not a port" },
    { "{ \"by\": \"port\", " IDS ", \"port\": \"1-2:1.0\" }",
      "\"port\" is not a port" },
    { "{ \"by\": \"port\", " IDS ", \"port\": \"../1-2\" }",
      "\"port\" is not a port" },
    { "{ \"by\": \"port\", " IDS ", \"port\": \"usb1\" }",
      "\"port\" is not a port" },
};

/* Behind the stick's identity. */
static const struct {
    const char *text, *message;
} bad_of_domain[] = {
    { ", \"version\": 0", "a number from 1 to 3" },
    { ", \"version\": 4", "a number from 1 to 3" },
    { ", \"version\": \"2\"", "a number from 1 to 3" },
    { ", \"description\": 1", "\"description\" is no text" },
    { ", \"description\": \"a\\nb\"", "\"description\" is not one line" },
    { ", \"unplugged\": true", "\"unplugged\" is no text" },
    { ", \"unplugged\": \"" BOOT "\"", "\"unplugged\" is not the id" },
    { ", \"unplugged\": \"" BOOT "/\"", "\"unplugged\" is not the id" },
    { ", \"unplugged\": \"" BOOT "/7 \"", "\"unplugged\" is not the id" },
    { ", \"unplugged\": \"" BOOT "/32752\"", "\"unplugged\" is not the id" },
    { ", \"unplugged\": \"" BOOT ":7\"", "\"unplugged\" is not the id" },
    { ", \"unplugged\": \"7\"", "\"unplugged\" is not the id" },
    { ", \"other_config\": []", "\"other_config\" is no object" },
    { ", \"other_config\": { \"a\": 1 }", "member \"a\" of" },
    { ", \"other_config\": { \"\": \"1\" }", "member \"\" of" },
    { ", \"other_config\": { \"a\": \"1\\n2\" }", "member \"a\" of" },
    { ", \"passthrough\": true", "unknown member \"passthrough\"" },
    { ", \"name\": \"x\"", "unknown member \"name\"" },
    { ", \"Version\": 2", "unknown member \"Version\"" },
};

static const struct {
    const char *text, *message;
} bad_of_host[] = {
    { "", "it says nothing of this device" },
    { ", \"other_config\": {}", "it says nothing of this device" },
    { ", \"passthrough\": false", "it says nothing of this device" },
    { ", \"passthrough\": 1", "is not true or false" },
    { ", \"name\": \"a\\tb\"", "\"name\" is not one line" },
    { ", \"description\": []", "\"description\" is no text" },
    { ", \"version\": 2", "unknown member \"version\"" },
    { ", \"unplugged\": \"" BOOT "/7\"", "unknown member \"unplugged\"" },
};

typedef int read_fn(const char *text, size_t len, const char *file,
                    xtune_policy *policy, xtune_error **err);

static void refused(read_fn *read, const char *file, const char *text,
                    unsigned int line, const char *message)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    if (!read(text, strlen(text), file, policy, &err))
        fail_msg("taken:\n%s", text);
    assert_int_equal(err->code, XTUNE_ERR_INVALID);
    assert_int_equal(policy->nr_records + policy->nr_usb_groups, 0);
    if (!strstr(err->message, message))
        fail_msg("%s\nis not: %s\n%s", err->message, message, text);
    assert_string_equal(err->object,
                        xtune_arena_printf(arena, "%s:%u", file, line));
    xtune_policy_free(policy);
}

static void refused_record(const char *text, unsigned int line,
                           const char *message)
{
    refused(xt_record_read_memory, "/x/" UUID ".json", text, line, message);
}

static void refused_groups(const char *text, unsigned int line,
                           const char *message)
{
    refused(xt_usb_groups_read_memory, "/x/usb.json", text, line, message);
}

static void bad_identities_are_refused(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad_identities); i++) {
        const char *row = bad_identities[i].row;

        refused_record(xtune_arena_printf(arena, USB("%s"), row), 5,
                       bad_identities[i].message);
        refused_groups(xtune_arena_printf(arena, GROUPS("%s"), row), 3,
                       bad_identities[i].message);
    }
}

static void bad_rows_are_refused(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *many = xtune_arena_alloc(arena, 1, 4096 * 3 + 1), *p;
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad_of_domain); i++)
        refused_record(xtune_arena_printf(arena, USB("{ " STICK "%s }"),
                                          bad_of_domain[i].text),
                       5, bad_of_domain[i].message);
    for (i = 0; i < XT_ARRAY_SIZE(bad_of_host); i++)
        refused_groups(xtune_arena_printf(arena, GROUPS("{ " STICK "%s }"),
                                          bad_of_host[i].text),
                       3, bad_of_host[i].message);
    refused_record(NAMED ",\n\n\"usb\": {} }", 5, "no array");
    refused_groups("{ \"schema\": \"xtune/usb/1\" }", 1, "\"usb\" is missing");
    refused_groups("{ \"schema\": \"xtune/devices/1\" }", 1, "its schema is");
    refused_groups("{ \"schema\": \"xtune/usb/1\", \"pci\": [] }", 1,
                   "unknown member \"pci\"");
    refused_groups("", 1, "not a JSON document");
    for (p = many, i = 0; i < 256; i++)
        p = stpcpy(p, "{},");
    refused_record(xtune_arena_printf(arena, USB("%s{}"), many), 4,
                   "more than 256 rows");
    for (; i < 4096; i++)
        p = stpcpy(p, "{},");
    refused_groups(xtune_arena_printf(arena, GROUPS("%s{}"), many), 2,
                   "more than 4096 rows");
}

static void a_device_is_there_once(void **unused)
{
    (void)unused;
    /* Where it was last does not tell it from itself. */
    refused_record(USB("{ " STICK " },\n{ \"by\": \"serial\", " IDS
                       ", \"serial\": \"60A44C\" }"),
                   6, "device \"0951:1666,serial=60A44C\" is there twice");
    refused_groups(GROUPS("{ " MOUSE ", \"passthrough\": true },\n"
                          "{ " STICK ", \"passthrough\": true },\n"
                          "{ " MOUSE ", \"name\": \"x\" }"),
                   5, "device \"046d:c077,port=1-10.3\" is there twice");
}

/* All that the policy had before is there still. */
static void groups_before_stay(void **unused)
{
    static const char good[] = GROUPS("{ " STICK ", \"name\": \"x\" }"),
                      bad[] = GROUPS("{ " MOUSE ", \"name\": \"y\" }, 7");
    xtune_policy *policy = xtune_policy_new();

    (void)unused;
    assert_int_equal(
        xt_usb_groups_read_memory(good, strlen(good), "u.json", policy, NULL),
        0);
    assert_int_equal(
        xt_usb_groups_read_memory(bad, strlen(bad), "u.json", policy, NULL),
        XTUNE_ERR_INVALID);
    assert_int_equal(policy->nr_usb_groups, 1);
    assert_string_equal(policy->usb_groups[0].name, "x");
    xtune_policy_free(policy);
}

static void a_device_of_two_domains(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    (void)unused;
    write_record(UUID ".json", USB("{ " MOUSE " },\n{ " STICK " }"));
    write_record(OTHER ".json",
                 "{ \"schema\": \"xtune/record/1\", \"uuid\": \"" OTHER
                 "\", \"name\": \"db\",\n\"usb\": [ { \"by\": \"serial\", " IDS
                 ", \"serial\": \"60A44C\", \"port\": \"2-1\" } ] }");
    assert_int_equal(xtune_records_read(&state, policy, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->object, record_path(arena, OTHER ".json:2"));
    assert_non_null(strstr(err->message, "\"0951:1666,serial=60A44C\""));
    assert_non_null(strstr(err->message, record_path(arena, UUID ".json:6")));
    xtune_policy_free(policy);
}

/* Keeping. */

static void keep(const char *uuid, const char *name,
                 const xtune_wanted_usb *wanted)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (xtune_record_usb(&state, uuid, name, wanted, &err))
        fail_msg("%s: %s", err->object, err->message);
}

static bool forget(const char *uuid, const xtune_usb_identity *identity)
{
    bool found = true;

    assert_int_equal(
        xtune_record_forget_usb(&state, uuid, identity, &found, NULL), 0);
    return found;
}

static void what_is_kept_is_one_text(void **unused)
{
    static const char expected[] = "{\n"
                                   "  \"schema\": \"xtune/record/1\",\n"
                                   "  \"uuid\": \"" UUID "\",\n"
                                   "  \"name\": \"web1\",\n"
                                   "  \"affinity\": [\n"
                                   "    {\n"
                                   "      \"vcpus\": \"0\",\n"
                                   "      \"hard\": \"0\"\n"
                                   "    }\n"
                                   "  ],\n"
                                   "  \"usb\": [\n"
                                   "    {\n"
                                   "      \"by\": \"port\",\n"
                                   "      \"vendor\": \"046d\",\n"
                                   "      \"product\": \"c077\",\n"
                                   "      \"port\": \"1-10.3\"\n"
                                   "    },\n"
                                   "    {\n"
                                   "      \"by\": \"serial\",\n"
                                   "      \"vendor\": \"0951\",\n"
                                   "      \"product\": \"1666\",\n"
                                   "      \"serial\": \"60A44C\",\n"
                                   "      \"port\": \"1-2\",\n"
                                   "      \"description\": \"Kingston "
                                   "DataTraveler\",\n"
                                   "      \"version\": 2,\n"
                                   "      \"unplugged\": \"" BOOT "/7\"\n"
                                   "    }\n"
                                   "  ]\n"
                                   "}\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)unused;
    write_record(UUID ".json", ROWS("{ \"vcpus\": \"0\", \"hard\": \"0\" }"));
    keep(UUID, "web0", &mouse);
    keep(UUID, "web1", &stick);
    assert_string_equal(file_text(arena, record_path(arena, UUID ".json")),
                        expected);
    /* Nothing is written anew where it is kept so already. */
    keep(UUID, NULL, &stick);
    assert_string_equal(file_text(arena, record_path(arena, UUID ".json")),
                        expected);
}

static void one_of_the_same_identity_is_replaced(void **unused)
{
    xtune_wanted_usb again = stick;
    xtune_policy *policy;

    (void)unused;
    keep(UUID, "web1", &stick);
    keep(UUID, "web1", &mouse);
    again.identity.port = "3-1";
    again.unplugged = NULL;
    keep(UUID, "web1", &again);
    policy = read_records();
    assert_int_equal(policy->records[0].nr_usb, 2);
    assert_string_equal(policy->records[0].usb[0].identity.port, "3-1");
    assert_null(policy->records[0].usb[0].unplugged);
    assert_string_equal(policy->records[0].usb[1].identity.port, "1-10.3");
    xtune_policy_free(policy);
}

static void forgetting_one_keeps_the_others(void **unused)
{
    static const char text[] = NAMED
        ", \"cpupool\": \"rt\", \"scheduling\": [ { \"vcpus\": \"all\", "
        "\"weight\": 512 } ], \"pci\": [ { \"address\": \"0000:04:00.0\", "
        "\"vendor\": \"8086\", \"device\": \"100e\" } ] }";
    xtune_usb_identity moved = stick.identity;
    xtune_policy *policy;

    (void)unused;
    write_record(UUID ".json", text);
    keep(UUID, NULL, &stick);
    keep(UUID, NULL, &mouse);
    moved.port = NULL;
    assert_true(forget(UUID, &moved));
    assert_false(forget(UUID, &moved));
    assert_false(forget(OTHER, &mouse.identity));
    policy = read_records();
    assert_int_equal(policy->records[0].nr_usb, 1);
    assert_string_equal(policy->records[0].usb[0].identity.vendor, "046d");
    assert_string_equal(policy->records[0].name, "web1");
    assert_string_equal(policy->records[0].cpupool, "rt");
    assert_int_equal(policy->records[0].nr_scheduling, 1);
    assert_int_equal(policy->records[0].nr_pci, 1);
    xtune_policy_free(policy);
    assert_true(forget(UUID, &mouse.identity));
    assert_true(is_there(UUID ".json"));
}

static void the_file_goes_with_the_last_one(void **unused)
{
    (void)unused;
    keep(UUID, "web1", &stick);
    keep(UUID, "web1", &mouse);
    assert_true(forget(UUID, &mouse.identity));
    assert_true(is_there(UUID ".json"));
    assert_true(forget(UUID, &stick.identity));
    assert_false(is_there(UUID ".json"));
}

static void forgetting_pci_keeps_usb(void **unused)
{
    xtune_policy *policy;
    bool found;

    (void)unused;
    write_record(UUID ".json",
                 NAMED ", \"pci\": [ { \"address\": \"0000:04:00.0\", "
                       "\"vendor\": \"8086\", \"device\": \"100e\" } ] }");
    keep(UUID, NULL, &stick);
    assert_int_equal(xtune_record_forget_pci_of(&state, UUID, NULL,
                                                "0000:04:00.0", &found, NULL),
                     0);
    assert_true(found);
    policy = read_records();
    assert_int_equal(policy->records[0].nr_pci, 0);
    assert_int_equal(policy->records[0].nr_usb, 1);
    assert_string_equal(policy->records[0].usb[0].unplugged, BOOT "/7");
    xtune_policy_free(policy);
}

static void one_device_one_domain(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    char vusb[37];

    (void)unused;
    keep(UUID, "web1", &stick);
    assert_int_equal(xtune_record_usb(&state, OTHER, "db", &stick, &err),
                     XTUNE_ERR_REFUSED);
    assert_string_equal(err->object, "0951:1666,serial=60A44C");
    assert_non_null(strstr(err->message, "\"web1\""));
    xtune_usb_vusb_uuid(&stick.identity, UUID, vusb);
    assert_non_null(strstr(
        err->hint, xtune_arena_printf(arena, "vusb-destroy uuid=%s", vusb)));
    assert_false(is_there(OTHER ".json"));
    assert_true(forget(UUID, &stick.identity));
    keep(OTHER, "db", &stick);
    assert_true(is_there(OTHER ".json"));
}

static void who_has_no_uuid_has_no_record(void **unused)
{
    (void)unused;
    assert_int_equal(xtune_record_usb(&state,
                                      "00000000-0000-0000-0000-000000000000",
                                      "x", &stick, NULL),
                     XTUNE_ERR_REFUSED);
    assert_int_equal(xtune_record_usb(&state, "../../x", "x", &stick, NULL),
                     XTUNE_ERR_REFUSED);
}

/* Of a device that says odd things of itself. */
static void what_would_not_be_read_again(void **unused)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    static const char *pairs[] = { "a", "1\n2" };
    xtune_wanted_usb odd = stick;
    xtune_policy *policy;

    (void)unused;
    odd.identity.serial = "a\tb";
    assert_int_equal(xtune_record_usb(&state, UUID, "web1", &odd, &err),
                     XTUNE_ERR_INVALID);
    assert_non_null(strstr(err->message, "serial number"));
    assert_false(is_there(UUID ".json"));
    odd.identity = stick.identity;
    odd.identity.product = NULL;
    assert_int_equal(xtune_record_usb(&state, UUID, "web1", &odd, NULL),
                     XTUNE_ERR_INVALID);
    odd.identity = stick.identity;
    odd.other_config = pairs;
    odd.nr_other_config = 2;
    assert_int_equal(xtune_record_usb(&state, UUID, "web1", &odd, NULL),
                     XTUNE_ERR_INVALID);
    assert_false(is_there(UUID ".json"));
    odd.nr_other_config = 0;
    odd.description = "two\nlines";
    keep(UUID, "web1", &odd);
    policy = read_records();
    assert_null(policy->records[0].usb[0].description);
    xtune_policy_free(policy);
}

static void groups_are_one_text(void **unused)
{
    static const char expected[] = "{\n"
                                   "  \"schema\": \"xtune/usb/1\",\n"
                                   "  \"usb\": [\n"
                                   "    {\n"
                                   "      \"by\": \"serial\",\n"
                                   "      \"vendor\": \"0951\",\n"
                                   "      \"product\": \"1666\",\n"
                                   "      \"serial\": \"60A44C\",\n"
                                   "      \"port\": \"1-2\",\n"
                                   "      \"passthrough\": true\n"
                                   "    },\n"
                                   "    {\n"
                                   "      \"by\": \"port\",\n"
                                   "      \"vendor\": \"046d\",\n"
                                   "      \"product\": \"c077\",\n"
                                   "      \"port\": \"1-10.3\",\n"
                                   "      \"name\": \"pointer\",\n"
                                   "      \"description\": \"\",\n"
                                   "      \"other_config\": {\n"
                                   "        \"key\": \"value\"\n"
                                   "      }\n"
                                   "    }\n"
                                   "  ]\n"
                                   "}\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    static const char *pairs[] = { "key", "value" };
    xtune_usb_group a = { .identity = stick.identity, .name = "x" };
    xtune_usb_group b = { .identity = mouse.identity,
                          .name = "pointer",
                          .description = "",
                          .other_config = pairs,
                          .nr_other_config = 2 };
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    struct stat st;

    (void)unused;
    assert_int_equal(xtune_record_usb_group(&state, &a, NULL), 0);
    assert_int_equal(xtune_record_usb_group(&state, &b, NULL), 0);
    a.name = NULL;
    a.passthrough = true;
    assert_int_equal(xtune_record_usb_group(&state, &a, NULL), 0);
    assert_string_equal(file_text(arena, groups_path(arena)), expected);
    assert_int_equal(stat(groups_path(arena), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    /* What would not be read again is not kept. */
    b.name = "a\nb";
    assert_int_equal(xtune_record_usb_group(&state, &b, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->object, "046d:c077,port=1-10.3");
    assert_string_equal(file_text(arena, groups_path(arena)), expected);
}

static void a_group_that_says_nothing_is_forgotten(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_usb_group a = { .identity = stick.identity, .passthrough = true };
    xtune_usb_group b = { .identity = mouse.identity, .passthrough = true };
    xtune_policy *policy;

    (void)unused;
    assert_int_equal(xtune_record_usb_group(&state, &a, NULL), 0);
    assert_int_equal(xtune_record_usb_group(&state, &b, NULL), 0);
    a.passthrough = false;
    assert_int_equal(xtune_record_usb_group(&state, &a, NULL), 0);
    policy = read_records();
    assert_int_equal(policy->nr_usb_groups, 1);
    assert_string_equal(policy->usb_groups[0].identity.vendor, "046d");
    xtune_policy_free(policy);
    b.passthrough = false;
    assert_int_equal(xtune_record_usb_group(&state, &b, NULL), 0);
    assert_int_equal(access(groups_path(arena), F_OK), -1);
    assert_int_equal(xtune_record_usb_group(&state, &b, NULL), 0);
}

static void a_damaged_file_is_not_written_over(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_usb_group group = { .identity = stick.identity, .name = "x" };

    (void)unused;
    write_groups("{");
    assert_int_equal(xtune_record_usb_group(&state, &group, NULL),
                     XTUNE_ERR_INVALID);
    assert_string_equal(file_text(arena, groups_path(arena)), "{");
    assert_int_equal(xtune_record_usb(&state, UUID, "web1", &stick, NULL),
                     XTUNE_ERR_INVALID);
    assert_false(is_there(UUID ".json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(everything_of_a_domain_is_read),
        WITH_FOLDER(everything_of_the_host_is_read),
        cmocka_unit_test(bad_identities_are_refused),
        cmocka_unit_test(bad_rows_are_refused),
        cmocka_unit_test(a_device_is_there_once),
        cmocka_unit_test(groups_before_stay),
        WITH_FOLDER(a_device_of_two_domains),
        WITH_FOLDER(what_is_kept_is_one_text),
        WITH_FOLDER(one_of_the_same_identity_is_replaced),
        WITH_FOLDER(forgetting_one_keeps_the_others),
        WITH_FOLDER(the_file_goes_with_the_last_one),
        WITH_FOLDER(forgetting_pci_keeps_usb),
        WITH_FOLDER(one_device_one_domain),
        WITH_FOLDER(who_has_no_uuid_has_no_record),
        WITH_FOLDER(what_would_not_be_read_again),
        WITH_FOLDER(groups_are_one_text),
        WITH_FOLDER(a_group_that_says_nothing_is_forgotten),
        WITH_FOLDER(a_damaged_file_is_not_written_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
