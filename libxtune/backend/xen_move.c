/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving a domain's memory. A program of its own does it (mover/), which
 * outlives this process when that is killed, and then holds its lock until
 * the move has ended; libxl is in that program alone.
 */
#include "backend/xen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/json.h"
#include "base/util.h"

#ifndef XTUNE_LIBEXECDIR
#define XTUNE_LIBEXECDIR "/usr/libexec"
#endif

#define LOCK_FD 3

extern char **environ;

/* The program at work. */
typedef struct mover {
    const char *object; /* the domain's name */
    pid_t pid;
    int to;     /* its standard input; -1: closed */
    FILE *from; /* its standard output */
} mover;

static const char *program(xtune_arena *arena)
{
    const char *dir = secure_getenv("XLTUNE_LIBEXECDIR");

    return xtune_arena_printf(arena, "%s/xltune-move",
                              dir && *dir ? dir : XTUNE_LIBEXECDIR "/xltune");
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

static int start(mover *m, const char *const *argv, int lock_fd,
                 xtune_error **err)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc, r;

    rc = make_pipe(in, m->object, err);
    if (!rc) rc = make_pipe(out, m->object, err);
    if (!rc) {
        r = spawn(argv, in[0], out[1], lock_fd, &m->pid);
        if (r)
            rc = xtune_error_set(err, XTUNE_ERR_IO, r, m->object,
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
    m->to = in[1];
    m->from = fdopen(out[0], "r");
    if (!m->from) xt_out_of_memory();
    return 0;
}

/* That it is gone shows when its answers are read. */
static void send_text(mover *m, const char *text)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
    size_t len = strlen(text);
    ssize_t n;

    sigaction(SIGPIPE, &ignore, &old);
    while (len) {
        n = write(m->to, text, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        text += n;
        len -= (size_t)n;
    }
    sigaction(SIGPIPE, &old, NULL);
    close(m->to);
    m->to = -1;
}

static void finish(mover *m)
{
    int status;

    if (m->to >= 0) close(m->to);
    fclose(m->from);
    while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
        continue;
}

/* "CODE MESSAGE" */
static int failure(const char *object, const char *text, xtune_error **err)
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
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(codes); i++)
        if (strlen(codes[i].word) == len && !strncmp(text, codes[i].word, len))
            return xtune_error_set(err, codes[i].rc, 0, object, NULL, "%s",
                                   message);
    return xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL, "%s", message);
}

static int read_line(mover *m, char **line, size_t *size)
{
    const ssize_t len = getline(line, size, m->from);

    if (len <= 0) return -1;
    if ((*line)[len - 1] == '\n') (*line)[len - 1] = '\0';
    return 0;
}

/* Numbers from text, blanks between; false unless there are just so many. */
static bool read_numbers(char *text, uint64_t *numbers, size_t nr)
{
    char *word, *rest = text;
    size_t i;

    for (i = 0; (word = strsep(&rest, " ")); i++)
        if (i >= nr || !xt_parse_u64(word, 10, UINT64_MAX, &numbers[i]))
            return false;
    return i == nr;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(const xt_move *move, xtune_move_progress *progress,
                 uint64_t started)
{
    progress->elapsed_ms = now_ms() - started;
    if (move->moving) move->moving(move->opaque, progress);
}

static void on_progress(const xt_move *move, char *text,
                        xtune_move_progress *progress, uint64_t started)
{
    uint64_t numbers[4];

    if (!read_numbers(text, numbers, XT_ARRAY_SIZE(numbers))) return;
    progress->round = (unsigned int)numbers[0];
    progress->done_kb = numbers[1] * (XC_PAGE_SIZE / 1024);
    progress->total_kb = numbers[2] * (XC_PAGE_SIZE / 1024);
    progress->bytes = numbers[3];
    show(move, progress, started);
}

/* What it says at the end: "done NEWDOMID BYTES ROUNDS TOTAL_MS PAUSE_MS". */
static int on_done(const char *object, char *text, xt_moved *moved_r,
                   xtune_error **err)
{
    uint64_t numbers[5];

    if (!read_numbers(text, numbers, XT_ARRAY_SIZE(numbers)))
        return xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL,
                               "it was moved, but \"%s\" cannot be read",
                               text);
    *moved_r = (xt_moved){
        .bytes = numbers[1],
        .rounds = (unsigned int)numbers[2],
        .total_ms = numbers[3],
        .pause_ms = numbers[4],
    };
    return 0;
}

static int cut_off(const char *object, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, object,
                           "run \"xltune recover\"", "the move was cut off");
}

static int follow(mover *m, const xt_move *move, xt_moved *moved_r,
                  xtune_error **err)
{
    xtune_move_progress progress = { .domain = m->object };
    const uint64_t started = now_ms();
    XT_CLEANUP_FREE char *line = NULL;
    size_t size = 0;

    while (!read_line(m, &line, &size)) {
        if (!strncmp(line, "progress ", 9))
            on_progress(move, line + 9, &progress, started);
        else if (!strncmp(line, "done ", 5))
            return on_done(m->object, line + 5, moved_r, err);
        else if (!strncmp(line, "failed ", 7))
            return failure(m->object, line + 7, err);
        else if (!strcmp(line, "paused")) {
            progress.paused = true;
            show(move, &progress, started);
        }
    }
    return cut_off(m->object, err);
}

static char *order(const xt_move *move, unsigned int domid)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *vcpus = xt_json_array(arena);
    size_t i;

    xt_json_add_u64(arena, json, "domid", domid);
    xt_json_add_string(arena, json, "uuid", move->domain.uuid);
    xt_json_add_string(arena, json, "name", move->domain.name);
    xt_json_add_bool(arena, json, "pause", move->pause);
    xt_json_add_string(arena, json, "nodes",
                       move->by_masks ? NULL : move->nodes);
    for (i = 0; i < move->nr_vcpus; i++) {
        xt_json *vcpu = xt_json_object(arena);

        xt_json_add_string(arena, vcpu, "hard",
                           xtune_set_format(arena, &move->hard[i]));
        xt_json_add_string(arena, vcpu, "soft",
                           xtune_set_format(arena, &move->soft[i]));
        xt_json_append(arena, vcpus, vcpu);
    }
    xt_json_add(arena, json, "vcpus", vcpus);
    return xt_json_print(json);
}

int xt_xen_move(xtune_backend *backend, const xt_move *move, xt_moved *moved_r,
                xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { program(arena), "move", NULL };
    XT_CLEANUP_FREE char *text = NULL;
    xt_xen *xen = (xt_xen *)backend;
    mover m = { .object = move->domain.name, .to = -1 };
    xc_domaininfo_t info;
    int rc;

    *moved_r = (xt_moved){ .bytes = 0 };
    rc = xt_xen_find_domain(xen, &move->domain, &info, err);
    if (rc) return rc;
    rc = start(&m, argv, move->lock_fd, err);
    if (rc) return rc;
    text = order(move, info.domain);
    send_text(&m, text);
    rc = follow(&m, move, moved_r, err);
    finish(&m);
    /* Where it cannot be kept, it is taken from the masks. */
    if (!rc) (void)xt_xen_keep_built(xen, &move->domain, move->nodes, NULL);
    return rc;
}

int xt_xen_settle(xtune_backend *backend, const xt_domain_ref *domain,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { program(arena), "settle", domain->uuid,
                                 domain->name, NULL };
    mover m = { .object = domain->name, .to = -1 };
    XT_CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    int rc;

    (void)backend;
    rc = start(&m, argv, -1, err);
    if (rc) return rc;
    if (read_line(&m, &line, &size))
        rc = cut_off(domain->name, err);
    else if (!strncmp(line, "failed ", 7))
        rc = failure(domain->name, line + 7, err);
    finish(&m);
    return rc;
}
