/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xen.cfg, which xen.efi reads (Xen's docs/misc/efi.pandoc and
 * common/efi/boot.c): lines end at any control character, "#" begins a comment
 * anywhere, and of sections and keys alike the first counts.
 */
#include <string.h>

#include "base/files.h"
#include "boot/lines.h"
#include "boot/shell.h"
#include "boot/sources.h"

#define FOLDER "/boot/efi/EFI"

typedef struct config {
    xtune_arena *arena;
    const char *path; /* below root */
    const char *name; /* for messages */
    const char *text;
    const char *section; /* NULL: none is named */
} config;

/* Where a value stands; start is 0 where it is not there. */
typedef struct span {
    size_t start, end;
} span;

/* Those that there are; the first in *path_r. */
static size_t find_files(xtune_arena *arena, const char *root,
                         const char **path_r, const char **other_r)
{
    const char **names, *path = "/boot/xen.cfg";
    const size_t nr_names = xt_boot_list(arena, root, FOLDER, "", &names);
    size_t i, nr = 0;

    for (i = 0; i <= nr_names; i++) {
        if (i)
            path =
                xtune_arena_printf(arena, FOLDER "/%s/xen.cfg", names[i - 1]);
        if (!xt_boot_has_file(root, path)) continue;
        *(nr++ ? other_r : path_r) = path;
    }
    return nr;
}

static bool is_there(const char *root)
{
    xtune_arena *arena = xtune_arena_new();
    const char *path, *other;
    const size_t nr = find_files(arena, root, &path, &other);

    xtune_arena_free(arena);
    return nr > 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c) || c == 0x7f;
}

/* The next line from *at on, without blanks before it and comments behind;
 * *at is then behind it. */
static bool next_line(const char *text, size_t *at, span *line_r)
{
    size_t start = *at, end;

    while (text[start] && (is_control(text[start]) || text[start] == ' '))
        start++;
    if (!text[start]) return false;
    for (end = start; text[end] && !is_control(text[end]); end++) {
    }
    *at = end;
    *line_r = (span){ .start = start, .end = end };
    for (end = start; end < line_r->end; end++)
        if (text[end] == '#' || (end == start && text[end] == ';')) break;
    line_r->end = end;
    return true;
}

static bool begins(const char *text, const span *line, const char *what)
{
    const size_t len = strlen(what);

    return line->end - line->start >= len &&
           !memcmp(text + line->start, what, len);
}

static span find_value(const config *c, const char *section, const char *key)
{
    const char *head =
        section ? xtune_arena_printf(c->arena, "[%s]", section) : NULL;
    const char *item = xtune_arena_printf(c->arena, "%s=", key);
    bool match = !section;
    size_t at = 0;
    span line;

    while (next_line(c->text, &at, &line)) {
        if (head && c->text[line.start] == '[') {
            if (match) break;
            match = begins(c->text, &line, head);
        } else if (match && begins(c->text, &line, item)) {
            line.start += strlen(item);
            while (line.start < line.end && c->text[line.start] == ' ')
                line.start++;
            return line;
        }
    }
    return (span){ .start = 0 };
}

static const char *text_of(const config *c, span s)
{
    return xtune_arena_strndup(c->arena, c->text + s.start, s.end - s.start);
}

static int read_config(const xt_boot_job *job, config *c, xtune_error **err)
{
    xtune_arena *arena = job->arena;
    const char *other = "";
    const size_t nr = find_files(arena, job->root, &c->path, &other);
    char *text;
    span s;
    int rc;

    c->arena = arena;
    c->text = "";
    if (nr != 1)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, c->path,
                               "remove those that no boot uses",
                               "there are %zu such files, as \"%s\"", nr,
                               other);
    c->name = xt_path(arena, job->root, c->path);
    rc = xt_boot_read_for(job, c->path, &text, err);
    if (rc) return rc;
    c->text = text;
    s = find_value(c, "global", "default");
    c->section = s.start ? text_of(c, s) : NULL;
    s = find_value(c, c->section, "kernel");
    if (s.start < s.end) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, c->name, "name it there as \"kernel=\"",
        "its section \"%s\" has no kernel", c->section ? c->section : "");
}

static int read_lines(xtune_arena *arena, const char *root, xtune_boot *boot,
                      xtune_error **err)
{
    const char *kernel;
    config c = { .path = NULL };
    span s;
    int rc;

    rc = read_config(&(xt_boot_job){ .arena = arena, .root = root }, &c, err);
    boot->source = c.path;
    if (rc) return rc;
    kernel = text_of(&c, find_value(&c, c.section, "kernel"));
    kernel += strcspn(kernel, " ");
    boot->dom0_configured = kernel + strspn(kernel, " ");
    s = find_value(&c, c.section, "options");
    boot->xen_configured = s.start ? text_of(&c, s) : "";
    return 0;
}

/* Behind the line in which an offset is, and its newline. */
static size_t behind_line(const char *text, size_t at)
{
    at += strcspn(text + at, "\n");
    return text[at] ? at + 1 : at;
}

/* A line of options behind the kernel's. */
static xt_boot_cut added_line(const config *c, const char *parameter)
{
    const size_t at =
        behind_line(c->text, find_value(c, c->section, "kernel").start);
    const char *newline = xt_boot_newline(c->text);
    const bool is_open = c->text[at - 1] != '\n';

    return (xt_boot_cut){
        .start = at,
        .end = at,
        .instead = xtune_arena_printf(
            c->arena, "%soptions=%s " XT_SHELL_MARK "%s",
            is_open ? newline : "", parameter, is_open ? "" : newline),
    };
}

/* The line that was added; nothing is left in it. */
static xt_boot_cut line_of(const config *c, span s)
{
    xt_boot_cut cut = { .start = s.start,
                        .end = behind_line(c->text, s.start),
                        .instead = "" };

    while (cut.start && c->text[cut.start - 1] != '\n')
        cut.start--;
    if (c->text[cut.end - 1] != '\n')
        cut.start = xt_boot_newline_before(c->text, cut.start);
    return cut;
}

static bool is_marked(const config *c, span s)
{
    return !strncmp(c->text + s.end, XT_SHELL_MARK, strlen(XT_SHELL_MARK));
}

/* Where there is no line of options yet. */
static void add_options(config *c, const xtune_boot_change *what)
{
    xt_boot_cut added;

    if (!what->nr_values) return;
    added = added_line(c, xt_boot_with_change(c->arena, "", what));
    c->text = xt_boot_cut_text(c->arena, c->text, &added, 1);
}

static int change(config *c, enum xt_boot_line line,
                  const xtune_boot_change *what, xtune_error **err)
{
    const span s =
        find_value(c, c->section, line == XT_BOOT_DOM0 ? "kernel" : "options");
    xt_boot_cut *cuts, whole;
    const char *text;
    size_t i, nr;
    int rc;

    if (!s.start) {
        add_options(c, what);
        return 0;
    }
    text = text_of(c, s);
    rc = xt_boot_check_quotes(text, line == XT_BOOT_DOM0, c->name, err);
    if (rc) return rc;
    nr = line == XT_BOOT_DOM0
             ? xt_boot_cuts_behind_file(c->arena, text, what, &cuts)
             : xt_boot_change_cuts(c->arena, text, what, &cuts);
    if (nr && is_marked(c, s) &&
        !*xt_boot_cut_text(c->arena, text, cuts, nr)) {
        whole = line_of(c, s);
        c->text = xt_boot_cut_text(c->arena, c->text, &whole, 1);
        return 0;
    }
    for (i = 0; i < nr; i++) {
        cuts[i].start += s.start;
        cuts[i].end += s.start;
    }
    c->text = xt_boot_cut_text(c->arena, c->text, cuts, nr);
    return 0;
}

static int plan(const xt_boot_job *job, xt_boot_edit *edit_r,
                xtune_error **err)
{
    config c = { .path = NULL };
    const char *before;
    size_t i;
    int rc;

    rc = read_config(job, &c, err);
    before = c.text;
    for (i = 0; !rc && i < job->nr; i++)
        rc = change(&c, job->lines[i], &job->changes[i], err);
    if (!rc) xt_boot_add_file(job->arena, edit_r, c.path, before, c.text);
    return rc;
}

const xt_boot_source xt_boot_xen_cfg = {
    .is_there = is_there,
    .read = read_lines,
    .plan = plan,
};
