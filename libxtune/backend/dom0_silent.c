/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_silent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/dom0_blocks.h"
#include "base/util.h"

#define WITHIN_MS 2000
#define MAX_MOUNTS 64 /* more are not looked at, and taken to answer */

/* The pipe's other end closes when look() has returned. -1: it could not be
 * begun. */
static pid_t begin(const char *path, void (*look)(const char *), int *fd_r)
{
    int fds[2];
    pid_t pid;

    *fd_r = -1;
    if (pipe(fds)) return -1;
    pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        look(path);
        _exit(0);
    }
    close(fds[1]);
    if (pid < 0)
        close(fds[0]);
    else
        *fd_r = fds[0];
    return pid;
}

/* Until all have ended, or the time is over. */
static void wait_for_all(struct pollfd *ends, size_t nr, unsigned int ms)
{
    const uint64_t until = xt_now_ms() + ms;
    size_t i, left = 0;
    uint64_t now;

    for (i = 0; i < nr; i++)
        left += ends[i].fd >= 0;
    while (left && (now = xt_now_ms()) < until) {
        if (poll(ends, nr, (int)(until - now)) < 0 && errno != EINTR) return;
        for (i = 0; i < nr; i++) {
            if (ends[i].fd < 0 || !ends[i].revents) continue;
            close(ends[i].fd);
            ends[i] = (struct pollfd){ .fd = -1 };
            left--;
        }
    }
}

void xt_dom0_probe(const char *const *paths, size_t nr,
                   void (*look)(const char *), unsigned int ms, bool *silent_r)
{
    XT_CLEANUP_FREE struct pollfd *ends = xt_xrealloc(NULL, nr, sizeof(*ends));
    XT_CLEANUP_FREE pid_t *pids = xt_xrealloc(NULL, nr, sizeof(*pids));
    size_t i;

    for (i = 0; i < nr; i++) {
        ends[i] = (struct pollfd){ .events = POLLIN };
        pids[i] = begin(paths[i], look, &ends[i].fd);
    }
    wait_for_all(ends, nr, ms);
    for (i = 0; i < nr; i++) {
        silent_r[i] = ends[i].fd >= 0;
        if (silent_r[i]) {
            close(ends[i].fd);
            kill(pids[i], SIGKILL);
        }
        /* Linux ends one that waits for NFS; were it not to, it stays. */
        if (pids[i] > 0) waitpid(pids[i], NULL, silent_r[i] ? WNOHANG : 0);
    }
}

static void look_at(const char *path)
{
    struct stat st;

    (void)stat(path, &st);
}

void xt_dom0_find_silent(xt_dom0_files *files)
{
    const char *paths[MAX_MOUNTS];
    bool silent[MAX_MOUNTS];
    xt_dom0_mount *mounts;
    size_t nr_mounts, nr = 0, i;

    files->nr_silent = 0;
    if (files->root[0] || !xt_dom0_read_mounts(files, &mounts, &nr_mounts))
        return;
    for (i = 0; i < nr_mounts && nr < MAX_MOUNTS; i++)
        if (mounts[i].server) paths[nr++] = mounts[i].where;
    xt_dom0_probe(paths, nr, look_at, WITHIN_MS, silent);
    for (i = 0; i < nr; i++) {
        if (!silent[i]) continue;
        files->silent =
            xtune_arena_grow(files->arena, files->silent, files->nr_silent,
                             sizeof(*files->silent));
        files->silent[files->nr_silent++] = paths[i];
    }
}
