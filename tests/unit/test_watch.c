/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's words and decisions, without a host. */
#include "util.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <xtune/drift.h>

#include "../../xltune/watch.h"
#include "backend/event_path.h"
#include "base/json.h"
#include "base/util.h"

static void events_tell_their_domain(void **state)
{
    (void)state;
    assert_int_equal(xt_event_domid("/libxl/12"), 12);
    assert_int_equal(xt_event_domid("/libxl/0"), 0);
    assert_int_equal(xt_event_domid("/libxl/32751"), 32751);
    assert_int_equal(xt_event_domid("/local/domain/7/name"), 7);
}

static void other_events_tell_of_none(void **state)
{
    static const char *const paths[] = {
        "",
        "/libxl",
        "/libxl/",
        "/libxl/12/",
        "/libxl/12/device",
        "/libxl/x",
        "/libxl/-1",
        "/libxl/007",
        "/libxl/1x",
        "/libxl/32752",
        "/libxl/4294967297",
        "/libxl/99999999999999999999",
        "/local/domain/7",
        "/local/domain/7/names",
        "/local/domain/7/data/name",
        "/local/domain//name",
        "@introduceDomain",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(paths); i++)
        if (xt_event_domid(paths[i]) != XTUNE_NONE) fail_msg("%s", paths[i]);
}

static void delays_grow(void **state)
{
    uint64_t age, last = 0, looks = 0;

    (void)state;
    for (age = 0; age < SETTLE_US; age += settle_delay_us(age)) {
        assert_true(settle_delay_us(age) >= last);
        last = settle_delay_us(age);
        looks++;
    }
    assert_int_equal(settle_delay_us(0), 5 * MS_US);
    assert_int_equal(settle_delay_us(100 * MS_US), 25 * MS_US);
    assert_int_equal(settle_delay_us(SETTLE_US), SECOND_US);
    assert_int_equal(settle_delay_us(UINT64_MAX), SECOND_US);
    assert_int_equal(unready_delay_us(0), 5 * MS_US);
    assert_int_equal(unready_delay_us(80 * MS_US), 10 * MS_US);
    assert_int_equal(settled_delay_us(0), 200 * MS_US);
    assert_int_equal(settled_delay_us(SETTLE_US), SECOND_US);
    /* A domain that never gets a configuration costs this much. */
    assert_in_range(looks, 20, 100);
}

static void names_for_now(void **state)
{
    (void)state;
    assert_true(is_name_for_now(""));
    assert_true(is_name_for_now("web1--incoming"));
    assert_false(is_name_for_now("web1"));
    assert_false(is_name_for_now("--incoming"));
    assert_false(is_name_for_now("web1--incoming2"));
}

static void intervals_are_read_strictly(void **state)
{
    static const char *const wrong[] = { "",   "0",     "-1",   "+1",
                                         "1s", "86401", "1.5",  " 1",
                                         "1 ", "0x10",  "none", "4294967297" };
    uint64_t interval_us = 0;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(wrong); i++)
        if (parse_interval(wrong[i], &interval_us)) fail_msg("%s", wrong[i]);
    assert_int_equal(interval_us, 0);
    assert_true(parse_interval("1", &interval_us));
    assert_int_equal(interval_us, SECOND_US);
    assert_true(parse_interval("86400", &interval_us));
    assert_int_equal(interval_us, 86400 * SECOND_US);
}

/* Log lines. */

static void expect_line(bool journal, const char *object, const char *message,
                        const char *wanted)
{
    char *line = log_text(journal, PRIORITY_WARNING, object, message);

    assert_string_equal(line, wanted);
    free(line);
}

static void lines_are_harmless(void **state)
{
    (void)state;
    expect_line(false, "web1", "set", "xltune: web1: set\n");
    expect_line(true, "web1", "set", "<4>web1: set\n");
    expect_line(true, "a\n<0>b", "c\x1b[2J\td",
                "<4>a\\x0a<0>b: c\\x1b[2J\\x09d\n");
}

static void journal_is_told_by_its_stream(void **state)
{
    const int fd = STDIN_FILENO;
    struct stat st;
    char *stream;

    (void)state;
    assert_int_equal(fstat(fd, &st), 0);
    stream = xt_xprintf("%llu:%llu", (unsigned long long)st.st_dev,
                        (unsigned long long)st.st_ino);
    assert_true(is_journal(stream, fd));
    free(stream);
    stream = xt_xprintf("%llu:%llu", (unsigned long long)st.st_dev,
                        (unsigned long long)st.st_ino + 1);
    assert_false(is_journal(stream, fd));
    free(stream);
    assert_false(is_journal(NULL, fd));
    assert_false(is_journal("", fd));
    assert_false(is_journal("1:2:3", fd));
    assert_false(is_journal("x", fd));
}

static void durations(void **state)
{
    char *text = duration_text(1499);

    (void)state;
    assert_string_equal(text, "1 ms");
    free(text);
    text = duration_text(61 * SECOND_US);
    assert_string_equal(text, "61 s");
    free(text);
}

/* sd_notify. */

static void addresses(void **state)
{
    const size_t path = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un address;
    char longest[sizeof(address.sun_path) + 1];

    (void)state;
    assert_int_equal(notify_address("/run/n", &address), path + 7);
    assert_string_equal(address.sun_path, "/run/n");
    assert_int_equal(notify_address("@abc", &address), path + 4);
    assert_memory_equal(address.sun_path, "\0abc", 4);
    assert_int_equal(notify_address(NULL, &address), 0);
    assert_int_equal(notify_address("", &address), 0);
    assert_int_equal(notify_address("@", &address), 0);
    assert_int_equal(notify_address("run/n", &address), 0);
    memset(longest, 'x', sizeof(longest));
    longest[0] = '/';
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(notify_address(longest, &address), 0);
}

/* Another process's socket: name is as in NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
    struct sockaddr_un address;
    const size_t len = notify_address(name, &address);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, (socklen_t)len), 0);
    return fd;
}

static void messages_arrive(void **state)
{
    char *name = xt_xprintf("@xltune-test-%ld", (long)getpid());
    const int fd = listen_at(name);
    char text[128] = "";

    (void)state;
    setenv("NOTIFY_SOCKET", name, 1);
    notify_text(notify_reloading(1234567));
    assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), 34);
    assert_string_equal(text, "RELOADING=1\nMONOTONIC_USEC=1234567");
    unsetenv("NOTIFY_SOCKET");
    notify("READY=1");
    assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT), -1);
    close(fd);
    free(name);
}

static void watchdog_is_for_us(void **state)
{
    char *pid = xt_xprintf("%ld", (long)getpid());

    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(notify_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "3000000", 1);
    assert_int_equal(notify_watchdog_us(), 3000000);
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_us(), 3000000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_us(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "x", 1);
    assert_int_equal(notify_watchdog_us(), 0);
    free(pid);
}

/* Drift. */

/* A domain with two vCPUs on four CPUs, both with these masks. */
static xtune_domain make_domain(xtune_arena *arena, const char *hard,
                                const char *soft, const char *configured)
{
    const xtune_set all = xtune_set_all(arena, 4);
    const xtune_set_names names = { .what = "CPU", .exists = &all };
    xtune_domain domain = { .id = 1, .name = "web1", .nr_vcpus = 2 };
    xt_json *json = NULL;
    uint32_t i;

    domain.vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, 2);
    for (i = 0; i < 2; i++) {
        domain.vcpus[i].id = i;
        assert_int_equal(xtune_set_parse(arena, &names, "", hard,
                                         &domain.vcpus[i].hard, NULL),
                         0);
        assert_int_equal(xtune_set_parse(arena, &names, "", soft,
                                         &domain.vcpus[i].soft, NULL),
                         0);
    }
    if (configured)
        assert_int_equal(xt_json_parse(arena, configured, strlen(configured),
                                       "", &json, NULL),
                         0);
    domain.configured = json;
    return domain;
}

static size_t count_drift(const char *hard, const char *soft,
                          const char *configured)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_domain domain = make_domain(arena, hard, soft, configured);
    xtune_drift *drifts;

    return xtune_domain_drift(&domain, arena, &drifts);
}

static void drift_is_from_the_configuration(void **state)
{
    static const char ours[] = "{ \"hard\": [\"2-3\", \"2-3\"], "
                               "\"placement\": false }";
    static const char second[] = "{ \"hard\": [\"2-3\", \"all\"], "
                                 "\"soft\": [\"2\"], \"placement\": false }";

    (void)state;
    assert_int_equal(count_drift("2-3", "all", ours), 0);
    assert_int_equal(count_drift("0", "all", ours), 2);
    assert_int_equal(count_drift("2-3", "0", ours), 2);
    assert_int_equal(count_drift("2-3", "all", second), 2);
    assert_int_equal(count_drift("2-3", "2", second), 1);
    assert_int_equal(count_drift("0", "0", NULL), 0);
}

static void what_libxl_chooses_is_no_drift(void **state)
{
    static const char *const chosen[] = {
        "{ \"nodes\": \"1\", \"placement\": false }",
        "{ \"placement\": true }",
        "{ }",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(chosen); i++) {
        assert_int_equal(count_drift("all", "2-3", chosen[i]), 0);
        assert_int_equal(count_drift("0", "2-3", chosen[i]), 2);
    }
}

static void configured_is_all_of_it(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    static const struct {
        const char *json;
        bool configured;
    } cases[] = {
        { "{ \"placement\": false }", true },
        { "{ \"placement\": false, \"nodes\": \"1\" }", false },
        { "{ \"placement\": true }", false },
        { "{ \"hard\": [\"1\"] }", false },
        { NULL, false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        xtune_domain domain = make_domain(arena, "0", "0", cases[i].json);

        assert_int_equal(xtune_domain_is_configured(&domain),
                         cases[i].configured);
    }
}

static void drift_in_words(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_domain domain = make_domain(
        arena, "0", "all",
        "{ \"hard\": [\"2-3\", \"0\"], \"soft\": [\"all\", \"3\"], "
        "\"placement\": false }");
    xtune_drift *drifts;
    char *text;

    (void)state;
    assert_int_equal(xtune_domain_drift(&domain, arena, &drifts), 2);
    text = drift_text(&drifts[0]);
    assert_string_equal(text, "hard affinity is 0, not 2-3");
    free(text);
    text = drift_text(&drifts[1]);
    assert_string_equal(text, "soft affinity is all, not 3");
    free(text);
    text = masks_text(&domain);
    assert_string_equal(text, "hard 0, soft all");
    free(text);
    xtune_set_add(&domain.vcpus[1].hard, 1);
    text = masks_text(&domain);
    assert_string_equal(text, "hard 0 0-1, soft all");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_tell_their_domain),
        cmocka_unit_test(other_events_tell_of_none),
        cmocka_unit_test(delays_grow),
        cmocka_unit_test(names_for_now),
        cmocka_unit_test(intervals_are_read_strictly),
        cmocka_unit_test(lines_are_harmless),
        cmocka_unit_test(journal_is_told_by_its_stream),
        cmocka_unit_test(durations),
        cmocka_unit_test(addresses),
        cmocka_unit_test(messages_arrive),
        cmocka_unit_test(watchdog_is_for_us),
        cmocka_unit_test(drift_is_from_the_configuration),
        cmocka_unit_test(what_libxl_chooses_is_no_drift),
        cmocka_unit_test(configured_is_all_of_it),
        cmocka_unit_test(drift_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
