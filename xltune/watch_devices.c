/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices of the records of domains that come: each is given them once, when
 * libxl has made it. What a hand takes from it afterwards stays where it is;
 * watch_usb.c sees to USB devices, which come and go.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/pci.h>

/* What we say of one that is not given what it is to have begins so. */
#define CANNOT_HAVE "cannot have "

const xtune_record *watch_record_of(const struct watch *w,
                                    const xtune_host *view,
                                    const struct watched *d)
{
    const xtune_policy *policy = w->ctx->policy;

    if (!policy || !d->seen || !d->domid) return NULL;
    return xtune_policy_record(policy, view, d->seen);
}

void watch_expect_devices(struct watch *w, const xtune_host *view,
                          struct watched *d)
{
    const xtune_record *record = watch_record_of(w, view, d);

    if (!d->is_new || !d->seen->configured || !record) return;
    if (record->nr_pci) d->give_us = now_us();
    if (record->nr_usb) watch_expect_usb(w, d);
}

/* Giving. */

int watch_plan_devices(const struct watch *w, const xtune_host *view,
                       const struct watched *d, unsigned int flags,
                       xtune_plan **plan_r, xtune_error **err)
{
    bool *this_one = calloc(view->nr_domains + 1, sizeof(*this_one));
    const xtune_plan_request request = {
        .host = view,
        .policy = w->ctx->policy,
        .flags = XTUNE_PLAN_NO_MOVES | flags,
        .only = this_one,
        .devices = this_one,
    };
    size_t i;
    int rc;

    if (!this_one) abort();
    for (i = 0; i < view->nr_domains; i++)
        this_one[i] = view->domains[i].id == d->domid;
    rc = xtune_plan_make(&request, plan_r, err);
    free(this_one);
    return rc;
}

/* Of a device; kinds about it begin with what it is. */
static bool is_about_device(const xtune_action *action)
{
    return !strncmp(action->kind, "pci", 3) ||
           !strncmp(action->kind, "usb", 3);
}

static void say_blocked(struct watched *d, const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_blocked; i++)
        if (is_about_device(&plan->blocked[i])) {
            watch_say_problem(d, PRIORITY_WARNING,
                              format_text(CANNOT_HAVE "device %s: %s",
                                          plan->blocked[i].object,
                                          plan->blocked[i].why));
            return;
        }
    if (d->problem && !strncmp(d->problem, CANNOT_HAVE, strlen(CANNOT_HAVE)))
        watch_say_problem(d, PRIORITY_INFO, NULL);
}

void watch_say_given(struct watched *d, const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, "pci") ||
            !strcmp(plan->actions[i].kind, "usb"))
            log_line(PRIORITY_INFO, watched_name(d), "has been given %s",
                     plan->actions[i].object);
    say_blocked(d, plan);
}

void watch_say_not_given(struct watched *d, xtune_error *err)
{
    char *text = xtune_error_text(err);

    watch_say_problem(d, PRIORITY_ERROR,
                      format_text(CANNOT_HAVE "its devices: %s", text));
    free(text);
    xtune_error_free(err);
}

/* One that fails is not tried again: why it does is for a person to see. */
static void give_to(struct watch *w, const xtune_host *view, struct watched *d)
{
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;
    enum applied result = APPLIED_FAILED;

    if (!watch_plan_devices(w, view, d, 0, &plan, &err))
        result = plan->nr_actions ? watch_apply(w, plan, &err) : APPLIED_DONE;
    d->give_us = NEVER_US;
    if (result == APPLIED_LATER) d->give_us = w->lock_us;
    if (result == APPLIED_AGAIN) d->give_us = now_us() + SECOND_US;
    if (result == APPLIED_STUCK) d->give_us = now_us() + w->interval_us;
    if (result == APPLIED_DONE) watch_say_given(d, plan);
    if (result == APPLIED_FAILED) watch_say_not_given(d, err);
    d->want_devices = true;
    xtune_plan_free(plan);
}

static void give(struct watch *w, struct watched *d)
{
    xtune_error *err = NULL;
    xtune_host view;

    d->want_devices = true;
    if (watch_look(w, &d, 1, &err)) {
        xtune_error_free(err);
        d->give_us = now_us() + SECOND_US;
        w->list_us = now_us();
        return;
    }
    if (!d || d->state != WATCHED_SETTLED) return;
    watch_view(w, &view);
    give_to(w, &view, d);
    free(view.domains);
}

void watch_give(struct watch *w)
{
    const uint64_t now = now_us();
    size_t i;

    for (i = 0; i < w->nr_domains; i++) {
        struct watched *d = w->domains[i];

        if (d->state == WATCHED_SETTLED && d->give_us <= now) {
            give(w, d);
            return;
        }
    }
}

/* Comparing. */

static const char *address_now(const xtune_host *view,
                               const xtune_wanted_pci *wanted)
{
    const xtune_pci *pci;

    if (!view->has_pci_details ||
        xtune_pci_resolve_wanted(view, wanted, &pci, NULL))
        return wanted->address;
    return pci->address;
}

static bool has(const xtune_domain *domain, const char *address)
{
    size_t i;

    for (i = 0; i < domain->nr_pci; i++)
        if (!strcmp(domain->pci[i], address)) return true;
    return false;
}

bool watch_compare_devices(struct watch *w, const xtune_host *view,
                           struct watched *d)
{
    const xtune_record *record = watch_record_of(w, view, d);
    size_t i;

    if (!record || !record->nr_pci || d->give_us != NEVER_US) return false;
    /* From the next look on. */
    d->want_devices = true;
    for (i = 0; i < record->nr_pci; i++) {
        const char *address = address_now(view, &record->pci[i]);

        if (has(d->seen, address)) continue;
        watch_say_problem(
            d, PRIORITY_WARNING,
            format_text("device %s, which its record gives it, is not "
                        "attached; \"xltune apply\" attaches it",
                        address));
        return true;
    }
    return false;
}
