/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libxl writes goes through us to the receiver: so the bytes are
 * counted, the moment is seen when the domain is suspended, and an end of the
 * receiver reaches libxl, whoever else holds the receiver's side open.
 */
#include "backend/mover/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

#define LOOK_MS 5
#define RECEIVER_MS 100
#define PIPE_BYTES (1 << 20)

struct mover_copy {
    pthread_t thread;
    xc_interface *xc; /* libxl's own is not for two threads */
    const mover_receiver *rx;
    uint32_t domid;
    int in;
    uint64_t bytes, looked_ms, asked_ms;
    bool paused;
};

static void look(mover_copy *c, bool always)
{
    uint64_t now = xt_libxl_now_ms();
    xc_domaininfo_t info;

    if (c->paused || (!always && now - c->looked_ms < LOOK_MS)) return;
    c->looked_ms = now;
    if (xc_domain_getinfolist(c->xc, c->domid, 1, &info) != 1 ||
        info.domain != c->domid || !(info.flags & XEN_DOMINF_shutdown))
        return;
    c->paused = true;
    mover_events_paused();
}

static bool receiver_has_ended(mover_copy *c)
{
    uint64_t now = xt_libxl_now_ms();

    if (now - c->asked_ms < RECEIVER_MS) return false;
    c->asked_ms = now;
    return mover_receiver_has_ended(c->rx);
}

/* False at the end, whatever it is. */
static bool step(mover_copy *c)
{
    struct pollfd out = { .fd = c->rx->to, .events = POLLOUT };
    struct pollfd in = { .fd = c->in, .events = POLLIN };
    ssize_t n;

    look(c, false);
    if (receiver_has_ended(c)) return false;
    if (poll(&out, 1, LOOK_MS) <= 0) return true;
    if (out.revents & (POLLERR | POLLNVAL)) return false;
    if (poll(&in, 1, LOOK_MS) <= 0) return true;
    n = splice(c->in, NULL, c->rx->to, NULL, PIPE_BYTES,
               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    c->bytes += (uint64_t)n;
    mover_events_bytes(c->bytes);
    return true;
}

static void *run(void *arg)
{
    mover_copy *c = arg;

    while (step(c))
        continue;
    look(c, true);
    /* Where libxl still writes, it sees an error now. */
    close(c->in);
    return NULL;
}

static int copy_error(xtune_error **err, int errnum)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errnum, "stream", NULL,
                           "cannot prepare to copy memory: %s",
                           strerror(errnum));
}

int mover_copy_start(mover *m, const mover_receiver *rx, uint32_t domid,
                     mover_copy **copy_r, int *fd_r, xtune_error **err)
{
    mover_copy *c = XTUNE_NEW(m->arena, mover_copy);
    int fds[2], r;

    if (pipe2(fds, O_CLOEXEC)) return copy_error(err, errno);
    /* Large ones spare switching; small ones do as well. */
    fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    fcntl(rx->to, F_SETPIPE_SZ, PIPE_BYTES);
    *c = (mover_copy){ .rx = rx, .domid = domid, .in = fds[0] };
    c->xc = xc_interface_open(&m->log.base, &m->log.base, 0);
    r = c->xc ? pthread_create(&c->thread, NULL, run, c) : EIO;
    if (r) {
        if (c->xc) xc_interface_close(c->xc);
        close(fds[0]);
        close(fds[1]);
        return copy_error(err, r);
    }
    *copy_r = c;
    *fd_r = fds[1];
    return 0;
}

void mover_copy_finish(mover_copy *copy)
{
    pthread_join(copy->thread, NULL);
    xc_interface_close(copy->xc);
}
