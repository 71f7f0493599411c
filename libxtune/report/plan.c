/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan for people: vCPUs of a domain that change alike are one entry. */
#include <xtune/report.h>

#include <string.h>

#include "base/util.h"
#include "plan/boot_json.h"
#include "report/changes.h"
#include "report/text.h"

typedef struct plan_writer {
    FILE *out;
    xtune_arena *arena;
} plan_writer;

static void put_group(const plan_writer *w, const xtune_action *first,
                      const char *vcpus)
{
    unsigned int vcpu;
    const char *domain = xt_action_domain(w->arena, first, &vcpu);
    const char *changes = xt_action_changes(w->arena, first);

    fprintf(w->out, "  %s%s%s%s%s\n", xt_text_safe(w->arena, domain),
            *vcpus ? "  " : "", vcpus, *changes ? "  " : "", changes);
    if (first->reason)
        fprintf(w->out, "      %s\n", xt_text_safe(w->arena, first->reason));
    if (first->why)
        fprintf(w->out, "      blocked: %s\n",
                xt_text_safe(w->arena, first->why));
}

static void put_actions(const plan_writer *w, const char *title,
                        const xtune_action *actions, size_t nr)
{
    size_t i = 0;

    if (nr) fprintf(w->out, "%s\n", title);
    while (i < nr) {
        const char *vcpus;
        const size_t n =
            xt_action_group(w->arena, &actions[i], nr - i, &vcpus);

        put_group(w, &actions[i], vcpus);
        i += n;
    }
}

static void put_notes(const plan_writer *w, const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_notes; i++)
        fprintf(w->out, "note: %s: %s\n",
                xt_text_safe(w->arena, plan->notes[i].object),
                xt_text_safe(w->arena, plan->notes[i].text));
}

/* Changes of devices, of files and of the next boot leave memory where it is.
 */
static bool leaves_memory(xtune_arena *arena, const xtune_plan *plan)
{
    const char *changes;
    size_t i;

    for (i = 0; i < plan->nr_actions; i++) {
        const xtune_action *action = &plan->actions[i];

        if (strcmp(action->kind, XT_BOOT_PARAMETERS) != 0 &&
            strcmp(action->kind, "file") != 0 &&
            !xt_pci_changes(arena, action, &changes))
            return false;
    }
    return plan->nr_actions > 0;
}

static void put_local(const plan_writer *w, const xtune_plan *plan)
{
    const int before = plan->local_before_permille;
    const int after = plan->local_after_permille;

    if (before < 0 && after < 0) {
        if (leaves_memory(w->arena, plan)) return;
        fputs("; where memory is, is not known", w->out);
        return;
    }
    fprintf(w->out, "; local memory %s", xt_text_permille(w->arena, before));
    if (plan->nr_actions)
        fprintf(w->out, " -> %s", xt_text_permille(w->arena, after));
    fprintf(w->out, " (%s)", xtune_residency_name(plan->residency));
}

static void put_summary(const plan_writer *w, const xtune_plan *plan)
{
    if (plan->nr_actions)
        fprintf(w->out, "%zu change%s", plan->nr_actions,
                plan->nr_actions == 1 ? "" : "s");
    else
        fputs("Nothing to do", w->out);
    if (plan->nr_blocked) fprintf(w->out, ", %zu blocked", plan->nr_blocked);
    put_local(w, plan);
    putc('\n', w->out);
}

char *xtune_report_plan(const xtune_plan *plan, const char *source)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    plan_writer w = { .arena = arena };
    xt_text text;

    xt_text_open(&text);
    w.out = text.out;
    fprintf(w.out, "Host: %s\n", xt_text_safe(arena, source));
    put_actions(&w, "Changes:", plan->actions, plan->nr_actions);
    put_actions(&w, "Blocked:", plan->blocked, plan->nr_blocked);
    put_notes(&w, plan);
    put_summary(&w, plan);
    return xt_text_close(&text);
}
