/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a USB device is known by, and the uuids made of that. */
#include "usb_host.h"

/* Sticks with numbers of their own, two devices of one number, two without
 * one. */
static const char *const many[] = {
    STICK("1-1", "2", SERIAL("60A44C")),
    STICK("1-2.1", "10", SERIAL("A,B")),
    STICK("1-11", "11", SERIAL("A\\\"B\\\\")),
    USB("1-3", "4", "046d", "c31c", SERIAL("SAME")),
    USB("1-4", "5", "046d", "c31c", SERIAL("SAME")),
    USB("1-5", "6", "046d", "c52b", ""),
    USB("1-10", "8", "046d", "c52b", SERIAL("0000:0000")),
    NULL,
};

static xtune_host *many_devices(void)
{
    return usb_host(many, NONE, "");
}

static void is_by(const char *path, enum xtune_usb_by by)
{
    xtune_host *host = many_devices();
    const xtune_usb *usb = xtune_host_usb(host, path), *found;
    const xtune_usb_identity identity = xtune_usb_identity_of(host, usb);

    assert_int_equal(identity.by, by);
    assert_int_equal(xtune_usb_resolve(host, &identity, &found, NULL), 0);
    assert_ptr_equal(found, usb);
    xtune_host_free(host);
}

static void test_identity(void **state)
{
    (void)state;
    is_by("1-1", XTUNE_USB_BY_SERIAL);
    is_by("1-3", XTUNE_USB_BY_BOTH);
    is_by("1-4", XTUNE_USB_BY_BOTH);
    is_by("1-5", XTUNE_USB_BY_PORT);
    /* A number that its maker has not filled in. */
    is_by("1-10", XTUNE_USB_BY_PORT);
}

/* The same number of another product is another device's. */
static void test_no_twin(void **state)
{
    xtune_host *host =
        usb_host(LIST(USB("1-1", "2", "0951", "1666", SERIAL("1")),
                      USB("1-2", "3", "0951", "1667", SERIAL("1"))),
                 NONE, "");

    (void)state;
    assert_int_equal(xtune_usb_identity_of(host, &host->usb[0]).by,
                     XTUNE_USB_BY_SERIAL);
    xtune_host_free(host);
}

/* A number that no file could keep tells nothing. */
static void test_no_text(void **state)
{
    static const char *const devices[] = {
        USB("1-1", "2", "0951", "1666", SERIAL("A\\u0085B")),
        USB("1-2", "3", "0951", "1666", SERIAL("A\\nB")),
        USB("1-3", "4", "0951", "1666", SERIAL("\\u007f")),
        NULL,
    };
    xtune_host *host = usb_host(devices, NONE, "");
    xtune_usb_identity identity;
    const xtune_usb *found;
    size_t i;

    (void)state;
    for (i = 0; i < host->nr_usb; i++) {
        identity = xtune_usb_identity_of(host, &host->usb[i]);
        assert_int_equal(identity.by, XTUNE_USB_BY_PORT);
        assert_null(identity.serial);
        assert_int_equal(xtune_usb_resolve(host, &identity, &found, NULL), 0);
        assert_ptr_equal(found, &host->usb[i]);
        assert_int_equal(xtune_usb_identity_by(&host->usb[i],
                                               XTUNE_USB_BY_BOTH, &identity,
                                               NULL),
                         XTUNE_ERR_INVALID);
    }
    assert_int_equal(i, 3);
    xtune_host_free(host);
}

static void test_identity_by(void **state)
{
    xtune_host *host = many_devices();
    xtune_usb_identity identity;
    xtune_error *err = NULL;
    int rc;

    (void)state;
    assert_int_equal(xtune_usb_identity_by(&host->usb[0], XTUNE_USB_BY_PORT,
                                           &identity, NULL),
                     0);
    assert_int_equal(identity.by, XTUNE_USB_BY_PORT);
    assert_string_equal(identity.port, "1-1");
    rc = xtune_usb_identity_by(xtune_host_usb(host, "1-5"), XTUNE_USB_BY_BOTH,
                               &identity, &err);
    check_error(rc, &err, XTUNE_ERR_INVALID, "no serial number");
    xtune_host_free(host);
}

static void test_same(void **state)
{
    const xtune_usb_identity a = { XTUNE_USB_BY_SERIAL, "0951", "1666", "S",
                                   "1-1" };
    xtune_usb_identity b = a;

    (void)state;
    b.port = "1-2";
    assert_true(xtune_usb_same_identity(&a, &b));
    b.by = XTUNE_USB_BY_BOTH;
    assert_false(xtune_usb_same_identity(&a, &b));
    b = a;
    b.serial = "T";
    assert_false(xtune_usb_same_identity(&a, &b));
    b = a;
    b.product = "1667";
    assert_false(xtune_usb_same_identity(&a, &b));
    b = (xtune_usb_identity){ XTUNE_USB_BY_PORT, "0951", "1666", NULL, "1-1" };
    assert_true(xtune_usb_same_identity(&b, &b));
    assert_false(xtune_usb_same_identity(
        &b, &(xtune_usb_identity){ XTUNE_USB_BY_PORT, "0951", "1666", NULL,
                                   "1-2" }));
    /* What holds nothing is not the same as itself. */
    b.port = NULL;
    assert_false(xtune_usb_same_identity(&b, &b));
}

/* It was plugged in elsewhere, and got another address. */
static void test_replug(void **state)
{
    xtune_host *before =
        usb_host(LIST(STICK("1-1", "2", SERIAL("X"))), NONE, "");
    xtune_host *after = usb_host(LIST(STICK("1-7.3", "9", SERIAL("X")),
                                      STICK("1-1", "10", SERIAL("Y"))),
                                 NONE, "");
    const xtune_usb_identity by_serial =
        xtune_usb_identity_of(before, &before->usb[0]);
    xtune_usb_identity by_port;
    const xtune_usb *found;

    (void)state;
    assert_int_equal(xtune_usb_resolve(after, &by_serial, &found, NULL), 0);
    assert_string_equal(found->path, "1-7.3");
    assert_int_equal(xtune_usb_identity_by(&before->usb[0], XTUNE_USB_BY_PORT,
                                           &by_port, NULL),
                     0);
    assert_int_equal(xtune_usb_resolve(after, &by_port, &found, NULL), 0);
    assert_string_equal(found->path, "1-1");
    xtune_host_free(before);
    xtune_host_free(after);
}

static void test_resolve_errors(void **state)
{
    const xtune_usb_identity gone = { XTUNE_USB_BY_SERIAL, "0951", "1666",
                                      "gone", "1-1" };
    xtune_usb_identity twins = { XTUNE_USB_BY_SERIAL, "046d", "c31c", "SAME",
                                 "1-1" };
    xtune_host *host = many_devices();
    const xtune_usb *found;
    xtune_error *err = NULL;
    int rc;

    (void)state;
    rc = xtune_usb_resolve(host, &gone, &found, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND,
                "0951:1666,serial=gone: the device is not plugged in");
    rc = xtune_usb_resolve(host, &twins, &found, &err);
    check_error(rc, &err, XTUNE_ERR_INVALID,
                "1-3 and 1-4, none of which is in port 1-1, where it was");
    twins.port = NULL;
    rc = xtune_usb_resolve(host, &twins, &found, &err);
    check_error(rc, &err, XTUNE_ERR_INVALID, "1-3 and 1-4");
    xtune_host_free(host);
}

/* Of twins it is the one that has not moved. */
static void test_twins(void **state)
{
    xtune_usb_identity twins = { XTUNE_USB_BY_SERIAL, "046d", "c31c", "SAME",
                                 "1-3" };
    xtune_host *host = many_devices();
    const xtune_usb *found;

    (void)state;
    assert_int_equal(xtune_usb_resolve(host, &twins, &found, NULL), 0);
    assert_string_equal(found->path, "1-3");
    twins.port = "1-4";
    assert_int_equal(xtune_usb_resolve(host, &twins, &found, NULL), 0);
    assert_string_equal(found->path, "1-4");
    xtune_host_free(host);
}

static void test_by_words(void **state)
{
    enum xtune_usb_by by = XTUNE_USB_BY_BOTH;

    (void)state;
    assert_true(xtune_usb_by_read("serial", &by));
    assert_int_equal(by, XTUNE_USB_BY_SERIAL);
    assert_true(xtune_usb_by_read("port", &by));
    assert_string_equal(xtune_usb_by_name(by), "port");
    assert_false(xtune_usb_by_read("Serial", &by));
    assert_false(xtune_usb_by_read("", &by));
    assert_int_equal(by, XTUNE_USB_BY_PORT);
}

/* Uuids: the expected ones are by another implementation of RFC 4122. */

#define VM "0000000a-0000-4000-8000-00000000000a"

static const struct uuid_row {
    xtune_usb_identity identity;
    const char *pusb, *group, *vusb;
} uuid_rows[] = {
    { { XTUNE_USB_BY_SERIAL, "0951", "1666", "60A44C", "1-2" },
      "90448c2d-1d96-5980-a431-4b152e55f6d4",
      "4537097b-b310-53f2-90f2-73fca78aa9dc",
      "70f82cd4-78e8-58d0-82e2-7b3e0a2f9bb4" },
    { { XTUNE_USB_BY_PORT, "0951", "1666", "60A44C", "1-2" },
      "29028854-d1f3-598e-852a-fd8bb3bcdebb",
      "3dd6f6ba-2f09-58e6-b899-07488d47647f",
      "0ecc1641-a2ed-5d84-82b1-26cb2f2e6186" },
    { { XTUNE_USB_BY_BOTH, "0951", "1666", "60A44C", "1-2" },
      "dd9a53fe-bc44-5b09-bf02-8a06e6f2e5ba",
      "26ab221d-2f4f-574a-9592-8f90e6356748",
      "4982596f-c882-52d8-9d98-373a64b0db6d" },
};

static void test_uuids(void **state)
{
    char uuid[37];
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(uuid_rows); i++) {
        const struct uuid_row *row = &uuid_rows[i];

        xtune_usb_uuid(&row->identity, uuid);
        assert_string_equal(uuid, row->pusb);
        xtune_usb_group_uuid(&row->identity, uuid);
        assert_string_equal(uuid, row->group);
        xtune_usb_vusb_uuid(&row->identity, VM, uuid);
        assert_string_equal(uuid, row->vusb);
        xtune_usb_vusb_uuid(&row->identity,
                            "0000000A-0000-4000-8000-00000000000A", uuid);
        assert_string_equal(uuid, row->vusb);
    }
}

/* Where it is now does not count by its number, nor does the number by port.
 */
static void test_uuid_of_what_counts(void **state)
{
    xtune_usb_identity identity = { XTUNE_USB_BY_SERIAL, "0951", "1666",
                                    "60A44C", "2-9" };
    char uuid[37];

    (void)state;
    xtune_usb_uuid(&identity, uuid);
    assert_string_equal(uuid, uuid_rows[0].pusb);
    identity.by = XTUNE_USB_BY_PORT;
    identity.port = "1-2";
    identity.serial = NULL;
    xtune_usb_uuid(&identity, uuid);
    assert_string_equal(uuid, uuid_rows[1].pusb);
}

/* No number can be made so that it passes for another device's. */
static void test_odd_serials(void **state)
{
    xtune_usb_identity identity = { XTUNE_USB_BY_SERIAL, "0951", "1666",
                                    "\xff\xfe \n\",port=1-2", "1-1" };
    static const char *const serials[] = {
        "1-2",
        "S1-2",
        "S",
        "S:1-2",
        "S,1-2",
        "S\n1-2",
        "S\\01-2",
        "S 1-2",
        "S\x01"
        "1-2",
    };
    char uuids[2 * XT_ARRAY_SIZE(serials)][37];
    size_t i, j;

    (void)state;
    xtune_usb_uuid(&identity, uuids[0]);
    assert_string_equal(uuids[0], "a985b017-30e4-5313-bd40-a477648206b6");
    for (i = 0; i < XT_ARRAY_SIZE(uuids); i++) {
        identity.serial = serials[i / 2];
        identity.port = "1-2";
        identity.by = i % 2 ? XTUNE_USB_BY_BOTH : XTUNE_USB_BY_SERIAL;
        xtune_usb_uuid(&identity, uuids[i]);
        for (j = 0; j < i; j++)
            assert_string_not_equal(uuids[i], uuids[j]);
    }
}

static void test_long_serial(void **state)
{
    XT_CLEANUP_FREE char *serial = calloc(1, 1 << 20);
    xtune_usb_identity identity = { XTUNE_USB_BY_SERIAL, "0951", "1666",
                                    serial, "1-1" };
    char a[37], b[37];

    (void)state;
    memset(serial, 'a', (1 << 20) - 1);
    xtune_usb_uuid(&identity, a);
    serial[(1 << 20) - 2] = 'b';
    xtune_usb_uuid(&identity, b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_no_twin),
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_identity_by),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_replug),
        cmocka_unit_test(test_resolve_errors),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_by_words),
        cmocka_unit_test(test_uuids),
        cmocka_unit_test(test_uuid_of_what_counts),
        cmocka_unit_test(test_odd_serials),
        cmocka_unit_test(test_long_serial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
