/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What comes and goes with a CPU of a pool: hypfs says it of each (xen.git
 * docs/misc/hypfs-paths.pandoc, "/cpupool/"), Xen's command line of all. Its
 * library is loaded here alone: libxenhypfs brings another along.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <xenhypfs.h>

#include "backend/xen.h"
#include "base/dlopen_note.h"
#include "base/util.h"

/* Its interface does not change: the same name for every Xen. */
#define SONAME "libxenhypfs.so.1"

XT_DLOPEN_NOTE(dlopen_note, "cpupools", "recommended",
               "Reads the granularity of CPU pools", SONAME);

typedef struct hypfs {
    void *library;
    __typeof__(xenhypfs_close) *close;
    __typeof__(xenhypfs_read) *read;
    xenhypfs_handle *handle; /* NULL: not there */
} hypfs;

static void open_hypfs(hypfs *h, xentoollog_logger *log)
{
    __typeof__(xenhypfs_open) *open_fn = NULL;

    *h = (hypfs){ .library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL) };
    if (!h->library) return;
    *(void **)&open_fn = dlsym(h->library, "xenhypfs_open");
    *(void **)&h->close = dlsym(h->library, "xenhypfs_close");
    *(void **)&h->read = dlsym(h->library, "xenhypfs_read");
    if (open_fn && h->close && h->read) h->handle = open_fn(log, 0);
}

static void close_hypfs(hypfs *h)
{
    if (h->handle) h->close(h->handle);
    if (h->library) dlclose(h->library);
}

/* The word as a literal; NULL where it is no such word. */
static const char *known(const char *text, size_t len)
{
    static const char *const words[] = { "cpu", "core", "socket" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(words); i++)
        if (strlen(words[i]) == len && !strncmp(words[i], text, len))
            return words[i];
    return NULL;
}

static const char *of_pool(const hypfs *h, uint32_t id)
{
    XT_CLEANUP_FREE char *path = xt_xprintf("/cpupool/%u/sched-gran", id);
    XT_CLEANUP_FREE char *text = h->handle ? h->read(h->handle, path) : NULL;

    return text ? known(text, strlen(text)) : NULL;
}

/* Of all pools, by the last "sched-gran=" there. */
static const char *of_command_line(xt_xen *xen)
{
    static const char option[] = "sched-gran=";
    xen_commandline_t line = { 0 };
    const char *found = "cpu", *word, *p;

    if (xc_version(xen->xc, XENVER_commandline, &line) < 0) return found;
    line[sizeof(line) - 1] = '\0';
    for (p = line; (p = strstr(p, option)); p += sizeof(option) - 1) {
        if (p != line && p[-1] != ' ') continue;
        word = known(p + sizeof(option) - 1,
                     strcspn(p + sizeof(option) - 1, " "));
        if (word) found = word;
    }
    return found;
}

void xt_xen_read_granularity(xt_xen *xen, xtune_cpupool *pools, size_t nr)
{
    const char *fallback = NULL;
    hypfs h;
    size_t i;

    open_hypfs(&h, &xen->log);
    for (i = 0; i < nr; i++) {
        pools[i].granularity = of_pool(&h, pools[i].id);
        if (pools[i].granularity) continue;
        if (!fallback) fallback = of_command_line(xen);
        pools[i].granularity = fallback;
    }
    close_hypfs(&h);
}
