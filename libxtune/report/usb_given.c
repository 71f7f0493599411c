/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of a device that a domain was to be given: the controller that
 * was made for it, and where it is now. */
#include <string.h>

#include "base/util.h"
#include "report/text.h"
#include "report/usb.h"

static uint32_t number_of(const xt_json *json, const char *key)
{
    uint64_t number;

    if (!xt_json_to_u64(xt_json_get(json, key), UINT32_MAX - 1, &number))
        return XTUNE_NONE;
    return (uint32_t)number;
}

static bool is_kind(const xtune_action *action, const char *kind)
{
    return !strcmp(action->kind, kind) && action->new &&
           action->new->type == XT_JSON_OBJECT;
}

static xtune_usb_controller controller_of(const xtune_action *action)
{
    const char *type = xt_json_text(xt_json_get(action->new, "type"));

    return (xtune_usb_controller){
        .id = number_of(action->target, "controller"),
        .type = type ? type : "",
        .version = number_of(action->new, "version"),
        .nr_ports = number_of(action->new, "ports"),
    };
}

/* The controller that the plan makes under this id; else the domain's. */
static bool find_controller(const xtune_usb_given *given, uint32_t id,
                            xtune_usb_controller *controller_r)
{
    size_t i;

    for (i = 0; i < given->plan->nr_actions; i++) {
        const xtune_action *action = &given->plan->actions[i];

        if (!is_kind(action, "usb-controller") ||
            number_of(action->target, "controller") != id)
            continue;
        *controller_r = controller_of(action);
        return true;
    }
    for (i = 0; i < given->domain->nr_usb; i++)
        if (given->domain->usb[i].id == id) {
            *controller_r = given->domain->usb[i];
            return true;
        }
    return false;
}

/* By the plan; one that changes nothing leaves it where it is. */
static bool find_place(const xtune_usb_given *given,
                       xtune_usb_controller *controller_r, uint32_t *port_r)
{
    const xtune_usb_controller *controller;
    size_t i;

    for (i = 0; i < given->plan->nr_actions; i++) {
        const xtune_action *action = &given->plan->actions[i];
        const char *path = xt_json_text(xt_json_get(action->target, "path"));

        if (!is_kind(action, "usb") || !path ||
            strcmp(path, given->usb->path) != 0)
            continue;
        *port_r = number_of(action->new, "port");
        return find_controller(given, number_of(action->new, "controller"),
                               controller_r);
    }
    if (xtune_usb_owner(given->host, given->usb->path, &controller, port_r) !=
        given->domain)
        return false;
    *controller_r = *controller;
    return true;
}

char *xtune_report_usb_given(const xtune_usb_given *given)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *name = xt_text_name(arena, given->domain->name);
    xtune_usb_controller controller;
    uint32_t port;
    xt_text text;
    size_t i;

    xt_text_open(&text);
    for (i = 0; i < given->plan->nr_actions; i++) {
        if (!is_kind(&given->plan->actions[i], "usb-controller")) continue;
        controller = controller_of(&given->plan->actions[i]);
        fprintf(text.out, "%s: controller %u is made: %s, %zu ports\n", name,
                controller.id, xt_usb_controller_text(arena, &controller),
                controller.nr_ports);
    }
    if (find_place(given, &controller, &port))
        fprintf(text.out, "%s: %s %s is in %s (%s)\n", name, given->usb->path,
                xt_text_safe(arena, xtune_usb_name(arena, given->usb)),
                xt_usb_place_text(arena, &controller, port),
                xt_usb_controller_text(arena, &controller));
    return xt_text_close(&text);
}
