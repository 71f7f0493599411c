/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of PCI devices: byte for byte as xl prints them, and with all that
 * tells which one to take. */
#include "report/pci.h"

#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/table.h"
#include "report/text.h"
#include "report/used.h"

bool xt_pci_is_assignable(const xtune_host *host, const xtune_pci *pci)
{
    return pci->assignable && pci->claimed_by == XTUNE_NONE &&
           !xtune_pci_owner(host, pci);
}

char *xtune_report_pci_assignable(const xtune_host *host, bool names)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i;

    xt_text_open(&text);
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];
        const char *name = names ? pci->assignable_name : NULL;

        if (xt_pci_is_assignable(host, pci))
            fprintf(text.out, "%s %s\n", pci->address,
                    name ? xt_text_safe(arena, name) : "");
    }
    return xt_text_close(&text);
}

const xtune_attachment *xt_pci_attachment_of(const xtune_domain *domain,
                                             const char *address)
{
    size_t i;

    for (i = 0; i < domain->nr_attached; i++)
        if (!strcmp(domain->attached[i].address, address))
            return &domain->attached[i];
    return NULL;
}

char *xtune_report_pci_list(const xtune_domain *domain)
{
    xt_text text;
    size_t i;

    xt_text_open(&text);
    if (domain->nr_attached) fputs("Vdev Device\n", text.out);
    for (i = 0; i < domain->nr_attached; i++) {
        const xtune_attachment *one = &domain->attached[i];

        /* xl's word for "not known" is 0. */
        fprintf(text.out, "%02x.%01x %s\n",
                one->slot == XTUNE_NONE ? 0 : one->slot, one->function,
                one->address);
    }
    return xt_text_close(&text);
}

/* All devices. */

const char *xt_pci_title(xtune_arena *arena, xt_pci_names *names,
                         const xtune_pci *pci)
{
    const char *class = xt_pci_names_class(names, arena, pci);
    const char *vendor = xt_pci_names_vendor(names, arena, pci);
    const char *device = xt_pci_names_device(names, arena, pci);

    if (!class) class = pci->class_code ? pci->class_code : "?";
    if (!vendor)
        vendor =
            xtune_arena_printf(arena, "%s:%s", pci->vendor ? pci->vendor : "?",
                               pci->device ? pci->device : "?");
    else if (!device)
        device = pci->device ? pci->device : "?";
    return xt_text_safe(arena, xtune_arena_printf(arena, "%s: %s%s%s", class,
                                                  vendor, device ? " " : "",
                                                  device ? device : ""));
}

const char *xt_pci_used_by(xtune_arena *arena, const xtune_host *host,
                           const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);

    if (owner) return xt_text_name(arena, owner->name);
    return xt_used_summary(arena, pci->uses, pci->nr_uses);
}

static void put_number(xt_table *table, uint32_t number)
{
    if (number == XTUNE_NONE)
        xt_table_cell(table, "-");
    else
        xt_table_cell(table, "%u", number);
}

static void put_row(xt_table *table, xt_pci_names *names,
                    const xtune_host *host, const xtune_pci *pci)
{
    const enum xtune_pci_state state = xtune_pci_state_of(host, pci);

    xt_table_cell(table, "%s", pci->address);
    put_number(table, pci->node);
    xt_table_cell(table, "%s",
                  pci->driver ? xt_text_safe(table->arena, pci->driver) : "-");
    xt_table_cell(table, "%s", xtune_pci_state_name(state));
    xt_table_cell(table, "%s", xt_pci_used_by(table->arena, host, pci));
    xt_table_cell(table, "%s", xt_pci_title(table->arena, names, pci));
}

static void put_devices(FILE *out, xtune_arena *arena, xt_pci_names *names,
                        const xtune_host *host)
{
    xt_table table = { .arena = arena };
    size_t i;

    xt_table_column(&table, false, "Device");
    xt_table_column(&table, true, "Node");
    xt_table_column(&table, false, "Driver");
    xt_table_column(&table, false, "State");
    xt_table_column(&table, false, "Used by");
    xt_table_column(&table, false, "Name");
    for (i = 0; i < host->nr_pci; i++)
        put_row(&table, names, host, &host->pci[i]);
    xt_table_print(out, &table);
}

char *xtune_report_pci(const xtune_pci_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_pci_names *names = xt_pci_names_open(view->root);
    xt_text text;

    xt_text_open(&text);
    if (view->pci)
        xt_pci_put_device(text.out, arena, names, view->host, view->pci);
    else
        put_devices(text.out, arena, names, view->host);
    xt_pci_put_findings(text.out, arena, view->contradictions,
                        view->pci ? view->pci->address : NULL);
    xt_pci_names_close(names);
    return xt_text_close(&text);
}

/* Virtual functions. */

static bool is_of(const xtune_pci *vf, const xtune_pci *pf)
{
    return vf->physfn && !strcmp(vf->physfn, pf->address);
}

static void put_functions(xt_table *table, const xtune_host *host,
                          const xtune_pci *pf, const xtune_pci *vf)
{
    xt_table_cell(table, "%s", pf->address);
    put_number(table, pf->vfs_total);
    put_number(table, pf->vfs_enabled);
    xt_table_cell(table, "%s", vf ? vf->address : "-");
    xt_table_cell(table, "%s",
                  vf ? xtune_pci_state_name(xtune_pci_state_of(host, vf))
                     : "-");
    xt_table_cell(table, "%s",
                  vf ? xt_pci_used_by(table->arena, host, vf) : "-");
}

char *xtune_report_sriov(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_table table = { .arena = arena };
    xt_text text;
    size_t i, k;

    xt_table_column(&table, false, "Device");
    xt_table_column(&table, true, "Total");
    xt_table_column(&table, true, "Enabled");
    xt_table_column(&table, false, "Function");
    xt_table_column(&table, false, "State");
    xt_table_column(&table, false, "Used by");
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pf = &host->pci[i];
        bool any = false;

        if (!pf->vfs_total || pf->vfs_total == XTUNE_NONE) continue;
        for (k = 0; k < host->nr_pci; k++) {
            if (!is_of(&host->pci[k], pf)) continue;
            put_functions(&table, host, pf, &host->pci[k]);
            any = true;
        }
        if (!any) put_functions(&table, host, pf, NULL);
    }
    xt_text_open(&text);
    xt_table_print(text.out, &table);
    return xt_text_close(&text);
}
