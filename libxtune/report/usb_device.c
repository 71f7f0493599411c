/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One USB device, a line a property, and where a domain has one. What is not
 * known is left out. */
#include <string.h>

#include "base/util.h"
#include "report/properties.h"
#include "report/usb.h"

typedef struct usb_writer {
    const xt_properties *to;
    const xtune_usb_view *view;
    const xtune_usb *usb;
} usb_writer;

static void put_interfaces(const usb_writer *w)
{
    const xtune_usb *usb = w->usb;
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++) {
        const xtune_usb_interface *one = &usb->interfaces[i];

        xt_put(w->to, "interface", "%u: %02x/%02x/%02x%s%s", one->number,
               one->class_code, one->subclass, one->protocol,
               one->driver ? ", " : "", one->driver ? one->driver : "");
    }
}

static void put_itself(const usb_writer *w)
{
    const xtune_usb *usb = w->usb;

    xt_put_text(w->to, "path", usb->path);
    xt_put(w->to, "bus", "%u", usb->bus);
    xt_put(w->to, "address", "%u", usb->address);
    xt_put_id(w->to, "vendor", usb->vendor, usb->vendor_desc);
    xt_put_id(w->to, "product", usb->product, usb->product_desc);
    xt_put_text(w->to, "release", usb->release);
    xt_put_text(w->to, "manufacturer", usb->manufacturer);
    xt_put_text(w->to, "model", usb->model);
    xt_put_text(w->to, "serial", usb->serial);
    if (usb->class_code != XTUNE_NONE)
        xt_put(w->to, "class", "%02x", usb->class_code);
    xt_put_text(w->to, "version", usb->version);
    if (usb->speed) xt_put(w->to, "speed", "%s Mbit/s", usb->speed);
    xt_put_text(w->to, "controller", usb->controller);
    if (!usb->configured) xt_put_text(w->to, "configured", "no");
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

    xt_put_text(w->to, "known by", xtune_usb_by_name(of->by));
    xtune_usb_uuid(of, uuid);
    xt_put_text(w->to, "uuid", uuid);
    xtune_usb_group_uuid(of, uuid);
    xt_put_text(w->to, "group", uuid);
    if (w->view->records)
        xt_put_text(w->to, "passthrough",
                    group && group->passthrough ? "yes" : "no");
    xt_put_text(w->to, "kept for", xt_usb_recorded_for(w->view, w->usb));
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
    xt_put(w->to, "domain", "%s, %s (%s)%s", owner->name,
           xt_usb_place_text(w->to->arena, controller, port),
           xt_usb_controller_text(w->to->arena, controller),
           xtune_usb_is_stale(w->view->host, controller, port) ? ", no longer"
                                                               : "");
}

void xt_usb_put_device(FILE *out, xtune_arena *arena,
                       const xtune_usb_view *view)
{
    const xt_properties to = { out, arena };
    const usb_writer w = { &to, view, view->usb };

    put_itself(&w);
    put_identity(&w);
    put_owner(&w);
    xt_put_text(&to, "policy", xt_usb_policy_text(arena, view, view->usb));
    xt_put_uses(&to, view->usb->uses, view->usb->nr_uses);
}
