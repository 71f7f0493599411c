/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a program by its arguments, without a shell, and waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/util.h"
#include "boot/sources.h"

extern char **environ;

#define MAX_TOLD 4096 /* bytes of its last words */

/* In a group of its own: who stops us by the keyboard does not leave the boot
 * loader's files half written. */
static int start(const char *const *argv, int to, pid_t *pid_r)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    int r;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, to, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETPGROUP);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGCHLD);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    r = posix_spawn(pid_r, argv[0], &actions, &attr, (char *const *)argv,
                    environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return r;
}

/* The last line that says something. */
static const char *last_line(int fd, char text[MAX_TOLD])
{
    const off_t end = lseek(fd, 0, SEEK_END);
    const off_t from = end > MAX_TOLD - 1 ? end - (MAX_TOLD - 1) : 0;
    const ssize_t len = pread(fd, text, MAX_TOLD - 1, from);
    char *line;

    text[len > 0 ? len : 0] = '\0';
    for (line = text + strlen(text); line > text; line--) {
        if (!strchr(" \t\r\n", line[-1])) break;
        line[-1] = '\0';
    }
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The process, or 0 where it has not ended in time; negative: errno. XCP-ng's
 * kernel has no descriptors of processes to wait at. */
static pid_t wait_within(pid_t pid, unsigned int within_ms, int *status_r)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    const uint64_t end = now_ms() + within_ms;
    pid_t r;

    for (;;) {
        r = waitpid(pid, status_r, WNOHANG);
        if (r > 0 || (r < 0 && errno != EINTR) || now_ms() >= end) return r;
        nanosleep(&pause, NULL);
    }
}

/* With what it has started. */
static void kill_it(pid_t pid, int *status_r)
{
    kill(-pid, SIGKILL);
    while (waitpid(pid, status_r, 0) < 0 && errno == EINTR) {
    }
}

static int wait_or_kill(const char *program, pid_t pid, unsigned int within_ms,
                        int *status_r, xtune_error **err)
{
    const pid_t r = wait_within(pid, within_ms, status_r);

    if (r > 0) return 0;
    if (r < 0)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, program, NULL,
                               "cannot wait for it: %s", strerror(errno));
    kill_it(pid, status_r);
    return xtune_error_set(err, XTUNE_ERR_BUSY, 0, program,
                           "run it by hand to see what it waits for",
                           "it had not ended after %u seconds, and was killed",
                           within_ms / 1000);
}

int xt_boot_run(const char *const *argv, unsigned int within_ms,
                xtune_error **err)
{
    XT_CLEANUP_CLOSE int fd = memfd_create("stderr", MFD_CLOEXEC);
    char text[MAX_TOLD];
    const char *told;
    int status = 0, r, rc;
    pid_t pid = -1;

    r = fd < 0 ? errno : start(argv, fd, &pid);
    if (r)
        return xtune_error_set(err, XTUNE_ERR_IO, r, argv[0], NULL,
                               "cannot start it: %s", strerror(r));
    rc = wait_or_kill(argv[0], pid, within_ms, &status, err);
    if (rc || (WIFEXITED(status) && !WEXITSTATUS(status))) return rc;
    told = last_line(fd, text);
    if (*told)
        return xtune_error_set(err, XTUNE_ERR_IO, 0, argv[0], NULL,
                               "it failed: %s", told);
    return xtune_error_set(
        err, XTUNE_ERR_IO, 0, argv[0], NULL, "it failed with %s %d",
        WIFEXITED(status) ? "code" : "signal",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
