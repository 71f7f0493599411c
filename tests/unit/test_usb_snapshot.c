/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices on a host in a file come to guests and go from them as libxl and
 * QEMU let them, and as those refuse it. */
#include "usb_snapshot.h"

/* It is refused, and nothing is changed. */
static void refuses(const fixture *f, const xt_domain_ref *domain,
                    const char *path, uint32_t controller, uint32_t port,
                    int code, const char *part)
{
    XT_CLEANUP_FREE char *before = observed_text(f->backend), *after = NULL;
    xtune_error *err = NULL;
    int rc = attach(f, domain, path, controller, port, &err);

    check_error(rc, &err, code, part);
    after = observed_text(f->backend);
    assert_string_equal(before, after);
}

static void test_attach(void **state)
{
    fixture f = begin();

    (void)state;
    is_in(&f, &web1, "1-2", "null");
    assert_int_equal(attach(&f, &web1, "1-2", 0, 2, NULL), 0);
    is_in(&f, &web1, "1-2", "{'controller': 0, 'port': 2, 'stale': false}");
    is_in(&f, &old1, "1-2", "null");
    drivers_are(&f, "1-2", "{'0': 'usbfs', '2': 'usbfs'}");
    drivers_are(&f, "1-1", "{'0': 'usb-storage'}");
    end(&f);
}

static void test_attach_pv(void **state)
{
    fixture f = begin();

    (void)state;
    assert_int_equal(attach(&f, &old1, "1-1", 0, 1, NULL), 0);
    assert_int_equal(attach(&f, &old1, "1-7", 1, 1, NULL), 0);
    drivers_are(&f, "1-1", "{'0': 'usbfs'}");
    drivers_are(&f, "1-7", "{'0': 'usbback'}");
    is_in(&f, &old1, "1-7", "{'controller': 1, 'port': 1, 'stale': false}");
    assert_int_equal(detach(&f, &old1, "1-7", NULL), 0);
    drivers_are(&f, "1-7", "{'0': 'uas'}");
    end(&f);
}

/* There and back again leaves nothing, over a file as well. */
static void test_back(void **state)
{
    fixture f = begin(), g;
    XT_CLEANUP_FREE char *before = observed_text(f.backend), *after = NULL;

    (void)state;
    assert_int_equal(attach(&f, &web1, "1-2", 0, 1, NULL), 0);
    g = begin_with(observed(f.backend));
    assert_int_equal(detach(&g, &web1, "1-2", NULL), 0);
    drivers_are(&g, "1-2", "{'0': 'rtsx_usb', '2': 'usbhid'}");
    after = observed_text(g.backend);
    assert_string_equal(before, after);
    end(&f);
    end(&g);
}

/* So it is where an interface had no driver, or not that of its class; other
 * members of it stay where they are. */
static void test_back_odd(void **state)
{
    static const char *const drivers[] = { "null", "'usbfs'", "'uas'" };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(drivers); i++) {
        XT_CLEANUP_FREE char *device = xt_xprintf(
            USB("1-1", "2", "0951", "1666",
                SPEED("12") INTERFACES(
                    "{'number': 0, 'class': '08', 'subclass': '06', "
                    "'protocol': '50', 'driver': %s, 'later': 1}, "
                    "{'number': 1, 'class': 'ff', 'subclass': '00', "
                    "'protocol': '00', 'driver': %s}")),
            drivers[i], drivers[i]);
        fixture f = begin_with(usb_host(LIST(device), guests, "")), g;
        XT_CLEANUP_FREE char *before = observed_text(f.backend), *after = NULL;

        assert_int_equal(attach(&f, &web1, "1-1", 0, 1, NULL), 0);
        drivers_are(&f, "1-1", "{'0': 'usbfs', '1': 'usbfs'}");
        g = begin_with(observed(f.backend));
        assert_int_equal(detach(&g, &web1, "1-1", NULL), 0);
        after = observed_text(g.backend);
        assert_string_equal(before, after);
        end(&f);
        end(&g);
    }
}

static void test_refused_devices(void **state)
{
    fixture f = begin();

    (void)state;
    refuses(&f, &web1, "1-9", 0, 1, XTUNE_ERR_NOT_FOUND, "1-9: no such");
    refuses(&f, &web1, "1-3", 1, 1, XTUNE_ERR_REFUSED, "it is a hub");
    refuses(&f, &web1, "1-4", 1, 1, XTUNE_ERR_REFUSED, "not configured");
    assert_int_equal(attach(&f, &web1, "1-1", 1, 1, NULL), 0);
    refuses(&f, &web1, "1-1", 4, 1, XTUNE_ERR_REFUSED, "\"web1\" has it");
    refuses(&f, &old1, "1-1", 0, 1, XTUNE_ERR_REFUSED, "\"web1\" has it");
    end(&f);
}

static void test_refused_places(void **state)
{
    fixture f = begin();

    (void)state;
    refuses(&f, &gone, "1-1", 0, 1, XTUNE_ERR_NOT_FOUND, "gone");
    refuses(&f, &pvh1, "1-1", 0, 1, XTUNE_ERR_REFUSED, "no USB controller");
    refuses(&f, &web1, "1-1", 2, 1, XTUNE_ERR_REFUSED, "no USB controller");
    refuses(&f, &old1, "1-1", 2, 1, XTUNE_ERR_REFUSED, "another domain");
    refuses(&f, &web1, "1-1", 1, 0, XTUNE_ERR_REFUSED, "ports 1 to 6");
    refuses(&f, &web1, "1-1", 1, 7, XTUNE_ERR_REFUSED, "ports 1 to 6");
    assert_int_equal(attach(&f, &web1, "1-1", 1, 6, NULL), 0);
    refuses(&f, &web1, "1-7", 1, 6, XTUNE_ERR_REFUSED, "port is taken");
    end(&f);
}

static void test_speeds(void **state)
{
    fixture f = begin();

    (void)state;
    refuses(&f, &web1, "1-1", 0, 1, XTUNE_ERR_REFUSED, "of USB 2, is none");
    refuses(&f, &web1, "1-7", 0, 1, XTUNE_ERR_REFUSED, "of USB 3, is none");
    refuses(&f, &web1, "1-2", 1, 1, XTUNE_ERR_REFUSED, "of USB 1, is none");
    assert_int_equal(attach(&f, &web1, "1-7", 1, 1, NULL), 0);
    assert_int_equal(attach(&f, &web1, "1-2", 4, 1, NULL), 0);
    assert_int_equal(attach(&f, &web1, "1-1", 4, 2, NULL), 0);
    end(&f);
}

/* A port with a device that is gone is in the way of all domains, until it is
 * taken back. */
static void test_gone(void **state)
{
    fixture f = begin_with(usb_host(
        devices,
        LIST(guests[0], DOMAIN("2", "old1", "pv",
                               CONTROLLER("0", "qusb", "2", "null, '1-9'"))),
        ""));

    (void)state;
    is_in(&f, &old1, "1-9", "{'controller': 0, 'port': 2, 'stale': true}");
    refuses(&f, &web1, "1-1", 1, 1, XTUNE_ERR_REFUSED,
            "old1: it is said to have the USB device \"1-9\"");
    assert_int_equal(detach(&f, &old1, "1-9", NULL), 0);
    is_in(&f, &old1, "1-9", "null");
    assert_int_equal(attach(&f, &web1, "1-1", 1, 1, NULL), 0);
    end(&f);
}

/* One that was plugged in again is dom0's already. */
static void test_plugged_in_again(void **state)
{
    fixture f = begin_with(usb_host(
        devices,
        LIST(DOMAIN("1", "web1", "hvm",
                    CONTROLLER("1", "devicemodel", "2",
                               "'1-1', null, null, null, null, null"))),
        ""));

    (void)state;
    is_in(&f, &web1, "1-1", "{'controller': 1, 'port': 1, 'stale': true}");
    refuses(&f, &web1, "1-1", 1, 2, XTUNE_ERR_REFUSED, "\"web1\" has it");
    assert_int_equal(attach(&f, &web1, "1-7", 1, 2, NULL), 0);
    assert_int_equal(detach(&f, &web1, "1-1", NULL), 0);
    drivers_are(&f, "1-1", "{'0': 'usb-storage'}");
    assert_int_equal(attach(&f, &web1, "1-1", 1, 1, NULL), 0);
    is_in(&f, &web1, "1-1", "{'controller': 1, 'port': 1, 'stale': false}");
    end(&f);
}

static void test_detach_none(void **state)
{
    fixture f = begin();
    xtune_error *err = NULL;
    int rc;

    (void)state;
    rc = detach(&f, &web1, "1-1", &err);
    check_error(rc, &err, XTUNE_ERR_REFUSED, "web1: it does not have");
    rc = detach(&f, &gone, "1-1", &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "gone");
    end(&f);
}

/* What a guest has left gets the driver that Linux has for its class. */
static void test_probe(void **state)
{
    fixture f = begin_with(usb_host(
        LIST(USB(
            "1-1", "2", "0951", "1666",
            INTERFACES(INTERFACE("0", "08", "06", "50", "null") ", " INTERFACE(
                "1", "ff", "06", "50",
                "null") ", " INTERFACE("2", "08", "06", "62",
                                       "null") ", " INTERFACE("3", "03", "00",
                                                              "00",
                                                              "'ours'")))),
        guests, ""));
    xtune_error *err = NULL;
    int rc;

    (void)state;
    assert_int_equal(f.ops->probe_usb(f.backend, "1-1", NULL), 0);
    drivers_are(&f, "1-1",
                "{'0': 'usb-storage', '1': null, '2': 'uas', '3': 'ours'}");
    rc = f.ops->probe_usb(f.backend, "1-2", &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "1-2");
    end(&f);
}

/* One whose driver was not known before gets that as well; given again, it is
 * as it was. */
static void test_detach_unknown(void **state)
{
    fixture f = begin_with(usb_host(
        LIST(USB("1-2", "2", "046d", "c31c",
                 SPEED("1.5")
                     INTERFACES(INTERFACE("0", "03", "01", "01", "'usbfs'")))),
        LIST(DOMAIN("1", "web1", "hvm",
                    CONTROLLER("0", "devicemodel", "1", "'1-2', null"))),
        ""));
    XT_CLEANUP_FREE char *before = observed_text(f.backend), *after = NULL;

    (void)state;
    assert_int_equal(detach(&f, &web1, "1-2", NULL), 0);
    drivers_are(&f, "1-2", "{'0': 'usbhid'}");
    assert_int_equal(attach(&f, &web1, "1-2", 0, 1, NULL), 0);
    after = observed_text(f.backend);
    assert_string_equal(before, after);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attach),
        cmocka_unit_test(test_attach_pv),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_back_odd),
        cmocka_unit_test(test_refused_devices),
        cmocka_unit_test(test_refused_places),
        cmocka_unit_test(test_speeds),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_plugged_in_again),
        cmocka_unit_test(test_detach_none),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_detach_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
