/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing the host, between other writers. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

/* How soon the lock is tried again: other domains are heard meanwhile. */
#define LOCK_RETRY_US (20 * MS_US)

/* Says what keeps us from changing anything, but once; frees err. */
static void say_trouble(struct watch *w, xtune_error *err)
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
    log_line(PRIORITY_ERROR, "watch",
             "nothing is changed until a person has seen to that");
}

static enum applied take_lock(struct watch *w, xtune_error **err)
{
    struct context *ctx = w->ctx;
    int rc;

    if (ctx->state) return APPLIED_DONE;
    rc = xtune_state_lock(ctx->backend, ctx->settings.root, "watch", 0,
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
        say_trouble(w, err);
        w->lock_us = now_us() + SECOND_US;
    }
    return result == APPLIED_DONE;
}

static enum applied judge_error(struct watch *w, int rc, xtune_error **err)
{
    switch (rc) {
    case XTUNE_ERR_INTERRUPTED: /* of another process that was cut off */
    case XTUNE_ERR_BUSY:        /* waits for a person to confirm it */
        say_trouble(w, *err);
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
        .title = "watch",
        .no_history = true,
    };
    enum applied result = take_lock(w, err_r);
    int rc;

    if (result != APPLIED_DONE) return result;
    rc = xtune_apply(w->ctx->backend, w->ctx->state, plan, &options, NULL,
                     err_r);
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
