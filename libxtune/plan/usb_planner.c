/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Actions on USB devices and controllers, and what the host is after them. */
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "plan/builder.h"
#include "plan/usb.h"
#include "usb/parts.h"

static xtune_usb_controller copy_controller(xtune_arena *arena,
                                            const xtune_usb_controller *from)
{
    xtune_usb_controller copy = *from;
    size_t i;

    copy.ports = XTUNE_NEW_ARRAY(arena, const char *, from->nr_ports);
    for (i = 0; i < from->nr_ports; i++)
        copy.ports[i] = from->ports[i];
    return copy;
}

/* As far as anything is changed in it. */
static xtune_host *copy_host(xtune_arena *arena, const xtune_host *from)
{
    xtune_host *copy = XTUNE_NEW(arena, xtune_host);
    size_t i, j;

    *copy = *from;
    copy->domains = XTUNE_NEW_ARRAY(arena, xtune_domain, from->nr_domains);
    for (i = 0; i < from->nr_domains; i++) {
        xtune_domain *domain = &copy->domains[i];

        *domain = from->domains[i];
        domain->usb =
            XTUNE_NEW_ARRAY(arena, xtune_usb_controller, domain->nr_usb);
        for (j = 0; j < domain->nr_usb; j++)
            domain->usb[j] = copy_controller(arena, &from->domains[i].usb[j]);
    }
    copy->usb = XTUNE_NEW_ARRAY(arena, xtune_usb, from->nr_usb);
    for (i = 0; i < from->nr_usb; i++)
        copy->usb[i] = from->usb[i];
    return copy;
}

void xt_usb_planner_init(xt_usb_planner *p, xtune_plan *plan,
                         xtune_arena *arena, const xtune_usb_request *request)
{
    *p = (xt_usb_planner){
        .plan = plan,
        .arena = arena,
        .then = copy_host(arena, request->host),
        .forced = request->forced,
        .nr_forced = request->nr_forced,
    };
    /* What is wrong with it is a guard's matter. */
    if (xtune_usb_policy_of(request->host, &p->policy, NULL)) p->policy = NULL;
}

void xt_usb_planner_dispose(xt_usb_planner *p)
{
    xtune_usb_policy_free(p->policy);
}

xtune_domain *xt_usb_domain(const xt_usb_planner *p,
                            const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < p->then->nr_domains; i++)
        if (p->then->domains[i].id == domain->id) return &p->then->domains[i];
    return NULL;
}

xtune_usb_controller *xt_usb_controller_of(const xtune_domain *domain,
                                           uint32_t id)
{
    size_t i;

    for (i = 0; i < domain->nr_usb; i++)
        if (domain->usb[i].id == id) return &domain->usb[i];
    return NULL;
}

static void list_domain(const xt_usb_planner *p, xtune_domain *domain,
                        xt_usb_taken **list, size_t *nr)
{
    size_t i;
    uint32_t port;

    for (i = 0; i < domain->nr_usb; i++)
        for (port = 1; port <= domain->usb[i].nr_ports; port++) {
            xtune_usb_controller *c = &domain->usb[i];
            const char *path = c->ports[port - 1];

            if (!path) continue;
            *list = xtune_arena_grow(p->arena, *list, *nr, sizeof(**list));
            (*list)[(*nr)++] = (xt_usb_taken){
                .domain = domain,
                .controller = c,
                .port = port,
                .path = path,
                .is_there = xtune_host_usb(p->then, path),
                .is_stale = xtune_usb_is_stale(p->then, c, port),
            };
        }
}

/* What a domain that is dying has goes with it. */
const xt_usb_taken *xt_usb_list_taken(const xt_usb_planner *p, size_t *nr_r)
{
    xt_usb_taken *list = NULL;
    size_t i;

    *nr_r = 0;
    for (i = 0; i < p->then->nr_domains; i++)
        if (!(p->then->domains[i].state & XTUNE_STATE_DYING))
            list_domain(p, &p->then->domains[i], &list, nr_r);
    return list;
}

/* Controllers. */

static void add_controller_action(xt_usb_planner *p,
                                  const xtune_domain *domain,
                                  const xtune_usb_controller *controller,
                                  bool makes, const char *reason)
{
    xtune_arena *arena = p->plan->arena;
    xt_json *target = xt_plan_target(arena, domain);
    xt_json *value = xt_json_object(arena);

    xt_json_add_u64(arena, target, "controller", controller->id);
    xt_json_add_string(arena, value, "type",
                       xtune_arena_strdup(arena, controller->type));
    xt_json_add_u64(arena, value, "version", controller->version);
    xt_json_add_u64(arena, value, "ports", controller->nr_ports);
    xt_plan_add(p->plan,
                &(xtune_action){
                    .kind = "usb-controller",
                    .object = xtune_arena_printf(arena, "%s/usb%u",
                                                 domain->name, controller->id),
                    .target = target,
                    .old = makes ? xt_json_null(arena) : value,
                    .new = makes ? value : xt_json_null(arena),
                    .reason = xtune_arena_strdup(arena, reason),
                });
}

static uint32_t lowest_free_id(const xtune_domain *domain)
{
    uint32_t id = 0;

    while (xt_usb_controller_of(domain, id))
        id++;
    return id;
}

xtune_usb_controller *xt_usb_add_controller(xt_usb_planner *p,
                                            xtune_domain *domain,
                                            const xtune_usb_controller *shape,
                                            const char *reason)
{
    xtune_usb_controller *made;

    domain->usb = xtune_arena_widen(p->arena, domain->usb, domain->nr_usb,
                                    sizeof(*domain->usb));
    made = &domain->usb[domain->nr_usb];
    *made = (xtune_usb_controller){
        .id = lowest_free_id(domain),
        .type = shape->type,
        .version = shape->version,
        .state = XTUNE_NONE,
        .ports = XTUNE_NEW_ARRAY(p->arena, const char *, shape->nr_ports),
        .nr_ports = shape->nr_ports,
    };
    domain->nr_usb++;
    add_controller_action(p, domain, made, true, reason);
    return made;
}

void xt_usb_add_no_controller(xt_usb_planner *p, xtune_domain *domain,
                              const xtune_usb_controller *controller,
                              const char *reason)
{
    const size_t at = (size_t)(controller - domain->usb);

    add_controller_action(p, domain, controller, false, reason);
    domain->nr_usb--;
    memmove(&domain->usb[at], &domain->usb[at + 1],
            (domain->nr_usb - at) * sizeof(*domain->usb));
}

/* Devices. */

static xt_json *place_value(xtune_arena *arena, uint32_t controller,
                            uint32_t port, bool is_stale)
{
    xt_json *value = xt_json_object(arena);

    xt_json_add_u64(arena, value, "controller", controller);
    xt_json_add_u64(arena, value, "port", port);
    if (is_stale) xt_json_add_bool(arena, value, "stale", true);
    return value;
}

static xt_json *taken_value(xtune_arena *arena, const xt_usb_taken *taken)
{
    if (!taken) return xt_json_null(arena);
    return place_value(arena, taken->controller->id, taken->port,
                       taken->is_stale);
}

static void add_text(xtune_arena *arena, xt_json *json, const char *key,
                     const char *text)
{
    if (text)
        xt_json_add_string(arena, json, key, xtune_arena_strdup(arena, text));
}

/* What it is, besides where: it alone is to be given, or put back. */
static xt_json *usb_target(const xt_usb_planner *p, const xtune_domain *domain,
                           const char *path)
{
    const xtune_usb *usb = xtune_host_usb(p->then, path);
    xtune_arena *arena = p->plan->arena;
    xt_json *target = xt_plan_target(arena, domain);

    add_text(arena, target, "path", path);
    if (!usb) return target;
    add_text(arena, target, "vendor", usb->vendor);
    add_text(arena, target, "product", usb->product);
    add_text(arena, target, "serial", usb->serial);
    return target;
}

static void add_usb(xt_usb_planner *p, const xtune_domain *domain,
                    const char *path, const xt_json *old, const xt_json *new,
                    const char *reason)
{
    xtune_arena *arena = p->plan->arena;

    xt_plan_add(p->plan, &(xtune_action){
                             .kind = "usb",
                             .object = xtune_arena_printf(arena, "%s/%s",
                                                          domain->name, path),
                             .target = usb_target(p, domain, path),
                             .old = old,
                             .new = new,
                             .reason = xtune_arena_strdup(arena, reason),
                         });
}

void xt_usb_add_detach(xt_usb_planner *p, const xt_usb_taken *taken,
                       const char *reason)
{
    xtune_arena *arena = p->plan->arena;

    add_usb(p, taken->domain, taken->path, taken_value(arena, taken),
            xt_json_null(arena), reason);
    taken->controller->ports[taken->port - 1] = NULL;
}

/* Its guest drives it then. */
static void hand_over(const xt_usb_planner *p, const xtune_usb *given,
                      const xtune_usb_controller *controller)
{
    xtune_usb *usb = (xtune_usb *)xtune_host_usb(p->then, given->path);
    xtune_usb_interface *interfaces;
    size_t i;

    if (!usb) return;
    interfaces =
        XTUNE_NEW_ARRAY(p->arena, xtune_usb_interface, usb->nr_interfaces);
    for (i = 0; i < usb->nr_interfaces; i++) {
        interfaces[i] = usb->interfaces[i];
        interfaces[i].driver = xt_usb_driver_in_guest(controller);
    }
    usb->interfaces = interfaces;
}

void xt_usb_add_attach(xt_usb_planner *p, xtune_domain *domain,
                       const xtune_usb *usb, const xt_usb_taken *before,
                       xtune_usb_controller *controller, uint32_t port,
                       const char *reason)
{
    xtune_arena *arena = p->plan->arena;

    add_usb(p, domain, usb->path, taken_value(arena, before),
            place_value(arena, controller->id, port, false), reason);
    if (before) before->controller->ports[before->port - 1] = NULL;
    controller->ports[port - 1] = xtune_arena_strdup(p->arena, usb->path);
    hand_over(p, usb, controller);
}

void xt_usb_add_driver(xt_usb_planner *p, const xtune_usb *usb)
{
    xtune_arena *arena = p->plan->arena;
    xt_json *target = xt_json_object(arena);
    xt_json *old = xt_json_object(arena), *new = xt_json_object(arena);
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++) {
        const char *number;

        if (usb->interfaces[i].driver) continue;
        number = xtune_arena_printf(arena, "%u", usb->interfaces[i].number);
        xt_json_add(arena, old, number, xt_json_null(arena));
        xt_json_add_string(arena, new, number, "dom0");
    }
    xt_json_add_string(arena, target, "path",
                       xtune_arena_strdup(arena, usb->path));
    xt_plan_add(p->plan, &(xtune_action){
                             .kind = "usb-driver",
                             .object = xtune_arena_strdup(arena, usb->path),
                             .target = target,
                             .old = old,
                             .new = new,
                             .reason = "nobody drives it",
                         });
}
