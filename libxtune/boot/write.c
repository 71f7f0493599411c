/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes made to last: the files, and the programs that belong to them. */
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/lines.h"
#include "boot/sources.h"

typedef struct writer {
    xtune_arena *arena;
    const char *root;
    const xt_boot_edit *edit;
    const char **real;   /* of each file */
    const char *program; /* the last that was to write them */
    bool ran;            /* what has to run afterwards did, to its end */
} writer;

/* os-prober looks at every disk. */
static int run(const writer *w, const char *const *argv, xtune_error **err)
{
    return xt_boot_run(
        argv, w->edit->within_ms ? w->edit->within_ms : 15u * 60 * 1000, err);
}

static int is_changed(const char *path, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, path,
                           "nothing was changed; try again",
                           "it was changed by another hand meanwhile");
}

static int replace(const char *real, const char *before, const char *after,
                   xtune_error **err)
{
    return xt_file_exchange(real, before, strlen(before), after, strlen(after),
                            err);
}

/* Before the first is written: all are as they were when they were read, and
 * are kept. */
static int prepare(writer *w, xtune_error **err)
{
    const xt_boot_edit *edit = w->edit;
    char *now;
    size_t i;
    int rc = 0;

    w->real = xtune_arena_alloc(w->arena, edit->nr_files, sizeof(*w->real));
    for (i = 0; !rc && i < edit->nr_files; i++) {
        const xt_boot_file *file = &edit->files[i];

        rc = xt_boot_resolve(w->arena, w->root, file->path, &w->real[i], err);
        if (!rc)
            rc = xt_boot_read_file(w->arena, w->root, file->path, &now, err);
        if (!rc && strcmp(now, file->before) != 0)
            rc = is_changed(file->path, err);
    }
    for (i = 0; !rc && i < edit->nr_files; i++)
        rc = xt_file_keep_old(w->real[i], edit->files[i].before,
                              strlen(edit->files[i].before), err);
    return rc;
}

static int is_not_made(const writer *w, const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, 0, w->program, NULL,
                           "it said that it was done, but %s is not as asked "
                           "for in \"%s\"",
                           what, w->edit->files[0].path);
}

static int check_line(const writer *w, const char *line, const char *before,
                      const char *now, xtune_error **err)
{
    const xt_boot_edit *edit = w->edit;
    size_t i;

    for (i = 0; i < edit->nr_changes; i++)
        if (!strcmp(edit->changes[i].line, line) &&
            !xt_boot_has_values(w->arena, now, &edit->changes[i]))
            return is_not_made(
                w,
                xtune_arena_printf(w->arena, "\"%s\"", edit->changes[i].key),
                err);
    if (xt_boot_is_same_rest(w->arena, before, now, line, edit->changes,
                             edit->nr_changes))
        return 0;
    return is_not_made(
        w, xtune_arena_printf(w->arena, "the rest of the line of %s", line),
        err);
}

/* Whether programs did what they were told, and no more. */
static int check_made(const writer *w, const xtune_boot *before,
                      xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(w->root);
    xtune_boot now = { .source = NULL };
    int rc;

    rc = source->read(w->arena, w->root, &now, err);
    if (!rc)
        rc = check_line(w, "xen", before->xen_configured, now.xen_configured,
                        err);
    if (!rc)
        rc = check_line(w, "dom0", before->dom0_configured,
                        now.dom0_configured, err);
    return rc;
}

static int run_programs(writer *w, xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(w->root);
    const char *const *const *by;
    xtune_boot before = { .source = NULL };
    int rc;

    rc = source->read(w->arena, w->root, &before, err);
    for (by = w->edit->by; !rc && *by; by++) {
        w->program = (*by)[0];
        rc = run(w, *by, err);
    }
    return rc ? rc : check_made(w, &before, err);
}

static int make(writer *w, xtune_error **err)
{
    const bool live = xt_boot_is_live(w->root);
    const xt_boot_edit *edit = w->edit;
    size_t i;
    int rc = 0;

    if (edit->by && live)
        rc = run_programs(w, err);
    else
        for (i = 0; !rc && i < edit->nr_files; i++)
            rc = replace(w->real[i], edit->files[i].before,
                         edit->files[i].after, err);
    if (rc || !edit->then || !live) return rc;
    rc = run(w, edit->then, err);
    /* One that hangs has written nothing, and would hang again. */
    w->ran = rc != XTUNE_ERR_BUSY;
    return rc;
}

/* One file; what another hand has made of it meanwhile stays. */
static int put_back(const writer *w, size_t index, xtune_error **err)
{
    const xt_boot_file *file = &w->edit->files[index];
    char *now;
    int rc;

    rc = xt_boot_read_file(w->arena, w->root, file->path, &now, err);
    if (rc || !strcmp(now, file->before)) return rc;
    if (!w->edit->by && strcmp(now, file->after) != 0)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, file->path, NULL,
                               "another hand changed it meanwhile");
    return replace(w->real[index], now, file->before, err);
}

/* *worse_r says what could not be put back, in words; NULL: nothing. */
static void put_all_back(const writer *w, const char **worse_r,
                         const char **hint_r)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    size_t i;

    *worse_r = NULL;
    for (i = w->edit->nr_files; i-- > 0;)
        if (put_back(w, i, why ? NULL : &why) && !*worse_r) {
            *worse_r = xtune_arena_printf(
                w->arena, "and \"%s\" could not be put back: %s", why->object,
                why->message);
            *hint_r =
                "copy the file with " XT_FILE_OLD " behind its name back";
        }
    if (*worse_r || !w->ran || !run(w, w->edit->then, &why)) return;
    *worse_r = xtune_arena_printf(
        w->arena, "and with the file as it was before it failed again: %s",
        why->message);
    *hint_r = "run it when it can";
}

int xt_boot_write(const char *root, const xt_boot_edit *edit,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    writer w = { .arena = arena, .root = root, .edit = edit };
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const char *worse, *hint = NULL;
    int rc;

    if (!edit->nr_files) return 0;
    rc = prepare(&w, err);
    if (rc) return rc;
    rc = make(&w, &why);
    if (!rc) return 0;
    put_all_back(&w, &worse, &hint);
    return xtune_error_set(err, rc, why->errnum, why->object,
                           worse ? hint : why->hint, "%s%s%s", why->message,
                           worse ? "; " : "", worse ? worse : "");
}
