/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing the host, between other writers. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

/* As the journal calls what the daemon does. */
#define TITLE "watch"

/* How soon the lock is tried again: other domains are heard meanwhile. */
#define LOCK_RETRY_US (20 * MS_US)

/* Says what keeps us from changing anything, and until when, but once; frees
 * err. */
static void say_trouble(struct watch *w, xtune_error *err, const char *until)
{
    char *text = xtune_error_text(err);

    if (w->trouble && !strcmp(w->trouble, text)) {
        free(text);
        xtune_error_free(err);
        return;
    }
    free(w->trouble);
    w->trouble = text;
    log_error(PRIORITY_ERROR, err);
    log_line(PRIORITY_ERROR, "watch", "nothing is changed until %s", until);
}

#define UNTIL_SEEN_TO "a person has seen to that"
#define UNTIL_UNDONE "that is undone, which is tried again and again"

static enum applied take_lock(struct watch *w, xtune_error **err)
{
    struct context *ctx = w->ctx;
    int rc;

    if (ctx->state) return APPLIED_DONE;
    rc = xtune_state_lock(ctx->backend, ctx->settings.root, TITLE, 0,
                          &ctx->state, err);
    if (!rc) {
        w->lock_us = 0;
        return APPLIED_DONE;
    }
    if (rc != XTUNE_ERR_BUSY) return APPLIED_FAILED;
    xtune_error_free(*err);
    *err = NULL;
    w->lock_us = now_us() + LOCK_RETRY_US;
    return APPLIED_LATER;
}

bool watch_lock_early(struct watch *w)
{
    xtune_error *err = NULL;
    enum applied result;

    if (!w->lock_us) return true;
    if (w->lock_us > now_us()) return false;
    result = take_lock(w, &err);
    if (result == APPLIED_FAILED) {
        say_trouble(w, err, UNTIL_SEEN_TO);
        w->lock_us = now_us() + SECOND_US;
    }
    return result == APPLIED_DONE;
}

/* What is left of a change of ours is put back by us, be it of a daemon that
 * was killed: nobody else knows of it. */
static void expect_undo(struct watch *w)
{
    if (w->undo_us == NEVER_US &&
        xtune_state_is_interrupted_by(w->ctx->state, TITLE)) {
        w->undo_us = now_us();
        w->undo_tries = 0;
    }
}

/* A device model that does not answer does so later, or ends. */
static void undo_later(struct watch *w, xtune_error *err)
{
    const uint64_t wait = (uint64_t)++w->undo_tries * SECOND_US;

    say_trouble(w, err, UNTIL_UNDONE);
    w->undo_us = now_us() + (wait < w->interval_us ? wait : w->interval_us);
}

/* What was put off. */
static void hurry(struct watch *w)
{
    size_t i;

    for (i = 0; i < w->nr_domains; i++) {
        struct watched *d = w->domains[i];

        if (d->usb_due || d->usb_failures) watch_expect_usb(w, d);
        if (watched_is_coming(d)) d->next_us = now_us();
    }
    watch_hurry_usb(w);
}

void watch_undo(struct watch *w)
{
    const xtune_apply_options options = { .title = TITLE };
    xtune_error *err = NULL;
    xtune_recovered recovered;
    enum applied result;

    if (w->undo_us > now_us()) return;
    result = take_lock(w, &err);
    if (result == APPLIED_LATER) {
        w->undo_us = w->lock_us;
        return;
    }
    if (result != APPLIED_DONE) {
        undo_later(w, err);
        return;
    }
    /* Or somebody has seen to it, or it is somebody else's by now. */
    if (xtune_state_is_interrupted_by(w->ctx->state, TITLE) &&
        xtune_recover(w->ctx->backend, w->ctx->state, &options, &recovered,
                      &err)) {
        undo_later(w, err);
        return;
    }
    w->undo_us = NEVER_US;
    w->round_us = 0;
    hurry(w);
}

static enum applied judge_error(struct watch *w, int rc, xtune_error **err)
{
    switch (rc) {
    case XTUNE_ERR_INTERRUPTED: /* of another process that was cut off, or of
                                   ours, which watch_undo() sees to */
    case XTUNE_ERR_BUSY:        /* waits for a person to confirm it */
        if (w->undo_us != NEVER_US)
            xtune_error_free(*err);
        else
            say_trouble(w, *err, UNTIL_SEEN_TO);
        *err = NULL;
        return APPLIED_STUCK;
    case XTUNE_ERR_CHANGED:
    case XTUNE_ERR_NOT_FOUND:
        xtune_error_free(*err);
        *err = NULL;
        return rc == XTUNE_ERR_CHANGED ? APPLIED_AGAIN : APPLIED_GONE;
    default: return APPLIED_FAILED;
    }
}

enum applied watch_apply(struct watch *w, const xtune_plan *plan,
                         xtune_error **err_r)
{
    const xtune_apply_options options = {
        .title = TITLE,
        .no_history = true,
    };
    enum applied result = take_lock(w, err_r);
    int rc;

    if (result != APPLIED_DONE) return result;
    rc = xtune_apply(w->ctx->backend, w->ctx->state, plan, &options, NULL,
                     err_r);
    if (rc) expect_undo(w);
    if (rc) return judge_error(w, rc, err_r);
    if (w->trouble) log_line(PRIORITY_NOTICE, "watch", "changes again");
    free(w->trouble);
    w->trouble = NULL;
    return APPLIED_DONE;
}

void watch_unlock(struct watch *w)
{
    xtune_state_close(w->ctx->state);
    w->ctx->state = NULL;
}
