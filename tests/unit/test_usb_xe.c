/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices, groups and VUSBs as XAPI has them: of a host, its usb-policy
 * and its records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xtune/xe.h>

#include "base/util.h"

#define VM "00000002-0000-4000-8000-00000000000a"
#define OTHER "00000002-0000-4000-8000-00000000000b"
#define DISK_INTERFACE(driver)                                                \
    "\"configured\": true, \"interfaces\": [{\"number\": 0, \"class\": "      \
    "\"08\", \"subclass\": \"06\", \"protocol\": \"50\", \"driver\": " driver \
    "}]"

static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0\"}], "
    "\"domains\": [{\"id\": 1, \"name\": \"web1\", \"memory_kb\": 1000, "
    "\"type\": \"hvm\", \"uuid\": \"" VM "\", \"cpupool\": \"Pool-0\", "
    "\"vcpus\": [], \"usb\": [{\"id\": 0, \"type\": \"devicemodel\", "
    "\"version\": 2, \"backend\": 0, \"ports\": [\"1-1\", \"1-2\"]}]}], "
    "\"usb\": ["
    /* A domain has it. */
    "{\"path\": \"1-1\", \"bus\": 1, \"address\": 2, \"vendor\": \"0951\", "
    "\"product\": \"1666\", \"release\": \"0110\", \"class\": \"00\", "
    "\"serial\": \"A\", \"speed\": \"480\", " DISK_INTERFACE(
        "\"usbfs\"") "},"
                     /* It was plugged in again since. */
                     "{\"path\": \"1-2\", \"bus\": 1, \"address\": 9, \"vendor\": \"0951\", "
                     "\"product\": \"1666\", \"release\": \"0110\", \"class\": \"00\", "
                     "\"serial\": \"B\", \"speed\": \"1.5\", " DISK_INTERFACE(
                         "\"usb-storage\"") "},"
                                            /* Two that are alike. */
                                            "{\"path\": \"1-3\", \"bus\": 1, \"address\": 4, \"vendor\": \"058f\", "
                                            "\"product\": \"6387\", \"release\": \"0110\", \"class\": \"00\", "
                                            "\"serial\": \"C\", \"speed\": \"5000\", " DISK_INTERFACE(
                                                "null") "},"
                                                        "{\"path\": \"1-4\", \"bus\": 1, \"address\": 5, \"vendor\": \"058f\", "
                                                        "\"product\": \"6387\", \"release\": \"0110\", \"class\": \"00\", "
                                                        "\"serial\": \"C\", " DISK_INTERFACE(
                                                            "null") "},"
                                                                    /* Denied.
                                                                     */
                                                                    "{\"path\": \"1-5\", \"bus\": 1, \"address\": 6, \"vendor\": \"17e9\", "
                                                                    "\"product\": \"0001\", \"release\": \"0110\", \"class\": \"00\", "
                                                                    "\"serial\": \"D\", \"speed\": \"480\", " DISK_INTERFACE(
                                                                        "null") "}]}";

static const xtune_usb_identity one = { .by = XTUNE_USB_BY_SERIAL,
                                        .vendor = "0951",
                                        .product = "1666",
                                        .serial = "A" };
static const xtune_usb_identity one_by_port = {
    .by = XTUNE_USB_BY_PORT, .vendor = "0951", .product = "1666", .port = "1-1"
};
static const xtune_usb_identity two = { .by = XTUNE_USB_BY_SERIAL,
                                        .vendor = "0951",
                                        .product = "1666",
                                        .serial = "B" };
static const xtune_usb_identity twins = { .by = XTUNE_USB_BY_SERIAL,
                                          .vendor = "058f",
                                          .product = "6387",
                                          .serial = "C" };
static const xtune_usb_identity denied = { .by = XTUNE_USB_BY_SERIAL,
                                           .vendor = "17e9",
                                           .product = "0001",
                                           .serial = "D" };
static const xtune_usb_identity gone = { .by = XTUNE_USB_BY_SERIAL,
                                         .vendor = "0951",
                                         .product = "1666",
                                         .serial = "Z",
                                         .port = "9-9" };

static xtune_arena *arena;
static xtune_host *host;
static xtune_policy *policy;
static xtune_usb_policy *rules;

static int make_all(void **unused)
{
    static const char text[] = "DENY: vid=17e9\nALLOW:\n";
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    (void)unused;
    arena = xtune_arena_new();
    policy = xtune_policy_new();
    if (xtune_host_from_json(host_text, sizeof(host_text) - 1, "h.json", &host,
                             &err))
        fail_msg("%s: %s", err->object, err->message);
    return xtune_usb_policy_parse(text, sizeof(text) - 1, "p", &rules, NULL);
}

static int free_all(void **unused)
{
    (void)unused;
    xtune_usb_policy_free(rules);
    xtune_policy_free(policy);
    xtune_host_free(host);
    xtune_arena_free(arena);
    return 0;
}

static void say(const xtune_usb_identity *identity)
{
    policy->usb_groups =
        xtune_arena_grow(policy->arena, policy->usb_groups,
                         policy->nr_usb_groups, sizeof(*policy->usb_groups));
    policy->usb_groups[policy->nr_usb_groups++] =
        (xtune_usb_group){ .identity = *identity, .passthrough = true };
}

static void give(const char *uuid, const char *name,
                 const xtune_usb_identity *identity)
{
    xtune_wanted_usb *row = XTUNE_NEW(policy->arena, xtune_wanted_usb);

    row->identity = *identity;
    policy->records =
        xtune_arena_grow(policy->arena, policy->records, policy->nr_records,
                         sizeof(*policy->records));
    policy->records[policy->nr_records++] =
        (xtune_record){ .uuid = uuid, .name = name, .usb = row, .nr_usb = 1 };
}

static xtune_xe_usbs all_of(const xtune_usb_policy *by)
{
    return xtune_xe_usbs_of(arena, host, policy, by);
}

/* One field of all objects, with blanks between them. */
static const char *column(const xtune_xe_class *class,
                          const xtune_xe_record *records, size_t nr,
                          const char *name)
{
    char *const texts[] = { (char *)xtune_arena_printf(arena, "params=%s",
                                                       name) };
    const xtune_xe_words words = xtune_xe_parse(arena, texts, 1);
    xtune_xe_list list;
    char *text;

    assert_int_equal(
        xtune_xe_select(arena, class, records, nr, &words, &list, NULL), 0);
    assert_null(list.unknown);
    text = xtune_xe_print_minimal(&list);
    text[strlen(text) - 1] = '\0';
    name = xtune_arena_strdup(arena, text);
    free(text);
    return name;
}

static const char *pusbs(const xtune_xe_usbs *all, const char *field)
{
    size_t nr;
    const xtune_xe_record *records = xtune_xe_pusb_records(arena, all, &nr);

    return column(&xtune_xe_pusb_class, records, nr, field);
}

static const char *groups(const xtune_xe_usbs *all, const char *field)
{
    size_t nr;
    const xtune_xe_record *records =
        xtune_xe_usb_group_records(arena, all, &nr);

    return column(&xtune_xe_usb_group_class, records, nr, field);
}

static const char *vusbs(const xtune_xe_usbs *all, const char *field)
{
    size_t nr;
    const xtune_xe_record *records = xtune_xe_vusb_records(arena, all, &nr);

    return column(&xtune_xe_vusb_class, records, nr, field);
}

static void what_is_allowed_is_there(void **unused)
{
    const xtune_xe_usbs all = all_of(rules);
    char uuid[37];

    (void)unused;
    assert_string_equal(pusbs(&all, "path"), "1-1,1-2,1-3,1-4");
    assert_int_equal(all.nr_usbs, 4);
    /* Alike, and still two. */
    assert_string_not_equal(all.usbs[2]->uuid, all.usbs[3]->uuid);
    xtune_usb_uuid(&one, uuid);
    assert_string_equal(all.usbs[0]->uuid, uuid);
    assert_string_equal(pusbs(&all, "speed"), "480.000,1.500,5000.000,-1.000");
    assert_string_equal(pusbs(&all, "host-uuid"),
                        "<not in database>,<not in database>,"
                        "<not in database>,<not in database>");
    assert_string_equal(vusbs(&all, "uuid"), "");
}

static void without_a_policy_there_is_what_is_written_down(void **unused)
{
    xtune_xe_usbs all;

    (void)unused;
    say(&one);
    all = all_of(NULL);
    assert_string_equal(pusbs(&all, "path"), "");
    assert_int_equal(all.nr_usbs, 1);
    assert_string_equal(groups(&all, "PUSB-uuids"), "");
}

/* What is written down of a device says what it is known by. */
static void its_identity_is_the_written_one(void **unused)
{
    xtune_xe_usbs all;
    char uuid[37];

    (void)unused;
    say(&one_by_port);
    all = all_of(rules);
    xtune_usb_uuid(&one_by_port, uuid);
    assert_string_equal(all.usbs[0]->uuid, uuid);
    assert_int_equal(all.nr_usbs, 4);
    assert_string_equal(pusbs(&all, "passthrough-enabled"),
                        "true,false,false,false");
}

/* By its serial here, by its port there: it is one device still. */
static void a_device_has_one_group(void **unused)
{
    xtune_xe_usbs all;

    (void)unused;
    say(&one);
    give(VM, "web1", &one_by_port);
    all = all_of(rules);
    assert_int_equal(all.nr_usbs, 4);
    assert_ptr_equal(all.vusbs[0].usb, all.usbs[0]);
    assert_ptr_equal(xtune_xe_vusb_of(&all, all.usbs[0]), &all.vusbs[0]);
    assert_null(xtune_xe_vusb_of(&all, all.usbs[1]));
    assert_string_equal(vusbs(&all, "usb-group-uuid"),
                        all.usbs[0]->group_uuid);
    assert_true(all.vusbs[0].attached);
    assert_string_equal(vusbs(&all, "allowed-operations"), "attach; unplug");
}

static void what_was_plugged_in_again_is_not_attached(void **unused)
{
    xtune_xe_usbs all;

    (void)unused;
    give(VM, "web1", &two);
    all = all_of(rules);
    assert_ptr_equal(all.vusbs[0].domain, &host->domains[0]);
    assert_false(all.vusbs[0].attached);
    assert_string_equal(vusbs(&all, "allowed-operations"), "attach; plug");
}

/* It is attached, to another one. */
static void of_another_domain_it_is_not(void **unused)
{
    xtune_xe_usbs all;

    (void)unused;
    give(OTHER, "db", &one);
    all = all_of(rules);
    assert_null(all.vusbs[0].domain);
    assert_false(all.vusbs[0].attached);
    assert_string_equal(vusbs(&all, "vm-name-label"), "db");
    assert_string_equal(vusbs(&all, "allowed-operations"), "attach");
}

static void what_is_denied_or_gone_has_a_group_only(void **unused)
{
    const xtune_xe_usb *usb;
    xtune_xe_usbs all;
    char uuid[37];

    (void)unused;
    give(VM, "web1", &gone);
    say(&denied);
    all = all_of(rules);
    assert_string_equal(pusbs(&all, "path"), "1-1,1-2,1-3,1-4");
    assert_int_equal(all.nr_usbs, 6);
    assert_string_equal(all.usbs[4]->usb->path, "1-5");
    assert_null(all.usbs[5]->usb);
    xtune_usb_group_uuid(&gone, uuid);
    assert_int_equal(xtune_xe_find_usb_group(&all, uuid, &usb, NULL), 0);
    assert_ptr_equal(usb, all.usbs[5]);
    xtune_usb_uuid(&denied, uuid);
    assert_int_equal(xtune_xe_find_pusb(&all, uuid, &usb, NULL),
                     XTUNE_ERR_NOT_FOUND);
}

/* What may be either of two is none of them. */
static void twins_are_nobody(void **unused)
{
    xtune_xe_usbs all;

    (void)unused;
    say(&twins);
    all = all_of(rules);
    assert_string_equal(pusbs(&all, "passthrough-enabled"),
                        "false,false,false,false");
    assert_int_equal(all.nr_usbs, 5);
    assert_null(all.usbs[4]->usb);
}

#define WITH_ALL(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_all, free_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ALL(what_is_allowed_is_there),
        WITH_ALL(without_a_policy_there_is_what_is_written_down),
        WITH_ALL(its_identity_is_the_written_one),
        WITH_ALL(a_device_has_one_group),
        WITH_ALL(what_was_plugged_in_again_is_not_attached),
        WITH_ALL(of_another_domain_it_is_not),
        WITH_ALL(what_is_denied_or_gone_has_a_group_only),
        WITH_ALL(twins_are_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
