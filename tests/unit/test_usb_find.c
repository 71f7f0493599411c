/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The device that words mean. */
#include "usb_host.h"

/* Sticks with numbers of their own, two devices of one number, two without
 * one. */
static const char *const many[] = {
    STICK("1-1", "2", SERIAL("60A44C")),
    STICK("1-2.1", "10", SERIAL("A,B")),
    STICK("1-11", "11", SERIAL("A\\\"B\\\\")),
    USB("1-3", "4", "046d", "c31c", SERIAL("SAME")),
    USB("1-4", "5", "046d", "c31c", SERIAL("SAME")),
    USB("1-5", "6", "046d", "c52b", ""),
    USB("1-10", "8", "046d", "c52b", SERIAL("0000:0000")),
    NULL,
};

static xtune_host *many_devices(void)
{
    return usb_host(many, NONE, "");
}

static void means(const char *words, const char *path)
{
    xtune_host *host = many_devices();
    const xtune_usb *usb = NULL;
    xtune_error *err = NULL;

    if (xtune_usb_find(host, words, &usb, &err))
        fail_msg("%s: %s", words, err->message);
    assert_string_equal(usb->path, path);
    xtune_host_free(host);
}

static void means_none(const char *words, int code, const char *part)
{
    xtune_host *host = many_devices();
    const xtune_usb *usb;
    xtune_error *err = NULL;
    int rc = xtune_usb_find(host, words, &usb, &err);

    if (rc != code) fail_msg("\"%s\": %d, not %d", words, rc, code);
    check_error(rc, &err, code, part);
    xtune_host_free(host);
}

static void test_find(void **state)
{
    (void)state;
    means("1-1", "1-1");
    means("1-10", "1-10");
    means("port=1-2.1", "1-2.1");
    means("serial=60A44C", "1-1");
    means("0951:1666,serial=60A44C", "1-1");
    means("serial=60A44C,0951:1666,port=1-1", "1-1");
    means("046D:C31C,1-4", "1-4");
    means("hostbus=1,hostaddr=10", "1-2.1");
    /* As lsusb prints it, not as octal. */
    means("hostbus=001,hostaddr=010", "1-2.1");
    means("hostaddr=8", "1-10");
    means("serial=\"A,B\"", "1-2.1");
    means("serial=\"60A44C\",port=1-1", "1-1");
    means("port=\"1-1\"", "1-1");
    means("\"1-1\"", "1-1");
    means("serial=A\"B\\", "1-11");
    means("serial=\"A\\\"B\\\\\",0951:1666", "1-11");
}

static void test_find_none(void **state)
{
    (void)state;
    means_none("1-7", XTUNE_ERR_NOT_FOUND, "plugged in");
    means_none("1-1,serial=SAME", XTUNE_ERR_NOT_FOUND, "plugged in");
    means_none("serial=60a44c", XTUNE_ERR_NOT_FOUND, "plugged in");
    means_none("serial=A", XTUNE_ERR_NOT_FOUND, "plugged in");
    means_none("hostbus=2,hostaddr=4", XTUNE_ERR_NOT_FOUND, "plugged in");
    /* 260 is 4 in 8 bits, and 4294967300 in 32. */
    means_none("hostaddr=260", XTUNE_ERR_NOT_FOUND, "plugged in");
    means_none("hostaddr=4294967300", XTUNE_ERR_INVALID, "decimal number");
    means_none("0951:1666", XTUNE_ERR_INVALID,
               "3 devices: 1-1, 1-2.1 and 1-11");
    means_none("hostbus=1", XTUNE_ERR_INVALID,
               "7 devices: 1-1, 1-2.1, 1-3, 1-4, 1-5 and 2 more");
    means_none("serial=SAME", XTUNE_ERR_INVALID, "1-3 and 1-4");
}

/* Words that are none. */
static void test_no_words(void **state)
{
    static const char *const words[] = {
        "",
        ",",
        "1-1,",
        ",1-1",
        "1-1,,1-1",
        " 1-1",
        "1-1 ",
        "1",
        "1-",
        "1-0",
        "1-01",
        "01-1",
        "1-1.",
        "1-1.0",
        "1.1",
        "1-1:1.0",
        "usb1",
        "951:1666",
        "0951:16666",
        "0951:166g",
        "0951",
        "0951:1666:0110",
        "port=",
        "port=1",
        "Port=1-1",
        "bus=1",
        "uuid=",
        "uuid=60A44C",
        "serial=",
        "serial=\"\"",
        "serial=\"60A44C",
        "serial=\"60A44C\"x",
        "serial=\"",
        "hostbus=",
        "hostbus=0x1",
        "hostbus=-1",
        "hostbus=+1",
        "hostbus= 1",
        "hostaddr=2.0",
        "\"",

        "1-1=",
        "1-1.1.1.1.1.1.1",
        "uuid=90448c2d11d96-5980-a431-4b152e55f6d4",
        "uuid=90448c2d-1d96-5980-a431-4b152e55f6d40",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(words); i++)
        means_none(words[i], XTUNE_ERR_INVALID, "");
    means_none("port=x", XTUNE_ERR_INVALID, "\"port=x\": a port comes behind");
    means_none("1-1,x", XTUNE_ERR_INVALID, "\"x\" says nothing");
}

static void test_find_uuid(void **state)
{
    (void)state;
    /* By serial number, port and both; of the PUSB and of its group. */
    means("uuid=90448c2d-1d96-5980-a431-4b152e55f6d4", "1-1");
    means("uuid=90448C2D-1D96-5980-A431-4B152E55F6D4", "1-1");
    means("uuid=4537097b-b310-53f2-90f2-73fca78aa9dc", "1-1");
    means_none("uuid=29028854-d1f3-598e-852a-fd8bb3bcdebb",
               XTUNE_ERR_NOT_FOUND, "plugged in");
}

static void test_find_unknown(void **state)
{
    static const char text[] = "{\"schema\": \"xtune/host/1\"}";
    const xtune_usb *usb;
    xtune_error *err = NULL;
    xtune_host *host;
    int rc;

    (void)state;
    assert_int_equal(
        xtune_host_from_json(text, strlen(text), "h", &host, NULL), 0);
    rc = xtune_usb_find(host, "1-1", &usb, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "not known");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),         cmocka_unit_test(test_find_none),
        cmocka_unit_test(test_no_words),     cmocka_unit_test(test_find_uuid),
        cmocka_unit_test(test_find_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
