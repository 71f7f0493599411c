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

const char *xt_boot_value(xtune_arena *arena, const char *command_line,
                          const char *key)
{
    const char *value = NULL;
    size_t at = 0;
    word w;

    while (next_of_key(command_line, key, &at, &w))
        value = value_of(arena, command_line, &w);
    return value;
}

int xt_boot_check_quotes(const char *text, bool has_file, const char *object,
                         xtune_error **err)
{
    const char *quote = strchr(text, '"');
    size_t i, nr = 0;

    for (i = 0; text[i]; i++)
        nr += text[i] == '"';
    if (has_file && quote && strcspn(text, " \t") > (size_t)(quote - text))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                               "write it without",
                               "the name of a file is in quotes");
    if (nr % 2)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "quotes in its command line are not closed");
    return 0;
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

bool xt_boot_is_same_value(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

size_t xt_boot_count(const char *text, const char *key)
{
    size_t at = 0, nr = 0;
    word w;

    while (next_of_key(text, key, &at, &w))
        nr++;
    return nr;
}

static const char *with_value(xtune_arena *arena, const char *name, size_t len,
                              const char *value)
{
    const char *quote = value[strcspn(value, " \t\n\v\f\r")] ? "\"" : "";

    if (!*value) return xtune_arena_strndup(arena, name, len);
    return xtune_arena_printf(arena, "%.*s=%s%s%s", (int)len, name, quote,
                              value, quote);
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

/* Behind the last word, or before "--". */
static xt_boot_cut added(xtune_arena *arena, const char *text, const char *key,
                         const char *value)
{
    const char *parameter = with_value(arena, key, strlen(key), value);
    xt_boot_cut cut = { .start = strlen(text) };
    word w = { .end = 0 };
    size_t at = 0;

    while (next_word(text, &at, &w)) {
    }
    if (is_end(text, &w)) cut.start = w.start ? w.start - 1 : 0;
    cut.end = cut.start;
    if (!*text)
        cut.instead = parameter;
    else if (cut.start || xt_boot_is_blank(text[0]))
        cut.instead = xtune_arena_printf(arena, " %s", parameter);
    else
        cut.instead = xtune_arena_printf(arena, "%s ", parameter);
    return cut;
}

size_t xt_boot_cuts(xtune_arena *arena, const char *text, const char *key,
                    const char *value, bool add, xt_boot_cut **cuts_r)
{
    xt_boot_cut *cuts = NULL;
    size_t nr = 0, at = 0, from = 0;
    word w;

    while (next_of_key(text, key, &at, &w)) {
        cuts = xtune_arena_grow(arena, cuts, nr, sizeof(*cuts));
        if (value && !nr)
            cuts[nr] = (xt_boot_cut){
                .start = w.start,
                .end = w.end,
                .instead = with_value(arena, text + w.name,
                                      w.name_end - w.name, value),
            };
        else
            cuts[nr] = without(text, &w, from);
        /* A word that follows begins the text where all before it goes. */
        from = cuts[nr].end;
        at = from > at ? from : at;
        nr++;
    }
    if (!nr && value && add) {
        cuts = xtune_arena_grow(arena, cuts, nr, sizeof(*cuts));
        cuts[nr++] = added(arena, text, key, value);
    }
    *cuts_r = cuts;
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

const char *xt_boot_with(xtune_arena *arena, const char *command_line,
                         const char *key, const char *value)
{
    xt_boot_cut *cuts;
    const size_t nr =
        xt_boot_cuts(arena, command_line, key, value, true, &cuts);

    return xt_boot_cut_text(arena, command_line, cuts, nr);
}

static bool is_key(const char *key)
{
    return key[0] && key[0] != '-' &&
           !key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                            "VWXYZ0123456789._-")];
}

int xt_boot_check_parameter(const char *key, const char *value,
                            xtune_error **err)
{
    size_t i;

    if (!is_key(key))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "command line", NULL,
                               "\"%s\" is no name of a parameter", key);
    for (i = 0; value && value[i]; i++) {
        const unsigned char c = (unsigned char)value[i];

        /* What a shell, GRUB's language or xen.cfg takes for its own. */
        if (c >= ' ' && c != 0x7f && !strchr("\"'`$\\#;&|<>{}", c)) continue;
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, key, NULL,
                               "\"%s\" cannot be given to it: character %zu",
                               value, i + 1);
    }
    return 0;
}
