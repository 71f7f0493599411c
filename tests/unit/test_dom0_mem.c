/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "dom0_mem=" and "dom0_max_vcpus=" as Xen reads them. */
#include "dom0/parts.h"
#include "util.h"

#define MIB(n) (UINT64_C(n) << 10)
#define GIB(n) (UINT64_C(n) << 20)
#define NONE XTUNE_UNKNOWN_KB
#define HOST GIB(64)
#define REST (HOST - MIB(128)) /* without a size */

/* What Xen takes: what dom0 gets on a host of 64 GiB, min and max. */
static const struct {
    const char *value;
    uint64_t size_kb, min_kb, max_kb;
    bool has_size;
} good[] = {
    /* Sizes, with every unit in either case; KiB without one. */
    { "4096M", GIB(4), NONE, NONE, true },
    { "4096m", GIB(4), NONE, NONE, true },
    { "4G", GIB(4), NONE, NONE, true },
    { "4g", GIB(4), NONE, NONE, true },
    { "4194304k", GIB(4), NONE, NONE, true },
    { "4194304K", GIB(4), NONE, NONE, true },
    { "4194304", GIB(4), NONE, NONE, true },
    { "4294967296b", GIB(4), NONE, NONE, true },
    { "4294967296B", GIB(4), NONE, NONE, true },
    { "1T", HOST, NONE, NONE, true },
    { "1t", HOST, NONE, NONE, true },
    { "262147K", 262144, NONE, NONE, true }, /* whole pages */
    { "4095b", REST, NONE, NONE, true },     /* none */
    /* All but so much; and more than all, which wraps round. */
    { "-4G", GIB(60), NONE, NONE, true },
    { "-64G", REST, NONE, NONE, true },
    { "-65G", HOST, NONE, NONE, true },
    { "0", REST, NONE, NONE, true },
    /* Shares. */
    { "10%", 6710884, NONE, NONE, true },
    { "1G+10%", GIB(1) + 6710884, NONE, NONE, true },
    { "0%", REST, NONE, NONE, true },
    { "99%", 66437772, NONE, NONE, true },
    { "-10%", HOST - 6710884, NONE, NONE, true },
    { "-1G+10%", HOST - GIB(1) - 6710884, NONE, NONE, true },
    { "1024+10%", 1024 + 6710884, NONE, NONE, true },
    /* min and max, in any order; the last of each counts. */
    { "min:1G", REST, GIB(1), NONE, false },
    { "max:4G", GIB(4), NONE, GIB(4), false },
    { "min:1G,max:4G", GIB(4), GIB(1), GIB(4), false },
    { "max:4G,2G", GIB(2), NONE, GIB(4), true },
    { "2G,max:4G", GIB(2), NONE, GIB(4), true },
    { "4096M,max:4096M", GIB(4), NONE, GIB(4), true },
    { "4G,max:2G", GIB(2), NONE, GIB(2), true },
    { "1G,min:2G", GIB(2), GIB(2), NONE, true },
    { "2G,min:4G,max:1G", GIB(1), GIB(4), GIB(1), true },
    { "1G,2G", GIB(2), NONE, NONE, true },
    { "max:1G,max:2G,4G", GIB(2), NONE, GIB(2), true },
    { "min:-60G,max:50%,8G", GIB(8), GIB(4), GIB(32), true },
    { "max:-65G,1G", GIB(1), NONE, NONE, true }, /* wraps: unlimited */
    { "1G+10%,max:1G+10%", GIB(1) + 6710884, NONE, GIB(1) + 6710884, true },
    { "752M,max:752M", MIB(752), NONE, MIB(752), true },
    { "8589934592B,max:8589934592B", GIB(8), NONE, GIB(8), true },
    /* Numbers as C has them. */
    { "0x1000M", GIB(4), NONE, NONE, true },
    { "0X1000m", GIB(4), NONE, NONE, true },
    { "010G", GIB(8), NONE, NONE, true },
};

/* What it does not. */
static const struct {
    const char *value, *why;
} bad[] = {
    { "", "no number" },
    { ",", "no number" },
    { "M", "no number" },
    { "-", "no number" },
    { "--1G", "no number" },
    { "+1G", "no number" },
    { " 1G", "no number" },
    { "foo", "no number" },
    { "min:", "no number" },
    { "max:,1G", "no number" },
    { "1G,", "no number" },
    { "1G,,2G", "no number" },
    { "4GB", "\"4GB\" is no amount" },
    { "4G ", "is no amount" },
    { "4 G", "is no amount" },
    { "4.5G", "is no amount" },
    { "4G;max:4G", "is no amount" },
    { "4G:max:4G", "is no amount" },
    { "1G,maximum:4G", "no number" },
    { "Max:4G", "no number" },
    { "100%", "100 % or more" },
    { "1G+100%", "100 % or more" },
    { "10%+1G", "is no amount" },
    { "10%+5%", "is no amount" },
    { "1G+1G", "no percentage" },
    { "1G+", "no number" },
    { "1G+10%+5%", "is no amount" },
    { "08G", "is no amount" },
    { "0xG", "is no amount" },
    { "18446744073709551616", "too large" },
    { "18446744073709551615K", "too large" },
    { "99999999999T", "too large" },
};

static void takes_what_xen_takes(void **state)
{
    xtune_error *err = NULL;
    xtune_dom0_mem mem;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (xt_dom0_mem_read(good[i].value, HOST, &mem, &err))
            fail_msg("\"%s\": %s", good[i].value, err->message);
        if (mem.size_kb != good[i].size_kb)
            fail_msg("\"%s\" gives %llu KiB", good[i].value,
                     (unsigned long long)mem.size_kb);
        if (mem.min_kb != good[i].min_kb || mem.max_kb != good[i].max_kb)
            fail_msg("\"%s\": min %llu, max %llu", good[i].value,
                     (unsigned long long)mem.min_kb,
                     (unsigned long long)mem.max_kb);
        assert_int_equal(mem.has_size, good[i].has_size);
        assert_int_equal(mem.has_max, strstr(good[i].value, "max:") != NULL);
    }
}

static void refuses_what_xen_refuses(void **state)
{
    xtune_error *err = NULL;
    xtune_dom0_mem mem;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (!xt_dom0_mem_read(bad[i].value, HOST, &mem, NULL))
            fail_msg("\"%s\" was taken", bad[i].value);
        check_error(xt_dom0_mem_read(bad[i].value, HOST, &mem, &err), &err,
                    XTUNE_ERR_INVALID, bad[i].why);
        check_error(xtune_dom0_mem_parse(bad[i].value, HOST, &mem, &err), &err,
                    XTUNE_ERR_INVALID, bad[i].why);
    }
}

/* What Xen takes, and nobody means. */
static void sees_slips(void **state)
{
    static const struct {
        const char *value, *why;
    } slips[] = {
        { "4096", "without a unit is KiB" },
        { "max:4096", "without a unit is KiB" },
        { "0x1000M", "octal, or hexadecimal" },
        { "max:010G", "octal, or hexadecimal" },
        { "2G,min:4G,max:1G", "above max" },
        { "4G,max:2G", "size below min or above max" },
        { "min:5G,4G,max:8G", "size below min or above max" },
        { "65G", "more than the 65536 MiB" },
        { "-65G", "more than the 65536 MiB" },
    };
    xtune_error *err = NULL;
    xtune_dom0_mem mem;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        assert_int_equal(xt_dom0_mem_read(slips[i].value, HOST, &mem, NULL),
                         0);
        check_error(xtune_dom0_mem_parse(slips[i].value, HOST, &mem, &err),
                    &err, XTUNE_ERR_INVALID, slips[i].why);
    }
    assert_int_equal(xtune_dom0_mem_parse("1G+10%,max:1T", HOST, &mem, NULL),
                     0);
    assert_int_equal(xtune_dom0_mem_parse("0", HOST, &mem, NULL), 0);
    assert_int_equal(xtune_dom0_mem_parse("50%,max:8G", HOST, &mem, NULL), 0);
    assert_int_equal(xtune_dom0_mem_parse("0,max:8G", HOST, &mem, NULL), 0);
}

/* Nothing is known of a share of what is not known. */
static void knows_what_depends_on_the_host(void **state)
{
    xtune_dom0_mem mem;

    (void)state;
    assert_int_equal(xtune_dom0_mem_parse("4G,max:8G", NONE, &mem, NULL), 0);
    assert_int_equal(mem.size_kb, GIB(4));
    assert_int_equal(mem.max_kb, GIB(8));
    assert_int_equal(xtune_dom0_mem_parse("4G,max:10%", NONE, &mem, NULL), 0);
    assert_true(mem.size_kb == NONE && mem.max_kb == NONE && mem.has_max);
    assert_int_equal(xtune_dom0_mem_parse("-4G", NONE, &mem, NULL), 0);
    assert_true(mem.size_kb == NONE && mem.has_size);
    assert_int_equal(xtune_dom0_mem_parse("max:4G", NONE, &mem, NULL), 0);
    assert_true(mem.size_kb == NONE && mem.max_kb == GIB(4));
}

/* A small host: a 16th of it is left, and not 128 MiB. */
static void leaves_a_16th(void **state)
{
    xtune_dom0_mem mem;

    (void)state;
    assert_int_equal(xt_dom0_mem_read("min:0", GIB(1), &mem, NULL), 0);
    assert_int_equal(mem.size_kb, GIB(1) - MIB(64));
    assert_int_equal(xt_dom0_mem_read("4G", GIB(1), &mem, NULL), 0);
    assert_int_equal(mem.size_kb, GIB(1));
}

static void finds_the_min(void **state)
{
    xtune_arena *arena = xtune_arena_new();

    (void)state;
    assert_null(xt_dom0_mem_min(arena, "4G,max:4G"));
    assert_string_equal(xt_dom0_mem_min(arena, "min:1G"), "min:1G");
    assert_string_equal(xt_dom0_mem_min(arena, "4G,min:1G,min:2G,max:3G"),
                        "min:2G");
    xtune_arena_free(arena);
}

/* vCPUs on a host of 8 CPUs; 0: not taken. */
static void reads_max_vcpus(void **state)
{
    static const struct {
        const char *value;
        uint32_t nr;
    } rows[] = {
        { "4", 4 },          { "16", 16 },   { "0", 1 },       { "1-4", 4 },
        { "1-16", 8 },       { "12-", 12 },  { "-4", 4 },      { "-16", 8 },
        { "10-20", 10 },     { "4-2", 2 },   { "9000", 8192 }, { "", 0 },
        { "-", 0 },          { "a", 0 },     { "4x", 0 },      { "1-4x", 0 },
        { "1--4", 0 },       { "1-4-8", 0 }, { " 4", 0 },      { "+4", 0 },
        { "4294967296", 0 },
    };
    uint32_t min, max;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int rc = xt_dom0_max_vcpus_read(rows[i].value, &min, &max, NULL);

        if (rc != (rows[i].nr ? 0 : XTUNE_ERR_INVALID))
            fail_msg("\"%s\": %d", rows[i].value, rc);
        if (!rc && xt_dom0_vcpus_of(min, max, 8) != rows[i].nr)
            fail_msg("\"%s\": %u to %u", rows[i].value, min, max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_xen_takes),
        cmocka_unit_test(refuses_what_xen_refuses),
        cmocka_unit_test(sees_slips),
        cmocka_unit_test(knows_what_depends_on_the_host),
        cmocka_unit_test(leaves_a_16th),
        cmocka_unit_test(finds_the_min),
        cmocka_unit_test(reads_max_vcpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
