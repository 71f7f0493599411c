/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/util.h"

static int cannot_open(const char *path, const char *object, xtune_error **err)
{
    const int errnum = errno;
    const char *hint = NULL;

    if (errnum == ENOENT || errnum == ENOTDIR)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, errnum, object,
                               NULL, "this Linux has no \"%s\" for it", path);
    if (errnum == EACCES || errnum == EPERM) hint = "run it as root, in dom0";
    if (errnum == EROFS) hint = "mount it again, to be written";
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, object, hint,
                           "cannot open \"%s\": %s", path, strerror(errnum));
}

int xt_dom0_write(const char *path, const char *text, const char *object,
                  const char *hint, xtune_error **err)
{
    XT_CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    const size_t len = strlen(text);
    ssize_t n;

    if (fd < 0) return cannot_open(path, object, err);
    do
        n = write(fd, text, len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)len) return 0;
    if (n >= 0) errno = EIO;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errno, object, hint,
                           "cannot write \"%s\" to \"%s\": %s", text, path,
                           strerror(errno));
}
