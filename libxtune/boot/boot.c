/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the places counts, and what all of them have in common. */
#include "boot/boot.h"

#include <string.h>

#include "base/util.h"
#include "boot/kept.h"
#include "boot/lines.h"
#include "boot/sources.h"

static const char *const line_names[] = {
    [XT_BOOT_DOM0] = "dom0",
    [XT_BOOT_XEN] = "xen",
};

const char *xt_boot_line_name(enum xt_boot_line line)
{
    return line_names[line];
}

int xt_boot_line_parse(const char *name, enum xt_boot_line *line_r,
                       xtune_error **err)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(line_names); i++)
        if (!strcmp(line_names[i], name)) {
            *line_r = (enum xt_boot_line)i;
            return 0;
        }
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "command line",
                           "write dom0 or xen", "\"%s\" has none", name);
}

/* XCP-ng has files of GRUB's that nothing reads; and where there is GRUB,
 * xen.cfg may be made by it. */
const xt_boot_source *xt_boot_find_source(const char *root)
{
    static const xt_boot_source *const sources[] = {
        &xt_boot_xcp_grub,
        &xt_boot_grub_default,
        &xt_boot_xen_cfg,
    };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(sources); i++)
        if (sources[i]->is_there(root)) return sources[i];
    return NULL;
}

void xt_boot_read(xtune_arena *arena, const char *root, xtune_boot *boot)
{
    const xt_boot_source *source = xt_boot_find_source(root);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    char *running;

    if (!xt_boot_read_file(arena, root, "/proc/cmdline", &running, NULL)) {
        running[strcspn(running, "\n")] = '\0';
        boot->dom0_running = running;
    }
    xt_boot_read_module(arena, root, boot);
    if (source && source->read(arena, root, boot, &err)) {
        XT_CLEANUP_FREE char *text = xtune_error_text(err);

        boot->problem = xtune_arena_strdup(arena, text);
    }
}

static int no_source(const char *root, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_UNSUPPORTED, 0, "command line",
        "change the boot loader's own file by hand",
        "neither /etc/default/grub nor XCP-ng's grub.cfg nor xen.cfg is "
        "there%s%s",
        xt_boot_is_live(root) ? "" : ", below ",
        xt_boot_is_live(root) ? "" : root);
}

void xt_boot_add_file(xtune_arena *arena, xt_boot_edit *edit, const char *path,
                      const char *before, const char *after)
{
    xt_boot_file *files = (xt_boot_file *)edit->files;

    if (!strcmp(before, after)) return;
    files = xtune_arena_grow(arena, files, edit->nr_files, sizeof(*files));
    files[edit->nr_files++] =
        (xt_boot_file){ .path = path, .before = before, .after = after };
    edit->files = files;
}

static int is_twice(const xtune_boot_change *change, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, change->key, "give all its values at once",
        "it is there twice among the changes of \"%s\"", change->line);
}

static int check_changes(const xtune_boot_change *changes, size_t nr,
                         enum xt_boot_line *lines, xtune_error **err)
{
    size_t i, k;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++) {
        rc = xt_boot_check_change(&changes[i], &lines[i], err);
        for (k = 0; !rc && k < i; k++)
            if (lines[k] == lines[i] &&
                xt_boot_is_same_key(changes[k].key, changes[i].key))
                rc = is_twice(&changes[i], err);
    }
    return rc;
}

int xt_boot_plan_from(xtune_arena *arena, const char *root,
                      const xt_boot_file *instead, size_t nr_instead,
                      const xtune_boot_change *changes, size_t nr,
                      xt_boot_edit *edit_r, xt_boot_reads *reads,
                      xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(root);
    enum xt_boot_line *lines = xtune_arena_alloc(arena, nr, sizeof(*lines));
    int rc;

    *edit_r = (xt_boot_edit){ .changes = changes, .nr_changes = nr };
    rc = check_changes(changes, nr, lines, err);
    if (rc) return rc;
    if (!source) return no_source(root, err);
    return source->plan(&(xt_boot_job){ .arena = arena,
                                        .root = root,
                                        .changes = changes,
                                        .lines = lines,
                                        .nr = nr,
                                        .instead = instead,
                                        .nr_instead = nr_instead,
                                        .reads = reads },
                        edit_r, err);
}

int xt_boot_get_parameter(xtune_arena *arena, const char *root,
                          const char *line, const char *key,
                          const char *const **values_r, size_t *nr_r,
                          xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(root);
    xtune_boot boot = { .source = NULL };
    enum xt_boot_line which = XT_BOOT_DOM0;
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (rc) return rc;
    if (!source) return no_source(root, err);
    rc = source->read(arena, root, &boot, err);
    if (rc) return rc;
    *nr_r = xt_boot_values(arena,
                           which == XT_BOOT_DOM0 ? boot.dom0_configured
                                                 : boot.xen_configured,
                           key, values_r);
    return 0;
}

/* Reads what it has now only where that counts. */
static int check_values(xtune_arena *arena, const char *root,
                        const xtune_boot_change *change, xtune_error **err)
{
    const char *const *now = NULL;
    size_t nr = 0;
    int rc;

    if (!xt_boot_check_values(change, NULL, 0, NULL)) return 0;
    rc = xt_boot_get_parameter(arena, root, change->line, change->key, &now,
                               &nr, err);
    return rc ? rc : xt_boot_check_values(change, now, nr, err);
}

int xt_boot_plan(xtune_arena *arena, const char *root,
                 const xtune_boot_change *changes, size_t nr,
                 xt_boot_edit *edit_r, xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++)
        rc = check_values(arena, root, &changes[i], err);
    if (rc) return rc;
    return xt_boot_plan_from(arena, root, NULL, 0, changes, nr, edit_r, NULL,
                             err);
}

/* The files as they were, and as they are now that it is done: a program may
 * have written them otherwise. */
static const struct xt_json *keep_files(xtune_arena *arena, const char *root,
                                        const xt_boot_edit *edit)
{
    xt_boot_file *files = XTUNE_NEW_ARRAY(arena, xt_boot_file, edit->nr_files);
    char *now;
    size_t i;

    for (i = 0; i < edit->nr_files; i++) {
        files[i] = edit->files[i];
        if (!xt_boot_read_file(arena, root, files[i].path, &now, NULL))
            files[i].after = now;
    }
    return xt_boot_kept_make(arena, files, edit->nr_files);
}

int xt_boot_set_parameters(const char *root, const xtune_boot_change *changes,
                           size_t nr, const struct xt_json *kept,
                           xtune_arena *arena, const struct xt_json **kept_r,
                           xtune_error **err)
{
    xt_boot_edit edit;
    int rc;

    *kept_r = NULL;
    /* What comes back stood there, whatever it is. */
    rc = kept ? xt_boot_plan_from(arena, root, NULL, 0, changes, nr, &edit,
                                  NULL, err)
              : xt_boot_plan(arena, root, changes, nr, &edit, err);
    if (!rc && kept && edit.nr_files)
        (void)xt_boot_kept_use(arena, root, kept, &edit);
    if (!rc) rc = xt_boot_write(root, &edit, err);
    if (!rc && edit.nr_files) *kept_r = keep_files(arena, root, &edit);
    return rc;
}

static const char *words(xtune_arena *arena, const char *const *argv)
{
    const char *text = argv[0];

    for (argv++; *argv; argv++)
        text = xtune_arena_printf(arena, "%s %s", text, *argv);
    return text;
}

static const char *what_runs(xtune_arena *arena, const char *root,
                             const xt_boot_edit *edit)
{
    const bool live = xt_boot_is_live(root);
    const char *const *const *by;
    const char *text = "";

    for (by = edit->by; by && *by; by++)
        text = xtune_arena_printf(arena, "%s# %s: %s\n", text,
                                  live ? "written by"
                                       : "to be run where this tree belongs",
                                  words(arena, *by));
    if (!edit->then) return text;
    return xtune_arena_printf(arena, "%s# %s: %s\n", text,
                              live ? "and then"
                                   : "to be run where this tree belongs",
                              words(arena, edit->then));
}

int xt_boot_diff_parameters(xtune_arena *arena, const char *root,
                            const xtune_boot_change *changes, size_t nr,
                            const char **text_r, xtune_error **err)
{
    xt_boot_edit edit;
    int rc;

    rc = xt_boot_plan(arena, root, changes, nr, &edit, err);
    if (rc) return rc;
    *text_r = xt_boot_diff(arena, &edit);
    if (**text_r)
        *text_r = xtune_arena_printf(arena, "%s%s", *text_r,
                                     what_runs(arena, root, &edit));
    return 0;
}
