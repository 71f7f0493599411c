/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Linux tells of USB devices that come and go, and whom we believe. */
#include "util.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/usb_uevent.h"
#include "backend/xen_usb_events.h"
#include "base/util.h"

/* A message of Linux's is a C string of these, with its last zero byte. */
#define PARSE(text, event) xt_usb_uevent_parse(text, sizeof(text), event)

#define DEVICE "/devices/pci0000:00/0000:00:04.0/usb1/1-2/1-2.1"

static void devices_come_and_go(void **state)
{
    xtune_event event;

    (void)state;
    assert_true(PARSE("add@" DEVICE "\0ACTION=add\0DEVPATH=" DEVICE
                      "\0SUBSYSTEM=usb\0MAJOR=189\0MINOR=3\0"
                      "DEVNAME=bus/usb/001/004\0DEVTYPE=usb_device\0"
                      "PRODUCT=951/1666/110\0TYPE=0/0/0\0BUSNUM=001\0"
                      "DEVNUM=004\0SEQNUM=2012",
                      &event));
    assert_int_equal(event.kind, XTUNE_EVENT_USB);
    assert_int_equal(event.domid, XTUNE_NONE);
    assert_string_equal(event.path, "1-2.1");
    assert_true(event.came);
    assert_true(event.is_new);
    assert_true(PARSE("remove@" DEVICE "\0ACTION=remove\0DEVPATH=" DEVICE
                      "\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0SEQNUM=2013",
                      &event));
    assert_string_equal(event.path, "1-2.1");
    assert_false(event.came);
    assert_false(event.is_new);
}

static void interfaces_come(void **state)
{
    xtune_event event;

    (void)state;
    assert_true(PARSE("add@" DEVICE "/1-2.1:1.0\0ACTION=add\0DEVPATH=" DEVICE
                      "/1-2.1:1.0\0SUBSYSTEM=usb\0DEVTYPE=usb_interface",
                      &event));
    assert_string_equal(event.path, "1-2.1");
    assert_true(event.came);
    /* Its device may have been there all the time. */
    assert_false(event.is_new);
    /* They go with their device. */
    assert_false(PARSE("remove@" DEVICE "/1-2.1:1.0\0ACTION=remove\0"
                       "DEVPATH=" DEVICE "/1-2.1:1.0\0SUBSYSTEM=usb\0"
                       "DEVTYPE=usb_interface",
                       &event));
}

static void drivers_let_go(void **state)
{
    xtune_event event;

    (void)state;
    assert_true(PARSE("unbind@" DEVICE "/1-2.1:1.0\0ACTION=unbind\0"
                      "DEVPATH=" DEVICE "/1-2.1:1.0\0SUBSYSTEM=usb\0"
                      "DEVTYPE=usb_interface",
                      &event));
    assert_int_equal(event.kind, XTUNE_EVENT_USB_TAKEN);
    assert_string_equal(event.path, "1-2.1");
    /* Of the device as a whole it means nothing. */
    assert_false(PARSE("unbind@" DEVICE "\0ACTION=unbind\0DEVPATH=" DEVICE
                       "\0SUBSYSTEM=usb\0DEVTYPE=usb_device",
                       &event));
    assert_false(PARSE("bind@" DEVICE "/1-2.1:1.0\0ACTION=bind\0"
                       "DEVPATH=" DEVICE "/1-2.1:1.0\0SUBSYSTEM=usb\0"
                       "DEVTYPE=usb_interface",
                       &event));
}

/* A message of a device at this path, whole. */
static bool takes_path(const char *devpath, const char *devtype)
{
    xtune_event event;
    char text[512];
    int len = snprintf(text, sizeof(text),
                       "add@/x%cACTION=add%cDEVPATH=%s%cSUBSYSTEM=usb%c"
                       "DEVTYPE=%s",
                       0, 0, devpath, 0, 0, devtype);

    return xt_usb_uevent_parse(text, (size_t)len + 1, &event);
}

static void paths_are_read_strictly(void **state)
{
    static const char *const paths[] = {
        "",
        "1-2",
        "/",
        "/devices/usb1",
        "/devices/usb1/1-0:1.0",
        "/devices/1-2/",
        "/devices/1-",
        "/devices/01-2",
        "/devices/1-2.",
        "/devices/1-2x",
        "/devices/../1-2;reboot",
        "/devices/4294967297-2",
        "/devices/1-2.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"
        ".1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
    };
    size_t i;

    (void)state;
    assert_true(takes_path("/devices/usb1/1-2", "usb_device"));
    for (i = 0; i < XT_ARRAY_SIZE(paths); i++)
        if (takes_path(paths[i], "usb_device")) fail_msg("%s", paths[i]);
    /* Each must be what it says that it is. */
    assert_false(takes_path("/devices/usb1/1-2:1.0", "usb_device"));
    assert_false(takes_path("/devices/usb1/1-2", "usb_interface"));
    assert_false(takes_path("/devices/usb1/1-2", "usb_port"));
}

static void others_are_left_out(void **state)
{
    xtune_event event;

    (void)state;
    assert_false(PARSE("add@/devices/x/1-2\0ACTION=add\0"
                       "DEVPATH=/devices/x/1-2\0SUBSYSTEM=net\0"
                       "DEVTYPE=usb_device",
                       &event));
    assert_false(PARSE("change@" DEVICE "\0ACTION=change\0DEVPATH=" DEVICE
                       "\0SUBSYSTEM=usb\0DEVTYPE=usb_device",
                       &event));
    /* Of udevd. */
    assert_false(PARSE("libudev\0\xfe\xed\xca\xfe", &event));
}

static void what_is_cut_off_is_left_out(void **state)
{
    static const char text[] = "add@" DEVICE "\0ACTION=add\0DEVPATH=" DEVICE
                               "\0SUBSYSTEM=usb\0DEVTYPE=usb_device";
    char copy[sizeof(text)];
    xtune_event event;
    size_t len;

    (void)state;
    assert_true(xt_usb_uevent_parse(text, sizeof(text), &event));
    for (len = 0; len < sizeof(text); len++) {
        /* In memory that ends where it ends. */
        char *part = xt_xrealloc(NULL, len + 1, 1);

        memcpy(part, text, len);
        assert_false(xt_usb_uevent_parse(part, len, &event));
        free(part);
    }
    for (len = 0; len < sizeof(text); len++) {
        memcpy(copy, text, sizeof(text));
        copy[len] = '\xff';
        (void)xt_usb_uevent_parse(copy, sizeof(copy), &event);
    }
    memset(copy, 0, sizeof(copy));
    assert_false(xt_usb_uevent_parse(copy, sizeof(copy), &event));
}

static int send_to(int fd, const char *bytes, size_t len)
{
    struct sockaddr_nl to;
    socklen_t size = sizeof(to);

    assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &size), 0);
    to.nl_groups = 1;
    return sendto(fd, bytes, len, 0, (struct sockaddr *)&to, size) < 0 ? errno
                                                                       : 0;
}

/* Of a process that may send at all, which takes CAP_NET_ADMIN. */
static void only_the_kernel_is_believed(void **state)
{
    static const char text[] = "add@" DEVICE "\0ACTION=add\0DEVPATH=" DEVICE
                               "\0SUBSYSTEM=usb\0DEVTYPE=usb_device";
    xtune_error *err = NULL;
    xtune_event event;
    bool found = true;
    int fd, sent;

    (void)state;
    if (xt_xen_usb_events_open(&fd, &err)) {
        assert_int_equal(err->code, XTUNE_ERR_IO);
        xtune_error_free(err);
        skip();
    }
    sent = send_to(fd, text, sizeof(text));
    assert_int_equal(xt_xen_usb_events_next(fd, &found, &event, NULL), 0);
    assert_false(found);
    close(fd);
    if (sent) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_come_and_go),
        cmocka_unit_test(interfaces_come),
        cmocka_unit_test(drivers_let_go),
        cmocka_unit_test(paths_are_read_strictly),
        cmocka_unit_test(others_are_left_out),
        cmocka_unit_test(what_is_cut_off_is_left_out),
        cmocka_unit_test(only_the_kernel_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
