/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include <string.h>

#define INTERVAL_US (30 * SECOND_US)

/* What stands for another command, and what the daemon must not do. */
static int check_settings(struct context *ctx, struct watch *w)
{
    const struct settings *s = &ctx->settings;

    if (s->interval && !parse_interval(s->interval, &w->interval_us))
        return usage_error(ctx, "--interval",
                           "give a number of seconds from 1 to 86400",
                           "\"%s\" is none", s->interval);
    if (s->host)
        return usage_error(ctx, "--host", "see \"xltune plan\"",
                           "watch is for the live host: nothing happens in "
                           "a snapshot");
    if (s->json)
        return usage_error(ctx, "--json", NULL, "watch prints no document");
    if (s->residency_word && strcmp(s->residency_word, "infer") != 0)
        return usage_error(ctx, "--residency", NULL,
                           "watch only infers where memory is: counting "
                           "stops Xen for a moment");
    return 0;
}

int cmd_watch(struct context *ctx)
{
    struct watch w = { .ctx = ctx, .interval_us = INTERVAL_US };
    xtune_error *err = NULL;
    int code;

    code = check_settings(ctx, &w);
    if (code) return code;
    if (ctx->settings.quiet) log_quietly();
    if (open_backend(ctx, &err)) return report_error(ctx, err);
    if (watch_run(&w, &err)) return report_error(ctx, err);
    return EXIT_DONE;
}
