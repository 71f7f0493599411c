/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0's kernel writes: mounts, swaps, routes, environments, bitmaps. */
#include "backend/dom0_login.h"
#include "backend/dom0_mounts.h"
#include "backend/dom0_routes.h"
#include "backend/dom0_seat.h"
#include "base/util.h"
#include "util.h"

static void test_mountinfo(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char text[] = "27 1 253:1 / / rw shared:1 - ext4 /dev/mapper/vg-root rw\n"
                  "28 27 8:1 /a /with\\040blank\\134 rw - ext4 /dev/sda1 rw\n"
                  "29 27 0:40 / /b rw master:1 shared:2 - btrfs /dev/sdb rw\n"
                  "30 27 8:x / /bad rw - ext4 /dev/sda1 rw\n"
                  "31 27 8:2 / /no-separator rw ext4 /dev/sda2 rw\n"
                  "32 27 8:3 / /short rw -\n"
                  "\n"
                  "34 27 0:50 / /nfs rw - nfs4 10.0.0.5:/x rw,vers=4.2,"
                  "clientaddr=10.0.0.9,addr=10.0.0.5,local_lock=none\n"
                  "33 27 8:4 / /last rw - ext4 /dev/sda4 rw";
    xt_dom0_mount *mounts;
    size_t nr;

    (void)state;
    mounts = xt_dom0_parse_mountinfo(arena, text, &nr);
    assert_int_equal(nr, 5);
    assert_string_equal(mounts[0].type, "ext4");
    assert_null(mounts[0].server);
    assert_string_equal(mounts[3].type, "nfs4");
    assert_string_equal(mounts[3].server, "10.0.0.5");
    assert_string_equal(mounts[0].where, "/");
    assert_string_equal(mounts[0].source, "/dev/mapper/vg-root");
    assert_true(mounts[0].has_number);
    assert_int_equal(mounts[0].major, 253);
    assert_int_equal(mounts[0].minor, 1);
    assert_string_equal(mounts[1].where, "/with blank\\");
    assert_int_equal(mounts[2].major, 0);
    assert_string_equal(mounts[2].source, "/dev/sdb");
    assert_string_equal(mounts[4].where, "/last");
}

static void test_mounts_and_swaps(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char mounts_text[] = "/dev/sda1 /boot ext4 rw 0 0\nproc /proc\n"
                         "//s/x /smb cifs rw,addr=2001:db8::5 0 0\n";
    char swaps_text[] = "Filename\tType\tSize\tUsed\tPriority\n"
                        "/dev/dm-1    partition\t1\t0\t-2\n"
                        "/swap\\040file file\t1\t0\t-3\n";
    xt_dom0_mount *mounts;
    size_t nr;

    (void)state;
    mounts = xt_dom0_parse_mounts(arena, mounts_text, &nr);
    assert_int_equal(nr, 2);
    assert_string_equal(mounts[1].server, "2001:db8::5");
    assert_string_equal(mounts[0].where, "/boot");
    assert_false(mounts[0].has_number);
    mounts = xt_dom0_parse_swaps(arena, swaps_text, &nr);
    assert_int_equal(nr, 1);
    assert_null(mounts[0].where);
    assert_string_equal(mounts[0].source, "/dev/dm-1");
}

static void test_numbers(void **state)
{
    uint32_t major, minor;

    (void)state;
    assert_true(xt_dom0_parse_number("fd:3", 16, &major, &minor));
    assert_int_equal(major, 253);
    assert_int_equal(minor, 3);
    assert_false(xt_dom0_parse_number("fd:3", 10, &major, &minor));
    assert_false(xt_dom0_parse_number("253", 10, &major, &minor));
    assert_false(xt_dom0_parse_number("253:", 10, &major, &minor));
    assert_false(xt_dom0_parse_number("253:3 ", 10, &major, &minor));
    assert_false(xt_dom0_parse_number("-1:3", 10, &major, &minor));
    assert_false(xt_dom0_parse_number("4096:0", 10, &major, &minor));
    assert_false(
        xt_dom0_parse_number("11111111111111111111:0", 10, &major, &minor));
}

#define HEAD                                                                  \
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\t\n"
#define ANY6 "00000000000000000000000000000000"

static xt_dom0_routes read_routes(xtune_arena *arena)
{
    char ipv4[] =
        HEAD "br0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
             "wlan0\t00000000\t0100000A\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
             "eth2\t0063A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
             "eth3\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
             "eth4\t0763A8C0\t00000000\t0000\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
             "*\t0863A8C0\t00000000\t0201\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
             "eth5\t0963A8C0\t00000000\t0001\t0\t0\t0\tFF00FFFF\t0\t0\t0\n"
             "eth6\t0963A8C0\n";
    char ipv6[] =
        "20010db8000000000000000000000000 20 " ANY6 " 00 " ANY6
        " 00000100 00000001 00000000 00000001     eth7\n"
        "20010db8000000000000000000000000 23 " ANY6 " 00 " ANY6
        " 00000100 00000001 00000000 00000001     eth8\n" ANY6 " 00 " ANY6
        " 00 fe800000000000000000000000000001"
        " 00000400 00000001 00000000 00000003     eth9\n" ANY6 " 00 " ANY6
        " 00 " ANY6 " ffffffff 00000001 00000000 00200200       lo\n" ANY6
        " 81 " ANY6 " 00 " ANY6 " 00000000 00000001 00000000 00000001 bad\n";
    xt_dom0_routes routes = { .items = NULL };

    xt_dom0_parse_ipv4_routes(arena, xtune_arena_strdup(arena, ipv4), &routes);
    xt_dom0_parse_ipv6_routes(arena, xtune_arena_strdup(arena, ipv6), &routes);
    return routes;
}

static void test_routes(void **state)
{
    static const struct {
        const char *address, *interface;
    } cases[] = {
        { "10.9.9.9", "br0" },       /* the lower metric */
        { "192.168.99.7", "eth2" },  /* what is down leads nowhere */
        { "192.168.99.8", "eth2" },  /* nor what refuses */
        { "192.168.99.9", "eth2" },  /* nor a mask with holes */
        { "192.168.100.1", "eth3" }, /* the shorter prefix */
        { "::ffff:192.168.99.7", "eth2" },
        { "2001:db8::1", "eth8" },      /* 35 bits */
        { "2001:db8:2000::1", "eth7" }, /* differs in the 35th */
        { "2001:db9::1", "eth9" },
        { "fe80::1%eth42", "eth42" },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_dom0_routes routes = read_routes(arena);
    size_t i, defaults = 0;

    (void)state;
    assert_int_equal(routes.nr, 7);
    for (i = 0; i < routes.nr; i++)
        defaults += xt_dom0_is_default(&routes.items[i]);
    assert_int_equal(defaults, 3);
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++)
        assert_string_equal(xt_dom0_route_to(arena, &routes, cases[i].address),
                            cases[i].interface);
    assert_null(xt_dom0_route_to(arena, &routes, "10.9.9"));
    assert_null(xt_dom0_route_to(arena, &routes, "fe80::1%"));
    assert_null(xt_dom0_route_to(arena, &routes, ""));
}

/* A default route of IPv6 is none for an address of IPv4. */
static void test_families(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char ipv6[] = ANY6 " 00 " ANY6 " 00 " ANY6
                       " 00000400 00000001 00000000 00000003 eth9\n";
    xt_dom0_routes routes = { .items = NULL };

    (void)state;
    xt_dom0_parse_ipv6_routes(arena, ipv6, &routes);
    assert_null(xt_dom0_route_to(arena, &routes, "10.9.9.9"));
    assert_string_equal(xt_dom0_route_to(arena, &routes, "2001::1"), "eth9");
}

static void test_environment(void **state)
{
    static const char env[] = "XSSH_CONNECTION=1.1.1.1 1\0SSH_CONNECTION\0"
                              "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    /* It need not end with a NUL. */
    assert_string_equal(xt_dom0_login_of(arena, env, sizeof(env) - 1),
                        "192.0.2.1");
    assert_null(xt_dom0_login_of(arena, env, 26));
    assert_null(xt_dom0_login_of(arena, "SSH_CONNECTION=", 15));
    assert_null(xt_dom0_login_of(arena, "", 0));
}

#define KEYS "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"

static void test_inputs(void **state)
{
    (void)state;
    assert_true(xt_dom0_has_bit("1f0000 0 0 0 0", 0x110));
    assert_false(xt_dom0_has_bit("1f0000 0 0 0", 0x110));
    assert_false(xt_dom0_has_bit("1f0000", 0x110));
    assert_true(xt_dom0_has_bit("8000000000000000", 63));
    assert_false(xt_dom0_has_bit("18000000000000000", 63));
    assert_false(xt_dom0_has_bit("", 0));
    assert_true(xt_dom0_is_keyboard("120013", KEYS));
    assert_false(xt_dom0_is_keyboard("120011", KEYS));
    /* The keys of a remote control; a power button. */
    assert_false(xt_dom0_is_keyboard("13", "3878d801d001 1e000000000000 0"));
    assert_false(xt_dom0_is_keyboard("3", "10000000000000 0"));
    assert_true(xt_dom0_is_pointer("1f0000 0 0 0 0", "1943", "0"));
    assert_false(xt_dom0_is_pointer("1f0000 0 0 0 0", "100", "0"));
    assert_false(xt_dom0_is_pointer(KEYS, "143", "0"));
    assert_true(xt_dom0_is_pointer("10000 0 0 0 0", "0", "3"));
    assert_true(xt_dom0_is_pointer("400 0 0 0 0 0", "0", "2608000 3"));
    assert_false(xt_dom0_is_pointer("0", "0", "3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mountinfo),
        cmocka_unit_test(test_mounts_and_swaps),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_inputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
