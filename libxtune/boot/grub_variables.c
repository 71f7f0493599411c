/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grub_variables.h"

#include <string.h>

#include "base/files.h"
#include "base/util.h"

#define FOLDER "/etc/default/grub.d"
#define MAX_VALUE 65536 /* far beyond what a kernel takes */

static int add_file(const xt_boot_job *job, xt_grub_files *files,
                    const char *path, xtune_error **err)
{
    xtune_arena *arena = files->arena;
    char *text;
    int rc;

    rc = xt_boot_read_for(job, path, &text, err);
    if (rc) return rc;
    files->paths = xtune_arena_grow(arena, files->paths, files->nr,
                                    sizeof(*files->paths));
    files->files = xtune_arena_grow(arena, files->files, files->nr,
                                    sizeof(*files->files));
    files->paths[files->nr] = path;
    return xt_shell_parse(arena, xt_path(arena, files->root, path), text,
                          &files->files[files->nr++], err);
}

int xt_grub_load(const xt_boot_job *job, xt_grub_files *files_r,
                 xtune_error **err)
{
    xtune_arena *arena = job->arena;
    const char **names = NULL;
    size_t nr = 0, i;
    int rc;

    *files_r = (xt_grub_files){ .arena = arena, .root = job->root };
    rc = add_file(job, files_r, XT_GRUB_DEFAULT, err);
    if (xt_grub_reads_folder(arena, job->root))
        nr = xt_boot_list(arena, job->root, FOLDER, ".cfg", &names);
    for (i = 0; !rc && i < nr; i++)
        rc = add_file(job, files_r,
                      xtune_arena_printf(arena, FOLDER "/%s", names[i]), err);
    return rc;
}

/* Names and values while the files are read. */

typedef struct known {
    const char *name, *value;
} known;

typedef struct known_names {
    known *items;
    size_t nr;
} known_names;

static const char *lookup(const known_names *names, const char *name)
{
    size_t i;

    for (i = 0; i < names->nr; i++)
        if (!strcmp(names->items[i].name, name)) return names->items[i].value;
    return "";
}

static void keep(xtune_arena *arena, known_names *names, const char *name,
                 const char *value)
{
    size_t i;

    for (i = 0; i < names->nr; i++)
        if (!strcmp(names->items[i].name, name)) break;
    if (i == names->nr)
        names->items = xtune_arena_grow(arena, names->items, names->nr++,
                                        sizeof(*names->items));
    names->items[i] = (known){ .name = name, .value = value };
}

/* With what its references stand for; NULL where that is not known. */
static const char *expand(xtune_arena *arena, const known_names *names,
                          const xt_shell_assignment *a)
{
    const char *value = "", *part, *at = a->text;
    size_t i, len;

    if (a->dynamic || a->conditional) return NULL;
    for (i = 0; i < a->nr_references; i++) {
        part = lookup(names, a->references[i]);
        if (!part || strlen(value) + strlen(part) > MAX_VALUE) return NULL;
        len = strcspn(at, (const char[]){ XT_SHELL_REFERENCE, '\0' });
        value =
            xtune_arena_printf(arena, "%s%.*s%s", value, (int)len, at, part);
        at += len + 1;
    }
    return xtune_arena_printf(arena, "%s%s", value, at);
}

static bool refers_to(const xt_shell_assignment *a, const char *name)
{
    size_t i;

    for (i = 0; i < a->nr_references; i++)
        if (!strcmp(a->references[i], name)) return true;
    return false;
}

static void note_assignment(xtune_arena *arena, xt_grub_variable *v,
                            const xt_shell_assignment *a, xt_grub_place place)
{
    if (strcmp(a->name, v->name) != 0) return;
    if (!a->conditional && !refers_to(a, v->name)) v->nr_live = 0;
    v->live = xtune_arena_grow(arena, v->live, v->nr_live, sizeof(*v->live));
    v->live[v->nr_live++] = place;
}

static xt_grub_variable read_variable(const xt_grub_files *files,
                                      const char *name)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    xt_grub_variable v = { .name = name };
    known_names names = { .nr = 0 };
    size_t f, i;

    for (f = 0; f < files->nr; f++)
        for (i = 0; i < files->files[f].nr_assignments; i++) {
            const xt_shell_assignment *a = &files->files[f].assignments[i];

            keep(scratch, &names, a->name, expand(scratch, &names, a));
            note_assignment(files->arena, &v, a,
                            (xt_grub_place){ .file = f, .index = i });
        }
    v.value = lookup(&names, name);
    if (v.value) v.value = xtune_arena_strdup(files->arena, v.value);
    return v;
}

/* What would have to be run. */

static int needs_shell(const xt_grub_files *files, size_t file,
                       unsigned int line, const char *what, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0,
        xtune_arena_printf(files->arena, "%s:%u", files->files[file].path,
                           line),
        "write the command lines there as plain assignments, NAME=\"value\"",
        "%s", what);
}

static bool mentions(const char *text, size_t len, const char *what)
{
    return memmem(text, len, what, strlen(what)) != NULL;
}

static bool begins_with(const char *text, size_t len, const char *word)
{
    const size_t n = strlen(word);

    while (len && strchr(" \t", *text))
        text++, len--;
    return len > n && !memcmp(text, word, n) && strchr(" \t", text[n]);
}

/* What sets variables in a way that is not seen. */
static bool hides_assignments(const char *text, size_t len)
{
    return mentions(text, len, "GRUB_CMDLINE_LINUX") ||
           mentions(text, len, "GRUB_CMDLINE_XEN") ||
           mentions(text, len, "<<") || begins_with(text, len, ".") ||
           begins_with(text, len, "source") || begins_with(text, len, "eval");
}

static int check_statements(const xt_grub_files *files, xtune_error **err)
{
    size_t f, i;

    for (f = 0; f < files->nr; f++)
        for (i = 0; i < files->files[f].nr_statements; i++) {
            const xt_shell_statement *s = &files->files[f].statements[i];

            if (hides_assignments(files->files[f].text + s->start,
                                  s->end - s->start))
                return needs_shell(files, f, s->line,
                                   "it takes a shell to know what this does "
                                   "to the command lines",
                                   err);
        }
    return 0;
}

static int check_variable(const xt_grub_files *files,
                          const xt_grub_variable *v, xtune_error **err)
{
    size_t i;

    for (i = 0; i < v->nr_live; i++) {
        const xt_grub_place *place = &v->live[i];
        const xt_shell_assignment *a =
            &files->files[place->file].assignments[place->index];

        if (a->dynamic || a->conditional || (!v->value && i + 1 == v->nr_live))
            return needs_shell(
                files, place->file, a->line,
                xtune_arena_printf(files->arena,
                                   a->conditional
                                       ? "it depends on a condition what %s is"
                                       : "it takes a shell to know what %s is",
                                   v->name),
                err);
    }
    return 0;
}

/* The second stands for the first where it is set. */
static int read_replaced(const xt_grub_files *files, const char *name,
                         const char *instead, xt_grub_variable *v_r,
                         xtune_error **err)
{
    int rc;

    if (instead) {
        *v_r = read_variable(files, instead);
        rc = check_variable(files, v_r, err);
        if (rc || (v_r->value && *v_r->value)) return rc;
    }
    *v_r = read_variable(files, name);
    return check_variable(files, v_r, err);
}

int xt_grub_read_line(const xt_grub_files *files, enum xt_boot_line line,
                      xt_grub_line *line_r, xtune_error **err)
{
    static const char *const of[][2][2] = {
        [XT_BOOT_DOM0] = {
            { "GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_XEN_REPLACE" },
            { "GRUB_CMDLINE_LINUX_DEFAULT",
              "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT" },
        },
        [XT_BOOT_XEN] = {
            { "GRUB_CMDLINE_XEN", NULL },
            { "GRUB_CMDLINE_XEN_DEFAULT", NULL },
        },
    };
    const char *first, *second;
    size_t i;
    int rc;

    rc = check_statements(files, err);
    for (i = 0; !rc && i < 2; i++)
        rc = read_replaced(files, of[line][i][0], of[line][i][1],
                           &line_r->variables[i], err);
    if (rc) return rc;
    first = line_r->variables[0].value;
    second = line_r->variables[1].value;
    line_r->text = xtune_arena_printf(files->arena, "%s%s%s", first,
                                      *first && *second ? " " : "", second);
    return 0;
}
