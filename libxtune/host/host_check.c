/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must hold between the parts of a host. */
#include <xtune/host.h>

#include <stdarg.h>
#include <string.h>

#include "base/util.h"
#include "host/host_check.h"
#include "host/pci_address.h"

typedef xt_host_checker checker;

int xt_host_contradiction(const checker *c, const char *fmt, ...)
{
    XT_CLEANUP_FREE char *text = NULL;
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (r < 0) xt_out_of_memory();
    return xtune_error_set(c->err, XTUNE_ERR_INVALID, 0, c->object,
                           "take it again with \"xltune snapshot\"",
                           "the host contradicts itself: %s", text);
}

/* For sorted lists: two neighbours with the same id. */
#define CHECK_UNIQUE(c, list, nr, what)                                       \
    do {                                                                      \
        size_t i_;                                                            \
                                                                              \
        for (i_ = 1; i_ < (nr); i_++)                                         \
            if ((list)[i_].id == (list)[i_ - 1].id)                           \
                return xt_host_contradiction((c), what " %u is there twice",  \
                                             (list)[i_].id);                  \
    } while (0)

static int check_ids(const checker *c)
{
    const xtune_host *host = c->host;

    CHECK_UNIQUE(c, host->nodes, host->nr_nodes, "node");
    CHECK_UNIQUE(c, host->cpus, host->nr_cpus, "CPU");
    CHECK_UNIQUE(c, host->cpupools, host->nr_cpupools, "cpupool");
    CHECK_UNIQUE(c, host->domains, host->nr_domains, "domain");
    return 0;
}

static int check_topology(const checker *c)
{
    const xtune_host *host = c->host;
    size_t i;

    for (i = 0; i < host->nr_nodes; i++) {
        const xtune_node *node = &host->nodes[i];

        if (node->distances && node->nr_distances &&
            node->nr_distances != host->nr_node_ids)
            return xt_host_contradiction(
                c,
                "node %u has %zu distances, the host has "
                "%u nodes",
                node->id, node->nr_distances, host->nr_node_ids);
        if (node->free_kb != XTUNE_UNKNOWN_KB &&
            node->free_kb > node->memory_kb)
            return xt_host_contradiction(c,
                                         "node %u has more free memory than "
                                         "memory",
                                         node->id);
        if (node->low_free_kb > node->free_kb)
            return xt_host_contradiction(c,
                                         "node %u has more free memory at low "
                                         "addresses than in all",
                                         node->id);
    }
    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        if (cpu->node != XTUNE_NONE &&
            !xtune_set_has(&host->node_ids, cpu->node))
            return xt_host_contradiction(c,
                                         "CPU %u is on node %u, which is not "
                                         "there",
                                         cpu->id, cpu->node);
    }
    return 0;
}

static int check_pools(const checker *c)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_host *host = c->host;
    xtune_set taken = xtune_set_new(arena, host->nr_cpu_ids), bad;
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &host->cpupools[i];

        bad = xtune_set_copy(arena, &pool->cpus);
        xtune_set_andnot(&bad, &host->cpu_ids);
        if (!xtune_set_is_empty(&bad))
            return xt_host_contradiction(
                c,
                "cpupool \"%s\" has CPU %s, which is not "
                "there",
                pool->name, xtune_set_format_ids(arena, &bad));
        bad = xtune_set_copy(arena, &pool->cpus);
        xtune_set_and(&bad, &taken);
        if (!xtune_set_is_empty(&bad))
            return xt_host_contradiction(
                c,
                "cpupool \"%s\" has CPU %s, which is in "
                "another pool",
                pool->name, xtune_set_format_ids(arena, &bad));
        if (xtune_host_cpupool(host, pool->name) != pool)
            return xt_host_contradiction(c, "two cpupools are called \"%s\"",
                                         pool->name);
        xtune_set_or(&taken, &pool->cpus);
    }
    return 0;
}

static int check_vcpus(const checker *c, const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        if (i && vcpu->id <= domain->vcpus[i - 1].id)
            return xt_host_contradiction(
                c,
                "domain \"%s\": vCPU %u is there twice, "
                "or out of order",
                domain->name, vcpu->id);
        if (vcpu->online && vcpu->cpu != XTUNE_NONE &&
            !xtune_set_has(&c->host->cpu_ids, vcpu->cpu))
            return xt_host_contradiction(
                c,
                "domain \"%s\": vCPU %u is on CPU %u, "
                "which is not there",
                domain->name, vcpu->id, vcpu->cpu);
        if (xtune_set_is_empty(&vcpu->hard))
            return xt_host_contradiction(
                c,
                "domain \"%s\": vCPU %u may run on no "
                "CPU",
                domain->name, vcpu->id);
    }
    return 0;
}

static int check_domains(const checker *c)
{
    const xtune_host *host = c->host;
    size_t i, j;
    int rc;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (domain->cpupool && !xtune_host_cpupool(host, domain->cpupool))
            return xt_host_contradiction(c,
                                         "domain \"%s\" is in cpupool \"%s\", "
                                         "which is not there",
                                         domain->name, domain->cpupool);
        rc = check_vcpus(c, domain);
        if (rc) return rc;
        for (j = 0; j < domain->nr_pci; j++)
            if (!xt_pci_address_is_valid(domain->pci[j]))
                return xt_host_contradiction(
                    c,
                    "domain \"%s\" holds \"%s\", which "
                    "is no PCI address",
                    domain->name, domain->pci[j]);
    }
    return 0;
}

int xtune_host_check(const xtune_host *host, const char *object,
                     xtune_error **err)
{
    static int (*const checks[])(const checker *) = {
        check_ids,         check_topology,    check_pools,       check_domains,
        xt_host_check_pci, xt_host_check_usb, xt_host_check_dom0,
    };
    const checker c = { host, object, err };
    size_t i;
    int rc;

    for (i = 0; i < XT_ARRAY_SIZE(checks); i++) {
        rc = checks[i](&c);
        if (rc) return rc;
    }
    return 0;
}
