/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * USB devices that come and go, as dom0's Linux tells it: not by way of udevd,
 * which not every dom0 has.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/usb_uevent.h"
#include "backend/xen_usb_events.h"

/* What the kernel itself sends; the other group is udevd's. */
#define KERNEL_GROUP 1

/* A message is shorter: 2 KiB of words and a path (UEVENT_BUFFER_SIZE). */
#define MOST_BYTES 8192

/* Room for what a hub with all its devices sends while we are at work. */
#define QUEUE_BYTES (1 << 20)

static int failed(xtune_error **err, const char *doing)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "USB",
                           "the kernel needs CONFIG_NET; a service needs "
                           "RestrictAddressFamilies=AF_NETLINK",
                           "cannot %s kernel events: %s", doing,
                           strerror(errno));
}

int xt_xen_usb_events_open(int *fd_r, xtune_error **err)
{
    const struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups = KERNEL_GROUP,
    };
    const int on = 1, bytes = QUEUE_BYTES;
    const int fd =
        socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
               NETLINK_KOBJECT_UEVENT);

    if (fd < 0) return failed(err, "open a socket for");
    /* As much of it as is allowed will do. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
        const int rc = failed(err, "listen to");

        close(fd);
        return rc;
    }
    *fd_r = fd;
    return 0;
}

/* Whether the kernel has sent it: any process may send to a socket that it
 * knows the address of. */
static bool is_of_kernel(struct msghdr *message)
{
    const struct sockaddr_nl *from = message->msg_name;
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);
    struct ucred sender;

    if (message->msg_namelen != sizeof(*from) || from->nl_pid ||
        !(from->nl_groups & KERNEL_GROUP) || !control ||
        control->cmsg_level != SOL_SOCKET ||
        control->cmsg_type != SCM_CREDENTIALS ||
        control->cmsg_len < CMSG_LEN(sizeof(sender)))
        return false;
    memcpy(&sender, CMSG_DATA(control), sizeof(sender));
    return !sender.pid;
}

/* Anything may have happened. */
static bool tell_all(xtune_event *event_r)
{
    *event_r = (xtune_event){
        .kind = XTUNE_EVENT_USB,
        .domid = XTUNE_NONE,
        .came = true,
    };
    return true;
}

int xt_xen_usb_events_next(int fd, bool *found_r, xtune_event *event_r,
                           xtune_error **err)
{
    char bytes[MOST_BYTES];
    union {
        char room[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;

    for (*found_r = false; !*found_r;) {
        struct sockaddr_nl from = { .nl_family = AF_NETLINK };
        struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };
        struct msghdr message = {
            .msg_name = &from,
            .msg_namelen = sizeof(from),
            .msg_iov = &part,
            .msg_iovlen = 1,
            .msg_control = control.room,
            .msg_controllen = sizeof(control.room),
        };
        const ssize_t len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

        if (len < 0 && errno == EAGAIN) return 0;
        if (len < 0 && errno == EINTR) continue;
        if (len < 0 && errno == ENOBUFS)
            *found_r = tell_all(event_r);
        else if (len < 0)
            return failed(err, "read");
        else if (!is_of_kernel(&message))
            continue;
        else if (message.msg_flags & MSG_TRUNC)
            *found_r = tell_all(event_r);
        else
            *found_r = xt_usb_uevent_parse(bytes, (size_t)len, event_r);
    }
    return 0;
}
