/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans about USB devices, in a few words, on hosts made by hand. */
#ifndef TEST_USB_PLAN_H
#define TEST_USB_PLAN_H

#include <inttypes.h>

#include <xtune/plan.h>

#include "base/json.h"
#include "usb_host.h"

/* All is allowed, so that a test is about something else. */
#define ALLOW "'usb_rules': {'file': '/p', 'text': 'ALLOW:'}"

/* Devices of which all is known, of each speed. */
#define KNOWN ", 'class': '00', 'release': '0110'"
#define SLOW(path, address)                                                   \
    USB(path, address, "046d", "c016",                                        \
        KNOWN SPEED("1.5")                                                    \
            INTERFACES(INTERFACE("0", "03", "01", "02", "'usbhid'")))
#define DISK(path, address) STICK(path, address, KNOWN)
#define FAST(path, address)                                                   \
    USB(path, address, "0b95", "1790",                                        \
        KNOWN SPEED("5000")                                                   \
            INTERFACES(INTERFACE("0", "ff", "ff", "00", "'ax88179'")))

/* One that a device model has. */
#define GIVEN(path, address)                                                  \
    USB(path, address, "0951", "1666",                                        \
        KNOWN SPEED("480")                                                    \
            INTERFACES(INTERFACE("0", "08", "06", "50", "'usbfs'")))

/* A guest, and the ports of its controllers. */
#define HVM(controllers) DOMAIN("1", "web", "hvm", controllers)
#define FREE6 "null, null, null, null, null, null"

/* Where a device is to be: anywhere. */
static const xtune_usb_place anywhere = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE };

static inline const char *show_value(xtune_arena *arena, const xt_json *value)
{
    const char *type = xt_json_text(xt_json_get(value, "type"));
    const char *first = type ? "version" : "controller";
    const char *second = type ? "ports" : "port";
    uint64_t a, b;

    if (!value || value->type == XT_JSON_NULL) return "-";
    if (!xt_json_to_u64(xt_json_get(value, first), UINT32_MAX, &a) ||
        !xt_json_to_u64(xt_json_get(value, second), UINT32_MAX, &b))
        return value->nr ? value->keys[0] : "{}";
    return xtune_arena_printf(arena, "%s%s%" PRIu64 "/%" PRIu64 "%s",
                              type ? type : "", type ? " " : "", a, b,
                              xt_json_get(value, "stale") ? "!" : "");
}

/* "usb web1/1-2: - to 0/1; ..." in the plan's arena: controller and port, with
 * "!" where it is there no longer; of a controller its version and ports. */
static inline const char *show_plan(const xtune_plan *plan)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < plan->nr_actions; i++) {
        const xtune_action *a = &plan->actions[i];

        text = xtune_arena_printf(plan->arena, "%s%s%s %s: %s to %s", text,
                                  i ? "; " : "", a->kind, a->object,
                                  show_value(plan->arena, a->old),
                                  show_value(plan->arena, a->new));
    }
    return text;
}

/* The plan is this one, and is freed. */
static inline void expect_plan(int rc, xtune_plan *plan, xtune_error *err,
                               const char *text)
{
    if (rc) fail_msg("%s: %s", err->object, err->message);
    assert_string_equal(show_plan(plan), text);
    xtune_plan_free(plan);
}

#endif
