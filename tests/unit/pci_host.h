/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts with PCI devices, made by hand. */
#ifndef TEST_PCI_HOST_H
#define TEST_PCI_HOST_H

#include <xtune/pci.h>

#include "host_text.h"

/* A device about which everything is known, and nothing of which stands in
 * the way: dom0 has it, and does nothing with it. */
static inline xtune_pci plain_device(xtune_host *host, const char *address)
{
    static const char *flr = "flr";

    return (xtune_pci){
        .address = address,
        .class_code = "020000",
        .vendor = "8086",
        .device = "100e",
        .driver = "e1000",
        .node = XTUNE_NONE,
        .subsystem_vendor = "1af4",
        .subsystem_device = "1100",
        .root = "pci0000:00",
        .reset = &flr,
        .nr_reset = 1,
        .msi = 1,
        .uses = XTUNE_NEW_ARRAY(host->arena, xtune_use, 1),
        .claimed_by = XTUNE_NONE,
    };
}

/* A host of one node and one CPU with such devices. */
static inline xtune_host *host_with_devices(const char *const *addresses,
                                            size_t nr)
{
    static const char text[] =
        "{ \"schema\": \"xtune/host/1\", \"xen\": { \"capabilities\": [\"hvm\","
        " \"hvm_directio\"] }, \"nodes\": [ { \"id\": 0, \"memory_kb\": 4096,"
        " \"free_kb\": 0 } ], \"cpus\": [ { \"id\": 0, \"node\": 0 } ] }";
    xtune_host *host = host_of(text);
    size_t i;

    host->has_pci_details = true;
    host->pci = XTUNE_NEW_ARRAY(host->arena, xtune_pci, nr);
    host->nr_pci = nr;
    for (i = 0; i < nr; i++)
        host->pci[i] = plain_device(host, addresses[i]);
    return host;
}

/* Another use that dom0 has for a device. */
static inline void use_device(xtune_host *host, xtune_pci *pci,
                              const char *kind, const char *what)
{
    pci->uses = xtune_arena_grow(host->arena, pci->uses, pci->nr_uses,
                                 sizeof(*pci->uses));
    pci->uses[pci->nr_uses++] = (xtune_use){ .kind = kind, .what = what };
}

/* Another domain, which holds a device; address may be NULL. */
static inline xtune_domain *add_domain(xtune_host *host, const char *name,
                                       enum xtune_domain_type type,
                                       const char *address)
{
    xtune_domain *domain;

    host->domains = xtune_arena_grow(host->arena, host->domains,
                                     host->nr_domains, sizeof(*domain));
    domain = &host->domains[host->nr_domains++];
    *domain = (xtune_domain){
        .id = (uint32_t)host->nr_domains,
        .name = name,
        .type = type,
        .pci = XTUNE_NEW_ARRAY(host->arena, const char *, 1),
        .nr_pci = address != NULL,
    };
    domain->pci[0] = address;
    return domain;
}

/* The finding of this name whose text and hint hold this part; NULL. */
static inline const xtune_finding *find_finding(const xtune_findings *findings,
                                                const char *name,
                                                const char *part)
{
    size_t i;

    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        if (!strcmp(f->name, name) &&
            (strstr(f->text, part) || (f->hint && strstr(f->hint, part))))
            return f;
    }
    return NULL;
}

static inline void print_findings(const xtune_findings *findings)
{
    static const char *const levels[] = { "note", "warning", "error" };
    size_t i;

    for (i = 0; i < findings->nr; i++)
        print_message("%s %s %s%s: %s (%s)\n", findings->items[i].object,
                      levels[findings->items[i].level],
                      findings->items[i].name,
                      findings->items[i].is_guard ? ", guard" : "",
                      findings->items[i].text,
                      findings->items[i].hint ? findings->items[i].hint : "-");
}

/* There is such a finding, of this level, and it is a guard or is none. */
static inline void expect_finding(const xtune_findings *findings,
                                  const char *name,
                                  enum xtune_finding_level level,
                                  bool is_guard, const char *part)
{
    const xtune_finding *f = find_finding(findings, name, part);

    if (!f || f->level != level || f->is_guard != is_guard) {
        print_findings(findings);
        fail_msg("there is no such %s, \"%s\"", name, part);
    }
}

/* Nothing of this name was found. */
static inline void expect_none(const xtune_findings *findings,
                               const char *name)
{
    if (!find_finding(findings, name, "")) return;
    print_findings(findings);
    fail_msg("there is a %s", name);
}

#endif
