/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/util.h"

const char *xt_path(xtune_arena *arena, const char *root, const char *path)
{
    if (!root || !root[0]) return path;
    return xtune_arena_printf(arena, "%s%s", root, path);
}

/* What errno says, as one of our codes. */
static int io_error(xtune_error **err, const char *path, const char *doing)
{
    const int errnum = errno;
    enum xtune_rc code = XTUNE_ERR_IO;

    if (errnum == ENOENT || errnum == ENOTDIR)
        code = XTUNE_ERR_NOT_FOUND;
    else if (errnum == EACCES || errnum == EPERM || errnum == EROFS)
        code = XTUNE_ERR_PERMISSION;
    return xtune_error_set(err, code, errnum, path, NULL, "cannot %s: %s",
                           doing, strerror(errnum));
}

static int read_all(xtune_arena *arena, int fd, const char *path, size_t max,
                    char **text_r, size_t *len_r, xtune_error **err)
{
    XT_CLEANUP_FREE char *text = NULL;
    size_t len = 0, room = 0;
    ssize_t n;

    for (;;) {
        if (len + 1 >= room) {
            room = room ? room * 2 : 4096;
            text = xt_xrealloc(text, room, 1);
        }
        n = read(fd, text + len, room - 1 - len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(err, path, "read it");
        if (!n) break;
        len += (size_t)n;
        if (len > max)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                                   "larger than %zu KiB", max >> 10);
    }
    *text_r = xtune_arena_alloc(arena, len + 1, 1);
    if (len) memcpy(*text_r, text, len);
    *len_r = len;
    return 0;
}

int xt_file_read(xtune_arena *arena, const char *path, size_t max,
                 char **text_r, size_t *len_r, xtune_error **err)
{
    /* Not blocking, or a FIFO that nobody writes to would hold us here. */
    XT_CLEANUP_CLOSE int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0) return io_error(err, path, "open it");
    if (fstat(fd, &st) < 0) return io_error(err, path, "read it");
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return io_error(err, path, "read it");
    }
    if (!S_ISREG(st.st_mode))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path,
                               "save it in a file first",
                               "it is no regular file");
    return read_all(arena, fd, path, max, text_r, len_r, err);
}

char *xt_file_read_line(xtune_arena *arena, const char *path)
{
    XT_CLEANUP_FCLOSE FILE *f = fopen(path, "re");
    XT_CLEANUP_FREE char *line = NULL;
    size_t room = 0;

    if (!f || getline(&line, &room, f) < 0) return NULL;
    return xtune_arena_strndup(arena, line, strcspn(line, "\n"));
}

static int write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        text += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

#define MAX_ATTRIBUTES 65536 /* bytes: Linux has no more of either */

/* Of the content, and not to be taken over by another one. */
static bool is_of_content(const char *name)
{
    return !strcmp(name, "security.ima") || !strcmp(name, "security.evm");
}

/* Its SELinux label, its ACL: where we may, and the file system has them. */
static void take_over_attributes(int fd, const char *path)
{
    XT_CLEANUP_FREE char *names = xt_xrealloc(NULL, 2, MAX_ATTRIBUTES);
    char *value = names + MAX_ATTRIBUTES;
    const ssize_t len = listxattr(path, names, MAX_ATTRIBUTES);
    const char *name;
    ssize_t n;

    for (name = names; len > 0 && name < names + len;
         name += strlen(name) + 1) {
        if (is_of_content(name)) continue;
        n = getxattr(path, name, value, MAX_ATTRIBUTES);
        if (n >= 0) (void)fsetxattr(fd, name, value, (size_t)n, 0);
    }
}

/* The new file gets the old one's mode and, where we may, its owner. */
static int take_over(int fd, const char *path, mode_t mode)
{
    struct stat st;

    if (stat(path, &st) < 0) return errno == ENOENT ? fchmod(fd, mode) : -1;
    if (fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM) return -1;
    if (fchmod(fd, st.st_mode & 07777) < 0) return -1;
    take_over_attributes(fd, path);
    return 0;
}

static void sync_folder_of(const char *path)
{
    XT_CLEANUP_FREE char *folder = xt_xstrdup(path);
    XT_CLEANUP_CLOSE int fd = -1;
    char *slash = strrchr(folder, '/');

    if (slash) slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) (void)fsync(fd); /* some file systems have no such thing */
}

/* The text beside the file, on the disk and with all that it takes over.
 * Negative: errno says why, and nothing is left of it. */
static int write_beside(char *beside, const char *target, const char *text,
                        size_t len, mode_t mode)
{
    XT_CLEANUP_CLOSE int fd = mkostemp(beside, O_CLOEXEC);
    int errnum;

    if (fd < 0) return -1;
    if (!take_over(fd, target, mode) && !write_all(fd, text, len)) return 0;
    errnum = errno;
    unlink(beside);
    errno = errnum;
    return -1;
}

int xt_file_replace(const char *path, const char *text, size_t len,
                    mode_t mode, xtune_error **err)
{
    XT_CLEANUP_FREE char *real = realpath(path, NULL);
    const char *target = real ? real : path;
    XT_CLEANUP_FREE char *beside = xt_xprintf("%s.XXXXXX", target);
    int rc;

    if (write_beside(beside, target, text, len, mode) < 0)
        return io_error(err, path, "write beside it");
    if (rename(beside, target) < 0) {
        rc = io_error(err, path, "write it");
        unlink(beside);
        return rc;
    }
    sync_folder_of(target);
    return 0;
}

/* Whether a file is as it was, by its text. */
static bool holds(const char *path, const char *text, size_t len)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t now_len = 0;
    char *now = "";

    return !xt_file_read(arena, path, len, &now, &now_len, NULL) &&
           now_len == len && !memcmp(now, text, len);
}

static int other_text(const char *path, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, path,
                           "nothing was changed; try again",
                           "it was changed by another hand meanwhile");
}

/* A file system that cannot let two files change places. */
static int rename_over(const char *beside, const char *target,
                       const char *before, size_t len, xtune_error **err)
{
    int rc;

    if (!holds(target, before, len))
        rc = other_text(target, err);
    else if (!rename(beside, target))
        return 0;
    else
        rc = io_error(err, target, "write it");
    unlink(beside);
    return rc;
}

/* What was there is looked at after it has gone, when nobody can find it. */
static int exchange(const char *beside, const char *target, const char *before,
                    size_t len, xtune_error **err)
{
    bool was_so;

    if (renameat2(AT_FDCWD, beside, AT_FDCWD, target, RENAME_EXCHANGE) < 0)
        return rename_over(beside, target, before, len, err);
    was_so = holds(beside, before, len);
    if (!was_so &&
        renameat2(AT_FDCWD, beside, AT_FDCWD, target, RENAME_EXCHANGE) < 0)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, target, NULL,
                               "another hand changed it meanwhile, which is "
                               "in \"%s\" now",
                               beside);
    unlink(beside);
    return was_so ? 0 : other_text(target, err);
}

int xt_file_exchange(const char *path, const char *before, size_t before_len,
                     const char *text, size_t len, xtune_error **err)
{
    XT_CLEANUP_FREE char *beside = xt_xprintf("%s.XXXXXX", path);
    int rc;

    if (write_beside(beside, path, text, len, 0600) < 0)
        return io_error(err, path, "write beside it");
    rc = exchange(beside, path, before, before_len, err);
    sync_folder_of(path);
    return rc;
}

/* It may hold secrets of the kernel's, and is to be seen by nobody who may not
 * see the file itself. */
int xt_file_keep_old(const char *path, const char *text, size_t len,
                     xtune_error **err)
{
    XT_CLEANUP_FREE char *old = xt_xprintf("%s" XT_FILE_OLD, path);
    struct stat st;

    if (!lstat(old, &st) && !S_ISREG(st.st_mode))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, old, "remove it",
                               "the file before is kept there, but it is no "
                               "regular file");
    if (stat(path, &st) < 0) st.st_mode = 0600;
    return xt_file_replace(old, text, len, st.st_mode & 0777, err);
}

int xt_make_dirs(const char *path, mode_t mode, xtune_error **err)
{
    XT_CLEANUP_FREE char *copy = xt_xstrdup(path);
    char *p;

    for (p = copy + 1; *p; p++) {
        if (*p != '/') continue;
        *p = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return io_error(err, copy, "make this folder");
        *p = '/';
    }
    if (mkdir(copy, mode) < 0 && errno != EEXIST)
        return io_error(err, path, "make this folder");
    return 0;
}
