/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving CPUs between pools. Xen moves one at a time, with all that come and
 * go with it. One that is busy with something it cannot leave is then in no
 * pool, and Xen moves no other until that one has been taken out or given back
 * (xen.git xen/include/public/sysctl.h, "Error return values of cpupool
 * operations").
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "backend/xen.h"
#include "base/util.h"

#define TRIES 10
#define PAUSE_MS 20

#define TO_NONE XTUNE_NONE

typedef struct cpu_mover {
    xt_xen *xen;
    xtune_arena *arena;
    const char *object; /* of messages */
    uint32_t to;        /* pool; TO_NONE */
    xtune_cpupool *pools;
    size_t nr_pools;
} cpu_mover;

static void take_breath(void)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };

    nanosleep(&pause, NULL);
}

/* What passes by itself: a vCPU that Xen has pinned, another CPU on its way,
 * Xen at work on it, of which it says that to try again will help. Domains of
 * a pool stay. */
static bool passes(int errnum)
{
    return errnum == EADDRINUSE || errnum == EADDRNOTAVAIL || errnum == EAGAIN;
}

static int refusal(const cpu_mover *m, unsigned int cpu, bool out,
                   xtune_error **err)
{
    const int errnum = errno;
    const char *why, *hint = NULL;

    switch (errnum) {
    case EBUSY:
        why = "its cpupool has domains, and this is its last CPU";
        break;
    case EADDRINUSE:
        why = "Xen has pinned a vCPU to it for a while";
        hint = "try again in a moment";
        break;
    case EAGAIN:
        why = "Xen is at work on it";
        hint = "try again in a moment";
        break;
    case EADDRNOTAVAIL:
        why = "another CPU is on its way from one cpupool to another";
        hint = "try again in a moment";
        break;
    case ENODEV:
        why = out ? "it is no longer in that cpupool"
                  : "it is not free, or one that comes and goes with it is "
                    "not";
        break;
    case EINVAL:
        why = cpu ? "it is off" : "Xen keeps CPU 0 in its first cpupool";
        break;
    case ENOENT: why = "its cpupool is gone"; break;
    default: return xt_xen_error(err, m->object, "move a CPU");
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, errnum, m->object, hint,
                           "Xen does not %s CPU %u: %s", out ? "free" : "take",
                           cpu, why);
}

/* Where all CPUs are now: others may have gone with the last one. */
static int look(cpu_mover *m, xtune_error **err)
{
    return xt_xen_list_pools(m->xen, m->arena, m->xen->nr_cpu_ids, &m->pools,
                             &m->nr_pools, err);
}

static const xtune_cpupool *pool_with(const cpu_mover *m, unsigned int cpu)
{
    size_t i;

    for (i = 0; i < m->nr_pools; i++)
        if (xtune_set_has(&m->pools[i].cpus, cpu)) return &m->pools[i];
    return NULL;
}

static int take_out(const cpu_mover *m, uint32_t from, unsigned int cpu,
                    xtune_error **err)
{
    int tries, errnum;

    for (tries = 0;; tries++) {
        if (!xc_cpupool_removecpu(m->xen->xc, from, (int)cpu)) return 0;
        if (!passes(errno) || tries >= TRIES) break;
        take_breath();
    }
    errnum = errno;
    /* Half out it would keep all others from moving. */
    if (errnum == EADDRINUSE || errnum == EAGAIN)
        (void)xc_cpupool_addcpu(m->xen->xc, from, (int)cpu);
    errno = errnum;
    return refusal(m, cpu, true, err);
}

/* One that an attempt was cut off with, out of a pool that only Xen knows. */
static bool finish_taking_out(const cpu_mover *m, unsigned int cpu)
{
    size_t i;

    for (i = 0; i < m->nr_pools; i++)
        if (m->pools[i].id != m->to &&
            !xc_cpupool_removecpu(m->xen->xc, m->pools[i].id, (int)cpu))
            return true;
    return false;
}

static int put_in(const cpu_mover *m, unsigned int cpu, xtune_error **err)
{
    int tries, errnum;

    for (tries = 0;; tries++) {
        if (!xc_cpupool_addcpu(m->xen->xc, m->to, (int)cpu)) return 0;
        errnum = errno;
        if (!passes(errnum) || tries >= TRIES) break;
        if (errnum != EADDRNOTAVAIL || !finish_taking_out(m, cpu))
            take_breath();
    }
    errno = errnum;
    return refusal(m, cpu, false, err);
}

static int take_all_out(cpu_mover *m, const xtune_set *cpus, xtune_error **err)
{
    const xtune_cpupool *from;
    unsigned int cpu;
    int rc;

    for (cpu = xtune_set_next(cpus, 0); cpu != XTUNE_SET_END;
         cpu = xtune_set_next(cpus, cpu + 1)) {
        rc = look(m, err);
        if (rc) return rc;
        from = pool_with(m, cpu);
        if (!from || from->id == m->to) continue;
        rc = take_out(m, from->id, cpu, err);
        if (rc) return rc;
    }
    return 0;
}

static int put_all_in(cpu_mover *m, const xtune_set *cpus, xtune_error **err)
{
    const xtune_cpupool *now;
    unsigned int cpu;
    int rc;

    for (cpu = xtune_set_next(cpus, 0); cpu != XTUNE_SET_END;
         cpu = xtune_set_next(cpus, cpu + 1)) {
        rc = look(m, err);
        if (rc) return rc;
        now = pool_with(m, cpu);
        if (now && now->id == m->to) continue;
        rc = put_in(m, cpu, err);
        if (rc) return rc;
    }
    return 0;
}

/* Xen looks at the CPU that is named alone: by another of its core CPU 0 would
 * leave the first pool, without which Xen does not work as it should. */
static int keep_cpu_0(const cpu_mover *m, const xtune_set *cpus,
                      xtune_error **err)
{
    xtune_cpupool *first = m->pools;
    xtune_set units;
    xtune_host *host;
    int rc;

    if (!m->nr_pools || first->id || m->to == first->id ||
        !xtune_set_has(&first->cpus, 0))
        return 0;
    xt_xen_read_granularity(m->xen, first, 1);
    host = xtune_host_new();
    rc = xt_xen_read_cpus(m->xen, host, err);
    if (!rc) {
        xtune_host_index(host);
        units = xtune_host_units(m->arena, host, cpus, first->granularity);
        if (xtune_set_has(&units, 0))
            rc = xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, m->object,
                                 NULL,
                                 "Xen keeps CPU 0 in its first cpupool, and "
                                 "what goes with it");
    }
    xtune_host_free(host);
    return rc;
}

int xt_xen_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                     const char *pool, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    cpu_mover m = {
        .xen = (xt_xen *)backend,
        .arena = arena,
        .object = pool ? pool : "cpupool",
        .to = TO_NONE,
    };
    xtune_cpupool to;
    int rc;

    if (pool) {
        rc = xt_xen_find_pool(m.xen, arena, pool, &to, err);
        if (rc) return rc;
        m.to = to.id;
    }
    rc = look(&m, err);
    if (!rc) rc = keep_cpu_0(&m, cpus, err);
    if (!rc) rc = take_all_out(&m, cpus, err);
    if (!rc && pool) rc = put_all_in(&m, cpus, err);
    return rc;
}
