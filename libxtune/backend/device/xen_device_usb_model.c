/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device model's side of USB. libxl calls a controller "xenusb-ID" there
 * and a device "xenusb-BUS-ADDRESS", and does not see whether the model could
 * open the device: where it could not, the guest has nothing.
 */
#include "backend/device/device_usb.h"

#include <poll.h>
#include <string.h>

#include "base/util.h"

#define OBJECTS "/machine/peripheral"
#define LOOK_MS 50

/* What the model's monitor answers, in the arena; NULL where it does not. */
static const char *ask(device *d, const char *command)
{
    XT_CLEANUP_FREE char *text = NULL;

    if (libxl_qemu_monitor_command(d->ctx, d->domid, command, &text, NULL) ||
        !text)
        return NULL;
    return xtune_arena_strdup(d->arena, text);
}

/* A property as the monitor prints it: a string in quotes. "" where there is
 * none. */
static const char *property(device *d, const char *id, const char *name)
{
    const char *text =
        ask(d, xtune_arena_printf(d->arena, "qom-get " OBJECTS "/%s %s", id,
                                  name));

    if (!text) return "";
    return xtune_arena_strndup(d->arena, text, strcspn(text, "\r\n"));
}

/* The first line of the list from *text on that is of that type, or of any
 * (NULL): its name, and *text is moved behind it. NULL at the end. */
static const char *next_object(device *d, const char **text, const char *type)
{
    const char *ending =
        xtune_arena_printf(d->arena, " (child<%s", type ? type : "");

    while (**text) {
        const char *line = *text, *found = strstr(line, ending);
        const size_t len = strcspn(line, "\n");

        *text = line + len + (line[len] == '\n');
        if (found && found < line + len &&
            (!type || found[strlen(ending)] == '>'))
            return xtune_arena_strndup(d->arena, line, (size_t)(found - line));
    }
    return NULL;
}

int device_usb_model_list(device *d, const char **list_r, xtune_error **err)
{
    int rc;

    *list_r = ask(d, "qom-list " OBJECTS);
    if (*list_r) return 0;
    /* A domain that went says more than its device model. */
    rc = device_check_domain(d, err);
    if (rc) return rc;
    return xtune_error_set(err, XTUNE_ERR_IO, 0, d->object, NULL,
                           "the domain's device model does not answer");
}

bool device_usb_model_lists(device *d, const char *list, const char *id)
{
    const char *name;

    while ((name = next_object(d, &list, NULL)))
        if (!strcmp(name, id)) return true;
    return false;
}

bool device_usb_model_lets_go(device *d, const char *id, int within_ms)
{
    const uint64_t until = xt_libxl_now_ms() + (uint64_t)within_ms;
    const char *list;

    for (;;) {
        if (device_usb_model_list(d, &list, NULL) ||
            !device_usb_model_lists(d, list, id))
            return true;
        if (xt_libxl_now_ms() >= until) return false;
        poll(NULL, 0, LOOK_MS);
    }
}

bool device_usb_model_opens(device *d, const char *id, int within_ms)
{
    const uint64_t until = xt_libxl_now_ms() + (uint64_t)within_ms;

    while (strcmp(property(d, id, "attached"), "true") != 0) {
        if (xt_libxl_now_ms() >= until) return false;
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

/* Whether an object is at a port: its bus is ".../xenusb-0/xenusb-0.0". */
static bool is_at(device *d, const char *id, uint32_t controller,
                  uint32_t port)
{
    const char *bus =
        xtune_arena_printf(d->arena, "/xenusb-%u.0\"", controller);
    const char *has = property(d, id, "parent_bus");
    const size_t len = strlen(has);

    if (len < strlen(bus) || strcmp(has + len - strlen(bus), bus) != 0)
        return false;
    return !strcmp(property(d, id, "port"),
                   xtune_arena_printf(d->arena, "\"%u\"", port));
}

int device_usb_model_clear(device *d, const char *list, uint32_t controller,
                           uint32_t port, int within_ms, bool *cleared_r,
                           xtune_error **err)
{
    const char *id;

    while ((id = next_object(d, &list, "usb-host"))) {
        if (!is_at(d, id, controller, port)) continue;
        (void)ask(d, xtune_arena_printf(d->arena, "device_del %s", id));
        if (!device_usb_model_lets_go(d, id, within_ms))
            return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object,
                                   "it is free when the domain has ended",
                                   "the domain's device model does not let "
                                   "go of it");
        if (cleared_r) *cleared_r = true;
    }
    return 0;
}
