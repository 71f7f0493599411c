/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/used.h"

#include <string.h>

#include "base/util.h"
#include "report/text.h"

#define MAX_WORDS 4 /* in a column of a table */

static const char *word_of(const xtune_use *use)
{
    static const char *const named[] = { "mount", "domain", "held", "link" };
    size_t i;

    if (!strcmp(use->kind, "route")) return "default route";
    for (i = 0; use->what && i < XT_ARRAY_SIZE(named); i++)
        if (!strcmp(use->kind, named[i])) return use->what;
    return use->kind;
}

static bool has_word(const char *const *words, size_t nr, const char *word)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(words[i], word)) return true;
    return false;
}

const char *xt_used_summary(xtune_arena *arena, const xtune_use *uses,
                            size_t nr)
{
    const char *words[MAX_WORDS];
    const char *text = NULL;
    size_t nr_words = 0, i;

    if (!uses) return "?";
    for (i = 0; i < nr; i++) {
        const char *word = word_of(&uses[i]);

        if (has_word(words, nr_words, word)) continue;
        if (nr_words == MAX_WORDS)
            return xtune_arena_printf(arena, "%s, ...", text);
        words[nr_words++] = word;
        text = text ? xtune_arena_printf(arena, "%s, %s", text, word) : word;
        text = xt_text_safe(arena, text);
    }
    return text ? text : "-";
}

const char *xt_words_joined(xtune_arena *arena, const char *const *words,
                            size_t nr, const char *between)
{
    const char *text = "";
    size_t i;

    for (i = 0; words && i < nr; i++)
        text = xtune_arena_printf(arena, "%s%s%s", text, i ? between : "",
                                  words[i]);
    return text;
}

const char *xt_used_line(xtune_arena *arena, const xtune_use *use)
{
    const char *chain =
        xt_words_joined(arena, use->through, use->nr_through, " > ");

    return xt_text_safe(
        arena,
        xtune_arena_printf(arena, "%s%s%s%s%s", use->kind,
                           use->nr_through || use->what ? ": " : "", chain,
                           use->nr_through && use->what ? " > " : "",
                           use->what ? use->what : ""));
}
