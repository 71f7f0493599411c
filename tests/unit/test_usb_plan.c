/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that give USB devices and controllers to domains. */
#include "usb_plan.h"

/* A host, and the plan that is asked of it. */
typedef struct asked {
    xtune_host *host;
    xtune_usb_request request;
    xtune_plan *plan;
    xtune_error *err;
} asked;

static asked on(const char *const *devices, const char *const *domains)
{
    asked a = { .host = usb_host(devices, domains, ALLOW) };

    a.request.host = a.host;
    return a;
}

static void done(asked *a)
{
    xtune_host_free(a->host);
}

/* The domains come behind dom0. */
static int attach_to(asked *a, size_t domain, const char *path,
                     xtune_usb_place place)
{
    const xtune_usb *usb = xtune_host_usb(a->host, path);

    assert_non_null(usb);
    return xtune_plan_usb_attach(&a->request, &a->host->domains[domain], usb,
                                 &place, &a->plan, &a->err);
}

static void expect_attach(const char *const *devices,
                          const char *const *domains, const char *path,
                          xtune_usb_place place, const char *text)
{
    asked a = on(devices, domains);
    int rc = attach_to(&a, 1, path, place);

    expect_plan(rc, a.plan, a.err, text);
    done(&a);
}

static void expect_refused(const char *const *devices,
                           const char *const *domains, const char *path,
                           xtune_usb_place place, int code, const char *part)
{
    asked a = on(devices, domains);
    int rc = attach_to(&a, 1, path, place);

    check_error(rc, &a.err, code, part);
    done(&a);
}

#define PV(controllers) DOMAIN("1", "web", "pv", controllers)
#define UHCI(id, ports) CONTROLLER(id, "devicemodel", "1", ports)
#define EHCI(id, ports) CONTROLLER(id, "devicemodel", "2", ports)
#define XHCI(id, ports) CONTROLLER(id, "devicemodel", "3", ports)

static const char *const all_speeds[] = { SLOW("1-1", "2"), DISK("1-2", "3"),
                                          FAST("1-9", "8"), NULL };

static void the_speed_says_which_controller(void **state)
{
    (void)state;
    expect_attach(all_speeds, LIST(HVM("")), "1-1", anywhere,
                  "usb-controller web/usb0: - to devicemodel 1/2; "
                  "usb web/1-1: - to 0/1");
    expect_attach(all_speeds, LIST(HVM("")), "1-2", anywhere,
                  "usb-controller web/usb0: - to devicemodel 2/6; "
                  "usb web/1-2: - to 0/1");
    expect_attach(all_speeds, LIST(HVM("")), "1-9", anywhere,
                  "usb-controller web/usb0: - to devicemodel 3/8; "
                  "usb web/1-9: - to 0/1");
    expect_attach(all_speeds, LIST(PV("")), "1-1", anywhere,
                  "usb-controller web/usb0: - to qusb 2/8; "
                  "usb web/1-1: - to 0/1");
    expect_attach(all_speeds, LIST(PV("")), "1-9", anywhere,
                  "usb-controller web/usb0: - to qusb 2/8; "
                  "usb web/1-9: - to 0/1");
}

static void a_free_port_is_taken(void **state)
{
    (void)state;
    expect_attach(all_speeds, LIST(HVM(XHCI("0", "'1-2', null"))), "1-1",
                  anywhere, "usb web/1-1: - to 0/2");
    /* There it would be slow. */
    expect_attach(all_speeds, LIST(HVM(EHCI("0", FREE6))), "1-9", anywhere,
                  "usb-controller web/usb1: - to devicemodel 3/8; "
                  "usb web/1-9: - to 1/1");
    /* USB 2 of the device model is too fast for it. */
    expect_attach(all_speeds, LIST(HVM(EHCI("0", FREE6))), "1-1", anywhere,
                  "usb-controller web/usb1: - to devicemodel 1/2; "
                  "usb web/1-1: - to 1/1");
    expect_attach(all_speeds, LIST(HVM(UHCI("0", "null, null"))), "1-2",
                  anywhere,
                  "usb-controller web/usb1: - to devicemodel 2/6; "
                  "usb web/1-2: - to 1/1");
    expect_attach(all_speeds, LIST(PV(CONTROLLER("0", "qusb", "2", "null"))),
                  "1-1", anywhere, "usb web/1-1: - to 0/1");
    expect_attach(all_speeds, LIST(PV(CONTROLLER("0", "pv", "1", "null"))),
                  "1-2", anywhere,
                  "usb-controller web/usb1: - to qusb 2/8; "
                  "usb web/1-2: - to 1/1");
}

static void the_best_controller_is_taken(void **state)
{
    (void)state;
    expect_attach(all_speeds,
                  LIST(HVM(XHCI("0", "null") ", " EHCI("1", FREE6) ", " EHCI(
                      "2", FREE6))),
                  "1-2", anywhere, "usb web/1-2: - to 1/1");
    expect_attach(all_speeds,
                  LIST(HVM(XHCI("0", "null") ", " UHCI("1", "null, null"))),
                  "1-1", anywhere, "usb web/1-1: - to 1/1");
    expect_attach(all_speeds,
                  LIST(HVM(EHCI("0", FREE6) ", " XHCI("1", "null"))), "1-9",
                  anywhere, "usb web/1-9: - to 1/1");
}

static void the_lowest_id_is_taken(void **state)
{
    static const char *const devices[] = { GIVEN("1-1", "2"),
                                           GIVEN("1-3", "4"), DISK("1-2", "3"),
                                           NULL };

    (void)state;
    expect_attach(devices,
                  LIST(HVM(XHCI("0", "'1-1'") ", " XHCI("2", "'1-3'"))), "1-2",
                  anywhere,
                  "usb-controller web/usb1: - to devicemodel 2/6; "
                  "usb web/1-2: - to 1/1");
}

/* What the guest has closed, or another domain serves, takes none. */
static void controllers_that_take_none(void **state)
{
    asked a = on(all_speeds, LIST(PV(CONTROLLER("0", "qusb", "2", "null"))));
    xtune_usb_controller *controller = &a.host->domains[1].usb[0];
    static const char made[] = "usb-controller web/usb1: - to qusb 2/8; "
                               "usb web/1-2: - to 1/1";
    xtune_usb_place place = { 0, XTUNE_NONE, XTUNE_NONE };
    int rc;

    (void)state;
    controller->state = 6;
    rc = attach_to(&a, 1, "1-2", anywhere);
    expect_plan(rc, a.plan, a.err, made);
    check_error(attach_to(&a, 1, "1-2", place), &a.err, XTUNE_ERR_REFUSED,
                "closed its USB controller 0");
    controller->state = 4;
    controller->backend = 3;
    rc = attach_to(&a, 1, "1-2", anywhere);
    expect_plan(rc, a.plan, a.err, made);
    check_error(attach_to(&a, 1, "1-2", place), &a.err, XTUNE_ERR_UNSUPPORTED,
                "domain 3 serves");
    done(&a);
}

static void the_version_that_is_asked_for(void **state)
{
    (void)state;
    expect_attach(all_speeds, LIST(HVM("")), "1-2",
                  (xtune_usb_place){ XTUNE_NONE, XTUNE_NONE, 3 },
                  "usb-controller web/usb0: - to devicemodel 3/8; "
                  "usb web/1-2: - to 0/1");
    expect_attach(all_speeds, LIST(HVM(EHCI("0", FREE6))), "1-2",
                  (xtune_usb_place){ XTUNE_NONE, XTUNE_NONE, 3 },
                  "usb-controller web/usb1: - to devicemodel 3/8; "
                  "usb web/1-2: - to 1/1");
    expect_refused(all_speeds, LIST(HVM("")), "1-2",
                   (xtune_usb_place){ XTUNE_NONE, XTUNE_NONE, 1 },
                   XTUNE_ERR_INVALID, "480 Mbit/s does not fit");
    expect_refused(all_speeds, LIST(PV("")), "1-2",
                   (xtune_usb_place){ XTUNE_NONE, XTUNE_NONE, 3 },
                   XTUNE_ERR_INVALID, "no USB controller of version 3");
}

static void the_place_that_is_asked_for(void **state)
{
    static const char *const devices[] = { SLOW("1-1", "2"), DISK("1-2", "3"),
                                           GIVEN("1-4", "5"), NULL };
    static const char *const web[] = {
        HVM(EHCI("0", "'1-4', null, null, null, null, null") ", " UHCI(
            "1", "null, null") ", " XHCI("2", "null")),
        NULL
    };
    static const char *const full[] = { HVM(XHCI("0", "'1-4'")), NULL };

    (void)state;
    expect_attach(devices, web, "1-2", (xtune_usb_place){ 0, 5, XTUNE_NONE },
                  "usb web/1-2: - to 0/5");
    expect_attach(devices, web, "1-2",
                  (xtune_usb_place){ 0, XTUNE_NONE, XTUNE_NONE },
                  "usb web/1-2: - to 0/2");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 0, 1, XTUNE_NONE },
                   XTUNE_ERR_REFUSED, "xltune usb-detach web 1-4");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 0, 7, XTUNE_NONE },
                   XTUNE_ERR_INVALID, "ports 1 to 6, and no port 7");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 0, 0, XTUNE_NONE },
                   XTUNE_ERR_INVALID, "no port 0");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 3, 1, XTUNE_NONE },
                   XTUNE_ERR_NOT_FOUND, "no USB controller 3");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 0, 2, 3 },
                   XTUNE_ERR_INVALID, "version 2, not 3");
    expect_refused(devices, web, "1-1", (xtune_usb_place){ 0, 2, XTUNE_NONE },
                   XTUNE_ERR_INVALID, "it needs one of version 1");
    expect_refused(devices, web, "1-2",
                   (xtune_usb_place){ XTUNE_NONE, 2, XTUNE_NONE },
                   XTUNE_ERR_INVALID, "say which controller");
    expect_refused(devices, full, "1-2",
                   (xtune_usb_place){ 0, XTUNE_NONE, XTUNE_NONE },
                   XTUNE_ERR_REFUSED, "every port of its USB controller 0");
}

static void what_is_there_stays(void **state)
{
    static const char *const devices[] = { GIVEN("1-2", "3"), NULL };
    static const char *const web[] = { HVM(XHCI("4", "null, '1-2'")), NULL };

    (void)state;
    expect_attach(devices, web, "1-2", anywhere, "");
    expect_attach(devices, web, "1-2", (xtune_usb_place){ 4, 2, 3 }, "");
    expect_refused(devices, web, "1-2", (xtune_usb_place){ 4, 1, XTUNE_NONE },
                   XTUNE_ERR_REFUSED, "port 2 of controller 4");
    expect_refused(devices, web, "1-2",
                   (xtune_usb_place){ XTUNE_NONE, XTUNE_NONE, 2 },
                   XTUNE_ERR_REFUSED, "which is of version 3");
}

static void what_another_has_it_keeps(void **state)
{
    static const char *const devices[] = { GIVEN("1-2", "3"), NULL };

    (void)state;
    expect_refused(
        devices, LIST(HVM(""), DOMAIN("2", "db", "hvm", XHCI("0", "'1-2'"))),
        "1-2", anywhere, XTUNE_ERR_REFUSED, "xltune usb-detach db 1-2");
}

/* Plugged in again. */

static void it_comes_back_to_its_place(void **state)
{
    static const char *const devices[] = { GIVEN("1-1", "2"), DISK("1-2", "9"),
                                           NULL };
    static const char *const web[] = {
        HVM(EHCI("0", "'1-1', null, null, '1-2', null, null") ", " XHCI(
            "1", "null")),
        NULL
    };

    (void)state;
    expect_attach(devices, web, "1-2", anywhere, "usb web/1-2: 0/4! to 0/4");
    expect_attach(devices, web, "1-2", (xtune_usb_place){ 0, 4, 2 },
                  "usb web/1-2: 0/4! to 0/4");
    expect_attach(devices, web, "1-2",
                  (xtune_usb_place){ 1, XTUNE_NONE, XTUNE_NONE },
                  "usb web/1-2: 0/4! to 1/1");
    /* It is another one, and needs another controller. */
    expect_attach(LIST(SLOW("1-2", "9")),
                  LIST(HVM(EHCI("0", "'1-2', null, null, null, null, null"))),
                  "1-2", anywhere,
                  "usb-controller web/usb1: - to devicemodel 1/2; "
                  "usb web/1-2: 0/1! to 1/1");
}

static void what_is_left_of_others_goes_first(void **state)
{
    (void)state;
    expect_attach(LIST(DISK("1-2", "3")),
                  LIST(HVM(""), DOMAIN("2", "db", "hvm",
                                       XHCI("0", "null, '1-7', '1-8'"))),
                  "1-2", anywhere,
                  "usb db/1-7: 0/2! to -; usb db/1-8: 0/3! to -; "
                  "usb-controller web/usb0: - to devicemodel 2/6; "
                  "usb web/1-2: - to 0/1");
    /* It was in the other domain, and was plugged in again. */
    expect_attach(LIST(DISK("1-2", "3")),
                  LIST(HVM(EHCI("0", FREE6)),
                       DOMAIN("2", "db", "hvm", XHCI("0", "'1-2'"))),
                  "1-2", anywhere,
                  "usb db/1-2: 0/1! to -; usb web/1-2: - to 0/1");
    /* Another one that was plugged in again is in nobody's way. */
    expect_attach(LIST(DISK("1-2", "3"), DISK("1-3", "4")),
                  LIST(HVM(EHCI("0", FREE6)),
                       DOMAIN("2", "db", "hvm", XHCI("0", "'1-3'"))),
                  "1-2", anywhere, "usb web/1-2: - to 0/1");
    /* The port that it frees is free. */
    expect_attach(LIST(DISK("1-2", "3")), LIST(HVM(XHCI("0", "'1-9'"))), "1-2",
                  anywhere, "usb web/1-9: 0/1! to -; usb web/1-2: - to 0/1");
}

/* What a domain that is dying has goes with it. */
static void dying_domains_are_left(void **state)
{
    asked a = on(LIST(DISK("1-2", "3")),
                 LIST(HVM(EHCI("0", FREE6)),
                      DOMAIN("2", "db", "hvm", XHCI("0", "'1-7'"))));
    int rc;

    (void)state;
    a.host->domains[2].state = XTUNE_STATE_DYING;
    rc = attach_to(&a, 1, "1-2", anywhere);
    expect_plan(rc, a.plan, a.err, "usb web/1-2: - to 0/1");
    rc = xtune_plan_usb_mend(&a.request, &a.plan, &a.err);
    expect_plan(rc, a.plan, a.err, "");
    done(&a);
}

/* Who can have none, and what cannot be had. */

static void domains_that_have_none(void **state)
{
    asked a = on(all_speeds, LIST(HVM("")));

    (void)state;
    expect_refused(all_speeds, LIST(DOMAIN("1", "web", "pvh", "")), "1-2",
                   anywhere, XTUNE_ERR_UNSUPPORTED, "type=\"hvm\"");
    check_error(attach_to(&a, 0, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "dom0 has all devices");
    a.host->domains[1].state = XTUNE_STATE_SHUTDOWN;
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "shut down");
    a.host->domains[1].state = 0;
    a.host->domains[1].type = XTUNE_TYPE_UNKNOWN;
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err,
                XTUNE_ERR_UNSUPPORTED, "not known");
    done(&a);
}

static void devices_that_no_one_has(void **state)
{
    asked a = on(all_speeds, LIST(HVM("")));
    static const char *const all[] = { "all" };

    (void)state;
    a.request.forced = all;
    a.request.nr_forced = 1;
    a.host->usb[1].configured = false;
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "not configured it");
    a.host->usb[0].class_code = 9;
    check_error(attach_to(&a, 1, "1-1", anywhere), &a.err,
                XTUNE_ERR_UNSUPPORTED, "it is a hub");
    done(&a);
}

static void guards_are_heeded(void **state)
{
    static const char *const disk[] = { "network", "disk" };
    xtune_use mounted = { .kind = "mount", .what = "/srv" };
    asked a = on(all_speeds, LIST(HVM(EHCI("0", FREE6))));
    int rc;

    (void)state;
    a.host->usb[1].uses = &mounted;
    a.host->usb[1].nr_uses = 1;
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "/srv");
    a.request.forced = disk;
    a.request.nr_forced = 2;
    rc = attach_to(&a, 1, "1-2", anywhere);
    expect_plan(rc, a.plan, a.err, "usb web/1-2: - to 0/1");
    a.host->usb_rules.text = "DENY: class=08\nALLOW:\n";
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "usb-policy allow");
    /* One that cannot be read allows nothing. */
    a.host->usb_rules.text = "ALLOW: clas=08\n";
    check_error(attach_to(&a, 1, "1-2", anywhere), &a.err, XTUNE_ERR_REFUSED,
                "usb-policy");
    done(&a);
}

/* Taking back. */

static int detach_from(asked *a, size_t domain, const char *path)
{
    return xtune_plan_usb_detach(&a->request, &a->host->domains[domain], path,
                                 &a->plan, &a->err);
}

static void it_is_taken_back(void **state)
{
    asked a =
        on(LIST(GIVEN("1-2", "3")), LIST(HVM(XHCI("0", "'1-2', '1-7'"))));
    int rc;

    (void)state;
    rc = detach_from(&a, 1, "1-2");
    expect_plan(rc, a.plan, a.err, "usb web/1-2: 0/1 to -");
    rc = detach_from(&a, 1, "1-7");
    expect_plan(rc, a.plan, a.err, "usb web/1-7: 0/2! to -");
    check_error(detach_from(&a, 1, "1-3"), &a.err, XTUNE_ERR_NOT_FOUND,
                "it does not have 1-3");
    check_error(detach_from(&a, 0, "1-2"), &a.err, XTUNE_ERR_NOT_FOUND,
                "it does not have 1-2");
    done(&a);
}

/* Controllers. */

static void expect_controller(const char *domain, const char *type,
                              uint32_t version, uint32_t ports,
                              const char *text)
{
    asked a = on(NONE, LIST(domain));
    uint32_t id = 77;
    int rc = xtune_plan_usb_controller(&a.request, &a.host->domains[1], type,
                                       version, ports, &id, &a.plan, &a.err);

    expect_plan(rc, a.plan, a.err, text);
    assert_int_equal(id, 1);
    done(&a);
}

static void refuse_controller(const char *domain, const char *type,
                              uint32_t version, uint32_t ports, int code,
                              const char *part)
{
    asked a = on(NONE, LIST(domain));
    uint32_t id;

    check_error(xtune_plan_usb_controller(&a.request, &a.host->domains[1],
                                          type, version, ports, &id, &a.plan,
                                          &a.err),
                &a.err, code, part);
    done(&a);
}

static void controllers_as_asked(void **state)
{
    static const char hvm[] = HVM(XHCI("0", "null"));
    static const char pv[] = PV(CONTROLLER("0", "qusb", "2", "null"));
    const uint32_t any = XTUNE_NONE;

    (void)state;
    expect_controller(hvm, NULL, any, any,
                      "usb-controller web/usb1: - to devicemodel 2/6");
    expect_controller(hvm, NULL, any, 15,
                      "usb-controller web/usb1: - to devicemodel 3/15");
    expect_controller(hvm, NULL, 1, any,
                      "usb-controller web/usb1: - to devicemodel 1/2");
    expect_controller(hvm, "qusb", any, 31,
                      "usb-controller web/usb1: - to qusb 2/31");
    expect_controller(pv, NULL, 1, any,
                      "usb-controller web/usb1: - to qusb 1/8");
    expect_controller(pv, "pv", any, any,
                      "usb-controller web/usb1: - to pv 2/8");
}

/* What serves them is the host's, and is recorded. */
static void controllers_of_linux(void **state)
{
    XT_CLEANUP_FREE char *text = NULL;
    asked a = { .host = usb_host(all_speeds, LIST(PV("")),
                                 ALLOW ", 'usbback': true") };
    int rc;

    (void)state;
    a.request.host = a.host;
    rc = attach_to(&a, 1, "1-1", anywhere);
    expect_plan(rc, a.plan, a.err,
                "usb-controller web/usb0: - to pv 2/8; "
                "usb web/1-1: - to 0/1");
    text = xtune_host_to_json(a.host);
    assert_non_null(strstr(text, "\"usbback\": true"));
    done(&a);
}

static void controllers_that_are_none(void **state)
{
    static const char hvm[] = HVM(""), pv[] = PV("");
    const uint32_t any = XTUNE_NONE;

    (void)state;
    refuse_controller(hvm, "auto", any, any, XTUNE_ERR_INVALID,
                      "devicemodel, pv and qusb");
    refuse_controller(hvm, NULL, 4, any, XTUNE_ERR_INVALID, "version 4");
    refuse_controller(hvm, NULL, 2, 5, XTUNE_ERR_INVALID,
                      "has 6 ports, not 5");
    refuse_controller(hvm, NULL, any, 16, XTUNE_ERR_INVALID, "with 16 ports");
    refuse_controller(hvm, NULL, 3, 0, XTUNE_ERR_INVALID, "with 0 ports");
    refuse_controller(pv, NULL, 3, any, XTUNE_ERR_INVALID, "version 3");
    refuse_controller(pv, "pv", any, 32, XTUNE_ERR_INVALID, "1 to 31");
    refuse_controller(pv, "devicemodel", any, any, XTUNE_ERR_UNSUPPORTED,
                      "no device model");
    refuse_controller(DOMAIN("1", "web", "pvh", ""), NULL, any, any,
                      XTUNE_ERR_UNSUPPORTED, "PVH");
}

static void a_controller_goes_without_devices(void **state)
{
    asked a = on(LIST(GIVEN("1-2", "3")),
                 LIST(HVM(EHCI("0", FREE6) ", " XHCI("3", "'1-2', '1-7'"))));
    int rc = xtune_plan_usb_no_controller(&a.request, &a.host->domains[1], 3,
                                          &a.plan, &a.err);

    (void)state;
    expect_plan(rc, a.plan, a.err,
                "usb web/1-7: 3/2! to -; usb web/1-2: 3/1 to -; "
                "usb-controller web/usb3: devicemodel 3/2 to -");
    check_error(xtune_plan_usb_no_controller(&a.request, &a.host->domains[1],
                                             1, &a.plan, &a.err),
                &a.err, XTUNE_ERR_NOT_FOUND, "no USB controller 1");
    done(&a);
}

/* Mending. */

#define TWO(path, address, first, second)                                     \
    USB(path, address, "046d", "c52b",                                        \
        SPEED("12") INTERFACES(                                               \
            INTERFACE("0", "03", "01", "01",                                  \
                      first) ", " INTERFACE("2", "03", "00", "00", second)))

static void what_was_left_is_mended(void **state)
{
    asked a = on(LIST(TWO("1-1", "2", "'usbhid'", "null"),
                      TWO("1-2", "3", "'usbhid'", "'usbhid'"),
                      TWO("1-3", "4", "null", "null"), GIVEN("1-4", "5"),
                      DISK("1-5", "6")),
                 LIST(HVM(XHCI("0", "'1-4', '1-5', '1-6', '1-3'"))));
    const xtune_action *action;
    int rc;

    (void)state;
    rc = xtune_plan_usb_mend(&a.request, &a.plan, &a.err);
    assert_int_equal(rc, 0);
    action = &a.plan->actions[2];
    assert_string_equal(action->kind, "usb-driver");
    assert_int_equal(action->old->nr, 1);
    assert_string_equal(action->old->keys[0], "2");
    assert_string_equal(xt_json_text(xt_json_get(action->new, "2")), "dom0");
    expect_plan(rc, a.plan, a.err,
                "usb web/1-5: 0/2! to -; usb web/1-6: 0/3! to -; "
                "usb-driver 1-1: 2 to 2");
    done(&a);
}

static void what_has_to_be_mended_of_nothing(void **state)
{
    asked a = on(LIST(TWO("1-1", "2", "null", "null"),
                      TWO("1-2", "3", "null", "null"), GIVEN("1-4", "5")),
                 LIST(HVM(XHCI("0", "'1-4'"))));
    int rc;

    (void)state;
    a.host->usb[0].class_code = 9;
    a.host->usb[1].configured = false;
    rc = xtune_plan_usb_mend(&a.request, &a.plan, &a.err);
    expect_plan(rc, a.plan, a.err, "");
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_speed_says_which_controller),
        cmocka_unit_test(a_free_port_is_taken),
        cmocka_unit_test(the_best_controller_is_taken),
        cmocka_unit_test(the_lowest_id_is_taken),
        cmocka_unit_test(controllers_that_take_none),
        cmocka_unit_test(the_version_that_is_asked_for),
        cmocka_unit_test(the_place_that_is_asked_for),
        cmocka_unit_test(what_is_there_stays),
        cmocka_unit_test(what_another_has_it_keeps),
        cmocka_unit_test(it_comes_back_to_its_place),
        cmocka_unit_test(what_is_left_of_others_goes_first),
        cmocka_unit_test(dying_domains_are_left),
        cmocka_unit_test(domains_that_have_none),
        cmocka_unit_test(devices_that_no_one_has),
        cmocka_unit_test(guards_are_heeded),
        cmocka_unit_test(it_is_taken_back),
        cmocka_unit_test(controllers_as_asked),
        cmocka_unit_test(controllers_of_linux),
        cmocka_unit_test(controllers_that_are_none),
        cmocka_unit_test(a_controller_goes_without_devices),
        cmocka_unit_test(what_was_left_is_mended),
        cmocka_unit_test(what_has_to_be_mended_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
