/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_skip.h"

#include <stdbool.h>
#include <string.h>

#include "base/util.h"

#define MAX_NESTING 32 /* of substitutions in quotes in substitutions */

/* Behind what begins at start and ends with an unquoted one of stops; 0: it
 * does not end. At the end of the text that is NUL. */
static size_t skip_until(const char *text, size_t start, char stop,
                         unsigned int nesting);

static size_t skip_nested(const char *text, size_t at, unsigned int nesting)
{
    if (nesting > MAX_NESTING) return 0;
    if (text[at] == '"') return skip_until(text, at + 1, '"', nesting);
    if (text[at] == '`') return skip_until(text, at + 1, '`', nesting);
    if (text[at + 1] == '(') return skip_until(text, at + 2, ')', nesting);
    if (text[at + 1] == '{') return skip_until(text, at + 2, '}', nesting);
    return at + 1;
}

static size_t skip_single(const char *text, size_t at)
{
    const char *end = strchr(text + at + 1, '\'');

    return end ? (size_t)(end - text) + 1 : 0;
}

static size_t skip_until(const char *text, size_t start, char stop,
                         unsigned int nesting)
{
    size_t at = start;

    while (at && text[at] && text[at] != stop) {
        const char c = text[at];

        if (c == '\\')
            at += text[at + 1] ? 2 : 1;
        else if (c == '\'' && stop != '"')
            at = skip_single(text, at);
        else if (c == '"' || c == '`' || c == '$')
            at = skip_nested(text, at, nesting + 1);
        else if (c == '(' && stop == ')')
            at = skip_until(text, at + 1, ')', nesting + 1);
        else
            at++;
        if (nesting > MAX_NESTING) return 0;
    }
    if (!at || (!text[at] && stop)) return 0;
    return text[at] ? at + 1 : at;
}

size_t xt_shell_skip_substitution(const char *text, size_t start)
{
    return skip_nested(text, start, 0);
}

/* Behind a character, or all that it quotes; 0: that does not end. */
static size_t skip_quoted(const char *text, size_t at)
{
    switch (text[at]) {
    case '\\': return at + (text[at + 1] ? 2 : 1);
    case '\'': return skip_single(text, at);
    case '"':
    case '`':
    case '$': return skip_nested(text, at, 0);
    default: return at + 1;
    }
}

/* A comment in it hides quotes, which then do not count. */
static bool begins_comment(const char *text, size_t start, size_t at)
{
    return text[at] == '#' && (at == start || strchr(" \t;", text[at - 1]));
}

size_t xt_shell_skip_statement(const char *text, size_t start)
{
    size_t at = start;

    while (at < start + 1 || (at && text[at - 1] != '\n')) {
        const char c = text[at];

        if (!c) return at;
        if (begins_comment(text, start, at))
            at += strcspn(text + at, "\n");
        else
            at = skip_quoted(text, at);
        if (!at) return 0;
        /* "\" and a newline: it goes on. */
        if (c == '\\' && text[at - 1] == '\n' && text[at]) start = at;
    }
    return at;
}

static bool is_one_of(const char *word, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && !memcmp(*words, word, len)) return true;
    return false;
}

void xt_shell_count_depth(const char *text, size_t start, size_t end,
                          unsigned int *depth)
{
    static const char *const openers[] = { "if",  "case",   "while", "until",
                                           "for", "select", NULL };
    static const char *const closers[] = { "fi", "esac", "done", "}", NULL };
    static const char *const leaders[] = { "then", "do", "else", "elif",
                                           "{",    "!",  NULL };
    bool first = true; /* a command may begin here */
    size_t at = start, len;

    while (at < end) {
        if (strchr(" \t\r\n;&|", text[at])) {
            first = first || !strchr(" \t\r", text[at]);
            at++;
            continue;
        }
        if (text[at] == '#') break;
        if (strchr("\"'`$\\", text[at])) {
            at = skip_quoted(text, at);
            if (!at) return;
            first = false;
            continue;
        }
        len = strcspn(text + at, " \t\r\n;&|\"'`$\\");
        /* A subshell that goes on hides what it sets. */
        if (text[at] == '(' && !memchr(text + at, ')', end - at)) ++*depth;
        if (len == 1 && text[at] == '{') ++*depth;
        if (first && is_one_of(text + at, len, openers)) ++*depth;
        if (first && *depth && is_one_of(text + at, len, closers)) --*depth;
        first = is_one_of(text + at, len, leaders) ||
                (first && is_one_of(text + at, len, openers)) ||
                (len > 2 && !memcmp(text + at + len - 2, "()", 2));
        at += len;
    }
}
