/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must hold of PCI devices, and between them. */
#include "host/host_check.h"

#include <stdlib.h>
#include <string.h>

#include "host/pci_address.h"

static int compare_address(const void *key, const void *member)
{
    return strcmp(key, ((const xtune_pci *)member)->address);
}

/* Devices are in order. */
static bool is_there(const xtune_host *host, const char *address)
{
    return bsearch(address, host->pci, host->nr_pci, sizeof(*host->pci),
                   compare_address) != NULL;
}

static int check_bars(const xt_host_checker *c, const xtune_pci *pci)
{
    unsigned int seen = 0;
    size_t i;

    for (i = 0; i < pci->nr_bars; i++) {
        const xtune_pci_bar *bar = &pci->bars[i];

        if (seen & (1u << bar->index))
            return xt_host_contradiction(c, "PCI device %s has BAR %u twice",
                                         pci->address, bar->index);
        seen |= 1u << bar->index;
        if (strcmp(bar->kind, "io") != 0 && strcmp(bar->kind, "memory") != 0)
            return xt_host_contradiction(
                c, "BAR %u of PCI device %s is of kind \"%s\"", bar->index,
                pci->address, bar->kind);
        if (!bar->bytes || bar->start > UINT64_MAX - (bar->bytes - 1))
            return xt_host_contradiction(c,
                                         "BAR %u of PCI device %s has no end",
                                         bar->index, pci->address);
    }
    return 0;
}

/* A bridge need not be in the list: some have no function of their own. */
static int check_bridges(const xt_host_checker *c, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < pci->nr_bridges; i++) {
        if (!xt_pci_address_is_valid(pci->bridges[i]))
            return xt_host_contradiction(
                c, "PCI device %s is behind \"%s\", which is no PCI address",
                pci->address, pci->bridges[i]);
        if (!strcmp(pci->bridges[i], pci->address))
            return xt_host_contradiction(c, "PCI device %s is behind itself",
                                         pci->address);
    }
    return 0;
}

static int check_functions(const xt_host_checker *c, const xtune_pci *pci)
{
    if (pci->physfn && !strcmp(pci->physfn, pci->address))
        return xt_host_contradiction(
            c, "PCI device %s is a virtual function of itself", pci->address);
    if (pci->physfn && !is_there(c->host, pci->physfn))
        return xt_host_contradiction(c,
                                     "PCI device %s is a virtual function of "
                                     "\"%s\", which is not there",
                                     pci->address, pci->physfn);
    if (pci->vfs_total != XTUNE_NONE && pci->vfs_enabled != XTUNE_NONE &&
        pci->vfs_enabled > pci->vfs_total)
        return xt_host_contradiction(
            c, "PCI device %s has %u of %u virtual functions", pci->address,
            pci->vfs_enabled, pci->vfs_total);
    return 0;
}

static int check_device(const xt_host_checker *c, const xtune_pci *pci)
{
    int rc;

    if (pci->node != XTUNE_NONE &&
        !xtune_set_has(&c->host->node_ids, pci->node))
        return xt_host_contradiction(c,
                                     "PCI device %s is on node %u, which is "
                                     "not there",
                                     pci->address, pci->node);
    rc = check_bridges(c, pci);
    if (!rc) rc = check_bars(c, pci);
    if (!rc) rc = check_functions(c, pci);
    return rc;
}

int xt_host_check_pci(const xt_host_checker *c)
{
    const xtune_host *host = c->host;
    size_t i;
    int rc;

    for (i = 0; i < host->nr_pci; i++) {
        const char *address = host->pci[i].address;

        if (!xt_pci_address_is_valid(address))
            return xt_host_contradiction(c, "\"%s\" is no PCI address",
                                         address);
        if (i && !strcmp(address, host->pci[i - 1].address))
            return xt_host_contradiction(c, "PCI device %s is there twice",
                                         address);
    }
    for (i = 0; i < host->nr_pci; i++) {
        rc = check_device(c, &host->pci[i]);
        if (rc) return rc;
    }
    return 0;
}
