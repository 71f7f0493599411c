/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy says, where policies come from, and whom a rule is for. */
#include "policy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"

static void everything_is_read(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<policy name=\"all\">\n"
        "  <host>\n"
        "    <dom0 memory=\"4G\" vcpus=\"auto\"/>\n"
        "    <cpupool name=\"rt\" cpus=\"8-15,^9\" scheduler=\"null\"/>\n"
        "    <headroom cpu=\"20%\"/>\n"
        "    <cpupool name=\"big one\" cpus=\"node:1\"/>\n"
        "  </host>\n"
        "  <domains match=\"name:db-*\">\n"
        "    <numa placement=\"0-1\" mode=\"hard\" memory=\"follow\"/>\n"
        "    <vcpus pin=\"one-to-one\" smt=\"isolate\"/>\n"
        "    <devices numa=\"required\"/>\n"
        "    <cpupool\n"
        "      name=\"rt\"\n"
        "    />\n"
        "  </domains>\n"
        "</policy>\n";
    xtune_policy *p = must_read(text);
    const xtune_rule *rule = p->rules;

    (void)state;
    assert_string_equal(p->name, "all");
    assert_true(p->has_dom0);
    assert_string_equal(p->dom0_memory, "4G");
    assert_string_equal(p->dom0_vcpus, "auto");
    assert_int_equal(p->dom0_source.line, 4);
    assert_string_equal(p->dom0_source.file, "p.xml");
    assert_false(p->split_numa);
    assert_int_equal(p->nr_pools, 2);
    assert_string_equal(p->pools[0].name, "rt");
    assert_string_equal(p->pools[0].cpus, "8-15,^9");
    assert_string_equal(p->pools[0].scheduler, "null");
    assert_int_equal(p->pools[0].source.line, 5);
    assert_string_equal(p->pools[1].name, "big one");
    assert_null(p->pools[1].scheduler);
    assert_true(p->has_headroom);
    assert_int_equal(p->headroom_pct, 20);
    assert_int_equal(p->headroom_source.line, 6);

    assert_int_equal(p->nr_rules, 1);
    assert_string_equal(rule->match, "name:db-*");
    assert_int_equal(rule->source.line, 9);
    assert_true(rule->has_numa);
    assert_int_equal(rule->placement, XTUNE_PLACE_NODES);
    assert_string_equal(rule->nodes, "0-1");
    assert_int_equal(rule->numa_source.line, 10);
    assert_int_equal(rule->mode, XTUNE_AFFINITY_HARD);
    assert_int_equal(rule->memory, XTUNE_MEMORY_FOLLOW);
    assert_true(rule->has_vcpus);
    assert_int_equal(rule->vcpus_source.line, 11);
    assert_int_equal(rule->pin, XTUNE_PIN_ONE_TO_ONE);
    assert_int_equal(rule->smt, XTUNE_SMT_ISOLATE);
    assert_true(rule->has_devices);
    assert_int_equal(rule->devices_source.line, 12);
    assert_int_equal(rule->devices, XTUNE_DEVICES_REQUIRED);
    assert_string_equal(rule->cpupool, "rt");
    assert_int_equal(rule->cpupool_source.line, 13);
    xtune_policy_free(p);
}

static void affinity_is_read(void **state)
{
    xtune_policy *p = must_read(
        POLICY("<domains match=\"*\" enforce=\"yes\">\n"
               "<affinity hard=\"node:1\"/>\n"
               "<affinity vcpus=\"0-1\" soft=\"0\"/>\n"
               "<numa placement=\"none\" pause=\"allow\"/>\n"
               "</domains>\n"
               "<domains match=\"*\"><numa placement=\"auto\"/></domains>"));
    const xtune_rule *rule = p->rules;

    (void)state;
    assert_true(rule->enforce);
    assert_true(rule->allow_pause);
    assert_int_equal(rule->nr_affinity, 2);
    assert_string_equal(rule->affinity[0].vcpus, "all");
    assert_string_equal(rule->affinity[0].hard, "node:1");
    assert_null(rule->affinity[0].soft);
    assert_int_equal(rule->affinity[0].source.line, 3);
    assert_string_equal(rule->affinity[1].vcpus, "0-1");
    assert_null(rule->affinity[1].hard);
    assert_string_equal(rule->affinity[1].soft, "0");
    assert_int_equal(rule->affinity[1].source.line, 4);
    assert_false(rule[1].enforce || rule[1].allow_pause);
    assert_int_equal(rule[1].nr_affinity, 0);
    assert_int_equal(p->nr_records, 0);
    xtune_policy_free(p);
}

static void a_new_policy_wants_nothing(void **state)
{
    xtune_policy *p = xtune_policy_new();

    (void)state;
    assert_string_equal(p->name, "records");
    assert_int_equal(p->nr_rules + p->nr_records + p->nr_pools, 0);
    xtune_policy_free(p);
}

static void what_is_not_written_has_its_default(void **state)
{
    xtune_policy *p = must_read(
        POLICY("<domains match=\"*\"/>\n"
               "<domains match=\"*\"><numa placement=\"auto\"/><vcpus/>"
               "</domains>\n"
               "<domains match=\"*\"><numa placement=\"none\"/></domains>"));
    const xtune_rule *bare = &p->rules[0], *rule = &p->rules[1];

    (void)state;
    assert_int_equal(p->nr_rules, 3);
    assert_false(p->has_dom0 || p->has_headroom || p->split_numa);
    assert_false(bare->has_numa || bare->has_vcpus || bare->has_devices);
    assert_int_equal(bare->placement, XTUNE_PLACE_NONE);
    assert_null(bare->cpupool);
    assert_int_equal(rule->placement, XTUNE_PLACE_AUTO);
    assert_int_equal(rule->mode, XTUNE_AFFINITY_SOFT);
    assert_int_equal(rule->memory, XTUNE_MEMORY_STAY);
    assert_true(rule->has_vcpus);
    assert_int_equal(rule->pin, XTUNE_PIN_NODE);
    assert_int_equal(rule->smt, XTUNE_SMT_AVOID);
    assert_int_equal(rule->devices, XTUNE_DEVICES_PREFERRED);
    assert_int_equal(p->rules[2].placement, XTUNE_PLACE_NONE);
    assert_true(p->rules[2].has_numa);
    xtune_policy_free(p);
}

/* Files and folders. */

static const char smallest[] = "<policy name=\"p\"/>";

static char folder[] = "/tmp/test-policy.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    XT_CLEANUP_FREE char *command = xt_xprintf("rm -rf '%s'", folder);

    (void)state;
    return system(command);
}

/* Lives until the test's arena is freed. */
static const char *in_folder(xtune_arena *arena, const char *name)
{
    return xtune_arena_printf(arena, "%s/%s", folder, name);
}

static const char *write_file(xtune_arena *arena, const char *name,
                              const char *text)
{
    const char *path = in_folder(arena, name);

    assert_int_equal(xt_file_replace(path, text, strlen(text), 0644, NULL), 0);
    return path;
}

static void several_files(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *files[2];
    xtune_policy *p;

    (void)state;
    files[0] = write_file(arena, "z.xml",
                          "<policy name=\"z\"><domains match=\"name:a\"/>"
                          "<host><dom0 vcpus=\"2\"/></host></policy>");
    files[1] = write_file(arena, "a.xml",
                          "<policy name=\"a\">\n<domains match=\"name:b\"/>"
                          "<host><cpupool name=\"x\"/></host></policy>");
    assert_int_equal(xtune_policy_read(files, 2, &p, NULL), 0);
    assert_string_equal(p->name, "z+a");
    assert_int_equal(p->nr_rules, 2);
    assert_string_equal(p->rules[0].match, "name:a");
    assert_string_equal(p->rules[1].match, "name:b");
    assert_string_equal(p->rules[1].source.file, files[1]);
    assert_string_equal(xtune_source_text(p->arena, p->rules[1].source),
                        in_folder(arena, "a.xml:2"));
    assert_true(p->has_dom0);
    assert_int_equal(p->nr_pools, 1);
    xtune_policy_free(p);
    assert_int_equal(xtune_policy_read(files, 0, &p, NULL), XTUNE_ERR_INVALID);
}

/* Each pair of these, in two files, is a conflict. */
static const char *const host_conflicts[][2] = {
    { "<dom0 vcpus=\"2\"/>", "<dom0 memory=\"2G\"/>" },
    { "<headroom cpu=\"1%\"/>", "<headroom cpu=\"1%\"/>" },
    { "<cpupools split=\"numa\"/>", "<cpupools split=\"numa\"/>" },
    { "<cpupool name=\"a\"/>", "<cpupool name=\"b\"/>" },
    { "<cpupools split=\"numa\"/>", "<cpupool name=\"b\"/>" },
    { "<cpupool name=\"a\"/>", "<cpupools split=\"numa\"/>" },
};

static void host_in_two_files(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *files[2];
    xtune_policy *p;
    size_t i, j;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(host_conflicts); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        for (j = 0; j < 2; j++)
            files[j] = write_file(
                arena, j ? "2.xml" : "1.xml",
                xtune_arena_printf(arena, HOST("%s"), host_conflicts[i][j]));
        assert_int_equal(xtune_policy_read(files, 2, &p, &err),
                         XTUNE_ERR_INVALID);
        assert_string_equal(err->object, in_folder(arena, "2.xml:3"));
        assert_non_null(strstr(err->message, in_folder(arena, "1.xml:3")));
    }
    /* The same file twice is no different. */
    files[1] = files[0];
    assert_int_equal(xtune_policy_read(files, 2, &p, NULL), XTUNE_ERR_INVALID);
}

static void error_of_file(const char *path, enum xtune_rc code,
                          const char *message)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;

    assert_int_equal(xtune_policy_read(&path, 1, &policy, &err), code);
    assert_null(policy);
    assert_int_equal(strncmp(err->object, path, strlen(path)), 0);
    assert_non_null(strstr(err->message, message));
}

static void files_that_cannot_be_read(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = in_folder(arena, "fifo.xml");

    (void)state;
    error_of_file(in_folder(arena, "missing.xml"), XTUNE_ERR_NOT_FOUND,
                  "cannot open it");
    error_of_file(folder, XTUNE_ERR_IO, "cannot read it");
    error_of_file(write_file(arena, "empty.xml", ""), XTUNE_ERR_INVALID,
                  "it is empty");
    error_of_file("/dev/null", XTUNE_ERR_INVALID, "it is no regular file");
    error_of_file("/dev/zero", XTUNE_ERR_INVALID, "it is no regular file");
    assert_int_equal(mkfifo(path, 0600), 0);
    error_of_file(path, XTUNE_ERR_INVALID, "it is no regular file");
    if (!geteuid()) return; /* root may read everything */
    path = write_file(arena, "secret.xml", smallest);
    assert_int_equal(chmod(path, 0), 0);
    error_of_file(path, XTUNE_ERR_PERMISSION, "cannot open it");
}

static void files_of_one_mebibyte(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t max = 1 << 20;
    char *text = XTUNE_NEW_ARRAY(arena, char, max + 2);
    const char *path;
    xtune_policy *p;

    (void)state;
    memset(text, ' ', max + 1);
    memcpy(text, smallest, strlen(smallest));
    error_of_file(write_file(arena, "big.xml", text), XTUNE_ERR_INVALID,
                  "larger than 1024 KiB");
    refused_as(&(bad_document){ text, "p.xml:1", "larger than 1 MiB", NULL },
               strlen(text));
    text[max] = '\0';
    path = write_file(arena, "big.xml", text);
    assert_int_equal(xtune_policy_read(&path, 1, &p, NULL), 0);
    xtune_policy_free(p);
}

static void a_folder(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *p;

    (void)state;
    write_file(arena, "20-b.xml", "<policy name=\"b\"/>");
    write_file(arena, "10-a.xml", "<policy name=\"a\"/>");
    write_file(arena, "9-c.xml", "<policy name=\"c\"/>");
    write_file(arena, "Z.xml", "<policy name=\"Z\"/>");
    write_file(arena, ".hidden.xml", "no policy");
    write_file(arena, ".xml", "no policy");
    write_file(arena, "10-a.xml~", "no policy");
    write_file(arena, "README", "no policy");
    write_file(arena, "e.XML", "no policy");
    write_file(arena, "linked", "<policy name=\"l\"/>");
    assert_int_equal(symlink("linked", in_folder(arena, "a-link.xml")), 0);
    assert_int_equal(mkdir(in_folder(arena, "folder.xml"), 0755), 0);
    assert_int_equal(mkfifo(in_folder(arena, "fifo.xml"), 0600), 0);
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err), 0);
    assert_string_equal(p->name, "a+b+c+Z+l");
    xtune_policy_free(p);

    /* One that cannot be read is not passed over. */
    assert_int_equal(symlink("nowhere", in_folder(arena, "b.xml")), 0);
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->object, in_folder(arena, "b.xml"));
}

static void folders_without_policies(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *p;

    (void)state;
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->object, folder);
    assert_int_equal(
        xtune_policy_read_dir(in_folder(arena, "missing"), &p, NULL),
        XTUNE_ERR_NOT_FOUND);
    assert_int_equal(
        xtune_policy_read_dir(write_file(arena, "file", ""), &p, NULL),
        XTUNE_ERR_NOT_FOUND);
}

/* Matching. */

static const xtune_domain dom0 = {
    .id = 0,
    .name = "Domain-0",
    .type = XTUNE_TYPE_PV,
    .uuid = "00000000-0000-0000-0000-000000000000",
};
static const xtune_domain web = {
    .id = 3,
    .name = "web-1",
    .type = XTUNE_TYPE_PVH,
    .uuid = "0a1b2c3d-0000-1111-2222-333344445555",
};
static const xtune_domain unnamed = { .id = 4, .name = "" };

static const struct {
    const char *match;
    const xtune_domain *domain;
    bool matches;
} matches[] = {
    { "*", &web, true },
    { "*", &unnamed, true },
    { "*", &dom0, false },
    { "name:web-1", &web, true },
    { "name:web-*", &web, true },
    { "name:*", &web, true },
    { "name:*", &unnamed, true },
    { "name:[vw]eb-?", &web, true },
    { "name:web", &web, false },
    { "name:WEB-1", &web, false },
    { "name:web-\\*", &web, false },
    { "name:*/1", &web, false },
    { "name:[", &web, false },
    { "type:pvh", &web, true },
    { "type:pv", &web, false },
    { "type:pv", &unnamed, false },
    { "uuid:0a1b2c3d-0000-1111-2222-333344445555", &web, true },
    { "uuid:0A1B2C3D-0000-1111-2222-333344445555", &web, true },
    { "uuid:0a1b2c3d-0000-1111-2222-333344445556", &web, false },
    { "name:Domain-0", &dom0, true },
    { "name:*", &dom0, false },
    { "name:Domain-?", &dom0, false },
    { "name:domain-0", &dom0, false },
    { "type:pv", &dom0, false },
    { "uuid:00000000-0000-0000-0000-000000000000", &dom0, false },
};

static void matching(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_rule *rule;
    xtune_policy *p;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(matches); i++) {
        p = must_read(xtune_arena_printf(
            arena, POLICY("<domains match=\"%s\"/>"), matches[i].match));
        rule = xtune_policy_match(p, matches[i].domain);
        if (!!rule != matches[i].matches)
            fail_msg("\"%s\" and \"%s\"", matches[i].match,
                     matches[i].domain->name);
        assert_true(!rule || rule == p->rules);
        xtune_policy_free(p);
    }
}

static void the_first_match_wins(void **state)
{
    xtune_policy *p = must_read(POLICY("<domains match=\"name:w*x\"/>"
                                       "<domains match=\"type:pvh\"/>"
                                       "<domains match=\"name:web-1\"/>"
                                       "<domains match=\"*\"/>"));
    xtune_policy *none = must_read("<policy name=\"p\"/>");

    (void)state;
    assert_ptr_equal(xtune_policy_match(p, &web), &p->rules[1]);
    assert_ptr_equal(xtune_policy_match(p, &unnamed), &p->rules[3]);
    assert_null(xtune_policy_match(p, &dom0));
    assert_null(xtune_policy_match(none, &web));
    xtune_policy_free(p);
    xtune_policy_free(none);
}

/* The policies that ship. */

static const struct {
    const char *name;
    enum xtune_affinity_mode mode;
    enum xtune_memory_mode memory;
    enum xtune_smt_mode smt;
    enum xtune_device_mode devices;
    unsigned int headroom_pct;
} shipped[] = {
    { "balanced", XTUNE_AFFINITY_SOFT, XTUNE_MEMORY_STAY, XTUNE_SMT_AVOID,
      XTUNE_DEVICES_PREFERRED, 0 },
    { "low-latency", XTUNE_AFFINITY_HARD, XTUNE_MEMORY_FOLLOW,
      XTUNE_SMT_ISOLATE, XTUNE_DEVICES_REQUIRED, 20 },
    { "high-throughput", XTUNE_AFFINITY_SOFT, XTUNE_MEMORY_STAY,
      XTUNE_SMT_ALLOW, XTUNE_DEVICES_PREFERRED, 0 },
};

static void shipped_policies(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *data = getenv("TEST_DATA");
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(shipped); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;
        const char *path =
            xtune_arena_printf(arena, "%s/../policies/%s.xml",
                               data ? data : "tests", shipped[i].name);
        const xtune_rule *rule;
        xtune_policy *p;

        if (xtune_policy_read(&path, 1, &p, &err))
            fail_msg("%s: %s", err->object, err->message);
        assert_string_equal(p->name, shipped[i].name);
        assert_null(xtune_policy_match(p, &dom0));
        rule = xtune_policy_match(p, &web);
        assert_non_null(rule);
        assert_int_equal(rule->placement, XTUNE_PLACE_AUTO);
        assert_int_equal(rule->mode, shipped[i].mode);
        assert_int_equal(rule->memory, shipped[i].memory);
        assert_int_equal(rule->pin, XTUNE_PIN_NODE);
        assert_int_equal(rule->smt, shipped[i].smt);
        assert_int_equal(rule->devices, shipped[i].devices);
        assert_int_equal(p->headroom_pct, shipped[i].headroom_pct);
        xtune_policy_free(p);
    }
}

#define WITH_FOLDER(f)                                                        \
    cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

static void scheduling(void **state)
{
    xtune_policy *policy = must_read(POLICY(
        "<host>\n<cpupool name=\"a\" nodes=\"0-1\" scheduler=\"credit\" "
        "tslice=\"5\" ratelimit=\"0\" migration-delay=\"7\"/>\n"
        "<cpupool name=\"b\"/></host>\n"
        "<domains match=\"*\">\n<scheduler cap=\"0\" period=\"50\" "
        "extratime=\"yes\"/></domains>\n"
        "<domains match=\"*\"/>"));
    const xtune_wanted_pool *pools = policy->pools;
    const xtune_rule *rules = policy->rules;

    (void)state;
    assert_int_equal(policy->nr_pools, 2);
    assert_null(pools[0].cpus);
    assert_string_equal(pools[0].nodes, "0-1");
    assert_int_equal(pools[0].scheduling.tslice_ms, 5);
    assert_int_equal(pools[0].scheduling.ratelimit_us, 0);
    assert_int_equal(pools[0].scheduling.migration_delay_us, 7);
    assert_null(pools[1].nodes);
    assert_int_equal(pools[1].scheduling.tslice_ms, XTUNE_NONE);
    assert_int_equal(pools[1].scheduling.ratelimit_us, XTUNE_NONE);
    assert_int_equal(pools[1].scheduling.migration_delay_us, XTUNE_NONE);
    assert_true(rules[0].has_scheduling);
    assert_int_equal(rules[0].scheduling.source.line, 6);
    assert_int_equal(rules[0].scheduling.weight, XTUNE_NONE);
    assert_int_equal(rules[0].scheduling.cap, 0);
    assert_int_equal(rules[0].scheduling.period_us, 50);
    assert_int_equal(rules[0].scheduling.budget_us, XTUNE_NONE);
    assert_int_equal(rules[0].scheduling.extratime, 1);
    assert_false(rules[1].has_scheduling);
    xtune_policy_free(policy);
}

static void names_of_pools(void **state)
{
    static const char *const good[] = {
        "a", "Pool-0", "0x", "1 2", "-", "\xc3\xa4", "a\\b", "..",
    };
    static const char *const bad[] = {
        "",     "0",   "0123", " a",       "a ",   " ",    "a/b",
        "a\tb", "a\n", "\x7f", "\xc2\x85", "\xff", "\xc3", "\xed\xa0\x80",
    };
    char name[201];
    const char *why;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++) {
        why = "as it was";
        assert_true(xtune_cpupool_is_name(good[i], &why));
        assert_string_equal(why, "as it was");
    }
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        why = NULL;
        if (xtune_cpupool_is_name(bad[i], &why)) fail_msg("\"%s\"", bad[i]);
        assert_non_null(why);
        assert_false(xtune_cpupool_is_name(bad[i], NULL));
    }
    memset(name, 'a', 200);
    for (i = 1; i <= 200; i++) {
        name[200] = '\0';
        assert_int_equal(xtune_cpupool_is_name(name + 200 - i, NULL), i <= 63);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(affinity_is_read),
        cmocka_unit_test(a_new_policy_wants_nothing),
        cmocka_unit_test(what_is_not_written_has_its_default),
        WITH_FOLDER(several_files),
        WITH_FOLDER(host_in_two_files),
        WITH_FOLDER(files_that_cannot_be_read),
        WITH_FOLDER(files_of_one_mebibyte),
        WITH_FOLDER(a_folder),
        WITH_FOLDER(folders_without_policies),
        cmocka_unit_test(matching),
        cmocka_unit_test(the_first_match_wins),
        cmocka_unit_test(shipped_policies),
        cmocka_unit_test(scheduling),
        cmocka_unit_test(names_of_pools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
