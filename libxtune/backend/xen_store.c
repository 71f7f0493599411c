/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xenstore. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <xen/io/xs_wire.h>

#include "base/util.h"

/* So many questions are under way at a time on one connection. They must fit
 * in a socket's buffer, or xenstored and we would wait for each other. */
#define WINDOW 64
#define MAX_CONNECTIONS 16

/* A connection, and what xenstored sent, a buffer at a time. */
typedef struct stream {
    int fd;
    size_t pos, len;
    char buffer[2048];
} stream;

/*
 * Where there is neither a daemon's socket nor a domain that holds xenstore,
 * libxenstore would write to the kernel's device and wait for ever.
 */
static bool has_store(const xt_xen *xen)
{
    struct stat st;

    return xen->store_is_domain || !stat(xs_daemon_socket(), &st);
}

int xt_xen_store_connect(xt_xen *xen, struct xs_handle **xs_r,
                         xtune_error **err)
{
    *xs_r = has_store(xen) ? xs_open(0) : NULL;
    if (*xs_r) return 0;
    if (errno == EACCES || errno == EPERM)
        return xtune_error_set(err, XTUNE_ERR_PERMISSION, errno, "xenstore",
                               "run it as root", "not allowed to open it");
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore",
                           "start xenstored", "cannot open it: %s",
                           strerror(errno));
}

int xt_xen_store(xt_xen *xen, struct xs_handle **xs_r, xtune_error **err)
{
    int rc;

    if (!xen->xs) {
        rc = xt_xen_store_connect(xen, &xen->xs, err);
        if (rc) return rc;
    }
    *xs_r = xen->xs;
    return 0;
}

int xt_xen_store_read(xt_xen *xen, xtune_arena *arena, const char *path,
                      char **value_r, xtune_error **err)
{
    XT_CLEANUP_FREE char *value = NULL;
    struct xs_handle *xs;
    unsigned int len;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    value = xs_read(xs, XBT_NULL, path, &len);
    if (!value && errno != ENOENT && errno != EACCES)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                               "cannot read \"%s\": %s", path,
                               strerror(errno));
    *value_r = value ? xtune_arena_strdup(arena, value) : NULL;
    return 0;
}

/* -1 where xenstore is not behind a daemon's socket. */
static int connect_to_daemon(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = xs_daemon_socket();
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static bool receive(stream *from, void *to, size_t len)
{
    char *p = to;

    while (len) {
        size_t n = from->len - from->pos;

        if (!n) {
            ssize_t got =
                recv(from->fd, from->buffer, sizeof(from->buffer), 0);

            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return false;
            from->pos = 0;
            from->len = n = (size_t)got;
        }
        if (n > len) n = len;
        memcpy(p, from->buffer + from->pos, n);
        from->pos += n;
        p += n;
        len -= n;
    }
    return true;
}

/* Asks for the values at paths first to last - 1, each by its number. */
static bool ask(int fd, const char *const *paths, size_t first, size_t last)
{
    XT_CLEANUP_FREE char *text = NULL;
    size_t len = 0, i;

    for (i = first; i < last; i++) {
        const struct xsd_sockmsg head = {
            .type = XS_READ,
            .req_id = (uint32_t)i,
            .len = (uint32_t)strlen(paths[i]) + 1,
        };

        text = xt_xrealloc(text, len + sizeof(head) + head.len, 1);
        memcpy(text + len, &head, sizeof(head));
        memcpy(text + len + sizeof(head), paths[i], head.len);
        len += sizeof(head) + head.len;
    }
    return send_all(fd, text, len);
}

/* Takes one answer. False for anything but a value or that there is none. */
static bool take_answer(stream *from, xtune_arena *arena, size_t nr,
                        char **values)
{
    char text[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg head;

    if (!receive(from, &head, sizeof(head)) ||
        head.len > XENSTORE_PAYLOAD_MAX || head.req_id >= nr ||
        !receive(from, text, head.len))
        return false;
    text[head.len] = '\0';
    values[head.req_id] = NULL;
    if (head.type == XS_READ)
        values[head.req_id] = xtune_arena_strdup(arena, text);
    else if (head.type != XS_ERROR ||
             !(!strcmp(text, "ENOENT") || !strcmp(text, "EACCES")))
        return false;
    return true;
}

static size_t connect_streams(stream *streams, size_t nr_paths)
{
    size_t nr;

    for (nr = 0; nr < nr_paths && nr < MAX_CONNECTIONS; nr++) {
        if (nr * nr >= nr_paths * 2) break;
        streams[nr].pos = streams[nr].len = 0;
        streams[nr].fd = connect_to_daemon();
        if (streams[nr].fd < 0) break;
    }
    return nr;
}

/* Asks for nr values from first on, a part of them on each connection. */
static bool read_round(xtune_arena *arena, stream *streams, size_t nr_streams,
                       const char *const *paths, size_t first, size_t nr,
                       char **values)
{
    size_t s, i;

    for (s = 0; s < nr_streams; s++)
        if (!ask(streams[s].fd, paths, first + nr * s / nr_streams,
                 first + nr * (s + 1) / nr_streams))
            return false;
    for (s = 0; s < nr_streams; s++)
        for (i = nr * s / nr_streams; i < nr * (s + 1) / nr_streams; i++)
            if (!take_answer(&streams[s], arena, first + nr, values))
                return false;
    return true;
}

static bool read_by_sockets(xtune_arena *arena, const char *const *paths,
                            size_t nr, char **values)
{
    XT_CLEANUP_FREE stream *streams =
        xt_xrealloc(NULL, MAX_CONNECTIONS, sizeof(*streams));
    const size_t nr_streams = connect_streams(streams, nr);
    const size_t most = nr_streams * WINDOW;
    size_t first, i;
    bool ok = nr_streams > 0;

    for (first = 0; ok && first < nr; first += most)
        ok = read_round(arena, streams, nr_streams, paths, first,
                        nr - first < most ? nr - first : most, values);
    for (i = 0; i < nr_streams; i++)
        close(streams[i].fd);
    return ok;
}

/*
 * libxenstore waits for each answer before it asks again: a switch to
 * xenstored and back, which is nearly all that listing many domains costs.
 * Asking for many at once needs few switches; and xenstored, which looks at
 * every domain between any two answers on one connection, answers on many
 * connections at a time. (The protocol: xen.git docs/misc/xenstore.txt,
 * xen/include/public/io/xs_wire.h.) Where that fails, libxenstore says why.
 */
int xt_xen_store_read_all(xt_xen *xen, xtune_arena *arena,
                          const char *const *paths, size_t nr, char **values,
                          xtune_error **err)
{
    size_t i;
    int rc;

    if (!xen->store_is_domain && nr > 1 &&
        read_by_sockets(arena, paths, nr, values))
        return 0;
    for (i = 0; i < nr; i++) {
        rc = xt_xen_store_read(xen, arena, paths[i], &values[i], err);
        if (rc) return rc;
    }
    return 0;
}
