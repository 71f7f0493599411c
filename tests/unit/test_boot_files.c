/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XCP-ng's grub.cfg, xen.cfg, modprobe.d; and how files are written. */
#include "boot_tree.h"

#include "boot/sources.h"

#define XCP "/boot/grub/grub.cfg"
#define EFI "/boot/efi/EFI/xen/xen.cfg"

#define HEAD                                                                  \
    "serial --unit=0 --speed=115200\n"                                        \
    "set default=%s\n"                                                        \
    "set timeout=5\n"                                                         \
    "if [ -n \"$override_entry\" ]; then\n"                                   \
    "\tset default=$override_entry\n"                                         \
    "fi\n"
#define ENTRY(title, xen, dom0)                                               \
    "menuentry '" title "' {\n"                                               \
    "\tsearch --label --set root root-x\n"                                    \
    "\tmultiboot2 /boot/xen.gz " xen "\n"                                     \
    "\tmodule2 /boot/vmlinuz-4.19-xen " dom0 "\n"                             \
    "\tmodule2 /boot/initrd-4.19-xen.img\n"                                   \
    "}\n"
#define TAIL(xen, dom0)                                                       \
    ENTRY("XCP-ng", xen, dom0)                                                \
    ENTRY("XCP-ng (Serial)", xen, "s " dom0)                                  \
    ENTRY("XCP-ng in Safe Mode", "nosmp", "ro")                               \
    ENTRY("XCP-ng (Xen 4.13 / Linux 4.19)", "old", "ro")

static void xcp_file(const char *booted, const char *tail)
{
    XT_CLEANUP_FREE char *head = xt_xprintf(HEAD, booted);
    XT_CLEANUP_FREE char *text = xt_xprintf("%s%s", head, tail);

    put("/etc/xensource-inventory", "");
    put(XCP, text);
}

static void xcp_holds(const char *booted, const char *tail)
{
    XT_CLEANUP_FREE char *head = xt_xprintf(HEAD, booted);
    XT_CLEANUP_FREE char *text = xt_xprintf("%s%s", head, tail);

    holds(XCP, text);
}

static void xcp(void **state)
{
    static const char *const booted[] = { "0", "1", "\"XCP-ng\"",
                                          "'XCP-ng (Serial)'" };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(booted); i++) {
        xcp_file(booted[i], TAIL("dom0_mem=4G", "root=LABEL=r ro"));
        is_configured(strstr(booted[i], "1") || strstr(booted[i], "Serial")
                          ? "s root=LABEL=r ro"
                          : "root=LABEL=r ro",
                      "dom0_mem=4G");
        set("dom0", "xen-pciback.hide", "(0000:04:00.0)");
        xcp_holds(booted[i],
                  TAIL("dom0_mem=4G",
                       "root=LABEL=r ro xen-pciback.hide=(0000:04:00.0)"));
        set("dom0", "xen-pciback.hide", NULL);
        xcp_holds(booted[i], TAIL("dom0_mem=4G", "root=LABEL=r ro"));
        set("xen", "dom0_mem", "8G");
        xcp_holds(booted[i], TAIL("dom0_mem=8G", "root=LABEL=r ro"));
        round_trip(XCP, "dom0");
        round_trip(XCP, "xen");
    }
    xcp_file("0", ENTRY("XCP-ng", "", "ro"));
    round_trip(XCP, "xen");
    round_trip(XCP, "dom0");
}

static void xcp_refused(void **state)
{
    static const struct {
        const char *booted, *tail, *part;
        int code;
    } cases[] = {
        { "2", TAIL("a", "b"), "which is there to fall back to",
          XTUNE_ERR_REFUSED },
        { "'Another'", TAIL("a", "b"), "which of its 4 entries",
          XTUNE_ERR_INVALID },
        { "4", TAIL("a", "b"), "which of its 4 entries", XTUNE_ERR_INVALID },
        { "0", "", "which of its 0 entries", XTUNE_ERR_INVALID },
        { "0", "menuentry 'X' {\n\tlinux /vmlinuz\n}\n",
          "which of its 1 entries", XTUNE_ERR_INVALID },
        { "0", "menuentry 'X' {\n\tmultiboot2 /xen \\\n  a\n}\n",
          "grub.cfg:8: the line goes on", XTUNE_ERR_INVALID },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        xtune_error *err = NULL;

        xcp_file(cases[i].booted, cases[i].tail);
        check_error(set_one(root, "dom0", "k", "1", &err), &err, cases[i].code,
                    cases[i].part);
        xcp_holds(cases[i].booted, cases[i].tail);
    }
}

/* xen-cmdline is asked where it is there, but not in a tree. */
static void xen_cmdline(void **state)
{
    static const char *const argv[] = { "/opt/xensource/libexec/xen-cmdline",
                                        "--set-dom0", "k=(1)" };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_boot_edit edit;
    size_t i;

    (void)state;
    xcp_file("0", TAIL("a", "b"));
    put(argv[0], "#!/bin/false\n");
    assert_int_equal(plan_one(arena, root, "dom0", "k", "(1)", &edit, NULL),
                     0);
    for (i = 0; i < XT_ARRAY_SIZE(argv); i++)
        assert_string_equal(edit.by[0][i], argv[i]);
    assert_null(edit.by[0][3]);
    set("dom0", "k", "(1)");
    xcp_holds("0", TAIL("a", "b k=(1)"));
    assert_int_equal(plan_one(arena, root, "xen", "a", NULL, &edit, NULL), 0);
    assert_string_equal(edit.by[0][1], "--delete-xen");
    assert_string_equal(edit.by[0][2], "a");
}

/* A link to xltune itself would wait for the lock that we hold, and makes no
 * XCP-ng of another distribution. */
static void xen_cmdline_is_us(void **state)
{
    static const char path[] = "/opt/xensource/libexec/xen-cmdline";
    XT_CLEANUP_FREE char *link = xt_xprintf("%s%s", root, path);
    XT_CLEANUP_FREE char *inventory =
        xt_xprintf("%s/etc/xensource-inventory", root);
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xt_boot_edit edit;

    (void)state;
    xcp_file("0", TAIL("a", "b"));
    put("/opt/xensource/libexec/xltune", "");
    assert_int_equal(symlink("xltune", link), 0);
    assert_int_equal(plan_one(arena, root, "dom0", "k", "1", &edit, NULL), 0);
    assert_int_equal(edit.nr_files, 1);
    assert_null(edit.by);
    assert_int_equal(unlink(inventory), 0);
    check_error(plan_one(arena, root, "dom0", "k", "1", &edit, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "neither");
    assert_int_equal(unlink(link), 0);
    put(path, "");
    assert_int_equal(plan_one(arena, root, "dom0", "k", "1", &edit, NULL), 0);
    assert_non_null(edit.by);
}

static void efi(void **state)
{
    static const struct {
        const char *text, *dom0, *xen, *then;
    } cases[] = {
        { "[global]\ndefault=a\n[b]\nkernel=no\n[a]\noptions=x=1\n"
          "kernel=vmlinuz root=/dev/x\nramdisk=i\n",
          "root=/dev/x", "x=1",
          "[global]\ndefault=a\n[b]\nkernel=no\n[a]\noptions=x=1\n"
          "kernel=vmlinuz root=/dev/x k=1\nramdisk=i\n" },
        { "[global]\r\ndefault=a\r\n[a]\r\nkernel=vmlinuz\r\n", "", "",
          "[global]\r\ndefault=a\r\n[a]\r\nkernel=vmlinuz k=1\r\n" },
        { "[global]\ndefault=a\n\n; kernel=no\n [a]\n  kernel= v r # c\n"
          "kernel=w\n[a]\nkernel=z",
          "r ", "",
          "[global]\ndefault=a\n\n; kernel=no\n [a]\n  kernel= v r  k=1# c\n"
          "kernel=w\n[a]\nkernel=z" },
        { "kernel=v a", "a", "", "kernel=v a k=1" },
        /* The name of a file is no parameter. */
        { "kernel=k", "", "", "kernel=k k=1" },
        { "kernel=k k b", "k b", "", "kernel=k k=1 b" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        put(EFI, cases[i].text);
        is_configured(cases[i].dom0, cases[i].xen);
        set("dom0", "k", "1");
        holds(EFI, cases[i].then);
        if (strstr(cases[i].text, " k b")) continue;
        set("dom0", "k", NULL);
        holds(EFI, cases[i].text);
        round_trip(EFI, "dom0");
        round_trip(EFI, "xen");
    }
    put(EFI, "[global]\ndefault=a\n[a]\nkernel=v\nramdisk=i\n");
    set("xen", "k", "1");
    holds(EFI, "[global]\ndefault=a\n[a]\nkernel=v\n"
               "options=k=1 # added by xltune\nramdisk=i\n");
}

static void efi_refused(void **state)
{
    xtune_error *err = NULL;

    (void)state;
    check_error(set_one(root, "dom0", "k", "1", &err), &err,
                XTUNE_ERR_UNSUPPORTED, root);
    put(EFI, "[global]\ndefault=a\n[b]\nkernel=v\n");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "its section \"a\" has no kernel");
    put(EFI, "kernel=\x7f v k=\n");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "its section \"\" has no kernel");
    put(EFI, "kernel=v a=\"b\n");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "are not closed");
    put(EFI, "kernel=\"v w\" a\n");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "the name of a file is in quotes");
    put("/boot/xen.cfg", "kernel=v\n");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_INVALID,
                "there are 2 such files, as \"" EFI);
}

static void modules(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_boot boot = { .source = NULL };

    (void)state;
    xt_boot_read(arena, root, &boot);
    assert_null(boot.pciback);
    assert_null(boot.pciback_options);
    assert_null(boot.dom0_running);
    put("/proc/cmdline", "quiet\n");
    put("/lib/modules/6.1/modules.builtin", "kernel/a/x.ko\n");
    put("/lib/modules/6.1/modules.dep",
        "kernel/a/y.ko: kernel/drivers/xen/xen-pciback/xen-pciback.ko\n");
    put("/etc/modprobe.d/a.conf", "# options xen-pciback hide=(01:00.0)\n");
    xt_boot_read(arena, root, &boot);
    assert_string_equal(boot.dom0_running, "quiet");
    assert_string_equal(boot.pciback, "missing");
    assert_string_equal(boot.pciback_options, "");
    assert_null(boot.pciback_options_file);
    put("/lib/modules/6.1/modules.dep",
        "kernel/drivers/xen/xen-pciback/xen-pciback.ko.xz:\n");
    put("/usr/lib/modprobe.d/a.conf", "options xen-pciback hide=(02:00.0)\n");
    put("/usr/lib/modprobe.d/c.conf",
        "options other x\noptions xen_pciback \\\n  hide=(03:00.0)  \n"
        "options xen-pciback2 y\noption xen-pciback z\n");
    put("/lib/modprobe.d/b.conf", "  options\txen-pciback passthrough=1\r\n");
    put("/lib/modprobe.d/d.cnf", "options xen-pciback no\n");
    xt_boot_read(arena, root, &boot);
    assert_string_equal(boot.pciback, "module");
    assert_string_equal(boot.pciback_options, "passthrough=1 hide=(03:00.0)");
    assert_string_equal(boot.pciback_options_file,
                        "/usr/lib/modprobe.d/c.conf");
    put("/lib/modules/6.1/modules.builtin",
        "kernel/drivers/xen/xen-pciback/xen-pciback.ko\n");
    put("/lib/modules/6.2/modules.builtin", "");
    xt_boot_read(arena, root, &boot);
    assert_null(boot.pciback); /* which of the two is it? */
    put("/proc/sys/kernel/osrelease", "6.1\n");
    xt_boot_read(arena, root, &boot);
    assert_string_equal(boot.pciback, "builtin");
    put("/sys/module/xen_pciback/initstate", "live\n");
    xt_boot_read(arena, root, &boot);
    assert_string_equal(boot.pciback, "module");
}

static void remove_file(const char *path)
{
    XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, path);

    unlink(whole);
}

static void leads_out(const char *path, const char *to)
{
    XT_CLEANUP_FREE char *link = xt_xprintf("%s%s", root, path);

    unlink(link);
    assert_int_equal(symlink(to, link), 0);
}

static void links(void **state)
{
    xtune_error *err = NULL;

    (void)state;
    put("/etc/default/x", "GRUB_CMDLINE_LINUX=\"a\"\n");
    leads_out("/etc/default/grub", "x");
    is_configured("a", "");
    set("dom0", "k", "1");
    holds("/etc/default/x", "GRUB_CMDLINE_LINUX=\"a k=1\"\n");
    leads_out("/etc/default/grub", "/etc/passwd");
    check_error(set_one(root, "dom0", "k", "1", &err), &err,
                XTUNE_ERR_UNSUPPORTED, "neither");
    leads_out("/etc/default/grub", "grub");
    check_error(set_one(root, "dom0", "k", "1", &err), &err,
                XTUNE_ERR_UNSUPPORTED, "neither");
    /* What is kept beside it does not go elsewhere either. */
    remove_file("/etc/default/grub");
    put("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a\"\n");
    leads_out("/etc/default/grub.xltune-old", "/tmp/nowhere");
    check_error(set_one(root, "dom0", "k", "1", &err), &err, XTUNE_ERR_REFUSED,
                "no regular file");
    holds("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a\"\n");
}

static void another_hand(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xt_boot_edit edit;

    (void)state;
    put("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a\"\n");
    assert_int_equal(plan_one(arena, root, "dom0", "k", "1", &edit, NULL), 0);
    assert_null(edit.then);
    put("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"b\"\n");
    check_error(xt_boot_write(root, &edit, &err), &err, XTUNE_ERR_CHANGED,
                "another hand");
    holds("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"b\"\n");
}

static void programs(void **state)
{
    static const char *const good[] = { "/bin/sh", "-c", "echo x; echo y >&2",
                                        NULL };
    static const char *const bad[] = {
        "/bin/sh", "-c", "echo out; echo one >&2; echo 'two  ' >&2; exit 3",
        NULL
    };
    static const char *const silent[] = { "/bin/sh", "-c", "exit 3", NULL };
    static const char *const killed[] = { "/bin/sh", "-c", "kill -9 $$",
                                          NULL };
    static const char *const none[] = { "/nowhere/x", NULL };
    xtune_error *err = NULL;

    (void)state;
    assert_int_equal(xt_boot_run(good, 10000, NULL), 0);
    check_error(xt_boot_run(bad, 10000, &err), &err, XTUNE_ERR_IO,
                "/bin/sh: it failed: two");
    check_error(xt_boot_run(silent, 10000, &err), &err, XTUNE_ERR_IO,
                "it failed with code 3");
    check_error(xt_boot_run(killed, 10000, &err), &err, XTUNE_ERR_IO,
                "it failed with signal 9");
    check_error(xt_boot_run(none, 10000, &err), &err, XTUNE_ERR_IO,
                "/nowhere/x: cannot start it");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(xcp),          TEST(xcp_refused),
        TEST(xen_cmdline),  TEST(xen_cmdline_is_us),
        TEST(efi),          TEST(efi_refused),
        TEST(modules),      TEST(links),
        TEST(another_hand), TEST(programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
