/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XCP-ng's own program for its command lines. */
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "boot/sources.h"

/* Whether a file is this program, or is called as it is: in place of XCP-ng's
 * own it would ask itself, and wait for the lock that it holds. */
static bool is_ours(const char *real)
{
    const char *name = strrchr(real, '/');
    struct stat it, self;

    if (name && !strcmp(name + 1, "xltune")) return true;
    return !stat(real, &it) && !stat("/proc/self/exe", &self) &&
           it.st_dev == self.st_dev && it.st_ino == self.st_ino;
}

bool xt_boot_has_xen_cmdline(const char *root)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *real = "";

    return xt_boot_has_file(root, XT_XEN_CMDLINE) &&
           !xt_boot_resolve(arena, root, XT_XEN_CMDLINE, &real, NULL) &&
           !is_ours(real);
}

/* One key a call: with more it mixes them up. */
const char *const *xt_boot_xen_cmdline(xtune_arena *arena,
                                       enum xt_boot_line line,
                                       const xtune_boot_change *what)
{
    const char **argv = xtune_arena_alloc(arena, 4, sizeof(*argv));

    argv[0] = XT_XEN_CMDLINE;
    argv[1] = xtune_arena_printf(arena, "--%s-%s",
                                 what->nr_values ? "set" : "delete",
                                 xt_boot_line_name(line));
    argv[2] =
        what->nr_values ? xt_boot_with_change(arena, "", what) : what->key;
    return argv;
}
