/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Domains that stay. They are compared with what was once made of them, which
 * is in their stored configuration; not with what would be made of them now.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/drift.h>

void watch_say_problem(struct watched *d, enum priority priority,
                       char *problem)
{
    if (problem && d->problem && !strcmp(problem, d->problem)) {
        free(problem);
        return;
    }
    free(d->problem);
    d->problem = problem;
    if (problem) log_line(priority, watched_name(d), "%s", problem);
}

/* Of all its vCPUs: one that says the same as the last time is not new. */
static char *add_vcpu(char *text, const xtune_drift *drift)
{
    char *one = drift_text(drift);
    char *longer = format_text("%s%svCPU %u: %s", text ? text : "",
                               text ? "; " : "", drift->vcpu->id, one);

    free(one);
    free(text);
    return longer;
}

static void say_drift(struct watched *d, const xtune_drift *drifts, size_t nr,
                      bool enforce)
{
    char *text = NULL;
    size_t i;

    for (i = 0; i < nr; i++)
        text = add_vcpu(text, &drifts[i]);
    if (d->problem && !strcmp(d->problem, text)) {
        free(text);
        return;
    }
    free(d->problem);
    d->problem = text;
    for (i = 0; i < nr; i++) {
        char *object =
            format_text("%s/%u", watched_name(d), drifts[i].vcpu->id);

        text = drift_text(&drifts[i]);
        log_line(PRIORITY_WARNING, object,
                 "drift: %s; somebody else pinned it; %s", text,
                 enforce ? "it is put back" : "\"xltune apply\" puts it back");
        free(text);
        free(object);
    }
}

void watch_compare(struct watch *w, const xtune_host *view, struct watched *d)
{
    xtune_arena *arena = xtune_arena_new();
    const xtune_rule *rule;
    xtune_drift *drifts;
    size_t nr = 0;

    if (watch_is_wanted(w, view, d->seen, &rule))
        nr = xtune_domain_drift(d->seen, arena, &drifts);
    d->repair = nr && rule && rule->enforce;
    if (d->repair) d->next_us = now_us();
    if (nr)
        say_drift(d, drifts, nr, d->repair);
    else if (watch_compare_devices(w, view, d) || watch_compare_usb(w, d))
        ;
    else if (d->problem && (!strncmp(d->problem, "vCPU ", 5) ||
                            !strncmp(d->problem, "device ", 7))) {
        log_line(PRIORITY_NOTICE, watched_name(d), "drifts no longer");
        watch_say_problem(d, PRIORITY_INFO, NULL);
    }
    xtune_arena_free(arena);
}

void watch_check_memory(struct watch *w, const xtune_host *view,
                        struct watched *d)
{
    xtune_arena *arena;
    uint64_t local_kb, total_kb;
    const xtune_rule *rule;
    xtune_set nodes;

    if (d->said_memory || !watch_is_wanted(w, view, d->seen, &rule) || !rule ||
        rule->memory != XTUNE_MEMORY_FOLLOW ||
        rule->placement == XTUNE_PLACE_NONE)
        return;
    arena = xtune_arena_new();
    nodes = xtune_domain_run_nodes(arena, view, d->seen, NULL, NULL);
    if (xtune_domain_local_kb(view, d->seen, &nodes, &local_kb, &total_kb) &&
        total_kb - local_kb > total_kb / 64) {
        d->said_memory = true;
        log_line(PRIORITY_NOTICE, watched_name(d),
                 "%u %% of its memory is not beside its vCPUs; it is left "
                 "there; \"xltune apply\" moves it",
                 (unsigned int)((total_kb - local_kb) * 100 / total_kb));
    }
    xtune_arena_free(arena);
}

/* Putting right. */

static enum applied repair_vcpu(struct watch *w, const xtune_host *view,
                                const struct watched *d,
                                const xtune_drift *drift, xtune_error **err)
{
    enum applied result;
    xtune_plan *plan;

    if (xtune_plan_vcpu_pin(view, d->seen, drift->vcpu->id, &drift->hard,
                            &drift->soft, &plan, err))
        return APPLIED_FAILED;
    result = watch_apply(w, plan, err);
    xtune_plan_free(plan);
    return result;
}

static void repair_vcpus(struct watch *w, const xtune_host *view,
                         struct watched *d)
{
    xtune_arena *arena = xtune_arena_new();
    enum applied result = APPLIED_DONE;
    xtune_error *err = NULL;
    xtune_drift *drifts;
    const size_t nr = xtune_domain_drift(d->seen, arena, &drifts);
    size_t i;

    for (i = 0; result == APPLIED_DONE && i < nr; i++)
        result = repair_vcpu(w, view, d, &drifts[i], &err);
    xtune_arena_free(arena);
    d->next_us = NEVER_US;
    d->repair = false;
    if (result == APPLIED_LATER) {
        d->next_us = w->lock_us;
        d->repair = true;
    }
    if (result == APPLIED_DONE && nr) {
        log_line(PRIORITY_NOTICE, watched_name(d), "the drift is put right");
        watch_say_problem(d, PRIORITY_INFO, NULL);
    }
    if (result == APPLIED_FAILED) log_error(PRIORITY_ERROR, err);
}

static void repair(struct watch *w, struct watched *d)
{
    xtune_error *err = NULL;
    xtune_host view;

    if (watch_look(w, &d, 1, &err)) {
        xtune_error_free(err);
        d->repair = false;
        d->next_us = NEVER_US;
        w->list_us = now_us();
        return;
    }
    if (!d || d->state != WATCHED_SETTLED) return;
    watch_view(w, &view);
    repair_vcpus(w, &view, d);
    free(view.domains);
}

void watch_repair(struct watch *w)
{
    const uint64_t now = now_us();
    size_t i;

    for (i = 0; i < w->nr_domains; i++) {
        struct watched *d = w->domains[i];

        if (d->state == WATCHED_SETTLED && d->repair && d->next_us <= now) {
            repair(w, d);
            return;
        }
    }
}
