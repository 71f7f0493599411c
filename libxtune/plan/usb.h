/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of USB devices and controllers, for the plans that have some among
 * others. Nothing is added where everything is as asked. */
#ifndef XT_PLAN_USB_H
#define XT_PLAN_USB_H

#include <xtune/plan.h>
#include <xtune/usb.h>

/* What is being planned. */
typedef struct xt_usb_planner {
    xtune_plan *plan;
    xtune_arena *arena;       /* the caller's: owns what follows */
    xtune_host *then;         /* as it is after the plan's actions */
    xtune_usb_policy *policy; /* NULL: it cannot be read */
    const char *const *forced;
    size_t nr_forced;
} xt_usb_planner;

/* A port that is taken, of a domain that is not on its way out. */
typedef struct xt_usb_taken {
    xtune_domain *domain;
    xtune_usb_controller *controller;
    uint32_t port;
    const char *path;
    bool is_there; /* a device of this path is plugged in */
    bool is_stale; /* the domain has it no longer: xtune_usb_is_stale() */
} xt_usb_taken;

void xt_usb_planner_init(xt_usb_planner *p, xtune_plan *plan,
                         xtune_arena *arena, const xtune_usb_request *request);
void xt_usb_planner_dispose(xt_usb_planner *p);

/* A domain of the request's host, as it is then. */
xtune_domain *xt_usb_domain(const xt_usb_planner *p,
                            const xtune_domain *domain);

/* In the order of domains, controllers and ports. */
const xt_usb_taken *xt_usb_list_taken(const xt_usb_planner *p, size_t *nr_r);

/* NULL where it has none of this id. */
xtune_usb_controller *xt_usb_controller_of(const xtune_domain *domain,
                                           uint32_t id);

/* Why a domain cannot be given any USB device. */
int xt_usb_check_domain(const xtune_domain *domain, xtune_error **err);

/* Fills in what is not said of a controller: see xtune_plan_usb_controller().
 */
int xt_usb_shape(const xtune_host *host, const xtune_domain *domain,
                 xtune_usb_controller *controller, xtune_error **err);

/* Actions, each of which is made in p->then as well. */

/* Makes a controller, which has its shape, with the lowest id that is free. */
xtune_usb_controller *xt_usb_add_controller(xt_usb_planner *p,
                                            xtune_domain *domain,
                                            const xtune_usb_controller *shape,
                                            const char *reason);
void xt_usb_add_no_controller(xt_usb_planner *p, xtune_domain *domain,
                              const xtune_usb_controller *controller,
                              const char *reason);

/* Frees a port. */
void xt_usb_add_detach(xt_usb_planner *p, const xt_usb_taken *taken,
                       const char *reason);

/* Puts a device into a free port; before: where the domain has it, so that
 * this is left; NULL. */
void xt_usb_add_attach(xt_usb_planner *p, xtune_domain *domain,
                       const xtune_usb *usb, const xt_usb_taken *before,
                       xtune_usb_controller *controller, uint32_t port,
                       const char *reason);

/* Lets Linux drive those interfaces of a device that have no driver. */
void xt_usb_add_driver(xt_usb_planner *p, const xtune_usb *usb);

/* What stands behind xtune_plan_usb_attach(): whole, or an error. */
int xt_usb_plan_attach(xt_usb_planner *p, const xtune_domain *domain,
                       const xtune_usb *usb, const xtune_usb_place *place,
                       const char *reason, xtune_error **err);

#endif
