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

/* NULL: none is there. */
static const char *find_file(const char *root)
{
    const char *const *file = xt_usb_policy_files;

    while (*file && !is_there(root, *file))
        file++;
    return *file;
}

/* With what is no text in it, so that it can be said where. */
static int read_whole(xtune_arena *arena, const char *root, const char *file,
                      char **text_r, size_t *len_r, xtune_error **err)
{
    const char *real = "";
    int rc = xt_boot_resolve(arena, root, file, &real, err);

    return rc ? rc
              : xt_file_read(arena, real, XT_USB_POLICY_MAX_BYTES, text_r,
                             len_r, err);
}

/* A NUL that is in comments alone is no matter; elsewhere, where it is. */
static void take_binary(xtune_arena *arena, char *text, size_t len,
                        xtune_usb_rules *rules)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_usb_policy *policy;
    size_t i;

    if (xtune_usb_policy_parse(text, len, "", &policy, &err)) {
        rules->problem = xtune_arena_printf(arena, "line and column %s: %s",
                                            err->object + 1, err->message);
        return;
    }
    xtune_usb_policy_free(policy);
    for (i = 0; i < len; i++)
        if (!text[i]) text[i] = ' ';
    rules->text = text;
}

void xt_usb_rules_read(xtune_arena *arena, const char *root,
                       xtune_usb_rules *rules)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    char *text;
    size_t len;

    rules->file = find_file(root);
    rules->text = rules->problem = NULL;
    if (!rules->file) return;
    if (read_whole(arena, root, rules->file, &text, &len, &err))
        rules->problem = xtune_arena_strdup(arena, err->message);
    else if (memchr(text, '\0', len))
        take_binary(arena, text, len, rules);
    else
        rules->text = text;
}

int xtune_usb_policy_below(const char *root, xtune_usb_policy **policy_r,
                           xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *file = find_file(root);
    xtune_host *host;
    char *text;
    size_t len;
    int rc;

    if (file && !read_whole(arena, root, file, &text, &len, NULL))
        return xtune_usb_policy_parse(text, len, file, policy_r, err);
    host = xtune_host_new();
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
