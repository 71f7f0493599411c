/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What devices and domains that went have left: ports that say of a device
 * that it is there, and devices that nobody drives. */
#include "watch_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

/* So long one thing is seen before it is believed. */
#define DOUBT_US SECOND_US

/* What a domain had and no domain has now: one that died does not give it
 * back, as one does that it is taken from. */
void watch_usb_note_freed(struct watch *w, const xtune_host *now)
{
    const xtune_domain *domain;
    size_t i, k, port;

    for (i = 0; w->usb && i < w->usb->nr_domains; i++) {
        domain = &w->usb->domains[i];
        for (k = 0; k < domain->nr_usb; k++)
            for (port = 0; port < domain->usb[k].nr_ports; port++) {
                const char *path = domain->usb[k].ports[port];

                if (path && !xtune_usb_owner(now, path, NULL, NULL))
                    usb_paths_add(&w->usb_freed, path);
            }
    }
}

/* Whether a program of dom0's has it, or nobody: then dom0's drivers have it
 * not yet. */
static bool is_without_driver(const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++)
        if (!usb->interfaces[i].driver ||
            !strcmp(usb->interfaces[i].driver, "usbfs"))
            return true;
    return false;
}

void watch_usb_forget_driven(struct watch *w)
{
    size_t i;

    for (i = w->usb_freed.nr; i-- > 0;) {
        const char *path = w->usb_freed.list[i];
        const xtune_usb *usb = xtune_host_usb(w->usb, path);

        /* For one that comes Linux looks for a driver by itself. */
        if (!usb || !is_without_driver(usb) ||
            usb_paths_have(&w->usb_came, path) ||
            xtune_usb_owner(w->usb, path, NULL, NULL))
            usb_paths_remove(&w->usb_freed, i);
    }
}

static void say_mended(const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        log_line(PRIORITY_INFO, plan->actions[i].object, "%s",
                 plan->actions[i].reason);
}

/* While a device is attached, be it by another hand, a port has it already and
 * dom0's drivers have it still: unless something has just happened to it, that
 * is looked at once more. */
static bool is_doubted(struct watch *w, const xtune_action *action)
{
    return !strcmp(action->kind, "usb") && now_us() >= w->usb_fresh_us &&
           (!w->usb_doubt_us || now_us() < w->usb_doubt_us + DOUBT_US);
}

/* Of devices without a driver those that a domain had: others have none for
 * want of one, or are on their way. */
static bool is_to_be_mended(struct watch *w, const xtune_action *action)
{
    if (!strcmp(action->kind, "usb-driver"))
        return usb_paths_have(&w->usb_freed, action->object);
    return !is_doubted(w, action);
}

/* Leaves in the plan what is to be done now. */
static void keep_sure(struct watch *w, xtune_plan *plan)
{
    bool in_doubt = false;
    size_t i, nr = 0;

    for (i = 0; i < plan->nr_actions; i++) {
        in_doubt = in_doubt || is_doubted(w, &plan->actions[i]);
        if (is_to_be_mended(w, &plan->actions[i]))
            plan->actions[nr++] = plan->actions[i];
    }
    plan->nr_actions = nr;
    if (!in_doubt)
        w->usb_doubt_us = 0;
    else if (!w->usb_doubt_us)
        w->usb_doubt_us = now_us();
}

/* Once is enough: Linux may have no driver for it. */
static void forget_tried(struct watch *w, const xtune_plan *plan)
{
    size_t i, k;

    if (!plan) w->usb_freed.nr = 0;
    for (i = w->usb_freed.nr; i-- > 0;)
        for (k = 0; k < plan->nr_actions; k++)
            if (!strcmp(plan->actions[k].object, w->usb_freed.list[i])) {
                usb_paths_remove(&w->usb_freed, i);
                break;
            }
}

/* A device model that ends has its devices for a moment longer. */
static void look_again(struct watch *w)
{
    w->usb_mend = (w->usb_freed.nr || w->usb_doubt_us) &&
                  ++w->usb_tries <= MOST_USB_TRIES;
    if (w->usb_mend)
        watch_usb_due(w, now_us() + DOUBT_US / 2);
    else
        w->usb_freed.nr = 0;
}

/* One by one: that one domain keeps its device is no reason to leave those of
 * others. The first that fails is told. */
static enum applied apply_each(struct watch *w, const xtune_plan *plan)
{
    enum applied result, all = APPLIED_DONE;
    size_t i;

    for (i = 0; i < plan->nr_actions; i++) {
        xtune_error *err = NULL;
        xtune_plan one = *plan;

        one.actions += i;
        one.nr_actions = 1;
        result = watch_apply(w, &one, &err);
        if (result == APPLIED_DONE) {
            say_mended(&one);
            continue;
        }
        if (result != APPLIED_FAILED) return result;
        if (all == APPLIED_DONE)
            watch_usb_problem(w, err);
        else
            xtune_error_free(err);
        all = APPLIED_FAILED;
    }
    return all;
}

/* False: nothing is to be put right. Else it is to be looked again. */
bool watch_usb_mend(struct watch *w)
{
    const xtune_usb_request request = { .host = w->usb };
    enum applied result = APPLIED_FAILED;
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;

    if (!xtune_plan_usb_mend(&request, &plan, &err)) {
        keep_sure(w, plan);
        if (!plan->nr_actions) {
            look_again(w);
            xtune_plan_free(plan);
            return false;
        }
        result = apply_each(w, plan);
    } else {
        watch_usb_problem(w, err);
    }
    if (!watch_usb_waits(w, result)) {
        /* What waits for a person is tried in the next round. */
        if (result != APPLIED_STUCK) forget_tried(w, plan);
        w->usb_mend = false;
        w->usb_stuck = result != APPLIED_DONE && result != APPLIED_STUCK;
        watch_usb_due(w, now_us());
    }
    xtune_plan_free(plan);
    return true;
}
