/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * USB devices. Linux tells when one comes or goes: what a domain has of one
 * that went is cleared away, and one that came is given to the domain whose
 * record has it, where it is now. That is the newest look at all domains, by
 * itself: who has a device is to be known of each of them. A domain that is
 * made, or made again, is given its devices here as well; and of one that is
 * gone dom0 gets them back.
 */
#include "watch_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

#include "cmd_usb.h"

/* A device comes in steps, each of which is told. */
#define TOGETHER_US (20 * MS_US)

/* Until its interfaces are there, and what it was before is cleared away, it
 * takes so long at most. */
#define FRESH_US (2 * SECOND_US)

/* A device that is taken is a domain's when all that is done. */
#define TAKING_US SECOND_US

#define RETRY_US (50 * MS_US)

/* A device model, or Linux, that is not ready yet is so a moment later. */
#define MOST_USB_FAILURES 4

void watch_usb_due(struct watch *w, uint64_t at_us)
{
    if (w->usb_us > at_us) w->usb_us = at_us;
}

/* What happens. */

void watch_usb_note_came(struct watch *w, const char *path)
{
    if (path[0])
        usb_paths_add(&w->usb_came, path);
    else
        w->usb_all_came = true;
}

void watch_take_usb(struct watch *w, const xtune_event *event)
{
    const uint64_t now = now_us();

    if (event->kind == XTUNE_EVENT_USB_TAKEN) {
        watch_usb_due(w, now + TAKING_US);
        return;
    }
    w->usb_mend = true;
    w->usb_stuck = false;
    w->usb_tries = 0;
    w->usb_fresh_us = now + FRESH_US;
    if (event->came) watch_usb_note_came(w, event->path);
    if (event->is_new) usb_paths_add(&w->usb_new, event->path);
    watch_usb_due(w, event->came ? now + TOGETHER_US : now);
}

static void expect(struct watched *d)
{
    d->usb_due = true;
    d->usb_us = 0;
    d->usb_failures = 0;
}

void watch_expect_usb(struct watch *w, struct watched *d)
{
    expect(d);
    w->usb_tries = 0;
    watch_usb_due(w, now_us());
}

static const xtune_domain *find_domain(const xtune_host *host,
                                       unsigned int domid)
{
    size_t i;

    for (i = 0; host && i < host->nr_domains; i++)
        if (host->domains[i].id == domid) return &host->domains[i];
    return NULL;
}

static bool has_any(const xtune_domain *domain)
{
    size_t i, k;

    for (i = 0; i < domain->nr_usb; i++)
        for (k = 0; k < domain->usb[i].nr_ports; k++)
            if (domain->usb[i].ports[k]) return true;
    return false;
}

void watch_hurry_usb(struct watch *w)
{
    w->usb_mend = true;
    w->usb_stuck = false;
    w->usb_tries = 0;
    watch_usb_due(w, now_us());
}

void watch_leave_usb(struct watch *w, unsigned int domid)
{
    const xtune_domain *domain = find_domain(w->usb, domid);

    if (domain && has_any(domain)) watch_hurry_usb(w);
}

static bool is_of_interest(const struct watch *w)
{
    size_t i;

    if (w->usb_freed.nr ||
        (w->ctx->policy && xtune_policy_has_usb(w->ctx->policy)))
        return true;
    for (i = 0; w->usb && i < w->usb->nr_domains; i++)
        if (w->usb->domains[i].nr_usb) return true;
    return !w->usb;
}

void watch_begin_usb_round(struct watch *w)
{
    if (!is_of_interest(w)) return;
    w->usb_mend = !w->usb_stuck;
    watch_usb_due(w, now_us());
}

/* Looking. */

void watch_usb_problem(struct watch *w, xtune_error *err)
{
    char *text = xtune_error_text(err);

    if (!w->usb_problem || strcmp(w->usb_problem, text) != 0)
        log_line(PRIORITY_ERROR, "USB", "%s", text);
    free(w->usb_problem);
    w->usb_problem = text;
    xtune_error_free(err);
}

/* more_parts: what is to be known besides USB devices. */
static bool look(struct watch *w, unsigned int more_parts)
{
    const xtune_observe what = {
        .parts = XTUNE_OBSERVE_USB | XTUNE_OBSERVE_NAMES | more_parts,
    };
    xtune_error *err = NULL;
    xtune_host *host;

    if (xtune_backend_observe(w->ctx->backend, &what, &host, &err)) {
        watch_usb_problem(w, err);
        return false;
    }
    watch_usb_note_freed(w, host);
    watch_usb_note_replugged(w, host);
    xtune_host_free(w->usb);
    w->usb = host;
    watch_usb_forget_driven(w);
    return true;
}

static bool is_input(const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < usb->nr_uses; i++)
        if (!strcmp(usb->uses[i].kind, "keyboard") ||
            !strcmp(usb->uses[i].kind, "pointer"))
            return true;
    return false;
}

/* Whether a domain is to have one of the console's inputs. */
static bool wants_input(const struct watch *w, const struct watched *d)
{
    const xtune_record *record = watch_record_of(w, w->usb, d);
    const xtune_usb *usb;
    size_t i;

    for (i = 0; record && i < record->nr_usb; i++)
        if (!xtune_usb_resolve(w->usb, &record->usb[i].identity, &usb, NULL) &&
            is_input(usb))
            return true;
    return false;
}

/* Whether it is the last one is told by all that dom0 has: a PC's own is at a
 * bridge. To look at all that takes longer than to look at USB devices, and
 * matters to nothing else. */
static bool see_inputs(struct watch *w, const struct watched *d)
{
    return w->usb->has_pci_details || !wants_input(w, d) ||
           look(w, USB_GIVING_PARTS);
}

static bool wants_what_came(const struct watch *w, const xtune_record *record)
{
    const xtune_usb *usb;
    size_t i;

    for (i = 0; i < record->nr_usb; i++)
        if (!xtune_usb_resolve(w->usb, &record->usb[i].identity, &usb, NULL) &&
            (w->usb_all_came || usb_paths_have(&w->usb_came, usb->path)))
            return true;
    return false;
}

/* Which domains are to be given what came. */
static void choose(struct watch *w)
{
    size_t i;

    if (!w->usb_came.nr && !w->usb_all_came) return;
    for (i = 0; i < w->nr_domains; i++) {
        struct watched *d = w->domains[i];
        const xtune_record *record = watch_record_of(w, w->usb, d);

        if (record && wants_what_came(w, record)) expect(d);
    }
    w->usb_came.nr = 0;
    w->usb_all_came = false;
}

/* Changing. */

bool watch_usb_waits(struct watch *w, enum applied result)
{
    if (result == APPLIED_LATER) {
        watch_usb_due(w, w->lock_us);
        return true;
    }
    if (result == APPLIED_GONE) w->list_us = now_us();
    if ((result != APPLIED_GONE && result != APPLIED_AGAIN) ||
        ++w->usb_tries > MOST_USB_TRIES)
        return false;
    watch_usb_due(w, now_us() + RETRY_US);
    return true;
}

/* What came may still be on its way: then Linux tells once more. */
static bool may_be_ready_soon(const struct watch *w)
{
    size_t i;

    if (now_us() >= w->usb_fresh_us) return false;
    for (i = 0; i < w->usb->nr_usb; i++)
        if (!w->usb->usb[i].configured) return true;
    return false;
}

static bool is_worth_a_try(struct watch *w, struct watched *d,
                           enum applied result)
{
    if (result == APPLIED_STUCK) {
        d->usb_us = now_us() + w->interval_us;
        watch_usb_due(w, d->usb_us);
        return true;
    }
    if (result != APPLIED_FAILED || ++d->usb_failures >= MOST_USB_FAILURES)
        return false;
    d->usb_us = now_us() + d->usb_failures * SECOND_US;
    watch_usb_due(w, d->usb_us);
    return true;
}

/* One that fails is said, tried a few times more, and then when something
 * happens. */
static void give(struct watch *w, struct watched *d)
{
    enum applied result = APPLIED_FAILED;
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;

    if (!watch_plan_devices(w, w->usb, d, XTUNE_PLAN_USB_ONLY, &plan, &err)) {
        result = plan->nr_actions ? watch_apply(w, plan, &err) : APPLIED_DONE;
        if (!plan->nr_actions && plan->nr_blocked && may_be_ready_soon(w)) {
            watch_usb_due(w, now_us() + RETRY_US);
            xtune_plan_free(plan);
            return;
        }
    }
    d->usb_due = watch_usb_waits(w, result) || is_worth_a_try(w, d, result);
    /* Who has what is to be known when the domain goes. */
    if (plan && plan->nr_actions) watch_usb_due(w, now_us() + RETRY_US);
    if (result == APPLIED_DONE) {
        keep_usb_ports(w->ctx, w->usb, plan);
        watch_say_given(d, plan);
    }
    if (result == APPLIED_FAILED) watch_say_not_given(d, err);
    xtune_plan_free(plan);
}

static struct watched *next_due(const struct watch *w)
{
    size_t i;

    for (i = 0; i < w->nr_domains; i++)
        if (w->domains[i]->usb_due && w->domains[i]->usb_us <= now_us() &&
            w->domains[i]->state == WATCHED_SETTLED)
            return w->domains[i];
    return NULL;
}

/* Those that are due now, and those that are to be tried again. */
static void mind_later(struct watch *w)
{
    const uint64_t soon = now_us() + RETRY_US;
    size_t i;

    for (i = 0; i < w->nr_domains; i++) {
        const struct watched *d = w->domains[i];

        if (d->usb_due && d->state == WATCHED_SETTLED)
            watch_usb_due(w, d->usb_us > soon ? d->usb_us : soon);
    }
}

void watch_mind_usb(struct watch *w)
{
    struct watched *d;

    if (w->usb_us > now_us()) return;
    /* What there is to be seen now is half done. */
    w->usb_us = w->undo_us;
    if (w->undo_us != NEVER_US) return;
    watch_refresh_wants(w, false);
    if (!look(w, 0)) return;
    choose(w);
    if (watch_usb_mend_replugged(w)) return;
    if (w->usb_mend && watch_usb_mend(w)) return;
    d = next_due(w);
    if (d && see_inputs(w, d)) give(w, d);
    mind_later(w);
}

/* Comparing. */

static bool say_missing(struct watched *d, const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, "usb")) {
            watch_say_problem(
                d, PRIORITY_WARNING,
                format_text("device %s, which its record gives it, is not "
                            "attached; \"xltune apply\" attaches it",
                            plan->actions[i].object));
            return true;
        }
    if (!plan->nr_blocked) return false;
    watch_say_problem(d, PRIORITY_WARNING,
                      format_text("device %s, which its record gives it, "
                                  "cannot be attached: %s",
                                  plan->blocked[0].object,
                                  plan->blocked[0].why));
    return true;
}

bool watch_compare_usb(struct watch *w, struct watched *d)
{
    const xtune_record *record;
    xtune_plan *plan;
    bool said;

    /* It was changed since it was looked at: what was said of it stays. */
    if (w->usb_us != NEVER_US) return d->problem != NULL;
    if (!w->usb || d->usb_due || !find_domain(w->usb, d->domid)) return false;
    record = watch_record_of(w, w->usb, d);
    if (!record || !record->nr_usb || !see_inputs(w, d) ||
        watch_plan_devices(w, w->usb, d, XTUNE_PLAN_USB_ONLY, &plan, NULL))
        return false;
    said = say_missing(d, plan);
    xtune_plan_free(plan);
    return said;
}
