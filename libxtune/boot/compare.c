/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In what command lines are alike. */
#include <string.h>

#include "boot/lines.h"

bool xt_boot_is_same_values(const char *const *a, size_t nr_a,
                            const char *const *b, size_t nr_b)
{
    size_t i;

    if (nr_a != nr_b) return false;
    for (i = 0; i < nr_a; i++)
        if (strcmp(a[i], b[i]) != 0) return false;
    return true;
}

bool xt_boot_is_among(const char *const *values, size_t nr, const char *value)
{
    while (nr--)
        if (!strcmp(values[nr], value)) return true;
    return false;
}

bool xt_boot_has_values(xtune_arena *arena, const char *text,
                        const xtune_boot_change *change)
{
    const char *const *values;
    const size_t nr = xt_boot_values(arena, text, change->key, &values);

    return xt_boot_is_same_values(values, nr, change->values,
                                  change->nr_values);
}

/* With one blank between words. */
static const char *squeeze(xtune_arena *arena, const char *text)
{
    char *result = xtune_arena_strdup(arena, text);
    bool in_quotes = false;
    size_t len = 0;

    for (; *text; text++) {
        if (*text == '"') in_quotes = !in_quotes;
        if (in_quotes || !xt_boot_is_blank(*text))
            result[len++] = *text;
        else if (len && result[len - 1] != ' ')
            result[len++] = ' ';
    }
    if (len && result[len - 1] == ' ') len--;
    result[len] = '\0';
    return result;
}

/* Without what changes are about. */
static const char *rest_of(xtune_arena *arena, const char *text,
                           const char *line, const xtune_boot_change *changes,
                           size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(changes[i].line, line))
            text = xt_boot_with(arena, text, changes[i].key, NULL);
    return squeeze(arena, text);
}

bool xt_boot_is_same_rest(xtune_arena *arena, const char *a, const char *b,
                          const char *line, const xtune_boot_change *changes,
                          size_t nr)
{
    return !strcmp(rest_of(arena, a, line, changes, nr),
                   rest_of(arena, b, line, changes, nr));
}
