/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pending.json: what it may say, and when it counts. */
#include <xtune/apply.h>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/util.h"
#include "util.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER "01234567-89ab-cdef-0123-456789abcdee"
#define TIME "2026-01-02T03:04:05Z"

typedef struct fixture {
    char dir[32], host[64], path[64];
    xtune_backend *backend;
    xtune_state *state;
} fixture;

/* The history has an entry 7 that is in force. */
static void write_entry(fixture *f, const char *result)
{
    const xt_entry entry = {
        .id = 7, .time = TIME, .title = "apply", .result = result
    };

    assert_int_equal(xt_journal_end(f->state, &entry, NULL), 0);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    size_t len;
    char *text = test_read("hosts/2x2.json", &len);

    strcpy(f->dir, "/tmp/test_pending.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->host, sizeof(f->host), "%s/h", f->dir);
    snprintf(f->path, sizeof(f->path), "%s/h.d/pending.json", f->dir);
    assert_int_equal(xt_file_replace(f->host, text, len, 0600, NULL), 0);
    free(text);
    assert_int_equal(xtune_backend_open_snapshot(f->host, &f->backend, NULL),
                     0);
    assert_int_equal(xtune_state_open(f->backend, NULL, &f->state, NULL), 0);
    f->state->boot_id = BOOT;
    write_entry(f, "applied");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "h.d/history/000007.json",
                                         "h.d/history/000008.json",
                                         "h.d/history",
                                         "h.d/pending.json",
                                         "h.d",
                                         "h",
                                         "" };
    fixture *f = *state;
    char path[128];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
        (void)remove(path);
    }
    xtune_state_close(f->state);
    xtune_backend_close(f->backend);
    free(f);
    return 0;
}

static void put(const fixture *f, const char *text)
{
    assert_int_equal(xt_file_replace(f->path, text, strlen(text), 0600, NULL),
                     0);
}

static unsigned long long in_s(unsigned int seconds)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return ((unsigned long long)now.tv_sec + seconds) * 1000;
}

static void put_pending(const fixture *f, const char *boot,
                        unsigned long long deadline_ms)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{\"schema\": \"xtune/pending/1\", \"id\": 7, \"time\": \"" TIME
             "\", \"boot_id\": \"%s\", \"deadline_ms\": %llu}",
             boot, deadline_ms);
    put(f, text);
}

static bool is_found(const fixture *f, xtune_pending *pending)
{
    xtune_error *err = NULL;
    bool found = true;

    if (xtune_pending_read(f->state, &found, pending, &err))
        fail_msg("%s: %s", err->object, err->message);
    return found;
}

static void test_clock(void **state)
{
    fixture *f = *state;
    xtune_pending pending;

    assert_false(is_found(f, &pending));
    put_pending(f, BOOT, in_s(100));
    assert_true(is_found(f, &pending));
    assert_int_equal(pending.id, 7);
    assert_in_range(pending.left_ms, 1, 100000);
    assert_false(pending.other_boot);
    put_pending(f, BOOT, 1);
    assert_true(is_found(f, &pending));
    assert_int_equal(pending.left_ms, 0);
    assert_int_equal(xtune_pending_drop(f->state, NULL), 0);
    assert_int_equal(xtune_pending_drop(f->state, NULL), 0);
    assert_false(is_found(f, &pending));
}

/* The host in a file is as it was; a live one has lost what was changed. */
static void test_other_boot(void **state)
{
    fixture *f = *state;
    xtune_pending pending;
    xtune_error *err = NULL;

    put_pending(f, OTHER, in_s(100));
    assert_true(is_found(f, &pending));
    assert_false(pending.other_boot);
    assert_int_equal(pending.left_ms, 0);
    check_error(xt_pending_check(f->state, NULL, &err), &err, XTUNE_ERR_BUSY,
                "change 7 was not confirmed in time");
    f->state->temporary = false;
    assert_true(is_found(f, &pending));
    assert_true(pending.other_boot);
    assert_int_equal(pending.left_ms, 0);
    assert_int_equal(xt_pending_check(f->state, NULL, &err), 0);
    assert_false(is_found(f, &pending));
    /* Which boot this is cannot be told: to be safe, the same. */
    put_pending(f, BOOT, in_s(100));
    f->state->boot_id = NULL;
    assert_true(is_found(f, &pending));
    assert_false(pending.other_boot);
    assert_int_equal(pending.left_ms, 0);
}

/* It counts only while its entry is in force. */
static void test_entry(void **state)
{
    fixture *f = *state;
    xtune_pending pending;

    put_pending(f, BOOT, in_s(100));
    write_entry(f, "rolled-back");
    assert_false(is_found(f, &pending));
    assert_int_equal(xt_pending_check(f->state, NULL, NULL), 0);
    assert_int_equal(access(f->path, F_OK), -1);
    write_entry(f, "applied");
    put_pending(f, BOOT, in_s(100));
    assert_true(is_found(f, &pending));
    put(f, "{\"schema\": \"xtune/pending/1\", \"id\": 7, \"time\": \"then\", "
           "\"boot_id\": \"" BOOT "\", \"deadline_ms\": 1}");
    assert_false(is_found(f, &pending));
    put(f, "{\"schema\": \"xtune/pending/1\", \"id\": 8, \"time\": \"" TIME
           "\", \"boot_id\": \"" BOOT "\", \"deadline_ms\": 1}");
    assert_false(is_found(f, &pending));
}

static void test_begin(void **state)
{
    fixture *f = *state;
    const xt_entry entry = { .id = 7, .time = TIME };
    xtune_apply_options options = { .confirm_s = 0 };
    xtune_pending pending;
    xtune_error *err = NULL;
    struct stat st;

    assert_int_equal(xt_pending_begin(f->state, &entry, NULL, NULL), 0);
    assert_int_equal(xt_pending_begin(f->state, &entry, &options, NULL), 0);
    assert_false(is_found(f, &pending));
    options.confirm_s = XTUNE_CONFIRM_MAX_S;
    assert_int_equal(xt_pending_check(f->state, &options, NULL), 0);
    assert_int_equal(xt_pending_begin(f->state, &entry, &options, NULL), 0);
    write_entry(f, "undone");
    assert_false(is_found(f, &pending));
    assert_int_equal(pending.id, 7);
    write_entry(f, "applied");
    assert_int_equal(
        xt_pending_start(f->state, &entry, options.confirm_s, NULL), 0);
    assert_true(is_found(f, &pending));
    assert_in_range(pending.left_ms, XTUNE_CONFIRM_MAX_S * 1000 - 60000,
                    XTUNE_CONFIRM_MAX_S * 1000);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(xtune_pending_drop(f->state, NULL), 0);
    f->state->boot_id = "";
    check_error(xt_pending_check(f->state, &options, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "boot_id");
}

/* For one who recovers: only what it was noted for, and for as long. */
static void test_restart(void **state)
{
    fixture *f = *state;
    const xtune_apply_options options = { .confirm_s = 100 };
    xt_entry entry = { .id = 7, .time = TIME };
    xtune_pending pending;

    assert_int_equal(xt_pending_restart(f->state, &entry, NULL), 0);
    assert_false(is_found(f, &pending));
    assert_int_equal(xt_pending_begin(f->state, &entry, &options, NULL), 0);
    entry.id = 8;
    assert_int_equal(xt_pending_restart(f->state, &entry, NULL), 0);
    assert_true(is_found(f, &pending));
    assert_int_equal(pending.left_ms, 0);
    entry.id = 7;
    assert_int_equal(xt_pending_restart(f->state, &entry, NULL), 0);
    assert_true(is_found(f, &pending));
    assert_in_range(pending.left_ms, 1, 100000);
    put(f, "{");
    assert_int_equal(xt_pending_restart(f->state, &entry, NULL), 0);
}

#define HEAD "{\"schema\": \"xtune/pending/1\", "
#define T "\"time\": \"" TIME "\", "
#define B "\"boot_id\": \"" BOOT "\", "
#define D "\"deadline_ms\": 1}"

static void test_hostile(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        HEAD T B D,
        HEAD "\"id\": 7, " B D,
        HEAD "\"id\": 7, " T D,
        HEAD "\"id\": 7, " T B "\"deadline\": 1}",
        HEAD "\"id\": -7, " T B D,
        HEAD "\"id\": 7.0, " T B D,
        HEAD "\"id\": 7e0, " T B D,
        HEAD "\"id\": \"7\", " T B D,
        HEAD "\"id\": 4294967303, " T B D,
        HEAD "\"id\": 18446744073709551623, " T B D,
        HEAD "\"id\": 7, \"id\": 7, " T B D,
        HEAD "\"id\": 7, \"x\": 1, " T B D,
        HEAD "\"id\": 7, \"time\": 1, " B D,
        HEAD "\"id\": 7, \"time\": null, " B D,
        HEAD "\"id\": 7, " T "\"boot_id\": \"\", " D,
        HEAD "\"id\": 7, " T "\"boot_id\": 1, " D,
        HEAD "\"id\": 7, " T "\"boot_id\": \"" BOOT "0\", " D,
        HEAD "\"id\": 7, " T
             "\"boot_id\": \"01234567-89AB-CDEF-0123-456789ABCDEF\", " D,
        HEAD "\"id\": 7, " T
             "\"boot_id\": \"0123456789ab-cdef-0123-456789-abcdef\", " D,
        HEAD "\"id\": 7, " T B "\"deadline_ms\": -1}",
        HEAD "\"id\": 7, " T B "\"deadline_ms\": 1.5}",
        HEAD "\"id\": 7, " T B "\"deadline_ms\": 9223372036854775807}",
        HEAD "\"id\": 7, " T B "\"deadline_ms\": 9223372036854775808}",
        HEAD "\"id\": 7, " T B "\"deadline_ms\": 99999999999999999999}",
        HEAD "\"id\": 7, " T B "\"within_s\": 86401, " D,
        HEAD "\"id\": 7, " T B "\"within_s\": \"1\", " D,
        HEAD "\"id\": 7, " T B D "x",
        HEAD "\"id\": 7, " T B D D,
        "{\"schema\": 1, \"id\": 7, " T B D,
        "{\"Schema\": \"xtune/pending/1\", \"id\": 7, " T B D,
        "{\"schema\": \"xtune/pending/1\\u0000\", \"id\": 7, " T B D,
    };
    fixture *f = *state;
    xtune_pending pending;
    xtune_error *err = NULL;
    bool found;
    size_t i;

    put(f, HEAD "\"id\": 7, " T B D);
    assert_true(is_found(f, &pending));
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        put(f, texts[i]);
        found = true;
        if (xtune_pending_read(f->state, &found, &pending, &err) !=
            XTUNE_ERR_INVALID)
            fail_msg("taken: %s", texts[i]);
        assert_false(found);
        assert_non_null(strstr(err->object, "pending.json"));
        assert_non_null(err->hint);
        xtune_error_free(err);
        err = NULL;
        assert_int_equal(xt_pending_check(f->state, NULL, NULL),
                         XTUNE_ERR_INVALID);
        assert_int_equal(access(f->path, F_OK), 0);
    }
}

static void test_files(void **state)
{
    static const char schema[] =
        "{\"schema\": \"xtune/pending/2\", \"id\": {\"any\": []}}";
    fixture *f = *state;
    xtune_pending pending;
    xtune_error *err = NULL;
    char *text = calloc(1, 8192);
    bool found;

    put(f, schema);
    check_error(xtune_pending_read(f->state, &found, &pending, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "xtune/pending/2");
    memset(text, ' ', 8191);
    put(f, text);
    free(text);
    check_error(xtune_pending_read(f->state, &found, &pending, &err), &err,
                XTUNE_ERR_INVALID, "larger than");
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_true(xtune_pending_read(f->state, &found, &pending, NULL) < 0);
    assert_false(found);
    assert_true(xtune_pending_drop(f->state, NULL) < 0);
}

static void test_watch(void **state)
{
    fixture *f = *state;
    const int fd = xtune_pending_watch(f->state);
    char events[4096];

    assert_true(fd >= 0);
    assert_int_equal(read(fd, events, sizeof(events)), -1);
    put_pending(f, BOOT, 1);
    assert_true(read(fd, events, sizeof(events)) > 0);
    assert_int_equal(xtune_pending_drop(f->state, NULL), 0);
    assert_true(read(fd, events, sizeof(events)) > 0);
    close(fd);
}

/* As an older one has written it. */
static void forget_boot(const char *path)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text, *from, *to;
    size_t len;

    assert_int_equal(xt_file_read(arena, path, 65536, &text, &len, NULL), 0);
    from = strstr(text, "\"boot_id\"");
    assert_non_null(from);
    to = strchr(from, ',');
    memmove(from, to + 1, strlen(to));
    assert_int_equal(xt_file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static void cut_off(const fixture *f)
{
    const xt_entry entry = { .id = 8,
                             .time = TIME,
                             .title = "apply",
                             .result = "running",
                             .boot_id = BOOT };
    char path[64];

    snprintf(path, sizeof(path), "%s/h.d/history/000008.json", f->dir);
    (void)unlink(path);
    assert_int_equal(xt_journal_begin(f->state, &entry, NULL), 0);
}

/* A live host has lost all that a journal knows by a reboot; what is there now
 * is another's. A host in a file has not. */
static void test_journal_of_other_boot(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    fixture *f = *state;
    xtune_recovered recovered;
    xt_entry entry;

    f->state->temporary = false;
    cut_off(f);
    assert_int_equal(xt_journal_read(f->state, arena, &entry, NULL), 0);
    assert_string_equal(entry.boot_id, BOOT);
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL), 0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
    cut_off(f);
    f->state->boot_id = OTHER;
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL), 0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_REBOOTED);
    assert_false(xtune_state_is_interrupted(f->state));
    assert_int_equal(xt_history_read_entry(f->state, 8, arena, &entry, NULL),
                     0);
    assert_string_equal(entry.result, "recovered");
    assert_non_null(strstr(entry.error, "rebooted"));
    assert_string_equal(entry.boot_id, BOOT);
    cut_off(f);
    f->state->temporary = true;
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL), 0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
}

static void test_journal_without_boot(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    fixture *f = *state;
    xtune_recovered recovered;
    char path[64];
    xt_entry entry;

    snprintf(path, sizeof(path), "%s/h.d/journal.json", f->dir);
    f->state->temporary = false;
    cut_off(f);
    forget_boot(path);
    assert_int_equal(xt_journal_read(f->state, arena, &entry, NULL), 0);
    assert_null(entry.boot_id);
    f->state->boot_id = OTHER;
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL), 0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
    cut_off(f);
    f->state->boot_id = NULL;
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL), 0);
    assert_int_equal(recovered.result, XTUNE_RECOVERY_UNDONE);
}

static void test_journal_of_no_boot(void **state)
{
    static const char text[] =
        "{\"schema\": \"xtune/journal/1\", \"id\": 8, \"time\": \"t\", "
        "\"title\": \"t\", \"result\": \"running\", \"actions\": [], "
        "\"boot_id\": \"x\"}";
    fixture *f = *state;
    xtune_recovered recovered;
    char path[64];

    snprintf(path, sizeof(path), "%s/h.d/journal.json", f->dir);
    assert_int_equal(xt_file_replace(path, text, strlen(text), 0600, NULL), 0);
    assert_int_equal(
        xtune_recover(f->backend, f->state, NULL, &recovered, NULL),
        XTUNE_ERR_INVALID);
    assert_int_equal(unlink(path), 0);
}

static void test_rollback_of_other_boot(void **state)
{
    const xt_entry entry = { .id = 7,
                             .time = TIME,
                             .title = "apply",
                             .result = "applied",
                             .boot_id = BOOT };
    const xtune_apply_options force = { .force = true };
    fixture *f = *state;
    xtune_error *err = NULL;
    unsigned int id;

    assert_int_equal(xt_journal_end(f->state, &entry, NULL), 0);
    f->state->boot_id = OTHER;
    f->state->temporary = false;
    check_error(xtune_rollback(f->backend, f->state, NULL, &id, &err), &err,
                XTUNE_ERR_REFUSED, "change 7 (\"apply\")");
    check_error(xtune_rollback(f->backend, f->state, &force, &id, &err), &err,
                XTUNE_ERR_REFUSED, "rebooted");
    f->state->temporary = true;
    assert_int_equal(xtune_rollback(f->backend, f->state, NULL, &id, NULL), 0);
    assert_int_equal(id, 7);
    /* One that does not say. */
    write_entry(f, "applied");
    f->state->temporary = false;
    assert_int_equal(xtune_rollback(f->backend, f->state, NULL, &id, NULL), 0);
}

#define TEST(function)                                                        \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clock),
        TEST(test_other_boot),
        TEST(test_entry),
        TEST(test_begin),
        TEST(test_hostile),
        TEST(test_files),
        TEST(test_restart),
        TEST(test_watch),
        TEST(test_journal_of_other_boot),
        TEST(test_journal_without_boot),
        TEST(test_journal_of_no_boot),
        TEST(test_rollback_of_other_boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
