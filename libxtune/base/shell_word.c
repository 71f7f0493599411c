/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/shell_word.h"

#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "abcdefghijklmnopqrstuvwxyz_./:,=@%+-";

const char *xt_shell_word(xtune_arena *arena, const char *text)
{
    const char *word = "", *quote;

    if (text[0] && !text[strspn(text, plain)]) return text;
    for (; (quote = strchr(text, '\'')); text = quote + 1)
        word = xtune_arena_printf(arena, "%s%.*s'\\''", word,
                                  (int)(quote - text), text);
    return xtune_arena_printf(arena, "'%s%s'", word, text);
}
