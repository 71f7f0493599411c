/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines of Xen and of dom0's Linux: told, changed, and put back. */
#include "cmd_cmdline.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

#include "verb.h"

enum { ARG_WHAT, ARG_LINE, ARG_KEYS };

/* The words that may follow the command. */
struct what {
    const char *name;
    int (*run)(struct context *ctx);
    size_t min_args, max_args; /* with that word */
    bool changes;              /* --dry-run has a place */
};

static int run_list(struct context *ctx);
static int run_get(struct context *ctx);
static int run_edit(struct context *ctx);

static const struct what whats[] = {
    { "list", run_list, 1, 2, false },
    { "get", run_get, 3, NO_LIMIT, false },
    { "set", run_edit, 3, NO_LIMIT, true },
    { "delete", run_edit, 3, NO_LIMIT, true },
    { "rollback", cmdline_rollback, 1, 1, false },
};

static const struct what *find_what(const char *word)
{
    size_t i;

    for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
        if (!strcmp(whats[i].name, word)) return &whats[i];
    return NULL;
}

static bool is_line(const char *word)
{
    return !strcmp(word, "xen") || !strcmp(word, "dom0");
}

/* "KEY=VALUE" would be looked for as a name. */
static int check_names(struct context *ctx)
{
    size_t i;

    for (i = ARG_KEYS; i < ctx->nr_args; i++)
        if (strchr(ctx->args[i], '='))
            return usage_error(ctx, ctx->args[i], "write the name alone",
                               "there is a value behind it");
    return 0;
}

int check_cmdline(struct context *ctx)
{
    const struct what *what = find_what(ctx->args[ARG_WHAT]);

    if (!what)
        return usage_error(ctx, ctx->args[ARG_WHAT],
                           "write list, get, set, delete or rollback",
                           "cmdline does not know this word");
    if (ctx->nr_args < what->min_args || ctx->nr_args > what->max_args)
        return usage_error(ctx, what->name, "see \"xltune help cmdline\"",
                           ctx->nr_args < what->min_args
                               ? "an argument is missing"
                               : "there are too many arguments");
    if (ctx->nr_args > ARG_LINE && !is_line(ctx->args[ARG_LINE]))
        return usage_error(ctx, ctx->args[ARG_LINE], "write xen or dom0",
                           "it has no command line");
    if (!what->changes && ctx->settings.dry_run)
        return usage_error(ctx, "--dry-run", NULL,
                           "it has no place with \"%s\"", what->name);
    return what->run == run_get ? check_names(ctx) : 0;
}

int cmd_cmdline(struct context *ctx)
{
    return find_what(ctx->args[ARG_WHAT])->run(ctx);
}

/* list and get */

static int run_list(struct context *ctx)
{
    const char *line = ctx->nr_args > ARG_LINE ? ctx->args[ARG_LINE] : NULL;
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err)) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json
                          ? xtune_report_cmdline_json(ctx->host, line)
                          : xtune_report_cmdline(ctx->host, line),
                      EXIT_DONE);
}

static int run_get(struct context *ctx)
{
    const struct cmdline_keys keys = {
        .line = ctx->args[ARG_LINE],
        .words = (const char *const *)ctx->args + ARG_KEYS,
        .nr = ctx->nr_args - ARG_KEYS,
    };
    xtune_error *err = NULL;
    char *text;
    int rc;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc) rc = cmdline_values(ctx, &keys, &text, &err);
    if (rc) return report_error(ctx, err);
    if (ctx->settings.json) {
        free(text);
        text = xtune_report_cmdline_values_json(ctx->host, keys.line,
                                                keys.words, keys.nr);
    }
    return print_text(ctx, text, EXIT_DONE);
}

/* set and delete */

static int run_edit(struct context *ctx)
{
    const xtune_boot_words words = {
        .line = ctx->args[ARG_LINE],
        .set = ctx->args[ARG_WHAT][0] == 's',
        .words = (const char *const *)ctx->args + ARG_KEYS,
        .nr = ctx->nr_args - ARG_KEYS,
    };

    return cmdline_change(ctx, &words, 1, true);
}
