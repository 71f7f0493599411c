/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that give USB controllers to domains, and take them back. */
#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/usb.h"

#define DEVICE_MODEL "devicemodel"

/* What there is, as libxl makes it; of each type the version that one gets
 * who asks for none comes first. */
typedef struct shape {
    const char *type;
    uint32_t version;
    uint32_t least, most, usual; /* ports */
} shape;

static const shape shapes[] = {
    { DEVICE_MODEL, 2, 6, 6, 6 }, { DEVICE_MODEL, 3, 1, 15, 8 },
    { DEVICE_MODEL, 1, 2, 2, 2 }, { "pv", 2, 1, 31, 8 },
    { "pv", 1, 1, 31, 8 },        { "qusb", 2, 1, 31, 8 },
    { "qusb", 1, 1, 31, 8 },
};

int xt_usb_check_domain(const xtune_domain *domain, xtune_error **err)
{
    if (!domain->id)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                               "\"xltune usb-detach\" gives a device back to "
                               "dom0",
                               "dom0 has all devices that no guest has");
    if (domain->type == XTUNE_TYPE_PVH)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                               "make it an HVM guest (type=\"hvm\")",
                               "it is a PVH guest, and Xen gives no USB "
                               "device to one");
    if (domain->type == XTUNE_TYPE_UNKNOWN)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                               NULL,
                               "it is not known whether it is an HVM guest "
                               "or a PV guest");
    if (domain->state & (XTUNE_STATE_DYING | XTUNE_STATE_SHUTDOWN))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name, NULL,
                               "it is being shut down");
    return 0;
}

static int find_type(const xtune_host *host, const xtune_domain *domain,
                     const char **type, xtune_error **err)
{
    const bool is_hvm = domain->type == XTUNE_TYPE_HVM;
    size_t i;

    if (!*type)
        *type = is_hvm ? DEVICE_MODEL : host->has_usbback ? "pv" : "qusb";
    for (i = 0; i < XT_ARRAY_SIZE(shapes); i++)
        if (!strcmp(shapes[i].type, *type)) break;
    if (i == XT_ARRAY_SIZE(shapes))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name,
                               "there are devicemodel, pv and qusb",
                               "\"%.80s\" is no type of USB controller",
                               *type);
    *type = shapes[i].type;
    if (is_hvm || strcmp(*type, DEVICE_MODEL) != 0) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                           "leave the type out, or take qusb",
                           "it is a PV guest, which has no device model to "
                           "make the controller");
}

static bool fits(const shape *s, const xtune_usb_controller *controller)
{
    return controller->nr_ports == XTUNE_NONE ||
           (controller->nr_ports >= s->least &&
            controller->nr_ports <= s->most);
}

/* last: one of its version; NULL: there is none. */
static int refuse_shape(const xtune_domain *domain,
                        const xtune_usb_controller *controller,
                        const shape *last, xtune_error **err)
{
    const uint32_t ports = (uint32_t)controller->nr_ports;

    if (!last)
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0, domain->name,
            strcmp(controller->type, DEVICE_MODEL) != 0 ? "1 or 2"
                                                        : "1, 2 or 3",
            "there is no USB controller of version %u and type %s",
            controller->version, controller->type);
    if (last->least == last->most && controller->version != XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name,
                               "leave their number out",
                               "a USB controller of version %u has %u ports, "
                               "not %u",
                               last->version, last->least, ports);
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, domain->name,
        strcmp(controller->type, DEVICE_MODEL) != 0 ? "1 to 31" : "1 to 15",
        "there is no such USB controller with %u ports", ports);
}

int xt_usb_shape(const xtune_host *host, const xtune_domain *domain,
                 xtune_usb_controller *controller, xtune_error **err)
{
    const shape *last = NULL;
    size_t i;
    int rc;

    rc = find_type(host, domain, &controller->type, err);
    if (rc) return rc;
    for (i = 0; i < XT_ARRAY_SIZE(shapes); i++) {
        const shape *s = &shapes[i];

        if (strcmp(s->type, controller->type) != 0 ||
            (controller->version != XTUNE_NONE &&
             controller->version != s->version))
            continue;
        last = s;
        if (!fits(s, controller)) continue;
        controller->version = s->version;
        if (controller->nr_ports == XTUNE_NONE)
            controller->nr_ports = s->usual;
        return 0;
    }
    return refuse_shape(domain, controller, last, err);
}

int xtune_plan_usb_controller(const xtune_usb_request *request,
                              const xtune_domain *domain, const char *type,
                              uint32_t version, uint32_t ports, uint32_t *id_r,
                              xtune_plan **plan_r, xtune_error **err)
{
    xtune_usb_controller wanted = {
        .type = type,
        .version = version,
        .nr_ports = ports,
    };
    xtune_plan *plan;
    xt_usb_planner p;
    int rc;

    rc = xt_usb_check_domain(domain, err);
    if (!rc) rc = xt_usb_shape(request->host, domain, &wanted, err);
    if (rc) return rc;
    plan = xt_plan_new();
    xt_usb_planner_init(&p, plan, plan->arena, request);
    *id_r = xt_usb_add_controller(&p, xt_usb_domain(&p, domain), &wanted,
                                  "usbctrl-attach")
                ->id;
    xt_usb_planner_dispose(&p);
    *plan_r = plan;
    return 0;
}

static void add_detaches(xt_usb_planner *p, const xt_usb_taken *taken,
                         size_t nr, const xtune_usb_controller *controller,
                         bool stale)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (taken[i].controller == controller && taken[i].is_stale == stale)
            xt_usb_add_detach(p, &taken[i], "usbctrl-detach");
}

/* The devices in it come first, so that each is put back where this is
 * undone; those that are stale before, for nothing can be put back beside
 * them. */
int xtune_plan_usb_no_controller(const xtune_usb_request *request,
                                 const xtune_domain *domain, uint32_t id,
                                 xtune_plan **plan_r, xtune_error **err)
{
    xtune_plan *plan;
    const xt_usb_taken *taken;
    xtune_usb_controller *controller;
    xtune_domain *then;
    xt_usb_planner p;
    size_t nr;

    if (!xt_usb_controller_of(domain, id))
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                               "\"xltune usb-list\" shows what it has",
                               "it has no USB controller %u", id);
    plan = xt_plan_new();
    xt_usb_planner_init(&p, plan, plan->arena, request);
    then = xt_usb_domain(&p, domain);
    controller = xt_usb_controller_of(then, id);
    taken = xt_usb_list_taken(&p, &nr);
    add_detaches(&p, taken, nr, controller, true);
    add_detaches(&p, taken, nr, controller, false);
    xt_usb_add_no_controller(&p, then, controller, "usbctrl-detach");
    xt_usb_planner_dispose(&p);
    *plan_r = plan;
    return 0;
}
