/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices as JSON. */
#include "base/util.h"
#include "host/host_fields.h"
#include "report/pci.h"
#include "report/usb.h"

static xt_json *number_or_null(xtune_arena *arena, uint32_t number)
{
    return number == XTUNE_NONE ? xt_json_null(arena)
                                : xt_json_u64(arena, number);
}

/* Of a domain. */

static xt_json *port_json(xtune_arena *arena, const xtune_host *host,
                          const xtune_usb_controller *controller,
                          uint32_t port)
{
    const char *path = controller->ports[port - 1];
    const xtune_usb *usb = path ? xtune_host_usb(host, path) : NULL;
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "port", port);
    xt_json_add_string(arena, json, "path", path);
    xt_json_add(arena, json, "bus",
                number_or_null(arena, usb ? usb->bus : XTUNE_NONE));
    xt_json_add(arena, json, "address",
                number_or_null(arena, usb ? usb->address : XTUNE_NONE));
    xt_json_add_bool(arena, json, "stale",
                     xtune_usb_is_stale(host, controller, port));
    return json;
}

static xt_json *controller_json(xtune_arena *arena, const xtune_host *host,
                                const xtune_usb_controller *controller)
{
    xt_json *json = xt_json_object(arena), *ports = xt_json_array(arena);
    uint32_t port;

    xt_json_add_u64(arena, json, "id", controller->id);
    xt_json_add_string(arena, json, "type", controller->type);
    xt_json_add_u64(arena, json, "version", controller->version);
    xt_json_add_u64(arena, json, "backend", controller->backend);
    xt_json_add(arena, json, "state",
                number_or_null(arena, controller->state));
    for (port = 1; port <= controller->nr_ports; port++)
        xt_json_append(arena, ports, port_json(arena, host, controller, port));
    xt_json_add(arena, json, "ports", ports);
    return json;
}

char *xtune_report_usb_list_json(const xtune_host *host,
                                 const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *list = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/usb-list/1");
    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    for (i = 0; i < domain->nr_usb; i++)
        xt_json_append(arena, list,
                       controller_json(arena, host, &domain->usb[i]));
    xt_json_add(arena, json, "controllers", list);
    return xt_json_print(json);
}

/* Of the host. */

static const char *const reasons[] = {
    [XTUNE_USB_BY_RULES] = "rules",
    [XTUNE_USB_IS_HUB] = "hub",
    [XTUNE_USB_NOT_CONFIGURED] = "not-configured",
};

/* By interface the line that decided, or null. */
static xt_json *lines_json(xtune_arena *arena,
                           const xtune_usb_verdict *verdict)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < verdict->nr_decisions; i++)
        xt_json_append(arena, json,
                       verdict->decisions[i]
                           ? xt_json_u64(arena, verdict->decisions[i]->line)
                           : xt_json_null(arena));
    return json;
}

static xt_json *policy_json(xtune_arena *arena, const xtune_usb_view *view,
                            const xtune_usb *usb)
{
    xt_json *json = xt_json_object(arena);
    xtune_usb_verdict verdict;

    if (!view->rules) {
        xt_json_add_string(arena, json, "verdict", "deny");
        xt_json_add_string(arena, json, "reason", "unreadable");
        return json;
    }
    verdict = xtune_usb_policy_judge(view->rules, usb, arena);
    xt_json_add_string(arena, json, "verdict",
                       verdict.allow ? "allow" : "deny");
    xt_json_add_string(arena, json, "reason", reasons[verdict.reason]);
    xt_json_add(arena, json, "lines", lines_json(arena, &verdict));
    return json;
}

static xt_json *attached_json(xtune_arena *arena, const xtune_host *host,
                              const xtune_usb *usb)
{
    const xtune_usb_controller *controller;
    const xtune_domain *owner;
    xt_json *json;
    uint32_t port;

    owner = xtune_usb_owner(host, usb->path, &controller, &port);
    if (!owner) return xt_json_null(arena);
    json = xt_json_object(arena);
    xt_json_add_string(arena, json, "domain", owner->name);
    xt_json_add_string(arena, json, "uuid", owner->uuid);
    xt_json_add_u64(arena, json, "controller", controller->id);
    xt_json_add_u64(arena, json, "port", port);
    xt_json_add_bool(arena, json, "stale",
                     xtune_usb_is_stale(host, controller, port));
    return json;
}

static void add_identity(xtune_arena *arena, xt_json *json,
                         const xtune_usb_view *view, const xtune_usb *usb)
{
    const xtune_usb_identity identity = xtune_usb_identity_of(view->host, usb);
    const xtune_usb_group *group = xt_usb_group_of(view, usb);
    const xtune_usb_identity *of = group ? &group->identity : &identity;
    char uuid[37];

    xt_json_add_string(arena, json, "known_by", xtune_usb_by_name(of->by));
    xtune_usb_uuid(of, uuid);
    xt_json_add_string(arena, json, "uuid", xtune_arena_strdup(arena, uuid));
    xtune_usb_group_uuid(of, uuid);
    xt_json_add_string(arena, json, "group_uuid",
                       xtune_arena_strdup(arena, uuid));
    xt_json_add(arena, json, "passthrough",
                view->records
                    ? xt_json_bool(arena, group && group->passthrough)
                    : xt_json_null(arena));
    xt_json_add_string(arena, json, "kept_for",
                       xt_usb_recorded_for(view, usb));
}

/* As in xtune/host/1, and what follows from it. */
static xt_json *device_json(xtune_arena *arena, const xtune_usb_view *view,
                            const xtune_usb *usb)
{
    xt_json *json =
        xt_host_object_to_json(arena, view->host, &xt_usb_type, usb);

    xt_json_add_string(arena, json, "name", xtune_usb_name(arena, usb));
    add_identity(arena, json, view, usb);
    xt_json_add(arena, json, "attached",
                attached_json(arena, view->host, usb));
    xt_json_add(arena, json, "policy", policy_json(arena, view, usb));
    return json;
}

char *xtune_report_usb_json(const xtune_usb_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *devices = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/usb-devices/1");
    for (i = 0; i < view->host->nr_usb; i++)
        if (!view->usb || view->usb == &view->host->usb[i])
            xt_json_append(arena, devices,
                           device_json(arena, view, &view->host->usb[i]));
    xt_json_add(arena, json, "devices", devices);
    xt_json_add(arena, json, "findings",
                xt_pci_findings_json(arena, view->findings, NULL));
    return xt_json_print(json);
}
