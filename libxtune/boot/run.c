/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a program by its arguments, without a shell, and waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

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

static int wait_for(pid_t pid, int *status_r)
{
    pid_t r;

    do
        r = waitpid(pid, status_r, 0);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -1 : 0;
}

int xt_boot_run(const char *const *argv, xtune_error **err)
{
    XT_CLEANUP_CLOSE int fd = memfd_create("stderr", MFD_CLOEXEC);
    char text[MAX_TOLD];
    const char *told;
    int status = 0, r;
    pid_t pid = -1;

    r = fd < 0 ? errno : start(argv, fd, &pid);
    if (r)
        return xtune_error_set(err, XTUNE_ERR_IO, r, argv[0], NULL,
                               "cannot start it: %s", strerror(r));
    if (wait_for(pid, &status) < 0)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, argv[0], NULL,
                               "cannot wait for it: %s", strerror(errno));
    if (WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
    told = last_line(fd, text);
    if (*told)
        return xtune_error_set(err, XTUNE_ERR_IO, 0, argv[0], NULL,
                               "it failed: %s", told);
    return xtune_error_set(
        err, XTUNE_ERR_IO, 0, argv[0], NULL, "it failed with %s %d",
        WIFEXITED(status) ? "code" : "signal",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
