/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guests' USB controllers on a host in a file: which there can be, and what
 * goes with one.
 */
#include "usb_snapshot.h"

static int add(const fixture *f, const xt_domain_ref *domain, uint32_t id,
               const char *type, uint64_t version, uint64_t ports,
               xtune_error **err)
{
    xt_json *value = xt_json_object(f->arena);

    xt_json_add_string(f->arena, value, "type", type);
    xt_json_add_u64(f->arena, value, "version", version);
    xt_json_add_u64(f->arena, value, "ports", ports);
    return f->ops->add_usb_controller(f->backend, domain, id, value, -1, err);
}

static void controller_is(const fixture *f, const xt_domain_ref *domain,
                          uint32_t id, const char *text)
{
    xt_json *value;

    assert_int_equal(f->ops->get_usb_controller(f->backend, domain, id,
                                                f->arena, &value, NULL),
                     0);
    is_json(f, value, text);
}

static void test_controllers(void **state)
{
    fixture f = begin();
    XT_CLEANUP_FREE char *before = observed_text(f.backend), *after = NULL;
    xtune_host *host;

    (void)state;
    controller_is(&f, &web1, 3, "null");
    assert_int_equal(add(&f, &web1, 3, "devicemodel", 3, 15, NULL), 0);
    controller_is(&f, &web1, 3,
                  "{'type': 'devicemodel', 'version': 3, 'ports': 15}");
    host = observed(f.backend);
    assert_int_equal(host->domains[1].nr_usb, 4);
    assert_int_equal(host->domains[1].usb[2].id, 3);
    assert_int_equal(host->domains[1].usb[3].id, 4);
    xtune_host_free(host);
    assert_int_equal(attach(&f, &web1, "1-1", 3, 15, NULL), 0);
    assert_int_equal(attach(&f, &web1, "1-2", 4, 1, NULL), 0);
    /* With it goes what is in it, and nothing else. */
    assert_int_equal(
        f.ops->remove_usb_controller(f.backend, &web1, 3, -1, NULL), 0);
    controller_is(&f, &web1, 3, "null");
    is_in(&f, &web1, "1-1", "null");
    drivers_are(&f, "1-1", "{'0': 'usb-storage'}");
    is_in(&f, &web1, "1-2", "{'controller': 4, 'port': 1, 'stale': false}");
    assert_int_equal(detach(&f, &web1, "1-2", NULL), 0);
    after = observed_text(f.backend);
    assert_string_equal(before, after);
    end(&f);
}

/* The port of a controller that goes may be stale. */
static void test_remove_gone(void **state)
{
    fixture f = begin_with(usb_host(
        devices,
        LIST(DOMAIN("1", "web1", "hvm",
                    CONTROLLER("0", "devicemodel", "1", "'1-9', '1-2'"))),
        ""));
    xtune_error *err = NULL;
    int rc;

    (void)state;
    assert_int_equal(
        f.ops->remove_usb_controller(f.backend, &web1, 0, -1, NULL), 0);
    drivers_are(&f, "1-2", "{'0': 'rtsx_usb', '2': 'usbhid'}");
    rc = f.ops->remove_usb_controller(f.backend, &web1, 0, -1, &err);
    check_error(rc, &err, XTUNE_ERR_REFUSED, "no USB controller");
    end(&f);
}

static void test_kinds(void **state)
{
    static const struct row {
        const xt_domain_ref *domain;
        const char *type;
        unsigned int version, least, most; /* ports; 0: none such */
    } rows[] = {
        { &web1, "devicemodel", 1, 2, 2 },  { &web1, "devicemodel", 2, 6, 6 },
        { &web1, "devicemodel", 3, 1, 15 }, { &web1, "devicemodel", 4, 0, 0 },
        { &web1, "devicemodel", 0, 0, 0 },  { &web1, "qusb", 2, 1, 31 },
        { &old1, "qusb", 1, 1, 31 },        { &old1, "pv", 2, 1, 31 },
        { &old1, "pv", 3, 0, 0 },           { &old1, "devicemodel", 2, 0, 0 },
        { &old1, "auto", 2, 0, 0 },         { &pvh1, "qusb", 2, 0, 0 },
        { &dom0, "qusb", 2, 0, 0 },
    };
    unsigned int ports, id = 10;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        fixture f = begin();

        for (ports = 0; ports < 40; ports++) {
            const bool may = rows[i].least && ports >= rows[i].least &&
                             ports <= rows[i].most;
            const int rc = add(&f, rows[i].domain, id++, rows[i].type,
                               rows[i].version, ports, NULL);

            if (rc != (may ? 0 : XTUNE_ERR_REFUSED))
                fail_msg("%s %u with %u ports: %d", rows[i].type,
                         rows[i].version, ports, rc);
        }
        end(&f);
    }
}

static void test_controller_errors(void **state)
{
    fixture f = begin();
    xtune_error *err = NULL;
    int rc;

    (void)state;
    rc = add(&f, &web1, 1, "devicemodel", 2, 6, &err);
    check_error(rc, &err, XTUNE_ERR_REFUSED, "of this id");
    rc = add(&f, &gone, 1, "devicemodel", 2, 6, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "gone");
    rc = add(&f, &web1, 9, "devicemodel", 2, 7, &err);
    check_error(rc, &err, XTUNE_ERR_REFUSED, "6 ports, not 7");
    rc = f.ops->add_usb_controller(f.backend, &web1, 9,
                                   xt_json_object(f.arena), -1, &err);
    check_error(rc, &err, XTUNE_ERR_INVALID, "no USB controller");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controllers),
        cmocka_unit_test(test_remove_gone),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_controller_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
