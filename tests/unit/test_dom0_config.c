/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration space: capabilities, and all that may be wrong with them. */
#include "backend/dom0_config.h"
#include "util.h"

static uint8_t space[4096];

/* A device of so many bytes with one capability after another. */
static void begin(uint8_t first)
{
    memset(space, 0, sizeof(space));
    space[0] = 0x86;
    space[1] = 0x80;
    space[6] = 0x10;
    space[0x34] = first;
}

static void put(size_t at, const char *hex)
{
    unsigned int byte;

    for (; *hex; hex += 2) {
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        space[at++] = (uint8_t)byte;
    }
}

static xt_dom0_config parse(size_t len)
{
    /* Of its own, so that reading beyond its end is seen. */
    uint8_t *copy = malloc(len);
    xt_dom0_config config;

    memcpy(copy, space, len);
    assert_true(xt_dom0_parse_config(copy, len, &config));
    free(copy);
    return config;
}

static void test_capabilities(void **state)
{
    xt_dom0_config config;

    (void)state;
    begin(0x40);
    put(0x40, "015003c800000000"); /* PM: reset on the way from D3hot */
    put(0x50, "05708801");         /* MSI: 16 */
    put(0x70, "11a0090003000000"); /* MSI-X: 10 */
    put(0xa0, "10b00200c28cb010"); /* PCI Express: FLR */
    put(0xb0, "13000603");         /* AF: FLR */
    config = parse(256);
    assert_true(config.has_capabilities && config.pm && config.flr &&
                config.af_flr && !config.is_bridge);
    assert_int_equal(config.msi, 16);
    assert_int_equal(config.msix, 10);
    assert_int_equal(config.serial, 0);

    put(0x44, "08");   /* no soft reset */
    put(0xa7, "00");   /* FLR- */
    put(0xb3, "02");   /* AF FLR without TP */
    put(0x52, "8e01"); /* reserved: 7 */
    config = parse(256);
    assert_false(config.pm || config.flr || config.af_flr);
    assert_int_equal(config.msi, 0);
    put(0x72, "ffff");
    assert_int_equal(parse(256).msix, 2048);
}

static void test_no_capabilities(void **state)
{
    xt_dom0_config config;

    (void)state;
    begin(0x50);
    put(0x50, "05000001");
    space[6] = 0; /* the status says that there is no list */
    config = parse(256);
    assert_true(config.has_capabilities);
    assert_int_equal(config.msi, 0);
    /* To others than root. */
    space[6] = 0x10;
    config = parse(64);
    assert_false(config.has_capabilities);
    config = parse(128);
    assert_false(config.has_capabilities);
    assert_false(xt_dom0_parse_config(space, 63, &config));
    assert_false(xt_dom0_parse_config(space, 0, &config));
    /* A device that is gone. */
    memset(space, 0xff, sizeof(space));
    assert_false(xt_dom0_parse_config(space, sizeof(space), &config));
}

static void test_bridges(void **state)
{
    (void)state;
    begin(0);
    space[0x0e] = 0x81; /* with several functions */
    assert_true(parse(64).is_bridge);
    space[0x0e] = 0x02;
    space[0x14] = 0x50; /* CardBus has its list elsewhere */
    put(0x50, "05000401");
    assert_true(parse(256).is_bridge);
    assert_int_equal(parse(256).msi, 4);
    space[0x0e] = 0x80;
    assert_false(parse(64).is_bridge);
}

static void test_loops(void **state)
{
    (void)state;
    begin(0x40);
    put(0x40, "0140");
    parse(256);
    put(0x40, "0180");
    put(0x80, "0540"); /* back to the first */
    put(0x82, "0200");
    assert_int_equal(parse(256).msi, 2);
    /* Into the header, and beyond the end. */
    put(0x80, "0510");
    assert_int_equal(parse(256).msi, 2);
    put(0x80, "05fc");
    put(0xfc, "1100ffff");
    assert_int_equal(parse(256).msix, 2048);
    put(0xfc, "10000000"); /* its registers would be beyond */
    assert_false(parse(256).flr);
}

static void test_serial(void **state)
{
    (void)state;
    begin(0x40);
    put(0x40, "1000020000000000");
    put(0x100, "01000114"); /* the next one is at 0x140 */
    put(0x140, "03000100ccddeeffff001b21");
    assert_true(parse(4096).serial == UINT64_C(0x211b00ffffeeddcc));
    assert_int_equal(parse(256).serial, 0);
    put(0x144, "ffffffffffffffff");
    assert_int_equal(parse(4096).serial, 0);
    /* A list that goes round, and one that goes out. */
    put(0x140, "01000110");
    assert_int_equal(parse(4096).serial, 0);
    put(0x140, "0100c1ff");
    put(0xffc, "03000100");
    assert_int_equal(parse(4096).serial, 0);
    /* Without PCI Express there are no such registers. */
    put(0x140, "03000100ccddeeffff001b21");
    put(0x40, "01");
    assert_int_equal(parse(4096).serial, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capabilities),
        cmocka_unit_test(test_no_capabilities),
        cmocka_unit_test(test_bridges),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_serial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
