/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records that are taken and records that are refused. */
#include "record_folder.h"

static void everything_is_read(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_record *record;
    xtune_policy *policy;

    (void)unused;
    write_record(UUID ".json",
                 ROWS("{ \"vcpus\": \"0-1\", \"hard\": \"node:1\" },\n"
                      "{ \"vcpus\": \"all,^0-1\", \"soft\": \"none\" }"));
    write_record(OTHER ".json", "{\"name\": \"\", \"uuid\": \"" OTHER
                                "\", \"schema\": \"xtune/record/1\"}");
    write_record("." UUID ".json", "no record");
    write_record(UUID ".json.AbCdEf", "no record");
    policy = read_records();
    assert_int_equal(policy->nr_records, 2);
    record = policy->records;
    assert_string_equal(record->uuid, UUID);
    assert_string_equal(record->name, "web1");
    assert_string_equal(record->source.file, record_path(arena, UUID ".json"));
    assert_int_equal(record->source.line, 1);
    assert_int_equal(record->nr_affinity, 2);
    assert_string_equal(record->affinity[0].vcpus, "0-1");
    assert_string_equal(record->affinity[0].hard, "node:1");
    assert_null(record->affinity[0].soft);
    assert_int_equal(record->affinity[0].source.line, 5);
    assert_null(record->affinity[1].hard);
    assert_string_equal(record->affinity[1].soft, "none");
    assert_int_equal(record->affinity[1].source.line, 6);
    assert_string_equal(record[1].uuid, OTHER);
    assert_int_equal(record[1].nr_affinity, 0);
    xtune_policy_free(policy);
}

static void no_folder_is_no_error(void **unused)
{
    xtune_policy *policy = read_records();

    (void)unused;
    assert_int_equal(policy->nr_records, 0);
    xtune_policy_free(policy);
}

/* What is refused, where and why. */
static const bad_document bad[] = {
    { "", "1", "not a JSON document", "remove this file" },
    { "[]", "1", "this is no record", "remove this file" },
    { "{ }", "1", "this is no record", NULL },
    { "{ \"schema\": 1 }", "1", "this is no record", NULL },
    { "{\n\"schema\": \"xtune/record/2\" }", "2",
      "its schema is \"xtune/record/2\", not \"xtune/record/1\"", NULL },
    { "{ \"schema\": \"xtune/record/1\" }", "1", "\"uuid\" is missing", NULL },
    { "{ \"schema\": \"xtune/record/1\",\n\"uuid\": null }", "2",
      "member \"uuid\" is no text", NULL },
    { "{ \"schema\": \"xtune/record/1\", \"uuid\": \"../../x\" }", "1",
      "\"../../x\" is no uuid", NULL },
    { "{ \"schema\": \"xtune/record/1\",\n"
      "\"uuid\": \"00000002-0000-4000-8000-00000000000A\" }",
      "2", "is no uuid in small letters", NULL },
    { "{ \"schema\": \"xtune/record/1\",\n\"uuid\": \"" OTHER "\" }", "2",
      "the record of \"" OTHER "\" is not in a file", NULL },
    { HEAD "\"nam\": \"web1\" }", "3", "unknown member \"nam\"", NULL },
    { HEAD "\"affinity\": [] }", "1", "\"name\" is missing", NULL },
    { HEAD "\"name\": 1 }", "3", "member \"name\" is no text", NULL },
    { HEAD "\"name\": \"a\\u001b[2Jb\" }", "3", "control characters", NULL },
    { HEAD "\"name\": \"a\\u007f\" }", "3", "control characters", NULL },
    { HEAD "\"name\": \"a\\u0085\" }", "3", "control characters", NULL },
    { HEAD "\"name\": \"a\\u0000\" }", "3", "", NULL },
    { NAMED ", \"name\": \"web2\" }", "3", "", NULL },
    { NAMED ", \"affinity\": {} }", "3", "\"affinity\" is no array", NULL },
    { ROWS("1"), "5", "no object in its array", NULL },
    { ROWS("{ }"), "5", "member \"vcpus\" is missing", NULL },
    { ROWS("{ \"vcpus\": \"0\" }"), "5", "\"hard\" or \"soft\" is missing",
      NULL },
    { ROWS("{ \"vcpus\": \"0\", \"hard\": null }"), "5",
      "member \"hard\" is no text", NULL },
    { ROWS("{ \"vcpus\": 0,\n\"hard\": \"0\" }"), "5",
      "member \"vcpus\" is no text", NULL },
    { ROWS("{ \"vcpus\": \"\", \"hard\": \"0\" }"), "5",
      "member \"vcpus\": vCPU list \"\": it is empty", NULL },
    { ROWS("{ \"vcpus\": \"none\", \"hard\": \"0\" }"), "5", "no vCPU is left",
      NULL },
    { ROWS("{ \"vcpus\": \"8192\", \"hard\": \"0\" }"), "5", "8192", NULL },
    { ROWS("{ \"vcpus\": \"0\",\n\"hard\": \"none\" }"), "6",
      "member \"hard\": CPU list \"none\": no CPU is left", NULL },
    { ROWS("{ \"vcpus\": \"0\", \"hard\": \"0; rm\" }"), "5", "0; rm", NULL },
    { ROWS("{ \"vcpus\": \"0\", \"soft\": \"-1\" }"), "5", "\"-1\"", NULL },
    { ROWS("{ \"vcpus\": \"0\", \"soft\": \"99999999999\" }"), "5", "9999",
      NULL },
    { ROWS("{ \"vcpus\": \"0\", \"soft\": \"0\", \"cpus\": \"0\" }"), "5",
      "unknown member \"cpus\"", NULL },
    { ROWS("") "x", "5", "", NULL },
    { "\xff\xfe{", "1", "", NULL },
};

static void refused_at(const char *text, const char *line, const char *message,
                       const char *hint)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();
    const char *object =
        xtune_arena_printf(arena, "/x/" UUID ".json:%s", line);

    if (!xt_record_read_memory(text, strlen(text), "/x/" UUID ".json", policy,
                               &err))
        fail_msg("taken:\n%s", text);
    assert_int_equal(err->code, XTUNE_ERR_INVALID);
    assert_int_equal(policy->nr_records, 0);
    if (strcmp(err->object, object) || !strstr(err->message, message) ||
        (hint && (!err->hint || !strstr(err->hint, hint))))
        fail_msg("%s: %s\nis not as expected: %s: %s\n%s", err->object,
                 err->message, object, message, text);
    xtune_policy_free(policy);
}

static void bad_records(void **unused)
{
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++)
        refused_at(bad[i].text, bad[i].object, bad[i].message, bad[i].hint);
}

static void long_values(void **unused)
{
    static char list[40000], text[400000];
    char *p;
    size_t i;

    (void)unused;
    for (i = 0; i + 2 < sizeof(list); i += 2)
        memcpy(list + i, "0,", 2);
    list[i] = '0';
    snprintf(text, sizeof(text),
             ROWS("{ \"vcpus\": \"0\", \"hard\": \"%s\" }"), list);
    refused_at(text, "5", "member \"hard\": text too long", NULL);

    p = stpcpy(text, NAMED ", \"affinity\": [");
    for (i = 0; i < 8192; i++)
        p = stpcpy(p, "{},");
    stpcpy(p, "{} ] }");
    refused_at(text, "3", "has more than 8192 rows", NULL);
}

static void files_that_are_no_records(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *big = xt_xrealloc(NULL, (1 << 20) + 2, 1);
    xtune_policy *policy = xtune_policy_new();

    (void)unused;
    write_record("web1.json", NAMED " }");
    assert_int_equal(xtune_records_read(&state, policy, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->object, record_path(arena, "web1.json:2"));
    assert_int_equal(unlink(record_path(arena, "web1.json")), 0);

    memset(big, ' ', (1 << 20) + 1);
    big[(1 << 20) + 1] = '\0';
    write_record(UUID ".json", big);
    assert_int_equal(xtune_records_read(&state, policy, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->object, record_path(arena, UUID ".json"));
    assert_int_equal(unlink(record_path(arena, UUID ".json")), 0);

    assert_int_equal(symlink("nowhere", record_path(arena, UUID ".json")), 0);
    assert_int_equal(xtune_records_read(&state, policy, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_int_equal(unlink(record_path(arena, UUID ".json")), 0);

    /* Where the folder should be is something else. */
    assert_int_equal(rmdir(record_path(arena, "")), 0);
    assert_int_equal(symlink("records", xt_record_dir(&state, arena)), 0);
    assert_int_equal(xtune_records_read(&state, policy, &err), XTUNE_ERR_IO);
    assert_string_equal(err->object, xt_record_dir(&state, arena));
    assert_int_equal(policy->nr_records, 0);
    xtune_policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(everything_is_read),
        WITH_FOLDER(no_folder_is_no_error),
        cmocka_unit_test(bad_records),
        cmocka_unit_test(long_values),
        WITH_FOLDER(files_that_are_no_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
