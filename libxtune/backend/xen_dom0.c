/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's memory, as libxl sets it (xen.git tools/libs/light/libxl_mem.c):
 * Xen's limit, and what dom0's balloon is asked for in xenstore. Unlike libxl
 * this sees it come.
 */
#include "backend/xen_dom0.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "backend/dom0_files.h"
#include "base/util.h"
#include "dom0/parts.h"

#define TARGET XT_XEN_DOM0_STORE "/memory/target"
#define STATIC_MAX XT_XEN_DOM0_STORE "/memory/static-max"

#define KB_PER_PAGE 4
#define EXTRA_KB 1024 /* above its target, as libxl leaves it */
#define NEAR_KB 1024  /* of what it is to be: it has come there */

void xt_xen_pause_ms(unsigned int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

int xt_xen_dom0_look(xt_xen *xen, xc_domaininfo_t *info_r, xtune_error **err)
{
    bool found;
    int rc;

    rc = xt_xen_read_domain(xen, 0, &found, info_r, err);
    if (rc || found) return rc;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, XT_XEN_DOM0, NULL,
                           "the domain is gone");
}

static int cannot_write(const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                           "cannot write %s: %s", what, strerror(errno));
}

/* In a transaction, which others may make void; those that call begin again
 * then: EAGAIN. */
static bool write_nodes(struct xs_handle *xs, const xt_xen_node *nodes,
                        size_t nr)
{
    const xs_transaction_t t = xs_transaction_start(xs);
    size_t i;
    int errnum;

    if (t == XBT_NULL) return false;
    for (i = 0; i < nr; i++)
        if (!xs_write(xs, t, nodes[i].path, nodes[i].value,
                      (unsigned int)strlen(nodes[i].value)))
            break;
    if (i == nr) return xs_transaction_end(xs, t, false);
    errnum = errno;
    xs_transaction_end(xs, t, true);
    errno = errnum;
    return false;
}

int xt_xen_store_write(xt_xen *xen, const xt_xen_node *nodes, size_t nr,
                       const char *what, xtune_error **err)
{
    struct xs_handle *xs;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    while (!write_nodes(xs, nodes, nr))
        if (errno != EAGAIN) return cannot_write(what, err);
    return 0;
}

static uint64_t kb_of(uint64_t pages)
{
    return pages * KB_PER_PAGE;
}

typedef struct balloon {
    uint64_t target_kb, static_max_kb;
    bool has_static_max;     /* the toolstack has written it down */
    uint64_t has_kb, max_kb; /* Xen's word */
    xen_domain_handle_t handle;
} balloon;

/* A size in the store; what Xen says where the toolstack has not written any
 * yet, which is what libxl writes there then. */
static int read_size(const char *value, const char *path, uint64_t instead,
                     uint64_t *kb_r, xtune_error **err)
{
    *kb_r = instead;
    if (!value || xt_parse_u64(value, 10, UINT64_MAX >> 12, kb_r)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "xenstore", NULL,
                           "\"%s\" is \"%s\", which is no size in KiB", path,
                           value);
}

static int read_balloon(xt_xen *xen, balloon *b, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *target, *static_max;
    xc_domaininfo_t info;
    xt_xen_moment moment;
    int rc;

    rc = xt_xen_dom0_look(xen, &info, err);
    if (!rc) rc = xt_xen_moment_begin(xen, arena, &moment, err);
    if (rc) return rc;
    target = xt_xen_moment_read(&moment, TARGET);
    static_max = xt_xen_moment_read(&moment, STATIC_MAX);
    rc = xt_xen_moment_end(&moment, 0, "memory", 0, err);
    if (rc) return rc;
    b->has_static_max = static_max != NULL;
    b->has_kb = kb_of(info.tot_pages);
    b->max_kb = kb_of(info.max_pages);
    memcpy(b->handle, info.handle, sizeof(b->handle));
    rc = read_size(target, TARGET, b->has_kb, &b->target_kb, err);
    if (!rc)
        rc = read_size(static_max, STATIC_MAX, b->max_kb, &b->static_max_kb,
                       err);
    return rc;
}

int xt_xen_read_dom0(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    balloon b;
    int rc;

    rc = read_balloon(xen, &b, err);
    if (rc) return rc;
    host->dom0.target_kb = b.target_kb;
    host->dom0.static_max_kb = b.static_max_kb;
    return 0;
}

int xt_xen_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                           xtune_error **err)
{
    balloon b;
    int rc;

    rc = read_balloon((xt_xen *)backend, &b, err);
    if (!rc) *target_kb_r = b.target_kb;
    return rc;
}

static int check_free(xt_xen *xen, const balloon *b, uint64_t kb,
                      xtune_error **err)
{
    xc_physinfo_t info;
    uint64_t free_kb;

    if (kb <= b->has_kb) return 0;
    if (xc_physinfo(xen->xc, &info))
        return xt_xen_error(err, "xen", "ask it for its memory");
    free_kb = kb_of(info.free_pages + info.scrub_pages);
    free_kb -= kb_of(info.outstanding_pages) < free_kb
                   ? kb_of(info.outstanding_pages)
                   : free_kb;
    if (kb - b->has_kb <= free_kb) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOMEM, XT_XEN_DOM0, NULL,
                           "Xen has %" PRIu64 " MiB free, and dom0 would need "
                           "%" PRIu64 " MiB more",
                           free_kb >> 10, (kb - b->has_kb) >> 10);
}

/* Less than it uses kills what runs in it. */
static int check_floor(const xt_xen *xen, const balloon *b, uint64_t kb,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_dom0_files files = { .arena = arena, .root = xen->root };
    uint64_t floor_kb = XT_DOM0_LEAST_KB, needs_kb;
    xt_dom0_used used;

    if (kb >= b->has_kb && kb >= floor_kb) return 0;
    xt_dom0_used_read(
        xt_dom0_read(&files, "/proc/meminfo", XT_DOM0_MAX_FILE, NULL), NULL,
        NULL, &used);
    needs_kb = xt_dom0_floor_kb(&used, b->has_kb);
    if (needs_kb != XTUNE_UNKNOWN_KB) floor_kb = needs_kb;
    if (kb >= floor_kb) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, XT_XEN_DOM0, NULL,
                           "it needs %" PRIu64 " MiB now, and would have "
                           "%" PRIu64,
                           floor_kb >> 10, kb >> 10);
}

static int check_target(xt_xen *xen, const balloon *b, uint64_t kb,
                        xtune_error **err)
{
    int rc;

    rc = xt_xen_check_root(xen, XT_XEN_DOM0, err);
    if (rc) return rc;
    if (kb > b->static_max_kb)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, XT_XEN_DOM0,
                               "set it for the next boot",
                               "it was booted with %" PRIu64 " MiB at most",
                               b->static_max_kb >> 10);
    rc = check_floor(xen, b, kb, err);
    return rc ? rc : check_free(xen, b, kb, err);
}

/* Xen's limit is no more than it is now to have from here on: what it was at
 * boot is to be known all the same. */
static int ask_for(xt_xen *xen, const balloon *b, uint64_t kb,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen_node nodes[3] = { { TARGET,
                               xtune_arena_printf(arena, "%" PRIu64, kb) } };
    char uuid[37];
    int rc;

    xt_xen_format_uuid(b->handle, uuid);
    nodes[1].path = xtune_arena_printf(arena, "/vm/%s/memory", uuid);
    nodes[1].value = xtune_arena_printf(arena, "%" PRIu64, kb >> 10);
    nodes[2].path = STATIC_MAX;
    nodes[2].value = xtune_arena_printf(arena, "%" PRIu64, b->static_max_kb);
    if (xc_domain_setmaxmem(xen->xc, 0, kb + EXTRA_KB))
        return xt_xen_error(err, XT_XEN_DOM0,
                            "set how much memory it may have");
    rc = xt_xen_store_write(xen, nodes, b->has_static_max ? 2 : 3,
                            "dom0's target", err);
    if (rc) (void)xc_domain_setmaxmem(xen->xc, 0, b->max_kb);
    return rc;
}

/* Whether it has come to kb, or as far from where it was as its target. */
static bool is_there(const balloon *before, uint64_t kb, uint64_t has_kb)
{
    const int64_t way = (int64_t)(kb - before->target_kb);
    const int64_t left = (int64_t)(kb - has_kb);
    const int64_t left_of_way = way - (int64_t)(has_kb - before->has_kb);

    if (left >= -NEAR_KB && left <= NEAR_KB) return true;
    return way < 0 ? left_of_way >= -NEAR_KB : left_of_way <= NEAR_KB;
}

/* Until it has come there; as long as it moves. */
static int wait_balloon(xt_xen *xen, const balloon *before, uint64_t kb,
                        xtune_error **err)
{
    uint64_t moved_ms = xt_now_ms(), last_kb = before->has_kb;
    xc_domaininfo_t info;
    int rc;

    for (;;) {
        rc = xt_xen_dom0_look(xen, &info, err);
        if (rc) return rc;
        if (is_there(before, kb, kb_of(info.tot_pages))) return 0;
        if (kb_of(info.tot_pages) != last_kb) moved_ms = xt_now_ms();
        last_kb = kb_of(info.tot_pages);
        if (xt_now_ms() - moved_ms > XT_XEN_STALLED_MS) break;
        xt_xen_pause_ms(XT_XEN_POLL_MS);
    }
    return xtune_error_set(err, XTUNE_ERR_BUSY, ETIMEDOUT, XT_XEN_DOM0,
                           kb < before->has_kb ? "stop what needs memory there"
                                               : NULL,
                           "its balloon came from %" PRIu64 " to %" PRIu64
                           " MiB, and no further to %" PRIu64 " in %d s",
                           before->has_kb >> 10, last_kb >> 10, kb >> 10,
                           XT_XEN_STALLED_MS / 1000);
}

int xt_xen_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                           xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    balloon b;
    int rc;

    rc = read_balloon(xen, &b, err);
    if (!rc) rc = check_target(xen, &b, target_kb, err);
    if (!rc) rc = ask_for(xen, &b, target_kb, err);
    return rc ? rc : wait_balloon(xen, &b, target_kb, err);
}
