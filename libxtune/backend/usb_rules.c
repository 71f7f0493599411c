/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/usb_rules.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <xtune/usb.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/sources.h"
#include "usb/policy_file.h"

/* A link that leads nowhere is there as well, and cannot be read. */
static bool is_there(const char *root, const char *file)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *real;
    struct stat st;

    return xt_boot_resolve(arena, root, file, &real, NULL) !=
               XTUNE_ERR_NOT_FOUND ||
           !lstat(xt_path(arena, root, file), &st);
}

void xt_usb_rules_read(xtune_arena *arena, const char *root,
                       xtune_usb_rules *rules)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const char *const *file = xt_usb_policy_files;
    char *text;

    while (*file && !is_there(root, *file))
        file++;
    rules->file = *file;
    rules->text = rules->problem = NULL;
    if (!*file) return;
    if (xt_boot_read_file(arena, root, *file, &text, &err))
        rules->problem = xtune_arena_strdup(arena, err->message);
    else
        rules->text = text;
}

int xtune_usb_policy_below(const char *root, xtune_usb_policy **policy_r,
                           xtune_error **err)
{
    xtune_host *host = xtune_host_new();
    int rc;

    xt_usb_rules_read(host->arena, root, &host->usb_rules);
    rc = xtune_usb_policy_of(host, policy_r, err);
    xtune_host_free(host);
    return rc;
}

/* The one that is changed. */
static const char *own_file(const char *root)
{
    const char *xapi = xt_usb_policy_files[XT_USB_POLICY_XAPI];

    return is_there(root, xapi) ? xapi
                                : xt_usb_policy_files[XT_USB_POLICY_OURS];
}

int xt_usb_rules_get(xtune_arena *arena, const char *root, const char **text_r,
                     xtune_error **err)
{
    const char *file = own_file(root);
    char *text;
    int rc;

    *text_r = NULL;
    if (!is_there(root, file)) return 0;
    rc = xt_boot_read_file(arena, root, file, &text, err);
    if (!rc) *text_r = text;
    return rc;
}

/* Of the folders above one those that are there are in the root. */
static int check_above(xtune_arena *arena, const char *root,
                       const char *folder, xtune_error **err)
{
    const char *slash = folder, *above, *real;
    int rc;

    while ((slash = strchr(slash + 1, '/'))) {
        above = xtune_arena_strndup(arena, folder, (size_t)(slash - folder));
        if (xt_boot_resolve(arena, root, above, &real, NULL) ==
            XTUNE_ERR_NOT_FOUND)
            break;
        rc = xt_boot_resolve(arena, root, above, &real, err);
        if (rc) return rc;
    }
    return 0;
}

/* Its folder may not be there either; no link may lead it out of the root. */
static int make_file(xtune_arena *arena, const char *root, const char *file,
                     const char *text, xtune_error **err)
{
    const char *slash = strrchr(file, '/');
    const char *folder =
        xtune_arena_strndup(arena, file, (size_t)(slash - file));
    const char *real;
    int rc;

    rc = check_above(arena, root, folder, err);
    if (!rc) rc = xt_make_dirs(xt_path(arena, root, folder), 0755, err);
    if (!rc) rc = xt_boot_resolve(arena, root, folder, &real, err);
    if (rc) return rc;
    return xt_file_replace(xtune_arena_printf(arena, "%s%s", real, slash),
                           text, strlen(text), 0644, err);
}

static int remove_file(const char *real, xtune_error **err)
{
    if (!unlink(real)) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, real, NULL,
                           "cannot remove it: %s", strerror(errno));
}

int xt_usb_rules_set(const char *root, const char *text, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *file = own_file(root), *real = "";
    char *before;
    int rc;

    if (!is_there(root, file))
        return text ? make_file(arena, root, file, text, err) : 0;
    rc = xt_boot_resolve(arena, root, file, &real, err);
    if (!rc) rc = xt_boot_read_file(arena, root, file, &before, err);
    if (!rc) rc = xt_file_keep_old(real, before, strlen(before), err);
    if (rc) return rc;
    if (!text) return remove_file(real, err);
    return xt_file_replace(real, text, strlen(text), 0644, err);
}
