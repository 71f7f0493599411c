/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/mend.h"

#include <string.h>

#include "check/text.h"
#include "plan/builder.h"

/* Of a file that is made for this. */
#define HEADER "# Written by xltune host-check --fix.\n"

void xt_mend_attribute(xt_check *check, xtune_plan *plan, const char *path,
                       const char *value, const char *reason)
{
    const char *old = xtune_host_file(check->host, path);

    if (old) xt_plan_add_file(plan, path, old, value, reason);
}

static const char *with_line(xtune_arena *arena, const char *text,
                             const char *line, xt_mend_is_line *is_line,
                             const void *what)
{
    const char *newline = strstr(text, "\r\n") ? "\r\n" : "\n";
    const char *made = "", *next;
    bool placed = false;

    while ((next = xt_check_line(arena, &text))) {
        if (is_line(next, what)) {
            if (placed) continue;
            placed = true;
            next = line;
        }
        made = xtune_arena_printf(arena, "%s%s%s", made, next, newline);
    }
    if (placed) return made;
    return xtune_arena_printf(arena, "%s%s%s", made[0] ? made : HEADER, line,
                              newline);
}

void xt_mend_line(xt_check *check, xtune_plan *plan, const char *path,
                  const char *line, xt_mend_is_line *is_line, const void *what,
                  const char *reason)
{
    const char *old = xtune_host_file(check->host, path);
    const char *before = xt_plan_file(plan, check->host, path);

    xt_plan_add_file(
        plan, path, old,
        with_line(plan->arena, before ? before : "", line, is_line, what),
        reason);
}
