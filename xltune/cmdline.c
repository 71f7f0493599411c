/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_cmdline.h"
#include "verb.h"

static int not_there(const char *line, const char *key, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, key, NULL,
                           "it is not on %s's command line of the next boot",
                           line);
}

/* Frees both. */
static char *joined(char *text, char *more)
{
    char *all = format_text("%s%s", text, more);

    free(text);
    free(more);
    return all;
}

char *cmdline_lines(const char *const *parameters, size_t nr)
{
    size_t len = 0, i;
    char *text, *at;

    for (i = 0; i < nr; i++)
        len += strlen(parameters[i]) + 1;
    text = at = malloc(len + 1);
    if (!text) abort();
    *at = '\0';
    for (i = 0; i < nr; i++)
        at += sprintf(at, "%s\n", parameters[i]);
    return text;
}

int cmdline_values(struct context *ctx, const struct cmdline_keys *keys,
                   char **text_r, xtune_error **err)
{
    const char **parameters;
    char *text = format_text("%s", "");
    size_t i, nr = 0;
    int rc = 0;

    for (i = 0; !rc && i < keys->nr; i++) {
        rc = xtune_boot_parameters(ctx->host, ctx->host->arena, keys->line,
                                   &keys->words[i], 1, &parameters, &nr, err);
        if (!rc && !nr) rc = not_there(keys->line, keys->words[i], err);
        if (!rc) text = joined(text, cmdline_lines(parameters, nr));
    }
    if (rc)
        free(text);
    else
        *text_r = text;
    return rc;
}

/* Changing. */

static bool is_among(const char *const *values, size_t nr, const char *value)
{
    while (nr--)
        if (!strcmp(values[nr], value)) return true;
    return false;
}

/* With --force it is taken all the same: a Xen that is newer may know it. */
static int check_value(struct context *ctx, const xtune_boot_change *change,
                       const char *value, xtune_findings *findings,
                       xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    rc = xtune_boot_check(change->line, change->key, value, ctx->host,
                          findings, &cause);
    if (!rc) return 0;
    if (ctx->settings.force)
        print_note(cause->object, cause->message);
    else
        xtune_error_set(err, rc, 0, cause->object,
                        cause->hint ? cause->hint
                                    : "--force takes it all the same",
                        "%s", cause->message);
    xtune_error_free(cause);
    return ctx->settings.force ? 0 : rc;
}

/* What stands there already is not asked for. */
static int check_change(struct context *ctx, const xtune_boot_change *change,
                        xtune_findings *findings, xtune_error **err)
{
    const char *const *values;
    size_t i, nr = 0;
    int rc;

    rc = xtune_boot_get(ctx->host, ctx->host->arena, change->line, change->key,
                        &values, &nr, err);
    for (i = 0; !rc && i < change->nr_values; i++)
        if (!is_among(values, nr, change->values[i]))
            rc = check_value(ctx, change, change->values[i], findings, err);
    return rc;
}

static int check_changes(struct context *ctx, const xtune_boot_change *changes,
                         size_t nr, xtune_error **err)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++)
        rc = check_change(ctx, &changes[i], findings, err);
    for (i = 0; !rc && i < findings->nr; i++)
        print_note(findings->items[i].object, findings->items[i].text);
    xtune_findings_free(findings);
    return rc;
}

static int make_plan(struct context *ctx, const xtune_boot_words *groups,
                     size_t nr_groups, xtune_plan **plan_r, xtune_error **err)
{
    xtune_boot_change *changes;
    size_t nr;
    int rc;

    rc = xtune_boot_words_read(ctx->host, ctx->host->arena, groups, nr_groups,
                               &changes, &nr, err);
    /* What no command line can hold is not asked about. */
    if (!rc) rc = xtune_plan_boot(ctx->host, changes, nr, plan_r, err);
    return rc ? rc : check_changes(ctx, changes, nr, err);
}

static char *said_already(const struct context *ctx, const xtune_plan *plan)
{
    if (plan->nr_actions || ctx->settings.json) return NULL;
    return format_text("it is configured so already\n");
}

static char *title_of(const struct context *ctx)
{
    char *title = format_text("%s", ctx->command->name);
    size_t i;

    for (i = 0; i < ctx->nr_args; i++)
        title = joined(title, format_text(" %s", ctx->args[i]));
    return title;
}

int cmdline_change(struct context *ctx, const xtune_boot_words *groups,
                   size_t nr, bool show)
{
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = make_plan(ctx, groups, nr, &plan, &err);
    if (!rc && show) rc = show_diff(ctx, plan, &err);
    if (rc)
        code = report_error(ctx, err);
    else
        code = run_verb(
            ctx,
            &(struct verb){ .plan = plan,
                            .title = title_of(ctx),
                            .text = show ? said_already(ctx, plan) : NULL });
    xtune_plan_free(plan);
    return code;
}

int cmdline_rollback(struct context *ctx)
{
    struct change change;
    xtune_error *err = NULL;
    unsigned int id = 0;
    int rc;

    rc = lock_state(ctx, &err);
    if (rc) return report_error(ctx, err);
    change_begin(&change, ctx, "cmdline rollback", false);
    change.options.kind = "boot-parameters";
    rc = xtune_rollback(ctx->backend, ctx->state, &change.options, &id, &err);
    return change_end(&change, rc, err, "rolled-back",
                      format_text("Rolled back %u of the history\n", id));
}
