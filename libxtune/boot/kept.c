/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kept.h"

#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/sources.h"

/* Texts of any bytes, in JSON. */

static const char *to_characters(xtune_arena *arena, const char *bytes)
{
    char *text = xtune_arena_alloc(arena, 2 * strlen(bytes) + 1, 1);
    size_t len = 0;

    for (; *bytes; bytes++) {
        const unsigned char c = (unsigned char)*bytes;

        if (c >= 0x80) text[len++] = (char)(0xc0 | c >> 6);
        text[len++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
    }
    text[len] = '\0';
    return text;
}

/* NULL where a character is no byte. */
static const char *to_bytes(xtune_arena *arena, const char *text)
{
    char *bytes = xtune_arena_alloc(arena, strlen(text) + 1, 1);
    size_t len = 0;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x80) {
            if (c < 0xc2 || c > 0xc3) return NULL;
            c = (unsigned char)(c << 6 | ((unsigned char)*++text & 0x3f));
        }
        bytes[len++] = (char)c;
    }
    bytes[len] = '\0';
    return bytes;
}

const xt_json *xt_boot_kept_make(xtune_arena *arena, const xt_boot_file *files,
                                 size_t nr)
{
    xt_json *kept = xt_json_object(arena), *one;
    size_t i;

    for (i = 0; i < nr; i++) {
        const char *before = files[i].before, *after = files[i].after;
        const bool is_text = xt_json_is_text(before) && xt_json_is_text(after);

        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "before",
                           is_text ? xtune_arena_strdup(arena, before)
                                   : to_characters(arena, before));
        xt_json_add_string(arena, one, "after",
                           is_text ? xtune_arena_strdup(arena, after)
                                   : to_characters(arena, after));
        if (!is_text) xt_json_add_bool(arena, one, "bytes", true);
        xt_json_add(arena, kept, xtune_arena_strdup(arena, files[i].path),
                    one);
    }
    return kept;
}

/* NULL where it is not there, or is none. */
static const char *text_in(xtune_arena *arena, const xt_json *one,
                           const char *key)
{
    const xt_json *bytes = xt_json_get(one, "bytes");
    const char *text = xt_json_text(xt_json_get(one, key));

    if (!text || !bytes) return text;
    return to_bytes(arena, text);
}

/* Using it. */

const char *xt_boot_kept_before(xtune_arena *arena, const xt_json *kept,
                                const xt_boot_file *file)
{
    const xt_json *one = xt_json_get(kept, file->path);
    const char *after = text_in(arena, one, "after");

    if (!after || strcmp(after, file->before) != 0) return NULL;
    return text_in(arena, one, "before");
}

/* Whether a change to what there is now would make of the files before what
 * they are now. */
static bool leads_here(xtune_arena *arena, const char *root,
                       const xt_boot_file *old, const xt_boot_edit *edit)
{
    xtune_boot_change *now =
        XTUNE_NEW_ARRAY(arena, xtune_boot_change, edit->nr_changes);
    xt_boot_edit forth;
    size_t i;

    for (i = 0; i < edit->nr_changes; i++) {
        now[i] = edit->changes[i];
        if (xt_boot_get_parameter(arena, root, now[i].line, now[i].key,
                                  &now[i].values, &now[i].nr_values, NULL))
            return false;
    }
    if (xt_boot_plan_from(arena, root, old, edit->nr_files, now,
                          edit->nr_changes, &forth, NULL) ||
        forth.nr_files != edit->nr_files)
        return false;
    for (i = 0; i < forth.nr_files; i++)
        if (strcmp(forth.files[i].path, edit->files[i].path) != 0 ||
            strcmp(forth.files[i].after, edit->files[i].before) != 0)
            return false;
    return true;
}

/* Whether the files before have all that is asked for. */
static bool have_it(xtune_arena *arena, const char *root,
                    const xt_boot_file *old, const xt_boot_edit *edit)
{
    xt_boot_edit rest;

    return !xt_boot_plan_from(arena, root, old, edit->nr_files, edit->changes,
                              edit->nr_changes, &rest, NULL) &&
           !rest.nr_files;
}

static const char *old_file(xtune_arena *arena, const char *root,
                            const char *path)
{
    char *text;

    if (xt_boot_read_file(arena, root,
                          xtune_arena_printf(arena, "%s" XT_FILE_OLD, path),
                          &text, NULL))
        return NULL;
    return text;
}

bool xt_boot_kept_use(xtune_arena *arena, const char *root,
                      const xt_json *kept, xt_boot_edit *edit)
{
    xt_boot_file *files = XTUNE_NEW_ARRAY(arena, xt_boot_file, edit->nr_files);
    const bool was_cut_off = !kept->nr;
    size_t i;

    if (!was_cut_off && kept->nr != edit->nr_files) return false;
    for (i = 0; i < edit->nr_files; i++) {
        files[i].path = edit->files[i].path;
        files[i].before =
            was_cut_off ? old_file(arena, root, files[i].path)
                        : xt_boot_kept_before(arena, kept, &edit->files[i]);
        if (!files[i].before) return false;
    }
    if (was_cut_off && !leads_here(arena, root, files, edit)) return false;
    if (!have_it(arena, root, files, edit)) return false;
    for (i = 0; i < edit->nr_files; i++) {
        files[i].after = files[i].before;
        files[i].before = edit->files[i].before;
    }
    edit->files = files;
    edit->by = NULL;
    return true;
}
