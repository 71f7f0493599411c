/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/xl_conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"

#define MAX_DEPTH 64 /* of lists in lists */

#define KEY_CHARACTERS "._0123456789abcdefghijklmnopqrstuvwxyz"

enum token {
    BAD,
    END,
    NEWLINE,
    KEY,
    VALUE, /* a string in quotes, or a number */
    SIGN,  /* one of "=;,[]" */
    ADD,   /* "+=" */
};

/* An assignment: places in the text. */
typedef struct setting {
    const char *key, *sign, *value, *end; /* end: behind the value */
    size_t key_len;
    bool adds;
    const char *text; /* what the key has then; NULL: a list */
} setting;

typedef struct reader {
    xtune_arena *arena;
    const char *start, *end; /* of the token */
    enum token token;
    unsigned int line;
    const char *problem;
    setting *settings;
    size_t nr;
} reader;

/* Nothing is read behind what is wrong. */
static void refuse(reader *r, const char *what)
{
    if (!r->problem)
        r->problem =
            xtune_arena_printf(r->arena, "line %u: %s", r->line, what);
    r->token = END;
}

/* 0 where it does not end in its line. */
static size_t string_len(const char *text)
{
    size_t i = 1;

    while (text[i] && text[i] != text[0] && text[i] != '\n')
        i += text[i] == '\\' && text[i + 1] && text[i + 1] != '\n' ? 2 : 1;
    return text[i] == text[0] ? i + 1 : 0;
}

static size_t token_at(const char *at, enum token *token_r)
{
    size_t len = 1;

    *token_r = BAD;
    if (!*at) {
        *token_r = END;
        return 0;
    }
    if (*at == '\n')
        *token_r = NEWLINE;
    else if (*at >= 'a' && *at <= 'z') {
        *token_r = KEY;
        len = strspn(at, KEY_CHARACTERS);
    } else if (*at >= '0' && *at <= '9') {
        *token_r = VALUE;
        len = strspn(at, "0123456789abcdefx");
    } else if (*at == '"' || *at == '\'') {
        len = string_len(at);
        if (len) *token_r = VALUE;
    } else if (*at == '+' && at[1] == '=') {
        *token_r = ADD;
        len = 2;
    } else if (strchr("=;,[]", *at))
        *token_r = SIGN;
    return len;
}

static void next(reader *r)
{
    if (r->problem) return;
    if (r->token == NEWLINE) r->line++;
    r->start = r->end + strspn(r->end, " \t");
    if (*r->start == '#') {
        const size_t len = strcspn(r->start, "\n");

        r->start += len;
        if (!*r->start && len > 1) {
            refuse(r, "a comment at the end of the file without a newline");
            return;
        }
    }
    r->end = r->start + token_at(r->start, &r->token);
    /* libxlutil overlooks what is wrong with the very last character. */
    if (r->token == BAD && !r->start[1]) r->token = END;
    if (r->token != BAD) return;
    if (*r->start == '"' || *r->start == '\'')
        refuse(r, "a quote that does not end in its line");
    else if (*r->start == '\r')
        refuse(r, "a carriage return");
    else
        refuse(r, "neither a key nor a value, which is in quotes or a number");
}

static bool is_sign(const reader *r, char sign)
{
    return r->token == SIGN && *r->start == sign;
}

/* Without its quotes. What xl makes of numbers behind a backslash is not what
 * was meant by them. */
static const char *dequote(reader *r)
{
    static const char names[] = "abfnrtv\"'\\";
    static const char characters[] = "\a\b\f\n\r\t\v\"'\\";
    char *text, *out;
    const char *p, *found;

    if (*r->start >= '0' && *r->start <= '9')
        return xtune_arena_strndup(r->arena, r->start,
                                   (size_t)(r->end - r->start));
    text = out = xtune_arena_alloc(r->arena, (size_t)(r->end - r->start), 1);
    for (p = r->start + 1; p < r->end - 1; p++) {
        if (*p != '\\') {
            *out++ = *p;
            continue;
        }
        found = strchr(names, *++p);
        if (!found) {
            refuse(r, "a backslash before what needs none");
            return NULL;
        }
        *out++ = characters[found - names];
    }
    return text;
}

static void skip_newlines(reader *r)
{
    while (r->token == NEWLINE)
        next(r);
}

static const char *read_value(reader *r, unsigned int depth);

static void read_list(reader *r, unsigned int depth)
{
    if (depth > MAX_DEPTH) {
        refuse(r, "too many lists in lists");
        return;
    }
    next(r);
    skip_newlines(r);
    while (!r->problem && !is_sign(r, ']')) {
        read_value(r, depth);
        skip_newlines(r);
        if (is_sign(r, ']')) break;
        if (!is_sign(r, ',')) {
            refuse(r, "a list that does not end");
            return;
        }
        next(r);
        skip_newlines(r);
    }
}

/* NULL for a list. Leaves what comes behind it to be looked at. */
static const char *read_value(reader *r, unsigned int depth)
{
    const char *text = NULL;

    if (is_sign(r, '['))
        read_list(r, depth + 1);
    else if (r->token == VALUE)
        text = dequote(r);
    else
        refuse(r, "a value is missing, which is in quotes or a number");
    if (r->nr && !depth) r->settings[r->nr - 1].end = r->end;
    next(r);
    return text;
}

static bool is_key(const setting *s, const char *key, size_t len)
{
    return s->key_len == len && !strncmp(s->key, key, len);
}

/* The one that counts; NULL. */
static const setting *find(const reader *r, size_t nr, const char *key,
                           size_t len)
{
    while (nr--)
        if (is_key(&r->settings[nr], key, len)) return &r->settings[nr];
    return NULL;
}

/* "KEY += VALUE" puts it behind what there is. */
static void add_up(reader *r, setting *s)
{
    const setting *before = find(r, r->nr - 1, s->key, s->key_len);

    if (!s->adds || !before) return;
    if (!before->text != !s->text)
        refuse(r, "a list is added to a value, or a value to a list");
    else if (s->text)
        s->text = xtune_arena_printf(r->arena, "%s%s", before->text, s->text);
}

static void read_setting(reader *r)
{
    setting *s;

    r->settings =
        xtune_arena_grow(r->arena, r->settings, r->nr, sizeof(*r->settings));
    s = &r->settings[r->nr++];
    s->key = r->start;
    s->key_len = (size_t)(r->end - r->start);
    next(r);
    s->sign = r->start;
    s->adds = r->token == ADD;
    if (!s->adds && !is_sign(r, '=')) {
        refuse(r, "no \"=\" behind a key");
        return;
    }
    next(r);
    s->value = r->start;
    s->text = read_value(r, 0);
    if (r->problem) return;
    add_up(r, s);
    if (r->token != END && r->token != NEWLINE && !is_sign(r, ';'))
        refuse(r, "something behind a value");
}

static reader read_conf(xtune_arena *arena, const char *text)
{
    reader r = { .arena = arena, .end = text, .token = BAD, .line = 1 };

    next(&r);
    while (!r.problem && r.token != END) {
        if (r.token == KEY)
            read_setting(&r);
        else if (r.token == NEWLINE || is_sign(&r, ';'))
            next(&r);
        else
            refuse(&r, "a key is missing");
    }
    return r;
}

const char *xt_xl_conf_problem(xtune_arena *arena, const char *text)
{
    return text ? read_conf(arena, text).problem : NULL;
}

const char *xt_xl_conf_value(xtune_arena *arena, const char *text,
                             const char *key)
{
    const setting *s;
    reader r;

    if (!text) return NULL;
    r = read_conf(arena, text);
    s = r.problem ? NULL : find(&r, r.nr, key, strlen(key));
    return s ? s->text : NULL;
}

/* Changing it. */

static const char *quote(xtune_arena *arena, const char *value)
{
    char *text = xtune_arena_alloc(arena, 2 * strlen(value) + 3, 1);
    char *out = text;

    *out++ = '"';
    for (; *value; value++) {
        if (strchr("\"\\\n", *value)) *out++ = '\\';
        *out++ = *value == '\n' ? 'n' : *value;
    }
    *out++ = '"';
    return text;
}

static const char *replace(xtune_arena *arena, const char *text,
                           const setting *s, const char *value)
{
    const char *gap = s->sign + (s->adds ? 2 : 1);

    if (!s->adds && s->text && !strcmp(s->text, value))
        return xtune_arena_strdup(arena, text);
    return xtune_arena_printf(arena, "%.*s=%.*s%s%s", (int)(s->sign - text),
                              text, (int)(s->value - gap), gap,
                              quote(arena, value), s->end);
}

static const char *line_of(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at;
}

/* What goes with an assignment: its line, where it is alone in it. */
static void cut_range(const char *text, const setting *s, const char **from_r,
                      const char **to_r)
{
    const char *line = line_of(text, s->key);
    const char *to = s->end + strspn(s->end, " \t");

    if (*to == ';') to += 1 + strspn(to + 1, " \t");
    *from_r = s->key;
    *to_r = *to == '#' ? s->end : to;
    if (line + strspn(line, " \t") != s->key || (*to && *to != '\n')) return;
    *from_r = line;
    *to_r = to + (*to == '\n');
}

static const char *cut(xtune_arena *arena, const reader *r, const char *text,
                       const char *key)
{
    char *out = xtune_arena_alloc(arena, strlen(text) + 1, 1);
    const char *at = text, *from, *to;
    size_t len = 0, i;

    for (i = 0; i < r->nr; i++) {
        if (!is_key(&r->settings[i], key, strlen(key))) continue;
        cut_range(text, &r->settings[i], &from, &to);
        memcpy(out + len, at, (size_t)(from - at));
        len += (size_t)(from - at);
        at = to;
    }
    memcpy(out + len, at, strlen(at) + 1);
    return out;
}

/* Whether a comment shows how the key is set: "# KEY =". */
static bool shows(const char *line, const char *key)
{
    const size_t len = strlen(key);

    line += strspn(line, " \t");
    if (*line != '#') return false;
    line += strspn(line, "# \t");
    if (strncmp(line, key, len) != 0) return false;
    line += len;
    return line[strspn(line, " \t")] == '=';
}

/* Whether a line begins in the middle of a list. */
static bool is_in_setting(const reader *r, const char *line)
{
    size_t i;

    for (i = 0; i < r->nr; i++)
        if (line > r->settings[i].key && line < r->settings[i].end)
            return true;
    return false;
}

static const char *insert(xtune_arena *arena, const reader *r,
                          const char *text, const char *key, const char *value)
{
    const char *at = text + strlen(text), *line, *newline;

    for (line = text; (newline = strchr(line, '\n')); line = newline + 1)
        if (shows(line, key) && !is_in_setting(r, line)) at = newline + 1;
    return xtune_arena_printf(arena, "%.*s%s%s=%s\n%s", (int)(at - text), text,
                              at > text && at[-1] != '\n' ? "\n" : "", key,
                              quote(arena, value), at);
}

const char *xt_xl_conf_with(xtune_arena *arena, const char *text,
                            const char *key, const char *value)
{
    const setting *s;
    const char *longer;
    reader r;

    if (!text) text = "";
    longer = xtune_arena_printf(arena, "%s\n", text);
    if (read_conf(arena, longer).problem) return NULL;
    r = read_conf(arena, text);
    if (r.problem) r = read_conf(arena, text = longer);
    s = find(&r, r.nr, key, strlen(key));
    if (!s)
        return value ? insert(arena, &r, text, key, value)
                     : xtune_arena_strdup(arena, text);
    return value ? replace(arena, text, s, value) : cut(arena, &r, text, key);
}
