/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/libxl/common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

#define LAST_WORDS_MS 10000

static struct {
    pthread_mutex_t lock;
    int fd;
    bool quiet;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDOUT_FILENO };

uint64_t xt_libxl_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * Stdout, as a file that does not block: a reader that has stopped must not
 * hold up a guest that is suspended. Opened anew where that can be done, as
 * others may share what we were given. A regular file does not block, and
 * opened anew it would be written from its beginning.
 */
static int dup_stdout(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), anew;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) || S_ISREG(st.st_mode)) return fd;
    anew =
        open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (anew < 0) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        return fd;
    }
    close(fd);
    return anew;
}

void xt_libxl_keep_stdout(void)
{
    int fd = dup_stdout();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd >= 0 && null >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
        dup2(null, STDIN_FILENO);
        state.fd = fd;
    }
    if (null >= 0) close(null);
}

void xt_libxl_mention(const char *line, size_t len)
{
    _Static_assert(PIPE_BUF >= 128, "what the header says");
    ssize_t n;

    pthread_mutex_lock(&state.lock);
    do
        n = state.quiet ? 0 : write(state.fd, line, len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN) state.quiet = true;
    pthread_mutex_unlock(&state.lock);
}

/* A line that counts; but a reader that never reads must not keep us, nor the
 * locks that we hold. */
static void write_all(const char *text, size_t len)
{
    struct pollfd out = { .fd = state.fd, .events = POLLOUT };
    uint64_t until = xt_libxl_now_ms() + LAST_WORDS_MS, now;
    ssize_t n;

    while (len > 0 && !state.quiet) {
        now = xt_libxl_now_ms();
        n = -1;
        errno = EAGAIN;
        if (now < until && poll(&out, 1, (int)(until - now)) > 0)
            n = write(state.fd, text, len);
        if (n >= 0) {
            text += n;
            len -= (size_t)n;
        } else if (now >= until || (errno != EINTR && errno != EAGAIN)) {
            state.quiet = true;
        }
    }
}

void xt_libxl_say(const char *fmt, ...)
{
    char *line;
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vasprintf(&line, fmt, ap);
    va_end(ap);
    if (len < 0) xt_out_of_memory();
    line[len] = '\n';
    pthread_mutex_lock(&state.lock);
    write_all(line, (size_t)len + 1);
    pthread_mutex_unlock(&state.lock);
    free(line);
}

const char *xt_libxl_code(enum xtune_rc rc)
{
    switch (rc) {
    case XTUNE_ERR_NOT_FOUND: return "gone";
    case XTUNE_ERR_BUSY: return "busy";
    case XTUNE_ERR_IO:
    case XTUNE_ERR_NO_XEN: return "io";
    default: return "refused";
    }
}
