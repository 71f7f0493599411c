/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xl migrate-receive, and what is said to it. The words and their lengths are
 * those of xen tools/xl/xl.h; most of them go with the NUL that ends them.
 */
#include "backend/mover/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

#define RECEIVER "xl migrate-receive"
#define LOOK_MS 100
#define END_MS 60000
#define ERRORS_BYTES 1024

static const char magic[] = "Xen saved domain, xl format\n \0 \r";
static const char banner[] =
    "xl migration receiver ready, send binary domain data.\n";
static const char ready[] = "domain received, ready to unpause";
static const char go[] = "domain is yours, you are cleared to unpause";
static const char report[] = "my copy unpause results are as follows";

#define BYTE_ORDER_MARK 0x01020304u
#define FLAG_JSON (1u << 0)
#define FLAG_STREAM_V2 (1u << 1)

struct save_header {
    char magic[32];
    uint32_t byteorder, mandatory_flags, optional_flags, optional_data_len;
};

static int spawn_error(xtune_error **err, int errnum)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errnum, "xl", NULL,
                           "cannot start \"" RECEIVER "\": %s",
                           strerror(errnum));
}

/* It, and the device models that it starts, must not ignore what we do. */
static void set_signals(posix_spawnattr_t *attr)
{
    sigset_t set;

    sigemptyset(&set);
    posix_spawnattr_setsigmask(attr, &set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGPIPE);
    posix_spawnattr_setsigdefault(attr, &set);
    posix_spawnattr_setflags(attr,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(mover_receiver *rx, int in, int out)
{
    static char *const argv[] = { (char *)"xl", (char *)"migrate-receive",
                                  NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int r;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, rx->errors, STDERR_FILENO);
    posix_spawnattr_init(&attr);
    set_signals(&attr);
    r = posix_spawnp(&rx->pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (r) rx->pid = 0;
    return r;
}

int mover_receiver_start(mover_receiver *rx, xtune_error **err)
{
    int to[2], from[2], r;

    /* A file: whoever it starts may keep it open as long as they like. */
    rx->errors = memfd_create("xl", MFD_CLOEXEC);
    if (rx->errors < 0) return spawn_error(err, errno);
    if (pipe2(to, O_CLOEXEC)) return spawn_error(err, errno);
    rx->to = to[1];
    if (pipe2(from, O_CLOEXEC)) {
        r = errno;
        close(to[0]);
        return spawn_error(err, r);
    }
    rx->from = from[0];
    r = spawn(rx, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    return r ? spawn_error(err, r) : 0;
}

bool mover_receiver_has_ended(const mover_receiver *rx)
{
    siginfo_t info = { 0 };

    if (!rx->pid) return true;
    return !waitid(P_PID, (id_t)rx->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
           info.si_pid == rx->pid;
}

/* Its own processes may hold the pipe after its end: do not wait for those. */
static bool read_exactly(const mover_receiver *rx, char *buf, size_t len)
{
    struct pollfd fd = { .fd = rx->from, .events = POLLIN };
    bool ended;
    ssize_t n;
    int r;

    while (len > 0) {
        ended = mover_receiver_has_ended(rx);
        r = poll(&fd, 1, LOOK_MS);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0 || (r == 0 && ended)) return false;
        if (r == 0) continue;
        n = read(rx->from, buf, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        buf += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_exactly(const mover_receiver *rx, const void *buf,
                          size_t len)
{
    const char *p = buf;
    ssize_t n;

    while (len > 0) {
        n = write(rx->to, p, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool expect(const mover_receiver *rx, const char *words, size_t len)
{
    char buf[sizeof(banner)];

    return read_exactly(rx, buf, len) && !memcmp(buf, words, len);
}

static bool send_config(const mover_receiver *rx, const char *json)
{
    const uint32_t len = (uint32_t)strlen(json) + 1;
    struct save_header header = {
        .byteorder = BYTE_ORDER_MARK,
        .mandatory_flags = FLAG_JSON | FLAG_STREAM_V2,
        .optional_data_len = len + (uint32_t)sizeof(len),
    };

    memcpy(header.magic, magic, sizeof(header.magic)); /* all but the NUL */
    return write_exactly(rx, &header, sizeof(header)) &&
           write_exactly(rx, &len, sizeof(len)) &&
           write_exactly(rx, json, len);
}

int mover_receiver_greet(mover_receiver *rx, const char *json,
                         xtune_error **err)
{
    if (!expect(rx, banner, sizeof(banner) - 1))
        return mover_receiver_error(rx, err, "start");
    if (!send_config(rx, json))
        return mover_receiver_error(rx, err, "take the configuration");
    return 0;
}

int mover_receiver_ready(mover_receiver *rx, xtune_error **err)
{
    if (expect(rx, ready, sizeof(ready))) return 0;
    return mover_receiver_error(rx, err, "build the domain anew");
}

int mover_receiver_go(mover_receiver *rx, bool *known_r, xtune_error **err)
{
    char code = 0;

    *known_r = false;
    if (write_exactly(rx, go, sizeof(go)) &&
        expect(rx, report, sizeof(report)) && read_exactly(rx, &code, 1))
        *known_r = !code || expect(rx, go, sizeof(go));
    if (*known_r && !code) return 0;
    return mover_receiver_error(rx, err, "let the domain run");
}

static bool wait_end(mover_receiver *rx, unsigned int ms)
{
    uint64_t until = xt_libxl_now_ms() + ms;

    while (!mover_receiver_has_ended(rx)) {
        if (xt_libxl_now_ms() >= until) return false;
        mover_sleep_ms(20);
    }
    return true;
}

void mover_receiver_finish(mover_receiver *rx, bool may_kill)
{
    if (rx->to >= 0) close(rx->to);
    rx->to = -1;
    if (rx->pid) {
        if (!wait_end(rx, END_MS) && may_kill) {
            kill(rx->pid, SIGKILL);
            wait_end(rx, END_MS);
        }
        if (mover_receiver_has_ended(rx)) {
            waitpid(rx->pid, NULL, 0);
            rx->pid = 0;
        }
    }
    if (rx->from >= 0) close(rx->from);
    if (rx->errors >= 0) close(rx->errors);
    rx->from = rx->errors = -1;
}

/* The first line that calls itself an error, else the last one that is not
 * only there to inform. */
static const char *find_reason(char *text)
{
    const char *last = "";
    char *save, *line, *p;

    for (line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        p = strstr(line, "error: ");
        if (p) return p + strlen("error: ");
        if (!strstr(line, "info: ")) last = line;
    }
    return last;
}

/* The signal that has ended it, or 0. */
static int killed_by(const mover_receiver *rx)
{
    siginfo_t info = { 0 };

    if (!rx->pid ||
        waitid(P_PID, (id_t)rx->pid, &info, WEXITED | WNOHANG | WNOWAIT))
        return 0;
    return info.si_pid == rx->pid && info.si_code != CLD_EXITED
               ? info.si_status
               : 0;
}

int mover_receiver_error(mover_receiver *rx, xtune_error **err,
                         const char *doing)
{
    char text[ERRORS_BYTES + 1];
    const char *reason;
    off_t size;
    ssize_t n;

    /* What it has to say it says before its end. */
    if (rx->to >= 0) close(rx->to);
    rx->to = -1;
    wait_end(rx, END_MS);
    if (killed_by(rx))
        return xtune_error_set(err, XTUNE_ERR_IO, 0, RECEIVER, NULL,
                               "it did not %s: signal %d has ended it", doing,
                               killed_by(rx));
    size = lseek(rx->errors, 0, SEEK_END);
    n = pread(rx->errors, text, ERRORS_BYTES,
              size > ERRORS_BYTES ? size - ERRORS_BYTES : 0);
    text[n > 0 ? n : 0] = '\0';
    reason = find_reason(text);
    if (!reason[0])
        return xtune_error_set(err, XTUNE_ERR_IO, 0, RECEIVER, NULL,
                               "it did not %s", doing);
    return xtune_error_set(err, XTUNE_ERR_IO, 0, RECEIVER, NULL,
                           "it did not %s: \"%s\"", doing, reason);
}
