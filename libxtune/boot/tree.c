/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files below a root, which links do not lead out of. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/sources.h"

#define MAX_BYTES (16u << 20) /* modules.dep has almost one */
#define MAX_NAMES 4096        /* in a folder */

bool xt_boot_is_live(const char *root)
{
    return !root || !root[0] || !strcmp(root, "/");
}

int xt_boot_resolve(xtune_arena *arena, const char *root, const char *path,
                    const char **real_r, xtune_error **err)
{
    const char *there = xt_path(arena, root, path);
    XT_CLEANUP_FREE char *base = realpath(root && root[0] ? root : "/", NULL);
    XT_CLEANUP_FREE char *real = base ? realpath(there, NULL) : NULL;
    const size_t len = base && strcmp(base, "/") != 0 ? strlen(base) : 0;

    if (!real)
        return xtune_error_set(
            err,
            errno == ENOENT || errno == ENOTDIR ? XTUNE_ERR_NOT_FOUND
                                                : XTUNE_ERR_IO,
            errno, there, NULL, "cannot open it: %s", strerror(errno));
    if (strncmp(real, base, len) != 0 || real[len] != '/')
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, there,
                               "make the link a relative one",
                               "it is a link that leads out of \"%s\", to "
                               "\"%s\"",
                               root, real);
    *real_r = xtune_arena_strdup(arena, real);
    return 0;
}

int xt_boot_read_file(xtune_arena *arena, const char *root, const char *path,
                      char **text_r, xtune_error **err)
{
    const char *real = "";
    size_t len;
    int rc;

    rc = xt_boot_resolve(arena, root, path, &real, err);
    if (!rc) rc = xt_file_read(arena, real, MAX_BYTES, text_r, &len, err);
    if (!rc && strlen(*text_r) != len)
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                             "it is no text: there is a NUL in it");
    return rc;
}

int xt_boot_read_for(const xt_boot_job *job, const char *path, char **text_r,
                     xtune_error **err)
{
    xt_boot_reads *reads = job->reads;
    size_t i;

    if (reads) {
        reads->paths = xtune_arena_grow(job->arena, reads->paths, reads->nr,
                                        sizeof(*reads->paths));
        reads->paths[reads->nr++] = path;
    }
    for (i = 0; i < job->nr_instead; i++) {
        if (strcmp(job->instead[i].path, path) != 0) continue;
        *text_r = xtune_arena_strdup(job->arena, job->instead[i].before);
        return 0;
    }
    return xt_boot_read_file(job->arena, job->root, path, text_r, err);
}

static bool is_of_mode(const char *root, const char *path, mode_t format)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *real = "";
    struct stat st;

    return !xt_boot_resolve(arena, root, path, &real, NULL) &&
           !stat(real, &st) && (st.st_mode & S_IFMT) == format;
}

bool xt_boot_has_file(const char *root, const char *path)
{
    return is_of_mode(root, path, S_IFREG);
}

bool xt_boot_has_folder(const char *root, const char *path)
{
    return is_of_mode(root, path, S_IFDIR);
}

const char *xt_boot_first_file(const char *root, const char *const *paths)
{
    for (; *paths; paths++)
        if (xt_boot_has_file(root, *paths)) return *paths;
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t len = strlen(name), tail = strlen(ending);

    return len > tail && !strcmp(name + len - tail, ending);
}

size_t xt_boot_list(xtune_arena *arena, const char *root, const char *folder,
                    const char *ending, const char ***names_r)
{
    const char **names = NULL, *real = "";
    const struct dirent *entry;
    size_t nr = 0;
    DIR *dir;

    *names_r = NULL;
    if (xt_boot_resolve(arena, root, folder, &real, NULL)) return 0;
    dir = opendir(real);
    if (!dir) return 0;
    while (nr < MAX_NAMES && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || !ends_with(entry->d_name, ending))
            continue;
        names = xtune_arena_grow(arena, names, nr, sizeof(*names));
        names[nr++] = xtune_arena_strdup(arena, entry->d_name);
    }
    closedir(dir);
    if (nr) qsort(names, nr, sizeof(*names), by_bytes);
    *names_r = names;
    return nr;
}
