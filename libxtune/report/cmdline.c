/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines: what the next boot has, and what it will change. */
#include <string.h>

#include <xtune/boot.h>
#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"
#include "report/text.h"

typedef struct source {
    const char *name;
    const char *running, *configured;
} source;

static size_t sources_of(const xtune_host *host, const char *line,
                         source sources_r[2])
{
    const source all[] = {
        { "xen", host->xen.command_line, host->boot.xen_configured },
        { "dom0", host->boot.dom0_running, host->boot.dom0_configured },
    };
    size_t i, nr = 0;

    for (i = 0; i < XT_ARRAY_SIZE(all); i++)
        if (!line || !strcmp(line, all[i].name)) sources_r[nr++] = all[i];
    return nr;
}

/* "KEY=VALUE" as a command line has it. */
static const char *parameter(xtune_arena *arena, const char *key,
                             const char *value)
{
    return xt_boot_with(arena, "", key, value);
}

/* All that a key has, or "none". */
static const char *parameters(xtune_arena *arena, const char *key,
                              const char *const *values, size_t nr)
{
    const char *text = nr ? "" : "none";
    size_t i;

    for (i = 0; i < nr; i++)
        text = xtune_arena_printf(arena, "%s%s%s", text, i ? " " : "",
                                  parameter(arena, key, values[i]));
    return text;
}

static const char *known(xtune_arena *arena, const char *text)
{
    return text ? xt_text_safe(arena, text) : "(not known)";
}

static void put_line(FILE *out, xtune_arena *arena, const source *s)
{
    fprintf(out, "%s\n  running    : %s\n  configured : %s\n", s->name,
            known(arena, s->running), known(arena, s->configured));
}

/* Which of the command lines that run is not known; NULL: none. */
static char *unknown_of(const xtune_host *host, const char *line)
{
    source sources[2];
    const size_t nr = sources_of(host, line, sources);
    size_t i;

    for (i = 0; i < nr; i++)
        if (!sources[i].running)
            return xt_xprintf("%s does not tell what it runs with",
                              sources[i].name);
    return NULL;
}

static size_t pending_of(const xtune_host *host, xtune_arena *arena,
                         const char *line, xtune_boot_difference **list_r,
                         char **problem_r)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    size_t i, kept = 0, nr = 0;

    *problem_r = NULL;
    *list_r = NULL;
    if (xtune_boot_pending(host, arena, list_r, &nr, &err))
        *problem_r = xtune_error_text(err);
    for (i = 0; i < nr; i++)
        if (!line || !strcmp((*list_r)[i].line, line))
            (*list_r)[kept++] = (*list_r)[i];
    if (!kept && !*problem_r) *problem_r = unknown_of(host, line);
    return kept;
}

static void put_pending(FILE *out, const xtune_host *host, xtune_arena *arena,
                        const char *line)
{
    xtune_boot_difference *list;
    XT_CLEANUP_FREE char *problem = NULL;
    const size_t nr = pending_of(host, arena, line, &list, &problem);
    size_t i;

    if (problem)
        fprintf(out, "reboot pending: not known: %s\n", problem);
    else
        fprintf(out, "reboot pending: %s\n", nr ? "yes" : "no");
    for (i = 0; i < nr; i++) {
        const xtune_boot_difference *d = &list[i];

        fprintf(out, "  %s %s: %s -> %s\n", d->line,
                xt_text_safe(arena, d->key),
                xt_text_safe(arena, parameters(arena, d->key, d->running,
                                               d->nr_running)),
                xt_text_safe(arena, parameters(arena, d->key, d->configured,
                                               d->nr_configured)));
    }
}

char *xtune_report_cmdline(const xtune_host *host, const char *line)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    source sources[2];
    const size_t nr = sources_of(host, line, sources);
    xt_text text;
    size_t i;

    xt_text_open(&text);
    if (host->boot.source)
        fprintf(text.out, "configured in %s\n", host->boot.source);
    for (i = 0; i < nr; i++)
        put_line(text.out, arena, &sources[i]);
    put_pending(text.out, host, arena, line);
    return xt_text_close(&text);
}

static xt_json *pending_json(xtune_arena *arena, const xtune_host *host,
                             const char *line)
{
    xt_json *json = xt_json_array(arena), *one;
    xtune_boot_difference *list;
    XT_CLEANUP_FREE char *problem = NULL;
    const size_t nr = pending_of(host, arena, line, &list, &problem);
    size_t i;

    if (problem) return xt_json_null(arena);
    for (i = 0; i < nr; i++) {
        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "line", list[i].line);
        xt_json_add_string(arena, one, "key", list[i].key);
        xt_json_add(
            arena, one, "running",
            xt_json_strings(arena, list[i].running, list[i].nr_running));
        xt_json_add(
            arena, one, "configured",
            xt_json_strings(arena, list[i].configured, list[i].nr_configured));
        xt_json_append(arena, json, one);
    }
    return json;
}

char *xtune_report_cmdline_json(const xtune_host *host, const char *line)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *one;
    source sources[2];
    const size_t nr = sources_of(host, line, sources);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/cmdline/1");
    xt_json_add_string(arena, json, "source", host->boot.source);
    xt_json_add_string(arena, json, "problem", host->boot.problem);
    for (i = 0; i < nr; i++) {
        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "running", sources[i].running);
        xt_json_add_string(arena, one, "configured", sources[i].configured);
        xt_json_add(arena, json, sources[i].name, one);
    }
    xt_json_add(arena, json, "pending", pending_json(arena, host, line));
    return xt_json_print(json);
}

char *xtune_report_cmdline_values_json(const xtune_host *host,
                                       const char *line,
                                       const char *const *keys, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *all = xt_json_object(arena);
    const char *const *values;
    size_t i, nr_values;

    for (i = 0; i < nr; i++) {
        if (xt_json_get(all, keys[i])) continue; /* it is asked for twice */
        values = NULL;
        nr_values = 0;
        (void)xtune_boot_get(host, arena, line, keys[i], &values, &nr_values,
                             NULL);
        xt_json_add(arena, all, keys[i],
                    xt_json_strings(arena, values, nr_values));
    }
    xt_json_add_string(arena, json, "schema", "xtune/cmdline-values/1");
    xt_json_add_string(arena, json, "line", line);
    xt_json_add(arena, json, "values", all);
    return xt_json_print(json);
}
