/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings: how they are kept, and what is done about guards. */
#include "host/findings.h"

#include <string.h>

#include "base/util.h"

/* As many words as a sentence lists. */
#define MAX_WORDS 6

/* As many guards as an error tells in full. */
#define MAX_TOLD 3

xtune_findings *xtune_findings_new(void)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_findings *findings = XTUNE_NEW(arena, xtune_findings);

    findings->arena = arena;
    return findings;
}

void xtune_findings_free(xtune_findings *findings)
{
    if (findings) xtune_arena_free(findings->arena);
}

xtune_finding *xt_findings_add(xtune_findings *findings, const char *name,
                               enum xtune_finding_level level,
                               const char *object, const char *hint,
                               const char *fmt, ...)
{
    xtune_arena *arena = findings->arena;
    xtune_finding *finding;
    va_list ap;

    findings->items = xtune_arena_grow(arena, findings->items, findings->nr,
                                       sizeof(*findings->items));
    finding = &findings->items[findings->nr++];
    va_start(ap, fmt);
    *finding = (xtune_finding){
        .name = name,
        .level = level,
        .object = xtune_arena_strdup(arena, object),
        .text = xtune_arena_vprintf(arena, fmt, ap),
        .hint = hint ? xtune_arena_strdup(arena, hint) : NULL,
    };
    va_end(ap);
    return finding;
}

static bool has_word(const char *const *words, size_t nr, const char *word)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(words[i], word)) return true;
    return false;
}

static bool is_heeded(const xtune_finding *finding, const char *const *forced,
                      size_t nr_forced)
{
    return finding->is_guard && !has_word(forced, nr_forced, "all") &&
           !has_word(forced, nr_forced, finding->name);
}

int xtune_findings_heed(const xtune_findings *findings,
                        const char *const *forced, size_t nr_forced,
                        xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_finding *first = NULL;
    const char *text = NULL, *names = NULL;
    size_t i, nr = 0;

    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        if (!is_heeded(f, forced, nr_forced)) continue;
        if (!first) {
            first = f;
            text = f->text;
            names = f->name;
        } else if (nr < MAX_TOLD) {
            const bool same = !strcmp(f->object, first->object);

            text = xtune_arena_printf(arena, "%s; %s%s%s", text,
                                      same ? "" : f->object, same ? "" : ": ",
                                      f->text);
        }
        nr++;
        /* Names are few: one is never part of another. */
        if (!strstr(names, f->name))
            names = xtune_arena_printf(arena, "%s,%s", names, f->name);
    }
    if (!first) return 0;
    if (nr > MAX_TOLD)
        text =
            xtune_arena_printf(arena, "%s; and %zu more", text, nr - MAX_TOLD);
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, first->object,
        xtune_arena_printf(arena, "%s, or use --force=%s", first->hint, names),
        "%s", text);
}

const char *xt_findings_words(xtune_arena *arena, const char *const *words,
                              size_t nr)
{
    const size_t shown = nr > MAX_WORDS ? MAX_WORDS - 1 : nr;
    const char *text = nr ? words[0] : "none";
    size_t i;

    for (i = 1; i < shown; i++)
        text = xtune_arena_printf(arena, "%s%s%s", text,
                                  i + 1 == nr ? " and " : ", ", words[i]);
    if (shown < nr)
        text = xtune_arena_printf(arena, "%s and %zu more", text, nr - shown);
    return text;
}
