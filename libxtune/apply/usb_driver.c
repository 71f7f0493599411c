/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usb-driver: dom0's drivers of a USB device's interfaces, of a target
 * {"path"}. old has those that have none, { "0": null }; in new, { "0":
 * "dom0" } stands for whichever Linux finds.
 *
 * Linux does what it can, and that is right whatever it is: it may have no
 * driver for one, it may have found one meanwhile, and the device may be gone.
 * So it is always found as before, and nothing of it is undone.
 */
#include "apply/kinds.h"

#include "backend/backend.h"
#include "base/util.h"

int xt_kind_usb_device(const xt_hands *hands, const char *path,
                       xtune_arena *arena, xt_json **value_r,
                       xtune_error **err)
{
    const int rc = hands->backend->ops->get_usb_device(hands->backend, path,
                                                       arena, value_r, err);

    if (rc != XTUNE_ERR_NOT_FOUND) return rc;
    xt_error_forget(err);
    *value_r = xt_json_null(arena);
    return 0;
}

static int driver_read(const xt_hands *hands, const xtune_action *action,
                       xtune_arena *arena, xt_json **value_r,
                       xtune_error **err)
{
    const char *path;
    int rc;

    rc = xt_kind_text(action, "path", &path, err);
    return rc ? rc : xt_kind_usb_device(hands, path, arena, value_r, err);
}

static enum xt_found driver_compare(const xtune_action *action,
                                    const xt_json *now)
{
    (void)action;
    (void)now;
    return XT_FOUND_OLD;
}

/* The first of the action's interfaces that has no driver; NULL. */
static const char *first_without(const xtune_action *action,
                                 const xt_json *now)
{
    const xt_json *drivers = xt_json_get(now, "drivers");
    size_t i;

    for (i = 0; !xt_json_is_null(action->old) && i < action->old->nr; i++) {
        const char *number = action->old->keys[i];
        const xt_json *driver = xt_json_get(drivers, number);

        if (driver && xt_json_is_null(driver)) return number;
    }
    return NULL;
}

static int driver_write(const xt_hands *hands, const xtune_action *action,
                        const xt_json *value, xtune_arena *arena,
                        xt_made *made, xtune_error **err)
{
    const char *path, *without;
    xt_json *now;
    int rc;

    (void)value;
    made->as_is = true;
    rc = xt_kind_text(action, "path", &path, err);
    if (!rc) rc = driver_read(hands, action, arena, &now, err);
    if (rc || !first_without(action, now)) return rc;
    rc = hands->backend->ops->probe_usb(hands->backend, path, err);
    if (!rc) rc = driver_read(hands, action, arena, &now, err);
    if (rc) return rc;
    without = first_without(action, now);
    if (without)
        made->note = xtune_arena_printf(
            arena, "Linux has no driver for its interface %s", without);
    return 0;
}

const xt_action_kind xt_kind_usb_driver = {
    .name = "usb-driver",
    .read = driver_read,
    .compare = driver_compare,
    .write = driver_write,
};
