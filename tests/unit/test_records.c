/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs were told to keep: whose it is, what it makes of masks, how it is
 * kept and forgotten. */
#include "host_text.h"
#include "record_folder.h"

/* A host of two nodes of four CPUs, the last of which is off; two pools. */
static const char host_format[] =
    "{\"schema\": \"xtune/host/1\", \"xen\": {\"max_cpu_id\": 9}, \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}, {\"id\": 1, \"memory_kb\": 4096}], "
    "\"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 4, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 5, \"node\": 1, \"socket\": 1, \"core\": 1}, "
    "{\"id\": 8, \"node\": 1, \"socket\": 1, \"core\": 2}], "
    "\"cpupools\": ["
    "{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0-1,4-5\"}, "
    "{\"id\": 1, \"name\": \"rt\", \"cpus\": \"8\"}], "
    "\"domains\": ["
    "{\"id\": 1, \"name\": \"%s\", \"memory_kb\": 1000, \"uuid\": \"" UUID
    "\", \"cpupool\": \"Pool-0\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}, "
    "{\"id\": 1, \"online\": true, \"hard\": \"0-1\", \"soft\": \"all\"}, "
    "{\"id\": 3, \"online\": true, \"hard\": \"4\", \"soft\": \"5\"}]}, "
    "{\"id\": 2, \"name\": \"db\", \"memory_kb\": 1000, \"uuid\": \"%s\", "
    "\"cpupool\": \"rt\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"all\", "
    "\"soft\": \"all\"}]}, "
    "{\"id\": 3, \"name\": \"\", \"memory_kb\": 1000, "
    "\"cpupool\": \"Pool-0\", \"vcpus\": []}]}";

static xtune_host *make_host(const char *name, const char *other)
{
    char text[4096];

    snprintf(text, sizeof(text), host_format, name, other);
    return host_of(text);
}

#define OF_DB "00000002-0000-4000-8000-00000000000c"

/* Whose record it is. */
static void records_and_domains(void **unused)
{
    static const xtune_record records[] = {
        { .uuid = OTHER, .name = "web1" },
        { .uuid = OF_DB, .name = "" },
    };
    xtune_policy policy = {
        .records = (xtune_record *)records,
        .nr_records = 2,
    };
    xtune_host *host = make_host("web1", OF_DB);
    const xtune_domain *d = host->domains;

    (void)unused;
    assert_ptr_equal(xtune_policy_record(&policy, host, &d[0]), &records[0]);
    assert_ptr_equal(xtune_policy_record(&policy, host, &d[1]), &records[1]);
    /* One without a name has nobody's. */
    assert_null(xtune_policy_record(&policy, host, &d[2]));
    xtune_host_free(host);

    /* The name is another's now, whose uuid says that it is not his. */
    host = make_host("web1", OTHER);
    d = host->domains;
    assert_null(xtune_policy_record(&policy, host, &d[0]));
    assert_ptr_equal(xtune_policy_record(&policy, host, &d[1]), &records[0]);
    xtune_host_free(host);

    /* All zeros is dom0's, and tells nothing of others. */
    host = make_host("web1", OF_DB);
    policy.records = (xtune_record[]){
        { .uuid = "00000000-0000-0000-0000-000000000000", .name = "x" },
        { .uuid = OTHER, .name = "y" },
    };
    assert_null(xtune_policy_record(&policy, host, &host->domains[2]));
    host->domains[2].id = 0;
    assert_ptr_equal(xtune_policy_record(&policy, host, &host->domains[2]),
                     &policy.records[0]);
    xtune_host_free(host);

    /* A uuid counts more than a name. */
    host = make_host("web1", OF_DB);
    policy.records = (xtune_record[]){ { .uuid = OTHER, .name = "web1" },
                                       { .uuid = UUID, .name = "old" } };
    assert_ptr_equal(xtune_policy_record(&policy, host, &host->domains[0]),
                     &policy.records[1]);
    xtune_host_free(host);
}

/* "hard/soft" of each vCPU, with a blank after it. */
static const char *masks_text(xtune_arena *arena, const xtune_domain *domain,
                              const xtune_set *hard, const xtune_set *soft)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        text = xtune_arena_printf(arena, "%s%s/%s ", text,
                                  xtune_set_format(arena, &hard[i]),
                                  xtune_set_format(arena, &soft[i]));
    return text;
}

#define MASKS(rows)                                                           \
    POLICY("<domains match=\"*\"><numa placement=\"none\"/>\n" rows           \
           "</domains>")

static const struct {
    const char *rows, *masks; /* NULL: refused, and ... */
    const char *line, *message;
    enum xtune_rc rc;
} mask_cases[] = {
    { "<affinity hard=\"4-5\"/>", "4-5/all 4-5/all 4-5/5 ", "3", NULL, 0 },
    { "<affinity soft=\"node:1\"/>", "all/4-5,8 0-1/4-5,8 4/4-5,8 ", "3", NULL,
      0 },
    { "<affinity soft=\"none\"/>", "all/none 0-1/none 4/none ", "3", NULL, 0 },
    { "<affinity vcpus=\"all,^0\" hard=\"all,^4\" soft=\"all\"/>",
      "all/all 0-3,5-9/all 0-3,5-9/all ", "3", NULL, 0 },
    { "<affinity hard=\"0\"/>\n<affinity vcpus=\"3\" hard=\"5\"/>",
      "0/all 0/all 5/5 ", "3", NULL, 0 },
    { "<affinity vcpus=\"3\" hard=\"5\"/>\n<affinity hard=\"0\"/>",
      "0/all 0/all 0/5 ", "3", NULL, 0 },
    /* It has no vCPU 2 or 9: nothing is said of those that it has. */
    { "<affinity vcpus=\"2,9\" hard=\"8\"/>", "all/all 0-1/all 4/5 ", "3",
      NULL, 0 },
    { "<affinity hard=\"8\"/>", NULL, "3",
      "hard affinity \"8\" has no CPU of cpupool \"Pool-0\"",
      XTUNE_ERR_REFUSED },
    { "<affinity hard=\"node:0,^nodes:0-1\"/>", NULL, "3", "run nowhere",
      XTUNE_ERR_REFUSED },
    { "<affinity soft=\"0\"/>\n<affinity soft=\"2\"/>", NULL, "4",
      "the host has no CPU 2", XTUNE_ERR_INVALID },
    { "<affinity hard=\"9\"/>", NULL, "3", "no CPU 9", XTUNE_ERR_INVALID },
    { "<affinity hard=\"node:2\"/>", NULL, "3", "the host has no node 2",
      XTUNE_ERR_INVALID },
    { "<affinity vcpus=\"9\" hard=\"2\"/>", NULL, "3", "no CPU 2",
      XTUNE_ERR_INVALID },
};

static void check_masks(xtune_policy *policy, const xtune_host *host, size_t i)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_set *hard = NULL, *soft = NULL;
    xtune_source source = { NULL, 0 };
    int rc = xtune_policy_masks(policy, host, &host->domains[0], arena, &hard,
                                &soft, &source, &err);

    assert_int_equal(rc, mask_cases[i].rc);
    if (rc) {
        assert_null(hard);
        assert_null(soft);
        assert_null(source.file);
        assert_string_equal(
            err->object,
            xtune_arena_printf(arena, "p.xml:%s", mask_cases[i].line));
        if (!strstr(err->message, mask_cases[i].message))
            fail_msg("%s: %s", mask_cases[i].rows, err->message);
        return;
    }
    assert_string_equal(masks_text(arena, &host->domains[0], hard, soft),
                        mask_cases[i].masks);
    assert_string_equal(
        xtune_source_text(arena, source),
        xtune_arena_printf(arena, "p.xml:%s", mask_cases[i].line));
}

static void masks_of_rules(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("web1", OF_DB);
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(mask_cases); i++) {
        xtune_policy *policy = must_read(
            xtune_arena_printf(arena, MASKS("%s"), mask_cases[i].rows));

        check_masks(policy, host, i);
        xtune_policy_free(policy);
    }
    xtune_host_free(host);
}

static void no_masks(const xtune_policy *policy, const xtune_host *host,
                     const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set unused, *hard = &unused, *soft = &unused;
    xtune_source source = { "untouched", 1 };

    assert_int_equal(xtune_policy_masks(policy, host, domain, arena, &hard,
                                        &soft, &source, NULL),
                     0);
    assert_null(hard);
    assert_null(soft);
    assert_string_equal(source.file, "untouched");
}

static void a_record_beats_a_rule(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_policy *policy = must_read(MASKS("<affinity hard=\"4\"/>"));
    xtune_host *host = make_host("web1", OF_DB);
    xtune_set *hard, *soft;
    xtune_source source;

    (void)unused;
    write_record(UUID ".json", ROWS("{ \"vcpus\": \"1\", \"soft\": \"0\" }"));
    write_record(OF_DB ".json", "{ \"schema\": \"xtune/record/1\", \"uuid\": "
                                "\"" OF_DB "\", \"name\": \"db\" }");
    assert_int_equal(xtune_records_read(&state, policy, NULL), 0);
    assert_int_equal(xtune_policy_masks(policy, host, &host->domains[0], arena,
                                        &hard, &soft, &source, NULL),
                     0);
    assert_string_equal(masks_text(arena, &host->domains[0], hard, soft),
                        "all/all 0-1/0 4/5 ");
    assert_string_equal(xtune_source_text(arena, source),
                        record_path(arena, UUID ".json:5"));
    /* One that says nothing of it leaves the rule: it is in pool "rt". */
    assert_int_equal(xtune_policy_masks(policy, host, &host->domains[1], arena,
                                        &hard, &soft, &source, NULL),
                     XTUNE_ERR_REFUSED);
    xtune_policy_free(policy);
    policy = must_read(RULE("<numa placement=\"auto\"/>"));
    no_masks(policy, host, &host->domains[0]);
    xtune_policy_free(policy);
    policy = xtune_policy_new();
    no_masks(policy, host, &host->domains[0]);
    xtune_policy_free(policy);
    xtune_host_free(host);
}

static void keep(const xtune_host *host, const char *vcpus, const char *hard,
                 const char *soft)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_wanted_affinity wanted = {
        .vcpus = vcpus,
        .hard = hard,
        .soft = soft,
    };

    if (xtune_record_check(&state, host, &host->domains[0], &wanted, &err) ||
        xtune_record_affinity(&state, host, &host->domains[0], &wanted, &err))
        fail_msg("%s: %s", err->object, err->message);
}

/* "vcpus=hard/soft" of each row, with a blank after it. */
static const char *kept_rows(xtune_arena *arena)
{
    xtune_policy *policy = read_records();
    const char *text = "";
    size_t i;

    assert_int_equal(policy->nr_records, 1);
    for (i = 0; i < policy->records[0].nr_affinity; i++) {
        const xtune_wanted_affinity *row = &policy->records[0].affinity[i];

        text = xtune_arena_printf(arena, "%s%s=%s/%s ", text, row->vcpus,
                                  row->hard ? row->hard : "-",
                                  row->soft ? row->soft : "-");
    }
    xtune_policy_free(policy);
    return text;
}

static void what_is_kept_is_canonical(void **unused)
{
    static const struct {
        const char *vcpus, *hard, *soft, *rows;
    } steps[] = {
        { "3", "node:1", NULL, "3=node:1/- " },
        { "1", "node:1", NULL, "1,3=node:1/- " },
        { "0", "0", "all", "0=0/all 1,3=node:1/- " },
        { "2", NULL, "none", "0=0/all 1,3=node:1/- 2=-/none " },
        { "1-3", NULL, "none", "0=0/all 1,3=node:1/none 2=-/none " },
        { "all", "4-5", NULL, "0=4-5/all 1-3=4-5/none all,^0-3=4-5/- " },
        { "2", "0", "all", "0=4-5/all 1,3=4-5/none 2=0/all all,^0-3=4-5/- " },
        { "all,^0", NULL, "all", "all,^2=4-5/all 2=0/all " },
        { "all", "all", "all", "all=all/all " },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("web1", OF_DB);
    struct stat st;
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(steps); i++) {
        keep(host, steps[i].vcpus, steps[i].hard, steps[i].soft);
        assert_string_equal(kept_rows(arena), steps[i].rows);
    }
    assert_int_equal(stat(record_path(arena, UUID ".json"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(xt_record_dir(&state, arena), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    xtune_host_free(host);
}

/* The same record is the same text, whatever way it came about. */
static void what_is_kept_is_one_text(void **unused)
{
    static const char expected[] = "{\n"
                                   "  \"schema\": \"xtune/record/1\",\n"
                                   "  \"uuid\": \"" UUID "\",\n"
                                   "  \"name\": \"web1\",\n"
                                   "  \"affinity\": [\n"
                                   "    {\n"
                                   "      \"vcpus\": \"0-1\",\n"
                                   "      \"hard\": \"node:1\",\n"
                                   "      \"soft\": \"all\"\n"
                                   "    }\n"
                                   "  ]\n"
                                   "}\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("web1", OF_DB);
    char *text;
    size_t len;

    (void)unused;
    write_record(UUID ".json",
                 ROWS("{ \"soft\": \"0\", \"vcpus\": \"0,1\" }, "
                      "{ \"vcpus\": \"1\", \"hard\": \"node:1\" }"));
    keep(host, "0", "node:1", "all");
    keep(host, "1", NULL, "all");
    assert_int_equal(xt_file_read(arena, record_path(arena, UUID ".json"),
                                  1 << 20, &text, &len, NULL),
                     0);
    assert_string_equal(text, expected);
    xtune_host_free(host);
}

static void a_name_that_has_none(void **unused)
{
    xtune_host *host = make_host("a\\u001bb", OF_DB);
    xtune_policy *policy;

    (void)unused;
    keep(host, "0", "0", NULL);
    policy = read_records();
    assert_string_equal(policy->records[0].name, "");
    xtune_policy_free(policy);
    xtune_host_free(host);
}

static void forget(const xtune_host *host, bool found)
{
    bool was_found = !found;

    assert_int_equal(xtune_record_forget_affinity(
                         &state, host, &host->domains[0], &was_found, NULL),
                     0);
    assert_int_equal(was_found, found);
}

static void forgetting(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("web1", OF_DB);

    (void)unused;
    forget(host, false);
    keep(host, "all", "0", NULL);
    write_record(OF_DB ".json", "{ \"schema\": \"xtune/record/1\", \"uuid\": "
                                "\"" OF_DB "\", \"name\": \"db\" }");
    forget(host, true);
    assert_false(is_there(UUID ".json"));
    assert_true(is_there(OF_DB ".json"));
    forget(host, false);
    /* Without the last one the folder goes, and so may the state. */
    assert_int_equal(unlink(record_path(arena, OF_DB ".json")), 0);
    keep(host, "all", "0", NULL);
    forget(host, true);
    assert_int_equal(rmdir(folder), 0);
    xtune_host_free(host);
}

/* Made again from its configuration it has another uuid. */
static void a_domain_made_again(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = make_host("web1", OF_DB);

    (void)unused;
    write_record(OTHER ".json",
                 "{ \"schema\": \"xtune/record/1\", \"uuid\": \"" OTHER
                 "\", \"name\": \"web1\", \"affinity\": [ { \"vcpus\": \"0\", "
                 "\"hard\": \"5\" } ] }");
    keep(host, "1", "4", NULL);
    assert_false(is_there(OTHER ".json"));
    assert_true(is_there(UUID ".json"));
    assert_string_equal(kept_rows(arena), "0=5/- 1=4/- ");
    assert_int_equal(rename(record_path(arena, UUID ".json"),
                            record_path(arena, OTHER ".json")),
                     0);
    write_record(OTHER ".json", "{ \"schema\": \"xtune/record/1\", \"uuid\": "
                                "\"" OTHER "\", \"name\": \"web1\" }");
    forget(host, true);
    assert_false(is_there(OTHER ".json"));
    xtune_host_free(host);
}

static void cannot_keep(const xtune_host *host, size_t domain,
                        const xtune_wanted_affinity *wanted, enum xtune_rc rc,
                        const char *message)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL, *same = NULL;

    assert_int_equal(
        xtune_record_check(&state, host, &host->domains[domain], wanted, &err),
        rc);
    assert_non_null(strstr(err->message, message));
    assert_int_equal(xtune_record_affinity(
                         &state, host, &host->domains[domain], wanted, &same),
                     rc);
    assert_string_equal(err->message, same->message);
}

static void what_cannot_be_kept(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_wanted_affinity good = { .vcpus = "0", .hard = "0" };
    xtune_host *host = make_host("web1", OF_DB);
    bool found;

    (void)unused;
    cannot_keep(host, 2, &good, XTUNE_ERR_REFUSED, "it has no uuid");
    cannot_keep(host, 0, &(xtune_wanted_affinity){ .vcpus = "x", .hard = "0" },
                XTUNE_ERR_INVALID, "\"x\"");
    cannot_keep(host, 0,
                &(xtune_wanted_affinity){ .vcpus = "0", .hard = "0-" },
                XTUNE_ERR_INVALID, "\"0-\"");
    /* Nothing was made on the way. */
    assert_int_equal(access(xt_record_dir(&state, arena), F_OK), -1);
    /* One that is damaged, also if it is another's. */
    write_record(OTHER ".json", "{");
    cannot_keep(host, 0, &good, XTUNE_ERR_INVALID, "");
    assert_int_equal(xtune_record_forget_affinity(
                         &state, host, &host->domains[0], &found, NULL),
                     XTUNE_ERR_INVALID);
    assert_false(is_there(UUID ".json"));
    xtune_host_free(host);
}

static void what_cannot_be_written(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_wanted_affinity good = { .vcpus = "0", .hard = "0" };
    xtune_host *host = make_host("web1", OF_DB);

    (void)unused;
    assert_int_equal(
        xt_file_replace(xt_record_dir(&state, arena), "", 0, 0600, NULL), 0);
    assert_true(xtune_record_affinity(&state, host, &host->domains[0], &good,
                                      &err) < 0);
    assert_non_null(strstr(err->object, "records"));
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_domains),
        cmocka_unit_test(masks_of_rules),
        WITH_FOLDER(a_record_beats_a_rule),
        WITH_FOLDER(what_is_kept_is_canonical),
        WITH_FOLDER(what_is_kept_is_one_text),
        WITH_FOLDER(a_name_that_has_none),
        WITH_FOLDER(forgetting),
        WITH_FOLDER(a_domain_made_again),
        WITH_FOLDER(what_cannot_be_kept),
        WITH_FOLDER(what_cannot_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
