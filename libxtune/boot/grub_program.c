/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes GRUB's own file of /etc/default/grub, and which file that is. */
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/grub_variables.h"

#define EFI "/boot/efi/EFI"

static const char *program_under(xtune_arena *arena, const char *root,
                                 const char *name)
{
    static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin",
                                           "/bin", NULL };
    const char *const *folder;

    for (folder = folders; *folder; folder++) {
        const char *path = xtune_arena_printf(arena, "%s/%s", *folder, name);

        if (xt_boot_has_file(root, path)) return path;
    }
    return NULL;
}

/* The program that all others come down to; NULL. */
static const char *mkconfig_under(xtune_arena *arena, const char *root)
{
    const char *path = program_under(arena, root, "grub2-mkconfig");

    return path ? path : program_under(arena, root, "grub-mkconfig");
}

bool xt_grub_reads_folder(xtune_arena *arena, const char *root)
{
    const char *path = mkconfig_under(arena, root);
    char *text;

    return !path || xt_boot_read_file(arena, root, path, &text, NULL) ||
           !*text || strstr(text, "default/grub.d");
}

/* Whether it has entries; what only leads to another one (Fedora's on the EFI
 * partition since 34, and SUSE's) is left alone. */
static bool has_entries(xtune_arena *arena, const char *root, const char *path)
{
    char *text;

    return !xt_boot_read_file(arena, root, path, &text, NULL) &&
           (strstr(text, "menuentry ") || strstr(text, "### BEGIN "));
}

/* What Fedora's link leads to, below root: grub2-mkconfig may put a file in
 * place of a link. NULL: there is none, or it leads to none. */
static const char *linked_config(xtune_arena *arena, const char *root)
{
    static const char link[] = "/etc/grub2-efi.cfg";
    XT_CLEANUP_FREE char *base = realpath(xt_path(arena, root, "/"), NULL);
    const char *real = "";

    if (!base || !xt_boot_has_folder(root, "/sys/firmware/efi") ||
        !has_entries(arena, root, link) ||
        xt_boot_resolve(arena, root, link, &real, NULL))
        return NULL;
    return real + (strcmp(base, "/") != 0 ? strlen(base) : 0);
}

/* The one on the EFI partition that has entries. NULL: there is none, or it is
 * not known which of several is this host's. */
static const char *efi_config(xtune_arena *arena, const char *root)
{
    const char **names, *path, *found = NULL;
    const size_t nr = xt_boot_list(arena, root, EFI, "", &names);
    size_t i;

    for (i = 0; i < nr; i++) {
        path = xtune_arena_printf(arena, EFI "/%s/grub.cfg", names[i]);
        if (!has_entries(arena, root, path)) continue;
        if (found) return NULL;
        found = path;
    }
    return found;
}

/* NULL: there is none. */
static const char *config_of(xtune_arena *arena, const char *root)
{
    static const char *const configs[] = { "/boot/grub2/grub.cfg",
                                           "/boot/grub/grub.cfg", NULL };
    const char *config = linked_config(arena, root);

    if (!config) config = xt_boot_first_file(root, configs);
    return config ? config : efi_config(arena, root);
}

/* Debian's update-grub knows where its file is; others are told. */
static const char *const *program_of(xtune_arena *arena, const char *root)
{
    const char **argv = xtune_arena_alloc(arena, 4, sizeof(*argv));
    const char *config;

    argv[0] = program_under(arena, root, "update-grub");
    if (argv[0]) return argv;
    config = config_of(arena, root);
    argv[0] = mkconfig_under(arena, root);
    if (!argv[0] || !config) return NULL;
    argv[1] = "-o";
    argv[2] = config;
    return argv;
}

int xt_grub_need_program(xtune_arena *arena, const char *root,
                         xt_boot_edit *edit, xtune_error **err)
{
    edit->then = program_of(arena, root);
    /* Of a recorded host there may be no programs, and none is run. */
    if (edit->then || !xt_boot_is_live(root)) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, XT_GRUB_DEFAULT,
                           "install GRUB's tools, or change the boot "
                           "loader's own file by hand",
                           "neither update-grub nor grub2-mkconfig with its "
                           "grub.cfg is here, so that it would not count");
}
