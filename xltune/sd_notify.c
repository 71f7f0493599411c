/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sd_notify(3) of libsystemd does, which is a datagram: the protocol is
 * documented there, and meant to be spoken without it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "watch.h"

size_t notify_address(const char *path, struct sockaddr_un *address_r)
{
    const size_t len = path ? strlen(path) : 0;

    if ((len < 2 || (path[0] != '/' && path[0] != '@')) ||
        len >= sizeof(address_r->sun_path))
        return 0;
    *address_r = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(address_r->sun_path, path, len);
    /* An abstract name begins with a NUL and ends with the address; another
     * one ends with a NUL. */
    if (path[0] == '@') {
        address_r->sun_path[0] = '\0';
        return offsetof(struct sockaddr_un, sun_path) + len;
    }
    return offsetof(struct sockaddr_un, sun_path) + len + 1;
}

char *notify_reloading(uint64_t time_us)
{
    return format_text("RELOADING=1\nMONOTONIC_USEC=%" PRIu64, time_us);
}

void notify(const char *text)
{
    struct sockaddr_un address;
    const size_t len = notify_address(getenv("NOTIFY_SOCKET"), &address);
    int fd;

    if (!len) return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    /* Nothing can be done where nobody listens. */
    if (sendto(fd, text, strlen(text), MSG_NOSIGNAL,
               (const struct sockaddr *)&address, (socklen_t)len) < 0)
        log_line(PRIORITY_WARNING, "NOTIFY_SOCKET", "nobody listens");
    close(fd);
}

void notify_text(char *text)
{
    notify(text);
    free(text);
}

/* A number in the environment; 0 where there is none. */
static uint64_t number(const char *name)
{
    const char *text = getenv(name);
    char *end;
    uint64_t value;

    if (!text || text[0] < '0' || text[0] > '9') return 0;
    value = strtoull(text, &end, 10);
    return *end ? 0 : value;
}

uint64_t notify_watchdog_us(void)
{
    const uint64_t pid = number("WATCHDOG_PID");

    return pid && pid != (uint64_t)getpid() ? 0 : number("WATCHDOG_USEC");
}
