/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other processes: known by number and time of start, so that none is taken
 * for another; and xl's watcher of a domain.
 */
#include "backend/mover/mover.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "base/files.h"
#include "base/util.h"

#define MAX_LOG (64 << 20)
#define WATCHED_MS 2000 /* for an xl that begins to watch */
#define START_FIELD 22  /* of /proc/PID/stat, proc(5) */

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
    uint64_t until = xt_libxl_now_ms() + ms;

    while (mover_process_lives(process)) {
        if (xt_libxl_now_ms() >= until) return false;
        mover_sleep_ms(50);
    }
    return true;
}

/*
 * The domain of a line that an xl process says when it begins to wait, 0
 * where it is another. xen tools/xl/xl_vmcontrol.c: "Waiting for domain NAME
 * (domid N) to die [pid N]".
 */
static uint32_t domid_of(pid_t pid, char *line)
{
    uint64_t domid;
    char end[40], *p;

    if (strncmp(line, "Waiting for domain ", 19)) return 0;
    line[strcspn(line, "\n")] = '\0';
    snprintf(end, sizeof(end), ") to die [pid %d]", (int)pid);
    p = strrchr(line, ')');
    if (!p || strcmp(p, end)) return 0;
    *p = '\0';
    p = strrchr(line, ' ');
    return p && xt_parse_u64(p + 1, 10, XT_LIBXL_MAX_DOMID, &domid)
               ? (uint32_t)domid
               : 0;
}

/* Not blocking, for it may be a pipe; of a log that was left to grow, the
 * end, for the last line counts. */
static FILE *open_log(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    FILE *f = NULL;

    if (fd < 0) return NULL;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
        (st.st_size <= MAX_LOG ||
         lseek(fd, st.st_size - MAX_LOG, SEEK_SET) >= 0))
        f = fdopen(fd, "r");
    if (!f) close(fd);
    return f;
}

/* The domain that an xl process waits for, from the last line of its log that
 * says so; 0 where none does. */
static uint32_t watched_by(pid_t pid, const char *log)
{
    XT_CLEANUP_FCLOSE FILE *f = open_log(log);
    uint32_t domid = 0, value;
    bool at_start = true;
    char line[1024];

    while (f && fgets(line, sizeof(line), f)) {
        bool is_start = at_start;

        at_start = strchr(line, '\n');
        value = is_start ? domid_of(pid, line) : 0;
        if (value) domid = value;
    }
    return domid;
}

static bool watches(pid_t pid, uint32_t domid)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = xtune_arena_printf(arena, "/proc/%d", (int)pid);
    struct stat st;
    char *text;

    if (stat(path, &st) || st.st_uid != geteuid()) return false;
    text = xt_file_read_line(arena, xt_path(arena, path, "/comm"));
    if (!text || strcmp(text, "xl")) return false;
    /* Its output is its log, which may have been renamed or removed. */
    return watched_by(pid, xt_path(arena, path, "/fd/1")) == domid;
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

bool mover_is_watched(uint32_t domid)
{
    uint64_t until = xt_libxl_now_ms() + WATCHED_MS;

    while (!mover_watcher_find(domid).pid) {
        if (xt_libxl_now_ms() >= until) return false;
        mover_sleep_ms(100);
    }
    return true;
}

void mover_log_unwatched(const mover *m, uint32_t domid)
{
    syslog(LOG_DAEMON | LOG_WARNING,
           "domain %s (%u) is watched by no xl: it will not restart by itself",
           m->name, domid);
}
