/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that compare the host with the policy and bring them together. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xtune/report.h>

#include "cmd_usb.h"

int plan_host(struct context *ctx, const xtune_policy *policy,
              unsigned int flags, xtune_plan **plan_r, xtune_error **err)
{
    const unsigned int devices =
        flags & XTUNE_PLAN_AT_BOOT ? DEVICE_PARTS : device_parts(policy);
    int rc = observe(ctx, devices | usb_parts(policy) | dom0_parts(policy),
                     NULL, 0, err);

    if (rc) return rc;
    return xtune_plan_make(
        &(xtune_plan_request){
            .host = ctx->host,
            .policy = policy,
            .flags = flags,
            .forced = ctx->settings.forced.words,
            .nr_forced = ctx->settings.forced.nr,
        },
        plan_r, err);
}

static int make_plan(struct context *ctx, xtune_plan **plan_r,
                     xtune_error **err)
{
    const struct settings *s = &ctx->settings;
    int rc;

    /* A policy that cannot be read costs no look at the host. */
    rc = s->at_boot ? read_policy_if_any(ctx, err) : read_policy(ctx, err);
    if (rc) return rc;
    if (!ctx->policy) ctx->policy = xtune_policy_new();
    return plan_host(ctx, ctx->policy,
                     (s->allow_pause ? XTUNE_PLAN_ALLOW_PAUSE : 0) |
                         (s->at_boot ? XTUNE_PLAN_AT_BOOT : 0),
                     plan_r, err);
}

static char *plan_text(const struct context *ctx, const xtune_plan *plan)
{
    return xtune_report_plan(plan, xtune_backend_describe(ctx->backend));
}

static int show_plan(struct context *ctx, bool count_blocked)
{
    xtune_error *err = NULL;
    xtune_plan *plan;
    int code;

    if (make_plan(ctx, &plan, &err)) return report_error(ctx, err);
    code = plan->nr_actions || (count_blocked && plan->nr_blocked)
               ? EXIT_DIFFERENCE
               : EXIT_DONE;
    if (ctx->settings.json)
        code = print_text(ctx, xtune_plan_to_json(plan), code);
    else if (!ctx->settings.quiet)
        code = print_text(ctx, pending_text(ctx),
                          print_text(ctx, plan_text(ctx, plan), code));
    xtune_plan_free(plan);
    return code;
}

int cmd_plan(struct context *ctx)
{
    return show_plan(ctx, false);
}

int cmd_check(struct context *ctx)
{
    return show_plan(ctx, true);
}

/* What must be so before anything is looked at, so that a script without
 * --yes fails the same way whatever there is to do. */
static int refuse_unasked(struct context *ctx)
{
    if (ctx->settings.yes) return 0;
    if (ctx->settings.json)
        return usage_error(ctx, "apply", "add --yes",
                           "with --json it does not ask");
    if (!isatty(STDIN_FILENO))
        return usage_error(ctx, "apply", "add --yes, or see \"xltune plan\"",
                           "there is no terminal to ask on");
    return 0;
}

static bool ask(size_t nr)
{
    char answer[16];

    fprintf(stderr, "Apply %s %zu change%s? [y/N] ",
            nr == 1 ? "this" : "these", nr, nr == 1 ? "" : "s");
    if (!fgets(answer, sizeof(answer), stdin)) return false;
    return !strcasecmp(answer, "y\n") || !strcasecmp(answer, "yes\n");
}

/* What became of the changes that were not made. */
static char *rest_text(const struct change *change)
{
    char *failed = change->nr_failed
                       ? format_text(", %zu failed", change->nr_failed)
                       : format_text("%s", "");
    char *text = change->nr_kept ? format_text("%s, %zu left for another time",
                                               failed, change->nr_kept)
                                 : format_text("%s", failed);

    free(failed);
    return text;
}

static char *applied_text(const struct change *change, unsigned int confirm_s,
                          bool twice)
{
    const size_t nr = change->nr_made;
    char *rest = rest_text(change), *text;

    if (!nr)
        text = format_text("nothing was changed%s\n", rest);
    else if (confirm_s)
        text = format_text("%zu change%s applied%s; %s rolled back in %u s "
                           "unless \"xltune confirm\" comes\n",
                           nr, nr == 1 ? "" : "s", rest,
                           nr == 1 ? "it is" : "they are", confirm_s);
    else
        text = format_text("%zu change%s applied%s; \"xltune rollback\"%s "
                           "undoes %s\n",
                           nr, nr == 1 ? "" : "s", rest, twice ? " twice" : "",
                           nr == 1 ? "it" : "them");
    free(rest);
    return text;
}

static int apply_plan(struct context *ctx, const xtune_plan *plan)
{
    char *title = format_text("apply %s", ctx->policy->name);
    xtune_error *err = NULL;
    struct change change;
    bool twice = false;
    int guard = -1, rc = 0;

    change_begin(&change, ctx, title, false);
    change.options.moves_at_once = ctx->settings.budget.at_once;
    change.options.max_moves = ctx->settings.budget.moves;
    change.options.max_bytes = ctx->settings.budget.bytes;
    change.options.max_ms = ctx->settings.budget.ms;
    if (plan->nr_actions) {
        change.options.confirm_s = ctx->settings.confirm_s;
        rc = guard_begin(ctx, &guard, &err);
    }
    if (!rc)
        rc = xtune_apply(ctx->backend, ctx->state, plan, &change.options, NULL,
                         &err);
    if (!rc) keep_usb_ports(ctx, ctx->host, plan);
    /* What waits to be confirmed is one change. */
    if (!rc && plan_makes_vfs(plan) && !change.options.confirm_s)
        rc = apply_vfs(&change, &twice, &err);
    guard_end(ctx, guard);
    if (!change.nr_made) change.options.confirm_s = 0;
    rc = change_end(&change, rc, err, change.nr_made ? "applied" : "nothing",
                    plan->nr_actions
                        ? applied_text(&change, ctx->settings.confirm_s, twice)
                        : NULL);
    free(title);
    return rc;
}

static int show_and_apply(struct context *ctx, const xtune_plan *plan)
{
    const struct settings *s = &ctx->settings;
    int code;

    /* Nobody is asked about what was not shown. */
    if (!s->json && !(s->quiet && s->yes)) {
        code = print_text(ctx, plan_text(ctx, plan), EXIT_DONE);
        if (code) return code;
    }
    if (plan->nr_actions && !s->yes && !ask(plan->nr_actions)) {
        print_note("apply", "nothing was changed");
        return EXIT_FAILED;
    }
    return apply_plan(ctx, plan);
}

int cmd_apply(struct context *ctx)
{
    xtune_error *err = NULL;
    xtune_plan *plan;
    int code;

    code = read_confirm_within(ctx);
    if (!code) code = read_budget(ctx);
    if (!code) code = refuse_unasked(ctx);
    if (code) return code;
    if (make_plan(ctx, &plan, &err)) return report_error(ctx, err);
    code = show_and_apply(ctx, plan);
    xtune_plan_free(plan);
    return code;
}

/* Whether it is the domain, or a vCPU of it, as "web1/0". */
static bool is_of(const char *object, const xtune_domain *domain)
{
    const size_t len = strlen(domain->name);

    return !strncmp(object, domain->name, len) &&
           (!object[len] || object[len] == '/');
}

static bool was_changed(const struct change *change,
                        const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < change->nr_outcomes; i++)
        if (change->outcomes[i].step == XTUNE_STEP_DONE &&
            is_of(change->outcomes[i].object, domain))
            return true;
    return false;
}

static bool would_change(const xtune_plan *plan, const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (is_of(plan->actions[i].object, domain)) return true;
    return false;
}

/* What records alone want; NULL where there are none. */
static xtune_plan *plan_records(struct context *ctx)
{
    xtune_plan *plan = NULL;

    ctx->policy = xtune_policy_new();
    if (read_records(ctx, ctx->policy, NULL) || !ctx->policy->nr_records ||
        observe(ctx,
                (XTUNE_OBSERVE_ALL &
                 ~(unsigned int)(XTUNE_OBSERVE_RESIDENCY | DEVICE_PARTS |
                                 XTUNE_OBSERVE_USB)) |
                    device_parts(ctx->policy) | usb_parts(ctx->policy),
                NULL, 0, NULL) ||
        xtune_plan_make(&(xtune_plan_request){ .host = ctx->host,
                                               .policy = ctx->policy,
                                               .flags = XTUNE_PLAN_NO_MOVES },
                        &plan, NULL))
        return NULL;
    return plan;
}

/* A rollback does not touch what is kept: it says so where the next apply
 * would undo it. */
static void note_records(struct change *change)
{
    struct context *ctx = change->ctx;
    xtune_plan *plan = plan_records(ctx);
    size_t i;

    for (i = 0; plan && i < ctx->host->nr_domains; i++) {
        const xtune_domain *domain = &ctx->host->domains[i];

        if (!was_changed(change, domain)) continue;
        if (would_change(plan, domain)) note_record(ctx, ctx->policy, domain);
        note_usb_unplugged(ctx, ctx->policy, domain);
    }
    xtune_plan_free(plan);
}

int cmd_rollback(struct context *ctx)
{
    xtune_error *err = NULL;
    struct change change;
    unsigned int id = 0;
    int rc;

    change_begin(&change, ctx, "rollback", false);
    rc = xtune_rollback(ctx->backend, ctx->state, &change.options, &id, &err);
    if (!rc) note_records(&change);
    return change_end(&change, rc, err, "rolled-back",
                      format_text("Rolled back %u of the history\n", id));
}

static char *kept_text(const xtune_recovered *recovered)
{
    if (recovered->nr_moved < recovered->nr_moves)
        return format_text("Memory had begun to move: %zu of %zu moves were "
                           "made and stay, the rest was not made; \"xltune "
                           "plan\" shows it\n",
                           recovered->nr_moved, recovered->nr_moves);
    if (recovered->nr_moves == 1)
        return format_text("Memory had begun to move: the move was made and "
                           "stays\n");
    return format_text("Memory had begun to move: all %zu moves were made and "
                       "stay\n",
                       recovered->nr_moves);
}

/* Frees text. */
static char *add_pending(const struct context *ctx, char *text)
{
    xtune_pending pending;
    bool found;
    char *longer;

    if (xtune_pending_read(ctx->state, &found, &pending, NULL) || !found ||
        pending.other_boot)
        return text;
    longer = format_text("%sChange %u is yet to be confirmed: \"xltune "
                         "confirm\" keeps it, \"xltune rollback\" undoes it\n",
                         text, pending.id);
    free(text);
    return longer;
}

static char *undone_text(const xtune_recovered *recovered)
{
    const size_t nr = recovered->nr_left;

    if (!nr) return format_text("The host is as it was before\n");
    return format_text("The host is as it was before, but for %zu thing%s "
                       "that another hand changed since, and that stay%s so\n",
                       nr, nr == 1 ? "" : "s", nr == 1 ? "s" : "");
}

static char *recovered_text(const struct context *ctx,
                            const xtune_recovered *recovered)
{
    switch (recovered->result) {
    case XTUNE_RECOVERY_KEPT: return add_pending(ctx, kept_text(recovered));
    case XTUNE_RECOVERY_UNDONE: return undone_text(recovered);
    case XTUNE_RECOVERY_REBOOTED:
        return format_text("The host was rebooted since: nothing is left of "
                           "what was cut off\n");
    default: return format_text("Nothing to recover\n");
    }
}

int cmd_recover(struct context *ctx)
{
    xtune_recovered recovered = { .result = XTUNE_RECOVERY_NONE };
    xtune_error *err = NULL;
    struct change change;
    int rc;

    change_begin(&change, ctx, "recover", false);
    rc = xtune_recover(ctx->backend, ctx->state, &change.options, &recovered,
                       &err);
    return change_end(&change, rc, err,
                      recovered.result == XTUNE_RECOVERY_NONE ? "nothing"
                                                              : "recovered",
                      recovered_text(ctx, &recovered));
}

int cmd_history(struct context *ctx)
{
    xtune_error *err = NULL;
    xtune_history *history;
    xtune_state *state;
    char *text;
    int rc;

    if (xtune_state_open(ctx->backend, ctx->settings.root, &state, &err))
        return report_error(ctx, err);
    rc = xtune_history_read(state, &history, &err);
    xtune_state_close(state);
    if (rc) return report_error(ctx, err);
    text = ctx->settings.json ? xtune_report_history_json(history)
                              : xtune_report_history(history);
    xtune_history_free(history);
    return print_text(ctx, text, EXIT_DONE);
}
