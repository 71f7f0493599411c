/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usb: a USB device in a domain, of a target {"domid", "uuid", "path",
 * "vendor", "product", "serial"}: null, or
 *
 *     { "controller": 0, "port": 1 }
 *
 * with "stale": true where the toolstack says so, but the domain has it no
 * longer. To be stale is nothing that anybody is brought back to.
 */
#include "apply/kinds.h"

#include <string.h>

#include <xtune/usb.h>

#include "backend/backend.h"
#include "base/util.h"

/* A device under way. */
typedef struct work {
    const xt_hands *hands;
    const xt_json *target;
    xt_domain_ref domain;
    const char *path;
    xtune_arena *arena;
} work;

static int begin(const xt_hands *hands, const xtune_action *action,
                 xtune_arena *arena, work *w, xtune_error **err)
{
    int rc;

    *w = (work){ .hands = hands, .target = action->target, .arena = arena };
    rc = xt_kind_domain(action, &w->domain, err);
    return rc ? rc : xt_kind_text(action, "path", &w->path, err);
}

static int look(const work *w, xt_json **value_r, xtune_error **err)
{
    xtune_backend *backend = w->hands->backend;

    return backend->ops->get_usb(backend, &w->domain, w->path, w->arena,
                                 value_r, err);
}

static int detach(const work *w, xtune_error **err)
{
    xtune_backend *backend = w->hands->backend;

    return backend->ops->detach_usb(backend, &w->domain, w->path,
                                    w->hands->lock_fd, err);
}

static int usb_read(const xt_hands *hands, const xtune_action *action,
                    xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    work w;
    int rc;

    rc = begin(hands, action, arena, &w, err);
    return rc ? rc : look(&w, value_r, err);
}

static bool is_stale(const xt_json *value)
{
    const xt_json *stale = xt_json_get(value, "stale");

    return stale && stale->type == XT_JSON_BOOL && stale->boolean;
}

static bool read_place(const xt_json *value, uint32_t *controller_r,
                       uint32_t *port_r)
{
    uint64_t controller, port;

    if (!xt_json_to_u64(xt_json_get(value, "controller"), UINT32_MAX,
                        &controller) ||
        !xt_json_to_u64(xt_json_get(value, "port"), UINT32_MAX, &port))
        return false;
    *controller_r = (uint32_t)controller;
    *port_r = (uint32_t)port;
    return true;
}

static bool same_place(const xt_json *a, const xt_json *b)
{
    uint32_t controller_a, controller_b, port_a, port_b;

    return read_place(a, &controller_a, &port_a) &&
           read_place(b, &controller_b, &port_b) &&
           controller_a == controller_b && port_a == port_b;
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    if (xt_json_is_null(value) || xt_json_is_null(now))
        return xt_json_is_null(value) && xt_json_is_null(now);
    return same_place(value, now) && is_stale(value) == is_stale(now);
}

/* On its way from one place to another it is in none; one that was cut off, or
 * pulled out, is stale. */
static enum xt_found usb_compare(const xtune_action *action,
                                 const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    if (xt_json_is_null(now) ||
        (is_stale(now) &&
         (same_place(action->old, now) || same_place(action->new, now))))
        return XT_FOUND_HALF;
    return XT_FOUND_OTHER;
}

/* What is plugged in there now. */
enum there { NOTHING, IT, ANOTHER };

static bool is_said(const work *w, const char *key, const xt_json *device)
{
    const char *said = xt_json_text(xt_json_get(w->target, key));
    const char *now = xt_json_text(xt_json_get(device, key));

    return said && now ? !strcmp(said, now) : !said && !now;
}

/* A port is no device: what was looked at, and may be given away, may have
 * made room for something else since. */
static int look_for_device(const work *w, enum there *there_r,
                           xtune_error **err)
{
    xt_json *device;
    const int rc =
        xt_kind_usb_device(w->hands, w->path, w->arena, &device, err);

    if (rc) return rc;
    if (xt_json_is_null(device))
        *there_r = NOTHING;
    else
        *there_r = is_said(w, "vendor", device) &&
                           is_said(w, "product", device) &&
                           is_said(w, "serial", device)
                       ? IT
                       : ANOTHER;
    return 0;
}

/* Why it is not put back where it was; NULL: it is. */
static const char *why_not_back(const work *w, const xt_json *value,
                                enum there there)
{
    if (is_stale(value)) return "it was not there any more";
    if (!w->hands->back || there == IT) return NULL;
    return there == NOTHING ? "it is not plugged in any more"
                            : "another device is plugged in there";
}

/* What the toolstack says of it where it did not come so far is in everybody's
 * way. */
static void clean_up(const work *w)
{
    xt_json *now;

    if (!look(w, &now, NULL) && !xt_json_is_null(now)) detach(w, NULL);
}

static int attach(const work *w, const xt_json *value, xtune_error **err)
{
    xtune_backend *backend = w->hands->backend;
    uint32_t controller, port;
    int rc;

    if (!read_place(value, &controller, &port))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, w->domain.name, NULL,
                               "the action does not say which port");
    rc = backend->ops->attach_usb(backend, &w->domain, w->path, controller,
                                  port, w->hands->lock_fd, err);
    /* Busy: it is still being done. */
    if (rc && rc != XTUNE_ERR_BUSY) clean_up(w);
    return rc;
}

static int usb_write(const xt_hands *hands, const xtune_action *action,
                     const xt_json *value, xtune_arena *arena, xt_made *made,
                     xtune_error **err)
{
    enum there there = NOTHING;
    xt_json *now;
    work w;
    int rc;

    rc = begin(hands, action, arena, &w, err);
    if (!rc) rc = look(&w, &now, err);
    if (rc || is_as(value, now)) return rc;
    if (!xt_json_is_null(now)) rc = detach(&w, err);
    if (rc || xt_json_is_null(value)) return rc;
    if (!is_stale(value)) rc = look_for_device(&w, &there, err);
    if (rc) return rc;
    made->note = why_not_back(&w, value, there);
    made->as_is = made->note;
    if (made->as_is) return 0;
    if (there != ANOTHER) return attach(&w, value, err);
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, w.path,
                           "see what it is with \"xltune usb-show\"",
                           "another device is plugged in there by now");
}

const xt_action_kind xt_kind_usb = {
    .name = "usb",
    .read = usb_read,
    .compare = usb_compare,
    .write = usb_write,
};
