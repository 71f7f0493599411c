/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "host/attachment.h"
#include "host/host_fields.h"
#include "report/pci.h"

static xt_json *new_report(xtune_arena *arena, const char *schema)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", schema);
    return json;
}

static const char *state_of(const xtune_host *host, const xtune_pci *pci)
{
    return xtune_pci_state_name(xtune_pci_state_of(host, pci));
}

char *xtune_report_pci_assignable_json(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, "xtune/pci-assignable/1");
    xt_json *devices = xt_json_array(arena), *one;
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (!xt_pci_is_assignable(host, pci)) continue;
        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "address", pci->address);
        xt_json_add_string(arena, one, "name", pci->assignable_name);
        xt_json_add_string(arena, one, "state", state_of(host, pci));
        xt_json_append(arena, devices, one);
    }
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}

char *xtune_report_pci_list_json(const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, "xtune/pci-list/1");
    xt_json *devices = xt_json_array(arena), *one;
    size_t i;

    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    for (i = 0; i < domain->nr_attached; i++) {
        one = xt_attachment_to_json(arena, &domain->attached[i]);
        xt_json_add_string(arena, one, "address", domain->attached[i].address);
        xt_json_append(arena, devices, one);
    }
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}

static void add_names(xtune_arena *arena, xt_json *json, xt_pci_names *names,
                      const xtune_pci *pci)
{
    xt_json_add_string(arena, json, "class_name",
                       xt_pci_names_class(names, arena, pci));
    xt_json_add_string(arena, json, "vendor_name",
                       xt_pci_names_vendor(names, arena, pci));
    xt_json_add_string(arena, json, "device_name",
                       xt_pci_names_device(names, arena, pci));
    xt_json_add_string(arena, json, "subsystem_name",
                       xt_pci_names_subsystem(names, arena, pci));
}

static xt_json *siblings_json(xtune_arena *arena, const xtune_host *host,
                              const xtune_pci *pci)
{
    size_t nr, i;
    const xtune_pci **siblings = xtune_pci_siblings(arena, host, pci, &nr);
    xt_json *json = xt_json_array(arena);

    for (i = 0; i < nr; i++)
        xt_json_append(arena, json,
                       xt_json_string(arena, siblings[i]->address));
    return json;
}

/* As in xtune/host/1, and what follows from it. */
static xt_json *device_json(xtune_arena *arena, xt_pci_names *names,
                            const xtune_pci_view *view, const xtune_pci *pci)
{
    const xtune_host *host = view->host;
    const xtune_domain *owner = xtune_pci_owner(host, pci);
    xt_json *json = xt_host_object_to_json(arena, host, &xt_pci_type, pci);

    add_names(arena, json, names, pci);
    xt_json_add_string(arena, json, "state", state_of(host, pci));
    xt_json_add_string(arena, json, "domain", owner ? owner->name : NULL);
    xt_json_add_string(arena, json, "path",
                       xtune_pci_identity_of(arena, pci).path);
    xt_json_add(arena, json, "siblings", siblings_json(arena, host, pci));
    xt_json_add(
        arena, json, "contradictions",
        xt_pci_findings_json(arena, view->contradictions, pci->address));
    return json;
}

char *xtune_report_pci_json(const xtune_pci_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, "xtune/pci/1");
    xt_json *devices = xt_json_array(arena);
    xt_pci_names *names = xt_pci_names_open(view->root);
    const int iommu = xt_pci_iommu(view->host);
    size_t i;

    for (i = 0; i < view->host->nr_pci; i++)
        if (!view->pci || view->pci == &view->host->pci[i])
            xt_json_append(
                arena, devices,
                device_json(arena, names, view, &view->host->pci[i]));
    xt_json_add(arena, json, "iommu",
                iommu < 0 ? xt_json_null(arena) : xt_json_bool(arena, iommu));
    xt_json_add(arena, json, "devices", devices);
    if (!view->pci)
        xt_json_add(arena, json, "contradictions",
                    xt_pci_findings_json(arena, view->contradictions, NULL));
    xt_pci_names_close(names);
    return xt_json_print(json);
}

static xt_json *functions_json(xtune_arena *arena, const xtune_host *host,
                               const xtune_pci *pf)
{
    xt_json *json = xt_json_array(arena), *one;
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *vf = &host->pci[i];
        const xtune_domain *owner = xtune_pci_owner(host, vf);

        if (!vf->physfn || strcmp(vf->physfn, pf->address)) continue;
        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "address", vf->address);
        xt_json_add_string(arena, one, "state", state_of(host, vf));
        xt_json_add_string(arena, one, "driver", vf->driver);
        xt_json_add_string(arena, one, "domain", owner ? owner->name : NULL);
        xt_json_append(arena, json, one);
    }
    return json;
}

char *xtune_report_sriov_json(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, "xtune/sriov/1");
    xt_json *devices = xt_json_array(arena), *one;
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pf = &host->pci[i];

        if (!pf->vfs_total || pf->vfs_total == XTUNE_NONE) continue;
        one = xt_json_object(arena);
        xt_json_add_string(arena, one, "address", pf->address);
        xt_json_add_u64(arena, one, "vfs_total", pf->vfs_total);
        xt_json_add(arena, one, "vfs_enabled",
                    pf->vfs_enabled == XTUNE_NONE
                        ? xt_json_null(arena)
                        : xt_json_u64(arena, pf->vfs_enabled));
        xt_json_add(arena, one, "functions", functions_json(arena, host, pf));
        xt_json_append(arena, devices, one);
    }
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}
