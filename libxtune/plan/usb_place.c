/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/usb_place.h"

#include <string.h>

#include "base/util.h"
#include "usb/parts.h"

/* xenbus' states of a front end that is not, or will not be, there. */
enum { CLOSING = 5, CLOSED = 6 };

/* What is looked for. */
typedef struct search {
    const xt_usb_planner *p;
    const xtune_domain *domain;
    const xtune_usb *usb;
    const xtune_usb_place *place;
    const xt_usb_taken *before;
} search;

/* One whose device is not plugged in is free: what is left of that goes before
 * anything else. */
static bool is_free(const search *s, const xtune_usb_controller *controller,
                    uint32_t port)
{
    const char *path = controller->ports[port - 1];

    return !path || !xtune_host_usb(s->p->then, path) ||
           (s->before && s->before->controller->id == controller->id &&
            s->before->port == port);
}

/* 0: there is none. */
static uint32_t free_port(const search *s,
                          const xtune_usb_controller *controller)
{
    uint32_t port;

    for (port = 1; port <= controller->nr_ports; port++)
        if (is_free(s, controller, port)) return port;
    return 0;
}

static bool is_open(const xtune_usb_controller *controller)
{
    return !controller->backend && controller->state != CLOSING &&
           controller->state != CLOSED;
}

static bool is_usable(const search *s, const xtune_usb_controller *controller)
{
    return is_open(controller) && xt_usb_takes(controller, s->usb) &&
           (s->place->version == XTUNE_NONE ||
            s->place->version == controller->version);
}

static const char *speed_text(const search *s)
{
    return s->usb->speed
               ? xtune_arena_printf(s->p->arena, "%s Mbit/s", s->usb->speed)
               : "what is known of its speed";
}

static int refuse_speed(const search *s,
                        const xtune_usb_controller *controller,
                        xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, s->usb->path,
                           xtune_arena_printf(s->p->arena,
                                              "it needs one of version %u",
                                              xtune_usb_version_of(s->usb)),
                           "%s does not fit a USB controller of version %u",
                           speed_text(s), controller->version);
}

/* A controller that was asked for. */

static int check_controller(const search *s,
                            const xtune_usb_controller *controller,
                            xtune_error **err)
{
    const char *name = s->domain->name;

    if (!controller)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, name,
                               "\"xltune usb-list\" shows what it has, "
                               "\"xltune usbctrl-attach\" gives it one",
                               "it has no USB controller %u",
                               s->place->controller);
    if (controller->backend)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, name,
                               "take another one",
                               "domain %u serves its USB controller %u, which "
                               "cannot be given a device of dom0",
                               controller->backend, controller->id);
    if (!is_open(controller))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, name, "take another one",
            "the guest has closed its USB controller %u", controller->id);
    if (s->place->version != XTUNE_NONE &&
        s->place->version != controller->version)
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0, name, "leave one of the two out",
            "its USB controller %u is of version %u, not "
            "%u",
            controller->id, controller->version, s->place->version);
    if (!xt_usb_takes(controller, s->usb))
        return refuse_speed(s, controller, err);
    return 0;
}

static int check_port(const search *s, const xtune_usb_controller *controller,
                      xtune_error **err)
{
    const uint32_t port = s->place->port;

    if (port < 1 || port > controller->nr_ports)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, s->domain->name,
                               NULL,
                               "its USB controller %u has ports 1 to %zu, and "
                               "no port %u",
                               controller->id, controller->nr_ports, port);
    if (is_free(s, controller, port)) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, s->domain->name,
        xtune_arena_printf(s->p->arena,
                           "take another one, or free it with \"xltune "
                           "usb-detach %s %s\"",
                           s->domain->name, controller->ports[port - 1]),
        "port %u of its USB controller %u has %s", port, controller->id,
        controller->ports[port - 1]);
}

static int find_in_controller(const search *s, xt_usb_spot *spot,
                              xtune_error **err)
{
    int rc;

    spot->controller = xt_usb_controller_of(s->domain, s->place->controller);
    rc = check_controller(s, spot->controller, err);
    if (rc) return rc;
    spot->port = s->place->port;
    if (spot->port != XTUNE_NONE) return check_port(s, spot->controller, err);
    spot->port = free_port(s, spot->controller);
    if (spot->port) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, s->domain->name,
                           "leave the controller out, and another one is "
                           "found or made",
                           "every port of its USB controller %u is taken",
                           spot->controller->id);
}

/* Any. */

static bool is_just_right(const search *s,
                          const xtune_usb_controller *controller)
{
    return controller->version == xtune_usb_version_of(s->usb);
}

/* A device model's of USB 2 takes a device of USB 3, and makes it slow: that
 * is for who asks for it. A PV guest has no faster one. */
static bool is_fast(const search *s, const xtune_usb_controller *controller)
{
    return s->place->version != XTUNE_NONE ||
           strcmp(controller->type, "devicemodel") != 0 ||
           controller->version >= xtune_usb_version_of(s->usb);
}

/* One of the version that the device needs before one that takes it as well.
 */
static bool find_any(const search *s, xt_usb_spot *spot)
{
    size_t i;

    for (i = 0; i < s->domain->nr_usb; i++) {
        xtune_usb_controller *c = &s->domain->usb[i];
        const uint32_t port =
            is_usable(s, c) && is_fast(s, c) ? free_port(s, c) : 0;

        if (!port ||
            (spot->controller &&
             (is_just_right(s, spot->controller) || !is_just_right(s, c))))
            continue;
        spot->controller = c;
        spot->port = port;
    }
    return spot->controller;
}

/* A PV guest's of version 2 takes all. */
static int find_new(const search *s, xt_usb_spot *spot, xtune_error **err)
{
    xtune_usb_controller *shape = &spot->shape;
    int rc;

    *shape = (xtune_usb_controller){
        .version = s->place->version,
        .nr_ports = XTUNE_NONE,
    };
    if (shape->version == XTUNE_NONE && s->domain->type == XTUNE_TYPE_HVM)
        shape->version = xtune_usb_version_of(s->usb);
    rc = xt_usb_shape(s->p->then, s->domain, shape, err);
    if (rc) return rc;
    spot->port = 1;
    return xt_usb_takes(shape, s->usb) ? 0 : refuse_speed(s, shape, err);
}

static bool stays(const search *s)
{
    const xt_usb_taken *before = s->before;
    const xtune_usb_place *place = s->place;

    return before && is_usable(s, before->controller) &&
           (place->controller == XTUNE_NONE ||
            place->controller == before->controller->id) &&
           (place->port == XTUNE_NONE || place->port == before->port);
}

int xt_usb_find_spot(const xt_usb_planner *p, const xtune_domain *domain,
                     const xtune_usb *usb, const xtune_usb_place *place,
                     const xt_usb_taken *before, xt_usb_spot *spot_r,
                     xtune_error **err)
{
    const search s = { p, domain, usb, place, before };

    *spot_r = (xt_usb_spot){ .controller = NULL };
    if (stays(&s)) {
        spot_r->controller = before->controller;
        spot_r->port = before->port;
        return 0;
    }
    if (place->controller != XTUNE_NONE)
        return find_in_controller(&s, spot_r, err);
    if (place->port != XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name,
                               "say which controller, or leave the port out",
                               "port %u is of no USB controller in "
                               "particular",
                               place->port);
    return find_any(&s, spot_r) ? 0 : find_new(&s, spot_r, err);
}
