/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One USB device, a line a property, and where a domain has one. What is not
 * known is left out. */
#include <stdarg.h>
#include <string.h>

#include "base/util.h"
#include "report/text.h"
#include "report/usb.h"
#include "report/used.h"

typedef struct usb_writer {
    FILE *out;
    xtune_arena *arena;
    const xtune_usb_view *view;
    const xtune_usb *usb;
} usb_writer;

static void put(const usb_writer *w, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void put(const usb_writer *w, const char *key, const char *fmt, ...)
{
    const char *value;
    va_list ap;

    va_start(ap, fmt);
    value = xtune_arena_vprintf(w->arena, fmt, ap);
    va_end(ap);
    fprintf(w->out, "%-16s: %s\n", key, xt_text_safe(w->arena, value));
}

static void put_text(const usb_writer *w, const char *key, const char *value)
{
    if (value) put(w, key, "%s", value);
}

/* With the name beside, where there is one. */
static void put_id(const usb_writer *w, const char *key, const char *id,
                   const char *name)
{
    if (id && name)
        put(w, key, "%s (%s)", id, name);
    else
        put_text(w, key, id);
}

static void put_interfaces(const usb_writer *w)
{
    const xtune_usb *usb = w->usb;
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++) {
        const xtune_usb_interface *one = &usb->interfaces[i];

        put(w, "interface", "%u: %02x/%02x/%02x%s%s", one->number,
            one->class_code, one->subclass, one->protocol,
            one->driver ? ", " : "", one->driver ? one->driver : "");
    }
}

static void put_itself(const usb_writer *w)
{
    const xtune_usb *usb = w->usb;

    put_text(w, "path", usb->path);
    put(w, "bus", "%u", usb->bus);
    put(w, "address", "%u", usb->address);
    put_id(w, "vendor", usb->vendor, usb->vendor_desc);
    put_id(w, "product", usb->product, usb->product_desc);
    put_text(w, "release", usb->release);
    put_text(w, "manufacturer", usb->manufacturer);
    put_text(w, "model", usb->model);
    put_text(w, "serial", usb->serial);
    if (usb->class_code != XTUNE_NONE)
        put(w, "class", "%02x", usb->class_code);
    put_text(w, "version", usb->version);
    if (usb->speed) put(w, "speed", "%s Mbit/s", usb->speed);
    put_text(w, "controller", usb->controller);
    if (!usb->configured) put_text(w, "configured", "no");
    put_interfaces(w);
}

/* Identity and records. */

const char *xt_usb_recorded_for(const xtune_usb_view *view,
                                const xtune_usb *usb)
{
    const xtune_policy *policy = view->records;
    size_t i, k;

    for (i = 0; policy && i < policy->nr_records; i++) {
        const xtune_record *record = &policy->records[i];

        for (k = 0; k < record->nr_usb; k++) {
            const xtune_usb *found;

            if (!xtune_usb_resolve(view->host, &record->usb[k].identity,
                                   &found, NULL) &&
                found == usb)
                return *record->name ? record->name : record->uuid;
        }
    }
    return NULL;
}

const xtune_usb_group *xt_usb_group_of(const xtune_usb_view *view,
                                       const xtune_usb *usb)
{
    const xtune_policy *policy = view->records;
    size_t i;

    for (i = 0; policy && i < policy->nr_usb_groups; i++) {
        const xtune_usb *found;

        if (!xtune_usb_resolve(view->host, &policy->usb_groups[i].identity,
                               &found, NULL) &&
            found == usb)
            return &policy->usb_groups[i];
    }
    return NULL;
}

static void put_identity(const usb_writer *w)
{
    const xtune_usb_identity identity =
        xtune_usb_identity_of(w->view->host, w->usb);
    const xtune_usb_group *group = xt_usb_group_of(w->view, w->usb);
    const xtune_usb_identity *of = group ? &group->identity : &identity;
    char uuid[37];

    put_text(w, "known by", xtune_usb_by_name(of->by));
    xtune_usb_uuid(of, uuid);
    put_text(w, "uuid", uuid);
    xtune_usb_group_uuid(of, uuid);
    put_text(w, "group", uuid);
    if (w->view->records)
        put_text(w, "passthrough", group && group->passthrough ? "yes" : "no");
    put_text(w, "kept for", xt_usb_recorded_for(w->view, w->usb));
}

/* In a guest. */

const char *xt_usb_place_text(xtune_arena *arena,
                              const xtune_usb_controller *controller,
                              uint32_t port)
{
    return xtune_arena_printf(arena, "controller %u, port %u", controller->id,
                              port);
}

/* What the guest sees: those of a device model are chips that it emulates. */
const char *xt_usb_controller_text(xtune_arena *arena,
                                   const xtune_usb_controller *controller)
{
    static const char *const chips[] = { "UHCI", "EHCI", "xHCI" };
    const uint32_t version = controller->version;

    if (!strcmp(controller->type, "devicemodel") && version >= 1 &&
        version <= XT_ARRAY_SIZE(chips))
        return xtune_arena_printf(arena, "USB %u, %s", version,
                                  chips[version - 1]);
    return xtune_arena_printf(arena, "USB %u, %s", version, controller->type);
}

static void put_owner(const usb_writer *w)
{
    const xtune_usb_controller *controller;
    const xtune_domain *owner;
    uint32_t port;

    owner = xtune_usb_owner(w->view->host, w->usb->path, &controller, &port);
    if (!owner) return;
    put(w, "domain", "%s, %s (%s)%s", owner->name,
        xt_usb_place_text(w->arena, controller, port),
        xt_usb_controller_text(w->arena, controller),
        xtune_usb_is_stale(w->view->host, controller, port) ? ", no longer"
                                                            : "");
}

static void put_uses(const usb_writer *w)
{
    size_t i;

    for (i = 0; i < w->usb->nr_uses; i++)
        put_text(w, "used", xt_used_line(w->arena, &w->usb->uses[i]));
    if (!w->usb->uses) put_text(w, "used", "not known");
}

void xt_usb_put_device(FILE *out, xtune_arena *arena,
                       const xtune_usb_view *view)
{
    const usb_writer w = { out, arena, view, view->usb };

    put_itself(&w);
    put_identity(&w);
    put_owner(&w);
    put_text(&w, "policy", xt_usb_policy_text(arena, view, view->usb));
    put_uses(&w);
}
