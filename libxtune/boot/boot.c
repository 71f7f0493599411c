/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the places counts, and what all of them have in common. */
#include "boot/boot.h"

#include <string.h>

#include "base/util.h"
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

int xt_boot_plan(xtune_arena *arena, const char *root, enum xt_boot_line line,
                 const char *key, const char *value, xt_boot_edit *edit_r,
                 xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(root);
    int rc;

    rc = xt_boot_check_parameter(key, value, err);
    if (rc) return rc;
    if (!source) return no_source(root, err);
    rc = source->plan(arena, root, line, key, value, edit_r, err);
    edit_r->line = line;
    edit_r->key = key;
    edit_r->value = value;
    return rc;
}

int xt_boot_get_parameter(xtune_arena *arena, const char *root,
                          const char *line, const char *key,
                          const char **value_r, xtune_error **err)
{
    const xt_boot_source *source = xt_boot_find_source(root);
    xtune_boot boot = { .source = NULL };
    enum xt_boot_line which = XT_BOOT_DOM0;
    const char *text;
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (rc) return rc;
    if (!source) return no_source(root, err);
    rc = source->read(arena, root, &boot, err);
    if (rc) return rc;
    text = which == XT_BOOT_DOM0 ? boot.dom0_configured : boot.xen_configured;
    *value_r = xt_boot_value(arena, text, key);
    return 0;
}

int xt_boot_set_parameter(const char *root, const char *line, const char *key,
                          const char *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    enum xt_boot_line which = XT_BOOT_DOM0;
    xt_boot_edit edit = { .path = NULL };
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (!rc) rc = xt_boot_plan(arena, root, which, key, value, &edit, err);
    return rc ? rc : xt_boot_write(root, &edit, err);
}

static const char *words(xtune_arena *arena, const char *const *argv)
{
    const char *text = argv[0];

    for (argv++; *argv; argv++)
        text = xtune_arena_printf(arena, "%s %s", text, *argv);
    return text;
}

int xt_boot_diff_parameter(xtune_arena *arena, const char *root,
                           const char *line, const char *key,
                           const char *value, const char **text_r,
                           xtune_error **err)
{
    const char *const *program;
    enum xt_boot_line which = XT_BOOT_DOM0;
    xt_boot_edit edit = { .path = NULL };
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (!rc) rc = xt_boot_plan(arena, root, which, key, value, &edit, err);
    if (rc) return rc;
    *text_r = xt_boot_diff(arena, &edit);
    program = edit.by ? edit.by : edit.then;
    if (!**text_r || !program) return 0;
    *text_r = xtune_arena_printf(arena, "%s# %s: %s\n", *text_r,
                                 !xt_boot_is_live(root)
                                     ? "to be run where this tree belongs"
                                 : edit.by ? "written by"
                                           : "and then",
                                 words(arena, program));
    return 0;
}
