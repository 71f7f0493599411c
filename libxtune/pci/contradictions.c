/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the command line, pciback, the toolstack's store and domains tell
 * different things. */
#include <string.h>

#include "base/util.h"
#include "boot/boot.h"
#include "pci/parts.h"

#define PCIBACK "pciback"

/* A hide list as it stands somewhere. */
typedef struct hide_list {
    const char *where;
    const char *text; /* NULL: there is none */
    xtune_pci_hidden *hidden;
    size_t nr;
} hide_list;

static hide_list read_list(xtune_findings *findings, const xtune_host *host,
                           const char *line, const char *where)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    hide_list list = {
        .where = where,
        .text = xt_pci_list_of(findings->arena, host, line),
    };

    if (list.text && xtune_pci_hide_parse(findings->arena, list.text, where,
                                          &list.hidden, &list.nr, &err))
        xt_findings_add(findings, "hide", XTUNE_FINDING_ERROR, where,
                        err->hint, "%s", err->message);
    return list;
}

/* XenLinux' name for it; Linux does not know it, and does not say so. */
static void add_old_key(xtune_findings *findings, const char *line,
                        const char *where)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    if (line && xt_boot_value(arena, line, "pciback.hide") &&
        !xt_boot_value(arena, line, "xen-pciback.hide"))
        xt_findings_add(
            findings, "hide", XTUNE_FINDING_WARNING, where,
            "let it be \"xen-pciback.hide\"",
            "\"pciback.hide\" is what old kernels of Xen's own take; "
            "for Linux it is nothing");
}

static void add_missing(xtune_findings *findings, const xtune_host *host,
                        const hide_list *list)
{
    size_t i, j;

    for (i = 0; i < list->nr; i++) {
        for (j = 0; j < host->nr_pci; j++)
            if (xtune_pci_hide_has(&list->hidden[i], 1, host->pci[j].address))
                break;
        if (j == host->nr_pci)
            xt_findings_add(
                findings, "hide", XTUNE_FINDING_WARNING, list->where,
                "\"xltune pci-show\" lists all devices",
                "item %zu of the hide list, \"%s\", means no device "
                "that is there",
                i + 1, list->hidden[i].text);
    }
}

/* Hidden when this boot began and when the next one does, so that nobody
 * wanted dom0 to have it. */
static void add_not_taken(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *pci)
{
    if (pci->driver)
        xt_findings_add(
            findings, "hidden", XTUNE_FINDING_WARNING, pci->address,
            xtune_arena_printf(findings->arena,
                               "\"xltune pci-assignable-add %s\"; where "
                               "xen-pciback is a module, let it be "
                               "loaded before %s",
                               pci->address, pci->driver),
            "it is in the hide list, and dom0's driver \"%s\" has it",
            pci->driver);
    else
        xt_findings_add(
            findings, "hidden", XTUNE_FINDING_WARNING, pci->address,
            host->boot.pciback && !strcmp(host->boot.pciback, "missing")
                ? "dom0 needs a kernel with CONFIG_XEN_PCIDEV_BACKEND"
                : "\"modprobe xen-pciback\", if it is a module that is "
                  "not loaded",
            "it is in the hide list, and pciback does not have it");
}

/* What dom0 cannot do without goes at the next boot. */
static void add_in_use(xtune_findings *findings, const xtune_host *host,
                       const xtune_pci *pci)
{
    xtune_findings *guards = xtune_findings_new();
    size_t i;

    xtune_pci_add_guards(guards, host, pci, NULL, 0);
    for (i = 0; i < guards->nr; i++) {
        if (!strcmp(guards->items[i].name, "unknown")) continue;
        xt_findings_add(findings, "hidden", XTUNE_FINDING_ERROR, pci->address,
                        xtune_arena_printf(findings->arena,
                                           "\"xltune pci-unhide --boot %s\"",
                                           pci->address),
                        "dom0 does not have it after the next boot, but %s",
                        guards->items[i].text);
    }
    xtune_findings_free(guards);
}

static void add_hide_list(xtune_findings *findings, const xtune_host *host)
{
    const xtune_boot *boot = &host->boot;
    const char *line = xt_pci_next_line(host);
    const hide_list next = read_list(
        findings, host, line,
        boot->dom0_configured && boot->source ? boot->source : "command line");
    hide_list now = next;
    size_t i;

    if (boot->dom0_running && line && strcmp(line, boot->dom0_running) != 0)
        now = read_list(findings, host, boot->dom0_running, "this boot");
    add_old_key(findings, line, next.where);
    add_missing(findings, host, &next);
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (!xt_pci_is_dom0s(host, pci) ||
            !xtune_pci_hide_has(next.hidden, next.nr, pci->address))
            continue;
        add_in_use(findings, host, pci);
        if (boot->dom0_running &&
            xtune_pci_hide_has(now.hidden, now.nr, pci->address))
            add_not_taken(findings, host, pci);
    }
}

static const xtune_domain *domain_of(const xtune_host *host, uint32_t id)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == id) return &host->domains[i];
    return NULL;
}

void xt_pci_add_claim(xtune_findings *findings, const xtune_host *host,
                      const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);
    const xtune_domain *claimer = domain_of(host, pci->claimed_by);

    if (pci->claimed_by == XTUNE_NONE || (owner && owner == claimer)) return;
    if (!claimer)
        xt_findings_add(
            findings, "claim", XTUNE_FINDING_WARNING, pci->address,
            xtune_arena_printf(findings->arena,
                               "\"xltune pci-assignable-add %s\" "
                               "forgets that",
                               pci->address),
            "xenstore says that domain %u has it, which is gone: xl "
            "does not take it for assignable",
            pci->claimed_by);
    else
        xt_findings_add(
            findings, "claim", XTUNE_FINDING_WARNING, pci->address,
            "see whether xl is attaching it at this moment",
            "xenstore says that domain \"%s\" has it, which has it not",
            claimer->name);
}

/* What domains are said to have. */
static void add_owner(xtune_findings *findings, const xtune_host *host,
                      const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);
    size_t i, j;

    if (!owner) return;
    if (!pci->assignable && pci->driver && strcmp(pci->driver, PCIBACK) != 0)
        xt_findings_add(
            findings, "assigned", XTUNE_FINDING_ERROR, pci->address,
            xtune_arena_printf(findings->arena,
                               "\"xltune pci-detach --force %s %s\"",
                               owner->name, pci->address),
            "domain \"%s\" is said to have it, and so does dom0's "
            "driver \"%s\"",
            owner->name, pci->driver);
    for (i = (size_t)(owner - host->domains) + 1; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_pci; j++)
            if (!strcmp(host->domains[i].pci[j], pci->address))
                xt_findings_add(
                    findings, "assigned", XTUNE_FINDING_ERROR, pci->address,
                    "detach it from the one that does not use it",
                    "domains \"%s\" and \"%s\" are both said to have "
                    "it",
                    owner->name, host->domains[i].name);
}

void xtune_pci_add_contradictions(xtune_findings *findings,
                                  const xtune_host *host,
                                  const xtune_policy *policy)
{
    size_t i;

    add_hide_list(findings, host);
    for (i = 0; i < host->nr_pci; i++) {
        xt_pci_add_claim(findings, host, &host->pci[i]);
        add_owner(findings, host, &host->pci[i]);
    }
    /* Without details no device can be told from another one. */
    if (policy && host->has_pci_details)
        xt_pci_add_record_contradictions(findings, host, policy);
}
