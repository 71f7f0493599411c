/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices in trees that are not as a kernel makes them; and what tells one
 * host from another. */
#include "backend/dom0_machine.h"
#include "dom0_tree.h"

#define CARD "/sys/devices/pci0000:00/0000:00:14.0"
#define STICK CARD "/usb1/1-2"

static void put_in(const fixture *f, const char *folder, const char *name,
                   const char *text)
{
    put(f, xtune_arena_printf(f->arena, "%s/%s", folder, name), text);
}

static void put_files(const fixture *f, const char *path, const char *bus,
                      const char *address)
{
    put_in(f, path, "busnum", bus);
    put_in(f, path, "devnum", address);
    put_in(f, path, "idVendor", "0951\n");
    put_in(f, path, "idProduct", "1666\n");
    put_in(f, path, "bConfigurationValue", "1\n");
    put_in(f, path, "bNumInterfaces", " 1\n");
}

/* The last part of the path is its name. */
static void put_usb(const fixture *f, const char *path, const char *bus,
                    const char *address)
{
    put_files(f, path, bus, address);
    lead(f,
         xtune_arena_printf(f->arena, "/sys/bus/usb/devices/%s",
                            xt_dom0_base(path)),
         path);
}

static void put_face(const fixture *f, const char *path, const char *number)
{
    put_in(f, path, "bInterfaceNumber", number);
    put_in(f, path, "bInterfaceClass", "08\n");
    put_in(f, path, "bInterfaceSubClass", "06\n");
    put_in(f, path, "bInterfaceProtocol", "50\n");
}

static void put_stick(const fixture *f)
{
    put_usb(f, STICK, "1\n", "4\n");
    put_face(f, STICK "/1-2:1.0", "00\n");
}

static xtune_host *read_usb(const fixture *f)
{
    xtune_host *host = xtune_host_new();

    xt_dom0_read_devices(f->root, XTUNE_OBSERVE_USB, host);
    assert_true(host->has_usb);
    return host;
}

static xtune_host *read_one(const fixture *f)
{
    xtune_host *host = read_usb(f);

    assert_int_equal(host->nr_usb, 1);
    return host;
}

static void test_none(void **state)
{
    const fixture *f = *state;
    xtune_host *host = read_usb(f);

    assert_int_equal(host->nr_usb, 0);
    assert_false(host->has_usbback);
    xtune_host_free(host);
    put(f, "/sys/bus/usb/drivers/usbback/bind", "");
    host = read_usb(f);
    assert_true(host->has_usbback);
    xtune_host_free(host);
}

static void test_stick(void **state)
{
    const fixture *f = *state;
    const xtune_usb *usb;
    xtune_host *host;

    put_stick(f);
    put_in(f, STICK, "version", " 2.10\n");
    put_in(f, STICK, "speed", "480\n");
    put_in(f, STICK, "serial", "  A \x1b[2J\xff \nB\n");
    put_in(f, STICK, "product", " \n");
    lead(f, STICK "/1-2:1.0/driver", "/sys/bus/usb/drivers/usb-storage");
    host = read_one(f);
    usb = &host->usb[0];
    assert_string_equal(usb->path, "1-2");
    assert_int_equal(usb->bus, 1);
    assert_int_equal(usb->address, 4);
    assert_string_equal(usb->version, "2.10");
    assert_string_equal(usb->speed, "480");
    assert_string_equal(usb->serial, "A ?[2J?");
    assert_null(usb->model);
    assert_null(usb->release);
    assert_int_equal(usb->class_code, XTUNE_NONE);
    assert_true(usb->configured);
    assert_string_equal(usb->interfaces[0].driver, "usb-storage");
    assert_string_equal(usb->controller, "0000:00:14.0");
    assert_non_null(usb->uses);
    assert_false(host->has_pci_details);
    assert_int_equal(host->nr_pci, 0);
    xtune_host_free(host);
}

/* What is no such number or name is not known, or there is no device. */
static void test_values(void **state)
{
    static const struct {
        const char *name, *text;
        bool is_device, is_configured;
    } cases[] = {
        { "busnum", "2\n", false, false },
        { "busnum", "0x1\n", false, false },
        { "busnum", "", false, false },
        { "devnum", "0\n", false, false },
        { "devnum", "128\n", false, false },
        { "devnum", "127\n", true, true },
        { "idVendor", "951\n", false, false },
        { "idVendor", "0951 1\n", false, false },
        { "idVendor", "095G\n", false, false },
        { "idVendor", "0AbC\n", false, false },
        { "idProduct", "", false, false },
        { "bcdDevice", "1\n", true, true },
        { "version", " a.00\n", true, true },
        { "speed", "unknown\n", true, true },
        { "bDeviceClass", "100\n", true, true },
        { "bConfigurationValue", "\n", true, false },
        { "bConfigurationValue", "2\n", true, false },
        { "bConfigurationValue", "256\n", true, false },
        { "bNumInterfaces", "\n", true, false },
        { "bNumInterfaces", " 0\n", true, false },
        { "bNumInterfaces", " 2\n", true, false },
        { "bNumInterfaces", "1 1\n", true, false },
        { "1-2:1.0/bInterfaceNumber", "01\n", true, false },
        { "1-2:1.0/bInterfaceClass", "\n", true, false },
        { "1-2:1.0/bInterfaceSubClass", "1ff\n", true, false },
        { "1-2:1.0/bInterfaceProtocol", "-1\n", true, false },
    };
    const fixture *f = *state;
    xtune_host *host;
    size_t i;

    put_stick(f);
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        put_in(f, STICK, cases[i].name, cases[i].text);
        host = read_usb(f);
        if (host->nr_usb != cases[i].is_device)
            fail_msg("%s: %s", cases[i].name, cases[i].text);
        if (host->nr_usb) {
            const xtune_usb *usb = &host->usb[0];

            if (usb->configured != cases[i].is_configured)
                fail_msg("%s: %s", cases[i].name, cases[i].text);
            assert_null(usb->release);
            assert_null(usb->version);
            assert_null(usb->speed);
            assert_int_equal(usb->class_code, XTUNE_NONE);
            assert_int_equal(xtune_host_check(host, "h", NULL), 0);
        }
        xtune_host_free(host);
        unlink(
            xt_path(f->arena, f->root,
                    xtune_arena_printf(f->arena, STICK "/%s", cases[i].name)));
        put_files(f, STICK, "1\n", "4\n");
        put_face(f, STICK "/1-2:1.0", "00\n");
    }
}

/* Of the folders in a device's own only some are interfaces of it now. */
static void test_interfaces(void **state)
{
    static const char *const others[] = {
        "1-2:2.0", "1-2:1.", "1-2:1.x", "1-2:1.0.0", "1-20:1.0", "1-2:1.256",
    };
    const fixture *f = *state;
    xtune_host *host;
    size_t i;

    put_stick(f);
    for (i = 0; i < XT_ARRAY_SIZE(others); i++)
        put_face(f, xtune_arena_printf(f->arena, STICK "/%s", others[i]),
                 "00\n");
    host = read_one(f);
    assert_true(host->usb[0].configured);
    assert_int_equal(host->usb[0].nr_interfaces, 1);
    xtune_host_free(host);
    /* By their numbers, of which some may be left out. */
    put_face(f, STICK "/1-2:1.10", "0a\n");
    put_face(f, STICK "/1-2:1.2", "02\n");
    put_in(f, STICK, "bNumInterfaces", " 3\n");
    host = read_one(f);
    assert_true(host->usb[0].configured);
    assert_int_equal(host->usb[0].interfaces[1].number, 2);
    assert_int_equal(host->usb[0].interfaces[2].number, 10);
    xtune_host_free(host);
}

static void test_many_interfaces(void **state)
{
    const fixture *f = *state;
    xtune_host *host;
    unsigned int i;

    put_stick(f);
    for (i = 1; i < 250; i++)
        put_face(f, xtune_arena_printf(f->arena, STICK "/1-2:1.%u", i),
                 xtune_arena_printf(f->arena, "%02x\n", i));
    put_in(f, STICK, "bNumInterfaces", "250\n");
    host = read_one(f);
    assert_false(host->usb[0].configured);
    assert_true(host->usb[0].nr_interfaces <= 32);
    xtune_host_free(host);
}

static void put_keyboard(const fixture *f, const char *device)
{
    const char *path =
        xtune_arena_printf(f->arena, "%s/x/input/input3", device);

    put_in(f, path, "name", "keys\n");
    put_in(f, path, "capabilities/ev", "120013\n");
    put_in(f, path, "capabilities/key", "fffffffffffffffe\n");
    lead(f, "/sys/class/input/input3", path);
}

/* A device behind a hub is not the hub's; that of a disk's partition is. */
static void test_uses(void **state)
{
    static const char hub[] = STICK, keyboard[] = STICK "/1-2.1";
    static const char disk[] = CARD "/usb1/1-3/h/block/sdb";
    const fixture *f = *state;
    xtune_host *host;

    put_device(f, CARD, "0x0c0330\n");
    put_stick(f);
    put_usb(f, keyboard, "1\n", "5\n");
    put_usb(f, CARD "/usb1/1-3", "1\n", "6\n");
    put_keyboard(f, keyboard);
    put_block(f, disk, "8:16\n");
    put_block(f, CARD "/usb1/1-3/h/block/sdb/sdb1", "8:17\n");
    put(f, CARD "/usb1/1-3/h/block/sdb/sdb1/partition", "1\n");
    put(f, "/proc/mounts", "/dev/sdb1 /srv ext4 rw 0 0\n");
    host = read_usb(f);
    assert_int_equal(host->nr_usb, 3);
    assert_string_equal(xt_dom0_base(hub), host->usb[0].path);
    assert_int_equal(host->usb[0].nr_uses, 0);
    assert_int_equal(host->usb[1].nr_uses, 1);
    assert_string_equal(host->usb[1].uses[0].kind, "keyboard");
    assert_int_equal(host->usb[2].nr_uses, 1);
    assert_string_equal(host->usb[2].uses[0].what, "/srv");
    xtune_host_free(host);
    /* The same when both kinds are looked at, for each. */
    host = xtune_host_new();
    xt_dom0_read_devices(f->root,
                         XTUNE_OBSERVE_USB | XTUNE_OBSERVE_PCI_DETAILS, host);
    assert_int_equal(host->nr_pci, 1);
    assert_int_equal(host->pci[0].nr_uses, 2);
    assert_int_equal(host->usb[0].nr_uses, 0);
    assert_int_equal(host->usb[1].nr_uses, 1);
    assert_int_equal(host->usb[2].nr_uses, 1);
    xtune_host_free(host);
}

/* That what is mounted cannot be read matters to disks alone. */
static void test_unknown(void **state)
{
    const fixture *f = *state;
    xtune_host *host;

    put_stick(f);
    put_usb(f, CARD "/usb1/1-3", "1\n", "6\n");
    put_block(f, CARD "/usb1/1-3/h/block/sdb", "8:16\n");
    host = read_usb(f);
    assert_non_null(host->usb[0].uses);
    assert_null(host->usb[1].uses);
    xtune_host_free(host);
    put(f, "/proc/mounts", "");
    host = read_usb(f);
    assert_non_null(host->usb[1].uses);
    xtune_host_free(host);
}

static void check_machine(const fixture *f, const char *uuid,
                          const char *boot_id)
{
    xtune_machine machine = { .uuid = NULL };

    xt_dom0_read_machine(f->root, f->arena, &machine);
    if (uuid)
        assert_string_equal(machine.uuid, uuid);
    else
        assert_null(machine.uuid);
    if (boot_id)
        assert_string_equal(machine.boot_id, boot_id);
    else
        assert_null(machine.boot_id);
}

#define ID "3e2f1d0c4b5a69788796a5b4c3d2e1f0"
#define DERIVED "e8b20eb2-06f4-596d-924a-61852285de5e"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* The one that is derived is the same for ever. */
static void test_machine(void **state)
{
    static const char *const none[] = { "",       ID "0\n", "uninitialized\n",
                                        ID "x\n", "0\n",    " \n" };
    const fixture *f = *state;
    size_t i;

    check_machine(f, NULL, NULL);
    put(f, "/etc/machine-id", ID "\n");
    check_machine(f, DERIVED, NULL);
    put(f, "/etc/machine-id", "3e2f1d0c4b5a69788796a5b4c3d2e1f1\n");
    check_machine(f, "25be1c62-5f1a-5685-ab90-85c6b9515735", NULL);
    for (i = 0; i < XT_ARRAY_SIZE(none); i++) {
        put(f, "/etc/machine-id", none[i]);
        check_machine(f, NULL, NULL);
    }
    put(f, "/etc/machine-id", ID "\n");
    put(f, "/etc/xensource-inventory",
        "#INSTALLATION_UUID='0'\n"
        "XINSTALLATION_UUID='1'\n"
        "INSTALLATION_UUID='11111111-2222-3333-4444-55555555555\n"
        "INSTALLATION_UUID=\"AAAAAAAA-2222-3333-4444-555555555555\"\n"
        "Z='1'");
    check_machine(f, "aaaaaaaa-2222-3333-4444-555555555555", NULL);
    put(f, "/etc/xensource-inventory",
        "INSTALLATION_UUID='11111111-2222-3333-4444-55555555555'\n");
    check_machine(f, DERIVED, NULL);
    put(f, BOOT_ID, "0f6d8f2e-5b7a-4c1d-9e3f-2a1b0c9d8e7f\n");
    check_machine(f, DERIVED, "0f6d8f2e-5b7a-4c1d-9e3f-2a1b0c9d8e7f");
    put(f, BOOT_ID, "0f6d8f2e-5b7a-4c1d-9e3f-2a1b0c9d8e7f0\n");
    check_machine(f, DERIVED, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_none),       TEST(test_stick),           TEST(test_values),
        TEST(test_interfaces), TEST(test_many_interfaces), TEST(test_uses),
        TEST(test_unknown),    TEST(test_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
