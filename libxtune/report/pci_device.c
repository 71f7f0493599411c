/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One PCI device, a line a property. What is not known is left out. */
#include <string.h>

#include "base/util.h"
#include "report/pci.h"
#include "report/properties.h"
#include "report/used.h"

typedef struct device_writer {
    const xt_properties *to;
    xt_pci_names *names;
    const xtune_host *host;
    const xtune_pci *pci;
} device_writer;

static void put_list(const device_writer *w, const char *key,
                     const char *const *words, size_t nr)
{
    if (nr)
        xt_put_text(w->to, key,
                    xt_words_joined(w->to->arena, words, nr, ", "));
}

static void put_ids(const device_writer *w)
{
    const xtune_pci *pci = w->pci;

    xt_put_id(w->to, "class", pci->class_code,
              xt_pci_names_class(w->names, w->to->arena, pci));
    xt_put_id(w->to, "vendor", pci->vendor,
              xt_pci_names_vendor(w->names, w->to->arena, pci));
    xt_put_id(w->to, "device", pci->device,
              xt_pci_names_device(w->names, w->to->arena, pci));
    if (pci->subsystem_vendor && pci->subsystem_device)
        xt_put_id(w->to, "subsystem",
                  xtune_arena_printf(w->to->arena, "%s:%s",
                                     pci->subsystem_vendor,
                                     pci->subsystem_device),
                  xt_pci_names_subsystem(w->names, w->to->arena, pci));
    xt_put_text(w->to, "revision", pci->revision);
}

static void put_owner(const device_writer *w)
{
    const xtune_domain *owner = xtune_pci_owner(w->host, w->pci);
    const xtune_attachment *at;

    if (!owner) return;
    at = xt_pci_attachment_of(owner, w->pci->address);
    if (at && at->slot != XTUNE_NONE)
        xt_put(w->to, "domain", "%s, at %02x.%x", owner->name, at->slot,
               at->function);
    else
        xt_put_text(w->to, "domain", owner->name);
}

/* A claim that the domain does not know of is stale. */
static void put_claim(const device_writer *w)
{
    const uint32_t id = w->pci->claimed_by;
    size_t i;

    if (id == XTUNE_NONE) return;
    for (i = 0; i < w->host->nr_domains; i++)
        if (w->host->domains[i].id == id) {
            xt_put(w->to, "claimed by", "%u (%s)", id,
                   w->host->domains[i].name);
            return;
        }
    xt_put(w->to, "claimed by", "%u, which is gone", id);
}

static void put_state(const device_writer *w)
{
    const xtune_pci *pci = w->pci;

    xt_put_text(w->to, "driver", pci->driver ? pci->driver : "none");
    xt_put_text(w->to, "former driver", pci->former_driver);
    if (pci->node != XTUNE_NONE) xt_put(w->to, "node", "%u", pci->node);
    xt_put_text(w->to, "state",
                xtune_pci_state_name(xtune_pci_state_of(w->host, pci)));
    xt_put_text(w->to, "assignable as", pci->assignable_name);
    put_owner(w);
    put_claim(w);
}

int xt_pci_iommu(const xtune_host *host)
{
    const xtune_xen *xen = &host->xen;
    size_t i;

    if (!xen->capabilities) return -1;
    for (i = 0; i < xen->nr_capabilities; i++)
        if (!strcmp(xen->capabilities[i], "hvm_directio") ||
            !strcmp(xen->capabilities[i], "pv_directio"))
            return 1;
    return 0;
}

static void put_place(const device_writer *w)
{
    const xtune_pci_identity identity =
        xtune_pci_identity_of(w->to->arena, w->pci);
    const int iommu = xt_pci_iommu(w->host);
    const xtune_pci **siblings;
    size_t nr, i;

    xt_put_text(w->to, "path", identity.path);
    xt_put_text(w->to, "serial", identity.serial);
    put_list(w, "names", w->pci->names, w->pci->nr_names);
    if (iommu >= 0) xt_put_text(w->to, "iommu", iommu ? "on" : "off");
    put_list(w, "bridges", w->pci->bridges, w->pci->nr_bridges);
    if (w->pci->is_bridge) xt_put_text(w->to, "is a bridge", "yes");
    siblings = xtune_pci_siblings(w->to->arena, w->host, w->pci, &nr);
    for (i = 0; i < nr; i++)
        xt_put(w->to, "sibling", "%s, %s", siblings[i]->address,
               xtune_pci_state_name(xtune_pci_state_of(w->host, siblings[i])));
}

static const char *size_text(xtune_arena *arena, uint64_t bytes)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
    size_t i;

    for (i = 0; i + 1 < XT_ARRAY_SIZE(units) && bytes && !(bytes % 1024); i++)
        bytes /= 1024;
    return xtune_arena_printf(arena, "%llu %s", (unsigned long long)bytes,
                              units[i]);
}

static void put_bar(const device_writer *w, const xtune_pci_bar *bar)
{
    const char *key =
        bar->index == 6
            ? "rom"
            : xtune_arena_printf(w->to->arena, "bar %u", bar->index);

    xt_put(w->to, key, "%s at 0x%llx, %s%s%s",
           size_text(w->to->arena, bar->bytes), (unsigned long long)bar->start,
           bar->kind, bar->wide ? ", 64 bits" : "",
           bar->prefetchable ? ", prefetchable" : "");
}

static void put_vectors(const device_writer *w, const char *key, uint32_t nr)
{
    if (nr && nr != XTUNE_NONE)
        xt_put(w->to, key, "%u %s", nr, nr == 1 ? "vector" : "vectors");
}

static void put_sriov(const device_writer *w)
{
    const xtune_pci *pci = w->pci;
    size_t i;

    xt_put_text(w->to, "function of", pci->physfn);
    if (!pci->vfs_total || pci->vfs_total == XTUNE_NONE) return;
    xt_put(w->to, "sr-iov", "%u of %u virtual functions",
           pci->vfs_enabled == XTUNE_NONE ? 0 : pci->vfs_enabled,
           pci->vfs_total);
    for (i = 0; i < w->host->nr_pci; i++) {
        const xtune_pci *vf = &w->host->pci[i];

        if (vf->physfn && !strcmp(vf->physfn, pci->address))
            xt_put(w->to, "virtual", "%s, %s", vf->address,
                   xtune_pci_state_name(xtune_pci_state_of(w->host, vf)));
    }
}

static void put_abilities(const device_writer *w)
{
    const xtune_pci *pci = w->pci;
    size_t i;

    if (pci->reset && !pci->nr_reset) xt_put_text(w->to, "reset", "none");
    put_list(w, "reset", pci->reset, pci->nr_reset);
    for (i = 0; i < pci->nr_bars; i++)
        put_bar(w, &pci->bars[i]);
    put_vectors(w, "msi", pci->msi);
    put_vectors(w, "msi-x", pci->msix);
    put_sriov(w);
    put_list(w, "reserved", pci->reserved, pci->nr_reserved);
    if (pci->boot_vga) xt_put_text(w->to, "boot vga", "yes");
}

void xt_pci_put_device(FILE *out, xtune_arena *arena, xt_pci_names *names,
                       const xtune_host *host, const xtune_pci *pci)
{
    const xt_properties to = { out, arena };
    const device_writer w = { &to, names, host, pci };

    xt_put_text(&to, "address", pci->address);
    put_ids(&w);
    put_state(&w);
    put_place(&w);
    put_abilities(&w);
    xt_put_uses(&to, pci->uses, pci->nr_uses);
}
