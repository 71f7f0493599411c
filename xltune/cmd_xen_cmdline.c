/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines as XCP-ng's xen-cmdline takes and tells them: options of which
 * each is followed by its words, all made in one change.
 */
#include "cmd_cmdline.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

enum what { LIST, GET, SET, DELETE };

struct option_word {
    const char *name;
    enum what what;
    const char *line;
    const char *prefix; /* of list: of the names that are told; or NULL */
};

static const struct option_word option_words[] = {
    { "--list-xen", LIST, "xen", NULL },
    { "--get-xen", GET, "xen", NULL },
    { "--set-xen", SET, "xen", NULL },
    { "--delete-xen", DELETE, "xen", NULL },
    { "--list-dom0", LIST, "dom0", NULL },
    { "--get-dom0", GET, "dom0", NULL },
    { "--set-dom0", SET, "dom0", NULL },
    { "--delete-dom0", DELETE, "dom0", NULL },
    { "--list-cpuid-masks", LIST, "xen", "cpuid_mask" },
    { "--get-cpuid-masks", GET, "xen", NULL },
    { "--set-cpuid-masks", SET, "xen", NULL },
    { "--delete-cpuid-masks", DELETE, "xen", NULL },
};

static const struct option_word *find_option(const char *word)
{
    size_t i;

    for (i = 0; i < sizeof(option_words) / sizeof(option_words[0]); i++)
        if (!strcmp(option_words[i].name, word)) return &option_words[i];
    return NULL;
}

/* How many words follow the option at index. */
static size_t words_of(const struct context *ctx, size_t index)
{
    size_t nr = 0;

    while (index + 1 + nr < ctx->nr_args &&
           strncmp(ctx->args[index + 1 + nr], "--", 2) != 0)
        nr++;
    return nr;
}

int check_xen_cmdline(struct context *ctx)
{
    size_t i, nr;

    if (ctx->settings.json)
        return usage_error(ctx, "--json", "cmdline has it",
                           "it has no place with xen-cmdline");
    for (i = 0; i < ctx->nr_args; i += 1 + nr) {
        const struct option_word *option = find_option(ctx->args[i]);

        if (!option)
            return usage_error(ctx, ctx->args[i],
                               "see \"xltune help xen-cmdline\"",
                               "xen-cmdline has no such option");
        nr = words_of(ctx, i);
        if (!nr != (option->what == LIST))
            return usage_error(ctx, ctx->args[i], NULL,
                               nr ? "the option takes no parameters"
                                  : "the option needs a parameter");
    }
    return 0;
}

/* Telling. */

/* Those with an option's prefix stay; returns how many. */
static size_t keep_wanted(const struct option_word *option,
                          const char **parameters, size_t nr)
{
    size_t i, kept = 0;

    for (i = 0; i < nr; i++)
        if (!option->prefix ||
            !strncmp(parameters[i], option->prefix, strlen(option->prefix)))
            parameters[kept++] = parameters[i];
    return kept;
}

/* In the order of the command line; an empty line where there is none, as
 * there. */
static int told_text(struct context *ctx, size_t index, char **text_r,
                     xtune_error **err)
{
    static const char *const none[] = { "" };
    const struct option_word *option = find_option(ctx->args[index]);
    const char **parameters;
    size_t nr = 0;
    int rc;

    rc = xtune_boot_parameters(ctx->host, ctx->host->arena, option->line,
                               (const char *const *)ctx->args + index + 1,
                               words_of(ctx, index), &parameters, &nr, err);
    if (rc) return rc;
    nr = keep_wanted(option, parameters, nr);
    *text_r = nr ? cmdline_lines(parameters, nr) : cmdline_lines(none, 1);
    return 0;
}

static int tell(struct context *ctx)
{
    xtune_error *err = NULL;
    size_t i;
    int rc;

    rc = observe(ctx, 0, NULL, 0, &err);
    for (i = 0; !rc && i < ctx->nr_args; i += 1 + words_of(ctx, i)) {
        const enum what what = find_option(ctx->args[i])->what;
        char *text = NULL;

        if (what != LIST && what != GET) continue;
        rc = told_text(ctx, i, &text, &err);
        if (!rc) print_text(ctx, text, EXIT_DONE);
    }
    return rc ? report_error(ctx, err) : check_output(ctx, EXIT_DONE);
}

/* Changing: all in one. */

static int change(struct context *ctx, size_t nr)
{
    xtune_boot_words *groups = calloc(nr, sizeof(*groups));
    size_t i, at = 0;
    int code;

    if (!groups) abort();
    for (i = 0; i < ctx->nr_args; i += 1 + words_of(ctx, i)) {
        const struct option_word *option = find_option(ctx->args[i]);

        if (option->what != SET && option->what != DELETE) continue;
        groups[at++] = (xtune_boot_words){
            .line = option->line,
            .set = option->what == SET,
            .words = (const char *const *)ctx->args + i + 1,
            .nr = words_of(ctx, i),
        };
    }
    code = cmdline_change(ctx, groups, nr, false);
    free(groups);
    return code;
}

int cmd_xen_cmdline(struct context *ctx)
{
    size_t i, nr_tell = 0, nr_change = 0;
    int code = EXIT_DONE;

    for (i = 0; i < ctx->nr_args; i += 1 + words_of(ctx, i)) {
        const enum what what = find_option(ctx->args[i])->what;

        nr_tell += what == LIST || what == GET;
        nr_change += what == SET || what == DELETE;
    }
    if (nr_change) code = change(ctx, nr_change);
    if (!code && nr_tell) code = tell(ctx);
    return code;
}
