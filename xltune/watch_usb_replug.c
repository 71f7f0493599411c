/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices that went and came again before anybody looked. What the toolstack
 * says is where a domain has one, which is true of the new one as well; and
 * dom0's drivers tell only of a device that they know. But Linux says that one
 * came where there was none, and gives each another address.
 */
#include "watch_usb.h"

#include <string.h>
#include <strings.h>

#include <xtune/usb.h>

static const xtune_domain *find_same(const xtune_host *host,
                                     const xtune_domain *domain)
{
    size_t i;

    for (i = 0; host && i < host->nr_domains; i++)
        if (host->domains[i].id == domain->id)
            return strcasecmp(host->domains[i].uuid, domain->uuid)
                       ? NULL
                       : &host->domains[i];
    return NULL;
}

/* The device that a domain had in that very port when it was last looked. */
static const xtune_usb *had_before(const struct watch *w,
                                   const xtune_domain *domain,
                                   const xtune_usb_controller *controller,
                                   size_t port)
{
    const xtune_domain *before = find_same(w->usb, domain);
    const char *path = controller->ports[port];
    size_t i;

    for (i = 0; before && i < before->nr_usb; i++) {
        const xtune_usb_controller *c = &before->usb[i];

        if (c->id == controller->id && port < c->nr_ports && c->ports[port] &&
            !strcmp(c->ports[port], path))
            return xtune_host_usb(w->usb, path);
    }
    return NULL;
}

static void note_port(struct watch *w, const xtune_host *now,
                      const xtune_domain *domain,
                      const xtune_usb_controller *controller, size_t port)
{
    const char *path = controller->ports[port];
    const xtune_usb *usb = xtune_host_usb(now, path), *before;

    if (!usb) return;
    before = had_before(w, domain, controller, port);
    if (usb_paths_have(&w->usb_new, path) ||
        (before && before->address != usb->address))
        usb_paths_add(&w->usb_replugged, path);
}

/* Which are in no port any more. */
static void forget_free(struct watch *w, const xtune_host *now)
{
    size_t i;

    for (i = w->usb_replugged.nr; i-- > 0;)
        if (!xtune_usb_owner(now, w->usb_replugged.list[i], NULL, NULL))
            usb_paths_remove(&w->usb_replugged, i);
}

void watch_usb_note_replugged(struct watch *w, const xtune_host *now)
{
    const xtune_domain *domain;
    size_t i, k, port;

    for (i = 0; i < now->nr_domains; i++) {
        domain = &now->domains[i];
        for (k = 0; k < domain->nr_usb; k++)
            for (port = 0; port < domain->usb[k].nr_ports; port++)
                if (domain->usb[k].ports[port])
                    note_port(w, now, domain, &domain->usb[k], port);
    }
    w->usb_new.nr = 0;
    forget_free(w, now);
}

static int plan_detach(const struct watch *w, const char *path,
                       xtune_plan **plan_r, xtune_error **err)
{
    const xtune_usb_request request = { .host = w->usb };

    return xtune_plan_usb_detach(&request,
                                 xtune_usb_owner(w->usb, path, NULL, NULL),
                                 path, plan_r, err);
}

/* The port is free, and the device is one that came. */
static void say_free(struct watch *w, const xtune_plan *plan, const char *path)
{
    log_line(PRIORITY_INFO, plan->actions[0].object,
             "it was plugged in again");
    watch_usb_note_came(w, path);
}

/* It is tried again when the others are: they are not to wait for it. */
static void put_last(struct usb_paths *paths)
{
    char first[sizeof(paths->list[0])];

    memcpy(first, paths->list[0], sizeof(first));
    usb_paths_remove(paths, 0);
    usb_paths_add(paths, first);
}

/* False: there is none, or none that can be helped now. */
bool watch_usb_mend_replugged(struct watch *w)
{
    enum applied result = APPLIED_FAILED;
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;
    const char *path;

    if (!w->usb_replugged.nr) return false;
    path = w->usb_replugged.list[0];
    if (!plan_detach(w, path, &plan, &err))
        result = watch_apply(w, plan, &err);
    if (result == APPLIED_DONE) {
        say_free(w, plan, path);
        usb_paths_remove(&w->usb_replugged, 0);
        watch_usb_due(w, now_us());
    }
    if (result == APPLIED_FAILED) {
        watch_usb_problem(w, err);
        put_last(&w->usb_replugged);
        if (++w->usb_tries <= MOST_USB_TRIES)
            watch_usb_due(w, now_us() + SECOND_US);
    }
    xtune_plan_free(plan);
    return result == APPLIED_DONE || watch_usb_waits(w, result);
}
