/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs were told to keep of schedulers and pools. */
#include "host_text.h"
#include "record_folder.h"

static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0\"}], "
    "\"domains\": [{\"id\": 1, \"name\": \"web1\", \"memory_kb\": 1000, "
    "\"uuid\": \"" UUID "\", \"cpupool\": \"Pool-0\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}]}, "
    "{\"id\": 2, \"name\": \"\", \"memory_kb\": 1000, "
    "\"cpupool\": \"Pool-0\", \"vcpus\": []}]}";

#define NONE XTUNE_NONE
#define SCHEDULING(rows) NAMED ",\n\"scheduling\": [\n" rows " ] }"
#define POOLS(rows)                                                           \
    "{ \"schema\": \"xtune/pools/1\",\n\"cpupools\": [\n" rows " ] }"

static const char *pools_path(xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/pools.json", folder);
}

static void write_pools(const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    assert_int_equal(
        xt_file_replace(pools_path(arena), text, strlen(text), 0600, NULL), 0);
}

/* Reading. */

static void everything_is_read(void **unused)
{
    const xtune_wanted_scheduling *row;
    const xtune_record *record;
    xtune_policy *policy;

    (void)unused;
    write_record(UUID ".json",
                 NAMED ",\n\"cpupool\": \"rt\", \"scheduling\": [\n"
                       "{ \"vcpus\": \"all\", \"weight\": 512, \"cap\": 0 },\n"
                       "{ \"period_us\": 10000, \"vcpus\": \"0-1\", "
                       "\"budget_us\": 4000, \"extratime\": true } ] }");
    write_pools(POOLS("{ \"name\": \"a\", \"ratelimit_us\": 0 },\n"
                      "{ \"migration_delay_us\": 100000, \"tslice_ms\": 1, "
                      "\"name\": \"b\" }"));
    policy = read_records();
    assert_int_equal(policy->nr_records, 1);
    record = policy->records;
    assert_int_equal(record->nr_affinity, 0);
    assert_string_equal(record->cpupool, "rt");
    assert_int_equal(record->cpupool_source.line, 4);
    assert_int_equal(record->nr_scheduling, 2);
    row = record->scheduling;
    assert_string_equal(row->vcpus, "all");
    assert_int_equal(row->source.line, 5);
    assert_int_equal(row->weight, 512);
    assert_int_equal(row->cap, 0);
    assert_int_equal(row->period_us, NONE);
    assert_int_equal(row->extratime, NONE);
    assert_string_equal(row[1].vcpus, "0-1");
    assert_int_equal(row[1].source.line, 6);
    assert_int_equal(row[1].weight, NONE);
    assert_int_equal(row[1].cap, NONE);
    assert_int_equal(row[1].period_us, 10000);
    assert_int_equal(row[1].budget_us, 4000);
    assert_int_equal(row[1].extratime, 1);
    assert_int_equal(policy->nr_pool_records, 2);
    assert_string_equal(policy->pool_records[0].name, "a");
    assert_int_equal(policy->pool_records[0].source.line, 3);
    assert_int_equal(policy->pool_records[0].scheduling.ratelimit_us, 0);
    assert_int_equal(policy->pool_records[0].scheduling.tslice_ms, NONE);
    assert_string_equal(policy->pool_records[1].name, "b");
    assert_int_equal(policy->pool_records[1].source.line, 4);
    assert_int_equal(policy->pool_records[1].scheduling.tslice_ms, 1);
    assert_int_equal(policy->pool_records[1].scheduling.migration_delay_us,
                     100000);
    xtune_policy_free(policy);
}

/* What is refused, where and why. */
static const bad_document bad[] = {
    { NAMED ",\n\"scheduling\": {} }", "4", "\"scheduling\" is no array",
      NULL },
    { SCHEDULING("1"), "5", "no object in its array", NULL },
    { SCHEDULING("{ }"), "5", "member \"vcpus\" is missing", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\" }"), "5", "it says nothing", NULL },
    { SCHEDULING("{ \"weight\": 256 }"), "5", "\"vcpus\" is missing", NULL },
    { SCHEDULING("{ \"vcpus\": 0, \"weight\": 256 }"), "5", "is no text",
      NULL },
    { SCHEDULING("{ \"vcpus\": \"8192\", \"period_us\": 50 }"), "5", "8192",
      NULL },
    { SCHEDULING("{ \"vcpus\": \"all\",\n\"weight\": 0 }"), "6",
      "member \"weight\" is not a whole number from 1 to 65535", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"weight\": \"256\" }"), "5",
      "member \"weight\" is not a whole number", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"weight\": 1.5 }"), "5", "weight",
      NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"weight\": -1 }"), "5", "weight",
      NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"weight\": 99999999999 }"), "5",
      "weight", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"cap\": null }"), "5", "\"cap\"",
      NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"cap\": 4294967295 }"), "5",
      "\"cap\"", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"extratime\": 1 }"), "5",
      "member \"extratime\" is not true or false", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"period_us\": 9 }"), "5",
      "\"period_us\"", NULL },
    { SCHEDULING("{ \"vcpus\": \"0\", \"period_us\": 50, \"budget_us\": 51 "
                 "}"),
      "5", "a budget of 51 us is above the period of 50 us", NULL },
    { SCHEDULING("{ \"vcpus\": \"0\", \"cap\": 50 }"), "5",
      "\"weight\" and \"cap\" are of all vCPUs, not of \"0\"", NULL },
    { SCHEDULING("{ \"vcpus\": \"all\", \"tslice_ms\": 5 }"), "5",
      "unknown member \"tslice_ms\"", NULL },
    { NAMED ",\n\"cpupool\": null }", "4", "\"cpupool\" is no text", NULL },
    { NAMED ",\n\"cpupool\": \"\" }", "4",
      "\"\" is no name of a pool: it is empty", NULL },
    { NAMED ",\n\"cpupool\": \"0\" }", "4", "digits alone", NULL },
    { NAMED ",\n\"cpupool\": \"a/b\" }", "4", "it has a \"/\"", NULL },
    { NAMED ",\n\"cpupools\": \"a\" }", "4", "unknown member", NULL },
};

static const bad_document bad_pools[] = {
    { "", "1", "not a JSON document", "remove this file" },
    { "[]", "1", "this is no record", "remove this file" },
    { "{ \"schema\": \"xtune/record/1\" }", "1",
      "its schema is \"xtune/record/1\", not \"xtune/pools/1\"", NULL },
    { "{ \"schema\": \"xtune/pools/1\" }", "1", "\"cpupools\" is missing",
      NULL },
    { "{ \"schema\": \"xtune/pools/1\",\n\"cpupools\": {} }", "2",
      "\"cpupools\" is no array", NULL },
    { "{ \"schema\": \"xtune/pools/1\",\n\"pools\": [] }", "2",
      "unknown member \"pools\"", NULL },
    { POOLS("1"), "3", "no object in its array", NULL },
    { POOLS("{ \"tslice_ms\": 5 }"), "3", "\"name\" is missing", NULL },
    { POOLS("{ \"name\": 5, \"tslice_ms\": 5 }"), "3", "is no text", NULL },
    { POOLS("{ \"name\": \"7\", \"tslice_ms\": 5 }"), "3",
      "\"7\" is no name of a pool: digits alone", NULL },
    { POOLS("{ \"name\": \"a\" }"), "3", "it says nothing of this pool",
      NULL },
    { POOLS("{ \"name\": \"a\", \"weight\": 1 }"), "3",
      "unknown member \"weight\"", NULL },
    { POOLS("{ \"name\": \"a\", \"tslice_ms\": 0 }"), "3",
      "member \"tslice_ms\" is not a whole number of milliseconds", NULL },
    { POOLS("{ \"name\": \"a\",\n\"ratelimit_us\": 99 }"), "4",
      "member \"ratelimit_us\" is not 0, or", NULL },
    { POOLS("{ \"name\": \"a\", \"migration_delay_us\": 100001 }"), "3",
      "\"migration_delay_us\"", NULL },
    { POOLS("{ \"name\": \"a\", \"tslice_ms\": 1, \"ratelimit_us\": 1001 }"),
      "3", "a ratelimit of 1001 us is above the tslice of 1 ms", NULL },
    { POOLS("{ \"name\": \"a\", \"tslice_ms\": 1 },\n"
            "{ \"name\": \"a\", \"tslice_ms\": 1 }"),
      "4", "cpupool \"a\" is there twice", NULL },
};

typedef int (*reads)(const char *text, size_t len, const char *file,
                     xtune_policy *policy, xtune_error **err);

static void refused_at(reads read, const char *file, const bad_document *doc)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();
    const char *object = xtune_arena_printf(arena, "%s:%s", file, doc->object);

    if (!read(doc->text, strlen(doc->text), file, policy, &err))
        fail_msg("taken:\n%s", doc->text);
    assert_int_equal(err->code, XTUNE_ERR_INVALID);
    assert_int_equal(policy->nr_records + policy->nr_pool_records, 0);
    if (strcmp(err->object, object) || !strstr(err->message, doc->message) ||
        (doc->hint && (!err->hint || !strstr(err->hint, doc->hint))))
        fail_msg("%s: %s\nis not as expected: %s: %s\n%s", err->object,
                 err->message, object, doc->message, doc->text);
    xtune_policy_free(policy);
}

static void bad_ones(void **unused)
{
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++)
        refused_at(xt_record_read_memory, "/x/" UUID ".json", &bad[i]);
    for (i = 0; i < XT_ARRAY_SIZE(bad_pools); i++)
        refused_at(xt_pools_read_memory, "/x/pools.json", &bad_pools[i]);
}

/* Writing. */

static const char *text_of(xtune_arena *arena, const char *name)
{
    const char *path = xtune_arena_printf(arena, "%s/%s", folder, name);
    char *text;
    size_t len;

    assert_int_equal(xt_file_read(arena, path, 1 << 20, &text, &len, NULL), 0);
    return text;
}

static int keep(const xtune_host *host, const char *vcpus, uint32_t weight,
                uint32_t cap, uint32_t period, uint32_t budget,
                uint32_t extratime)
{
    const xtune_wanted_scheduling wanted = {
        .vcpus = vcpus,
        .weight = weight,
        .cap = cap,
        .period_us = period,
        .budget_us = budget,
        .extratime = extratime,
    };

    return xtune_record_scheduling(&state, host, &host->domains[0], &wanted, 1,
                                   NULL);
}

#define TEXT(members)                                                         \
    "{\n"                                                                     \
    "  \"schema\": \"xtune/record/1\",\n"                                     \
    "  \"uuid\": \"" UUID "\",\n"                                             \
    "  \"name\": \"web1\",\n" members "}\n"

static void what_is_kept_is_one_text(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = host_of(host_text);
    bool found = false;

    (void)unused;
    assert_int_equal(keep(host, "all", 512, NONE, NONE, NONE, NONE), 0);
    assert_int_equal(keep(host, NULL, NONE, 50, 10000, 4000, NONE), 0);
    assert_int_equal(keep(host, "1", NONE, NONE, 20000, NONE, NONE), 0);
    assert_int_equal(keep(host, "1,3", NONE, NONE, 20000, 8000, 1), 0);
    assert_int_equal(
        xtune_record_cpupool(&state, host, &host->domains[0], "rt", NULL), 0);
    assert_string_equal(text_of(arena, "records/" UUID ".json"),
                        TEXT("  \"scheduling\": [\n"
                             "    {\n"
                             "      \"vcpus\": \"all\",\n"
                             "      \"weight\": 512,\n"
                             "      \"cap\": 50\n"
                             "    },\n"
                             "    {\n"
                             "      \"vcpus\": \"all,^1,^3\",\n"
                             "      \"period_us\": 10000,\n"
                             "      \"budget_us\": 4000\n"
                             "    },\n"
                             "    {\n"
                             "      \"vcpus\": \"1,3\",\n"
                             "      \"period_us\": 20000,\n"
                             "      \"budget_us\": 8000,\n"
                             "      \"extratime\": true\n"
                             "    }\n"
                             "  ],\n"
                             "  \"cpupool\": \"rt\"\n"));

    /* Forgetting the affinity is about the affinity. */
    assert_int_equal(xtune_record_forget_affinity(
                         &state, host, &host->domains[0], &found, NULL),
                     0);
    assert_false(found);
    assert_true(is_there(UUID ".json"));
    assert_int_equal(unlink(record_path(arena, UUID ".json")), 0);
    assert_int_equal(
        xtune_record_cpupool(&state, host, &host->domains[0], "rt", NULL), 0);
    assert_int_equal(xtune_record_affinity(
                         &state, host, &host->domains[0],
                         &(xtune_wanted_affinity){ .vcpus = "0", .hard = "0" },
                         NULL),
                     0);
    assert_non_null(
        strstr(text_of(arena, "records/" UUID ".json"), "\"affinity\""));
    assert_int_equal(xtune_record_forget_affinity(
                         &state, host, &host->domains[0], &found, NULL),
                     0);
    assert_true(found);
    assert_string_equal(text_of(arena, "records/" UUID ".json"),
                        TEXT("  \"cpupool\": \"rt\"\n"));
    xtune_host_free(host);
}

/* One of a domain of this name that is no more becomes its own whole. */
static void a_domain_made_again(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = host_of(host_text);
    const char *text;

    (void)unused;
    write_record(OTHER ".json",
                 "{ \"schema\": \"xtune/record/1\", \"uuid\": \"" OTHER
                 "\", \"name\": \"web1\", \"cpupool\": \"rt\", \"affinity\": "
                 "[ { \"vcpus\": \"0\", \"hard\": \"0\" } ] }");
    assert_int_equal(keep(host, "all", NONE, 5, NONE, NONE, NONE), 0);
    assert_false(is_there(OTHER ".json"));
    text = text_of(arena, "records/" UUID ".json");
    assert_non_null(strstr(text, "\"hard\": \"0\""));
    assert_non_null(strstr(text, "\"cap\": 5"));
    assert_non_null(strstr(text, "\"cpupool\": \"rt\""));
    xtune_host_free(host);
}

static void what_cannot_be_kept(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_host *host = host_of(host_text);

    (void)unused;
    assert_int_equal(
        xtune_record_check(&state, host, &host->domains[0], NULL, NULL), 0);
    assert_int_equal(
        xtune_record_check(&state, host, &host->domains[1], NULL, &err),
        XTUNE_ERR_REFUSED);
    assert_non_null(strstr(err->message, "it has no uuid"));
    assert_int_equal(
        xtune_record_cpupool(&state, host, &host->domains[0], "12", &err),
        XTUNE_ERR_INVALID);
    assert_string_equal(err->object, "12");
    assert_int_equal(keep(host, "x", NONE, NONE, 10, NONE, NONE),
                     XTUNE_ERR_INVALID);
    assert_int_equal(keep(host, "0", NONE, NONE, 9, NONE, NONE),
                     XTUNE_ERR_INVALID);
    /* Nothing was made on the way. */
    assert_int_equal(access(xt_record_dir(&state, arena), F_OK), -1);
    /* With what is kept already. */
    assert_int_equal(keep(host, "0", NONE, NONE, 10000, NONE, NONE), 0);
    assert_int_equal(keep(host, "0", NONE, NONE, NONE, 10001, NONE),
                     XTUNE_ERR_INVALID);
    assert_int_equal(keep(host, "1", NONE, NONE, NONE, 10001, NONE), 0);
    xtune_host_free(host);
}

static int keep_pool(const char *name, uint32_t tslice, uint32_t ratelimit,
                     uint32_t delay)
{
    const xtune_pool_scheduling wanted = { tslice, ratelimit, delay };
    const xtune_cpupool pool = { .name = name };
    const int checked = xtune_record_pool_check(&state, &pool, &wanted, NULL);
    const int rc = xtune_record_pool_scheduling(&state, &pool, &wanted, NULL);

    assert_int_equal(checked, rc);
    return rc;
}

static void what_is_kept_of_pools(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    static const char expected[] = "{\n"
                                   "  \"schema\": \"xtune/pools/1\",\n"
                                   "  \"cpupools\": [\n"
                                   "    {\n"
                                   "      \"name\": \"Pool-0\",\n"
                                   "      \"tslice_ms\": 5,\n"
                                   "      \"ratelimit_us\": 0,\n"
                                   "      \"migration_delay_us\": 7\n"
                                   "    },\n"
                                   "    {\n"
                                   "      \"name\": \"rt\",\n"
                                   "      \"ratelimit_us\": 500\n"
                                   "    }\n"
                                   "  ]\n"
                                   "}\n";
    struct stat st;

    (void)unused;
    assert_int_equal(keep_pool("rt", NONE, 500, NONE), 0);
    assert_int_equal(keep_pool("Pool-0", 30, NONE, 7), 0);
    assert_int_equal(keep_pool("Pool-0", 5, 0, NONE), 0);
    assert_string_equal(text_of(arena, "pools.json"), expected);
    assert_int_equal(stat(pools_path(arena), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    assert_int_equal(keep_pool("a/b", NONE, 500, NONE), XTUNE_ERR_INVALID);
    assert_int_equal(keep_pool("rt", NONE, 99, NONE), XTUNE_ERR_INVALID);
    assert_int_equal(keep_pool("Pool-0", NONE, 5001, NONE), XTUNE_ERR_INVALID);
    assert_int_equal(keep_pool("new", NONE, NONE, NONE), XTUNE_ERR_INVALID);
    assert_string_equal(text_of(arena, "pools.json"), expected);
    assert_int_equal(unlink(pools_path(arena)), 0);
    assert_int_equal(symlink("nowhere", pools_path(arena)), 0);
    assert_int_equal(keep_pool("rt", NONE, 500, NONE), XTUNE_ERR_NOT_FOUND);
}

/* One that was made again with another scheduler. */
static void what_a_scheduler_has_not_is_forgotten(void **unused)
{
    const xtune_pool_scheduling wanted = { NONE, 500, NONE };
    const xtune_cpupool pool = { .name = "a", .scheduler = "credit2" };
    xtune_policy *policy;

    (void)unused;
    assert_int_equal(keep_pool("a", 20, 900, 7), 0);
    assert_int_equal(keep_pool("b", 20, 900, 7), 0);
    assert_int_equal(
        xtune_record_pool_scheduling(&state, &pool, &wanted, NULL), 0);
    policy = read_records();
    assert_int_equal(policy->nr_pool_records, 2);
    assert_int_equal(policy->pool_records[0].scheduling.tslice_ms, NONE);
    assert_int_equal(policy->pool_records[0].scheduling.ratelimit_us, 500);
    assert_int_equal(policy->pool_records[0].scheduling.migration_delay_us,
                     NONE);
    assert_int_equal(policy->pool_records[1].scheduling.tslice_ms, 20);
    xtune_policy_free(policy);
}

/* Before anything is changed. */
static void a_file_that_cannot_be_written_over(void **unused)
{
    const xtune_pool_scheduling wanted = { NONE, 500, NONE };
    const xtune_cpupool pool = { .name = "a", .scheduler = "credit2" };
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    (void)unused;
    assert_int_equal(xtune_record_pool_check(&state, &pool, &wanted, NULL), 0);
    write_pools("{");
    assert_int_equal(xtune_record_pool_check(&state, &pool, &wanted, &err),
                     XTUNE_ERR_INVALID);
    assert_non_null(strstr(err->object, "pools.json:1"));
}

/* Records and rules. */

static void a_record_beats_a_rule(void **unused)
{
    xtune_host *host = host_of(host_text);
    const xtune_domain *d = &host->domains[0];
    xtune_policy *policy =
        must_read(RULE("<cpupool name=\"a\"/>\n<scheduler weight=\"64\"/>"));
    const xtune_wanted_scheduling *wanted;
    xtune_source source = { "x", 0 };
    size_t nr;

    (void)unused;
    wanted = xtune_policy_scheduling(policy, host, d, &nr);
    assert_int_equal(nr, 1);
    assert_int_equal(wanted->weight, 64);
    assert_int_equal(wanted->cap, NONE);
    assert_string_equal(wanted->vcpus, "all");
    assert_int_equal(wanted->source.line, 4);
    assert_string_equal(xtune_policy_cpupool(policy, host, d, &source), "a");
    assert_int_equal(source.line, 3);

    /* Of each the record counts where it says something of it. */
    assert_int_equal(xtune_record_cpupool(&state, host, d, "rt", NULL), 0);
    assert_int_equal(xtune_records_read(&state, policy, NULL), 0);
    assert_string_equal(xtune_policy_cpupool(policy, host, d, &source), "rt");
    assert_non_null(strstr(source.file, "records/" UUID ".json"));
    xtune_policy_scheduling(policy, host, d, &nr);
    assert_int_equal(nr, 1);
    assert_int_equal(keep(host, "all", 512, NONE, 50, 20, NONE), 0);
    policy->nr_records = 0;
    assert_int_equal(xtune_records_read(&state, policy, NULL), 0);
    wanted = xtune_policy_scheduling(policy, host, d, &nr);
    assert_int_equal(nr, 2);
    assert_int_equal(wanted[0].weight, 512);
    assert_int_equal(wanted[1].budget_us, 20);
    xtune_policy_free(policy);

    policy = xtune_policy_new();
    source.file = "x";
    assert_null(xtune_policy_scheduling(policy, host, d, &nr));
    assert_int_equal(nr, 0);
    assert_null(xtune_policy_cpupool(policy, host, d, &source));
    assert_string_equal(source.file, "x");
    xtune_policy_free(policy);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(everything_is_read),
        cmocka_unit_test(bad_ones),
        WITH_FOLDER(what_is_kept_is_one_text),
        WITH_FOLDER(a_domain_made_again),
        WITH_FOLDER(what_cannot_be_kept),
        WITH_FOLDER(what_is_kept_of_pools),
        WITH_FOLDER(what_a_scheduler_has_not_is_forgotten),
        WITH_FOLDER(a_file_that_cannot_be_written_over),
        WITH_FOLDER(a_record_beats_a_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
