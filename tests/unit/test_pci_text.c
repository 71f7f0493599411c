/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pciback and libxl write of devices, and what programs answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/dom0_write.h"
#include "backend/pci_text.h"
#include "backend/program.h"
#include "base/util.h"

static void slots(void **state)
{
    bool has;

    (void)state;
    assert_true(xt_pci_slots_read("", "0000:21:00.0", &has));
    assert_false(has);
    assert_true(xt_pci_slots_read("0000:20:00.0\n0000:21:00.0\n",
                                  "0000:21:00.0", &has));
    assert_true(has);
    assert_true(xt_pci_slots_read("0000:21:00.1\n10000:21:00.0\n",
                                  "0000:21:00.0", &has));
    assert_false(has);
}

/* A page of sysfs ends where it ends, and that may be within a line. */
static void slots_that_are_none(void **state)
{
    static const char *const texts[] = {
        "0000:20:00.0",          "0000:20:00.0\n0000:21:0",
        "0000:20:00.0\n\n",      "0000:20:00.0 0000:22:00.0\n",
        "0000:20:00.0,x\n",      "0000:20:00\n",
        "0000:20:00.0\r\n",      "20:00.0\n",
        "00000000000:20:00.0\n",
    };
    bool has;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(texts); i++) {
        if (xt_pci_slots_read(texts[i], "0000:21:00.0", &has))
            fail_msg("\"%s\" is not such a list", texts[i]);
        assert_false(has);
    }
    /* It is among those that can be read. */
    assert_false(
        xt_pci_slots_read("0000:21:00.0\n0000:22:", "0000:21:00.0", &has));
    assert_true(has);
}

static void options(void **state)
{
    xtune_attachment a = { .slot = 7 };

    (void)state;
    assert_true(xt_pci_options_read(
        "msitranslate=1,power_mgmt=0,permissive=1,rdm_policy=relaxed", &a));
    assert_true(a.msitranslate && !a.power_mgmt && a.permissive && a.relaxed);
    assert_int_equal(a.slot, 7);
    assert_true(xt_pci_options_read(
        "msitranslate=0,power_mgmt=1,permissive=0,rdm_policy=strict", &a));
    assert_true(!a.msitranslate && a.power_mgmt && !a.permissive &&
                !a.relaxed);
}

/* XAPI's has two of them, libxl 4.14's three, later ones may have more. */
static void options_of_others(void **state)
{
    xtune_attachment a = { 0 };

    (void)state;
    assert_true(xt_pci_options_read("msitranslate=1,power_mgmt=0", &a));
    assert_true(a.msitranslate && !a.relaxed);
    assert_true(xt_pci_options_read("permissive=1,colour=blue", &a));
    assert_true(a.permissive);
    assert_true(xt_pci_options_read("", &a));
}

static void options_that_are_none(void **state)
{
    static const char *const texts[] = {
        "msitranslate",
        "msitranslate=",
        "msitranslate=2",
        "msitranslate=-1",
        "msitranslate=1x",
        "power_mgmt= 1",
        "permissive=1,",
        ",permissive=1",
        "permissive=1,,power_mgmt=0",
        "rdm_policy=",
        "rdm_policy=strictly",
        "=1",
        "x=0123456789012345678901234567890123456789012345678901234567890123",
    };
    xtune_attachment a = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(texts); i++)
        if (xt_pci_options_read(texts[i], &a))
            fail_msg("\"%s\" is not what libxl writes", texts[i]);
}

static void places_in_guests(void **state)
{
    static const char *const wrong[] = { "", "100", "0x28", "28 ", "-1", "g" };
    xtune_attachment a = { .slot = 1, .function = 1 };
    size_t i;

    (void)state;
    assert_true(xt_pci_vdevfn_read("2a", &a));
    assert_int_equal(a.slot, 5);
    assert_int_equal(a.function, 2);
    assert_true(xt_pci_vdevfn_read("ff", &a));
    assert_int_equal(a.slot, 31);
    assert_int_equal(a.function, 7);
    assert_true(xt_pci_vdevfn_read(NULL, &a));
    assert_int_equal(a.slot, XTUNE_NONE);
    assert_int_equal(a.function, 0);
    for (i = 0; i < XT_ARRAY_SIZE(wrong); i++)
        if (xt_pci_vdevfn_read(wrong[i], &a))
            fail_msg("\"%s\" is not a place", wrong[i]);
}

static void drivers(void **state)
{
    static const char *const wrong[] = {
        "",
        "e1000",
        "/sys/bus/pci/drivers",
        "/sys/bus/pci/drivers/",
        "/sys/bus/pci/drivers/..",
        "/sys/bus/pci/drivers/e1000/bind",
        "/sys/bus/pci/drivers/../../../../tmp",
        "/sys/bus/pci/driversx/e1000",
        "/tmp/sys/bus/pci/drivers/e1000",
        "/sys/bus/pci/drivers/e 1000",
    };
    size_t i;

    (void)state;
    assert_string_equal(xt_pci_driver_of_path("/sys/bus/pci/drivers/e1000"),
                        "e1000");
    assert_string_equal(
        xt_pci_driver_of_path("/sys/bus/pci/drivers/snd_hda_intel"),
        "snd_hda_intel");
    for (i = 0; i < XT_ARRAY_SIZE(wrong); i++)
        if (xt_pci_driver_of_path(wrong[i]))
            fail_msg("\"%s\" names no driver", wrong[i]);
    assert_false(xt_pci_is_driver_name("."));
    assert_false(xt_pci_is_driver_name("a/b"));
    assert_true(xt_pci_is_driver_name("ata_piix"));
}

static void expect_answer(const char *line, int code, const char *message)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    assert_int_equal(xt_program_answer("0000:21:00.0", line, &err), code);
    if (!code) {
        assert_null(err);
        return;
    }
    assert_string_equal(err->object, "0000:21:00.0");
    assert_string_equal(err->message, message);
}

static void answer_with_hint(void **state)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    (void)state;
    assert_int_equal(
        xt_program_answer("x", "failed refused it stays\tshut it down", &err),
        XTUNE_ERR_REFUSED);
    assert_string_equal(err->message, "it stays");
    assert_string_equal(err->hint, "shut it down");
}

static void answers(void **state)
{
    (void)state;
    expect_answer("ok", 0, NULL);
    expect_answer("failed refused it is not assignable", XTUNE_ERR_REFUSED,
                  "it is not assignable");
    expect_answer("failed gone the domain is gone", XTUNE_ERR_NOT_FOUND,
                  "the domain is gone");
    expect_answer("failed busy later", XTUNE_ERR_BUSY, "later");
    expect_answer("failed refusedx later", XTUNE_ERR_IO, "later");
    expect_answer("failed io", XTUNE_ERR_IO, "it failed");
    expect_answer("ok 5.0", XTUNE_ERR_IO,
                  "the answer \"ok 5.0\" cannot be read");
    expect_answer("", XTUNE_ERR_IO, "the answer \"\" cannot be read");
}

/* A program that is there on any system; it says a line and ends. */
static void programs(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { "/bin/echo", "ok\nand more", NULL };
    const char *const missing[] = { "/nonexistent/xltune-device", NULL };
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xt_program p;

    (void)state;
    assert_int_equal(xt_program_start(&p, "x", argv, -1, NULL), 0);
    while (xt_program_read(&p))
        continue;
    assert_string_equal(xt_program_take_line(&p, arena), "ok");
    assert_string_equal(xt_program_take_line(&p, arena), "and more");
    assert_null(xt_program_take_line(&p, arena));
    xt_program_finish(&p);
    assert_int_equal(xt_program_start(&p, "x", missing, -1, &err),
                     XTUNE_ERR_IO);
    assert_non_null(strstr(err->message, "xltune-device"));
}

/* Linux must see all of it in one write, and nothing is made where nothing
 * is. */
static void writing(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char folder[] = "/tmp/xltune-write-XXXXXX";
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const char *path;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = xtune_arena_printf(arena, "%s/bind", folder);
    assert_int_equal(xt_dom0_write(path, "x", "0000:21:00.0", NULL, &err),
                     XTUNE_ERR_UNSUPPORTED);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
    xtune_error_free(err);
    err = NULL;
    /* Which is always full. */
    assert_int_equal(
        xt_dom0_write("/dev/full", "x", "0000:21:00.0", "wait", &err),
        XTUNE_ERR_REFUSED);
    assert_string_equal(err->hint, "wait");
    assert_int_equal(
        xt_dom0_write("/dev/null", "x", "0000:21:00.0", NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots),
        cmocka_unit_test(slots_that_are_none),
        cmocka_unit_test(options),
        cmocka_unit_test(options_of_others),
        cmocka_unit_test(options_that_are_none),
        cmocka_unit_test(places_in_guests),
        cmocka_unit_test(drivers),
        cmocka_unit_test(answers),
        cmocka_unit_test(answer_with_hint),
        cmocka_unit_test(programs),
        cmocka_unit_test(writing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
