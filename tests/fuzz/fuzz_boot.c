/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a file that command lines are in: a parameter that can be set
 * is there then, and nothing is left of it when it is taken out again.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/boot.h"
#include "boot/shell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = { "/etc/default/grub",
                                     "/boot/efi/EFI/xenserver/grub.cfg",
                                     "/boot/xen.cfg" };

/* A tree for each kind of file. */
static const char *tree_of(size_t which)
{
    static char roots[XT_ARRAY_SIZE(files)][64];
    XT_CLEANUP_FREE char *folder = NULL;

    if (roots[which][0]) return roots[which];
    snprintf(roots[which], sizeof(roots[which]), "/tmp/fuzz_boot.XXXXXX");
    if (!mkdtemp(roots[which])) abort();
    folder = xt_xprintf("%s%s", roots[which], files[which]);
    *strrchr(folder, '/') = '\0';
    if (xt_make_dirs(folder, 0755, NULL)) abort();
    return roots[which];
}

static void put(const char *root, const char *path, const char *text,
                size_t len)
{
    XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, path);
    XT_CLEANUP_CLOSE int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, text, len) != (ssize_t)len) abort();
}

static void put_edit(const char *root, const xt_boot_edit *edit)
{
    size_t i;

    for (i = 0; i < edit->nr_files; i++)
        put(root, edit->files[i].path, edit->files[i].after,
            strlen(edit->files[i].after));
}

/* The one file of an edit; NULL where nothing is to be changed. */
static const char *before(const xt_boot_edit *edit)
{
    return edit->nr_files ? edit->files[0].before : NULL;
}

static bool is_there(xtune_arena *arena, const char *root, const char *line,
                     const char *const *wanted, size_t nr_wanted)
{
    const char *const *values;
    size_t i, nr;

    if (xt_boot_get_parameter(arena, root, line, "k", &values, &nr, NULL))
        abort();
    if (nr != nr_wanted) return false;
    for (i = 0; i < nr; i++)
        if (strcmp(values[i], wanted[i]) != 0) return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const wanted[] = { "v (w)", "" };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_boot_change change = { .key = "k", .values = wanted };
    const char *const *values;
    const char *root;
    xt_boot_edit there, gone;
    size_t nr = 0;
    bool known;

    if (size < 1) return 0;
    root = tree_of(data[0] % XT_ARRAY_SIZE(files));
    put(root, files[data[0] % XT_ARRAY_SIZE(files)], (const char *)data + 1,
        size - 1);
    change.line = data[0] & 0x80 ? "xen" : "dom0";
    change.nr_values = data[0] & 0x40 ? 2 : 1;
    known = !xt_boot_get_parameter(arena, root, change.line, "k", &values, &nr,
                                   NULL);
    if (xt_boot_plan(arena, root, &change, 1, &there, NULL)) return 0;
    if (!known) abort();
    xt_boot_diff(arena, &there);
    put_edit(root, &there);
    if (!before(&there)) return 0;
    if (nr ? strchr(values[nr - 1], '\1') != NULL
           : strstr(before(&there), XT_SHELL_MARK) != NULL)
        return 0;
    if (!is_there(arena, root, change.line, wanted, change.nr_values)) abort();
    change.nr_values = 0;
    if (xt_boot_plan(arena, root, &change, 1, &gone, NULL)) {
        /* A backslash that nothing follows would escape the quote. */
        if (!strchr(before(&there), '\\')) abort();
        return 0;
    }
    if (!nr && strcmp(gone.files[0].after, before(&there)) != 0) abort();
    return 0;
}
