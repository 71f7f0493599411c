/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "host/dom0_file.h"

static const char *folder_of(const xt_dom0_files *files, const char *path)
{
    return xtune_arena_strndup(files->arena, path,
                               (size_t)(xt_dom0_base(path) - 1 - path));
}

static const char *real_path(const xt_dom0_files *files, const char *at)
{
    return xt_path(files->arena, files->root, at);
}

/* Of a link that leads nowhere there is something as well. */
static bool is_there(const xt_dom0_files *files, const char *path)
{
    const char *folder = xt_dom0_resolve(files, folder_of(files, path));
    struct stat st;

    return folder && !lstat(real_path(files, xt_dom0_join(files, folder,
                                                          xt_dom0_base(path))),
                            &st);
}

static int no_text(const char *path, const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path,
                           "look at it, and put it right or remove it", "%s",
                           what);
}

int xt_dom0_read_text(const xt_dom0_files *files, const char *path,
                      const char **text_r, xtune_error **err)
{
    const char *at = xt_dom0_resolve(files, path);
    char *text;
    size_t len;
    int rc;

    *text_r = NULL;
    if (!at && !is_there(files, path)) return 0;
    if (!at) return no_text(path, "it is a link that leads nowhere", err);
    rc = xt_file_read(files->arena, real_path(files, at), XT_FILE_MAX_BYTES,
                      &text, &len, err);
    if (rc) return rc;
    if (strlen(text) != len || !xt_json_is_text(text))
        return no_text(path, "it is no text", err);
    *text_r = text;
    return 0;
}

static xt_dom0_files files_below(xtune_arena *arena, const char *root)
{
    return (xt_dom0_files){ .arena = arena,
                            .root = strcmp(root, "/") ? root : "" };
}

/* Only those that may be changed are of use to who asks. */
static int check_path(const char *path, xtune_error **err)
{
    if (xt_file_kind(path) != XT_FILE_READ_ONLY) return 0;
    return xt_file_check_value(path, NULL, err);
}

int xt_dom0_get_file(xtune_arena *arena, const char *root, const char *path,
                     const char **text_r, xtune_error **err)
{
    const xt_dom0_files files = files_below(arena, root);
    const char *text;
    int rc;

    rc = check_path(path, err);
    if (!rc) rc = xt_dom0_read_text(&files, path, &text, err);
    if (!rc && !text && xt_file_is_attribute(path))
        rc = xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, path, NULL,
                             "this Linux has no such attribute");
    if (!rc) *text_r = xt_file_value(arena, path, text);
    return rc;
}

/* Its folder is made where only that is missing. */
static int make_file(const xt_dom0_files *files, const char *path,
                     const char *text, xtune_error **err)
{
    const char *folder = folder_of(files, path);
    const char *at = xt_dom0_resolve(files, folder), *above, *real;

    if (!at && is_there(files, folder))
        return no_text(folder, "it is a link that leads nowhere", err);
    if (!at) {
        above = xt_dom0_resolve(files, folder_of(files, folder));
        if (!above)
            return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, path,
                                   "make the folder",
                                   "there is no folder for it");
        at = xt_dom0_join(files, above, xt_dom0_base(folder));
        if (mkdir(real_path(files, at), 0755) && errno != EEXIST)
            return xtune_error_set(err, XTUNE_ERR_IO, errno, folder, NULL,
                                   "cannot make this folder: %s",
                                   strerror(errno));
    }
    real = real_path(files, xt_dom0_join(files, at, xt_dom0_base(path)));
    return xt_file_replace(real, text, strlen(text), 0644, err);
}

int xt_dom0_set_file(const char *root, const char *path, const char *text,
                     xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_dom0_files files = files_below(arena, root);
    const char *before, *real;
    int rc;

    rc = xt_file_check_value(path, text, err);
    if (!rc) rc = xt_dom0_read_text(&files, path, &before, err);
    if (rc) return rc;
    if (!before) return text ? make_file(&files, path, text, err) : 0;
    real = xt_dom0_resolve(&files, path);
    if (!real)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, path, NULL,
                               "another hand has removed it meanwhile");
    real = real_path(&files, real);
    rc = xt_file_keep_old(real, before, strlen(before), err);
    if (rc) return rc;
    if (text)
        return xt_file_exchange(real, before, strlen(before), text,
                                strlen(text), err);
    if (!unlink(real)) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, path, NULL,
                           "cannot remove it: %s", strerror(errno));
}
