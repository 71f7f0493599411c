/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making, naming and ending pools, and the pools of domains. Xen knows pools
 * by their ids; names, and a uuid that nobody reads, are in xenstore, where
 * libxl keeps them (xen.git tools/libs/light/libxl_cpupool.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "backend/xen.h"
#include "base/util.h"

static int list_named(xt_xen *xen, xtune_arena *arena, xtune_cpupool **pools_r,
                      size_t *nr_r, char ***stored_r, xtune_error **err)
{
    int rc;

    rc = xt_xen_list_pools(xen, arena, xen->nr_cpu_ids, pools_r, nr_r, err);
    if (rc) return rc;
    return xt_xen_name_pools(xen, arena, *pools_r, *nr_r, stored_r, err);
}

static int two_alike(const char *name, const xtune_cpupool *pool,
                     xtune_error **err)
{
    XT_CLEANUP_FREE char *hint =
        xt_xprintf("give it another: \"xl cpupool-rename %u NAME\"", pool->id);

    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name, hint,
                           "two cpupools are called \"%s\"", name);
}

int xt_xen_find_pool(xt_xen *xen, xtune_arena *arena, const char *name,
                     xtune_cpupool *pool_r, xtune_error **err)
{
    const xtune_cpupool *found = NULL;
    xtune_cpupool *pools;
    size_t nr, i, alike = 0;
    char **stored;
    int rc;

    rc = list_named(xen, arena, &pools, &nr, &stored, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++) {
        if (stored[i] && !strcmp(stored[i], name) && ++alike > 1)
            return two_alike(name, &pools[i], err);
        if (!strcmp(pools[i].name, name)) found = &pools[i];
    }
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, name, NULL,
                               "no such cpupool");
    *pool_r = *found;
    return 0;
}

int xt_xen_get_pools(xtune_backend *backend, xtune_arena *arena,
                     const xtune_cpupool **pools_r, size_t *nr_r,
                     xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xtune_cpupool *pools;
    int rc;

    rc = list_named(xen, arena, &pools, nr_r, NULL, err);
    if (!rc) *pools_r = pools;
    return rc;
}

/* A name that no pool has yet. */
static int check_new_name(xt_xen *xen, const char *name, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_cpupool *pools;
    char **stored;
    size_t nr, i;
    int rc;

    if (!name[0])
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "cpupool", NULL,
                               "the name \"\" is empty");
    rc = list_named(xen, arena, &pools, &nr, &stored, err);
    for (i = 0; !rc && i < nr; i++)
        if (!strcmp(pools[i].name, name) ||
            (stored[i] && !strcmp(stored[i], name)))
            rc = xtune_error_set(err, XTUNE_ERR_REFUSED, EEXIST, name, NULL,
                                 "there is such a cpupool already");
    return rc;
}

/* xenstore. */

static int store_error(xtune_error **err, const char *name)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, name, NULL,
                           "cannot keep its name in xenstore: %s",
                           strerror(errno));
}

/* The name, and the uuid where there is one; all or nothing. */
static int store_name(xt_xen *xen, uint32_t id, const char *name,
                      const char *uuid, xtune_error **err)
{
    XT_CLEANUP_FREE char *name_path = xt_xprintf("/local/pool/%u/name", id);
    XT_CLEANUP_FREE char *uuid_path = xt_xprintf("/local/pool/%u/uuid", id);
    struct xs_handle *xs;
    xs_transaction_t t;
    bool ok;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc) return rc;
    do {
        t = xs_transaction_start(xs);
        if (t == XBT_NULL) return store_error(err, name);
        ok = (!uuid ||
              xs_write(xs, t, uuid_path, uuid, (unsigned)strlen(uuid))) &&
             xs_write(xs, t, name_path, name, (unsigned)strlen(name));
        if (!ok) {
            const int errnum = errno;

            (void)xs_transaction_end(xs, t, true);
            errno = errnum;
            return store_error(err, name);
        }
        ok = xs_transaction_end(xs, t, false);
    } while (!ok && errno == EAGAIN);
    return ok ? 0 : store_error(err, name);
}

static int forget_name(xt_xen *xen, uint32_t id, const char *name,
                       xtune_error **err)
{
    XT_CLEANUP_FREE char *path = xt_xprintf("/local/pool/%u", id);
    struct xs_handle *xs;
    int rc;

    rc = xt_xen_store(xen, &xs, err);
    if (rc || xs_rm(xs, XBT_NULL, path) || errno == ENOENT) return rc;
    return store_error(err, name);
}

/* Making and ending. */

static void make_uuid(char uuid_r[37])
{
    xen_domain_handle_t bytes;

    while (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        ;
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    xt_xen_format_uuid(bytes, uuid_r);
}

static int refused(xtune_error **err, int errnum, const char *object,
                   const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, object, NULL, "%s",
                           why);
}

static int create_error(const char *name, xtune_error **err)
{
    switch (errno) {
    case ENOENT:
    case EINVAL: return refused(err, errno, name, "Xen has no such scheduler");
    case ENOSPC:
        return refused(err, errno, name,
                       "Xen has as many cpupools as it can have");
    }
    return xt_xen_error(err, name, "make it");
}

int xt_xen_create_pool(xtune_backend *backend, const char *name,
                       const char *scheduler, xtune_error **err)
{
    const int scheduler_id = xt_xen_scheduler_id(scheduler);
    uint32_t id = XC_CPUPOOL_POOLID_ANY;
    xt_xen *xen = (xt_xen *)backend;
    char uuid[37];
    int rc;

    if (scheduler_id < 0)
        return refused(err, EINVAL, name, "Xen has no such scheduler");
    rc = check_new_name(xen, name, err);
    if (rc) return rc;
    make_uuid(uuid);
    if (xc_cpupool_create(xen->xc, &id, (uint32_t)scheduler_id))
        return create_error(name, err);
    rc = store_name(xen, id, name, uuid, err);
    /* Nobody would find it without its name. */
    if (rc) (void)xc_cpupool_destroy(xen->xc, id);
    xt_xen_forget_pool_names(xen);
    return rc;
}

int xt_xen_destroy_pool(xtune_backend *backend, const char *name,
                        xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    xtune_cpupool pool;
    int rc;

    rc = xt_xen_find_pool(xen, arena, name, &pool, err);
    if (rc) return rc;
    if (!pool.id)
        return refused(err, EBUSY, name, "Xen keeps its first cpupool");
    if (xc_cpupool_destroy(xen->xc, pool.id)) {
        if (errno == EBUSY)
            return refused(err, EBUSY, name,
                           xtune_set_is_empty(&pool.cpus) ? "it has domains"
                                                          : "it has CPUs");
        return xt_xen_error(err, name, "remove it");
    }
    xt_xen_forget_pool_names(xen);
    return forget_name(xen, pool.id, name, err);
}

int xt_xen_rename_pool(xtune_backend *backend, const char *name,
                       const char *new_name, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    xtune_cpupool pool;
    int rc;

    rc = xt_xen_find_pool(xen, arena, name, &pool, err);
    if (rc || !strcmp(name, new_name)) return rc;
    rc = check_new_name(xen, new_name, err);
    if (!rc) rc = store_name(xen, pool.id, new_name, NULL, err);
    xt_xen_forget_pool_names(xen);
    return rc;
}

/* Pools of domains. */

int xt_xen_get_domain_pool(xtune_backend *backend, const xt_domain_ref *ref,
                           xtune_arena *arena, const char **pool_r,
                           xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    int rc;

    rc = xt_xen_find_domain(xen, ref, &info, err);
    if (!rc) rc = xt_xen_name_of_pool(xen, arena, info.cpupool, pool_r, err);
    if (rc || *pool_r) return rc;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, ref->name, NULL,
                           "it is in no cpupool");
}

static int move_error(const xt_domain_ref *ref, const xtune_cpupool *pool,
                      xtune_error **err)
{
    switch (errno) {
    case EPERM:
        return refused(err, errno, ref->name,
                       "Xen lets no domain move itself to another cpupool");
    case ENOENT:
        return refused(err, errno, ref->name,
                       xtune_set_is_empty(&pool->cpus)
                           ? "that cpupool has no CPU"
                           : "that cpupool is gone");
    case EBUSY:
        return refused(err, errno, ref->name,
                       "Xen has pinned one of its vCPUs for a while");
    case EINVAL:
        return refused(err, errno, ref->name,
                       "Xen does not move it: it is going");
    }
    return xt_xen_error(err, ref->name, "move it to another cpupool");
}

int xt_xen_set_domain_pool(xtune_backend *backend, const xt_domain_ref *ref,
                           const char *name, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    xtune_cpupool pool;
    int rc;

    rc = xt_xen_find_domain(xen, ref, &info, err);
    if (!rc) rc = xt_xen_find_pool(xen, arena, name, &pool, err);
    if (rc) return rc;
    if (xc_cpupool_movedomain(xen->xc, pool.id, info.domain))
        return move_error(ref, &pool, err);
    return 0;
}
