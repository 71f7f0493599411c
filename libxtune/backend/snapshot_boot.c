/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines of the next boot, of a host in a file. Each stands for a file
 * of its name where texts are kept. */
#include <string.h>

#include "backend/snapshot.h"
#include "base/json.h"
#include "boot/boot.h"
#include "boot/kept.h"
#include "boot/lines.h"

/* The line that is meant, as the host has it. */
static int find_line(xt_snapshot *s, enum xt_boot_line line,
                     const char ***text_r, xtune_error **err)
{
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    *text_r = line == XT_BOOT_DOM0 ? &s->host->boot.dom0_configured
                                   : &s->host->boot.xen_configured;
    if (**text_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, s->description,
                           "a snapshot that \"xltune snapshot\" makes in dom0 "
                           "has it; or name dom0's files with --root",
                           "it is not known what the next boot's command line "
                           "of %s is",
                           xt_boot_line_name(line));
}

int xt_snapshot_get_boot(xtune_backend *backend, const char *line,
                         const char *key, xtune_arena *arena,
                         const char *const **values_r, size_t *nr_r,
                         xtune_error **err)
{
    enum xt_boot_line which = XT_BOOT_DOM0;
    const char **text;
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (!rc) rc = find_line(xt_snapshot_of(backend), which, &text, err);
    if (!rc) *nr_r = xt_boot_values(arena, *text, key, values_r);
    return rc;
}

/* What comes back stood there, whatever it is. */
static int check_values(xtune_arena *arena, const char *text,
                        const xtune_boot_change *change, bool back,
                        xtune_error **err)
{
    const char *const *now;
    const size_t nr = xt_boot_values(arena, text, change->key, &now);

    return back ? 0 : xt_boot_check_values(change, now, nr, err);
}

/* What changes make of both lines, those that stay as they are left out. */
static int plan_lines(xtune_backend *backend, const xtune_boot_change *changes,
                      size_t nr, bool back, xtune_arena *arena,
                      xt_boot_edit *edit_r, xtune_error **err)
{
    xt_boot_file *files = XTUNE_NEW_ARRAY(arena, xt_boot_file, 2), *file;
    enum xt_boot_line which = XT_BOOT_DOM0;
    const char **text;
    size_t i;
    int rc;

    *edit_r =
        (xt_boot_edit){ .files = files, .changes = changes, .nr_changes = nr };
    for (i = 0; i < nr; i++) {
        rc = xt_boot_check_change(&changes[i], &which, err);
        if (!rc) rc = find_line(xt_snapshot_of(backend), which, &text, err);
        if (rc || !*text) return rc;
        rc = check_values(arena, *text, &changes[i], back, err);
        if (rc) return rc;
        file = &files[which];
        if (!file->path)
            *file = (xt_boot_file){ .path = xt_boot_line_name(which),
                                    .before = *text,
                                    .after = *text };
        file->after = xt_boot_with_change(arena, file->after, &changes[i]);
    }
    for (i = 0; i < 2; i++)
        if (files[i].path && strcmp(files[i].before, files[i].after) != 0)
            files[edit_r->nr_files++] = files[i];
    return 0;
}

/* A line as it was, if it is as the change left it, and has what is asked for
 * then. */
static void use_kept(xtune_arena *arena, const xt_json *kept,
                     xt_boot_edit *edit)
{
    xt_boot_file *files = (xt_boot_file *)edit->files;
    const char *before;
    size_t i, k;

    for (i = 0; i < edit->nr_files; i++) {
        before = xt_boot_kept_before(arena, kept, &files[i]);
        for (k = 0; before && k < edit->nr_changes; k++)
            if (!strcmp(edit->changes[k].line, files[i].path) &&
                !xt_boot_has_values(arena, before, &edit->changes[k]))
                before = NULL;
        if (before) files[i].after = before;
    }
}

int xt_snapshot_set_boot(xtune_backend *backend,
                         const xtune_boot_change *changes, size_t nr,
                         const struct xt_json *kept, xtune_arena *arena,
                         const struct xt_json **kept_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    enum xt_boot_line which = XT_BOOT_DOM0;
    const char **text;
    xt_boot_edit edit;
    size_t i;
    int rc;

    *kept_r = NULL;
    rc = plan_lines(backend, changes, nr, kept, arena, &edit, err);
    if (rc || !edit.nr_files) return rc;
    if (kept) use_kept(arena, kept, &edit);
    for (i = 0; i < edit.nr_files; i++) {
        rc = xt_boot_line_parse(edit.files[i].path, &which, err);
        if (!rc) rc = find_line(s, which, &text, err);
        if (rc) return rc;
        *text = xtune_arena_strdup(s->host->arena, edit.files[i].after);
    }
    s->dirty = true;
    *kept_r = xt_boot_kept_make(arena, edit.files, edit.nr_files);
    return 0;
}

int xt_snapshot_diff_boot(xtune_backend *backend,
                          const xtune_boot_change *changes, size_t nr,
                          xtune_arena *arena, const char **text_r,
                          xtune_error **err)
{
    xt_boot_edit edit;
    size_t i;
    int rc;

    rc = plan_lines(backend, changes, nr, false, arena, &edit, err);
    if (rc) return rc;
    *text_r = "";
    for (i = 0; i < edit.nr_files; i++)
        *text_r = xtune_arena_printf(
            arena, "%s%s", *text_r,
            xt_boot_diff_texts(
                arena,
                xtune_arena_printf(arena, "command line of %s",
                                   edit.files[i].path),
                xtune_arena_printf(arena, "%s\n", edit.files[i].before),
                xtune_arena_printf(arena, "%s\n", edit.files[i].after)));
    return 0;
}
