/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines of the next boot, of a host in a file. */
#include "backend/snapshot.h"
#include "boot/boot.h"
#include "boot/lines.h"

/* The line that is meant, as the host has it. */
static int find_line(xtune_backend *backend, const char *line,
                     const char ***text_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    enum xt_boot_line which;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (!rc) rc = xt_boot_line_parse(line, &which, err);
    if (rc) return rc;
    *text_r = which == XT_BOOT_DOM0 ? &s->host->boot.dom0_configured
                                    : &s->host->boot.xen_configured;
    if (**text_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, s->description,
                           "a snapshot that \"xltune snapshot\" makes in dom0 "
                           "has it; or name dom0's files with --root",
                           "it is not known what the next boot's command line "
                           "of %s is",
                           line);
}

int xt_snapshot_get_boot(xtune_backend *backend, const char *line,
                         const char *key, xtune_arena *arena,
                         const char **value_r, xtune_error **err)
{
    const char **text;
    int rc;

    rc = find_line(backend, line, &text, err);
    if (!rc) *value_r = xt_boot_value(arena, *text, key);
    return rc;
}

int xt_snapshot_set_boot(xtune_backend *backend, const char *line,
                         const char *key, const char *value, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    const char **text;
    int rc;

    rc = xt_boot_check_parameter(key, value, err);
    if (!rc) rc = find_line(backend, line, &text, err);
    if (rc) return rc;
    *text = xt_boot_with(s->host->arena, *text, key, value);
    s->dirty = true;
    return 0;
}

int xt_snapshot_diff_boot(xtune_backend *backend, const char *line,
                          const char *key, const char *value,
                          xtune_arena *arena, const char **text_r,
                          xtune_error **err)
{
    const char **text;
    int rc;

    rc = xt_boot_check_parameter(key, value, err);
    if (!rc) rc = find_line(backend, line, &text, err);
    if (rc) return rc;
    *text_r = xt_boot_diff_texts(
        arena, xtune_arena_printf(arena, "command line of %s", line),
        xtune_arena_printf(arena, "%s\n", *text),
        xtune_arena_printf(arena, "%s\n",
                           xt_boot_with(arena, *text, key, value)));
    return 0;
}
