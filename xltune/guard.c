/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard: a process of its own that rolls a change back when nobody
 * confirms it in time. apply starts it before the first change and goes on
 * only when it stands; from then on it may lose its terminal, or be killed, at
 * any moment. The guard learns that apply has ended, or is no more, by the end
 * of a socket, and looks at the state for what there is to do.
 */
#include "xltune.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define READY "r"

/* It looks again so often though nothing seems to have changed; and where it
 * cannot be told of changes. */
#define LOOK_MS 60000
#define LOOK_BLIND_MS 1000

/* How long it waits for another writer at a time, and before it tries again
 * what failed. */
#define LOCK_WAIT_MS 60000
#define RETRY_MS 30000
#define MAX_ATTEMPTS 10

/* Starting it. */

/* A path, where there is one: what runs below a debugger is not what
 * /proc/self/exe leads to. */
static const char *own_program(char path[PATH_MAX])
{
    const ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

    if (len <= 0) return "/proc/self/exe";
    path[len] = '\0';
    return access(path, X_OK) ? "/proc/self/exe" : path;
}

static int spawn(const char *const *argv, int stdin_fd, pid_t *pid_r)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char path[PATH_MAX];
    sigset_t none, stops;
    int r;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attr);
    /* A session of its own: what is sent to ours, and the end of our
     * terminal, are not for it. */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID |
                                        POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    posix_spawnattr_setsigdefault(&attr, &stops);
    r = posix_spawn(pid_r, own_program(path), &actions, &attr,
                    (char *const *)argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return r;
}

/* It works in another folder: what it is told must not depend on ours. */
static int add_path(const char **argv, size_t *nr, const char *option,
                    const char *path, char **absolute_r, xtune_error **err)
{
    *absolute_r = NULL;
    if (!path) return 0;
    *absolute_r = realpath(path, NULL);
    if (!*absolute_r)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, path, NULL,
                               "cannot find out where it is: %s",
                               strerror(errno));
    argv[(*nr)++] = option;
    argv[(*nr)++] = *absolute_r;
    return 0;
}

static int spawn_guard(const struct context *ctx, int stdin_fd, pid_t *pid_r,
                       xtune_error **err)
{
    char *seconds = format_text("%u", ctx->settings.confirm_s);
    const char *argv[8] = { "xltune", GUARD_COMMAND, seconds };
    char *host = NULL, *root = NULL;
    size_t nr = 3;
    int rc, r;

    rc = add_path(argv, &nr, "--host", ctx->settings.host, &host, err);
    if (!rc)
        rc = add_path(argv, &nr, "--root", ctx->settings.root, &root, err);
    if (!rc) {
        r = spawn(argv, stdin_fd, pid_r);
        if (r)
            rc = xtune_error_set(err, XTUNE_ERR_IO, r, "--confirm-within",
                                 "nothing was changed",
                                 "cannot start what would roll it back: %s",
                                 strerror(r));
    }
    free(host);
    free(root);
    free(seconds);
    return rc;
}

static bool is_ready(int fd)
{
    char word;
    ssize_t n;

    do
        n = read(fd, &word, 1);
    while (n < 0 && errno == EINTR);
    return n == 1 && word == *READY;
}

static int start(const struct context *ctx, int *guard_r, xtune_error **err)
{
    int pair[2], status, rc;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return xtune_error_set(err, XTUNE_ERR_IO, errno, "--confirm-within",
                               "nothing was changed",
                               "cannot make a socket: %s", strerror(errno));
    rc = spawn_guard(ctx, pair[1], &pid, err);
    close(pair[1]);
    if (!rc && !is_ready(pair[0])) {
        waitpid(pid, &status, 0);
        rc = xtune_error_set(err, XTUNE_ERR_IO, 0, "--confirm-within",
                             "nothing was changed",
                             "what would roll it back does not start");
    }
    if (rc)
        close(pair[0]);
    else
        *guard_r = pair[0];
    return rc;
}

int guard_begin(const struct context *ctx, int *guard_r, xtune_error **err)
{
    xtune_pending pending;
    bool found;
    int rc;

    *guard_r = -1;
    if (!ctx->settings.confirm_s) return 0;
    rc = xtune_pending_read(ctx->state, &found, &pending, err);
    if (rc) return rc;
    /* Then apply will be refused: what is there is not for a new guard. */
    if ((found && !pending.other_boot) ||
        xtune_state_is_interrupted(ctx->state))
        return 0;
    return start(ctx, guard_r, err);
}

void guard_end(struct context *ctx, int guard)
{
    if (guard < 0) return;
    /* What is printed next may wait for a terminal that is gone: not with the
     * lock, which the guard will need. */
    xtune_state_close(ctx->state);
    ctx->state = NULL;
    close(guard);
}

/* Being it. */

struct guard {
    struct context *ctx;
    xtune_state *state;   /* without the lock */
    int watch;            /* of what changes there, or -1 */
    bool knows;           /* what it is to watch over */
    unsigned int id;      /* of the entry that is, or will be, pending */
    bool over;            /* its time was, when it was recovered */
    bool interrupted;     /* apply, or a rollback, was cut off */
    uint64_t deadline_ms; /* for what was cut off and says none */
    unsigned int left_ms;
    unsigned int attempts;
    bool told_busy, told_blind;
};

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void log_error(int priority, xtune_error *err)
{
    char *text = xtune_error_text(err);

    syslog(priority, "%s", text);
    free(text);
    xtune_error_free(err);
}

/* From here on nothing that the one who started it does, or loses, is felt,
 * but for the end of apply. */
static int detach(xtune_error **err)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    openlog("xltune", LOG_PID, LOG_DAEMON);
    signal(SIGHUP, SIG_IGN);
    if (null < 0 || chdir("/") || dup2(null, STDOUT_FILENO) < 0 ||
        send(STDIN_FILENO, READY, 1, MSG_NOSIGNAL) != 1)
        return xtune_error_set(err, XTUNE_ERR_INVALID, errno, GUARD_COMMAND,
                               "see \"xltune help apply\"",
                               "apply --confirm-within alone starts it");
    dup2(null, STDERR_FILENO);
    while (is_ready(STDIN_FILENO)) {
    }
    dup2(null, STDIN_FILENO);
    close(null);
    return 0;
}

/* By its own clock. */
static unsigned int own_left_ms(const struct guard *g)
{
    const uint64_t now = now_ms();

    return g->deadline_ms > now ? (unsigned int)(g->deadline_ms - now) : 0;
}

/* What cannot be read may be there all the same: that is said once, and an
 * attempt only when there would be something to do. */
static void look_again_later(struct guard *g, xtune_error *err)
{
    const unsigned int left_ms = own_left_ms(g);

    if (g->told_blind)
        xtune_error_free(err);
    else
        log_error(LOG_ERR, err);
    g->told_blind = true;
    g->left_ms = left_ms && left_ms < RETRY_MS ? left_ms : RETRY_MS;
    if (!left_ms) g->attempts++;
}

/* Whether there is, or will be, something to roll back. What became pending
 * after the first look is somebody else's. */
static bool look(struct guard *g)
{
    xtune_error *err = NULL;
    xtune_pending pending;
    bool found;
    int rc;

    g->interrupted = xtune_state_is_interrupted(g->state);
    rc = xtune_pending_read(g->state, &found, &pending, &err);
    if (rc && !g->interrupted) {
        look_again_later(g, err);
        return true;
    }
    xtune_error_free(err);
    if (!rc && !g->knows) {
        g->id = pending.id;
        g->knows = true;
    }
    if (!rc && found && !pending.other_boot) {
        g->left_ms = g->over ? 0 : pending.left_ms;
        return pending.id == g->id;
    }
    g->left_ms = own_left_ms(g);
    return g->interrupted;
}

static void forget_changes(const struct guard *g)
{
    char events[4096];

    while (g->watch >= 0 && read(g->watch, events, sizeof(events)) > 0) {
    }
}

static void pause_for(const struct guard *g, unsigned int ms)
{
    struct pollfd watch = { .fd = g->watch, .events = POLLIN };
    const unsigned int max = g->watch < 0 ? LOOK_BLIND_MS : LOOK_MS;

    poll(&watch, 1, (int)(ms < max ? ms : max));
    forget_changes(g);
}

/*
 * What another hand has changed in the meantime is left: it was somebody who
 * is there. That is no reason to leave the rest, which nobody has confirmed.
 */
static int roll_back(struct guard *g, xtune_state *locked, xtune_error **err)
{
    char *reason =
        format_text("not confirmed within %u s", g->ctx->settings.confirm_s);
    xtune_apply_options options = { .reason = reason };
    const char *left = "";
    unsigned int id = 0;
    int rc;

    rc = xtune_rollback(g->ctx->backend, locked, &options, &id, err);
    if (rc == XTUNE_ERR_CHANGED) {
        char *longer = format_text("%s; what another hand changed since was "
                                   "left",
                                   reason);

        free(reason);
        reason = longer;
        left = ", but for what another hand changed since";
        options.reason = reason;
        options.leave_changed = true;
        xtune_error_free(*err);
        *err = NULL;
        rc = xtune_rollback(g->ctx->backend, locked, &options, &id, err);
    }
    if (!rc)
        syslog(LOG_WARNING,
               "change %u was not confirmed within %u s: rolled back%s", id,
               g->ctx->settings.confirm_s, left);
    free(reason);
    return rc;
}

/* Where memory had begun to move recovering keeps what was made: nobody has
 * confirmed that either. */
static int recover(struct guard *g, xtune_state *locked, xtune_error **err)
{
    const xtune_apply_options options = { .title = "recover" };
    xtune_recovered recovered;
    int rc;

    rc = xtune_recover(g->ctx->backend, locked, &options, &recovered, err);
    if (rc) return rc;
    if (recovered.result == XTUNE_RECOVERY_KEPT) {
        g->over = true;
        return roll_back(g, locked, err);
    }
    if (recovered.result == XTUNE_RECOVERY_UNDONE)
        syslog(LOG_WARNING, "a change was cut off: undone");
    return 0;
}

static int act_locked(struct guard *g, xtune_state *locked, xtune_error **err)
{
    sigset_t stop, old;
    int rc;

    /* While it waited for the lock somebody may have been faster. */
    if (!look(g) || g->left_ms) return 0;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, &old);
    rc = g->interrupted ? recover(g, locked, err) : roll_back(g, locked, err);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return rc;
}

/* Its time is over. Another writer that does not end is waited for as long as
 * it takes; anything else is tried again for some minutes. */
static void act(struct guard *g)
{
    struct context *ctx = g->ctx;
    xtune_state *locked = NULL;
    xtune_error *err = NULL;
    int rc;

    rc = xtune_state_lock(ctx->backend, ctx->settings.root, GUARD_COMMAND,
                          LOCK_WAIT_MS, &locked, &err);
    if (rc == XTUNE_ERR_BUSY) {
        if (g->told_busy)
            xtune_error_free(err);
        else
            log_error(LOG_WARNING, err);
        g->told_busy = true;
        return;
    }
    g->attempts++;
    if (!rc) rc = act_locked(g, locked, &err);
    xtune_state_close(locked);
    /* It has made them itself. */
    forget_changes(g);
    if (!rc) return;
    log_error(LOG_ERR, err);
    if (g->attempts < MAX_ATTEMPTS) pause_for(g, RETRY_MS);
}

static void watch_over(struct guard *g)
{
    bool there;

    /* Before the first look, so that nothing is missed. */
    g->watch = xtune_pending_watch(g->state);
    g->deadline_ms = now_ms() + g->ctx->settings.confirm_s * UINT64_C(1000);
    while ((there = look(g)) && g->attempts < MAX_ATTEMPTS) {
        if (g->left_ms)
            pause_for(g, g->left_ms);
        else
            act(g);
    }
    if (there)
        syslog(LOG_CRIT, "a change that nobody confirmed could not be rolled "
                         "back: see \"xltune history\"");
    if (g->watch >= 0) close(g->watch);
}

int cmd_guard(struct context *ctx)
{
    struct guard g = { .ctx = ctx };
    xtune_error *err = NULL;
    int code;

    code = read_seconds(ctx, GUARD_COMMAND, ctx->args[0],
                        &ctx->settings.confirm_s);
    if (code) return code;
    if (xtune_state_open(ctx->backend, ctx->settings.root, &g.state, &err))
        return report_error(ctx, err);
    if (detach(&err))
        code = report_error(ctx, err);
    else
        watch_over(&g);
    xtune_state_close(g.state);
    return code;
}
