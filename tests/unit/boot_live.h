/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On this machine, with folders of a tree in place of its own. */
#ifndef TEST_BOOT_LIVE_H
#define TEST_BOOT_LIVE_H

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "boot_tree.h"

/* In such a process: says where it went wrong, and ends it. */
#define MUST(what)                                                            \
    do                                                                        \
        if (!(what)) {                                                        \
            fprintf(stderr, "line %d: %s\n", __LINE__, #what);                \
            _exit(1);                                                         \
        }                                                                     \
    while (0)

static inline void bind_over(const char *from, const char *to)
{
    XT_CLEANUP_FREE char *there = xt_xprintf("%s%s", root, from);

    if (mount(there, to, NULL, MS_BIND, NULL)) _exit(77);
}

/* Runs it in a process, with folders of the tree in two places. */
static inline void in_place(const char *from, const char *to,
                            const char *from2, const char *to2,
                            void (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        if (unshare(CLONE_NEWNS) ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
            _exit(77);
        bind_over(from, to);
        bind_over(from2, to2);
        run();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#endif
