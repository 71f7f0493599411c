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

static int cannot_read(const char *path, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                           "cannot read \"%s\": %s", path, strerror(errno));
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
        return cannot_read(path, err);
    *value_r = value ? xtune_arena_strdup(arena, value) : NULL;
    return 0;
}

int xt_xen_store_list(xt_xen *xen, const char *path, char ***entries_r,
                      unsigned int *nr_r, xtune_error **err)
{
    struct xs_handle *xs;
    int rc;

    *entries_r = NULL;
    *nr_r = 0;
    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    *entries_r = xs_directory(xs, XBT_NULL, path, nr_r);
    if (*entries_r) return 0;
    *nr_r = 0;
    return errno == ENOENT ? 0 : cannot_read(path, err);
}

int xt_xen_moment_begin(xt_xen *xen, xtune_arena *arena,
                        xt_xen_moment *moment_r, xtune_error **err)
{
    int rc;

    *moment_r = (xt_xen_moment){ .arena = arena };
    rc = xt_xen_store(xen, &moment_r->xs, err);
    if (rc) return rc;
    moment_r->transaction = xs_transaction_start(moment_r->xs);
    if (moment_r->transaction != XBT_NULL) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                           "cannot begin a transaction: %s", strerror(errno));
}

const char *xt_xen_moment_read(xt_xen_moment *moment, const char *path)
{
    XT_CLEANUP_FREE char *value = NULL;
    unsigned int len;

    value = xs_read(moment->xs, moment->transaction, path, &len);
    if (!value && errno != ENOENT) moment->errnum = errno;
    return value ? xtune_arena_strdup(moment->arena, value) : NULL;
}

char **xt_xen_moment_list(xt_xen_moment *moment, const char *path,
                          unsigned int *nr_r)
{
    char **entries = xs_directory(moment->xs, moment->transaction, path, nr_r);

    if (entries) return entries;
    if (errno != ENOENT) moment->errnum = errno;
    *nr_r = 0;
    return NULL;
}

int xt_xen_moment_end(xt_xen_moment *moment, int rc, const char *what,
                      unsigned int domid, xtune_error **err)
{
    (void)xs_transaction_end(moment->xs, moment->transaction, true);
    if (!moment->errnum) return rc;
    return xtune_error_set(err, XTUNE_ERR_IO, moment->errnum, "xenstore", NULL,
                           "cannot read the %s of domain %u: %s", what, domid,
                           strerror(moment->errnum));
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

/* Asks for what is at paths first to last - 1, each by its number. */
static bool ask(int fd, uint32_t type, const char *const *paths, size_t first,
                size_t last)
{
    XT_CLEANUP_FREE char *text = NULL;
    size_t len = 0, i;

    for (i = first; i < last; i++) {
        const struct xsd_sockmsg head = {
            .type = type,
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

/* What is at a path; text NULL: nothing. */
typedef struct answer {
    char *text;
    size_t len;
} answer;

/* Takes one answer. False for anything but what was asked for, or that there
 * is none. */
static bool take_answer(stream *from, xtune_arena *arena, uint32_t type,
                        size_t nr, answer *answers)
{
    char text[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg head;

    if (!receive(from, &head, sizeof(head)) ||
        head.len > XENSTORE_PAYLOAD_MAX || head.req_id >= nr ||
        !receive(from, text, head.len))
        return false;
    text[head.len] = '\0';
    if (head.type == type)
        answers[head.req_id] = (answer){
            memcpy(xtune_arena_alloc(arena, head.len + 1, 1), text,
                   head.len + 1),
            head.len,
        };
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

/* A question about many paths. */
typedef struct question {
    uint32_t type; /* XS_READ, XS_DIRECTORY */
    const char *const *paths;
    xtune_arena *arena; /* of the answers */
    answer *answers;
} question;

/* Asks about nr paths from first on, a part of them on each connection. */
static bool ask_round(const question *q, stream *streams, size_t nr_streams,
                      size_t first, size_t nr)
{
    size_t s, i;

    for (s = 0; s < nr_streams; s++)
        if (!ask(streams[s].fd, q->type, q->paths, first + nr * s / nr_streams,
                 first + nr * (s + 1) / nr_streams))
            return false;
    for (s = 0; s < nr_streams; s++)
        for (i = nr * s / nr_streams; i < nr * (s + 1) / nr_streams; i++)
            if (!take_answer(&streams[s], q->arena, q->type, first + nr,
                             q->answers))
                return false;
    return true;
}

static bool ask_by_sockets(const question *q, size_t nr)
{
    XT_CLEANUP_FREE stream *streams =
        xt_xrealloc(NULL, MAX_CONNECTIONS, sizeof(*streams));
    const size_t nr_streams = connect_streams(streams, nr);
    const size_t most = nr_streams * WINDOW;
    size_t first, i;
    bool ok = nr_streams > 0;

    for (first = 0; ok && first < nr; first += most)
        ok = ask_round(q, streams, nr_streams, first,
                       nr - first < most ? nr - first : most);
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
 * xen/include/public/io/xs_wire.h.) NULL where that fails: libxenstore says
 * why.
 */
static const answer *ask_all(xt_xen *xen, xtune_arena *arena, uint32_t type,
                             const char *const *paths, size_t nr)
{
    question q = { type, paths, arena, NULL };

    if (xen->store_is_domain || nr < 2) return NULL;
    q.answers = XTUNE_NEW_ARRAY(arena, answer, nr);
    return ask_by_sockets(&q, nr) ? q.answers : NULL;
}

int xt_xen_store_read_all(xt_xen *xen, xtune_arena *arena,
                          const char *const *paths, size_t nr, char **values,
                          xtune_error **err)
{
    const answer *answers = ask_all(xen, arena, XS_READ, paths, nr);
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++)
        if (answers)
            values[i] = answers[i].text;
        else
            rc = xt_xen_store_read(xen, arena, paths[i], &values[i], err);
    return rc;
}

/* Names, each with a NUL behind it. */
static void split_names(xtune_arena *arena, const answer *from,
                        xt_xen_names *names_r)
{
    size_t at;

    *names_r = (xt_xen_names){ .nr = 0 };
    for (at = 0; at < from->len; at += strlen(from->text + at) + 1) {
        names_r->items = xtune_arena_grow(arena, names_r->items, names_r->nr,
                                          sizeof(*names_r->items));
        names_r->items[names_r->nr++] = from->text + at;
    }
}

static int list_one(xt_xen *xen, xtune_arena *arena, const char *path,
                    xt_xen_names *names_r, xtune_error **err)
{
    XT_CLEANUP_FREE char **entries = NULL;
    unsigned int nr, i;
    int rc;

    *names_r = (xt_xen_names){ .nr = 0 };
    rc = xt_xen_store_list(xen, path, &entries, &nr, err);
    if (rc || !nr) return rc;
    names_r->items = XTUNE_NEW_ARRAY(arena, const char *, nr);
    for (i = 0; i < nr; i++)
        names_r->items[names_r->nr++] = xtune_arena_strdup(arena, entries[i]);
    return 0;
}

int xt_xen_store_list_all(xt_xen *xen, xtune_arena *arena,
                          const char *const *paths, size_t nr,
                          xt_xen_names *names, xtune_error **err)
{
    const answer *answers = ask_all(xen, arena, XS_DIRECTORY, paths, nr);
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++)
        if (answers)
            split_names(arena, &answers[i], &names[i]);
        else
            rc = list_one(xen, arena, paths[i], &names[i], err);
    return rc;
}
