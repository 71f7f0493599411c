/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of dom0's: which may be changed, to what, and how they are replaced
 * below a root. */
#include "dom0_tree.h"

#include "backend/dom0_text.h"
#include "host/dom0_file.h"

#define XL "/etc/xen/xl.conf"
#define SYSCTL "/etc/sysctl.d/90-xltune.conf"
#define SWAPPINESS "/proc/sys/vm/swappiness"
#define AIO "/proc/sys/fs/aio-max-nr"
#define SDA "/sys/block/sda/queue/scheduler"

/* Which, and what. */

static void test_kinds(void **state)
{
    static const struct {
        const char *path;
        enum xt_file_kind kind;
    } rows[] = {
        { XL, XT_FILE_CONFIG },
        { SYSCTL, XT_FILE_CONFIG },
        { "/etc/tmpfiles.d/xltune.conf", XT_FILE_CONFIG },
        { "/etc/modprobe.d/xltune.conf", XT_FILE_CONFIG },
        { SWAPPINESS, XT_FILE_NUMBER },
        { AIO, XT_FILE_NUMBER },
        { SDA, XT_FILE_CHOICE },
        { "/sys/block/cciss!c0d0/queue/scheduler", XT_FILE_CHOICE },
        { "/etc/shadow", XT_FILE_READ_ONLY },
        { "/etc/sysctl.d/../shadow", XT_FILE_READ_ONLY },
        { "/etc/sysctl.conf", XT_FILE_READ_ONLY },
        { "/etc/xen/xl.conf/", XT_FILE_READ_ONLY },
        { "/proc/sys/fs/aio-nr", XT_FILE_READ_ONLY },
        { "/sys/block/../queue/scheduler", XT_FILE_READ_ONLY },
        { "/sys/block/a/b/queue/scheduler", XT_FILE_READ_ONLY },
        { "/sys/block//queue/scheduler", XT_FILE_READ_ONLY },
        { "/sys/block/sda/queue/scheduler/", XT_FILE_READ_ONLY },
        { "/sys/block/sda/queue/nr_requests", XT_FILE_READ_ONLY },
        { "", XT_FILE_READ_ONLY },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++)
        if (xt_file_kind(rows[i].path) != rows[i].kind)
            fail_msg("%s", rows[i].path);
}

static void test_values(void **state)
{
    static const char *const rows[][3] = {
        { XL, " [x] \n", " [x] \n" },
        { SWAPPINESS, "60\n", "60" },
        { SWAPPINESS, "60", "60" },
        { SWAPPINESS, "\n", "" },
        { SDA, "none [mq-deadline] kyber bfq \n", "mq-deadline" },
        { SDA, "[none] \n", "none" },
        { SDA, "none\n", "none" },
        { SDA, "]none[\n", "]none[" },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++)
        assert_string_equal(xt_file_value(arena, rows[i][0], rows[i][1]),
                            rows[i][2]);
    assert_null(xt_file_value(arena, XL, NULL));
}

static void test_check_value(void **state)
{
    static const struct {
        const char *path, *value;
        int rc;
    } rows[] = {
        { XL, "", 0 },
        { XL, NULL, 0 },
        { XL, "# \xe4", XTUNE_ERR_INVALID },
        { SWAPPINESS, "0", 0 },
        { SWAPPINESS, "200", 0 },
        { SWAPPINESS, "201", XTUNE_ERR_INVALID },
        { SWAPPINESS, "-1", XTUNE_ERR_INVALID },
        { SWAPPINESS, "35\n", XTUNE_ERR_INVALID },
        { SWAPPINESS, "", XTUNE_ERR_INVALID },
        { SWAPPINESS, NULL, XTUNE_ERR_INVALID },
        { AIO, "1048576", 0 },
        { AIO, "99999999999999999999", XTUNE_ERR_INVALID },
        { SDA, "none", 0 },
        { SDA, "none\n", XTUNE_ERR_INVALID },
        { SDA, "[none]", XTUNE_ERR_INVALID },
        { SDA, "", XTUNE_ERR_INVALID },
        { "/etc/passwd", "", XTUNE_ERR_REFUSED },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++)
        if (xt_file_check_value(rows[i].path, rows[i].value, NULL) !=
            rows[i].rc)
            fail_msg("row %zu", i);
}

/* Below a root. */

static const char *at(const fixture *f, const char *path)
{
    return xtune_arena_printf(f->arena, "%s%s", f->root, path);
}

static void holds(const fixture *f, const char *path, const char *text)
{
    char *now;
    size_t len;

    if (xt_file_read(f->arena, at(f, path), 1 << 20, &now, &len, NULL))
        fail_msg("%s is not there", path);
    assert_string_equal(now, text);
}

static void set(const fixture *f, const char *path, const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const char *now;

    if (xt_dom0_set_file(f->root, path, text, &err))
        fail_msg("%s: %s", err->object, err->message);
    assert_int_equal(xt_dom0_get_file(f->arena, f->root, path, &now, NULL), 0);
    if (text)
        assert_string_equal(now, text);
    else
        assert_null(now);
}

static void test_replaced(void **state)
{
    const fixture *f = *state;
    struct stat st;

    put(f, XL, "#a\r\nb=1");
    assert_int_equal(chmod(at(f, XL), 0640), 0);
    if (!getuid()) assert_int_equal(chown(at(f, XL), 12, 34), 0);
    set(f, XL, "b=2");
    holds(f, XL XT_FILE_OLD, "#a\r\nb=1");
    assert_int_equal(stat(at(f, XL), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    if (!getuid()) assert_true(st.st_uid == 12 && st.st_gid == 34);
    set(f, XL, "#a\r\nb=1");
    holds(f, XL XT_FILE_OLD, "b=2");
    set(f, XL, NULL);
    holds(f, XL XT_FILE_OLD, "#a\r\nb=1");
    set(f, XL, NULL);
}

static void test_new(void **state)
{
    const fixture *f = *state;
    xtune_error *err = NULL;
    struct stat st;

    check_error(xt_dom0_set_file(f->root, SYSCTL, "a\n", &err), &err,
                XTUNE_ERR_NOT_FOUND, "no folder");
    put(f, "/etc/hostname", "h\n");
    set(f, SYSCTL, "vm.swappiness = 35\n");
    assert_int_equal(stat(at(f, SYSCTL), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(lstat(at(f, SYSCTL XT_FILE_OLD), &st), -1);
    set(f, SYSCTL, NULL);
}

/* A link is followed within the root, and stays one. */
static void test_links(void **state)
{
    const fixture *f = *state;
    xtune_error *err = NULL;
    struct stat st;

    put(f, "/etc/site/xl.conf", "b=1\n");
    put(f, "/srv/sysctl/x", "");
    put(f, "/etc/tmpfiles.d/x", "");
    lead(f, XL, "/etc/site/xl.conf");
    lead(f, "/etc/sysctl.d", "../../srv/sysctl");
    lead(f, "/etc/modprobe.d", "../../../../../../../tmp/nowhere");
    lead(f, "/etc/tmpfiles.d/xltune.conf", "nowhere");
    set(f, XL, "b=2\n");
    holds(f, "/etc/site/xl.conf", "b=2\n");
    holds(f, "/etc/site/xl.conf" XT_FILE_OLD, "b=1\n");
    assert_int_equal(lstat(at(f, XL), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    set(f, SYSCTL, "a=1\n");
    holds(f, "/srv/sysctl/90-xltune.conf", "a=1\n");
    check_error(
        xt_dom0_set_file(f->root, "/etc/modprobe.d/xltune.conf", "a", &err),
        &err, XTUNE_ERR_INVALID, "leads nowhere");
    check_error(
        xt_dom0_set_file(f->root, "/etc/tmpfiles.d/xltune.conf", "a", &err),
        &err, XTUNE_ERR_INVALID, "leads nowhere");
}

/* What could not be kept is not replaced. */
static void test_kept(void **state)
{
    const fixture *f = *state;
    xtune_error *err = NULL;
    const char *text;

    put(f, XL, "# \xe4\n");
    check_error(xt_dom0_set_file(f->root, XL, "b=2\n", &err), &err,
                XTUNE_ERR_INVALID, "no text");
    check_error(xt_dom0_get_file(f->arena, f->root, XL, &text, &err), &err,
                XTUNE_ERR_INVALID, "no text");
    holds(f, XL, "# \xe4\n");
    put(f, XL, "b=1\n");
    put(f, XL XT_FILE_OLD "/x", "");
    check_error(xt_dom0_set_file(f->root, XL, "b=2\n", &err), &err,
                XTUNE_ERR_REFUSED, "remove it");
    holds(f, XL, "b=1\n");
    put(f, "/etc/passwd", "root\n");
    check_error(xt_dom0_set_file(f->root, "/etc/passwd", "", &err), &err,
                XTUNE_ERR_REFUSED, "none of the files");
    check_error(
        xt_dom0_get_file(f->arena, f->root, "/etc/passwd", &text, &err), &err,
        XTUNE_ERR_REFUSED, "none of the files");
    check_error(xt_dom0_get_file(f->arena, f->root, SDA, &text, &err), &err,
                XTUNE_ERR_NOT_FOUND, "no such attribute");
}

int main(void)
{
#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_check_value),
        IN_TREE(test_replaced),
        IN_TREE(test_new),
        IN_TREE(test_links),
        IN_TREE(test_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
