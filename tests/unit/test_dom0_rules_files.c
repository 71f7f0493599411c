/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read of dom0 for rules, of trees that are odd. */
#include "dom0_tree.h"

#include "backend/dom0_rules_files.h"
#include "host/dom0_file.h"

#define CONF "/etc/sysctl.d/"

static xtune_host *read_host(const fixture *f)
{
    xtune_host *host = xtune_host_new();

    xtune_host_index(host);
    host->has_dom0 = xt_dom0_read_rules_files(f->root, host);
    return host;
}

static void put_bytes(const fixture *f, const char *path, const char *bytes,
                      size_t nr)
{
    const char *at = make_folder(f, path);

    assert_int_equal(xt_file_replace(at, bytes, nr, 0644, NULL), 0);
}

static void has_text(const xtune_host *host, const char *path,
                     const char *text)
{
    if (!xtune_host_file(host, path)) fail_msg("%s: nothing", path);
    assert_string_equal(xtune_host_file(host, path), text);
}

static void has_problem(const xtune_host *host, const char *path,
                        const char *problem)
{
    const xtune_file *file = xt_file_find(&host->dom0, path);

    if (!file) fail_msg("%s: not listed", path);
    assert_null(xtune_host_file(host, path));
    if (!strstr(file->problem, problem))
        fail_msg("%s: %s", path, file->problem);
}

static void has_not(const xtune_host *host, const char *path)
{
    if (xt_file_find(&host->dom0, path)) fail_msg("%s is listed", path);
}

static void test_nothing(void **state)
{
    const fixture *f = *state;
    xtune_host *host = read_host(f);

    assert_false(host->has_dom0);
    assert_int_equal(host->dom0.nr_files, 0);
    assert_null(host->dom0.services);
    assert_null(host->dom0.toolstacks);
    assert_int_equal(host->dom0.target_kb, XTUNE_UNKNOWN_KB);
    assert_null(xtune_host_file(host, "/etc/xen/xl.conf"));
    xtune_host_free(host);
}

static void test_texts(void **state)
{
    const fixture *f = *state;
    xtune_host *host;

    put(f, "/etc/xen/xl.conf", "#a\r\nautoballoon=\"off\"");
    put(f, "/proc/meminfo", "MemTotal: 1 kB\n");
    put(f, "/proc/sys/vm/swappiness", "60\n");
    put(f, "/run/sysctl.d/a.conf", "");
    put(f, "/etc/modprobe.d/kvm.conf", "blacklist kvm\n");
    put(f, "/etc/modprobe.d/kvm.conf.old", "blacklist kvm\n");
    put(f, "/etc/modprobe.d/.conf", "\n");
    put(f, "/etc/shadow", "root:*\n");
    put(f, "/usr/lib/os-release", "ID=debian\n");
    lead(f, "/etc/os-release", "../usr/lib/os-release");
    host = read_host(f);
    has_text(host, "/etc/xen/xl.conf", "#a\r\nautoballoon=\"off\"");
    has_text(host, "/proc/meminfo", "MemTotal: 1 kB\n");
    has_text(host, "/proc/sys/vm/swappiness", "60\n");
    has_text(host, "/run/sysctl.d/a.conf", "");
    has_text(host, "/etc/modprobe.d/kvm.conf", "blacklist kvm\n");
    has_text(host, "/etc/os-release", "ID=debian\n");
    assert_int_equal(host->dom0.nr_files, 6);
    xtune_host_free(host);
}

/* They are said, and hold up nothing. */
static void test_odd_files(void **state)
{
    const fixture *f = *state;
    char *huge = calloc(1, XT_FILE_MAX_BYTES + 1);
    xtune_host *host;

    memset(huge, '#', XT_FILE_MAX_BYTES + 1);
    put_bytes(f, CONF "huge.conf", huge, XT_FILE_MAX_BYTES + 1);
    put_bytes(f, CONF "full.conf", huge, XT_FILE_MAX_BYTES);
    free(huge);
    put_bytes(f, CONF "nul.conf", "a=1\0b", 5);
    put(f, CONF "latin.conf", "# \xe4\n");
    put(f, CONF "folder.conf/x", "");
    assert_int_equal(mkfifo(make_folder(f, CONF "fifo.conf"), 0600), 0);
    lead(f, CONF "nowhere.conf", "../nowhere");
    lead(f, CONF "loop.conf", "loop.conf");
    lead(f, CONF "out.conf", "../../../../../../../../etc/hostname");
    lead(f, CONF "out2.conf", "/etc/hostname");
    lead(f, CONF "in.conf", "/etc/real");
    put(f, "/etc/real", "real\n");
    host = read_host(f);
    has_problem(host, CONF "huge.conf", "larger than 64 KiB");
    assert_int_equal(strlen(xtune_host_file(host, CONF "full.conf")),
                     XT_FILE_MAX_BYTES);
    has_problem(host, CONF "nul.conf", "no text");
    has_problem(host, CONF "latin.conf", "no text");
    has_problem(host, CONF "folder.conf", "directory");
    has_problem(host, CONF "fifo.conf", "no regular file");
    has_problem(host, CONF "nowhere.conf", "leads nowhere");
    has_problem(host, CONF "loop.conf", "leads nowhere");
    has_problem(host, CONF "out.conf", "leads nowhere");
    has_problem(host, CONF "out2.conf", "leads nowhere");
    has_text(host, CONF "in.conf", "real\n");
    assert_int_equal(host->dom0.nr_files, 11);
    assert_int_equal(xtune_host_check(host, "h", NULL), 0);
    xtune_host_free(host);
}

/* One that is 8 MiB with those before it is not held in memory. */
static void test_too_much(void **state)
{
    const fixture *f = *state;
    char *text = calloc(1, XT_FILE_MAX_BYTES);
    xtune_host *host;
    char path[64];
    int i;

    memset(text, '#', XT_FILE_MAX_BYTES);
    for (i = 100; i < 229; i++) {
        snprintf(path, sizeof(path), CONF "%d.conf", i);
        put_bytes(f, path, text, XT_FILE_MAX_BYTES);
    }
    free(text);
    put(f, "/proc/meminfo", "MemTotal: 1 kB\n");
    host = read_host(f);
    assert_non_null(xtune_host_file(host, CONF "227.conf"));
    has_problem(host, CONF "228.conf", "too much");
    has_problem(host, "/proc/meminfo", "too much");
    xtune_host_free(host);
}

static void put_scheduler(const fixture *f, const char *name, const char *text)
{
    const char *folder =
        xtune_arena_printf(f->arena, "/devices/virtual/block/%s", name);

    put(f, xtune_arena_printf(f->arena, "/sys%s/queue/scheduler", folder),
        text);
    lead(f, xtune_arena_printf(f->arena, "/sys/block/%s", name),
         xtune_arena_printf(f->arena, "..%s", folder));
}

static void test_schedulers(void **state)
{
    const fixture *f = *state;
    xtune_host *host;

    put_scheduler(f, "sda", "none [mq-deadline] kyber\n");
    put_scheduler(f, "cciss!c0d0", "[none] mq-deadline\n");
    put_scheduler(f, "dm-3", "none\n");
    put_scheduler(f, "loop0", "[none] mq-deadline\n");
    put_scheduler(f, "ram15", "none\n");
    put_scheduler(f, "zram0", "none\n");
    put(f, "/sys/block/sdb/size", "8\n");
    host = read_host(f);
    has_text(host, "/sys/block/sda/queue/scheduler",
             "none [mq-deadline] kyber\n");
    has_text(host, "/sys/block/cciss!c0d0/queue/scheduler",
             "[none] mq-deadline\n");
    has_text(host, "/sys/block/dm-3/queue/scheduler", "none\n");
    has_not(host, "/sys/block/loop0/queue/scheduler");
    assert_int_equal(host->dom0.nr_files, 3);
    xtune_host_free(host);
}

static void are_words(const char *const *words, size_t nr, const char *text)
{
    char all[256] = "";
    size_t i;

    assert_non_null(words);
    for (i = 0; i < nr; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
                 i ? " " : "", words[i]);
    assert_string_equal(all, text);
}

static void test_services(void **state)
{
    const fixture *f = *state;
    xtune_host *host;

    put(f, "/proc/1/comm", "systemd\n");
    host = read_host(f);
    are_words(host->dom0.services, host->dom0.nr_services, "");
    xtune_host_free(host);
    put(f, "/proc/812/comm", "xl\n");
    put(f, "/proc/812/stat", "812 (xl) S 1 812 812 0 -1 4194624 1\n");
    put(f, "/proc/813/comm", "xl\n");
    put(f, "/proc/813/stat", "813 (xl) S 1 813 813 0 -1 4194624 1\n");
    put(f, "/proc/99/comm", "oxenstored\n");
    put(f, "/proc/100/comm", "libvirtd\n");
    put(f, "/proc/101/comm", "xl-not\n");
    put(f, "/proc/102/cmdline", "xapi");
    put(f, "/proc/xapi/comm", "xapi\n");
    put(f, "/proc/2a/comm", "xapi\n");
    host = read_host(f);
    are_words(host->dom0.services, host->dom0.nr_services,
              "libvirtd oxenstored xl");
    xtune_host_free(host);
}

/* "xl list" of a script's is no xl that is in charge. */
static void test_momentary_xl(void **state)
{
    static const char *const stats[] = {
        "",
        "812 (xl",
        "812 (xl)",
        "812 (xl) R 811 811 811 0 -1\n",
        "812 (xl) R 811 812 811 0 -1\n",
        "812 (xl) R 811 811 8120 0\n",
        "812 (a) S 1 812 812 (xl) R 811 812 81 0\n",
    };
    const fixture *f = *state;
    xtune_host *host;
    size_t i;

    put(f, "/proc/812/comm", "xl\n");
    for (i = 0; i < sizeof(stats) / sizeof(stats[0]); i++) {
        put(f, "/proc/812/stat", stats[i]);
        host = read_host(f);
        are_words(host->dom0.services, host->dom0.nr_services, "");
        xtune_host_free(host);
    }
}

static void test_toolstacks(void **state)
{
    static const char *const others[] = {
        "libxenlight.so",
        "libxenlight.so.4",
        "libxenlight.so.4.",
        "libxenlight.so..17",
        "libxenlight.so.4.x",
        "libxenlight.a",
        "xlibxenlight.so.4.9",
        "libxenlight.so.4.-1",
        "libxenlight.so.4.123456789",
    };
    const fixture *f = *state;
    xtune_host *host;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(others); i++)
        put(f, xtune_arena_printf(f->arena, "/usr/lib64/%s", others[i]), "");
    host = read_host(f);
    are_words(host->dom0.toolstacks, host->dom0.nr_toolstacks, "");
    xtune_host_free(host);
    put(f, "/usr/lib/x86_64-linux-gnu/libxenlight.so.4.17", "");
    put(f, "/usr/lib/x86_64-linux-gnu/libxenlight.so.4.17.0", "");
    put(f, "/usr/local/lib/libxenlight.so.4.9", "");
    put(f, "/opt/lib/libxenlight.so.4.20", "");
    host = read_host(f);
    are_words(host->dom0.toolstacks, host->dom0.nr_toolstacks, "4.9 4.17");
    xtune_host_free(host);
}

/* What is printed can be read, and is the same again. */
static void test_json(void **state)
{
    const fixture *f = *state;
    XT_CLEANUP_FREE char *text = NULL, *again = NULL, *none = NULL;
    xtune_host *host, *copy;

    put(f, "/etc/xen/xl.conf", "#a\r\n\tb \"\\\" \x01\n");
    put(f, CONF "latin.conf", "# \xe4\n");
    put(f, "/proc/1/comm", "systemd\n");
    host = read_host(f);
    host->dom0.static_max_kb = 4096;
    text = xtune_host_to_json(host);
    xtune_host_free(host);
    assert_non_null(strstr(text, "\"services\": []"));
    assert_null(strstr(text, "toolstacks"));
    assert_null(strstr(text, "target_kb"));
    assert_int_equal(
        xtune_host_from_json(text, strlen(text), "h", &copy, NULL), 0);
    assert_true(copy->has_dom0);
    assert_null(copy->dom0.toolstacks);
    has_text(copy, "/etc/xen/xl.conf", "#a\r\n\tb \"\\\" \x01\n");
    has_problem(copy, CONF "latin.conf", "no text");
    assert_int_equal(copy->dom0.target_kb, XTUNE_UNKNOWN_KB);
    assert_int_equal(copy->dom0.static_max_kb, 4096);
    again = xtune_host_to_json(copy);
    assert_string_equal(text, again);
    copy->has_dom0 = false;
    none = xtune_host_to_json(copy);
    assert_null(strstr(none, "dom0"));
    xtune_host_free(copy);
}

static void test_bad_json(void **state)
{
    static const char *const rows[][2] = {
        { "{\"files\": [{\"text\": \"\"}]}", "dom0.files[0].path: it is" },
        { "{\"files\": [{\"path\": \"/a\"}]}", "neither text nor problem" },
        { "{\"files\": [{\"path\": \"/a\", \"text\": \"\", "
          "\"problem\": \"\"}]}",
          "neither text nor problem" },
        { "{\"files\": [{\"path\": \"a\", \"text\": \"\"}]}", "no path" },
        { "{\"files\": [{\"path\": \"/a\", \"text\": \"\"}, "
          "{\"path\": \"/b\", \"text\": \"\"}, "
          "{\"path\": \"/a\", \"text\": \"\"}]}",
          "is there twice" },
        { "{\"files\": {}}", "dom0.files: \"an object\" is no array" },
        { "{\"services\": [1]}", "dom0.services" },
        { "{\"target_kb\": -1}", "dom0.target_kb" },
        { "null", "is no object" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_FREE char *text =
            xt_xprintf("{\"schema\": \"" XTUNE_HOST_SCHEMA "\", \"dom0\": %s}",
                       rows[i][0]);
        xtune_error *err = NULL;
        xtune_host *host;

        check_error(xtune_host_from_json(text, strlen(text), "h", &host, &err),
                    &err, XTUNE_ERR_INVALID, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_much, setup, teardown),
        cmocka_unit_test_setup_teardown(test_schedulers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_services, setup, teardown),
        cmocka_unit_test_setup_teardown(test_momentary_xl, setup, teardown),
        cmocka_unit_test_setup_teardown(test_toolstacks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json, setup, teardown),
        cmocka_unit_test(test_bad_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
