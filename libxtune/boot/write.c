/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes made to last: the file, and the programs that belong to it. */
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/lines.h"
#include "boot/sources.h"

static int check_unchanged(xtune_arena *arena, const char *root,
                           const xt_boot_edit *edit, xtune_error **err)
{
    char *now;
    int rc;

    rc = xt_boot_read_file(arena, root, edit->path, &now, err);
    if (rc || !strcmp(now, edit->before)) return rc;
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, edit->path,
                           "nothing was changed; try again",
                           "it was changed by another hand meanwhile");
}

static int replace(const char *real, const char *text, xtune_error **err)
{
    return xt_file_replace(real, text, strlen(text), 0600, err);
}

/* Whether the program did what it was told. */
static int check_made(xtune_arena *arena, const char *root,
                      const xt_boot_edit *edit, xtune_error **err)
{
    const char *value = NULL;
    int rc;

    rc = xt_boot_get_parameter(arena, root, xt_boot_line_name(edit->line),
                               edit->key, &value, err);
    if (rc || xt_boot_is_same_value(value, edit->value)) return rc;
    return xtune_error_set(err, XTUNE_ERR_IO, 0, edit->by[0], NULL,
                           "it said that it was done, but \"%s\" is not as "
                           "asked for in \"%s\"",
                           edit->key, edit->path);
}

static int make(xtune_arena *arena, const char *root, const char *real,
                const xt_boot_edit *edit, xtune_error **err)
{
    const bool live = xt_boot_is_live(root);
    int rc;

    if (!edit->by || !live)
        rc = replace(real, edit->after, err);
    else {
        rc = xt_boot_run(edit->by, err);
        if (!rc) rc = check_made(arena, root, edit, err);
    }
    if (!rc && edit->then && live) rc = xt_boot_run(edit->then, err);
    return rc;
}

int xt_boot_write(const char *root, const xt_boot_edit *edit,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *real;
    int rc;

    if (!strcmp(edit->before, edit->after)) return 0;
    rc = xt_boot_resolve(arena, root, edit->path, &real, err);
    if (!rc) rc = check_unchanged(arena, root, edit, err);
    if (!rc)
        rc = xt_file_keep_old(real, edit->before, strlen(edit->before), err);
    if (rc) return rc;
    rc = make(arena, root, real, edit, err);
    if (rc) {
        XT_CLEANUP_ERROR xtune_error *worse = NULL;

        if (replace(real, edit->before, &worse))
            xtune_error_set(
                err, rc, 0, edit->path,
                "copy the file with " XT_FILE_OLD " behind its name back",
                "it could not be changed, nor put back: %s", worse->message);
    }
    return rc;
}
