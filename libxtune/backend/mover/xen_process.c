/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other processes: known by number and time of start, so that none is taken
 * for another; and xl's watcher of a domain.
 */
#include "backend/mover/mover.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.h"
#include "base/util.h"

#define MAX_LOG (4u << 20)
#define START_FIELD 22 /* of /proc/PID/stat, proc(5) */

/* False where there is none, or it has ended and only waits to be reaped. */
static bool read_start(pid_t pid, uint64_t *start_r)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *line, *p;
    int field;

    line = xt_file_read_line(
        arena, xtune_arena_printf(arena, "/proc/%d/stat", (int)pid));
    /* The second field may have anything in its parentheses. */
    p = line ? strrchr(line, ')') : NULL;
    if (!p || p[1] != ' ' || strchr("ZXx", p[2])) return false;
    p += 2;
    for (field = 3; field < START_FIELD; field++) {
        p = strchr(p, ' ');
        if (!p) return false;
        p++;
    }
    p[strcspn(p, " ")] = '\0';
    return xt_parse_u64(p, 10, UINT64_MAX, start_r);
}

mover_process mover_process_of(pid_t pid)
{
    mover_process process = { .pid = pid };

    if (!read_start(pid, &process.start)) process.pid = 0;
    return process;
}

bool mover_process_lives(const mover_process *process)
{
    uint64_t start;

    return process->pid > 0 && read_start(process->pid, &start) &&
           start == process->start;
}

void mover_process_signal(const mover_process *process, int signum)
{
    XT_CLEANUP_CLOSE int fd = -1;

    if (process->pid <= 0) return;
    /* Held by its descriptor, it is still the one that was looked at. */
    fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (!mover_process_lives(process)) return;
    if (fd < 0)
        kill(process->pid, signum);
    else
        syscall(SYS_pidfd_send_signal, fd, signum, NULL, 0);
}

bool mover_process_wait(const mover_process *process, unsigned int ms)
{
    uint64_t until = mover_now_ms() + ms;

    while (mover_process_lives(process)) {
        if (mover_now_ms() >= until) return false;
        mover_sleep_ms(50);
    }
    return true;
}

/*
 * The domain that an xl process waits for, from the last line of its log that
 * says so; 0 where none does. Such a line is made by xen
 * tools/xl/xl_vmcontrol.c: "Waiting for domain NAME (domid N) to die [pid N]".
 */
static uint32_t watched_by(pid_t pid, char *text)
{
    char end[40], *line, *next, *p;
    uint32_t domid = 0;
    uint64_t value;

    snprintf(end, sizeof(end), ") to die [pid %d]", (int)pid);
    for (line = text; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        if (strncmp(line, "Waiting for domain ", 19)) continue;
        p = strrchr(line, ')');
        if (!p || strcmp(p, end)) continue;
        *p = '\0';
        p = strrchr(line, ' ');
        if (p && xt_parse_u64(p + 1, 10, MOVER_MAX_DOMID, &value))
            domid = (uint32_t)value;
    }
    return domid;
}

static bool watches(pid_t pid, uint32_t domid)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = xtune_arena_printf(arena, "/proc/%d", (int)pid);
    struct stat st;
    char *text;
    size_t len;

    if (stat(path, &st) || st.st_uid != geteuid()) return false;
    text = xt_file_read_line(arena, xt_path(arena, path, "/comm"));
    if (!text || strcmp(text, "xl")) return false;
    /* Its output is its log, which may have been renamed or removed. */
    if (xt_file_read(arena, xt_path(arena, path, "/fd/1"), MAX_LOG, &text,
                     &len, NULL))
        return false;
    return watched_by(pid, text) == domid;
}

mover_process mover_watcher_find(uint32_t domid)
{
    mover_process found = { 0 };
    struct dirent *entry;
    uint64_t pid;
    DIR *dir;

    dir = opendir("/proc");
    if (!dir) return found;
    while (!found.pid && (entry = readdir(dir)))
        if (xt_parse_u64(entry->d_name, 10, INT32_MAX, &pid) &&
            watches((pid_t)pid, domid))
            found = mover_process_of((pid_t)pid);
    closedir(dir);
    return found;
}
