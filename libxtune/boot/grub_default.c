/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /etc/default/grub and what is in /etc/default/grub.d: where a parameter is
 * changed in them, with all else left as it is, and what has to run then.
 */
#include <string.h>

#include "base/files.h"
#include "boot/grub_variables.h"
#include "boot/lines.h"

static bool is_there(const char *root)
{
    return xt_boot_has_file(root, XT_GRUB_DEFAULT);
}

static int read_lines(xtune_arena *arena, const char *root, xtune_boot *boot,
                      xtune_error **err)
{
    xt_grub_files files;
    xt_grub_line line;
    int rc;

    boot->source = XT_GRUB_DEFAULT;
    rc = xt_grub_load(&(xt_boot_job){ .arena = arena, .root = root }, &files,
                      err);
    if (!rc) rc = xt_grub_read_line(&files, XT_BOOT_DOM0, &line, err);
    if (rc) return rc;
    boot->dom0_configured = line.text;
    rc = xt_grub_read_line(&files, XT_BOOT_XEN, &line, err);
    if (!rc) boot->xen_configured = line.text;
    return rc;
}

/* A change under way. */
typedef struct change {
    xtune_arena *arena;
    xt_grub_files *files;
    const xtune_boot_change *what;
    const char **now; /* its values, as they stand in the assignments */
    size_t nr_now;
    xt_boot_setting setting;
    size_t file; /* the one that changes */
    xt_boot_cut *cuts;
    size_t nr_cuts;
} change;

static const xt_shell_assignment *at(const change *c, xt_grub_place place)
{
    return &c->files->files[place.file].assignments[place.index];
}

static void cut(change *c, size_t start, size_t end, const char *instead)
{
    c->cuts =
        xtune_arena_grow(c->arena, c->cuts, c->nr_cuts, sizeof(*c->cuts));
    c->cuts[c->nr_cuts++] =
        (xt_boot_cut){ .start = start, .end = end, .instead = instead };
}

/* A line that was added, and that has nothing left to say. */
static void cut_line(change *c, const xt_shell_assignment *a, const char *text)
{
    size_t start = a->line_start;

    if (text[a->line_end - 1] != '\n')
        start = xt_boot_newline_before(text, start);
    cut(c, start, a->line_end, "");
}

/* Changes of a value, made where its characters stand in the file. */
static void cut_value(change *c, xt_grub_place place, const xt_boot_cut *cuts,
                      size_t nr)
{
    const xt_shell_assignment *a = at(c, place);
    size_t i, k;

    if (a->marked && !*xt_boot_cut_text(c->arena, a->text, cuts, nr)) {
        cut_line(c, a, c->files->files[place.file].text);
        return;
    }
    for (i = 0; i < nr; i++) {
        const size_t first = cuts[i].start;
        const bool is_tail = first == a->nr_cells;
        const size_t start = is_tail ? a->tail : a->cells[first].start;
        const char quotes = is_tail ? a->tail_quotes : a->cells[first].quotes;

        if (*cuts[i].instead)
            cut(c, start, start,
                xt_shell_encode(c->arena, cuts[i].instead, quotes));
        for (k = first; k < cuts[i].end; k++)
            cut(c, a->cells[k].start, a->cells[k].end, "");
    }
}

static int is_in_two_files(const change *c, xt_grub_place place,
                           xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0,
        xtune_arena_printf(c->arena, "%s:%u", c->files->files[place.file].path,
                           at(c, place)->line),
        "leave it in one of them", "\"%s\" stands there, and in \"%s\" too",
        c->what->key, c->files->files[c->file].path);
}

/* What it has there, in one file: of a key in several files a change that is
 * cut off between two of them would leave neither the old values nor the new
 * ones. */
static int collect_values(change *c, const xt_grub_variable *v,
                          xtune_error **err)
{
    const char *const *values;
    size_t i, k, nr;

    for (i = 0; i < v->nr_live; i++) {
        nr = xt_boot_values(c->arena, at(c, v->live[i])->text, c->what->key,
                            &values);
        if (nr && c->nr_now && v->live[i].file != c->file)
            return is_in_two_files(c, v->live[i], err);
        for (k = 0; k < nr; k++) {
            c->file = v->live[i].file;
            c->now =
                xtune_arena_grow(c->arena, c->now, c->nr_now, sizeof(*c->now));
            c->now[c->nr_now++] = values[k];
        }
    }
    return 0;
}

static void change_where_it_is(change *c, const xt_grub_variable *v)
{
    xt_boot_cut *cuts;
    size_t i, nr;

    for (i = 0; i < v->nr_live; i++) {
        nr = xt_boot_cuts(c->arena, at(c, v->live[i])->text, &c->setting,
                          &cuts);
        if (nr) cut_value(c, v->live[i], cuts, nr);
    }
}

/* A new line at the end, that ends as the others do. */
static void add_line(change *c, const char *name)
{
    const char *text = c->files->files[0].text;
    const char *newline = xt_boot_newline(text);
    const size_t len = strlen(text);
    const bool is_open = len && text[len - 1] != '\n';
    const xt_boot_cut value = xt_boot_cut_to_add(c->arena, "", &c->setting);

    c->file = 0;
    cut(c, len, len,
        xtune_arena_printf(c->arena, "%s%s=\"%s\" " XT_SHELL_MARK "%s",
                           is_open ? newline : "", name,
                           xt_shell_encode(c->arena, value.instead, '"'),
                           is_open ? "" : newline));
}

/* Best where recovery leaves it out: what hides too much can be mended there.
 */
static void add_it(change *c, const xt_grub_line *line)
{
    const xt_grub_variable *v = &line->variables[1];
    xt_grub_place place;
    xt_boot_cut added;

    if (!v->nr_live) v = &line->variables[0];
    if (!v->nr_live) {
        add_line(c, line->variables[1].name);
        return;
    }
    place = v->live[v->nr_live - 1];
    c->file = place.file;
    added = xt_boot_cut_to_add(c->arena, at(c, place)->text, &c->setting);
    cut_value(c, place, &added, 1);
}

/* The cuts of two variables may stand in the file the other way round. */
static void sort_cuts(change *c)
{
    size_t i, k;

    for (i = 1; i < c->nr_cuts; i++)
        for (k = i; k && c->cuts[k - 1].start > c->cuts[k].start; k--) {
            const xt_boot_cut swapped = c->cuts[k];

            c->cuts[k] = c->cuts[k - 1];
            c->cuts[k - 1] = swapped;
        }
}

static int not_alone(const change *c, const char *name, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, c->files->files[c->file].path,
        "change it there by hand",
        "with \"%s\" changed more would change in the command line of %s, for "
        "variables stand for others, or refer to them",
        c->what->key, name);
}

/* Both lines have what they had, but for what is changed: a variable that is
 * empty then may let another one count. */
static int check_rest(const change *c, enum xt_boot_line which,
                      const xt_grub_line *before, xtune_error **err)
{
    const enum xt_boot_line other =
        which == XT_BOOT_XEN ? XT_BOOT_DOM0 : XT_BOOT_XEN;
    xt_grub_line after;
    int rc;

    rc = xt_grub_read_line(c->files, other, &after, err);
    if (rc) return rc;
    if (strcmp(before[other].text, after.text) != 0)
        return not_alone(c, xt_boot_line_name(other), err);
    rc = xt_grub_read_line(c->files, which, &after, err);
    if (rc) return rc;
    if (!xt_boot_is_same_rest(c->arena, before[which].text, after.text,
                              c->what->line, c->what, 1))
        return not_alone(c, xt_boot_line_name(which), err);
    if (xt_boot_has_values(c->arena, after.text, c->what)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                           c->files->files[c->file].path,
                           "change it there by hand",
                           "\"%s\" comes from a variable that another one "
                           "refers to",
                           c->what->key);
}

/* The file as it is with the cuts made. */
static int make_cuts(const change *c, enum xt_boot_line which,
                     const xt_grub_line *before, xtune_error **err)
{
    xt_shell_file *file = &c->files->files[c->file];
    int rc;

    rc = xt_shell_parse(
        c->arena, file->path,
        xt_boot_cut_text(c->arena, file->text, c->cuts, c->nr_cuts), file,
        err);
    return rc ? rc : check_rest(c, which, before, err);
}

static int read_both(const xt_grub_files *files, xt_grub_line *lines,
                     xtune_error **err)
{
    int rc;

    rc = xt_grub_read_line(files, XT_BOOT_DOM0, &lines[XT_BOOT_DOM0], err);
    if (rc) return rc;
    return xt_grub_read_line(files, XT_BOOT_XEN, &lines[XT_BOOT_XEN], err);
}

static int make_change(xt_grub_files *files, enum xt_boot_line which,
                       const xtune_boot_change *what, xtune_error **err)
{
    change c = { .arena = files->arena, .files = files, .what = what };
    xt_grub_line lines[2], *line = &lines[which];
    int rc;

    rc = read_both(files, lines, err);
    if (!rc)
        rc = xt_boot_check_quotes(line->text, false, XT_GRUB_DEFAULT, err);
    if (rc || xt_boot_has_values(c.arena, line->text, what)) return rc;
    rc = collect_values(&c, &line->variables[0], err);
    if (!rc) rc = collect_values(&c, &line->variables[1], err);
    if (rc) return rc;
    c.setting = xt_boot_setting_of(c.arena, what, c.now, c.nr_now);
    if (c.setting.places) {
        change_where_it_is(&c, &line->variables[0]);
        change_where_it_is(&c, &line->variables[1]);
    } else if (c.setting.nr)
        add_it(&c, line);
    sort_cuts(&c);
    return make_cuts(&c, which, lines, err);
}

static int plan(const xt_boot_job *job, xt_boot_edit *edit_r,
                xtune_error **err)
{
    xt_grub_files before, after;
    size_t i;
    int rc;

    rc = xt_grub_load(job, &before, err);
    if (rc) return rc;
    after = before;
    after.files =
        xtune_arena_alloc(job->arena, before.nr, sizeof(*after.files));
    memcpy(after.files, before.files, before.nr * sizeof(*after.files));
    for (i = 0; !rc && i < job->nr; i++)
        rc = make_change(&after, job->lines[i], &job->changes[i], err);
    for (i = 0; !rc && i < before.nr; i++)
        xt_boot_add_file(job->arena, edit_r, before.paths[i],
                         before.files[i].text, after.files[i].text);
    if (rc || !edit_r->nr_files) return rc;
    return xt_grub_need_program(job->arena, job->root, edit_r, err);
}

const xt_boot_source xt_boot_grub_default = {
    .is_there = is_there,
    .read = read_lines,
    .plan = plan,
};
