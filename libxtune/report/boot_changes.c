/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for changes of command lines. */
#include "report/changes.h"

#include <string.h>

#include "base/json.h"
#include "plan/boot_json.h"
#include "report/text.h"

/* A parameter as it stands in a command line; "-" where it does not. */
static const char *parameters(xtune_arena *arena, const char *key,
                              const xt_json *value)
{
    const char *text = "";
    const xt_json *one;
    size_t i, nr;

    if (xt_json_is_null(value)) return "-";
    nr = value->type == XT_JSON_ARRAY ? value->nr : 1;
    for (i = 0; i < nr; i++) {
        one = value->type == XT_JSON_ARRAY ? value->items[i] : value;
        if (!xt_json_text(one)) return "(...)";
        text = xtune_arena_printf(arena, "%s%s%s%s%s", text, i ? " " : "", key,
                                  *one->text ? "=" : "", one->text);
    }
    return xt_text_safe(arena, text);
}

static const char *line_changes(xtune_arena *arena, const char *text,
                                const char *line, const xt_json *old,
                                const xt_json *new)
{
    size_t i;

    for (i = 0; new &&new->keys &&i < new->nr; i++) {
        const char *key = new->keys[i];

        text = xtune_arena_printf(
            arena, "%s%s%s %s -> %s", text, *text ? ", " : "", line,
            parameters(arena, key, xt_json_get(old, key)),
            parameters(arena, key, new->items[i]));
    }
    return text;
}

bool xt_boot_parameter_changes(xtune_arena *arena, const xtune_action *action,
                               const char **changes_r)
{
    static const char *const lines[] = { "xen", "dom0" };
    const char *text = "";
    size_t i;

    if (strcmp(action->kind, XT_BOOT_PARAMETERS) != 0) return false;
    for (i = 0; i < 2; i++)
        text = line_changes(arena, text, lines[i],
                            xt_json_get(action->old, lines[i]),
                            xt_json_get(action->new, lines[i]));
    *changes_r = text;
    return true;
}
