/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a program by its arguments, without a shell, and waits for it. */
#include "xltune.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/*
 * Nothing but the standard streams is passed on: a program that stays, such
 * as the one by which xl watches a domain, would keep the lock for ever.
 */
static int start(const char *const *argv, bool to_stderr,
                 const sigset_t *old_mask, pid_t *pid_r)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t defaults;
    int r;

    posix_spawn_file_actions_init(&actions);
    if (to_stderr)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
                                         STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, old_mask);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGCHLD);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    r = posix_spawnp(pid_r, argv[0], &actions, &attr, (char *const *)argv,
                     environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return r;
}

/*
 * Who stops us means the program: it is passed on, and what the program makes
 * of it is waited for, so that nobody else begins while it is at work.
 */
static int wait_for(pid_t pid, const sigset_t *mask)
{
    int status, caught;

    for (;;) {
        caught = sigwaitinfo(mask, NULL);
        if (caught == SIGCHLD) {
            if (waitpid(pid, &status, WNOHANG) == pid) return status;
        } else if (caught > 0) {
            kill(pid, caught);
        }
    }
}

int run_program(const char *const *argv, bool to_stderr, int *status_r,
                xtune_error **err)
{
    static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t mask, old_mask;
    pid_t pid;
    size_t i;
    int r;

    /* Ignored by whoever started us, it would take the exit code away. */
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    for (i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
        sigaddset(&mask, passed_on[i]);
    sigprocmask(SIG_BLOCK, &mask, &old_mask);
    r = start(argv, to_stderr, &old_mask, &pid);
    if (!r) *status_r = wait_for(pid, &mask);
    sigprocmask(SIG_SETMASK, &old_mask, NULL);
    if (r)
        return xtune_error_set(
            err, r == ENOENT ? XTUNE_ERR_NOT_FOUND : XTUNE_ERR_IO, r, argv[0],
            r == ENOENT ? "it comes with Xen's tools; is it in PATH?" : NULL,
            "cannot start it: %s", strerror(r));
    return 0;
}
