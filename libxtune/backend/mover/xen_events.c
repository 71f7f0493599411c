/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the mover tells whoever started it. */
#include "backend/mover/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

#define PROGRESS_EVERY_MS 200
#define LAST_WORDS_MS 10000

static struct {
    pthread_mutex_t lock;
    int fd;
    bool quiet;
    char what[40];
    unsigned int round;
    unsigned long done, total;
    uint64_t bytes, paused_at_ms, said_at_ms;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDOUT_FILENO };

uint64_t mover_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void mover_sleep_ms(unsigned int ms)
{
    struct timespec left = { .tv_sec = ms / 1000,
                             .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
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

void mover_events_keep_stdout(void)
{
    int fd = dup_stdout();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd >= 0 && null >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
        dup2(null, STDIN_FILENO);
        state.fd = fd;
    }
    if (null >= 0) close(null);
}

/*
 * A line that can be done without, where it cannot be written at once. A pipe
 * takes so short a one whole or not at all.
 */
static void write_or_drop(const char *line, size_t len)
{
    _Static_assert(PIPE_BUF >= 128, "the longest of these lines");
    ssize_t n;

    if (state.quiet) return;
    do
        n = write(state.fd, line, len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN) state.quiet = true;
}

/* A line that counts; but a reader that never reads must not keep us, nor the
 * locks that we hold. */
static void write_all(const char *text, size_t len)
{
    struct pollfd out = { .fd = state.fd, .events = POLLOUT };
    uint64_t until = mover_now_ms() + LAST_WORDS_MS, now;
    ssize_t n;

    while (len > 0 && !state.quiet) {
        now = mover_now_ms();
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

void mover_say(const char *fmt, ...)
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

static const char *code_of(enum xtune_rc rc)
{
    switch (rc) {
    case XTUNE_ERR_NOT_FOUND: return "gone";
    case XTUNE_ERR_BUSY: return "busy";
    case XTUNE_ERR_IO:
    case XTUNE_ERR_NO_XEN: return "io";
    default: return "refused";
    }
}

int mover_say_failed(const xtune_error *err)
{
    XT_CLEANUP_FREE char *text = xtune_error_text(err);

    mover_say("failed %s %s", code_of(err->code), text);
    return 1;
}

/* The lock is held. */
static void say_progress(bool always)
{
    uint64_t now = mover_now_ms();
    char line[128];
    int len;

    if (!state.round) return;
    if (!always && now - state.said_at_ms < PROGRESS_EVERY_MS) return;
    state.said_at_ms = now;
    len =
        snprintf(line, sizeof(line), "progress %u %lu %lu %llu\n", state.round,
                 state.done, state.total, (unsigned long long)state.bytes);
    write_or_drop(line, (size_t)len);
}

void mover_events_pages(const char *what, unsigned long done,
                        unsigned long total)
{
    pthread_mutex_lock(&state.lock);
    /* The last round may have the number of the one before. */
    if (!state.round || strcmp(what, state.what) || total != state.total ||
        done < state.done) {
        state.round++;
        snprintf(state.what, sizeof(state.what), "%s", what);
    }
    state.done = done;
    state.total = total;
    say_progress(false);
    pthread_mutex_unlock(&state.lock);
}

void mover_events_bytes(uint64_t bytes)
{
    pthread_mutex_lock(&state.lock);
    state.bytes = bytes;
    say_progress(false);
    pthread_mutex_unlock(&state.lock);
}

void mover_events_paused(void)
{
    pthread_mutex_lock(&state.lock);
    if (!state.paused_at_ms) {
        state.paused_at_ms = mover_now_ms();
        write_or_drop("paused\n", 7);
    }
    pthread_mutex_unlock(&state.lock);
}

mover_figures mover_events_figures(void)
{
    mover_figures figures;

    pthread_mutex_lock(&state.lock);
    say_progress(true);
    figures = (mover_figures){ .bytes = state.bytes,
                               .rounds = state.round,
                               .paused_at_ms = state.paused_at_ms };
    pthread_mutex_unlock(&state.lock);
    return figures;
}
