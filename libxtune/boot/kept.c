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

/* Files as they are now (after), and as they were (before). */
typedef struct past {
    xtune_arena *arena;
    const char *root;
    const xt_boot_edit *edit; /* that takes back parameter by parameter */
    xt_boot_file *files;
    size_t nr;
} past;

static void add_file(past *p, const char *path, const char *before,
                     const char *now)
{
    if (!strcmp(before, now)) return;
    p->files = xtune_arena_grow(p->arena, p->files, p->nr, sizeof(*p->files));
    p->files[p->nr++] =
        (xt_boot_file){ .path = path, .before = before, .after = now };
}

/* Whether the files before have all that is asked for. */
static bool have_it(const past *p, const xt_boot_file *files, size_t nr)
{
    xt_boot_edit rest;

    return !xt_boot_plan_from(p->arena, p->root, files, nr, p->edit->changes,
                              p->edit->nr_changes, &rest, NULL, NULL) &&
           !rest.nr_files;
}

/* What was kept of them. Only files that command lines are in count. */
static bool find_kept(past *p, const xt_json *kept, const xt_boot_reads *reads)
{
    const char *before = NULL;
    size_t i, found = 0;
    char *now;

    for (i = 0; i < reads->nr; i++) {
        if (!xt_json_get(kept, reads->paths[i])) continue;
        if (xt_boot_read_file(p->arena, p->root, reads->paths[i], &now, NULL))
            return false;
        before = xt_boot_kept_before(
            p->arena, kept,
            &(xt_boot_file){ .path = reads->paths[i], .before = now });
        if (!before) return false;
        add_file(p, reads->paths[i], before, now);
        found++;
    }
    return found == kept->nr && have_it(p, p->files, p->nr);
}

/* Cut off: it is not known which files were changed, but what is kept beside
 * each of them. */

#define MAX_BESIDE 6

/* What they have now of all that is asked for. */
static const xtune_boot_change *values_now(const past *p)
{
    const xt_boot_edit *edit = p->edit;
    xtune_boot_change *now =
        XTUNE_NEW_ARRAY(p->arena, xtune_boot_change, edit->nr_changes);
    size_t i;

    for (i = 0; i < edit->nr_changes; i++) {
        now[i] = edit->changes[i];
        if (xt_boot_get_parameter(p->arena, p->root, now[i].line, now[i].key,
                                  &now[i].values, &now[i].nr_values, NULL))
            return NULL;
    }
    return now;
}

/* Whether a change to these values would make of the files before what they
 * are now, and change no other. */
static bool leads_here(const past *p, const xt_boot_file *files, size_t nr,
                       const xtune_boot_change *now)
{
    xt_boot_edit forth;
    size_t i, k, same = 0;

    if (xt_boot_plan_from(p->arena, p->root, files, nr, now,
                          p->edit->nr_changes, &forth, NULL, NULL) ||
        forth.nr_files != nr)
        return false;
    for (i = 0; i < nr; i++)
        for (k = 0; k < nr; k++)
            same += !strcmp(forth.files[i].path, files[k].path) &&
                    !strcmp(forth.files[i].after, files[k].after);
    return same == nr;
}

static void list_beside(past *p, const xt_boot_reads *reads)
{
    char *now, *before;
    size_t i;

    for (i = 0; i < reads->nr && p->nr < MAX_BESIDE; i++) {
        const char *old =
            xtune_arena_printf(p->arena, "%s" XT_FILE_OLD, reads->paths[i]);

        if (!xt_boot_read_file(p->arena, p->root, reads->paths[i], &now,
                               NULL) &&
            !xt_boot_read_file(p->arena, p->root, old, &before, NULL))
            add_file(p, reads->paths[i], before, now);
    }
}

/* Those of them that fit: others were kept by changes before. */
static bool find_beside(past *p, const xt_boot_reads *reads)
{
    const xtune_boot_change *now = values_now(p);
    xt_boot_file chosen[MAX_BESIDE];
    unsigned int set;
    size_t i, nr;

    list_beside(p, reads);
    for (set = 1; now && set < 1u << p->nr; set++) {
        for (i = nr = 0; i < p->nr; i++)
            if (set & 1u << i) chosen[nr++] = p->files[i];
        if (!leads_here(p, chosen, nr, now) || !have_it(p, chosen, nr))
            continue;
        memcpy(p->files, chosen, nr * sizeof(*chosen));
        p->nr = nr;
        return true;
    }
    return false;
}

bool xt_boot_kept_use(xtune_arena *arena, const char *root,
                      const xt_json *kept, xt_boot_edit *edit)
{
    past p = { .arena = arena, .root = root, .edit = edit };
    xt_boot_reads reads = { .nr = 0 };
    xt_boot_edit none;
    size_t i;

    if (xt_boot_plan_from(arena, root, NULL, 0, NULL, 0, &none, &reads, NULL))
        return false;
    if (!(kept->nr ? find_kept(&p, kept, &reads) : find_beside(&p, &reads)))
        return false;
    for (i = 0; i < p.nr; i++) {
        const char *before = p.files[i].before;

        p.files[i].before = p.files[i].after;
        p.files[i].after = before;
    }
    edit->files = p.files;
    edit->nr_files = p.nr;
    edit->by = NULL;
    return true;
}
