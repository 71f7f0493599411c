/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verb.h"

#include <stdlib.h>

#include <xtune/report.h>

int observe_for_verb(struct context *ctx, unsigned int more_parts,
                     xtune_error **err)
{
    int rc = 0;

    /* What is not about nodes leaves memory where it is. */
    if (!ctx->settings.dry_run)
        rc = lock_state(ctx, err);
    else if (ctx->command->parts & XTUNE_OBSERVE_TOPOLOGY)
        more_parts |= XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_RESIDENCY;
    return rc ? rc : observe(ctx, more_parts, NULL, 0, err);
}

int show_diff(struct context *ctx, const xtune_plan *plan, xtune_error **err)
{
    char *text;
    int rc;

    rc = xtune_plan_diff(ctx->backend, plan, &text, err);
    if (rc) return rc;
    if (ctx->settings.quiet || ctx->settings.json)
        free(text);
    else
        print_text(ctx, text, EXIT_DONE);
    fflush(stdout);
    return 0;
}

static int show(struct context *ctx, const xtune_plan *plan)
{
    if (ctx->settings.json)
        return print_text(ctx, xtune_plan_to_json(plan), EXIT_DONE);
    if (ctx->settings.quiet) return EXIT_DONE;
    return print_text(
        ctx, xtune_report_plan(plan, xtune_backend_describe(ctx->backend)),
        EXIT_DONE);
}

static void print_notes(const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_notes; i++)
        print_note(plan->notes[i].object, plan->notes[i].text);
}

/* The change is made: that it will not be kept must not be missed. */
static int keep(struct context *ctx, const struct verb *verb,
                xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    if (!verb->keep) return 0;
    rc = verb->keep(ctx, verb->what, &cause);
    if (!rc) return 0;
    xtune_error_set(err, rc, cause->errnum, verb->object, cause->hint,
                    "it is done, but will not be kept: %s: %s", cause->object,
                    cause->message);
    xtune_error_free(cause);
    return rc;
}

static int carry_out(struct context *ctx, const struct verb *verb)
{
    xtune_error *err = NULL;
    struct change change;
    int rc;

    change_begin(&change, ctx, verb->title, true);
    change.told_later = verb->told_later;
    rc = xtune_apply(ctx->backend, ctx->state, verb->plan, &change.options,
                     NULL, &err);
    if (!rc) print_notes(verb->plan);
    if (!rc) rc = keep(ctx, verb, &err);
    /* Quiet is the progress alone, unless it was asked for. */
    change.quiet = ctx->settings.quiet;
    return change_end(&change, rc, err,
                      verb->plan->nr_actions ? "applied" : "nothing",
                      verb->text);
}

int run_verb(struct context *ctx, const struct verb *verb)
{
    int code;

    if (ctx->settings.dry_run) {
        code = show(ctx, verb->plan);
        free(verb->text);
    } else {
        code = carry_out(ctx, verb);
    }
    free(verb->title);
    return code;
}
