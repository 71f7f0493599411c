/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host with USB devices and guests in memory, which changes as one in a file
 * does. */
#ifndef TEST_USB_SNAPSHOT_H
#define TEST_USB_SNAPSHOT_H

#include "usb_host.h"

#include "backend/backend.h"
#include "base/json.h"

static const char *const devices[] = {
    STICK("1-1", "2", SERIAL("60A44C")),
    /* A reader of cards, with a pad of keys. */
    USB("1-2", "3", "0bda", "0129",
        SPEED("12") INTERFACES(
            INTERFACE("0", "ff", "06", "50", "'rtsx_usb'") ", " INTERFACE(
                "2", "03", "01", "01", "'usbhid'"))),
    USB("1-3", "4", "0bda", "5411",
        SPEED("480") INTERFACES(INTERFACE("0", "09", "00", "02", "'hub'"))),
    USB("1-7", "9", "0951", "1667",
        SPEED("5000") INTERFACES(INTERFACE("0", "08", "06", "62", "'uas'"))),
    "{'path': '1-4', 'bus': 1, 'address': 5, 'vendor': '0951', "
    "'product': '1666'}",
    NULL,
};

static const char *const guests[] = {
    DOMAIN(
        "1", "web1", "hvm",
        CONTROLLER("0", "devicemodel", "1", "null, null") ", " CONTROLLER(
            "1", "devicemodel", "2",
            "null, null, null, null, null, null") ", " CONTROLLER("4",
                                                                  "devicemodel",
                                                                  "3",
                                                                  "null, null")),
    DOMAIN("2", "old1", "pv",
           CONTROLLER("0", "qusb", "2", "null") ", " CONTROLLER(
               "1", "pv", "2",
               "null") ", "
                       "{'id': 2, 'type': 'pv', 'version': 2, 'backend': 3, "
                       "'ports': [null]}"),
    DOMAIN("3", "pvh1", "pvh", ""),
    NULL,
};

#define REF(id, of)                                                           \
    {                                                                         \
        .domid = (id), .name = (of),                                          \
        .uuid = "0000000" #id "-0000-4000-8000-00000000000a"                  \
    }
static const xt_domain_ref web1 = REF(1, "web1"), old1 = REF(2, "old1"),
                           pvh1 = REF(3, "pvh1"), gone = REF(7, "gone");
static const xt_domain_ref dom0 = {
    .uuid = "00000000-0000-0000-0000-000000000000",
    .name = "Domain-0",
};

typedef struct fixture {
    xtune_arena *arena;
    xtune_backend *backend;
    const struct xt_backend_ops *ops;
} fixture;

static inline fixture begin_with(xtune_host *host)
{
    fixture f = { .arena = xtune_arena_new() };

    assert_int_equal(xt_backend_open_copy(host, &f.backend, NULL), 0);
    f.ops = f.backend->ops;
    xtune_host_free(host);
    return f;
}

static inline fixture begin(void)
{
    return begin_with(usb_host(devices, guests, ""));
}

static inline void end(fixture *f)
{
    xtune_backend_close(f->backend);
    xtune_arena_free(f->arena);
}

static inline void is_json(const fixture *f, const xt_json *value,
                           const char *text)
{
    char *copy = xtune_arena_strdup(f->arena, text), *p;
    XT_CLEANUP_FREE char *printed = xt_json_print(value);
    xt_json *expected;

    for (p = copy; *p; p++)
        if (*p == '\'') *p = '"';
    assert_int_equal(xt_json_parse(f->arena, copy, strlen(copy), "expected",
                                   &expected, NULL),
                     0);
    if (!xt_json_equal(value, expected)) fail_msg("%s, not %s", printed, text);
}

static inline void drivers_are(const fixture *f, const char *path,
                               const char *text)
{
    xt_json *value;

    assert_int_equal(
        f->ops->get_usb_device(f->backend, path, f->arena, &value, NULL), 0);
    is_json(f, xt_json_get(value, "drivers"), text);
}

static inline void is_in(const fixture *f, const xt_domain_ref *domain,
                         const char *path, const char *text)
{
    xt_json *value;

    assert_int_equal(
        f->ops->get_usb(f->backend, domain, path, f->arena, &value, NULL), 0);
    is_json(f, value, text);
}

static inline int attach(const fixture *f, const xt_domain_ref *domain,
                         const char *path, uint32_t controller, uint32_t port,
                         xtune_error **err)
{
    return f->ops->attach_usb(f->backend, domain, path, controller, port, -1,
                              err);
}

static inline int detach(const fixture *f, const xt_domain_ref *domain,
                         const char *path, xtune_error **err)
{
    return f->ops->detach_usb(f->backend, domain, path, -1, err);
}

#endif
