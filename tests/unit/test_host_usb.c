/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices, guests' controllers, the usb-policy and the machine as JSON. */
#include <xtune/host.h>

#include "base/util.h"
#include "host/usb_device.h"
#include "host_text.h"

#define HEAD "{\"schema\": \"xtune/host/1\", "
#define IDS "\"vendor\": \"0951\", \"product\": \"1666\""
#define DEVICE(path, address)                                                 \
    "{\"path\": \"" path "\", \"bus\": 1, \"address\": " address ", " IDS
#define STICK DEVICE("1-2", "4")
#define DOMAIN(id, usb)                                                       \
    "{\"id\": " id ", \"name\": \"d" id                                       \
    "\", \"memory_kb\": 1, \"usb\": [" usb "]}"
#define CONTROLLER(id, ports)                                                 \
    "{\"id\": " id ", \"type\": \"devicemodel\", \"version\": 2, "            \
    "\"backend\": 0, \"ports\": [" ports "]}"

/* A host from before there were such members is printed as it was. */
static void test_none(void **state)
{
    xtune_host *host = host_of(HEAD "\"domains\": []}");
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);

    (void)state;
    assert_false(host->has_usb);
    assert_null(strstr(text, "usb"));
    assert_null(strstr(text, "machine"));
    xtune_host_free(host);
    host = host_of(HEAD "\"usb\": [], \"usb_rules\": {}, \"machine\": {}}");
    assert_true(host->has_usb);
    assert_false(host->has_usbback);
    assert_int_equal(host->nr_usb, 0);
    expect_canonical(host);
    xtune_host_free(host);
    host = host_of(HEAD "\"usb\": [], \"usbback\": true}");
    assert_true(host->has_usbback);
    expect_canonical(host);
    xtune_host_free(host);
}

static void test_unknown(void **state)
{
    xtune_host *host = host_of(HEAD "\"usb\": [" STICK "}]}");
    const xtune_usb *usb = &host->usb[0];

    (void)state;
    assert_true(host->has_usb);
    assert_int_equal(usb->class_code, XTUNE_NONE);
    assert_null(usb->release);
    assert_null(usb->serial);
    assert_null(usb->uses);
    assert_false(usb->configured);
    assert_int_equal(usb->nr_interfaces, 0);
    assert_null(host->usb_rules.text);
    assert_null(host->machine.uuid);
    expect_canonical(host);
    xtune_host_free(host);
}

static const char all[] = HEAD "\"usb\": [" DEVICE(
    "1-10",
    "9") "}, " STICK
         ", \"release\": \"0110\", \"class\": \"EF\", \"version\": \"2.00\", "
         "\"speed\": \"1.5\", \"serial\": \"S 1\", \"vendor_desc\": \"Kingston\", "
         "\"product_desc\": \"Stick\", \"manufacturer\": \"K\", \"model\": \"M\", "
         "\"configured\": true, \"later\": 1, \"interfaces\": ["
         "{\"number\": 1, \"class\": \"08\", \"subclass\": \"06\", \"protocol\": "
         "\"50\", \"driver\": null, \"later\": [2]}, "
         "{\"number\": 0, \"class\": \"03\", \"subclass\": \"00\", \"protocol\": "
         "\"00\", \"driver\": \"usbhid\"}], \"controller\": \"0000:00:14.0\", "
         "\"uses\": [{\"kind\": \"mount\", \"what\": \"/srv\", \"through\": "
         "[\"sda1\"]}]}], "
         "\"usb_rules\": {\"file\": \"/f\", \"text\": \"ALLOW:\\n\", \"later\": 3}, "
         "\"machine\": {\"uuid\": \"AAAAAAAA-0000-0000-0000-000000000000\", "
         "\"boot_id\": \"11111111-0000-0000-0000-000000000000\", \"later\": 4}, "
         "\"domains\": [" DOMAIN(
             "1",
             CONTROLLER(
                 "7",
                 "null, \"1-2\"") ", "
                                  "{\"id\": 3, \"type\": \"qusb\", \"version\": 1, \"backend\": 0, "
                                  "\"state\": 4, \"ports\": [null], \"later\": 5}") ", " DOMAIN("2",
                                                                                                "") "]}";

static void test_devices(void **state)
{
    xtune_host *host = host_of(all);
    const xtune_usb *usb = &host->usb[0];

    (void)state;
    assert_string_equal(host->usb[1].path, "1-10");
    assert_string_equal(usb->path, "1-2");
    assert_int_equal(usb->class_code, 0xef);
    assert_string_equal(usb->serial, "S 1");
    assert_true(usb->configured);
    assert_int_equal(usb->nr_interfaces, 2);
    assert_string_equal(usb->interfaces[0].driver, "usbhid");
    assert_int_equal(usb->interfaces[1].number, 1);
    assert_int_equal(usb->interfaces[1].protocol, 0x50);
    assert_null(usb->interfaces[1].driver);
    assert_string_equal(usb->uses[0].through[0], "sda1");
    assert_string_equal(host->usb_rules.text, "ALLOW:\n");
    assert_string_equal(host->machine.uuid,
                        "aaaaaaaa-0000-0000-0000-000000000000");
    expect_canonical(host);
    xtune_host_free(host);
}

static void test_controllers(void **state)
{
    xtune_host *host = host_of(all);
    const xtune_domain *domain = &host->domains[0];

    (void)state;
    assert_int_equal(domain->nr_usb, 2);
    assert_int_equal(domain->usb[0].id, 3);
    assert_string_equal(domain->usb[0].type, "qusb");
    assert_int_equal(domain->usb[0].state, 4);
    assert_int_equal(domain->usb[1].state, XTUNE_NONE);
    assert_int_equal(domain->usb[1].nr_ports, 2);
    assert_null(domain->usb[1].ports[0]);
    assert_string_equal(domain->usb[1].ports[1], "1-2");
    assert_non_null(host->domains[1].usb);
    assert_int_equal(host->domains[1].nr_usb, 0);
    xtune_host_free(host);
}

/* What another version wrote stays where it was. */
static void test_later(void **state)
{
    xtune_host *host = host_of(all);
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);
    const char *p = text;
    size_t nr = 0;

    (void)state;
    for (; (p = strstr(p, "\"later\"")); p++)
        nr++;
    assert_int_equal(nr, 5);
    xtune_host_free(host);
}

static void test_paths(void **state)
{
    static const char *const good[] = { "1-1", "255-255", "2-1.4.3.2.1.6" };
    static const char *const bad[] = {
        "",
        "1",
        "1-",
        "-1",
        "1-0",
        "0-1",
        "01-1",
        "1-01",
        "1-1.",
        "1-.1",
        "1..1",
        "1-1:",
        "1-1:1.0",
        "usb1",
        "256-1",
        "1-256",
        "1-1 ",
        " 1-1",
        "1-1.1.1.1.1.1.1",
        "1-99999999999999999999",
    };
    uint32_t bus = 0;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++)
        assert_true(xt_usb_path_is_valid(good[i], &bus));
    assert_int_equal(bus, 2);
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++)
        if (xt_usb_path_is_valid(bad[i], &bus))
            fail_msg("\"%s\" is a path", bad[i]);
    assert_true(xt_usb_compare_paths("1-2", "1-2.1") < 0);
    assert_true(xt_usb_compare_paths("1-2.9", "1-10") < 0);
    assert_true(xt_usb_compare_paths("10-1", "2-1") > 0);
}

#define USB(text) "\"usb\": [" text "]"
#define FACE(number, byte)                                                    \
    "{\"number\": " number ", \"class\": \"" byte "\", \"subclass\": \"00\"," \
    " \"protocol\": \"00\"}"
#define DOMAINS(text) "\"domains\": [" text "]"

static const struct {
    const char *text, *part;
} refused[] = {
    { USB(DEVICE("2-1", "4") "}"), "2-1 is on bus 1" },
    { USB(DEVICE("1-1:1.0", "4") "}"), "\"1-1:1.0\" is no path" },
    { USB(DEVICE("1-1", "0") "}"), "1-1 has no address" },
    { USB(DEVICE("1-1", "128") "}"), "0 to 127" },
    { USB(STICK "}, " DEVICE("1-2", "5") "}"), "1-2 is there twice" },
    { USB(STICK "}, " DEVICE("1-3", "4") "}"), "address 4 of USB bus 1" },
    { USB("{\"path\": \"1-2\", \"bus\": 1, \"address\": 4, \"product\": "
          "\"1666\"}"),
      "vendor" },
    { USB(STICK ", \"release\": \"110\"}"), "4 hexadecimal digits" },
    { USB(STICK ", \"release\": \"01FF\"}"), "4 hexadecimal digits" },
    { USB(STICK ", \"class\": \"8\"}"), "two hexadecimal digits" },
    { USB(STICK ", \"class\": 8}"), "two hexadecimal digits" },
    { USB(STICK ", \"speed\": \"480M\"}"), "no decimal number" },
    { USB(STICK ", \"speed\": \"480.\"}"), "no decimal number" },
    { USB(STICK ", \"version\": \"\"}"), "no decimal number" },
    { USB(STICK ", \"controller\": \"00:14.0\"}"), "no PCI address" },
    { USB(STICK
          ", \"interfaces\": [" FACE("0", "08") "," FACE("0", "03") "]}"),
      "interface 0 twice" },
    { USB(STICK ", \"interfaces\": [" FACE("256", "08") "]}"), "255" },
    { USB(STICK ", \"interfaces\": [{\"number\": 0}]}"), "class" },
    { USB(STICK ", \"uses\": [{\"kind\": \"mount\"}]}"), "what" },
    { "\"usb\": {}", "usb" },
    { "\"usbback\": 1", "usbback" },
    { "\"usb_rules\": []", "usb_rules" },
    { "\"machine\": {\"uuid\": \"x\"}", "no uuid" },
    { "\"machine\": {\"boot_id\": 1}", "no uuid" },
    { DOMAINS(DOMAIN("1", CONTROLLER("0", "") "")), "0 ports" },
    { DOMAINS(DOMAIN("1", CONTROLLER("0", "\"1\"") "")), "no path" },
    { DOMAINS(DOMAIN("1", CONTROLLER("0", "1") "")), "no path" },
    { DOMAINS(
          DOMAIN("1", CONTROLLER("0", "null") "," CONTROLLER("0", "null"))),
      "controller 0 is there twice" },
    { DOMAINS(DOMAIN("1", "{\"id\": 0, \"type\": \"auto\", \"version\": 1, "
                          "\"backend\": 0, \"ports\": [null]}")),
      "auto" },
    { DOMAINS(DOMAIN("1", "{\"id\": 0, \"type\": \"pv\", \"version\": 4, "
                          "\"backend\": 0, \"ports\": [null]}")),
      "0 to 3" },
    { DOMAINS(DOMAIN("1", "{\"id\": 0, \"type\": \"pv\", \"version\": 0, "
                          "\"backend\": 0, \"ports\": [null]}")),
      "of USB 0" },
};

static void test_refused(void **state)
{
    xtune_host *host;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(refused); i++) {
        XT_CLEANUP_FREE char *text = xt_xprintf(HEAD "%s}", refused[i].text);
        xtune_error *err = NULL;

        check_error(xtune_host_from_json(text, strlen(text), "h", &host, &err),
                    &err, XTUNE_ERR_INVALID, refused[i].part);
    }
}

static void test_too_many_ports(void **state)
{
    char ports[6 * (XT_USB_MAX_PORTS + 1) + 1] = "null";
    xtune_error *err = NULL;
    xtune_host *host;
    char *text;
    int i;

    (void)state;
    for (i = 1; i <= XT_USB_MAX_PORTS; i++) {
        text = xt_xprintf(HEAD DOMAINS(DOMAIN("1", CONTROLLER("0", "%s"))) "}",
                          ports);
        xtune_host_free(host_of(text));
        free(text);
        strcat(ports, ", null");
    }
    text = xt_xprintf(HEAD DOMAINS(DOMAIN("1", CONTROLLER("0", "%s"))) "}",
                      ports);
    check_error(xtune_host_from_json(text, strlen(text), "h", &host, &err),
                &err, XTUNE_ERR_INVALID, "32 ports");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),    cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_devices), cmocka_unit_test(test_controllers),
        cmocka_unit_test(test_later),   cmocka_unit_test(test_paths),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_too_many_ports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
