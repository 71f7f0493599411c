/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes that are rolled back unless somebody confirms them. */
#include "xltune.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

int read_seconds(struct context *ctx, const char *object, const char *text,
                 unsigned int *seconds_r)
{
    const size_t len = strlen(text);
    unsigned long seconds = 0;

    if (len && len <= 5 && strspn(text, "0123456789") == len)
        seconds = strtoul(text, NULL, 10);
    if (!seconds || seconds > XTUNE_CONFIRM_MAX_S)
        return usage_error(ctx, object, "give a number from 1 to 86400",
                           "\"%s\" is no time in seconds", text);
    *seconds_r = (unsigned int)seconds;
    return 0;
}

int read_confirm_within(struct context *ctx)
{
    struct settings *s = &ctx->settings;

    if (!s->confirm_word) return 0;
    return read_seconds(ctx, "--confirm-within", s->confirm_word,
                        &s->confirm_s);
}

static unsigned int left_s(const xtune_pending *pending)
{
    return (pending->left_ms + 999) / 1000;
}

char *pending_text(const struct context *ctx)
{
    xtune_pending pending;
    xtune_state *state;
    bool found;
    int rc;

    if (xtune_state_open(ctx->backend, ctx->settings.root, &state, NULL))
        return NULL;
    rc = xtune_pending_read(state, &found, &pending, NULL);
    xtune_state_close(state);
    if (rc || !found || pending.other_boot) return NULL;
    if (!pending.left_ms)
        return format_text("Change %u was not confirmed in time and is being "
                           "rolled back\n",
                           pending.id);
    return format_text("Change %u is rolled back in %u s unless \"xltune "
                       "confirm\" comes\n",
                       pending.id, left_s(&pending));
}

/* What cannot be confirmed is an error: a script that comes too late must not
 * take it for done. */
static int refuse(bool found, const xtune_pending *pending, xtune_error **err)
{
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, "confirm",
                               "see \"xltune history\"",
                               "nothing waits to be confirmed");
    if (pending->other_boot)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, "confirm",
                               "\"xltune rollback\" takes back what is in "
                               "files, if anything is",
                               "the host was rebooted since: of change %u "
                               "only what is in files is left, and stays",
                               pending->id);
    if (!pending->left_ms)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, "confirm",
                               "if \"xltune history\" does not say soon that "
                               "it is rolled back, run \"xltune rollback\"",
                               "too late: the time of change %u is over",
                               pending->id);
    return 0;
}

static int confirm(struct context *ctx, xtune_pending *pending,
                   xtune_error **err)
{
    bool found;
    int rc;

    if (xtune_state_is_interrupted(ctx->state))
        return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, "confirm",
                               "run \"xltune recover\"",
                               "a change was cut off");
    rc = xtune_pending_read(ctx->state, &found, pending, err);
    if (rc) return rc;
    rc = refuse(found, pending, err);
    return rc ? rc : xtune_pending_drop(ctx->state, err);
}

int cmd_confirm(struct context *ctx)
{
    xtune_error *err = NULL;
    xtune_pending pending = { .id = 0 };

    if (confirm(ctx, &pending, &err)) return report_error(ctx, err);
    if (ctx->settings.json)
        return print_text(ctx,
                          xtune_report_outcome_json("confirmed", NULL, 0, 0),
                          EXIT_DONE);
    if (ctx->settings.quiet) return EXIT_DONE;
    return print_text(
        ctx, format_text("Change %u is confirmed: it stays\n", pending.id),
        EXIT_DONE);
}
