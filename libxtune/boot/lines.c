/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/lines.h"

#include <string.h>

#include "boot/boot.h"

typedef struct word {
    size_t start, end; /* of all of it */
    size_t name, name_end;
    bool has_value;
    bool quoted; /* from its very first character on */
} word;

/* "--": what follows is not the kernel's. */
static bool is_end(const char *text, const word *w)
{
    return w->end - w->start == 2 && !memcmp(text + w->start, "--", 2);
}

/* The next word from *at on. False at the end, and for "--". */
static bool next_word(const char *text, size_t *at, word *w)
{
    bool in_quotes;
    size_t i = *at;

    while (xt_boot_is_blank(text[i]))
        i++;
    if (!text[i]) return false;
    *w = (word){ .start = i, .quoted = text[i] == '"' };
    in_quotes = w->quoted;
    w->name = i += w->quoted;
    for (; text[i] && (in_quotes || !xt_boot_is_blank(text[i])); i++) {
        if (text[i] == '"') in_quotes = !in_quotes;
        if (text[i] == '=' && i > w->name && !w->has_value) {
            w->has_value = true;
            w->name_end = i;
        }
    }
    w->end = *at = i;
    if (!w->has_value) {
        w->name_end = i;
        if (w->quoted && i > w->name && text[i - 1] == '"') w->name_end--;
    }
    return !is_end(text, w);
}

/* For Linux "-" and "_" are one in names; Xen tells them apart. What belongs
 * to a module is Linux's. */
static bool is_same_name(const char *name, size_t len, const char *key)
{
    const bool is_module = strchr(key, '.') != NULL;
    size_t i;

    if (strlen(key) != len) return false;
    for (i = 0; i < len; i++) {
        if (name[i] == key[i]) continue;
        if (!is_module || !strchr("-_", name[i]) || !strchr("-_", key[i]))
            return false;
    }
    return true;
}

static bool next_of_key(const char *text, const char *key, size_t *at, word *w)
{
    while (next_word(text, at, w))
        if (is_same_name(text + w->name, w->name_end - w->name, key))
            return true;
    return false;
}

static const char *value_of(xtune_arena *arena, const char *text,
                            const word *w)
{
    size_t start = w->name_end + 1, end = w->end;
    bool quoted = w->quoted;

    if (!w->has_value) return "";
    if (start < end && text[start] == '"') {
        quoted = true;
        start++;
    }
    if (quoted && end > start && text[end - 1] == '"') end--;
    return xtune_arena_strndup(arena, text + start, end - start);
}

size_t xt_boot_values(xtune_arena *arena, const char *command_line,
                      const char *key, const char *const **values_r)
{
    const char **values = NULL;
    size_t nr = 0, at = 0;
    word w;

    while (next_of_key(command_line, key, &at, &w)) {
        values = xtune_arena_grow(arena, values, nr, sizeof(*values));
        values[nr++] = value_of(arena, command_line, &w);
    }
    *values_r = values;
    return nr;
}

const char *xt_boot_value(xtune_arena *arena, const char *command_line,
                          const char *key)
{
    const char *const *values;
    const size_t nr = xt_boot_values(arena, command_line, key, &values);

    return nr ? values[nr - 1] : NULL;
}

const char *xt_boot_newline(const char *text)
{
    return strstr(text, "\r\n") ? "\r\n" : "\n";
}

size_t xt_boot_newline_before(const char *text, size_t at)
{
    const char *other = strstr(text, "\r\n");

    if (!at) return 0;
    at--;
    /* A "\r" at the end of a text whose lines end otherwise is its own. */
    return at && text[at - 1] == '\r' && other < text + at - 1 ? at - 1 : at;
}

size_t xt_boot_count(const char *text, const char *key)
{
    size_t at = 0, nr = 0;
    word w;

    while (next_of_key(text, key, &at, &w))
        nr++;
    return nr;
}

bool xt_boot_is_spelled_so(const char *text, const char *key)
{
    size_t at = 0;
    word w;

    while (next_of_key(text, key, &at, &w))
        if (w.quoted || memcmp(text + w.name, key, strlen(key)) != 0)
            return false;
    return true;
}

static const char *with_value(xtune_arena *arena, const char *name, size_t len,
                              const char *value)
{
    const char *quote = value[strcspn(value, " \t\n\v\f\r")] ? "\"" : "";

    if (!*value) return xtune_arena_strndup(arena, name, len);
    return xtune_arena_printf(arena, "%.*s=%s%s%s", (int)len, name, quote,
                              value, quote);
}

/* The next nr values of a setting, which have their place then. */
static const char *take_values(xtune_arena *arena, xt_boot_setting *s,
                               const char *name, size_t len, size_t nr)
{
    const char *text = "";

    for (; nr; nr--, s->nr--, s->values++)
        text = xtune_arena_printf(arena, "%s%s%s", text, *text ? " " : "",
                                  with_value(arena, name, len, s->values[0]));
    return text;
}

/* Without the word, and without the one blank that kept it apart. from: what
 * stands before is gone already. */
static xt_boot_cut without(const char *text, const word *w, size_t from)
{
    xt_boot_cut cut = { .start = w->start, .end = w->end, .instead = "" };

    if (cut.start > from)
        cut.start--;
    else if (text[cut.end])
        cut.end++;
    return cut;
}

xt_boot_cut xt_boot_cut_to_add(xtune_arena *arena, const char *text,
                               xt_boot_setting *s)
{
    const char *parameters =
        take_values(arena, s, s->key, strlen(s->key), s->nr);
    xt_boot_cut cut = { .start = strlen(text) };
    word w = { .end = 0 };
    size_t at = 0;

    while (next_word(text, &at, &w)) {
    }
    if (is_end(text, &w)) cut.start = w.start ? w.start - 1 : 0;
    cut.end = cut.start;
    if (!*text)
        cut.instead = parameters;
    else if (cut.start || xt_boot_is_blank(text[0]))
        cut.instead = xtune_arena_printf(arena, " %s", parameters);
    else
        cut.instead = xtune_arena_printf(arena, "%s ", parameters);
    return cut;
}

xt_boot_setting xt_boot_setting_of(xtune_arena *arena,
                                   const xtune_boot_change *change,
                                   const char *const *now, size_t nr_now)
{
    xt_boot_setting s = { .key = change->key,
                          .values = change->values,
                          .nr = change->nr_values,
                          .places = nr_now };
    bool *goes = XTUNE_NEW_ARRAY(arena, bool, nr_now);
    size_t i, found = 0;

    for (i = 0; i < nr_now; i++) {
        goes[i] = found == s.nr || strcmp(now[i], s.values[found]) != 0;
        found += !goes[i];
    }
    if (found == s.nr) s.goes = goes;
    return s;
}

/* What is to stand where a word stands; false where it stays as it is. */
static bool cut_word(xtune_arena *arena, const char *text, const word *w,
                     size_t from, xt_boot_setting *s, xt_boot_cut *cut_r)
{
    const bool last = s->places <= 1;
    const char *name = text + w->name;
    const size_t len = w->name_end - w->name;
    bool stays;

    s->places -= s->places > 0;
    if (s->goes ? *s->goes++ : !s->nr) {
        *cut_r = without(text, w, from);
        return true;
    }
    stays = !strcmp(value_of(arena, text, w), s->values[0]);
    s->values += stays;
    s->nr -= stays;
    if (stays && (!last || !s->nr)) return false;
    *cut_r =
        (xt_boot_cut){ .start = stays ? w->end : w->start, .end = w->end };
    cut_r->instead = take_values(arena, s, name, len, last ? s->nr : 1);
    if (stays)
        cut_r->instead = xtune_arena_printf(arena, " %s", cut_r->instead);
    return true;
}

size_t xt_boot_cuts(xtune_arena *arena, const char *text, xt_boot_setting *s,
                    xt_boot_cut **cuts_r)
{
    xt_boot_cut *cuts = NULL, cut;
    size_t nr = 0, at = 0, from = 0;
    word w;

    while (next_of_key(text, s->key, &at, &w)) {
        if (!cut_word(arena, text, &w, from, s, &cut)) continue;
        cuts = xtune_arena_grow(arena, cuts, nr, sizeof(*cuts));
        cuts[nr++] = cut;
        /* A word that follows begins the text where all before it goes. */
        from = cut.end;
        at = from > at ? from : at;
    }
    *cuts_r = cuts;
    return nr;
}

size_t xt_boot_change_cuts(xtune_arena *arena, const char *text,
                           const xtune_boot_change *change,
                           xt_boot_cut **cuts_r)
{
    const char *const *now;
    size_t nr = xt_boot_values(arena, text, change->key, &now);
    xt_boot_setting s = xt_boot_setting_of(arena, change, now, nr);

    if (s.places || !s.nr) return xt_boot_cuts(arena, text, &s, cuts_r);
    nr = 0;
    *cuts_r = xtune_arena_alloc(arena, 1, sizeof(**cuts_r));
    (*cuts_r)[nr++] = xt_boot_cut_to_add(arena, text, &s);
    return nr;
}

size_t xt_boot_cuts_behind_file(xtune_arena *arena, const char *text,
                                const xtune_boot_change *change,
                                xt_boot_cut **cuts_r)
{
    const size_t skip = strcspn(text, " \t\n\v\f\r");
    const size_t nr = xt_boot_change_cuts(arena, text + skip, change, cuts_r);
    xt_boot_cut *cuts = *cuts_r;
    size_t i;

    for (i = 0; i < nr; i++) {
        cuts[i].start += skip;
        cuts[i].end += skip;
        if (!text[skip])
            cuts[i].instead =
                xtune_arena_printf(arena, " %s", cuts[i].instead);
    }
    return nr;
}

const char *xt_boot_cut_text(xtune_arena *arena, const char *text,
                             const xt_boot_cut *cuts, size_t nr)
{
    size_t i, len = strlen(text), done = 0, at = 0;
    char *result;

    for (i = 0; i < nr; i++)
        len += strlen(cuts[i].instead);
    result = xtune_arena_alloc(arena, len + 1, 1);
    for (i = 0; i < nr; i++) {
        memcpy(result + at, text + done, cuts[i].start - done);
        at += cuts[i].start - done;
        memcpy(result + at, cuts[i].instead, strlen(cuts[i].instead));
        at += strlen(cuts[i].instead);
        done = cuts[i].end;
    }
    memcpy(result + at, text + done, strlen(text + done));
    return result;
}

const char *xt_boot_with_change(xtune_arena *arena, const char *command_line,
                                const xtune_boot_change *change)
{
    xt_boot_cut *cuts;
    const size_t nr = xt_boot_change_cuts(arena, command_line, change, &cuts);

    return xt_boot_cut_text(arena, command_line, cuts, nr);
}

const char *xt_boot_with(xtune_arena *arena, const char *command_line,
                         const char *key, const char *value)
{
    return xt_boot_with_change(
        arena, command_line,
        &(xtune_boot_change){
            .key = key, .values = &value, .nr_values = value ? 1 : 0 });
}

const char *xt_boot_next_key(xtune_arena *arena, const char *text, size_t *at)
{
    word w;

    if (!next_word(text, at, &w)) return NULL;
    return xtune_arena_strndup(arena, text + w.name, w.name_end - w.name);
}

bool xt_boot_is_same_key(const char *a, const char *b)
{
    return is_same_name(a, strlen(a), b);
}
