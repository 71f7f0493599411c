/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of several parameters at once, of several values, and taken back. */
#include "boot_wish.h"

#include "boot/kept.h"

#define GRUB "/etc/default/grub"
#define EXTRA GRUB ".d/extra.cfg"
#define XCP "/boot/grub/grub.cfg"
#define EFI "/boot/xen.cfg"

static const struct xt_json *make(xtune_arena *arena, const wish *wishes,
                                  size_t nr, const struct xt_json *kept)
{
    xtune_boot_change changes[8];
    const struct xt_json *kept_now;
    xtune_error *err = NULL;

    assert_true(nr <= XT_ARRAY_SIZE(changes));
    nr = to_changes(wishes, nr, changes);
    if (xt_boot_set_parameters(root, changes, nr, kept, arena, &kept_now,
                               &err))
        fail_msg("%s: %s", err->object, err->message);
    return kept_now;
}

/* The values of a line: how a change of one key moves them. */
static void several_values(void **state)
{
    static const struct {
        const char *line;
        const char *values[MAX_VALUES + 1];
        const char *then;
    } cases[] = {
        { "", { "1" }, "k=1" },
        { "", { "1", "2" }, "k=1 k=2" },
        { "a", { "1", "", "x y" }, "a k=1 k k=\"x y\"" },
        { "k=1 a k=2 b", { "1", "2" }, "k=1 a k=2 b" },
        { "k=1 a k=2 b", { "3", "4" }, "k=3 a k=4 b" },
        { "k=1 a k=2 b", { "1", "2", "3", "4" }, "k=1 a k=2 k=3 k=4 b" },
        { "k=1 a k=2 b", { "1", "5", "3" }, "k=1 a k=5 k=3 b" },
        { "k=1 a k=2 b k=3", { "1", "3" }, "k=1 a b k=3" },
        { "k=1 a k=2 b k=3", { "2", "3" }, "a k=2 b k=3" },
        { "k=1 a k=2 b k=3", { "3", "1" }, "k=3 a k=1 b" },
        { "k=1 a k=2 b k=1", { "1" }, "k=1 a b" },
        { "k=1 a k=2 b k=3", { "3" }, "a b k=3" },
        { "k=1 a k=2 b k=3", { NULL }, "a b" },
        { "k k k", { "", "" }, "k k" },
        { "k=1 k=1", { "1" }, "k=1" },
        { "k=1", { "1", "1" }, "k=1 k=1" },
        { "k=\"1\" a", { "1", "2" }, "k=\"1\" k=2 a" },
        { "\"k=1\" a", { "1" }, "\"k=1\" a" },
        { "a -- k=1", { "1", "2" }, "a k=1 k=2 -- k=1" },
        { "x.a_b=1 c", { NULL }, "x.a_b=1 c" },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const *values;
    size_t i, k, nr;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        xtune_boot_change change = { .key = "k", .values = cases[i].values };
        const char *then;

        while (cases[i].values[change.nr_values])
            change.nr_values++;
        then = xt_boot_with_change(arena, cases[i].line, &change);
        assert_string_equal(then, cases[i].then);
        nr = xt_boot_values(arena, then, "k", &values);
        assert_int_equal(nr, change.nr_values);
        for (k = 0; k < nr; k++)
            assert_string_equal(values[k], cases[i].values[k]);
        assert_string_equal(xt_boot_with_change(arena, then, &change), then);
    }
}

/* Both lines and several files in one change. */
static void several_files(void **state)
{
    static const wish wishes[] = {
        { "xen", "dom0_mem", { "4G,max:4G" } },
        { "xen", "console", { "com1", "vga" } },
        { "xen", "com1", { "115200,8n1" } },
        { "dom0", "console", { "hvc0", "tty0" } },
        { "dom0", "quiet", { NULL } },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    put(GRUB, "# mine\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\n"
              "GRUB_CMDLINE_LINUX=\"console=tty0 ro\" # both\n");
    put(EXTRA, "GRUB_CMDLINE_XEN_DEFAULT='console=vga dom0_mem=2G'\n");
    make(arena, wishes, XT_ARRAY_SIZE(wishes), NULL);
    holds(GRUB, "# mine\nGRUB_CMDLINE_LINUX_DEFAULT=\"splash\"\n"
                "GRUB_CMDLINE_LINUX=\"console=hvc0 console=tty0 ro\" "
                "# both\n");
    holds(EXTRA, "GRUB_CMDLINE_XEN_DEFAULT='console=com1 console=vga "
                 "dom0_mem=4G,max:4G com1=115200,8n1'\n");
    holds(GRUB ".xltune-old",
          "# mine\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\n"
          "GRUB_CMDLINE_LINUX=\"console=tty0 ro\" # both\n");
    holds(EXTRA ".xltune-old",
          "GRUB_CMDLINE_XEN_DEFAULT='console=vga dom0_mem=2G'\n");
    put(GRUB, "");
    put(EXTRA, "");
    make(arena, wishes, XT_ARRAY_SIZE(wishes), NULL);
    holds(GRUB, "GRUB_CMDLINE_XEN_DEFAULT=\"dom0_mem=4G,max:4G console=com1 "
                "console=vga com1=115200,8n1\" # added by xltune\n"
                "GRUB_CMDLINE_LINUX_DEFAULT=\"console=hvc0 console=tty0\" "
                "# added by xltune\n");
}

/* Of one key in several variables. */
static void several_variables(void **state)
{
    static const wish fewer[] = { { "dom0", "k", { "1", "3" } } };
    static const wish more[] = { { "dom0", "k", { "4", "3", "5" } } };
    static const wish other[] = { { "dom0", "k", { "6" } } };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    (void)state;
    put(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT='k=2 k=3 b'\n"
              "GRUB_CMDLINE_LINUX='k=1 a'\n");
    make(arena, fewer, 1, NULL);
    holds(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT='k=3 b'\n"
                "GRUB_CMDLINE_LINUX='k=1 a'\n");
    make(arena, more, 1, NULL);
    holds(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT='k=3 k=5 b'\n"
                "GRUB_CMDLINE_LINUX='k=4 a'\n");
    make(arena, other, 1, NULL);
    holds(GRUB, "GRUB_CMDLINE_LINUX_DEFAULT='b'\n"
                "GRUB_CMDLINE_LINUX='k=6 a'\n");
}

/* All of them, or none: nothing is left of those before the one that cannot
 * be. */
static void all_or_none(void **state)
{
    static const struct {
        wish wishes[2];
        int code;
        const char *part;
    } cases[] = {
        { { { "xen", "a", { "1" } }, { "xen", "b", { "x;y" } } },
          XTUNE_ERR_INVALID,
          "cannot be given to it" },
        { { { "xen", "a", { "1" } }, { "dom1", "b", { "1" } } },
          XTUNE_ERR_INVALID,
          "\"dom1\" has none" },
        { { { "xen", "a", { "1" } }, { "xen", "a", { "2" } } },
          XTUNE_ERR_INVALID,
          "it is there twice" },
        { { { "dom0", "x.a-b", { "1" } }, { "dom0", "x.a_b", { "2" } } },
          XTUNE_ERR_INVALID,
          "it is there twice" },
        { { { "dom0", "a", { "1" } }, { "xen", "both", { "2" } } },
          XTUNE_ERR_INVALID,
          "leave it in one of them" },
    };
    static const char text[] = "GRUB_CMDLINE_LINUX=\"\"\n"
                               "GRUB_CMDLINE_XEN=\"both=1\"\n";
    static const char extra[] = "GRUB_CMDLINE_XEN_DEFAULT=\"both=2\"\n";
    size_t i;

    (void)state;
    put(GRUB, text);
    put(EXTRA, extra);
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        xtune_boot_change changes[2];
        const struct xt_json *kept;
        xtune_error *err = NULL;

        to_changes(cases[i].wishes, 2, changes);
        check_error(
            xt_boot_set_parameters(root, changes, 2, NULL, arena, &kept, &err),
            &err, cases[i].code, cases[i].part);
        assert_null(kept);
        holds(GRUB, text);
        holds(EXTRA, extra);
    }
}

/* The same two changes in every place where command lines live. */
static void places(void **state)
{
    static const wish wishes[] = {
        { "dom0", "console", { "hvc0", "tty0" } },
        { "xen", "console", { "com1", "vga" } },
    };
    static const struct {
        const char *path, *text, *then;
    } cases[] = {
        { XCP,
          "menuentry 'XCP-ng' {\n\tmultiboot2 /xen.gz console=vga x\n"
          "\tmodule2 /vmlinuz ro console=tty0\n}\n"
          "menuentry 'XCP-ng (Serial)' {\n\tmultiboot2 /xen.gz\n"
          "\tmodule2 /vmlinuz console=ttyS0 console=x console=y ro\n}\n",
          "menuentry 'XCP-ng' {\n\tmultiboot2 /xen.gz console=com1 "
          "console=vga x\n"
          "\tmodule2 /vmlinuz ro console=hvc0 console=tty0\n}\n"
          "menuentry 'XCP-ng (Serial)' {\n\tmultiboot2 /xen.gz console=com1 "
          "console=vga\n"
          "\tmodule2 /vmlinuz console=hvc0 console=tty0 ro\n}\n" },
        { EFI, "kernel=vmlinuz ro\noptions=console=vga # c\n",
          "kernel=vmlinuz ro console=hvc0 console=tty0\n"
          "options=console=com1 console=vga # c\n" },
        { EFI, "kernel=vmlinuz ro",
          "kernel=vmlinuz ro console=hvc0 console=tty0\n"
          "options=console=com1 console=vga # added by xltune" },
    };
    size_t i;

    (void)state;
    put("/etc/xensource-inventory", "");
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, cases[i].path);

        put(cases[i].path, cases[i].text);
        make(arena, wishes, XT_ARRAY_SIZE(wishes), NULL);
        holds(cases[i].path, cases[i].then);
        unlink(whole);
    }
}

/* Taking back. */

#define BEFORE                                                                \
    "GRUB_CMDLINE_LINUX=\"ro a=1 b=2 k=1 c=3 k=2 k=\\\"1\\\" d=4\"\n"         \
    "# k\xe4se\n"                                                             \
    "GRUB_CMDLINE_XEN='dom0_mem=1G x k=1 y'\n"

/* What parameters are in BEFORE. */
static const wish as_before[] = {
    { "dom0", "k", { "1", "2", "1" } },
    { "dom0", "b", { "2" } },
    { "dom0", "z", { NULL } },
    { "xen", "k", { "1" } },
};

static const wish deleted[] = {
    { "dom0", "k", { "2" } },
    { "dom0", "b", { NULL } },
    { "dom0", "z", { "1", "2" } },
    { "xen", "k", { NULL } },
};

/* Through JSON, as the history has it. */
static const struct xt_json *through_text(xtune_arena *arena,
                                          const struct xt_json *kept)
{
    XT_CLEANUP_FREE char *text = xt_json_print(kept);
    xt_json *read;

    assert_int_equal(
        xt_json_parse(arena, text, strlen(text), "kept", &read, NULL), 0);
    return read;
}

/* Byte by byte, where a parameter had gone from the middle. */
static void taken_back(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *kept;

    (void)state;
    put(GRUB, BEFORE);
    kept = make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    is_configured("ro a=1 c=3 k=2 d=4 z=1 z=2", "dom0_mem=1G x y");
    make(arena, as_before, XT_ARRAY_SIZE(as_before),
         through_text(arena, kept));
    holds(GRUB, BEFORE);
    /* Not without what was kept. */
    make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    make(arena, as_before, XT_ARRAY_SIZE(as_before), NULL);
    is_configured("ro a=1 c=3 k=1 k=2 k=1 d=4 b=2", "dom0_mem=1G x y k=1");
}

/* Two changes, the last one first. */
static void two_taken_back(void **state)
{
    static const wish second[] = { { "dom0", "a", { NULL } },
                                   { "xen", "dom0_mem", { "2G" } } };
    static const wish second_back[] = { { "dom0", "a", { "1" } },
                                        { "xen", "dom0_mem", { "1G" } } };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *kept[2];

    (void)state;
    put(GRUB, BEFORE);
    kept[0] = make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    kept[1] = make(arena, second, 2, NULL);
    make(arena, second_back, 2, through_text(arena, kept[1]));
    is_configured("ro a=1 c=3 k=2 d=4 z=1 z=2", "dom0_mem=1G x y");
    make(arena, as_before, XT_ARRAY_SIZE(as_before),
         through_text(arena, kept[0]));
    holds(GRUB, BEFORE);
}

/* What another hand did in between stays, and the parameters go back. */
static void other_hand_between(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *kept;

    (void)state;
    put(GRUB, BEFORE);
    kept = make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    put(GRUB, "GRUB_TIMEOUT=1\n"
              "GRUB_CMDLINE_LINUX=\"mine k=2 z=1 c=5 z=2\" # my own\n"
              "GRUB_CMDLINE_XEN='x y'\n");
    make(arena, as_before, XT_ARRAY_SIZE(as_before), kept);
    holds(GRUB, "GRUB_TIMEOUT=1\n"
                "GRUB_CMDLINE_LINUX=\"mine k=1 k=2 k=1 c=5 b=2\" # my own\n"
                "GRUB_CMDLINE_XEN='x y k=1'\n");
}

/* What is kept is of no use where it does not have what is asked for, is of
 * other files, or is damaged. */
static void useless_kept(void **state)
{
    static const char format[] =
        "{\"%s\": {\"before\": \"GRUB_CMDLINE_LINUX=\\\"k=1\\\"\\n#%s\\n\", "
        "\"after\": \"GRUB_CMDLINE_LINUX=\\\"k=2\\\"\\n\"%s}%s}";
    static const struct {
        const char *path, *comment, *more, *other;
        const char *value, *then;
    } cases[] = {
        { GRUB, "kept", "", "", "1", "GRUB_CMDLINE_LINUX=\"k=1\"\n#kept\n" },
        { GRUB, "\xc3\xa4", ", \"bytes\": true", "", "1",
          "GRUB_CMDLINE_LINUX=\"k=1\"\n#\xe4\n" },
        { GRUB, "\xe2\x82\xac", ", \"bytes\": true", "", "1",
          "GRUB_CMDLINE_LINUX=\"k=1\"\n" },
        { GRUB, "kept", "", "", "3", "GRUB_CMDLINE_LINUX=\"k=3\"\n" },
        { GRUB, "kept", "", ", \"/etc/x\": {}", "1",
          "GRUB_CMDLINE_LINUX=\"k=1\"\n" },
        { "/etc/passwd", "kept", "", "", "1", "GRUB_CMDLINE_LINUX=\"k=1\"\n" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        XT_CLEANUP_FREE char *text =
            xt_xprintf(format, cases[i].path, cases[i].comment, cases[i].more,
                       cases[i].other);
        const wish back = { "dom0", "k", { cases[i].value } };
        xt_json *kept;

        put(GRUB, "GRUB_CMDLINE_LINUX=\"k=2\"\n");
        assert_int_equal(
            xt_json_parse(arena, text, strlen(text), "kept", &kept, NULL), 0);
        make(arena, &back, 1, kept);
        holds(GRUB, cases[i].then);
    }
}

/* Cut off: the files that are kept beside tell what there was. */
static void cut_off(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *unknown = xt_json_object(arena);

    (void)state;
    put(GRUB, BEFORE);
    make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    make(arena, as_before, XT_ARRAY_SIZE(as_before), unknown);
    holds(GRUB, BEFORE);
    /* One of two files was written. */
    put(GRUB, "GRUB_CMDLINE_LINUX=\"a b=2 c k=1 k=2 k=1\"\n");
    put(EXTRA, "GRUB_CMDLINE_XEN=\"k=1 a\"\n");
    make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    put(EXTRA, "GRUB_CMDLINE_XEN=\"k=1 a\"\n");
    make(arena, as_before, XT_ARRAY_SIZE(as_before), unknown);
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"a b=2 c k=1 k=2 k=1\"\n");
    holds(EXTRA, "GRUB_CMDLINE_XEN=\"k=1 a\"\n");
    /* Those of an earlier change tell nothing of this one. */
    make(arena, deleted, XT_ARRAY_SIZE(deleted), NULL);
    put(GRUB, "GRUB_CMDLINE_LINUX=\"k=2 mine z=1 z=2\"\n");
    make(arena, as_before, XT_ARRAY_SIZE(as_before), unknown);
    holds(GRUB, "GRUB_CMDLINE_LINUX=\"k=1 k=2 k=1 mine b=2\"\n");
}

/* Taken back alone, the parameter would go to another file. */
static void another_file(void **state)
{
    static const wish gone[] = { { "dom0", "k", { NULL } } };
    static const wish back[] = { { "dom0", "k", { "1" } } };
    static const wish earlier[] = { { "dom0", "x", { "2" } } };
    static const char text[] = "GRUB_CMDLINE_LINUX=\"a k=1 b\"\n";
    static const char extra[] =
        "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX c x=2\"\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct xt_json *kept;

    (void)state;
    put(GRUB, text);
    put(EXTRA, "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX c\"\n");
    make(arena, earlier, 1, NULL);
    kept = make(arena, gone, 1, NULL);
    make(arena, back, 1, through_text(arena, kept));
    holds(GRUB, text);
    holds(EXTRA, extra);
    /* Where it is not known: beside the other one is what is older. */
    make(arena, gone, 1, NULL);
    make(arena, back, 1, xt_json_object(arena));
    holds(GRUB, text);
    holds(EXTRA, extra);
}

/* Any bytes come back. */
static void any_bytes(void **state)
{
    char all[600], text[640];
    size_t i, len = 0;
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const wish there = { "dom0", "k", { "1" } };
    const wish gone = { "dom0", "k", { NULL } };
    const struct xt_json *kept;

    (void)state;
    for (i = 1; i < 256; i++)
        if (i != '\n') all[len++] = (char)i;
    all[len] = '\0';
    snprintf(text, sizeof(text), "GRUB_CMDLINE_LINUX=\"a b\"\n#%s\n", all);
    put(GRUB, text);
    kept = make(arena, &there, 1, NULL);
    is_configured("a b k=1", "");
    make(arena, &gone, 1, through_text(arena, kept));
    holds(GRUB, text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
    const struct CMUnitTest tests[] = {
        TEST(several_values),
        TEST(several_files),
        TEST(several_variables),
        TEST(all_or_none),
        TEST(places),
        TEST(taken_back),
        TEST(two_taken_back),
        TEST(other_hand_between),
        TEST(useless_kept),
        TEST(cut_off),
        TEST(another_file),
        TEST(any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
