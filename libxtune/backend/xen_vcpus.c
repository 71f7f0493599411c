/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vCPUs with their masks, and domains' node affinity: calls for each. */
#include "backend/xen.h"

#include <errno.h>

#include "base/util.h"

xtune_set xt_xen_set_from_map(xtune_arena *arena, unsigned int nbits,
                              const uint8_t *map)
{
    xtune_set set = xtune_set_new(arena, nbits);
    unsigned int id;

    for (id = 0; id < nbits; id++)
        if (map[id / 8] >> id % 8 & 1) xtune_set_add(&set, id);
    return set;
}

static unsigned int vcpu_state(const xc_vcpuinfo_t *info)
{
    return (info->running ? XTUNE_STATE_RUNNING : 0u) |
           (info->blocked ? XTUNE_STATE_BLOCKED : 0u);
}

/* Adds a vCPU to the domain; it may have gone. */
static int add_vcpu(xt_xen *xen, xtune_host *host, xtune_domain *domain,
                    unsigned int id, xtune_error **err)
{
    const uint32_t both = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
    xc_vcpuinfo_t info;

    if (xc_vcpu_getinfo(xen->xc, domain->id, id, &info) ||
        xc_vcpu_getaffinity(xen->xc, domain->id, (int)id, xen->hard, xen->soft,
                            both)) {
        if (errno == ESRCH || errno == EINVAL) return 0;
        return xt_xen_error(err, domain->name[0] ? domain->name : "xen",
                            "ask Xen for its vCPUs");
    }
    domain->vcpus[domain->nr_vcpus++] = (xtune_vcpu){
        .id = id,
        .online = info.online,
        .cpu = info.cpu < host->nr_cpu_ids ? info.cpu : XTUNE_NONE,
        .state = vcpu_state(&info),
        .time_ns = info.cpu_time,
        .hard = xt_xen_set_from_map(host->arena, host->nr_cpu_ids, xen->hard),
        .soft = xt_xen_set_from_map(host->arena, host->nr_cpu_ids, xen->soft),
    };
    return 0;
}

int xt_xen_read_vcpus(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    size_t i, kept = 0;
    unsigned int id, nr;
    int rc;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        nr = xt_xen_listed_find(xen, domain->id)->nr_vcpu_ids;
        domain->vcpus = XTUNE_NEW_ARRAY(host->arena, xtune_vcpu, nr);
        for (id = 0; id < nr; id++) {
            rc = add_vcpu(xen, host, domain, id, err);
            if (rc) return rc;
        }
        /* It had some when it was listed. */
        if (nr && !domain->nr_vcpus) continue;
        host->domains[kept++] = *domain;
    }
    host->nr_domains = kept;
    return 0;
}

bool xt_xen_node_affinity(xt_xen *xen, xtune_arena *arena, unsigned int domid,
                          xtune_set *nodes_r)
{
    if (xc_domain_node_getaffinity(xen->xc, domid, xen->nodes)) return false;
    *nodes_r = xt_xen_set_from_map(arena, xen->nr_node_ids, xen->nodes);
    return !xtune_set_is_empty(nodes_r);
}

int xt_xen_read_node_affinity(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    size_t i, kept = 0;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        if (xc_domain_node_getaffinity(xen->xc, domain->id, xen->nodes)) {
            if (errno == ESRCH) continue;
            return xt_xen_error(err, domain->name[0] ? domain->name : "xen",
                                "ask Xen for its node affinity");
        }
        domain->node_affinity =
            xt_xen_set_from_map(host->arena, host->nr_node_ids, xen->nodes);
        domain->has_node_affinity = true;
        host->domains[kept++] = *domain;
    }
    host->nr_domains = kept;
    return 0;
}
