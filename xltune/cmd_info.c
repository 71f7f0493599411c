/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that show the host. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

/*
 * Leaves of text only the values of the lines that begin with key, as xl info
 * KEY prints them; false where there is none.
 */
static bool keep_values(char *text, const char *key)
{
    const size_t len = strlen(key);
    char *line, *end, *value, *to = text;

    for (line = text; *line; line = end) {
        end = strchrnul(line, '\n');
        end += *end == '\n';
        if (strncmp(line, key, len)) continue;
        value = memchr(line, ':', (size_t)(end - line));
        if (!value || value[1] != ' ') continue;
        value += 2;
        memmove(to, value, (size_t)(end - value));
        to += end - value;
    }
    *to = '\0';
    return to != text;
}

static int info_key(struct context *ctx, const char *key)
{
    char *text = xtune_report_info(ctx->host, false);
    xtune_error *err = NULL;

    if (keep_values(text, key)) return print_text(ctx, text, EXIT_DONE);
    free(text);
    xtune_error_set(&err, XTUNE_ERR_NOT_FOUND, 0, "info",
                    "see \"xltune info\"", "no line begins with \"%s\"", key);
    return report_error(ctx, err);
}

/* The text has no more of a device than its node. */
static unsigned int numa_parts(const struct settings *s)
{
    if (!s->numa) return 0;
    return s->json ? XTUNE_OBSERVE_PCI : XTUNE_OBSERVE_PCI_NODES;
}

int cmd_info(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    xtune_error *err = NULL;

    if (ctx->nr_args && (!*ctx->args[0] || s->numa || s->json))
        return usage_error(ctx, "KEY", NULL,
                           *ctx->args[0]
                               ? "it goes neither with --numa nor with --json"
                               : "it is empty");
    if (observe(ctx, numa_parts(s), NULL, 0, &err))
        return report_error(ctx, err);
    if (ctx->nr_args) return info_key(ctx, ctx->args[0]);
    return print_text(ctx,
                      s->json ? xtune_report_info_json(ctx->host, s->numa)
                              : xtune_report_info(ctx->host, s->numa),
                      EXIT_DONE);
}

int cmd_list(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    xtune_error *err = NULL;
    xtune_host view;

    if (observe_arguments(
            ctx,
            s->numa ? XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_TOPOLOGY : 0,
            &view, &err))
        return report_error(ctx, err);
    return print_text(ctx,
                      s->json ? xtune_report_list_json(&view)
                              : xtune_report_list(&view, s->numa, s->cpupool),
                      EXIT_DONE);
}

int cmd_vcpu_list(struct context *ctx)
{
    xtune_error *err = NULL;
    xtune_host view;

    if (observe_arguments(ctx, 0, &view, &err)) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json ? xtune_report_vcpu_list_json(&view)
                                         : xtune_report_vcpu_list(&view),
                      EXIT_DONE);
}

int cmd_residency(struct context *ctx)
{
    xtune_error *err = NULL;
    xtune_host view;

    if (observe_arguments(ctx, 0, &view, &err)) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json
                          ? xtune_report_residency_json(&view)
                          : xtune_report_residency(
                                &view, xtune_backend_describe(ctx->backend)),
                      EXIT_DONE);
}

int cmd_snapshot(struct context *ctx)
{
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err)) return report_error(ctx, err);
    return print_text(ctx, xtune_host_to_json(ctx->host), EXIT_DONE);
}
