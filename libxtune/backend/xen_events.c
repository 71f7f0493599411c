/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events of domains, by watches on xenstore; those of USB devices are told by
 * the same file descriptor.
 *
 * That a domain comes is seen in /libxl. libxl makes /libxl/ID in the very
 * transaction that gives the domain its name (libxl_create.c,
 * libxl__domain_make, Xen 4.5 and later), and only dom0 may write there:
 * /local/domain, where the name is, would wake us for every word that any
 * guest says. @introduceDomain comes when the domain is built, and is all
 * there is of one that libxl has not made.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <xtune/events.h>

#include "backend/event_path.h"
#include "backend/xen.h"
#include "backend/xen_usb_events.h"
#include "base/util.h"

struct xtune_events {
    struct xs_handle *xs;
    int usb_fd;
    int fd; /* waits for either */
};

/* xenstored sends it back with each event of the watch. */
#define TOKEN "xltune"

static const char *const watched[] = {
    "@introduceDomain",
    "@releaseDomain",
    "/libxl",
};

static int lost(xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore",
                           "start xenstored", "the connection is lost: %s",
                           strerror(errno));
}

static int set_watches(xtune_events *events, xtune_error **err)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(watched); i++)
        if (!xt_xen_store_watch(events->xs, watched[i], TOKEN))
            return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                                   "cannot watch \"%s\": %s", watched[i],
                                   strerror(errno));
    return 0;
}

static int wait_for_both(xtune_events *events, xtune_error **err)
{
    const int fds[] = { xs_fileno(events->xs), events->usb_fd };
    struct epoll_event input = { .events = EPOLLIN };
    size_t i;

    events->fd = epoll_create1(EPOLL_CLOEXEC);
    for (i = 0; i < XT_ARRAY_SIZE(fds); i++)
        if (events->fd < 0 ||
            epoll_ctl(events->fd, EPOLL_CTL_ADD, fds[i], &input))
            return xtune_error_set(err, XTUNE_ERR_IO, errno, "events", NULL,
                                   "cannot be waited for: %s",
                                   strerror(errno));
    return 0;
}

int xt_xen_open_events(xtune_backend *backend, xtune_events **events_r,
                       xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xtune_host *host = xtune_host_new();
    xtune_events *events;
    struct xs_handle *xs;
    int rc;

    /* Tells whether xenstore is in a domain of its own. */
    rc = xt_xen_read_domains(xen, host, err);
    xtune_host_free(host);
    if (!rc) rc = xt_xen_store_connect(xen, &xs, err);
    if (rc) return rc;
    events = xt_xrealloc(NULL, 1, sizeof(*events));
    *events = (xtune_events){ .xs = xs, .usb_fd = -1, .fd = -1 };
    rc = set_watches(events, err);
    if (!rc) rc = xt_xen_usb_events_open(&events->usb_fd, err);
    if (!rc) rc = wait_for_both(events, err);
    if (rc) {
        xtune_events_close(events);
        return rc;
    }
    *events_r = events;
    return 0;
}

int xtune_events_fd(const xtune_events *events)
{
    return events->fd;
}

/* False for what is none of ours: deeper paths, and a watch's first word. */
static bool understand(const char *path, xtune_event *event_r)
{
    *event_r = (xtune_event){ .domid = XTUNE_NONE };
    if (!strcmp(path, "@introduceDomain")) {
        event_r->kind = XTUNE_EVENT_INTRODUCED;
        return true;
    }
    if (!strcmp(path, "@releaseDomain")) {
        event_r->kind = XTUNE_EVENT_RELEASED;
        return true;
    }
    event_r->kind = XTUNE_EVENT_NAMED;
    event_r->domid = xt_event_domid(path);
    return event_r->domid != XTUNE_NONE;
}

int xtune_events_next(xtune_events *events, bool *found_r,
                      xtune_event *event_r, xtune_error **err)
{
    char **watch;

    for (;;) {
        watch = xs_check_watch(events->xs);
        if (!watch && errno == EAGAIN)
            return xt_xen_usb_events_next(events->usb_fd, found_r, event_r,
                                          err);
        if (!watch) return lost(err);
        *found_r = understand(watch[XS_WATCH_PATH], event_r);
        free(watch);
        if (*found_r) return 0;
    }
}

int xtune_events_check(xtune_events *events, xtune_error **err)
{
    unsigned int len;
    char *value = xs_read(events->xs, XBT_NULL, "/", &len);

    if (!value && errno != ENOENT && errno != EACCES) return lost(err);
    free(value);
    return 0;
}

static void name_path(char path_r[64], unsigned int domid)
{
    snprintf(path_r, 64, "/local/domain/%u/name", domid);
}

int xtune_events_follow_name(xtune_events *events, unsigned int domid,
                             xtune_error **err)
{
    char path[64];

    name_path(path, domid);
    if (xs_watch(events->xs, path, TOKEN) || errno == EEXIST) return 0;
    return lost(err);
}

void xtune_events_leave_name(xtune_events *events, unsigned int domid)
{
    char path[64];

    name_path(path, domid);
    (void)xs_unwatch(events->xs, path, TOKEN);
}

void xtune_events_close(xtune_events *events)
{
    if (!events) return;
    if (events->fd >= 0) close(events->fd);
    if (events->usb_fd >= 0) close(events->usb_fd);
    xs_close(events->xs);
    free(events);
}
