/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/util.h"

#ifndef XTUNE_LIBEXECDIR
#define XTUNE_LIBEXECDIR "/usr/libexec"
#endif

#define LOCK_FD 3

extern char **environ;

const char *xt_program_path(xtune_arena *arena, const char *name)
{
    const char *dir = secure_getenv("XLTUNE_LIBEXECDIR");

    return xtune_arena_printf(
        arena, "%s/%s", dir && *dir ? dir : XTUNE_LIBEXECDIR "/xltune", name);
}

static int make_pipe(int fds[2], const char *object, xtune_error **err)
{
    if (!pipe2(fds, O_CLOEXEC)) return 0;
    fds[0] = fds[1] = -1;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, object, NULL,
                           "cannot make a pipe: %s", strerror(errno));
}

static int spawn(const char *const *argv, int in, int out, int lock_fd,
                 pid_t *pid_r)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    int r;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (lock_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, lock_fd, LOCK_FD);
    posix_spawn_file_actions_addclosefrom_np(
        &actions, lock_fd >= 0 ? LOCK_FD + 1 : LOCK_FD);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    r = posix_spawn(pid_r, argv[0], &actions, &attr, (char *const *)argv,
                    environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return r;
}

int xt_program_start(xt_program *p, const char *object,
                     const char *const *argv, int lock_fd, xtune_error **err)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc, r;

    *p = (xt_program){ .object = object, .to = -1, .from = -1 };
    rc = make_pipe(in, object, err);
    if (!rc) rc = make_pipe(out, object, err);
    if (!rc) {
        r = spawn(argv, in[0], out[1], lock_fd, &p->pid);
        if (r)
            rc = xtune_error_set(err, XTUNE_ERR_IO, r, object,
                                 "install xltune whole: it comes with it",
                                 "cannot start \"%s\": %s", argv[0],
                                 strerror(r));
    }
    if (in[0] >= 0) close(in[0]);
    if (out[1] >= 0) close(out[1]);
    if (rc) {
        if (in[1] >= 0) close(in[1]);
        if (out[0] >= 0) close(out[0]);
        return rc;
    }
    p->to = in[1];
    p->from = out[0];
    return 0;
}

void xt_program_send(xt_program *p, const char *text)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
    size_t len = strlen(text);
    ssize_t n;

    sigaction(SIGPIPE, &ignore, &old);
    while (len) {
        n = write(p->to, text, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        text += n;
        len -= (size_t)n;
    }
    sigaction(SIGPIPE, &old, NULL);
    close(p->to);
    p->to = -1;
}

void xt_program_finish(xt_program *p)
{
    int status;

    if (p->to >= 0) close(p->to);
    close(p->from);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        continue;
}

void xt_program_leave(xt_program *p)
{
    if (p->to >= 0) close(p->to);
    close(p->from);
}

int xt_program_failure(const char *object, const char *text, xtune_error **err)
{
    static const struct {
        const char *word;
        enum xtune_rc rc;
    } codes[] = {
        { "refused", XTUNE_ERR_REFUSED },
        { "gone", XTUNE_ERR_NOT_FOUND },
        { "busy", XTUNE_ERR_BUSY },
    };
    const size_t len = strcspn(text, " ");
    const char *message = text[len] ? text + len + 1 : "it failed";
    const char *hint = strrchr(message, '\t');
    const int nr = (int)(hint ? (size_t)(hint - message) : strlen(message));
    enum xtune_rc rc = XTUNE_ERR_IO;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(codes); i++)
        if (strlen(codes[i].word) == len && !strncmp(text, codes[i].word, len))
            rc = codes[i].rc;
    return xtune_error_set(err, rc, 0, object, hint ? hint + 1 : NULL, "%.*s",
                           nr, message);
}

int xt_program_answer(const char *object, const char *line, xtune_error **err)
{
    if (!strcmp(line, "ok")) return 0;
    if (!strncmp(line, "failed ", 7))
        return xt_program_failure(object, line + 7, err);
    return xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL,
                           "the answer \"%.80s\" cannot be read", line);
}

ssize_t xt_program_read(xt_program *p)
{
    ssize_t n;

    if (p->len == sizeof(p->line) - 1) p->len = 0;
    do
        n = read(p->from, p->line + p->len, sizeof(p->line) - 1 - p->len);
    while (n < 0 && errno == EINTR);
    if (n > 0) p->len += (size_t)n;
    return n > 0 ? n : 0;
}

char *xt_program_take_line(xt_program *p, xtune_arena *arena)
{
    const char *end = memchr(p->line, '\n', p->len);
    char *line;
    size_t len;

    if (!end) return NULL;
    len = (size_t)(end - p->line);
    line = xtune_arena_strndup(arena, p->line, len);
    p->len -= len + 1;
    memmove(p->line, end + 1, p->len);
    return line;
}
