/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A xenstored that only tells: what a test puts into it, over its socket. */
#ifndef TEST_FAKE_STORE_H
#define TEST_FAKE_STORE_H

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xenstore.h>
#include <xen/io/xs_wire.h>

#include "base/util.h"
#include "util.h"

#define STORE_CLIENTS 64
#define STORE_NODES 16384

typedef struct fake_store {
    char folder[64], path[96];
    struct {
        char *path, *value;
    } nodes[STORE_NODES];
    size_t nr;
    int listener, stop[2];
    pthread_t thread;
    unsigned int questions; /* that were answered */
    const char *too_large;  /* a folder with more than fits; NULL */
} fake_store;

static fake_store store;

static inline void put_node(const char *path, const char *value)
{
    assert_true(store.nr < STORE_NODES);
    store.nodes[store.nr].path = xt_xstrdup(path);
    store.nodes[store.nr++].value = xt_xstrdup(value);
}

static inline void clear_nodes(void)
{
    while (store.nr) {
        free(store.nodes[--store.nr].path);
        free(store.nodes[store.nr].value);
    }
    store.too_large = NULL;
}

static inline bool store_move(int fd, void *data, size_t len, bool out)
{
    char *p = data;

    while (len) {
        const ssize_t n =
            out ? send(fd, p, len, MSG_NOSIGNAL) : recv(fd, p, len, 0);

        if (n <= 0) return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool store_says(int fd, const struct xsd_sockmsg *question,
                              uint32_t type, const char *data, size_t len)
{
    struct xsd_sockmsg head = *question;

    head.type = type;
    head.len = (uint32_t)len;
    return store_move(fd, &head, sizeof(head), true) &&
           store_move(fd, (char *)data, len, true);
}

static inline bool store_refuses(int fd, const struct xsd_sockmsg *question,
                                 const char *why)
{
    return store_says(fd, question, XS_ERROR, why, strlen(why) + 1);
}

static inline bool store_reads(int fd, const struct xsd_sockmsg *question,
                               const char *path)
{
    size_t i;

    for (i = 0; i < store.nr; i++)
        if (!strcmp(store.nodes[i].path, path))
            return store_says(fd, question, XS_READ, store.nodes[i].value,
                              strlen(store.nodes[i].value));
    return store_refuses(fd, question, "ENOENT");
}

/* What is below a path, each once, with a NUL behind it. */
static inline size_t store_names(const char *path, char *names, size_t room)
{
    const size_t len = strlen(path);
    size_t used = 0, at, i;

    for (i = 0; i < store.nr; i++) {
        const char *name = store.nodes[i].path + len + 1;
        size_t part;

        if (strncmp(store.nodes[i].path, path, len) != 0 ||
            store.nodes[i].path[len] != '/')
            continue;
        part = strcspn(name, "/");
        for (at = 0; at < used; at += strlen(names + at) + 1)
            if (strlen(names + at) == part && !memcmp(names + at, name, part))
                break;
        if (at < used || used + part + 1 > room) continue;
        memcpy(names + used, name, part);
        names[used + part] = '\0';
        used += part + 1;
    }
    return used;
}

static inline bool store_lists(int fd, const struct xsd_sockmsg *question,
                               const char *path)
{
    char names[XENSTORE_PAYLOAD_MAX];
    size_t len;

    if (question->type == XS_DIRECTORY && store.too_large &&
        !strcmp(path, store.too_large))
        return store_refuses(fd, question, "E2BIG");
    len = store_names(path, names + 2, sizeof(names) - 3);
    if (!len) return store_refuses(fd, question, "ENOENT");
    if (question->type == XS_DIRECTORY)
        return store_says(fd, question, XS_DIRECTORY, names + 2, len);
    /* All of it is one part: a generation, names, and an empty one. */
    memcpy(names, "1", 2);
    names[2 + len] = '\0';
    return store_says(fd, question, question->type, names, len + 3);
}

static inline bool store_answers(int fd)
{
    char path[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg head;

    if (!store_move(fd, &head, sizeof(head), false) ||
        head.len > XENSTORE_PAYLOAD_MAX ||
        !store_move(fd, path, head.len, false))
        return false;
    path[head.len] = '\0';
    store.questions++;
    return head.type == XS_READ ? store_reads(fd, &head, path)
                                : store_lists(fd, &head, path);
}

static inline void *store_serves(void *unused)
{
    struct pollfd fds[STORE_CLIENTS] = {
        { .fd = store.stop[0], .events = POLLIN },
        { .fd = store.listener, .events = POLLIN },
    };
    nfds_t nr = 2, i;

    while (poll(fds, nr, -1) > 0 && !fds[0].revents) {
        for (i = nr; i-- > 2;)
            if (fds[i].revents && !store_answers(fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--nr];
            }
        if (!fds[1].revents || nr == STORE_CLIENTS) continue;
        fds[nr].fd = accept(store.listener, NULL, NULL);
        fds[nr++].events = POLLIN;
    }
    for (i = 2; i < nr; i++)
        close(fds[i].fd);
    return unused;
}

static inline int start_store(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)state;
    strcpy(store.folder, "/tmp/test_store.XXXXXX");
    if (!mkdtemp(store.folder)) return -1;
    snprintf(store.path, sizeof(store.path), "%s/socket", store.folder);
    memcpy(address.sun_path, store.path, strlen(store.path) + 1);
    store.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(store.listener, (struct sockaddr *)&address, sizeof(address)) ||
        listen(store.listener, STORE_CLIENTS) || pipe(store.stop))
        return -1;
    return setenv("XENSTORED_PATH", store.path, 1) ||
           pthread_create(&store.thread, NULL, store_serves, NULL);
}

static inline int stop_store(void **state)
{
    (void)state;
    if (write(store.stop[1], "", 1) != 1 || pthread_join(store.thread, NULL))
        return -1;
    close(store.stop[0]);
    close(store.stop[1]);
    close(store.listener);
    clear_nodes();
    return test_remove(store.folder);
}

#endif
