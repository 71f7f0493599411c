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
    put(root, edit->path, edit->after, strlen(edit->after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *line, *root, *value = NULL;
    xt_boot_edit there, gone;
    bool known;

    if (size < 1) return 0;
    root = tree_of(data[0] % XT_ARRAY_SIZE(files));
    put(root, files[data[0] % XT_ARRAY_SIZE(files)], (const char *)data + 1,
        size - 1);
    line = data[0] & 0x80 ? "xen" : "dom0";
    known = !xt_boot_get_parameter(arena, root, line, "k", &value, NULL);
    if (xt_boot_plan(arena, root, data[0] & 0x80 ? XT_BOOT_XEN : XT_BOOT_DOM0,
                     "k", "v (w)", &there, NULL))
        return 0;
    if (!known) abort();
    if (value && strchr(value, '\1')) return 0;
    xt_boot_diff(arena, &there);
    put_edit(root, &there);
    if (value || strstr(there.before, XT_SHELL_MARK)) return 0;
    if (xt_boot_get_parameter(arena, root, line, "k", &value, NULL)) abort();
    if (!value || strcmp(value, "v (w)") != 0) abort();
    if (xt_boot_plan(arena, root, there.line, "k", NULL, &gone, NULL)) abort();
    if (strcmp(gone.after, there.before) != 0) abort();
    return 0;
}
