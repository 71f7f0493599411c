/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's memory and vCPUs, as libxl sets them (xen.git
 * tools/libs/light/libxl_mem.c, libxl_domain.c): Xen's limit, and what dom0's
 * kernel is asked for in xenstore. Unlike libxl this sees it come.
 */
#include "backend/xen.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "backend/dom0_files.h"
#include "backend/dom0_write.h"
#include "base/util.h"
#include "dom0/parts.h"

#define DOM0 "Domain-0"
#define STORE "/local/domain/0"
#define TARGET STORE "/memory/target"
#define STATIC_MAX STORE "/memory/static-max"
#define CPU_FOLDER "/sys/devices/system/cpu"

#define KB_PER_PAGE 4
#define EXTRA_KB 1024 /* above its target, as libxl leaves it */
#define NEAR_KB 1024  /* of what it is to be: it has come there */

/* Linux tries again after up to 32 s where it found no page to give or take;
 * but then it is at its end. */
#define STALLED_MS 15000
#define POLL_MS 100
#define ONLINE_MS 2000 /* left to udev's rules, which not all hosts have */

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void pause_ms(unsigned int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static int look(xt_xen *xen, xc_domaininfo_t *info_r, xtune_error **err)
{
    bool found;
    int rc;

    rc = xt_xen_read_domain(xen, 0, &found, info_r, err);
    if (rc || found) return rc;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, DOM0, NULL,
                           "the domain is gone");
}

static uint64_t kb_of(uint64_t pages)
{
    return pages * KB_PER_PAGE;
}

/* Memory. */

typedef struct balloon {
    uint64_t target_kb, static_max_kb;
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

    rc = look(xen, &info, err);
    if (!rc) rc = xt_xen_moment_begin(xen, arena, &moment, err);
    if (rc) return rc;
    target = xt_xen_moment_read(&moment, TARGET);
    static_max = xt_xen_moment_read(&moment, STATIC_MAX);
    rc = xt_xen_moment_end(&moment, 0, "memory", 0, err);
    if (rc) return rc;
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
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOMEM, DOM0, NULL,
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
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, DOM0, NULL,
                           "it needs %" PRIu64 " MiB now, and would have "
                           "%" PRIu64,
                           floor_kb >> 10, kb >> 10);
}

static int check_target(xt_xen *xen, const balloon *b, uint64_t kb,
                        xtune_error **err)
{
    int rc;

    rc = xt_xen_check_root(xen, DOM0, err);
    if (rc) return rc;
    if (kb > b->static_max_kb)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, DOM0,
                               "set it for the next boot",
                               "it was booted with %" PRIu64 " MiB at most",
                               b->static_max_kb >> 10);
    rc = check_floor(xen, b, kb, err);
    return rc ? rc : check_free(xen, b, kb, err);
}

static int cannot_write(const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "xenstore", NULL,
                           "cannot write %s: %s", what, strerror(errno));
}

/* In a transaction, which others may make void; those that call begin again
 * then: EAGAIN. */
static bool write_nodes(struct xs_handle *xs, const char *const (*nodes)[2],
                        size_t nr)
{
    const xs_transaction_t t = xs_transaction_start(xs);
    size_t i;
    int errnum;

    if (t == XBT_NULL) return false;
    for (i = 0; i < nr; i++)
        if (!xs_write(xs, t, nodes[i][0], nodes[i][1],
                      (unsigned int)strlen(nodes[i][1])))
            break;
    if (i == nr) return xs_transaction_end(xs, t, false);
    errnum = errno;
    xs_transaction_end(xs, t, true);
    errno = errnum;
    return false;
}

static int store_nodes(xt_xen *xen, const char *const (*nodes)[2], size_t nr,
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

static int ask_for(xt_xen *xen, const balloon *b, uint64_t kb,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char uuid[37];
    int rc;

    xt_xen_format_uuid(b->handle, uuid);
    if (xc_domain_setmaxmem(xen->xc, 0, kb + EXTRA_KB))
        return xt_xen_error(err, DOM0, "set how much memory it may have");
    rc = store_nodes(xen,
                     (const char *const[][2]){
                         { TARGET, xtune_arena_printf(arena, "%" PRIu64, kb) },
                         { xtune_arena_printf(arena, "/vm/%s/memory", uuid),
                           xtune_arena_printf(arena, "%" PRIu64, kb >> 10) } },
                     2, "dom0's target", err);
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
    uint64_t moved_ms = now_ms(), last_kb = before->has_kb;
    xc_domaininfo_t info;
    int rc;

    for (;;) {
        rc = look(xen, &info, err);
        if (rc) return rc;
        if (is_there(before, kb, kb_of(info.tot_pages))) return 0;
        if (kb_of(info.tot_pages) != last_kb) moved_ms = now_ms();
        last_kb = kb_of(info.tot_pages);
        if (now_ms() - moved_ms > STALLED_MS) break;
        pause_ms(POLL_MS);
    }
    return xtune_error_set(
        err, XTUNE_ERR_BUSY, ETIMEDOUT, DOM0,
        kb < before->has_kb ? "stop what needs memory there" : NULL,
        "its balloon came from %" PRIu64 " to %" PRIu64
        " MiB, and no further to %" PRIu64 " in %d s",
        before->has_kb >> 10, last_kb >> 10, kb >> 10, STALLED_MS / 1000);
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

/* vCPUs. */

typedef struct vcpus {
    uint32_t nr;     /* that it has */
    uint32_t online; /* that are online */
    bool in_order;   /* those are the first ones */
} vcpus;

static int read_vcpus(xt_xen *xen, vcpus *v, xtune_error **err)
{
    xc_domaininfo_t domain;
    uint32_t i;
    int rc;

    rc = look(xen, &domain, err);
    if (rc) return rc;
    *v = (vcpus){ .nr = domain.max_vcpu_id + 1, .in_order = true };
    for (i = 0; i < v->nr; i++) {
        xc_vcpuinfo_t info;

        if (xc_vcpu_getinfo(xen->xc, 0, i, &info))
            return xt_xen_error(err, DOM0, "ask Xen for its vCPUs");
        if (!info.online) continue;
        v->in_order = v->in_order && v->online == i;
        v->online++;
    }
    return 0;
}

int xt_xen_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                          xtune_error **err)
{
    vcpus v;
    int rc;

    rc = read_vcpus((xt_xen *)backend, &v, err);
    if (rc) return rc;
    *nr_r = v.online;
    if (v.in_order) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, DOM0,
                           "bring those online first that are between",
                           "its vCPUs that are online are not its first %u",
                           v.online);
}

static int write_availability(xt_xen *xen, uint32_t nr_vcpus, uint32_t nr,
                              xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *(*nodes)[2] =
        xtune_arena_alloc(arena, nr_vcpus, sizeof(*nodes));
    uint32_t i;

    for (i = 0; i < nr_vcpus; i++) {
        nodes[i][0] =
            xtune_arena_printf(arena, STORE "/cpu/%u/availability", i);
        nodes[i][1] = i < nr ? "online" : "offline";
    }
    return store_nodes(xen, (const char *const(*)[2])nodes, nr_vcpus,
                       "which of dom0's vCPUs are to be online", err);
}

/* Linux lets a CPU come, and leaves it to others to use it. */
static void use_cpus(const xt_xen *xen, uint32_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_dom0_files files = { .arena = arena, .root = xen->root };
    uint32_t i;

    for (i = 1; i < nr; i++) {
        const char *folder = xtune_arena_printf(arena, CPU_FOLDER "/cpu%u", i);
        uint64_t online;

        if (xt_dom0_number(&files, folder, "online", 10, 1, &online) &&
            !online)
            (void)xt_dom0_write(xtune_arena_printf(arena, "%s/online", folder),
                                "1", DOM0, NULL, NULL);
    }
}

static int wait_vcpus(xt_xen *xen, uint32_t nr, xtune_error **err)
{
    const uint64_t start_ms = now_ms();
    uint64_t moved_ms = start_ms;
    uint32_t last = XTUNE_NONE;
    vcpus v;
    int rc;

    for (;;) {
        rc = read_vcpus(xen, &v, err);
        if (rc || (v.online == nr && v.in_order)) return rc;
        if (v.online != last) moved_ms = now_ms();
        last = v.online;
        if (now_ms() - moved_ms > STALLED_MS) break;
        if (now_ms() - start_ms > ONLINE_MS) use_cpus(xen, nr);
        pause_ms(POLL_MS);
    }
    return xtune_error_set(err, XTUNE_ERR_BUSY, ETIMEDOUT, DOM0, NULL,
                           "Linux has %u of its vCPUs online, and it did not "
                           "become %u in %d s",
                           v.online, nr, STALLED_MS / 1000);
}

int xt_xen_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                          xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    vcpus v;
    int rc;

    rc = xt_xen_check_root(xen, DOM0, err);
    if (!rc) rc = read_vcpus(xen, &v, err);
    if (rc) return rc;
    if (!nr || nr > v.nr)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, DOM0,
                               "more of them take a boot",
                               "it was booted with %u vCPUs, and cannot have "
                               "%u",
                               v.nr, nr);
    rc = write_availability(xen, v.nr, nr, err);
    return rc ? rc : wait_vcpus(xen, nr, err);
}
