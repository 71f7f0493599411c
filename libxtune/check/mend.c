/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/mend.h"

#include <string.h>

#include "base/util.h"
#include "check/text.h"
#include "plan/builder.h"

/* Of a file that is made for this. */
#define HEADER "# Written by xltune host-check --fix.\n"

void xt_mend_attribute(xt_check *check, xtune_plan *plan, const char *path,
                       const char *value, const char *reason)
{
    const char *old = xtune_host_file(check->host, path);

    if (old && xt_check_is_running(check->host))
        xt_plan_add_file(plan, path, old, value, reason);
}

/* Everything else stays as it is, byte by byte. */
static const char *with_line(xtune_arena *arena, const char *text,
                             const char *line, xt_mend_is_line *is_line,
                             const void *what)
{
    XT_CLEANUP_ARENA xtune_arena *lines = xtune_arena_new();
    const char *newline = strstr(text, "\r\n") ? "\r\n" : "\n", *start = text;
    bool placed = false;
    const char *next;
    char *made, *end;

    made = XTUNE_NEW_ARRAY(arena, char,
                           strlen(text) + strlen(line) + sizeof(HEADER) +
                               2 * strlen(newline));
    end = text[0] ? made : stpcpy(made, HEADER);
    while ((next = xt_check_line(lines, &text))) {
        if (!is_line(next, what)) {
            end = mempcpy(end, start, (size_t)(text - start));
        } else if (!placed) {
            end = stpcpy(stpcpy(end, line), newline);
            placed = true;
        }
        start = text;
    }
    if (placed) return made;
    if (end > made && end[-1] != '\n') end = stpcpy(end, newline);
    stpcpy(stpcpy(end, line), newline);
    return made;
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
