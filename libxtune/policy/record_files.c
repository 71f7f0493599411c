/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of records in the state directory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

#define SUFFIX ".json"

const char *xt_record_dir(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/records", state->dir);
}

int xt_record_remove(const char *path, xtune_error **err)
{
    if (!unlink(path) || errno == ENOENT) return 0;
    return xtune_error_set(err,
                           errno == EACCES || errno == EPERM || errno == EROFS
                               ? XTUNE_ERR_PERMISSION
                               : XTUNE_ERR_IO,
                           errno, path, NULL, "cannot remove it: %s",
                           strerror(errno));
}

int xt_record_read_file(xtune_arena *arena, const char *path, char **text_r,
                        size_t *len_r, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    const int rc =
        xt_file_read(arena, path, XT_RECORD_MAX_BYTES, text_r, len_r, &cause);

    if (!rc) return 0;
    *text_r = NULL;
    /* A link that leads nowhere was meant for something. */
    if (rc == XTUNE_ERR_NOT_FOUND &&
        faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
        return 0;
    return xtune_error_set(err, rc, cause->errnum, cause->object, cause->hint,
                           "%s", cause->message);
}

static int read_file(const char *file, xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, file, XT_RECORD_MAX_BYTES, &text, &len, err);
    return rc ? rc : xt_record_read_memory(text, len, file, policy, err);
}

static int read_dir(const char *dir, xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    const char **files;
    size_t nr, i;
    int rc;

    rc = xt_list_files(arena, dir, SUFFIX, &files, &nr, &cause);
    if (rc == XTUNE_ERR_NOT_FOUND) return 0;
    if (rc)
        return xtune_error_set(err, rc, cause->errnum, cause->object,
                               cause->hint, "%s", cause->message);
    for (i = 0; i < nr; i++) {
        rc = read_file(files[i], policy, err);
        if (rc) return rc;
    }
    return 0;
}

int xtune_records_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    int rc = read_dir(xt_record_dir(state, arena), policy, err);

    if (!rc) rc = xt_record_check_holders(policy, err);
    if (!rc) rc = xt_pools_read(state, policy, err);
    if (!rc) rc = xt_devices_read(state, policy, err);
    return rc ? rc : xt_usb_groups_read(state, policy, err);
}
