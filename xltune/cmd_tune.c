/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that compare the host with the policy and bring them together. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xtune/report.h>

static int make_plan(struct context *ctx, xtune_plan **plan_r,
                     xtune_error **err)
{
    int rc;

    /* A policy that cannot be read costs no look at the host. */
    rc = read_policy(ctx, err);
    if (rc) return rc;
    rc = observe(ctx, 0, NULL, 0, err);
    if (rc) return rc;
    return xtune_plan_make(
        &(xtune_plan_request){
            .host = ctx->host,
            .policy = ctx->policy,
            .flags = ctx->settings.allow_pause ? XTUNE_PLAN_ALLOW_PAUSE : 0,
        },
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

static char *applied_text(const struct change *change, unsigned int confirm_s)
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
        text =
            format_text("%zu change%s applied%s; \"xltune rollback\" "
                        "undoes %s\n",
                        nr, nr == 1 ? "" : "s", rest, nr == 1 ? "it" : "them");
    free(rest);
    return text;
}

static int apply_plan(struct context *ctx, const xtune_plan *plan)
{
    char *title = format_text("apply %s", ctx->policy->name);
    xtune_error *err = NULL;
    struct change change;
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
    guard_end(ctx, guard);
    if (!change.nr_made) change.options.confirm_s = 0;
    rc = change_end(&change, rc, err, change.nr_made ? "applied" : "nothing",
                    plan->nr_actions
                        ? applied_text(&change, ctx->settings.confirm_s)
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

int cmd_rollback(struct context *ctx)
{
    xtune_error *err = NULL;
    struct change change;
    unsigned int id = 0;
    int rc;

    change_begin(&change, ctx, "rollback", false);
    rc = xtune_rollback(ctx->backend, ctx->state, &change.options, &id, &err);
    return change_end(&change, rc, err, "rolled-back",
                      format_text("Rolled back %u of the history\n", id));
}

int cmd_recover(struct context *ctx)
{
    static const char *const texts[] = {
        [XTUNE_RECOVERY_NONE] = "Nothing to recover",
        [XTUNE_RECOVERY_UNDONE] = "The host is as it was before",
        [XTUNE_RECOVERY_KEPT] =
            "Memory had begun to move: what was made stays, the rest was not "
            "begun; \"xltune plan\" shows it",
    };
    enum xtune_recovery result = XTUNE_RECOVERY_NONE;
    xtune_error *err = NULL;
    struct change change;
    int rc;

    change_begin(&change, ctx, "recover", false);
    rc = xtune_recover(ctx->backend, ctx->state, &change.options, &result,
                       &err);
    return change_end(&change, rc, err,
                      result == XTUNE_RECOVERY_NONE ? "nothing" : "recovered",
                      format_text("%s\n", texts[result]));
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
