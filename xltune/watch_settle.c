/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Domains that come. libxl makes the vCPUs of a domain after its name, sets
 * their masks itself, then builds its memory, and stores its configuration
 * when all is done, without a word: so a domain is looked at again and again
 * until it has a configuration, and both that and its vCPUs are as wanted.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/drift.h>

/* So many are looked at together: the next one does not wait long. */
#define BATCH 16

/* A plan and the domains it is for. */
struct batch {
    struct watched *due[BATCH];
    size_t nr;
    xtune_host view;
    xtune_plan *plan;
    uint64_t begun_us;
};

/* Judging. */

static bool is_pinned(const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (!xtune_set_is_all(&domain->vcpus[i].hard)) return true;
    return false;
}

/*
 * Of a domain that was there before us: whether somebody has already seen to
 * where it is, us or a person.
 */
static bool is_seen_to(const xtune_domain *domain)
{
    xtune_arena *arena;
    xtune_drift *drifts;
    bool differs;

    if (!domain->configured) return is_pinned(domain);
    if (xtune_domain_is_configured(domain)) return true;
    arena = xtune_arena_new();
    differs = xtune_domain_drift(domain, arena, &drifts) > 0;
    xtune_arena_free(arena);
    return differs;
}

static bool is_going(const xtune_domain *domain)
{
    return domain->state & (XTUNE_STATE_DYING | XTUNE_STATE_SHUTDOWN);
}

static uint64_t age_us(const struct watched *d)
{
    const uint64_t now = now_us();

    return now > d->named_us ? now - d->named_us : 0;
}

static void wait_for_name(struct watch *w, struct watched *d)
{
    d->state = WATCHED_NEW;
    d->want_name = true;
    d->next_us = now_us() +
                 (d->seen->name[0] ? SECOND_US : unready_delay_us(age_us(d)));
    if (d->follows_name || !w->events) return;
    d->follows_name = !xtune_events_follow_name(w->events, d->domid, NULL);
}

static void leave_name(struct watch *w, struct watched *d)
{
    if (d->follows_name && w->events)
        xtune_events_leave_name(w->events, d->domid);
    d->follows_name = false;
}

static void judge_found(struct watched *d)
{
    const bool seen_to = is_seen_to(d->seen);

    d->state = seen_to ? WATCHED_SETTLED : WATCHED_SETTLING;
    d->named_us = now_us();
    d->next_us = seen_to ? NEVER_US : now_us();
    d->complete = seen_to && d->seen->configured;
}

void watch_judge(struct watch *w, const xtune_host *view, struct watched *d)
{
    const xtune_domain *domain = d->seen;
    const enum watched_state before = d->state;
    const xtune_rule *rule;

    if (is_name_for_now(domain->name)) {
        wait_for_name(w, d);
        return;
    }
    leave_name(w, d);
    d->repair = d->repair && before == WATCHED_SETTLED;
    if (!watch_is_wanted(w, view, domain, &rule) || is_going(domain)) {
        d->state = WATCHED_FREE;
        d->next_us = NEVER_US;
        d->repair = d->is_new = d->usb_due = false;
        d->give_us = NEVER_US;
        watch_say_problem(d, PRIORITY_INFO, NULL);
    } else if (before == WATCHED_NEW) {
        d->state = WATCHED_SETTLING;
    } else if (before == WATCHED_FOUND || before == WATCHED_FREE) {
        judge_found(d);
    } else if (before == WATCHED_SETTLED && !d->complete &&
               domain->configured) {
        /* Its configuration has come after all. */
        d->state = WATCHED_SETTLING;
        d->next_us = now_us();
    }
}

/* Settling. */

/* Whether no configuration is to be expected any more. Building one with much
 * memory takes as long as it takes. */
static bool is_late(const struct watched *d)
{
    return age_us(d) > SETTLE_US && !watched_is_made(d->seen);
}

static bool is_due(const struct watched *d, uint64_t now)
{
    return watched_is_coming(d) && d->next_us <= now;
}

/* Those that have waited longest. */
static void choose(const struct watch *w, struct batch *b)
{
    const size_t most = w->one_by_one ? 1 : BATCH;
    size_t i, k;

    for (i = 0; i < w->nr_domains; i++) {
        struct watched *d = w->domains[i];

        if (!is_due(d, b->begun_us)) continue;
        for (k = b->nr; k > 0 && b->due[k - 1]->next_us > d->next_us; k--)
            if (k < most) b->due[k] = b->due[k - 1];
        if (k < most) b->due[k] = d;
        if (b->nr < most) b->nr++;
    }
}

/* Whether it is to be in another pool, or is to be given something else by its
 * scheduler. */
static bool is_to_move(const struct watch *w, const struct batch *b,
                       const struct watched *d)
{
    const xtune_policy *policy = w->ctx->policy;
    xtune_source source;
    const char *pool =
        xtune_policy_cpupool(policy, &b->view, d->seen, &source);
    size_t nr;

    (void)xtune_policy_scheduling(policy, &b->view, d->seen, &nr);
    return nr || (pool &&
                  (!d->seen->cpupool || strcmp(pool, d->seen->cpupool) != 0));
}

/* What a rule or a record says of CPUs or nodes does not depend on where
 * memory is going to be. But libxl sets masks and weights while it makes a
 * domain, and would not have them in another pool. */
static bool is_ready(const struct watch *w, const struct batch *b,
                     const struct watched *d)
{
    const xtune_record *record;
    const xtune_rule *rule;

    if (!d->seen->nr_vcpus) return false;
    if (!d->seen->configured && !is_late(d) && is_to_move(w, b, d))
        return false;
    if (!watched_is_made(d->seen) ||
        watched_has_limit(d->seen, b->view.xen.total_kb))
        return true;
    (void)watch_is_wanted(w, &b->view, d->seen, &rule);
    record = xtune_policy_record(w->ctx->policy, &b->view, d->seen);
    return !rule || rule->placement != XTUNE_PLACE_AUTO ||
           (record && record->nr_affinity);
}

/* When it has its configuration it is made: then all of it is looked at. */
static bool needs_details(struct watched *d)
{
    if (!d->seen->configured || d->complete) return false;
    d->complete = d->want_devices = true;
    d->next_us = now_us();
    return true;
}

/* Nothing was to be done when it was last as it is now: libxl builds it, and
 * all there is to wait for is its configuration. */
static bool is_calm(const struct batch *b, struct watched *d)
{
    if (d->planned != watched_sum(d->seen, b->view.xen.total_kb) || is_late(d))
        return false;
    d->next_us = now_us() + settled_delay_us(age_us(d));
    return true;
}

/* Leaves those of the batch that a plan is to be made for. */
static void keep_ready(struct watch *w, struct batch *b)
{
    size_t i, nr = 0;

    for (i = 0; i < b->nr; i++) {
        struct watched *d = b->due[i];

        if (!d) continue;
        watch_judge(w, &b->view, d);
        if (d->state != WATCHED_SETTLING) continue;
        d->next_us = now_us() + settle_delay_us(age_us(d));
        if (needs_details(d) || is_calm(b, d)) continue;
        if (is_ready(w, b, d))
            b->due[nr++] = d;
        else
            d->next_us = now_us() + unready_delay_us(age_us(d));
    }
    b->nr = nr;
}

static int make_plan(const struct watch *w, struct batch *b, xtune_error **err)
{
    bool *only = calloc(b->view.nr_domains + 1, sizeof(*only));
    const xtune_plan_request request = {
        .host = &b->view,
        .policy = w->ctx->policy,
        .flags = XTUNE_PLAN_NO_MOVES,
        .only = only,
    };
    size_t i, k;
    int rc;

    if (!only) abort();
    for (i = 0; i < b->view.nr_domains; i++)
        for (k = 0; k < b->nr; k++)
            if (b->view.domains[i].id == b->due[k]->domid) only[i] = true;
    rc = xtune_plan_make(&request, &b->plan, err);
    free(only);
    return rc;
}

/* Whether an action is about this domain, or a vCPU of it. */
static bool is_about(const xtune_action *action, const struct watched *d)
{
    const size_t len = strlen(d->seen->name);

    return !strncmp(action->object, d->seen->name, len) &&
           (!action->object[len] || action->object[len] == '/');
}

static bool is_to_change(const xtune_plan *plan, const struct watched *d,
                         const char *kind)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (is_about(&plan->actions[i], d) &&
            (!kind || !strcmp(plan->actions[i].kind, kind)))
            return true;
    return false;
}

/* What of its wishes cannot be. */
static void say_blocked(const xtune_plan *plan, struct watched *d)
{
    size_t i;

    for (i = 0; i < plan->nr_blocked; i++) {
        if (!is_about(&plan->blocked[i], d)) continue;
        watch_say_problem(d, PRIORITY_WARNING,
                          format_text("cannot have what is wanted: %s",
                                      plan->blocked[i].why));
        return;
    }
}

static void say_settled(const struct watched *d)
{
    char *masks = masks_text(d->seen), *after, *built;

    if (!d->masks_us) {
        log_line(PRIORITY_INFO, d->seen->name, "is as wanted: %s", masks);
        free(masks);
        return;
    }
    after = duration_text(d->masks_us - d->named_us);
    built = duration_text(d->masks_us > d->built_us ? d->masks_us - d->built_us
                                                    : 0);
    log_line(PRIORITY_INFO, d->seen->name,
             "set %s after its name, %s after its vCPUs were there: %s", after,
             built, masks);
    free(masks);
    free(after);
    free(built);
}

static void end_settling(struct watch *w, struct batch *b, struct watched *d)
{
    d->state = WATCHED_SETTLED;
    d->next_us = NEVER_US;
    watch_expect_devices(w, &b->view, d);
    if (d->seen->configured) d->is_new = false;
    say_settled(d);
    say_blocked(b->plan, d);
    watch_check_memory(w, &b->view, d);
    if (!d->seen->configured)
        log_line(PRIORITY_NOTICE, d->seen->name,
                 "has no stored configuration: what was set ends with it");
    /* What others have made of the host meanwhile. */
    if (w->round_us > now_us() + AFTER_US) w->round_us = now_us() + AFTER_US;
}

/* After a plan that was applied, or had nothing to do. */
static void advance(struct watch *w, struct batch *b)
{
    size_t i;

    for (i = 0; i < b->nr; i++) {
        struct watched *d = b->due[i];

        if (is_to_change(b->plan, d, "vcpu-affinity") ||
            is_to_change(b->plan, d, "domain-cpupool") ||
            is_to_change(b->plan, d, "scheduling"))
            d->masks_us = now_us(); /* and to be seen once more */
        else if (d->seen->configured || is_late(d))
            end_settling(w, b, d);
        else if (!is_to_change(b->plan, d, NULL))
            d->planned = watched_sum(d->seen, b->view.xen.total_kb);
    }
}

static void put_off(const struct batch *b, uint64_t until_us)
{
    size_t i;

    for (i = 0; i < b->nr; i++)
        b->due[i]->next_us = until_us;
}

/* One that fails alone. While libxl makes it, that has come between setting a
 * mask and reading it back. */
static void on_one_failure(struct watched *d, const char *text)
{
    if (watched_is_made(d->seen)) {
        d->next_us = now_us() + settle_delay_us(age_us(d));
        return;
    }
    d->next_us = now_us() + SECOND_US;
    watch_say_problem(d, PRIORITY_ERROR,
                      format_text("cannot be set: %s", text));
    if (age_us(d) <= SETTLE_US) return;
    d->state = WATCHED_SETTLED;
    d->next_us = NEVER_US;
}

/* One that always fails is not to keep the others from anything. */
static void on_failure(struct watch *w, struct batch *b, xtune_error *err)
{
    char *text = xtune_error_text(err);

    xtune_error_free(err);
    if (b->nr > 1) {
        w->one_by_one = true;
        put_off(b, now_us());
    } else {
        on_one_failure(b->due[0], text);
    }
    free(text);
}

static void change(struct watch *w, struct batch *b)
{
    xtune_error *err = NULL;

    if (make_plan(w, b, &err)) {
        on_failure(w, b, err);
        return;
    }
    watch_take_events(w);
    switch (b->plan->nr_actions ? watch_apply(w, b->plan, &err)
                                : APPLIED_DONE) {
    case APPLIED_DONE: advance(w, b); break;
    case APPLIED_LATER: put_off(b, w->lock_us); break;
    case APPLIED_AGAIN: put_off(b, now_us() + 5 * MS_US); break;
    case APPLIED_GONE: w->list_us = now_us(); break;
    case APPLIED_STUCK: put_off(b, now_us() + w->interval_us); break;
    case APPLIED_FAILED: on_failure(w, b, err); break;
    }
    xtune_plan_free(b->plan);
}

/* A look that fails as a whole: one may have gone since it was chosen. */
static void on_no_look(struct watch *w, struct batch *b, xtune_error *err)
{
    const bool gone = err->code == XTUNE_ERR_NOT_FOUND;

    if (gone)
        xtune_error_free(err);
    else
        log_error(PRIORITY_ERROR, err);
    w->list_us = now_us();
    put_off(b, now_us() + (gone ? 0 : SECOND_US));
}

void watch_settle(struct watch *w)
{
    struct batch b = { .begun_us = now_us() };
    xtune_error *err = NULL;

    choose(w, &b);
    if (!b.nr) {
        w->one_by_one = false;
        return;
    }
    watch_refresh_wants(w, false);
    if (watch_look(w, b.due, b.nr, &err)) {
        on_no_look(w, &b, err);
        return;
    }
    watch_take_events(w);
    watch_view(w, &b.view);
    keep_ready(w, &b);
    if (b.nr) change(w, &b);
    free(b.view.domains);
}
