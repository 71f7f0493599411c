/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What would go wrong with a domain that gets devices. */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "pci/checks.h"

#define MAX_DEVICES 8 /* more than that nobody tests in a guest */
#define HOLE_BYTES (UINT64_C(2) << 30)
#define MIB (UINT64_C(1) << 20)

bool xt_pci_may_be(const xt_pci_checks *c, enum xtune_domain_type type)
{
    return !c->domain || c->domain->type == XTUNE_TYPE_UNKNOWN ||
           c->domain->type == type;
}

static bool has_capability(const xtune_host *host, const char *word)
{
    size_t i;

    for (i = 0; i < host->xen.nr_capabilities; i++)
        if (!strcmp(host->xen.capabilities[i], word)) return true;
    return false;
}

bool xt_pci_has_iommu(const xtune_host *host, enum xtune_domain_type type)
{
    return !host->xen.capabilities || has_capability(host, "hvm_directio") ||
           (type == XTUNE_TYPE_PV && has_capability(host, "pv_directio"));
}

static void check_type(const xt_pci_checks *c)
{
    if (!c->domain) return;
    if (!c->domain->id)
        xt_findings_add(c->findings, "type", XTUNE_FINDING_ERROR, c->object,
                        NULL, "it is dom0, which has what nobody else has");
    else if (c->domain->type == XTUNE_TYPE_PVH)
        xt_findings_add(c->findings, "type", XTUNE_FINDING_ERROR, c->object,
                        "type=\"hvm\" in its configuration",
                        "it is a PVH guest, to which Xen gives no devices");
    else if (c->domain->type == XTUNE_TYPE_UNKNOWN)
        xt_findings_add(c->findings, "type", XTUNE_FINDING_NOTE, c->object,
                        NULL,
                        "it is not known whether it is a PV or an HVM guest");
}

static void check_iommu(const xt_pci_checks *c)
{
    static const char *const hint =
        "turn VT-d or AMD-Vi on in the firmware, and boot Xen without "
        "\"iommu=off\"";

    if (!c->host->xen.capabilities)
        xt_findings_add(c->findings, "iommu", XTUNE_FINDING_NOTE, c->object,
                        NULL, "it is not known whether Xen has an IOMMU");
    if (xt_pci_may_be(c, XTUNE_TYPE_HVM) &&
        !xt_pci_has_iommu(c->host, XTUNE_TYPE_HVM))
        xt_findings_add(
            c->findings, "iommu", XTUNE_FINDING_ERROR, c->object, hint,
            "Xen has no IOMMU to use: no HVM guest can have a device");
    if (xt_pci_may_be(c, XTUNE_TYPE_PV) &&
        !xt_pci_has_iommu(c->host, XTUNE_TYPE_PV))
        xt_findings_add(c->findings, "pv", XTUNE_FINDING_WARNING, c->object,
                        hint,
                        "without an IOMMU a PV guest can write to all of the "
                        "host's memory through a device");
}

static void check_pciback(const xt_pci_checks *c)
{
    if (!c->host->boot.pciback || strcmp(c->host->boot.pciback, "missing"))
        return;
    xt_findings_add(
        c->findings, "pciback", XTUNE_FINDING_ERROR, c->object,
        "dom0 needs a kernel with CONFIG_XEN_PCIDEV_BACKEND",
        "dom0's kernel has no xen-pciback, which serves devices to "
        "guests");
}

/* Those that the domain has already, and will have, once each. */
static const xtune_pci **all_devices(const xt_pci_checks *c, size_t *nr_r)
{
    const size_t nr_pci = c->domain ? c->domain->nr_pci : 0;
    const xtune_pci **all =
        XTUNE_NEW_ARRAY(c->arena, const xtune_pci *, nr_pci + c->nr);
    size_t i;

    *nr_r = 0;
    for (i = 0; i < nr_pci; i++) {
        const xtune_pci *pci = xtune_host_pci(c->host, c->domain->pci[i]);

        if (pci) all[(*nr_r)++] = pci;
    }
    for (i = 0; i < c->nr; i++)
        if (!xt_pci_is_among(c->devices[i], all, *nr_r))
            all[(*nr_r)++] = c->devices[i];
    return all;
}

/* What dom0 has by the same setting stays. */
static const char *irqs_hint(const xt_pci_checks *c, unsigned int vectors)
{
    unsigned int domu, dom0;

    xt_pci_extra_irqs(c->host, &domu, &dom0);
    return dom0
               ? xtune_arena_printf(c->arena,
                                    "boot Xen with \"extra_guest_irqs=%u,%u\"",
                                    vectors, dom0)
               : xtune_arena_printf(c->arena,
                                    "boot Xen with \"extra_guest_irqs=%u\"",
                                    vectors);
}

static void check_vectors(const xt_pci_checks *c, const xtune_pci **all,
                          size_t nr)
{
    const unsigned int sum = xtune_pci_vectors(all, nr);
    const unsigned int may = xtune_pci_extra_irqs(c->host);
    const char **words = XTUNE_NEW_ARRAY(c->arena, const char *, nr);
    size_t i, nr_words = 0;

    for (i = 0; i < nr; i++) {
        const unsigned int vectors = xtune_pci_vectors(&all[i], 1);

        if (vectors)
            words[nr_words++] = xtune_arena_printf(c->arena, "%s %u",
                                                   all[i]->address, vectors);
    }
    if (!nr_words) return;
    if (sum > may)
        xt_findings_add(c->findings, "msix", XTUNE_FINDING_ERROR, c->object,
                        irqs_hint(c, sum),
                        "its devices can take %u vectors (%s), and Xen lets a "
                        "guest have %u",
                        sum, xt_findings_words(c->arena, words, nr_words),
                        may);
    else
        xt_findings_add(
            c->findings, "msix", XTUNE_FINDING_NOTE, c->object, NULL,
            "its devices can take %u of the %u vectors that Xen lets a "
            "guest have (%s)",
            sum, may, xt_findings_words(c->arena, words, nr_words));
}

static void check_count(const xt_pci_checks *c, size_t nr)
{
    if (nr <= MAX_DEVICES) return;
    xt_findings_add(
        c->findings, "count", XTUNE_FINDING_WARNING, c->object,
        "leave some out",
        "%zu devices in one guest are more than the %d that are known "
        "to work",
        nr, MAX_DEVICES);
}

static uint64_t bar_bytes(const xtune_pci *const *devices, size_t nr)
{
    uint64_t sum = 0;
    size_t i, j;

    for (i = 0; i < nr; i++)
        for (j = 0; j < devices[i]->nr_bars; j++) {
            const xtune_pci_bar *bar = &devices[i]->bars[j];

            if (strcmp(bar->kind, "memory")) continue;
            if (__builtin_add_overflow(sum, bar->bytes, &sum))
                return UINT64_MAX;
        }
    return sum;
}

static void check_bars(const xt_pci_checks *c, const xtune_pci **all,
                       size_t nr)
{
    const uint64_t bytes = bar_bytes(all, nr);

    if (bytes <= HOLE_BYTES || !xt_pci_may_be(c, XTUNE_TYPE_HVM)) return;
    xt_findings_add(
        c->findings, "bar", XTUNE_FINDING_NOTE, c->object,
        "mmio_hole=3072 in its configuration, where the guest does not "
        "find them above 4 GiB",
        "its devices have %" PRIu64 " MiB of memory of their own, more "
        "than an HVM guest has room for below 4 GiB",
        bytes / MIB);
}

/* The nodes that its memory is on; false where that is not known. */
static bool memory_nodes(const xt_pci_checks *c, xtune_set *nodes_r)
{
    unsigned int id;

    *nodes_r = xtune_set_new(c->arena, c->host->nr_node_ids);
    if (!c->domain->memory_by_node_kb) return false;
    for (id = 0; id < c->host->nr_node_ids; id++)
        if (c->domain->memory_by_node_kb[id]) xtune_set_add(nodes_r, id);
    return !xtune_set_is_empty(nodes_r);
}

static void check_node(const xt_pci_checks *c, const xtune_pci *pci)
{
    xtune_set run, memory;
    bool has_memory;

    if (!c->domain || pci->node == XTUNE_NONE) return;
    run = xtune_domain_run_nodes(c->arena, c->host, c->domain, NULL, NULL);
    /* Nobody asked for its vCPUs. */
    if (xtune_set_is_empty(&run)) return;
    has_memory = memory_nodes(c, &memory);
    if (xtune_set_has(&run, pci->node) &&
        (!has_memory || xtune_set_has(&memory, pci->node)))
        return;
    xt_findings_add(c->findings, "node", XTUNE_FINDING_WARNING, pci->address,
                    xtune_arena_printf(
                        c->arena, "\"xltune rehome %s %u\" before it has it",
                        c->domain->name, pci->node),
                    "it is on node %u; domain \"%s\" runs on %s%s%s",
                    pci->node, c->domain->name,
                    xtune_set_format_ids(c->arena, &run),
                    has_memory ? ", and its memory is on " : "",
                    has_memory ? xtune_set_format_ids(c->arena, &memory) : "");
}

/* libxl asks Xen for the IOMMU when a domain is made, where it has a device
 * then. */
static void check_passthrough(const xt_pci_checks *c)
{
    if (!c->domain || !c->domain->pci || c->domain->nr_pci ||
        c->domain->type == XTUNE_TYPE_PVH || !c->domain->id)
        return;
    xt_findings_add(
        c->findings, "passthrough", XTUNE_FINDING_NOTE, c->object,
        "passthrough=\"enabled\" in its configuration, and make it "
        "again",
        "it has no device so far: Xen gives it one while it runs only "
        "where it was made for that");
}

void xt_pci_check_domain(const xt_pci_checks *c)
{
    size_t nr, i;
    const xtune_pci **all = all_devices(c, &nr);

    check_type(c);
    check_iommu(c);
    check_pciback(c);
    check_passthrough(c);
    check_vectors(c, all, nr);
    check_count(c, nr);
    check_bars(c, all, nr);
    for (i = 0; i < c->nr; i++)
        check_node(c, c->devices[i]);
    xt_findings_add(
        c->findings, "migration", XTUNE_FINDING_NOTE, c->object, NULL,
        "while a guest has a device there is no live migration, no "
        "suspend, and no snapshot of its memory");
}
