/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What apply, vcpu-pin, rollback and recover have in common: signals, the
 * lines of progress and the document at the end. */
#include "xltune.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xtune/report.h>

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
    (void)signal;
    stop = 1;
}

/*
 * A reader of our output that goes away must not end us between two changes:
 * what it missed is an error at the end.
 */
static void catch_signals(void)
{
    static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = on_signal,
                                .sa_flags = SA_RESTART };
    size_t i;

    for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        sigaction(stops[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

static void keep_step(struct change *change, enum xtune_step step,
                      const char *object, const char *note)
{
    xtune_outcome *outcome;

    change->outcomes = need(reallocarray(
        change->outcomes, change->nr_outcomes + 1, sizeof(*change->outcomes)));
    outcome = &change->outcomes[change->nr_outcomes++];
    *outcome = (xtune_outcome){
        .object = need(strdup(object)),
        .step = step,
        .note = note ? need(strdup(note)) : NULL,
        .move = change->move,
    };
}

static void print_step(enum xtune_step step, const xtune_action *action,
                       size_t index, size_t nr, const char *note,
                       const xtune_move_progress *move)
{
    static const char *const words[] = {
        [XTUNE_STEP_DONE] = "",           [XTUNE_STEP_FAILED] = ": failed",
        [XTUNE_STEP_UNDONE] = ": undone", [XTUNE_STEP_LEFT] = ": left as is",
        [XTUNE_STEP_GONE] = ": gone",     [XTUNE_STEP_KEPT] = ": not moved",
    };
    char *text = xtune_report_action(action);
    char *took = move->finished ? xtune_report_moving(move) : NULL;

    printf("[%zu/%zu] %s%s%s%s%s%s\n", index + 1, nr, text, words[step],
           took ? ": " : "", took ? took : "", note ? ": " : "",
           note ? note : "");
    free(took);
    /* What is seen is what was done, also through a pipe. */
    fflush(stdout);
    free(text);
}

static void on_progress(void *opaque, enum xtune_step step,
                        const xtune_action *action, size_t index, size_t nr,
                        const char *note)
{
    struct change *change = opaque;
    const bool json = change->ctx->settings.json;

    change->nr_made += step == XTUNE_STEP_DONE;
    change->nr_failed += step == XTUNE_STEP_FAILED;
    change->nr_kept += step == XTUNE_STEP_KEPT;
    keep_step(change, step, action->object, note);
    if (!json && !change->quiet)
        print_step(step, action, index, nr, note, &change->move);
    else if (!json && note)
        print_note(action->object, note);
    change->move.finished = false;
}

/* Over the same line again, for a person who watches. */
static void on_moving(void *opaque, const xtune_move_progress *progress)
{
    struct change *change = opaque;
    char *text;

    change->move = *progress;
    if (!change->watched) return;
    if (progress->finished) {
        fputs("\r\033[K", stderr);
        return;
    }
    text = xtune_report_moving(progress);
    fprintf(stderr, "\r\033[K%s: %s", progress->domain, text);
    fflush(stderr);
    free(text);
}

void change_begin(struct change *change, struct context *ctx,
                  const char *title, bool quiet)
{
    *change = (struct change){
        .ctx = ctx,
        .quiet = quiet || ctx->settings.quiet,
        .watched = !ctx->settings.json && !ctx->settings.quiet &&
                   isatty(STDERR_FILENO),
        .options = {
            .title = title,
            .progress = on_progress,
            .moving = on_moving,
            .opaque = change,
            .stop = &stop,
            .residency = residency_mode(&ctx->settings),
            .force = ctx->settings.force,
        },
    };
    catch_signals();
}

static void free_outcomes(struct change *change)
{
    size_t i;

    for (i = 0; i < change->nr_outcomes; i++) {
        free((char *)change->outcomes[i].object);
        free((char *)change->outcomes[i].note);
    }
    free(change->outcomes);
}

int change_end(struct change *change, int rc, xtune_error *err,
               const char *result, char *text)
{
    int code;

    if (rc) {
        free(text);
        code = report_error(change->ctx, err);
    } else if (change->ctx->settings.json && change->told_later) {
        free(text);
        code = EXIT_DONE;
    } else if (change->ctx->settings.json) {
        free(text);
        code = print_text(change->ctx,
                          xtune_report_outcome_json(result, change->outcomes,
                                                    change->nr_outcomes,
                                                    change->options.confirm_s),
                          EXIT_DONE);
    } else {
        code = print_text(change->ctx, change->quiet ? NULL : text, EXIT_DONE);
        if (change->quiet) free(text);
    }
    /* Some moves failed, or were stopped; the rest is as it is to be. */
    if (!rc && code == EXIT_DONE &&
        (change->nr_failed || (stop && change->nr_kept)))
        code = EXIT_FAILED;
    /* What cannot be told must not be taken for what was not done. */
    else if (!rc && code != EXIT_DONE)
        print_note("the host", "it was changed all the same; see \"xltune "
                               "history\"");
    free_outcomes(change);
    return code;
}
