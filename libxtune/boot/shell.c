/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell.h"

#include <string.h>

#include "boot/lines.h"
#include "boot/shell_skip.h"

typedef struct reader {
    xtune_arena *arena;
    xt_shell_file *file;
    const char *text;
    size_t at;
    unsigned int line;  /* of the statement under way, from 1 */
    unsigned int depth; /* of "if" and its like around it */
} reader;

static int not_closed(const reader *r, const char *what, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0,
        xtune_arena_printf(r->arena, "%s:%u", r->file->path, r->line), NULL,
        "%s is not closed", what);
}

static bool is_name_char(char c, bool first)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && c >= '0' && c <= '9');
}

static size_t name_length(const char *text)
{
    size_t len = 0;

    while (is_name_char(text[len], !len))
        len++;
    return len;
}

static void add_cell(const reader *r, xt_shell_assignment *a, char c,
                     size_t start, size_t end, char quotes)
{
    a->cells =
        xtune_arena_grow(r->arena, a->cells, a->nr_cells, sizeof(*a->cells));
    a->text = xtune_arena_grow(r->arena, a->text, a->nr_cells + 1, 1);
    a->text[a->nr_cells] = c;
    a->text[a->nr_cells + 1] = '\0';
    a->cells[a->nr_cells++] =
        (xt_shell_cell){ .start = start, .end = end, .quotes = quotes };
}

/* "$NAME" and "${NAME}" are kept; for the rest there would have to be a
 * shell. */
static int read_dollar(reader *r, xt_shell_assignment *a, char quotes,
                       xtune_error **err)
{
    const size_t start = r->at;
    const bool braces = r->text[start + 1] == '{';
    const char *name = r->text + start + 1 + braces;
    const size_t len = name_length(name);

    if (len && (!braces || name[len] == '}')) {
        r->at = start + 1 + braces + len + braces;
        a->references = xtune_arena_grow(
            r->arena, a->references, a->nr_references, sizeof(*a->references));
        a->references[a->nr_references++] =
            xtune_arena_strndup(r->arena, name, len);
        add_cell(r, a, XT_SHELL_REFERENCE, start, r->at, quotes);
        return 0;
    }
    if (!braces && r->text[start + 1] != '(') {
        /* The shell's own "$1", "$?" and so on, or just a dollar. */
        a->dynamic = true;
        r->at++;
        return 0;
    }
    a->dynamic = true;
    r->at = xt_shell_skip_substitution(r->text, start);
    return r->at ? 0 : not_closed(r, "\"$(\" or \"${\"", err);
}

static int read_backticks(reader *r, xt_shell_assignment *a, xtune_error **err)
{
    a->dynamic = true;
    r->at = xt_shell_skip_substitution(r->text, r->at);
    return r->at ? 0 : not_closed(r, "\"`\"", err);
}

static int read_single(reader *r, xt_shell_assignment *a, xtune_error **err)
{
    for (r->at++; r->text[r->at] != '\''; r->at++) {
        if (!r->text[r->at]) return not_closed(r, "a \"'\"", err);
        add_cell(r, a, r->text[r->at], r->at, r->at + 1, '\'');
    }
    r->at++;
    return 0;
}

/* A backslash within double quotes, or (quotes 0) outside. */
static void read_backslash(reader *r, xt_shell_assignment *a, char quotes)
{
    const char c = r->text[r->at + 1];
    const bool escapes = !quotes || (c && strchr("$`\"\\", c));

    if (c == '\n')
        r->at += 2;
    else if (escapes && c) {
        add_cell(r, a, c, r->at, r->at + 2, quotes);
        r->at += 2;
    } else {
        add_cell(r, a, '\\', r->at, r->at + 1, quotes);
        r->at++;
    }
}

static int read_double(reader *r, xt_shell_assignment *a, xtune_error **err)
{
    int rc = 0;

    r->at++;
    while (!rc && r->text[r->at] != '"') {
        const char c = r->text[r->at];

        if (!c) return not_closed(r, "a '\"'", err);
        if (c == '\\')
            read_backslash(r, a, '"');
        else if (c == '$')
            rc = read_dollar(r, a, '"', err);
        else if (c == '`')
            rc = read_backticks(r, a, err);
        else {
            add_cell(r, a, c, r->at, r->at + 1, '"');
            r->at++;
        }
    }
    r->at++;
    return rc;
}

static bool ends_value(const char *at)
{
    return !*at || xt_boot_is_blank(*at) || strchr(";&|<>()", *at) != NULL;
}

static int read_value(reader *r, xt_shell_assignment *a, xtune_error **err)
{
    int rc = 0;

    a->text = xtune_arena_strdup(r->arena, "");
    a->tail_quotes = 0;
    while (!rc && !ends_value(r->text + r->at)) {
        const char c = r->text[r->at];

        a->tail_quotes = c == '"' || c == '\'' ? c : 0;
        if (c == '\'')
            rc = read_single(r, a, err);
        else if (c == '"')
            rc = read_double(r, a, err);
        else if (c == '\\')
            read_backslash(r, a, 0);
        else if (c == '$')
            rc = read_dollar(r, a, 0, err);
        else if (c == '`')
            rc = read_backticks(r, a, err);
        else {
            if (c == '~') a->dynamic = true;
            add_cell(r, a, c, r->at, r->at + 1, 0);
            r->at++;
        }
    }
    a->tail = a->tail_quotes ? r->at - 1 : r->at;
    return rc;
}

static size_t skip_blanks(const char *text, size_t at)
{
    while (text[at] && text[at] != '\n' && xt_boot_is_blank(text[at]))
        at++;
    return at;
}

static size_t end_of_line(const char *text, size_t at)
{
    at += strcspn(text + at, "\n");
    return text[at] ? at + 1 : at;
}

/* Nothing but a comment may stand behind an assignment. */
static bool ends_statement(reader *r, xt_shell_assignment *a)
{
    const size_t at = skip_blanks(r->text, r->at);
    const size_t len = strlen(XT_SHELL_MARK);

    if (r->text[at] && r->text[at] != '\n' &&
        (r->text[at] != '#' || at == r->at))
        return false;
    a->marked = !strncmp(r->text + at, XT_SHELL_MARK, len) &&
                ends_value(r->text + at + len);
    r->at = a->line_end = end_of_line(r->text, at);
    return true;
}

/* *found_r: it was one, and r is behind it. */
static int read_assignment(reader *r, bool *found_r, xtune_error **err)
{
    static const char export[] = "export";
    const size_t start = r->at;
    xt_shell_assignment a = { .line = r->line, .conditional = r->depth };
    size_t at = skip_blanks(r->text, start), len;
    int rc;

    *found_r = false;
    if (!strncmp(r->text + at, export, sizeof(export) - 1) &&
        (r->text[at + 6] == ' ' || r->text[at + 6] == '\t'))
        at = skip_blanks(r->text, at + sizeof(export) - 1);
    len = name_length(r->text + at);
    if (!len || r->text[at + len] != '=') return 0;
    a.name = xtune_arena_strndup(r->arena, r->text + at, len);
    r->at = at + len + 1;
    rc = read_value(r, &a, err);
    if (rc) return rc;
    a.line_start = start;
    *found_r = ends_statement(r, &a);
    if (!*found_r) {
        r->at = start;
        return 0;
    }
    r->file->assignments = xtune_arena_grow(
        r->arena, r->file->assignments, r->file->nr_assignments, sizeof(a));
    r->file->assignments[r->file->nr_assignments++] = a;
    return 0;
}

static int read_statement(reader *r, xtune_error **err)
{
    xt_shell_statement s = { .line = r->line, .start = r->at };

    s.end = xt_shell_skip_statement(r->text, r->at);
    if (!s.end) return not_closed(r, "a quote or a \"(\"", err);
    xt_shell_count_depth(r->text, s.start, s.end, &r->depth);
    r->file->statements = xtune_arena_grow(r->arena, r->file->statements,
                                           r->file->nr_statements, sizeof(s));
    r->file->statements[r->file->nr_statements++] = s;
    r->at = s.end;
    return 0;
}

int xt_shell_parse(xtune_arena *arena, const char *path, const char *text,
                   xt_shell_file *file_r, xtune_error **err)
{
    reader r = { .arena = arena, .file = file_r, .text = text, .line = 1 };
    size_t before, first;
    bool found;
    int rc = 0;

    *file_r = (xt_shell_file){ .path = path, .text = text };
    while (!rc && text[r.at]) {
        before = r.at;
        first = skip_blanks(text, r.at);
        if (!text[first] || text[first] == '\n' || text[first] == '#')
            r.at = end_of_line(text, first);
        else {
            rc = read_assignment(&r, &found, err);
            if (!rc && !found) rc = read_statement(&r, err);
        }
        for (; !rc && before < r.at; before++)
            r.line += text[before] == '\n';
    }
    return rc;
}

const char *xt_shell_encode(xtune_arena *arena, const char *text, char quotes)
{
    char *encoded = xtune_arena_alloc(arena, 2 * strlen(text) + 1, 1);
    size_t len = 0;

    for (; *text; text++) {
        if (quotes == '"' ? strchr("$`\"\\", *text) != NULL
                          : !quotes && !is_name_char(*text, false) &&
                                !strchr("./:,%+@=-", *text))
            encoded[len++] = '\\';
        encoded[len++] = *text;
    }
    return encoded;
}
