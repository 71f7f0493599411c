/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's vCPUs, as libxl sets them (xen.git tools/libs/light/libxl_domain.c):
 * by what xenstore says of each. Unlike libxl this sees it done.
 */
#include "backend/xen_dom0.h"

#include <errno.h>

#include "backend/dom0_files.h"
#include "backend/dom0_write.h"
#include "base/util.h"

#define CPU_FOLDER "/sys/devices/system/cpu"

#define ONLINE_MS 2000 /* left to udev's rules, which not all hosts have */

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

    rc = xt_xen_dom0_look(xen, &domain, err);
    if (rc) return rc;
    *v = (vcpus){ .nr = domain.max_vcpu_id + 1, .in_order = true };
    for (i = 0; i < v->nr; i++) {
        xc_vcpuinfo_t info;

        if (xc_vcpu_getinfo(xen->xc, 0, i, &info))
            return xt_xen_error(err, XT_XEN_DOM0, "ask Xen for its vCPUs");
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
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, XT_XEN_DOM0,
                           "bring those online first that are between",
                           "its vCPUs that are online are not its first %u",
                           v.online);
}

static int write_availability(xt_xen *xen, uint32_t nr_vcpus, uint32_t nr,
                              xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen_node *nodes = XTUNE_NEW_ARRAY(arena, xt_xen_node, nr_vcpus);
    uint32_t i;

    for (i = 0; i < nr_vcpus; i++) {
        nodes[i].path = xtune_arena_printf(
            arena, XT_XEN_DOM0_STORE "/cpu/%u/availability", i);
        nodes[i].value = i < nr ? "online" : "offline";
    }
    return xt_xen_store_write(xen, nodes, nr_vcpus,
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
                                "1", XT_XEN_DOM0, NULL, NULL);
    }
}

static int wait_vcpus(xt_xen *xen, uint32_t nr, xtune_error **err)
{
    const uint64_t start_ms = xt_now_ms();
    uint64_t moved_ms = start_ms;
    uint32_t last = XTUNE_NONE;
    vcpus v;
    int rc;

    for (;;) {
        rc = read_vcpus(xen, &v, err);
        if (rc || (v.online == nr && v.in_order)) return rc;
        if (v.online != last) moved_ms = xt_now_ms();
        last = v.online;
        if (xt_now_ms() - moved_ms > XT_XEN_STALLED_MS) break;
        if (xt_now_ms() - start_ms > ONLINE_MS) use_cpus(xen, nr);
        xt_xen_pause_ms(XT_XEN_POLL_MS);
    }
    return xtune_error_set(err, XTUNE_ERR_BUSY, ETIMEDOUT, XT_XEN_DOM0, NULL,
                           "Linux has %u of its vCPUs online, and it did not "
                           "become %u in %d s",
                           v.online, nr, XT_XEN_STALLED_MS / 1000);
}

int xt_xen_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                          xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    vcpus v;
    int rc;

    rc = xt_xen_check_root(xen, XT_XEN_DOM0, err);
    if (!rc) rc = read_vcpus(xen, &v, err);
    if (rc) return rc;
    if (!nr || nr > v.nr)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, XT_XEN_DOM0,
                               "more of them take a boot",
                               "it was booted with %u vCPUs, and cannot have "
                               "%u",
                               v.nr, nr);
    rc = write_availability(xen, v.nr, nr, err);
    if (rc) return rc;
    rc = wait_vcpus(xen, nr, err);
    /* What is online tells how it is: nobody would see what is left here. */
    if (rc) (void)write_availability(xen, v.nr, v.online, NULL);
    return rc;
}
