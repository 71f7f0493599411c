/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 should have by the rules, and what it needs. */
#include <xtune/host.h>

#include "dom0/parts.h"
#include "host/dom0_file.h"
#include "util.h"

#define MIB(n) ((uint64_t)(n) << 10)
#define GIB(n) ((uint64_t)(n) << 20)
#define UNKNOWN XTUNE_UNKNOWN_KB

static void computes_as_the_rules(void **state)
{
    /* GiB of a host: MiB of dom0, as XCP-ng's own tests have it. */
    static const uint64_t new[][2] = {
        { 0, 1024 },   { 1, 1088 },   { 2, 1136 },    { 4, 1232 },
        { 8, 1440 },   { 16, 1856 },  { 23, 2208 },   { 24, 2256 },
        { 32, 2672 },  { 47, 3440 },  { 48, 3488 },   { 63, 4256 },
        { 64, 4304 },  { 96, 5952 },  { 128, 7584 },  { 136, 8000 },
        { 144, 8192 }, { 256, 8192 }, { 4096, 8192 },
    };
    static const uint64_t old[][2] = {
        { 0, 752 },   { 16, 752 },  { 23, 752 },  { 24, 2048 },  { 47, 2048 },
        { 48, 3072 }, { 63, 3072 }, { 64, 4096 }, { 512, 4096 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(new) / sizeof(new[0]); i++)
        assert_int_equal(xt_dom0_xcp_kb(GIB(new[i][0])), MIB(new[i][1]));
    for (i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        assert_int_equal(xt_dom0_old_xcp_kb(GIB(old[i][0])), MIB(old[i][1]));
    /* A quarter of a GiB may be missing from what a machine has. */
    assert_int_equal(xt_dom0_old_xcp_kb(GIB(24) - MIB(256)), MIB(2048));
    assert_int_equal(xt_dom0_old_xcp_kb(GIB(24) - MIB(257)), MIB(752));
    /* SUSE's own example: 32 GB give 4.2 GB. */
    assert_int_equal(xt_dom0_suse_kb(GIB(32)), MIB(4301));
    assert_int_equal(xt_dom0_suse_kb(0), GIB(1));
    assert_int_equal(xt_dom0_suse_kb(1), GIB(1));
    assert_int_equal(xt_dom0_suse_kb(10), GIB(1) + 1024);
}

static void computes_vcpus(void **state)
{
    static const struct {
        uint32_t cpus;
        uint64_t dom0_kb;
        uint32_t vcpus;
    } rows[] = {
        { 0, GIB(8), 1 },   { 1, GIB(8), 1 },      { 16, GIB(8), 16 },
        { 17, GIB(8), 16 }, { 256, GIB(4), 16 },   { 16, GIB(4) - 1, 8 },
        { 16, GIB(2), 8 },  { 16, GIB(2) - 1, 4 }, { 3, MIB(752), 3 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(xt_dom0_rule_vcpus(rows[i].cpus, rows[i].dom0_kb),
                         rows[i].vcpus);
}

static void reads_sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t kb;
    } good[] = {
        { "4096", GIB(4) },     { "4096m", GIB(4) },       { "4096M", GIB(4) },
        { "4g", GIB(4) },       { "4G", GIB(4) },          { "1t", GIB(1024) },
        { "4194304k", GIB(4) }, { "4294967296b", GIB(4) },
    };
    static const char *const bad[] = {
        "",
        "m",
        "0",
        "0g",
        "-4g",
        "+4g",
        " 4g",
        "4g ",
        "4.5g",
        "4gb",
        "4MiB",
        "10%",
        "auto",
        "4p",
        "1k",
        "1025k",
        "1b",
        "18446744073709551615t",
        "17592186044416m",
        "0x10g",
    };
    xtune_error *err = NULL;
    uint64_t kb;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(xtune_dom0_size_parse(good[i].text, &kb, NULL), 0);
        assert_int_equal(kb, good[i].kb);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_error(xtune_dom0_size_parse(bad[i], &kb, &err), &err,
                    XTUNE_ERR_INVALID, bad[i]);
}

static void reads_what_is_used(void **state)
{
    static const char meminfo[] = "MemTotal:         861184 kB\n"
                                  "MemFree:          300000 kB\n"
                                  "MemAvailable:     512000 kB\n"
                                  "SwapTotal:       1048572 kB\n"
                                  "SwapFree:        1007612 kB\n";
    static const char arc[] =
        "13 1 0x01 123 33456 1 2\n"
        "name                            type data\n"
        "size                            4    1073741824\n"
        "c_max                           4    4294967296\n";
    xt_dom0_used used;

    (void)state;
    xt_dom0_used_read(meminfo, arc, NULL, &used);
    assert_int_equal(used.available_kb, 512000);
    assert_int_equal(used.swapped_kb, 40960);
    assert_true(used.has_zfs);
    assert_int_equal(used.arc_kb, GIB(1));
    assert_int_equal(used.arc_max_kb, GIB(4));
    /* 400 MiB, 40 that are swapped out, and 64. */
    assert_int_equal(xt_dom0_floor_kb(&used, MIB(900)), MIB(504));
    /* A 16th is more than that. */
    assert_int_equal(xt_dom0_floor_kb(&used, MIB(500 + 32728)), MIB(34816));
    assert_int_equal(xt_dom0_floor_kb(&used, UNKNOWN), UNKNOWN);
    assert_int_equal(xt_dom0_floor_kb(&used, MIB(499)), UNKNOWN);
    used.swapped_kb = 0;
    assert_int_equal(xt_dom0_floor_kb(&used, MIB(501)), MIB(128));
}

/* What a kernel does not say, or says otherwise. */
static void reads_strictly(void **state)
{
    static const char *const odd[] = {
        "MemAvailable: -1 kB\n",
        "MemAvailable: 1 MB\n",
        "MemAvailable: 99999999999999999999999999 kB\n",
        "MemAvailable: 18446744073709551615 kB\n",
        "MemAvailable:\n",
        "MemAvailable: kB\n",
        "MemAvailable",
        "MemAvailableX: 5 kB\n",
        " MemAvailable: 5 kB\n",
        "MemAvailable: 5x kB\n",
        "",
    };
    xt_dom0_used used;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        xt_dom0_used_read(odd[i], NULL, NULL, &used);
        if (used.available_kb != UNKNOWN)
            fail_msg("\"%s\" gives %llu", odd[i],
                     (unsigned long long)used.available_kb);
        assert_int_equal(xt_dom0_floor_kb(&used, MIB(900)), UNKNOWN);
    }
    xt_dom0_used_read("SwapTotal: 5 kB\nSwapFree: 6 kB\n", NULL, NULL, &used);
    assert_int_equal(used.swapped_kb, UNKNOWN);
    xt_dom0_used_read(NULL, NULL, "30 1 0:26 / /tank rw - zfs tank rw\n",
                      &used);
    assert_true(used.has_zfs);
    xt_dom0_used_read(NULL, NULL, "30 1 0:26 / /zfs rw - ext4 zfs rw\n",
                      &used);
    assert_false(used.has_zfs);
}

/* A host. */

static xtune_host *recorded;

static void set_file(const char *path, const char *text)
{
    xtune_dom0 *dom0 = &recorded->dom0;
    size_t i;

    for (i = 0; i < dom0->nr_files; i++)
        if (!strcmp(dom0->files[i].path, path)) break;
    if (i == dom0->nr_files) {
        dom0->files = xtune_arena_widen(recorded->arena, dom0->files,
                                        dom0->nr_files, sizeof(*dom0->files));
        dom0->files[dom0->nr_files++] = (xtune_file){ .path = path };
        xt_file_sort(dom0->files, dom0->nr_files);
    }
    xt_file_find(dom0, path)->text = text;
}

static int load(void **state)
{
    size_t len;
    char *text = test_read("hosts/dom0.json", &len);
    int rc;

    rc = xtune_host_from_json(text, len, "dom0.json", &recorded, NULL);
    free(text);
    *state = xtune_arena_new();
    return rc;
}

static int unload(void **state)
{
    xtune_host_free(recorded);
    xtune_arena_free(*state);
    return 0;
}

static xtune_dom0_advice advise(void **state, enum xtune_dom0_rule rule)
{
    xtune_dom0_advice advice;

    assert_int_equal(xtune_dom0_advise(recorded, rule, *state, &advice, NULL),
                     0);
    return advice;
}

static bool has_note(const xtune_dom0_advice *advice, const char *part)
{
    size_t i;

    for (i = 0; i < advice->nr_notes; i++)
        if (strstr(advice->notes[i], part)) return true;
    return false;
}

static void advises(void **state)
{
    const xtune_dom0_advice advice = advise(state, XTUNE_DOM0_AUTO);

    assert_int_equal(advice.rule, XTUNE_DOM0_SUSE);
    assert_int_equal(advice.has_kb, MIB(900));
    assert_int_equal(advice.target_kb, MIB(900));
    assert_int_equal(advice.static_max_kb, GIB(2));
    assert_int_equal(advice.needs_kb, MIB(504));
    assert_int_equal(advice.swap_used_kb, MIB(40));
    assert_int_equal(advice.swapped_kb, MIB(100));
    assert_int_equal(advice.should_kb, MIB(1844));
    assert_non_null(strstr(advice.why, "10 % of 8192 MiB = 1844 MiB"));
    assert_int_equal(advice.boot_kb, MIB(900));
    assert_false(advice.boot_is_fixed);
    assert_int_equal(advice.boot_vcpus, 2);
    assert_int_equal(advice.has_vcpus, 2);
    assert_int_equal(advice.most_vcpus, 2);
    assert_int_equal(advice.should_vcpus, 4);
    assert_string_equal(advice.autoballoon, "auto");
    assert_true(has_note(&advice, "swap out 100 MiB"));
    assert_true(has_note(&advice, "not fixed"));
    assert_false(advice.has_zfs);
}

/* The rule follows the distribution, and XCP-ng's its platform. */
static void chooses_the_rule(void **state)
{
    xtune_dom0_advice advice = advise(state, XTUNE_DOM0_XCP_NG);

    assert_int_equal(advice.should_kb, MIB(1440));
    set_file("/etc/os-release", "NAME=\"XCP-ng\"\nID=\"xenenterprise\"\n");
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_int_equal(advice.rule, XTUNE_DOM0_XCP_NG);
    assert_int_equal(advise(state, XTUNE_DOM0_SUSE).should_kb, MIB(1844));
    set_file("/etc/os-release", NULL);
    assert_int_equal(advise(state, XTUNE_DOM0_AUTO).rule, XTUNE_DOM0_SUSE);
    set_file("/etc/xensource-inventory", "PLATFORM_VERSION='3.2.1'\n");
    assert_int_equal(advise(state, XTUNE_DOM0_AUTO).should_kb, MIB(1440));
    set_file("/etc/xensource-inventory", "PLATFORM_VERSION='2.9.0'\n");
    assert_int_equal(advise(state, XTUNE_DOM0_AUTO).should_kb, MIB(1440));
    set_file("/etc/xensource-inventory", "PLATFORM_VERSION='2.8.1'\n");
    assert_int_equal(advise(state, XTUNE_DOM0_AUTO).should_kb, MIB(752));
    set_file("/etc/xensource-inventory", "PLATFORM_VERSION='what'\n");
    assert_int_equal(advise(state, XTUNE_DOM0_AUTO).should_kb, MIB(1440));
}

/* Never less than it needs; and ZFS needs more where there is much. */
static void raises_what_it_should_have(void **state)
{
    xtune_dom0_advice advice;

    recorded->domains[0].memory_kb = GIB(6);
    set_file("/proc/meminfo", "MemAvailable: 2097152 kB\n");
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_int_equal(advice.needs_kb, MIB(4352));
    assert_int_equal(advice.should_kb, MIB(4352));
    assert_non_null(strstr(advice.why, "needs more: 4352 MiB"));
    set_file("/proc/spl/kstat/zfs/arcstats", "size 4 0\nc_max 4 1073741824\n");
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_true(advice.has_zfs);
    assert_int_equal(advice.should_kb, MIB(4352));
    assert_true(has_note(&advice, "may have 1024 MiB"));
    recorded->xen.total_kb = GIB(64);
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_int_equal(advice.should_kb, GIB(16));
    recorded->xen.total_kb = GIB(512);
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_int_equal(advice.should_kb, MIB(53453));
    assert_true(has_note(&advice, "--rule xcp-ng"));
    assert_true(has_note(&advice, "8 GiB from 128 GiB"));
}

static void reads_the_next_boot(void **state)
{
    static const struct {
        const char *line;
        uint64_t kb;
        bool fixed;
        uint32_t vcpus;
        const char *note; /* that is there; NULL: none about the boot */
    } rows[] = {
        { "dom0_mem=1G,max:1G dom0_max_vcpus=1-16", GIB(1), true, 4, NULL },
        { "dom0_mem=1G", GIB(1), false, XTUNE_NONE, "not fixed" },
        { "dom0_mem=1G dom0_mem=max:1G", GIB(1), true, XTUNE_NONE, NULL },
        { "dom0_mem=1G,max:1G dom0_mem=2G", GIB(1), true, XTUNE_NONE, NULL },
        { "loglvl=info", GIB(8) - MIB(128), false, XTUNE_NONE,
          "nothing fixes" },
        { "dom0_mem=oops dom0_max_vcpus=oops", UNKNOWN, false, XTUNE_NONE,
          "not fixed" },
    };
    xtune_dom0_advice advice;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        recorded->boot.xen_configured = rows[i].line;
        advice = advise(state, XTUNE_DOM0_AUTO);
        assert_true(advice.boot_is_known);
        if (advice.boot_kb != rows[i].kb ||
            advice.boot_is_fixed != rows[i].fixed ||
            advice.boot_vcpus != rows[i].vcpus)
            fail_msg("%s: %llu, %u", rows[i].line,
                     (unsigned long long)advice.boot_kb, advice.boot_vcpus);
        if (rows[i].note)
            assert_true(has_note(&advice, rows[i].note));
        else
            assert_false(has_note(&advice, "fix"));
    }
    recorded->boot.xen_configured = NULL;
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_false(advice.boot_is_known);
    assert_int_equal(advice.boot_kb, UNKNOWN);
}

static void reads_autoballoon(void **state)
{
    xtune_dom0_advice advice;

    set_file("/etc/xen/xl.conf", "autoballoon=\"on\"\n");
    advice = advise(state, XTUNE_DOM0_AUTO);
    assert_string_equal(advice.autoballoon, "on");
    assert_true(has_note(&advice, "autoballoon is on"));
    set_file("/etc/xen/xl.conf", NULL); /* it cannot be read */
    assert_null(advise(state, XTUNE_DOM0_AUTO).autoballoon);
}

static void needs_dom0(void **state)
{
    xtune_error *err = NULL;
    xtune_dom0_advice advice;

    recorded->has_dom0 = false;
    check_error(
        xtune_dom0_advise(recorded, XTUNE_DOM0_AUTO, *state, &advice, &err),
        &err, XTUNE_ERR_UNSUPPORTED, "not known what memory");
    recorded->has_dom0 = true;
    recorded->nr_domains = 0;
    check_error(
        xtune_dom0_advise(recorded, XTUNE_DOM0_AUTO, *state, &advice, &err),
        &err, XTUNE_ERR_UNSUPPORTED, "not known what memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_as_the_rules),
        cmocka_unit_test(computes_vcpus),
        cmocka_unit_test(reads_sizes),
        cmocka_unit_test(reads_what_is_used),
        cmocka_unit_test(reads_strictly),
        cmocka_unit_test_setup_teardown(advises, load, unload),
        cmocka_unit_test_setup_teardown(chooses_the_rule, load, unload),
        cmocka_unit_test_setup_teardown(raises_what_it_should_have, load,
                                        unload),
        cmocka_unit_test_setup_teardown(reads_the_next_boot, load, unload),
        cmocka_unit_test_setup_teardown(reads_autoballoon, load, unload),
        cmocka_unit_test_setup_teardown(needs_dom0, load, unload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
