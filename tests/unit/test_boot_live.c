/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes on this machine, where programs are run. */
#include "boot_live.h"
#include "boot_wish.h"

#include "boot/kept.h"
#include "boot/sources.h"

#define GRUB "/etc/default/grub"
#define EXTRA GRUB ".d/extra.cfg"
#define XCP "/boot/grub/grub.cfg"
#define XCP_EFI "/boot/efi/EFI/xenserver/grub.cfg"

static bool is_file(const char *path, const char *wanted)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;

    if (xt_boot_read_file(arena, "", path, &text, NULL)) return !wanted;
    if (wanted && !strcmp(text, wanted)) return true;
    fprintf(stderr, "%s: \"%s\"\n", path, text);
    return false;
}

static bool says(xtune_error **err, const char *part)
{
    XT_CLEANUP_FREE char *text = *err ? xtune_error_text(*err) : NULL;
    const bool found = text && strstr(text, part);

    if (!found) fprintf(stderr, "%s\n", text ? text : "no error");
    xtune_error_free(*err);
    *err = NULL;
    return found;
}

static int make(const wish *wishes, size_t nr, unsigned int within_ms,
                xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_boot_change changes[8];
    xt_boot_edit edit;
    int rc;

    nr = to_changes(wishes, nr, changes);
    rc = xt_boot_plan(arena, "", changes, nr, &edit, err);
    edit.within_ms = within_ms;
    return rc ? rc : xt_boot_write("", &edit, err);
}

static void put_program(const char *path, const char *text)
{
    XT_CLEANUP_FREE char *program = xt_xprintf("%s%s", root, path);

    put(path, text);
    assert_int_equal(chmod(program, 0755), 0);
}

/* GRUB's. */

#define BEFORE "GRUB_CMDLINE_LINUX=\"a\"\n"
#define EXTRA_BEFORE "GRUB_CMDLINE_XEN=\"b\"\n"

/* Keeps what it has seen, and does what the command line says. */
#define UPDATE_GRUB                                                           \
    "#!/bin/sh\n"                                                             \
    "cat /etc/default/grub >>/etc/default/seen\n"                             \
    "case $(cat /etc/default/grub) in\n"                                      \
    "*fail*) echo 'it is to fail' >&2; exit 1 ;;\n"                           \
    "*killed*) kill -9 $$ ;;\n"                                               \
    "*hangs*) sleep 1000 & echo $! >/etc/default/child; wait ;;\n"            \
    "*other*) echo '# other' >>/etc/default/grub; exit 1 ;;\n"                \
    "esac\n"                                                                  \
    "! [ -e /etc/default/always ] || { echo 'for ever' >&2; exit 1; }\n"

static void grub_works(void)
{
    static const wish wishes[] = { { "dom0", "k", { "1" } },
                                   { "xen", "k", { "2" } } };

    MUST(!make(wishes, 2, 0, NULL));
    MUST(is_file(GRUB, "GRUB_CMDLINE_LINUX=\"a k=1\"\n"));
    MUST(is_file(EXTRA, "GRUB_CMDLINE_XEN=\"b k=2\"\n"));
    /* Once, when both are there. */
    MUST(is_file("/etc/default/seen", "GRUB_CMDLINE_LINUX=\"a k=1\"\n"));
    /* Nothing to do: not run. */
    MUST(!make(wishes, 2, 0, NULL));
    MUST(is_file("/etc/default/seen", "GRUB_CMDLINE_LINUX=\"a k=1\"\n"));
    _exit(0);
}

/* What it has seen; the files are as they were. */
static bool is_undone(const char *seen)
{
    const bool same = is_file(GRUB, BEFORE) && is_file(EXTRA, EXTRA_BEFORE) &&
                      is_file("/etc/default/seen", seen);

    unlink("/etc/default/seen");
    return same;
}

static void grub_fails(void)
{
    static const wish fail[] = { { "dom0", "k", { "fail" } },
                                 { "xen", "k", { "2" } } };
    static const wish killed[] = { { "dom0", "k", { "killed" } },
                                   { "xen", "k", { "2" } } };
    xtune_error *err = NULL;

    MUST(make(fail, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "update-grub: it failed: it is to fail"));
    /* Run again with the files as they were. */
    MUST(is_undone("GRUB_CMDLINE_LINUX=\"a k=fail\"\n" BEFORE));
    MUST(make(killed, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "it failed with signal 9"));
    MUST(is_undone("GRUB_CMDLINE_LINUX=\"a k=killed\"\n" BEFORE));
    MUST(creat("/etc/default/always", 0644) >= 0);
    MUST(make(killed, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "signal 9; and with the file as it was before it failed "
                    "again: it failed: for ever"));
    MUST(is_undone("GRUB_CMDLINE_LINUX=\"a k=killed\"\n" BEFORE));
    _exit(0);
}

static bool is_running(const char *pid_file)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *pid = xt_file_read_line(arena, pid_file);
    char *text;
    size_t len;

    if (!pid ||
        xt_file_read(arena, xtune_arena_printf(arena, "/proc/%s/stat", pid),
                     4096, &text, &len, NULL))
        return false;
    return !strstr(text, ") Z ");
}

static void grub_hangs(void)
{
    static const wish hangs[] = { { "dom0", "k", { "hangs" } },
                                  { "xen", "k", { "2" } } };
    xtune_error *err = NULL;
    int tries;

    MUST(make(hangs, 2, 1000, &err) == XTUNE_ERR_BUSY);
    MUST(says(&err, "had not ended after 1 seconds, and was killed"));
    /* Not a second time. */
    MUST(is_undone("GRUB_CMDLINE_LINUX=\"a k=hangs\"\n"));
    for (tries = 0; tries < 100 && is_running("/etc/default/child"); tries++)
        usleep(20000);
    MUST(!is_running("/etc/default/child"));
    _exit(0);
}

/* What another hand writes while the program runs is not lost. */
static void grub_other_hand(void)
{
    static const wish other[] = { { "dom0", "k", { "other" } },
                                  { "xen", "k", { "2" } } };
    xtune_error *err = NULL;

    MUST(make(other, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "\"" GRUB "\" could not be put back: another hand"));
    MUST(is_file(GRUB, "GRUB_CMDLINE_LINUX=\"a k=other\"\n# other\n"));
    MUST(is_file(GRUB ".xltune-old", BEFORE));
    MUST(is_file(EXTRA, EXTRA_BEFORE));
    _exit(0);
}

static void with_grub(void (*run)(void))
{
    put("/default/grub", BEFORE);
    put("/default/grub.d/extra.cfg", EXTRA_BEFORE);
    put_program("/sbin/update-grub", UPDATE_GRUB);
    in_place("/default", "/etc/default", "/sbin", "/usr/sbin", run);
}

static void works(void **state)
{
    (void)state;
    with_grub(grub_works);
}

static void fails(void **state)
{
    (void)state;
    with_grub(grub_fails);
}

static void hangs(void **state)
{
    (void)state;
    with_grub(grub_hangs);
}

static void other_hand(void **state)
{
    (void)state;
    with_grub(grub_other_hand);
}

/* XCP-ng's xen-cmdline. */

#define MENU(xen, dom0)                                                       \
    "menuentry 'XCP-ng' {\n"                                                  \
    "\tmultiboot2 /boot/xen.gz " xen "\n"                                     \
    "\tmodule2 /boot/vmlinuz " dom0 "\n"                                      \
    "\tmodule2 /boot/initrd.img\n"                                            \
    "}\n"                                                                     \
    "menuentry 'XCP-ng in Safe Mode' {\n"                                     \
    "\tmultiboot2 /boot/xen.gz " xen " nosmp\n"                               \
    "\tmodule2 /boot/vmlinuz " dom0 "\n"                                      \
    "}\n"
#define BOILERPLATE "# added by another program\n"

/* In what matters as XCP-ng's: one parameter a call, which goes to the end,
 * and a few lines of its own. A value has what goes wrong. */
#define XEN_CMDLINE                                                           \
    "#!/bin/sh\n"                                                             \
    "echo \"$*\" >>/boot/calls\n"                                             \
    "[ $# -eq 2 ] || exit 1\n"                                                \
    "case $2 in *lie) exit 0 ;; esac\n"                                       \
    "f=/boot/grub/grub.cfg\n"                                                 \
    "awk -v opt=\"$1\" -v arg=\"$2\" '\n"                                     \
    "BEGIN { cmd = opt ~ /xen$/ ? \"multiboot2\" : \"module2\"\n"             \
    "  key = arg; sub(/=.*/, \"\", key)\n"                                    \
    "  print \"# added by another program\" }\n"                              \
    "/^# added/ { next }\n"                                                   \
    "/^menuentry/ { mine = !/Safe/ }\n"                                       \
    "mine && $1 == cmd && !/initrd/ {\n"                                      \
    "  line = \"\\t\" $1 \" \" $2\n"                                          \
    "  for (i = 3; i <= NF; i++) {\n"                                         \
    "    k = $i; sub(/=.*/, \"\", k)\n"                                       \
    "    if (k != key && arg !~ /more$/) line = line \" \" $i }\n"            \
    "  if (opt ~ /--set/) line = line \" \" arg\n"                            \
    "  $0 = line }\n"                                                         \
    "{ print }' $f >$f.new && mv $f.new $f\n"                                 \
    "case $2 in *fail) echo 'it is to fail' >&2; exit 1 ;; esac\n"

#define XCP_BEFORE MENU("dom0_mem=1G  a console=vga b", "ro quiet x=1 splash")

static void xcp_works(void)
{
    static const wish wishes[] = { { "dom0", "quiet", { NULL } },
                                   { "xen", "dom0_mem", { "2G,max:2G" } },
                                   { "xen", "b", { "" } },
                                   { "dom0", "y", { "(1)" } } };
    static const wish back[] = { { "dom0", "quiet", { "" } },
                                 { "xen", "dom0_mem", { "1G" } },
                                 { "xen", "b", { "" } },
                                 { "dom0", "y", { NULL } } };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *kept, *again;
    xtune_boot_change changes[4];
    size_t nr = to_changes(wishes, 4, changes);
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    char *now;

    MUST(!xt_boot_set_parameters("", changes, nr, NULL, arena, &kept, NULL));
    MUST(!xt_boot_read_file(scratch, "", XCP, &now, NULL));
    MUST(strstr(now, "xen.gz a console=vga b dom0_mem=2G,max:2G\n"));
    MUST(strstr(now, "vmlinuz ro x=1 splash y=(1)\n"));
    MUST(strstr(now, BOILERPLATE));
    /* One at a time, and none for what is so already. */
    MUST(is_file("/boot/calls", "--delete-dom0 quiet\n"
                                "--set-xen dom0_mem=2G,max:2G\n"
                                "--set-dom0 y=(1)\n"));
    MUST(is_file(XCP ".xltune-old", XCP_BEFORE));
    /* Byte by byte, though it was a program that wrote it. */
    nr = to_changes(back, 4, changes);
    MUST(!xt_boot_set_parameters("", changes, nr, kept, arena, &again, NULL));
    MUST(is_file(XCP, XCP_BEFORE));
    _exit(0);
}

static void xcp_fails(void)
{
    static const wish fail[] = { { "dom0", "x", { "2" } },
                                 { "dom0", "y", { "fail" } } };
    static const wish lie[] = { { "xen", "x", { "2" } },
                                { "dom0", "y", { "lie" } } };
    static const wish more[] = { { "xen", "x", { "more" } } };
    xtune_error *err = NULL;

    MUST(make(fail, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "xen-cmdline: it failed: it is to fail"));
    MUST(is_file(XCP, XCP_BEFORE));
    MUST(make(lie, 2, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "but \"y\" is not as asked for"));
    MUST(is_file(XCP, XCP_BEFORE));
    MUST(make(more, 1, 0, &err) == XTUNE_ERR_IO);
    MUST(says(&err, "but the rest of the line of xen is not"));
    MUST(is_file(XCP, XCP_BEFORE));
    _exit(0);
}

/* What it cannot do is done without it. */
static void xcp_without(void)
{
    static const wish several[] = { { "xen", "console", { "com1", "vga" } },
                                    { "dom0", "x", { "2" } } };
    static const wish one[] = { { "xen", "console", { "vga" } } };
    static const wish spelled[] = { { "dom0", "m.a-b", { "2" } } };

    MUST(!make(several, 2, 0, NULL));
    MUST(is_file("/boot/calls", NULL));
    MUST(is_file(
        XCP, "menuentry 'XCP-ng' {\n"
             "\tmultiboot2 /boot/xen.gz dom0_mem=1G  a console=com1 "
             "console=vga b\n"
             "\tmodule2 /boot/vmlinuz ro quiet x=2 splash\n"
             "\tmodule2 /boot/initrd.img\n}\n"
             "menuentry 'XCP-ng in Safe Mode' {\n"
             "\tmultiboot2 /boot/xen.gz dom0_mem=1G  a console=vga b nosmp\n"
             "\tmodule2 /boot/vmlinuz ro quiet x=1 splash\n}\n"));
    MUST(!make(one, 1, 0, NULL));
    MUST(is_file("/boot/calls", "--set-xen console=vga\n"));
    unlink("/boot/calls");
    MUST(!xt_file_replace(XCP, MENU("a", "ro m.a_b=1"),
                          strlen(MENU("a", "ro m.a_b=1")), 0600, NULL));
    MUST(!make(spelled, 1, 0, NULL));
    MUST(is_file("/boot/calls", NULL));
    _exit(0);
}

/* A link to xltune in its place would ask for itself. */
static void xcp_is_xltune(void)
{
    static const wish wishes[] = { { "dom0", "y", { "1" } } };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *now;

    MUST(!rename("/opt/xensource/libexec/xen-cmdline", "/opt/xltune"));
    MUST(!symlink("/opt/xltune", "/opt/xensource/libexec/xen-cmdline"));
    MUST(!make(wishes, 1, 0, NULL));
    MUST(is_file("/boot/calls", NULL));
    MUST(!xt_boot_read_file(arena, "", XCP_EFI, &now, NULL));
    MUST(strstr(now, "vmlinuz ro quiet x=1 splash y=1\n"));
    _exit(0);
}

static void with_xcp(void (*run)(void))
{
    put(XCP, XCP_BEFORE);
    put_program("/opt/xensource/libexec/xen-cmdline", XEN_CMDLINE);
    in_place("/boot", "/boot", "/opt", "/opt", run);
}

static void xen_cmdline(void **state)
{
    (void)state;
    with_xcp(xcp_works);
}

static void xen_cmdline_fails(void **state)
{
    (void)state;
    with_xcp(xcp_fails);
}

static void without_xen_cmdline(void **state)
{
    (void)state;
    with_xcp(xcp_without);
}

static void xen_cmdline_is_xltune(void **state)
{
    (void)state;
    put(XCP_EFI, XCP_BEFORE);
    with_xcp(xcp_is_xltune);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(works),
        TEST(fails),
        TEST(hangs),
        TEST(other_hand),
        TEST(xen_cmdline),
        TEST(xen_cmdline_fails),
        TEST(without_xen_cmdline),
        TEST(xen_cmdline_is_xltune),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
