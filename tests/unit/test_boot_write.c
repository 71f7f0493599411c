/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are hard to read or to write: nothing is lost in any. */
#include "boot_live.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/xattr.h>

#include "boot/sources.h"

#define GRUB "/etc/default/grub"
#define XCP "/boot/grub/grub.cfg"
#define EFI "/boot/xen.cfg"
#define LINE "GRUB_CMDLINE_LINUX=\"a\"\n"

static char *whole_of(const char *path)
{
    return xt_xprintf("%s%s", root, path);
}

/* Names in a folder that are none of these two. */
static size_t others_in(const char *folder, const char *one, const char *two)
{
    XT_CLEANUP_FREE char *whole = whole_of(folder);
    DIR *dir = opendir(whole);
    struct dirent *d;
    size_t nr = 0;

    assert_non_null(dir);
    while ((d = readdir(dir)))
        nr += d->d_name[0] != '.' && strcmp(d->d_name, one) &&
              strcmp(d->d_name, two);
    closedir(dir);
    return nr;
}

static void nothing_left_over(void)
{
    assert_int_equal(others_in("/etc/default", "grub", "grub.xltune-old"), 0);
}

/* Lines that end with CR and LF, or not at all, in each place; in GRUB's own
 * see test_boot_grub. */
static void line_ends(void **state)
{
    static const struct {
        const char *path, *text, *then;
    } cases[] = {
        { XCP,
          "menuentry 'X' {\r\n\tmultiboot2 /xen a\r\n\tmodule2 /l b\r\n}\r\n",
          "menuentry 'X' {\r\n\tmultiboot2 /xen a\r\n\tmodule2 /l b k=1\r\n"
          "}\r\n" },
        { XCP, "menuentry 'X' {\n\tmultiboot2 /xen a\n\tmodule2 /l b",
          "menuentry 'X' {\n\tmultiboot2 /xen a\n\tmodule2 /l b k=1" },
        { EFI, "kernel=l b\r\noptions=a\r\n",
          "kernel=l b k=1\r\noptions=a\r\n" },
        { EFI, "options=a\nkernel=l b", "options=a\nkernel=l b k=1" },
    };
    size_t i;

    (void)state;
    put("/etc/xensource-inventory", "");
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_FREE char *whole = whole_of(cases[i].path);

        put(cases[i].path, cases[i].text);
        set("dom0", "k", "1");
        holds(cases[i].path, cases[i].then);
        set("dom0", "k", NULL);
        holds(cases[i].path, cases[i].text);
        round_trip(cases[i].path, "xen");
        unlink(whole);
    }
}

/* Lines that go on: a value may; a line of a menu or of xen.cfg may not. */
static void lines_that_go_on(void **state)
{
    static const char text[] = "GRUB_CMDLINE_LINUX=\"a \\\n\tk=1 \\\n  b\"\n";
    xtune_error *err = NULL;

    (void)state;
    put(GRUB, text);
    is_configured("a \tk=1   b", "");
    set("dom0", "k", "2");
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"a \\\n\tk=2 \\\n  b\"\n");
    set("dom0", "k", "1");
    holds(GRUB, text);
    put(GRUB, "GRUB_CMDLINE_LINUX=\\\n\"a\"\n");
    is_configured("a", "");
    set("dom0", "k", "1");
    holds(GRUB, "GRUB_CMDLINE_LINUX=\\\n\"a k=1\"\n");
    put("/etc/xensource-inventory", "");
    put(XCP,
        "menuentry 'X' {\n\tmultiboot2 /xen a \\\n  b\n\tmodule2 /l\n}\n");
    check_error(set_one(root, "xen", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "grub.cfg:2: the line goes on in the next one");
}

/* What a file is, but for its text, it stays. */
static void what_it_is(void **state)
{
    static const char label[] = "system_u:object_r:bootloader_etc_t:s0";
    XT_CLEANUP_FREE char *whole = whole_of(GRUB);
    char value[64] = "";
    struct stat st;
    bool has_label;

    (void)state;
    put(GRUB, LINE);
    if (chown(whole, 12, 34)) skip();
    assert_int_equal(chmod(whole, 0440), 0);
    has_label =
        !setxattr(whole, "security.selinux", label, sizeof(label), 0) &&
        !setxattr(whole, "security.ima", "x", 1, 0);
    set("dom0", "k", "1");
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"a k=1\"\n");
    assert_int_equal(stat(whole, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0440);
    assert_int_equal(st.st_uid, 12);
    assert_int_equal(st.st_gid, 34);
    nothing_left_over();
    if (!has_label) return;
    assert_int_equal(getxattr(whole, "security.selinux", value, sizeof(value)),
                     sizeof(label));
    assert_string_equal(value, label);
    /* The one of the text before would be wrong. */
    assert_int_equal(getxattr(whole, "security.ima", value, sizeof(value)),
                     -1);
}

/* Links: relative, absolute, of a folder, and out of root. */
static void links(void **state)
{
    XT_CLEANUP_FREE char *grub = whole_of(GRUB);
    XT_CLEANUP_FREE char *there = whole_of("/data/grub.conf");
    XT_CLEANUP_FREE char *folder = whole_of("/etc/default");
    static const char then[] = "GRUB_CMDLINE_LINUX=\"a k=1\"\n";
    struct stat st;
    int absolute;

    (void)state;
    put("/etc/default/x", "");
    for (absolute = 0; absolute < 2; absolute++) {
        put("/data/grub.conf", LINE);
        unlink(grub);
        assert_int_equal(
            symlink(absolute ? there : "../../data/grub.conf", grub), 0);
        set("dom0", "k", "1");
        holds("/data/grub.conf", then);
        holds("/data/grub.conf.xltune-old", LINE);
        assert_int_equal(lstat(grub, &st), 0);
        assert_true(S_ISLNK(st.st_mode));
    }
    assert_int_equal(test_remove(folder), 0);
    assert_int_equal(symlink("../elsewhere", folder), 0);
    put("/elsewhere/grub", LINE);
    set("dom0", "k", "1");
    holds("/elsewhere/grub", then);
}

/* Neither through the file's name, nor through one of its folders'. */
static void links_out(void **state)
{
    char outside[] = "/tmp/xltune-out.XXXXXX";
    XT_CLEANUP_FREE char *file = NULL, *folder = whole_of(GRUB ".d");
    XT_CLEANUP_FREE char *link = whole_of(GRUB ".d/x.cfg");
    static const char text[] =
        "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n";
    xtune_error *err = NULL;
    char *now;
    size_t len;
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    assert_non_null(mkdtemp(outside));
    file = xt_xprintf("%s/x.cfg", outside);
    assert_int_equal(xt_file_replace(file, text, strlen(text), 0644, NULL), 0);
    put(GRUB, LINE);
    put(GRUB ".d/y.cfg", "");
    assert_int_equal(symlink(file, link), 0);
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_REFUSED,
                "it is a link that leads out of");
    assert_int_equal(test_remove(folder), 0);
    assert_int_equal(symlink(outside, folder), 0);
    set("dom0", "k", "1"); /* such a folder is none */
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"a k=1\"\n");
    assert_int_equal(xt_file_read(arena, file, 4096, &now, &len, NULL), 0);
    assert_string_equal(now, text);
    assert_int_equal(test_remove(outside), 0);
}

/* No text, or more than a file of this kind can be. */
static void no_text(void **state)
{
    static const char with_nul[] = "GRUB_CMDLINE_LINUX=\"a\"\n\0# b\n";
    XT_CLEANUP_FREE char *whole = whole_of(GRUB);
    XT_CLEANUP_CLOSE int fd = -1;
    xtune_error *err = NULL;
    struct stat st;

    (void)state;
    put(GRUB, "");
    fd = open(whole, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, with_nul, sizeof(with_nul) - 1),
                     sizeof(with_nul) - 1);
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "there is a NUL in it");
    assert_int_equal(ftruncate(fd, 1l << 32), 0);
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "larger than");
    assert_int_equal(stat(whole, &st), 0);
    assert_true(st.st_size == 1l << 32);
    nothing_left_over();
}

/* Many lines and assignments are no matter. */
static void much_text(void **state)
{
    enum { NR = 20000 };
    static const char line[] = "GRUB_X=\"$GRUB_CMDLINE_LINUX more\" # text\n";
    XT_CLEANUP_FREE char *text =
        xt_xrealloc(NULL, NR + 1, sizeof(line) - 1 + sizeof(LINE));
    size_t i, len = 0;

    (void)state;
    for (i = 0; i < NR; i++)
        len += (size_t)sprintf(text + len, "%s", i ? "# comment\n" : line);
    strcpy(text + len, LINE);
    put(GRUB, text);
    set("dom0", "k", "1");
    set("dom0", "k", NULL);
    holds(GRUB, text);
}

/* In a process of its own. */
static void in_process(void (*run)(void))
{
    int status;
    const pid_t pid = fork();

    if (!pid) run();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool refuses(const char *value, int code, const char *part)
{
    XT_CLEANUP_FREE char *text = NULL;
    xtune_error *err = NULL;
    bool ok = set_one(root, "dom0", "k", value, &err) == code;

    if (err) text = xtune_error_text(err);
    ok = ok && strstr(text, part);
    if (!ok) fprintf(stderr, "%s\n", text ? text : "no error");
    xtune_error_free(err);
    return ok;
}

static bool is_as_before(void)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;

    return !xt_boot_read_file(arena, root, GRUB, &text, NULL) &&
           !strcmp(text, LINE);
}

/* Files may grow to one byte less than it takes. */
static void limited(void)
{
    const struct rlimit limit = { .rlim_cur = strlen(LINE) + 3,
                                  .rlim_max = strlen(LINE) + 3 };

    signal(SIGXFSZ, SIG_IGN);
    MUST(!setrlimit(RLIMIT_FSIZE, &limit));
    MUST(refuses("1", XTUNE_ERR_IO, "cannot write beside it"));
    MUST(is_as_before());
    _exit(0);
}

static void too_small(void **state)
{
    (void)state;
    put(GRUB, LINE);
    in_process(limited);
    holds(GRUB, LINE);
    nothing_left_over();
}

static void mount_over(const char *folder, const char *options, bool remount)
{
    if (!remount && (unshare(CLONE_NEWNS) ||
                     mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
                     mount("x", folder, "tmpfs", 0, options)))
        _exit(77);
    if (remount)
        MUST(!mount("x", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, options));
}

static void fill(const char *folder)
{
    XT_CLEANUP_FREE char *path = xt_xprintf("%s/fill", folder);
    XT_CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT, 0600);
    static const char page[4096];

    while (write(fd, page, sizeof(page)) > 0) {
    }
}

/* A disk that has no room, not even for the file that is kept; and then for
 * that one only. */
static void full(void)
{
    XT_CLEANUP_FREE char *folder = whole_of("/etc/default");
    XT_CLEANUP_FREE char *old = whole_of(GRUB ".xltune-old");
    XT_CLEANUP_FREE char *filler = whole_of("/etc/default/fill");
    struct stat st;

    mount_over(folder, "size=64k", false);
    put(GRUB, LINE);
    fill(folder);
    MUST(refuses("1", XTUNE_ERR_IO, "No space left on device"));
    MUST(is_as_before());
    MUST(stat(old, &st));
    MUST(!stat(filler, &st) && !truncate(filler, st.st_size - 4096));
    MUST(refuses("1", XTUNE_ERR_IO, "No space left on device"));
    MUST(is_as_before());
    MUST(others_in("/etc/default", "grub", "fill") == 1);
    MUST(!stat(old, &st) && st.st_size == (off_t)strlen(LINE));
    MUST(!unlink(filler));
    MUST(!set_one(root, "dom0", "k", "1", NULL));
    _exit(0);
}

static void full_disk(void **state)
{
    (void)state;
    put("/etc/default/x", "");
    in_process(full);
}

static void read_only(void)
{
    XT_CLEANUP_FREE char *folder = whole_of("/etc/default");

    mount_over(folder, "size=64k", false);
    put(GRUB, LINE);
    mount_over(folder, "size=64k", true);
    MUST(refuses("1", XTUNE_ERR_PERMISSION, "Read-only file system"));
    MUST(is_as_before());
    _exit(0);
}

static void read_only_folder(void **state)
{
    (void)state;
    put("/etc/default/x", "");
    in_process(read_only);
}

/* A folder that we may not write to, though it is not the root user. */
static void as_nobody(void)
{
    XT_CLEANUP_FREE char *folder = whole_of("/etc/default");

    if (chmod(root, 0755) || chmod(folder, 0555) || setgid(65534) ||
        setuid(65534))
        _exit(77);
    MUST(refuses("1", XTUNE_ERR_PERMISSION, "Permission denied"));
    MUST(is_as_before());
    _exit(0);
}

static void not_allowed(void **state)
{
    (void)state;
    put(GRUB, LINE);
    in_process(as_nobody);
    holds(GRUB, LINE);
    nothing_left_over();
}

/* Another hand: before it is written, and at the very moment. */
static void another_hand(void **state)
{
    static const char theirs[] = "GRUB_CMDLINE_LINUX=\"theirs\"\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *whole = whole_of(GRUB);
    xtune_error *err = NULL;
    xt_boot_edit edit;

    (void)state;
    put(GRUB, LINE);
    assert_int_equal(plan_one(arena, root, "dom0", "k", "1", &edit, NULL), 0);
    put(GRUB, theirs);
    check_error(xt_boot_write(root, &edit, &err), &err, XTUNE_ERR_CHANGED,
                "another hand");
    holds(GRUB, theirs);
    check_error(xt_file_exchange(whole, LINE, strlen(LINE), "x", 1, &err),
                &err, XTUNE_ERR_CHANGED, "another hand");
    holds(GRUB, theirs);
    /* Longer than what it was, or the same with more behind it. */
    check_error(xt_file_exchange(whole, "", 0, "x", 1, &err), &err,
                XTUNE_ERR_CHANGED, "another hand");
    check_error(
        xt_file_exchange(whole, theirs, strlen(theirs) - 1, "x", 1, &err),
        &err, XTUNE_ERR_CHANGED, "another hand");
    holds(GRUB, theirs);
    nothing_left_over();
    assert_int_equal(
        xt_file_exchange(whole, theirs, strlen(theirs), "x\n", 2, NULL), 0);
    holds(GRUB, "x\n");
    nothing_left_over();
}

/* Of two files the second is changed meanwhile: neither is written. */
static void one_of_two(void **state)
{
    static const char *const one[] = { "1" };
    static const xtune_boot_change changes[] = {
        { .line = "dom0", .key = "k", .values = one, .nr_values = 1 },
        { .line = "xen", .key = "k", .values = one, .nr_values = 1 },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xt_boot_edit edit;

    (void)state;
    put(GRUB, LINE);
    put(GRUB ".d/x.cfg", "GRUB_CMDLINE_XEN=\"b\"\n");
    assert_int_equal(xt_boot_plan(arena, root, changes, 2, &edit, NULL), 0);
    assert_int_equal(edit.nr_files, 2);
    put(GRUB ".d/x.cfg", "GRUB_CMDLINE_XEN=\"c\"\n");
    check_error(xt_boot_write(root, &edit, &err), &err, XTUNE_ERR_CHANGED,
                "x.cfg: it was changed by another hand");
    holds(GRUB, LINE);
    holds(GRUB ".d/x.cfg", "GRUB_CMDLINE_XEN=\"c\"\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(line_ends),   TEST(lines_that_go_on),
        TEST(what_it_is),  TEST(links),
        TEST(links_out),   TEST(no_text),
        TEST(much_text),   TEST(too_small),
        TEST(full_disk),   TEST(read_only_folder),
        TEST(not_allowed), TEST(another_hand),
        TEST(one_of_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
