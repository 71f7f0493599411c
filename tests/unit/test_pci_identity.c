/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which device a record means, after cards were moved, swapped, taken out. */
#include <xtune/pci.h>

#include "pci_host.h"

#define A "0000:04:00.0"
#define B "0000:05:00.0"

static const char *bridge_a[] = { "0000:00:1c.0" };
static const char *bridge_b[] = { "0000:00:1d.0" };

/* Two equal cards, behind a bridge each. */
static xtune_host *two_cards(const char *serial_a, const char *serial_b)
{
    xtune_host *host = host_with_devices((const char *const[]){ A, B }, 2);

    host->pci[0].bridges = bridge_a;
    host->pci[1].bridges = bridge_b;
    host->pci[0].nr_bridges = host->pci[1].nr_bridges = 1;
    host->pci[0].serial = serial_a;
    host->pci[1].serial = serial_b;
    return host;
}

static int resolve(const xtune_host *host, const char *address,
                   xtune_pci_identity identity, const char **now_r)
{
    const xtune_pci *pci = NULL;
    const int rc = xtune_pci_resolve(host, address, &identity, &pci, NULL);

    *now_r = pci ? pci->address : NULL;
    return rc;
}

static void check(xtune_host *host, const char *address,
                  xtune_pci_identity identity, int rc, const char *expected)
{
    const char *now;

    assert_int_equal(resolve(host, address, identity, &now), rc);
    if (expected)
        assert_string_equal(now, expected);
    else
        assert_null(now);
    xtune_host_free(host);
}

static xtune_pci_identity identity_a(const char *serial)
{
    return (xtune_pci_identity){
        .vendor = "8086",
        .device = "100e",
        .subsystem_vendor = "1af4",
        .subsystem_device = "1100",
        .path = "pci0000:00/1c.0/00.0",
        .serial = serial,
    };
}

static void test_identity(void **state)
{
    xtune_host *host = two_cards("s1", "00:00:00:00:00:00");
    xtune_pci_identity identity =
        xtune_pci_identity_of(host->arena, &host->pci[0]);

    (void)state;
    assert_string_equal(identity.path, "pci0000:00/1c.0/00.0");
    assert_string_equal(identity.serial, "s1");
    assert_string_equal(identity.subsystem_device, "1100");
    /* Nothing but zeros is no number. */
    assert_null(xtune_pci_identity_of(host->arena, &host->pci[1]).serial);
    /* A virtual function's MAC is made up. */
    host->pci[0].physfn = B;
    assert_null(xtune_pci_identity_of(host->arena, &host->pci[0]).serial);
    host->pci[0].root = NULL;
    assert_null(xtune_pci_identity_of(host->arena, &host->pci[0]).path);
    xtune_host_free(host);
}

static void test_with_serial(void **state)
{
    xtune_host *host;

    (void)state;
    check(two_cards("s1", "s2"), A, identity_a("s1"), 0, A);
    /* Swapped, and moved. */
    check(two_cards("s2", "s1"), A, identity_a("s1"), 0, B);
    host = two_cards(NULL, "s1");
    host->pci[0].device = "10d3";
    check(host, A, identity_a("s1"), 0, B);
    /* The same model in the same slot, and it is another one. */
    check(two_cards("s3", "s2"), A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    /* The one that is there does not tell, but the other one does. */
    check(two_cards(NULL, "s1"), A, identity_a("s1"), 0, B);
    /* Nobody tells: it is in its slot. */
    check(two_cards(NULL, "s2"), A, identity_a("s1"), 0, A);
    check(two_cards(NULL, NULL), A, identity_a("s1"), 0, A);
    /* The number of another model is not meant. */
    host = two_cards("s2", "s1");
    host->pci[1].device = "10d3";
    check(host, A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    host = two_cards("s2", "s1");
    host->pci[1].subsystem_device = "1101";
    check(host, A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    /* A new number of its bus. */
    host = two_cards("s2", "s1");
    host->nr_pci = 1;
    host->pci[0] = host->pci[1];
    check(host, A, identity_a("s1"), 0, B);
    /* Gone, and nothing is there. */
    host = two_cards("s1", "s2");
    host->nr_pci = 1;
    host->pci[0] = host->pci[1];
    check(host, A, identity_a("s1"), XTUNE_ERR_NOT_FOUND, NULL);
}

/* One number for all cards of a make, or for the functions of one card. */
static void test_shared_serial(void **state)
{
    xtune_host *host = two_cards("s1", "s1");

    (void)state;
    host->pci[0].address = "0000:06:00.0";
    check(host, A, identity_a("s1"), 0, "0000:06:00.0");
    check(two_cards("s1", "s1"), A, identity_a("s1"), 0, A);
    /* Neither is where it was. */
    host = two_cards("s1", "s1");
    host->pci[0].bridges = NULL;
    host->pci[0].nr_bridges = 0;
    check(host, A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    /* What is in the slot has a number of its own. */
    host = host_with_devices((const char *const[]){ A, B, "0000:06:00.0" }, 3);
    host->pci[0].serial = "s3";
    host->pci[0].bridges = bridge_a;
    host->pci[0].nr_bridges = 1;
    host->pci[1].serial = host->pci[2].serial = "s1";
    check(host, A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    /* The second function of a card that moved is not its first. */
    host = two_cards("s2", "s1");
    host->pci[1].address = "0000:05:00.1";
    check(host, A, identity_a("s1"), XTUNE_ERR_CHANGED, NULL);
    check(two_cards("s1", "s1"), "0000:04:00.1", identity_a("s1"), 0, A);
}

static void test_without_serial(void **state)
{
    xtune_host *host;

    (void)state;
    check(two_cards(NULL, NULL), A, identity_a(NULL), 0, A);
    /* It tells its number now. */
    check(two_cards("s1", "s2"), A, identity_a(NULL), 0, A);
    /* Renumbered: what has the number of the bus is a twin. */
    host = two_cards(NULL, NULL);
    host->pci[0].bridges = bridge_b;
    host->pci[1].bridges = bridge_a;
    check(host, A, identity_a(NULL), 0, B);
    /* It was taken out, and its twin got its number. */
    host = two_cards(NULL, NULL);
    host->nr_pci = 1;
    host->pci[0].bridges = bridge_b;
    check(host, A, identity_a(NULL), XTUNE_ERR_CHANGED, NULL);
    /* Another model in its slot. */
    host = two_cards(NULL, NULL);
    host->pci[0].device = "10d3";
    check(host, A, identity_a(NULL), XTUNE_ERR_CHANGED, NULL);
    /* Where it is plugged in is not known. */
    host = two_cards(NULL, NULL);
    host->pci[0].root = NULL;
    check(host, A, identity_a(NULL), XTUNE_ERR_CHANGED, NULL);
    host = two_cards(NULL, NULL);
    host->nr_pci = 0;
    check(host, A, identity_a(NULL), XTUNE_ERR_NOT_FOUND, NULL);
}

/* As somebody may have written it. */
static void test_ids_alone(void **state)
{
    const xtune_pci_identity ids = { .vendor = "8086", .device = "100e" };
    const xtune_pci_identity nothing = { .path = NULL };

    (void)state;
    check(two_cards("s1", "s2"), B, ids, 0, B);
    check(two_cards("s1", "s2"), "0000:06:00.0", ids, XTUNE_ERR_NOT_FOUND,
          NULL);
    check(two_cards("s1", "s2"), B, nothing, XTUNE_ERR_CHANGED, NULL);
}

static void test_message(void **state)
{
    xtune_host *host = two_cards("s3", "s2");
    const xtune_pci_identity identity = identity_a("s1");
    const xtune_pci *pci;
    xtune_error *err = NULL;
    int rc = xtune_pci_resolve(host, A, &identity, &pci, &err);

    (void)state;
    assert_string_equal(err->object, A);
    check_error(rc, &err, XTUNE_ERR_CHANGED,
                "another device is here now: \"8086:100e\", serial \"s3\", at "
                "\"pci0000:00/1c.0/00.0\", not \"8086:100e\", serial \"s1\"");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_with_serial),
        cmocka_unit_test(test_shared_serial),
        cmocka_unit_test(test_without_serial),
        cmocka_unit_test(test_ids_alone),
        cmocka_unit_test(test_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
