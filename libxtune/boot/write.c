/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes made to last: the files, and the programs that belong to them. */
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/lines.h"
#include "boot/sources.h"

#define PATIENCE_MS (15u * 60 * 1000) /* os-prober looks at every disk */

typedef struct writer {
    xtune_arena *arena;
    const char *root;
    const xt_boot_edit *edit;
    const char **real; /* of each file */
    bool ran;          /* what has to run afterwards did, to its end */
} writer;

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

/* What a change is about set to nothing, so that only the rest is seen. */
static const char *the_rest(xtune_arena *arena, const char *text,
                            const xt_boot_edit *edit, const char *line)
{
    size_t i;

    for (i = 0; i < edit->nr_changes; i++)
        if (!strcmp(edit->changes[i].line, line))
            text = xt_boot_with(arena, text, edit->changes[i].key, NULL);
    return text;
}

static int is_not_made(const writer *w, const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, 0, w->edit->by[0][0], NULL,
                           "it said that it was done, but \"%s\" is not as "
                           "asked for in \"%s\"",
                           what, w->edit->files[0].path);
}

/* Whether programs did what they were told, and no more. */
static int check_made(const writer *w, const xtune_boot *before,
                      xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(w->root);
    xtune_boot now = { .source = NULL };
    size_t i;
    int rc;

    rc = source->read(w->arena, w->root, &now, err);
    if (rc) return rc;
    for (i = 0; i < w->edit->nr_changes; i++) {
        const xtune_boot_change *change = &w->edit->changes[i];
        const bool of_xen = !strcmp(change->line, "xen");

        if (!xt_boot_has_values(
                w->arena, of_xen ? now.xen_configured : now.dom0_configured,
                change))
            return is_not_made(w, change->key, err);
    }
    if (strcmp(the_rest(w->arena, now.xen_configured, w->edit, "xen"),
               the_rest(w->arena, before->xen_configured, w->edit, "xen")))
        return is_not_made(w, "xen", err);
    if (strcmp(the_rest(w->arena, now.dom0_configured, w->edit, "dom0"),
               the_rest(w->arena, before->dom0_configured, w->edit, "dom0")))
        return is_not_made(w, "dom0", err);
    return 0;
}

static int run_programs(const writer *w, xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(w->root);
    const char *const *const *by;
    xtune_boot before = { .source = NULL };
    int rc;

    rc = source->read(w->arena, w->root, &before, err);
    for (by = w->edit->by; !rc && *by; by++)
        rc = xt_boot_run(*by, PATIENCE_MS, err);
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
    rc = xt_boot_run(edit->then, PATIENCE_MS, err);
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
    if (*worse_r || !w->ran || !xt_boot_run(w->edit->then, PATIENCE_MS, &why))
        return;
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
