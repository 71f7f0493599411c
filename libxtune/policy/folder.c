/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a folder of policies or records. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "policy/read.h"

/* A hidden file is an editor's or a package manager's. */
static bool is_wanted(DIR *dir, const char *name, const char *suffix)
{
    const size_t len = strlen(name), end = strlen(suffix);
    struct stat st;

    if (name[0] == '.' || len < end || strcmp(name + len - end, suffix))
        return false;
    /* One that vanishes meanwhile is for the reader to complain about. */
    if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0) return true;
    return S_ISREG(st.st_mode) || S_ISLNK(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list(xtune_arena *arena, const char *path, DIR *dir,
                const char *suffix, const char ***files_r, size_t *nr_r,
                xtune_error **err)
{
    const char **files = NULL;
    struct dirent *entry;
    size_t nr = 0;

    while (errno = 0, (entry = readdir(dir))) {
        if (!is_wanted(dir, entry->d_name, suffix)) continue;
        files = xtune_arena_grow(arena, files, nr, sizeof(*files));
        files[nr++] = xtune_arena_printf(arena, "%s/%s", path, entry->d_name);
    }
    if (errno)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, path, NULL,
                               "cannot read it: %s", strerror(errno));
    if (nr) qsort(files, nr, sizeof(*files), by_name);
    *files_r = files;
    *nr_r = nr;
    return 0;
}

static enum xtune_rc code_of(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR: return XTUNE_ERR_NOT_FOUND;
    case EACCES: return XTUNE_ERR_PERMISSION;
    default: return XTUNE_ERR_IO;
    }
}

int xt_list_files(xtune_arena *arena, const char *path, const char *suffix,
                  const char ***files_r, size_t *nr_r, xtune_error **err)
{
    DIR *dir = opendir(path);
    int rc;

    *files_r = NULL;
    *nr_r = 0;
    if (!dir)
        return xtune_error_set(err, code_of(errno), errno, path, NULL,
                               "cannot open this folder: %s", strerror(errno));
    rc = list(arena, path, dir, suffix, files_r, nr_r, err);
    closedir(dir);
    return rc;
}
