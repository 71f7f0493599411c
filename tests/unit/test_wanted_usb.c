/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What records want of USB devices. */
#include "usb_plan.h"

#include <xtune/policy.h>

#include "plan/builder.h"
#include "plan/wanted_usb.h"

#define BOOT "11111111-2222-4333-8444-555555555555"
#define HOST ALLOW ", 'machine': {'boot_id': '" BOOT "'}, " CPUS
#define CPUS                                                                  \
    "'nodes': [{'id': 0, 'memory_kb': 4096, 'free_kb': 0}], "                 \
    "'cpus': [{'id': 0, 'node': 0}]"

#define STORE(path, address, serial) STICK(path, address, KNOWN SERIAL(serial))
#define EHCI CONTROLLER("0", "devicemodel", "2", FREE6)

#define WEB DOMAIN("1", "web", "hvm", EHCI)
#define DB DOMAIN("2", "db", "hvm", EHCI)
#define UUID(id) "0000000" id "-0000-4000-8000-00000000000a"

/* What a test is about. */
typedef struct wants {
    xtune_host *host;
    xtune_policy *policy;
    xtune_record records[2];
    xtune_wanted_usb rows[2][3];
    xtune_usb_group groups[4];
    xtune_plan_request request;
    xtune_plan *plan;
} wants;

/* Domains run: they have been made. */
static wants *on(const char *const *devices, const char *const *domains)
{
    static const xt_json configured = { .type = XT_JSON_OBJECT };
    wants *w = calloc(1, sizeof(*w));
    size_t i;

    w->host = usb_host(devices, domains, HOST);
    for (i = 1; i < w->host->nr_domains; i++)
        w->host->domains[i].configured = &configured;
    w->policy = xtune_policy_new();
    w->policy->records = w->records;
    w->policy->usb_groups = w->groups;
    w->request = (xtune_plan_request){
        .host = w->host,
        .policy = w->policy,
    };
    return w;
}

static void done(wants *w)
{
    xtune_plan_free(w->plan);
    xtune_policy_free(w->policy);
    xtune_host_free(w->host);
    free(w);
}

static xtune_usb_identity by_serial(const char *serial)
{
    return (xtune_usb_identity){
        .by = XTUNE_USB_BY_SERIAL,
        .vendor = "0951",
        .product = "1666",
        .serial = serial,
        .port = "1-7",
    };
}

static xtune_usb_identity by_port(const char *port)
{
    return (xtune_usb_identity){
        .by = XTUNE_USB_BY_PORT,
        .vendor = "0951",
        .product = "1666",
        .port = port,
    };
}

static void enable(wants *w, xtune_usb_identity identity)
{
    w->groups[w->policy->nr_usb_groups++] = (xtune_usb_group){
        .source = { "usb.json", 1 },
        .identity = identity,
        .passthrough = true,
    };
}

/* The record of a domain has one more device. */
static xtune_wanted_usb *want(wants *w, const char *uuid,
                              xtune_usb_identity identity)
{
    xtune_record *record = NULL;
    size_t i;

    for (i = 0; i < w->policy->nr_records; i++)
        if (!strcmp(w->records[i].uuid, uuid)) record = &w->records[i];
    if (!record) {
        i = w->policy->nr_records++;
        record = &w->records[i];
        *record = (xtune_record){
            .uuid = uuid,
            .name = "n",
            .usb = w->rows[i],
        };
    }
    record->usb[record->nr_usb] = (xtune_wanted_usb){
        .source = { "r.json", 3 },
        .identity = identity,
        .version = XTUNE_NONE,
    };
    return &record->usb[record->nr_usb++];
}

static void expect(wants *w, const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    xtune_plan_free(w->plan);
    w->plan = NULL;
    if (xtune_plan_make(&w->request, &w->plan, &err))
        fail_msg("%s: %s", err->object, err->message);
    assert_string_equal(show_plan(w->plan), text);
}

/* Nothing is done, and this is why. */
static void expect_blocked(wants *w, const char *object, const char *part)
{
    expect(w, "");
    assert_int_equal(w->plan->nr_blocked, 1);
    assert_string_equal(w->plan->blocked[0].kind, "usb");
    assert_string_equal(w->plan->blocked[0].object, object);
    if (!strstr(w->plan->blocked[0].why, part))
        fail_msg("\"%s\" is not in \"%s\"", part, w->plan->blocked[0].why);
}

static void expect_nothing(wants *w)
{
    expect(w, "");
    assert_int_equal(w->plan->nr_blocked, 0);
    assert_int_equal(w->plan->nr_notes, 0);
}

static void it_is_given_wherever_it_is(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect(w, "usb web/1-2: - to 0/1");
    assert_string_equal(w->plan->actions[0].reason, "record r.json:3");
    assert_int_equal(w->plan->nr_blocked, 0);
    done(w);
}

static void what_is_absent_is_waited_for(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));

    (void)state;
    want(w, UUID("1"), by_serial("S2"));
    want(w, UUID("2"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect_nothing(w);
    done(w);
}

static void what_it_has_it_keeps(void **state)
{
    wants *w = on(LIST(GIVEN("1-2", "3")),
                  LIST(DOMAIN("1", "web", "hvm",
                              CONTROLLER("0", "devicemodel", "3", "'1-2'"))));

    (void)state;
    /* Another version was asked for since, and it is enabled no longer. */
    want(w, UUID("1"), by_port("1-2"))->version = 2;
    expect_nothing(w);
    done(w);
}

static void it_comes_back(void **state)
{
    wants *w =
        on(LIST(STORE("1-2", "9", "S1")),
           LIST(DOMAIN("1", "web", "hvm",
                       CONTROLLER("0", "devicemodel", "3", "null, '1-2'"))));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect(w, "usb web/1-2: 0/2! to 0/2");
    done(w);
}

static void it_comes_back_to_another_port(void **state)
{
    wants *w =
        on(LIST(STORE("1-4", "9", "S1")),
           LIST(DOMAIN("1", "web", "hvm",
                       CONTROLLER("0", "devicemodel", "3", "null, '1-2'"))));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect(w, "usb web/1-2: 0/2! to -; usb web/1-4: - to 0/1");
    done(w);
}

static void it_has_to_be_enabled(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));
    xtune_usb_identity wanted = by_port("1-2"), listed = by_serial("S1");
    char way[80] = "pusb-param-set uuid=";
    const size_t len = strlen(way);

    (void)state;
    /* It is listed by what it is wanted by, while nothing is said of it. */
    xtune_usb_uuid(&wanted, way + len);
    want(w, UUID("1"), wanted);
    expect_blocked(w, "web/1-2", way);
    enable(w, by_serial("S2"));
    expect_blocked(w, "web/1-2", way);
    enable(w, listed);
    w->groups[1].passthrough = false;
    xtune_usb_uuid(&listed, way + len);
    expect_blocked(w, "web/1-2", way);
    /* By what it is listed by, and by what the record knows it by. */
    w->groups[1].passthrough = true;
    expect(w, "usb web/1-2: - to 0/1");
    w->groups[1].identity = by_port("1-2");
    expect(w, "usb web/1-2: - to 0/1");
    done(w);
}

static void one_of_several(void **state)
{
    wants *w =
        on(LIST(STORE("1-2", "3", "S1"), STORE("1-4", "5", "S1")), LIST(WEB));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect_blocked(w, "web/0951:1666,serial=S1", "several devices");
    /* The one in the port that it was in. */
    w->records[0].usb[0].identity.port = "1-4";
    w->groups[0].identity.port = "1-4";
    expect(w, "usb web/1-4: - to 0/1");
    done(w);
}

/* Its twin is another domain's by where it is, and is not taken for it. */
static void a_twin_of_another(void **state)
{
    xtune_usb_identity twin = by_serial("S1");
    wants *w = on(LIST(STORE("1-4", "5", "S1")), LIST(WEB, DB));

    (void)state;
    twin.by = XTUNE_USB_BY_BOTH;
    twin.port = "1-4";
    enable(w, twin);
    want(w, UUID("1"), by_serial("S1"));
    expect(w, "usb web/1-4: - to 0/1");
    want(w, UUID("2"), twin);
    expect(w, "usb db/1-4: - to 0/1");
    done(w);
}

static void what_another_has(void **state)
{
    wants *w =
        on(LIST(GIVEN("1-2", "3")),
           LIST(WEB, DOMAIN("2", "db", "hvm",
                            CONTROLLER("0", "devicemodel", "3", "'1-2'"))));

    (void)state;
    want(w, UUID("1"), by_port("1-2"));
    enable(w, by_port("1-2"));
    expect_blocked(w, "web/1-2", "usb-detach db 1-2");
    done(w);
}

static void guards_block_it(void **state)
{
    static const char *const forced[] = { "disk" };
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));
    xtune_use mounted = { .kind = "mount", .what = "/srv" };

    (void)state;
    w->host->usb[0].uses = &mounted;
    w->host->usb[0].nr_uses = 1;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    expect_blocked(w, "web/1-2", "/srv");
    w->request.forced = forced;
    w->request.nr_forced = 1;
    expect(w, "usb web/1-2: - to 0/1");
    done(w);
}

static void taken_back_by_hand(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));
    xtune_wanted_usb *row = want(w, UUID("1"), by_serial("S1"));

    (void)state;
    enable(w, by_serial("S1"));
    row->unplugged = BOOT "/1";
    expect_nothing(w);
    /* Another life of it. */
    row->unplugged = BOOT "/12";
    expect(w, "usb web/1-2: - to 0/1");
    row->unplugged = "99999999-2222-4333-8444-555555555555/1";
    expect(w, "usb web/1-2: - to 0/1");
    w->host->machine.boot_id = NULL;
    expect(w, "usb web/1-2: - to 0/1");
    done(w);
}

/* They share what there is of ports. */
static void several_of_one_plan(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1"), STORE("1-3", "4", "S2"),
                       STORE("1-4", "5", "S3")),
                  LIST(DOMAIN("1", "web", "hvm",
                              CONTROLLER("0", "devicemodel", "3", "'1-9'")),
                       DB));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    want(w, UUID("1"), by_serial("S2"));
    want(w, UUID("2"), by_serial("S3"));
    /* The first has it then. */
    want(w, UUID("2"), by_port("1-2"));
    enable(w, by_serial("S1"));
    enable(w, by_serial("S2"));
    enable(w, by_serial("S3"));
    expect(w, "usb web/1-9: 0/1! to -; usb web/1-2: - to 0/1; "
              "usb-controller web/usb1: - to devicemodel 2/6; "
              "usb web/1-3: - to 1/1; usb db/1-4: - to 0/1");
    assert_int_equal(w->plan->nr_blocked, 1);
    assert_string_equal(w->plan->blocked[0].object, "db/1-2");
    done(w);
}

/* The last one of the console is kept, whichever goes first. */
static void the_last_keyboard_stays(void **state)
{
    static xtune_use keyboard = { .kind = "keyboard", .what = "a keyboard" };
    wants *w =
        on(LIST(STORE("1-2", "3", "S1"), STORE("1-3", "4", "S2")), LIST(WEB));

    (void)state;
    w->host->usb[0].uses = w->host->usb[1].uses = &keyboard;
    w->host->usb[0].nr_uses = w->host->usb[1].nr_uses = 1;
    want(w, UUID("1"), by_serial("S2"));
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    enable(w, by_serial("S2"));
    expect(w, "usb web/1-3: - to 0/1");
    assert_int_equal(w->plan->nr_blocked, 1);
    assert_string_equal(w->plan->blocked[0].object, "web/1-2");
    assert_non_null(strstr(w->plan->blocked[0].why, "last keyboard"));
    done(w);
}

static void the_version_that_a_record_wants(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));

    (void)state;
    want(w, UUID("1"), by_serial("S1"))->version = 3;
    enable(w, by_serial("S1"));
    expect(w, "usb-controller web/usb1: - to devicemodel 3/8; "
              "usb web/1-2: - to 1/1");
    done(w);
}

/* Those that are asked for, when they are there. */
static void domains_that_are_given_none(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1"), STORE("1-3", "4", "S2")),
                  LIST(WEB, DB));
    bool only[3] = { false, false, true }, devices[3] = { false };

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    want(w, UUID("2"), by_serial("S2"));
    enable(w, by_serial("S1"));
    enable(w, by_serial("S2"));
    w->request.only = only;
    expect_nothing(w);
    w->request.devices = devices;
    expect_nothing(w);
    devices[1] = devices[2] = true;
    expect(w, "usb db/1-3: - to 0/1");
    w->request.only = w->request.devices = NULL;
    w->host->domains[1].state = XTUNE_STATE_SHUTDOWN;
    expect(w, "usb db/1-3: - to 0/1");
    /* libxl is still making it. */
    w->host->domains[1].state = 0;
    w->host->domains[1].configured = NULL;
    expect(w, "usb db/1-3: - to 0/1");
    done(w);
}

/* A domain that is given a controller counts as having it: its memory cannot
 * move any more. */
static void it_counts_as_having_it(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    wants *w =
        on(LIST(STORE("1-2", "3", "S1")), LIST(DOMAIN("1", "web", "hvm", "")));
    const xtune_host *then;

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    w->plan = xt_plan_new();
    then = xt_plan_add_wanted_usb(w->plan, arena, &w->request);
    assert_ptr_equal(then, w->host);
    enable(w, by_serial("S1"));
    then = xt_plan_add_wanted_usb(w->plan, arena, &w->request);
    assert_int_equal(then->domains[1].nr_usb, 1);
    assert_int_equal(w->host->domains[1].nr_usb, 0);
    done(w);
}

static void nothing_is_known_of_devices(void **state)
{
    wants *w = on(LIST(STORE("1-2", "3", "S1")), LIST(WEB));

    (void)state;
    want(w, UUID("1"), by_serial("S1"));
    enable(w, by_serial("S1"));
    w->host->has_usb = false;
    expect(w, "");
    assert_int_equal(w->plan->nr_blocked, 0);
    assert_int_equal(w->plan->nr_notes, 1);
    assert_true(xtune_policy_has_usb(w->policy));
    w->records[0].nr_usb = 0;
    assert_false(xtune_policy_has_usb(w->policy));
    expect_nothing(w);
    done(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_given_wherever_it_is),
        cmocka_unit_test(what_is_absent_is_waited_for),
        cmocka_unit_test(what_it_has_it_keeps),
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(it_comes_back_to_another_port),
        cmocka_unit_test(it_has_to_be_enabled),
        cmocka_unit_test(one_of_several),
        cmocka_unit_test(a_twin_of_another),
        cmocka_unit_test(what_another_has),
        cmocka_unit_test(guards_block_it),
        cmocka_unit_test(taken_back_by_hand),
        cmocka_unit_test(several_of_one_plan),
        cmocka_unit_test(the_last_keyboard_stays),
        cmocka_unit_test(the_version_that_a_record_wants),
        cmocka_unit_test(domains_that_are_given_none),
        cmocka_unit_test(it_counts_as_having_it),
        cmocka_unit_test(nothing_is_known_of_devices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
