/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /etc/default/grub and /etc/default/grub.d. */
#include "boot_tree.h"

#define GRUB "/etc/default/grub"
#define KEY "xen-pciback.hide"

/* As Debian installs it, and what its xen-hypervisor-common adds. */
#define DEBIAN                                                                \
    "# If you change this file, run 'update-grub' afterwards to update\n"     \
    "# /boot/grub/grub.cfg. GRUB_CMDLINE_LINUX=\"old\"\n"                     \
    "\n"                                                                      \
    "GRUB_DEFAULT=0\n"                                                        \
    "GRUB_TIMEOUT=5\n"                                                        \
    "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) "          \
    "2>/dev/null || echo Debian`\n"                                           \
    "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\" # mine\n"                           \
    "GRUB_CMDLINE_LINUX=\"\"\n"
#define DEBIAN_XEN                                                            \
    "#GRUB_CMDLINE_XEN=\"nothing\"\n"                                         \
    "echo \"Including Xen overrides from /etc/default/grub.d/xen.cfg\"\n"     \
    "if [ \"$XEN_OVERRIDE_GRUB_DEFAULT\" = \"\" ]; then\n"                    \
    "\techo \"WARNING: GRUB_DEFAULT changed; it's so\"\n"                     \
    "\tXEN_OVERRIDE_GRUB_DEFAULT=1\n"                                         \
    "fi\n"                                                                    \
    "if [ \"$XEN_OVERRIDE_GRUB_DEFAULT\" = \"1\" ]; then\n"                   \
    "\tGRUB_DEFAULT=$( \\\n"                                                  \
    "\t\tprintf \"$(gettext \"%s, with Xen hypervisor\")\" \\\n"              \
    "\t\t\"$(gettext \"%s GNU/Linux\")\")\n"                                  \
    "fi\n"                                                                    \
    "GRUB_CMDLINE_XEN_DEFAULT=\"dom0_mem=4G\"\n"

static void debian(void **state)
{
    (void)state;
    put(GRUB, DEBIAN);
    put(GRUB ".d/xen.cfg", DEBIAN_XEN);
    is_configured("quiet", "dom0_mem=4G");
    set("dom0", KEY, "(0000:04:00.0)");
    holds(GRUB, "# If you change this file, run 'update-grub' afterwards to "
                "update\n"
                "# /boot/grub/grub.cfg. GRUB_CMDLINE_LINUX=\"old\"\n"
                "\n"
                "GRUB_DEFAULT=0\n"
                "GRUB_TIMEOUT=5\n"
                "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} )"
                " 2>/dev/null || echo Debian`\n"
                "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet "
                "xen-pciback.hide=(0000:04:00.0)\" # mine\n"
                "GRUB_CMDLINE_LINUX=\"\"\n");
    holds(GRUB ".xltune-old", DEBIAN);
    is_configured("quiet xen-pciback.hide=(0000:04:00.0)", NULL);
    set("dom0", KEY, NULL);
    holds(GRUB, DEBIAN);
    set("xen", "dom0_mem", "8G");
    is_configured("quiet", "dom0_mem=8G");
    holds(GRUB, DEBIAN);
    set("xen", "dom0_mem", "4G");
    holds(GRUB ".d/xen.cfg", DEBIAN_XEN);
}

/* Every way to write a value, and what it is then with a parameter. */
static void quotes(void **state)
{
    static const struct {
        const char *text, *value, *then;
    } cases[] = {
        { "GRUB_CMDLINE_LINUX=\n", "", "GRUB_CMDLINE_LINUX=k=\\(a\\)\n" },
        { "GRUB_CMDLINE_LINUX=a\n", "a",
          "GRUB_CMDLINE_LINUX=a\\ k=\\(a\\)\n" },
        { "GRUB_CMDLINE_LINUX=''\n", "", "GRUB_CMDLINE_LINUX='k=(a)'\n" },
        { "GRUB_CMDLINE_LINUX='a \"b c\"'\n", "a \"b c\"",
          "GRUB_CMDLINE_LINUX='a \"b c\" k=(a)'\n" },
        { "GRUB_CMDLINE_LINUX=\"a \\\"b c\\\"\"\n", "a \"b c\"",
          "GRUB_CMDLINE_LINUX=\"a \\\"b c\\\" k=(a)\"\n" },
        { "GRUB_CMDLINE_LINUX=\"a \\\nb\"\n", "a b",
          "GRUB_CMDLINE_LINUX=\"a \\\nb k=(a)\"\n" },
        { "GRUB_CMDLINE_LINUX=\"a\nb\"\n", "a\nb",
          "GRUB_CMDLINE_LINUX=\"a\nb k=(a)\"\n" },
        { "GRUB_CMDLINE_LINUX=\"a \"b\" c\"\n", "a b c",
          "GRUB_CMDLINE_LINUX=\"a \"b\" c k=(a)\"\n" },
        { "  export GRUB_CMDLINE_LINUX=\"a\"", "a",
          "  export GRUB_CMDLINE_LINUX=\"a k=(a)\"" },
        { "GRUB_CMDLINE_LINUX=\"a\"\r\nX=\"y\"\r\n", "a",
          "GRUB_CMDLINE_LINUX=\"a k=(a)\"\r\nX=\"y\"\r\n" },
        { "GRUB_CMDLINE_LINUX=a#b\\ c # d\n", "a#b c",
          "GRUB_CMDLINE_LINUX=a#b\\ c\\ k=\\(a\\) # d\n" },
        { "GRUB_CMDLINE_LINUX=\"a -- b\"\n", "a -- b",
          "GRUB_CMDLINE_LINUX=\"a k=(a) -- b\"\n" },
        { "X=", "",
          "X=\nGRUB_CMDLINE_LINUX_DEFAULT=\"k=(a)\" "
          "# added by xltune" },
        { "X=1\r\n", "",
          "X=1\r\nGRUB_CMDLINE_LINUX_DEFAULT=\"k=(a)\" "
          "# added by xltune\r\n" },
        { "", "",
          "GRUB_CMDLINE_LINUX_DEFAULT=\"k=(a)\" "
          "# added by xltune\n" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        put(GRUB, cases[i].text);
        is_configured(cases[i].value, "");
        set("dom0", "k", "(a)");
        holds(GRUB, cases[i].then);
        set("dom0", "k", NULL);
        holds(GRUB, cases[i].text);
        round_trip(GRUB, "dom0");
        round_trip(GRUB, "xen");
    }
}

/* Which assignments count. */
static void which(void **state)
{
    (void)state;
    put(GRUB, "GRUB_CMDLINE_LINUX=\"k=1 a\"\nGRUB_CMDLINE_LINUX=\"b\"\n");
    is_configured("b", "");
    set("dom0", "k", "2");
    holds(GRUB,
          "GRUB_CMDLINE_LINUX=\"k=1 a\"\nGRUB_CMDLINE_LINUX=\"b k=2\"\n");

    put(GRUB, "GRUB_CMDLINE_LINUX=\"k=1 a\"\n"
              "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n"
              "GRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX} c\"\n");
    is_configured("k=1 a b c", "");
    set("dom0", "k", "2");
    is_configured("k=2 a b c", "");
    set("dom0", "k", NULL);
    is_configured("a b c", "");
    set("dom0", "n", "2");
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"a\"\n"
                "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n"
                "GRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX} c n=2\"\n");

    put(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"k=1 b k=2\"\n"
              "GRUB_CMDLINE_LINUX=\"a k=3\"\n");
    is_configured("a k=3 k=1 b k=2", "");
    set("dom0", "k", "4");
    holds(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"b\"\n"
                "GRUB_CMDLINE_LINUX=\"a k=4\"\n");
}

static void replaced(void **state)
{
    xtune_error *err = NULL;

    (void)state;
    put(GRUB,
        "GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
        "GRUB_CMDLINE_LINUX_XEN_REPLACE=\"x\"\n"
        "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT=\"\"\n");
    is_configured("x quiet", "");
    set("dom0", "k", "1");
    is_configured("x quiet k=1", "");
    put(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
              "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT=\"y\"\n");
    set("dom0", "k", "1");
    holds(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
                "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT=\"y k=1\"\n");
    /* A value that is taken over from elsewhere cannot be changed here. */
    put(GRUB, "GRUB_CMDLINE_LINUX=\"a k=1\"\n"
              "GRUB_CMDLINE_LINUX_XEN_REPLACE=\"$GRUB_CMDLINE_LINUX x\"\n");
    is_configured("a k=1 x", "");
    check_error(set_one(root, "dom0", "k", "2", &err), &err, XTUNE_ERR_INVALID,
                "comes from a variable that another one refers to");
    set("dom0", "k", "1");
    is_configured("a k=1 x", "");
}

/* What is taken out of one variable may let others count, or be seen in the
 * other line. */
static void not_alone(void **state)
{
    static const struct {
        const char *text, *line, *part;
    } cases[] = {
        { "GRUB_CMDLINE_LINUX=\"iommu=off\"\n"
          "GRUB_CMDLINE_LINUX_XEN_REPLACE=\"k=1\"\n",
          "dom0", "would change in the command line of dom0" },
        { "GRUB_CMDLINE_XEN=\"k=1 a\"\n"
          "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_XEN b\"\n",
          "xen", "would change in the command line of dom0" },
        { "GRUB_CMDLINE_XEN=\"k=1 a\"\n"
          "GRUB_CMDLINE_XEN_DEFAULT=\"$GRUB_CMDLINE_XEN b\"\n",
          "xen", "comes from a variable that another one refers to" },
    };
    xtune_error *err = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        put(GRUB, cases[i].text);
        check_error(
            set_one(root, cases[i].line, "k", i == 2 ? "2" : NULL, &err), &err,
            XTUNE_ERR_INVALID, cases[i].part);
        holds(GRUB, cases[i].text);
    }
    /* Set to something else it goes on to stand for the other one. */
    put(GRUB, cases[0].text);
    set("dom0", "k", "2");
    is_configured("k=2", "");
}

static void folder(void **state)
{
    xtune_error *err = NULL;

    (void)state;
    put(GRUB, "GRUB_CMDLINE_LINUX=\"a\"\n");
    put(GRUB ".d/50-b.cfg", "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n");
    put(GRUB ".d/40-c.cfg", "GRUB_CMDLINE_LINUX=\"c\"\n");
    put(GRUB ".d/60-d.cfg~", "GRUB_CMDLINE_LINUX=\"d\"\n");
    put(GRUB ".d/.60-d.cfg", "GRUB_CMDLINE_LINUX=\"d\"\n");
    is_configured("c b", "");
    set("dom0", "k", "1");
    holds(GRUB ".d/50-b.cfg",
          "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b k=1\"\n");
    /* A folder that nobody reads does not count. */
    put("/usr/sbin/grub2-mkconfig", "#!/bin/sh\n. /etc/default/grub\n");
    is_configured("a", "");
    put("/usr/sbin/grub2-mkconfig", "#!/bin/sh\n. /etc/default/grub\n"
                                    "for x in /etc/default/grub.d/*.cfg\n");
    is_configured("c b k=1", "");
    put(GRUB ".d/40-c.cfg", "GRUB_CMDLINE_LINUX=\"c k=2\"\n");
    check_error(set_one(root, "dom0", "k", "3", &err), &err, XTUNE_ERR_INVALID,
                "leave it in one of them");
    holds(GRUB ".d/40-c.cfg", "GRUB_CMDLINE_LINUX=\"c k=2\"\n");
}

/* What only a shell knows. */
static void refused(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "GRUB_CMDLINE_LINUX=\"`cat /x`\"\n", "grub:1: it takes a shell" },
        { "\nGRUB_CMDLINE_LINUX=$(cat \")\")\n", "grub:2: it takes a shell" },
        { "GRUB_CMDLINE_LINUX=\"${A:-b}\"\n", "grub:1: it takes a shell" },
        { "A=`x`\nGRUB_CMDLINE_LINUX=\"$A\"\n", "grub:2: it takes a shell" },
        { "GRUB_CMDLINE_LINUX+=\" a\"\n", "grub:1: it takes a shell" },
        { "if x; then\nGRUB_CMDLINE_LINUX=\"a\"\nfi\n",
          "grub:2: it depends on a condition" },
        { "GRUB_CMDLINE_LINUX=a\nif x; then\ny=\"\nfi\"\n"
          "GRUB_CMDLINE_LINUX=\"b\"\nfi\n",
          "grub:5: it depends on a condition" },
        { "if x; then GRUB_CMDLINE_LINUX=b; fi\n",
          "grub:1: it takes a shell" },
        { "f() {\n  GRUB_CMDLINE_LINUX=b\n}\n",
          "grub:2: it depends on a condition" },
        { "(\nGRUB_CMDLINE_LINUX=b\n)\n", "grub:2: it depends" },
        { "case x in\na)\nGRUB_CMDLINE_LINUX=b\n;;\nesac\n",
          "grub:3: it depends" },
        { "GRUB_CMDLINE_LINUX=a b\n", "grub:1: it takes a shell" },
        { "A=1; GRUB_CMDLINE_LINUX=a\n", "grub:1: it takes a shell" },
        { "unset GRUB_CMDLINE_LINUX\n", "grub:1: it takes a shell" },
        { ". /etc/other\n", "grub:1: it takes a shell" },
        { "cat <<X\nX\n", "grub:1: it takes a shell" },
        { "A=1\nGRUB_CMDLINE_LINUX=\"a\n", "grub:2: a '\"' is not closed" },
        { "B='\n", "grub:1: a \"'\" is not closed" },
        { "B=$(x\n", "grub:1: \"$(\" or \"${\" is not closed" },
        { "echo \"x\n", "grub:1: a quote or a \"(\" is not closed" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        xtune_boot boot = { .source = NULL };
        xtune_error *err = NULL;

        put(GRUB, cases[i].text);
        check_error(set_one(root, "dom0", "k", "1", &err), &err,
                    XTUNE_ERR_INVALID, cases[i].part);
        holds(GRUB, cases[i].text);
        xt_boot_read(arena, root, &boot);
        assert_null(boot.dom0_configured);
        assert_non_null(strstr(boot.problem, cases[i].part));
        assert_string_equal(boot.source, GRUB);
    }
}

/* And what has nothing to do with it. */
static void ignored(void **state)
{
    static const char *const texts[] = {
        "A=\"$(sed 's, release .*$,,g' /etc/system-release)\"\n",
        "if x; then\n  A=1\nelif y; then\n  A=2\nelse\n  A=3\nfi\n",
        "for i in a b; do echo \"fi; $i\"; done\n",
        "f() { echo x; }\nf\n",
        "case $x in a) A=1 ;; esac\n",
        "# it's `so\n[ -x /y ] && A=1 # don't\n",
        "export A B\nexport A=1\n",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(texts); i++) {
        XT_CLEANUP_FREE char *text =
            xt_xprintf("%sGRUB_CMDLINE_LINUX=\"a\"\n", texts[i]);

        put(GRUB, text);
        is_configured("a", "");
        round_trip(GRUB, "dom0");
    }
}

/* What has to run, as each distribution has it. */
#define STUB "search --fs-uuid --set=dev 1\nconfigfile ($dev)/grub2/grub.cfg\n"
#define FULL "### BEGIN /etc/grub.d/00_header ###\n"
#define FEDORA "/boot/efi/EFI/fedora/grub.cfg"
#define QUBES "/boot/efi/EFI/qubes/grub.cfg"

static void check_program(const char *what)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *text = "";
    xt_boot_edit edit;
    size_t i;

    put(GRUB, "GRUB_CMDLINE_LINUX=\"a\"\n");
    assert_int_equal(plan_one(arena, root, "dom0", "k", "1", &edit, NULL), 0);
    for (i = 0; edit.then && edit.then[i]; i++)
        text = xtune_arena_printf(arena, "%s%s%s", text, i ? " " : "",
                                  edit.then[i]);
    assert_string_equal(text, what);
}

static void what_runs(void **state)
{
    XT_CLEANUP_FREE char *link = xt_xprintf("%s/etc/grub2-efi.cfg", root);
    XT_CLEANUP_FREE char *own = xt_xprintf("%s/boot/grub2", root);

    (void)state;
    check_program("");
    put("/usr/sbin/grub2-mkconfig", "");
    check_program(""); /* nobody knows where to */
    put(QUBES, FULL);
    check_program("/usr/sbin/grub2-mkconfig -o " QUBES);
    put("/boot/efi/EFI/other/grub.cfg", "menuentry 'x' {\n}\n");
    check_program(""); /* which of the two? */
    put("/boot/efi/EFI/other/grub.cfg", STUB);
    put("/boot/grub2/grub.cfg", FULL);
    check_program("/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg");
    /* Fedora before 34, booted by EFI. */
    put(FEDORA, FULL);
    assert_int_equal(symlink("../boot/efi/EFI/fedora/grub.cfg", link), 0);
    check_program("/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg");
    put("/sys/firmware/efi/x", "");
    check_program("/usr/sbin/grub2-mkconfig -o " FEDORA);
    /* And since. */
    put(FEDORA, STUB);
    check_program("/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg");
    unlink(link);
    assert_int_equal(symlink("../boot/grub2/grub.cfg", link), 0);
    check_program("/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg");
    test_remove(own);
    put("/boot/grub/grub.cfg", FULL);
    check_program("/usr/sbin/grub2-mkconfig -o /boot/grub/grub.cfg");
    put("/usr/bin/update-grub", "");
    check_program("/usr/bin/update-grub");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(debian),   TEST(quotes),    TEST(which),
        TEST(replaced), TEST(folder),    TEST(refused),
        TEST(ignored),  TEST(not_alone), TEST(what_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
