/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of devices that are given to guests. */
#include <inttypes.h>
#include <string.h>

#include <xtune/pci.h>

#include "check/domains.h"
#include "pci/parts.h"

/* pci-count */

#define MAX_DEVICES 8

#define FEW_DEVICES "8 PCI devices or fewer"

static enum xt_verdict look_at_count(xt_check *check,
                                     const xtune_domain *domain)
{
    if (!domain->pci) return XT_UNKNOWN;
    if (domain->nr_pci <= MAX_DEVICES) return XT_GOOD;
    xt_fault_add(check, &(xt_fault){
                            .status = XTUNE_CHECK_WARN,
                            .object = domain->name,
                            .expected = FEW_DEVICES,
                            .actual = xtune_arena_printf(check->arena, "%zu",
                                                         domain->nr_pci),
                            .text = "more than that nobody tests in a guest",
                            .fix = XTUNE_FIX_PERSON,
                            .how = "spread them over several domains",
                        });
    return XT_TOLD;
}

void xt_check_pci_count(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_count);
    xt_tally_end(check, &tally, FEW_DEVICES,
                 "which devices domains have is not known");
}

/* guest-irqs */

/* Those that a domain has, in the arena. */
static const xtune_pci **devices_of(const xt_check *check,
                                    const xtune_domain *domain, size_t *nr_r)
{
    const xtune_pci **devices =
        XTUNE_NEW_ARRAY(check->arena, const xtune_pci *, domain->nr_pci);
    size_t i;

    *nr_r = 0;
    for (i = 0; i < domain->nr_pci; i++) {
        devices[*nr_r] = xtune_host_pci(check->host, domain->pci[i]);
        *nr_r += devices[*nr_r] != NULL;
    }
    return devices;
}

static void add_few_irqs(xt_check *check, const xtune_domain *domain,
                         unsigned int sum)
{
    unsigned int domu, dom0;
    const char *value;

    xt_pci_extra_irqs(check->host, &domu, &dom0);
    value = dom0 ? xtune_arena_printf(check->arena, "%u,%u", sum, dom0)
                 : xtune_arena_printf(check->arena, "%u", sum);
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected =
                xtune_arena_printf(check->arena,
                                   "extra_guest_irqs of %u or more: so many "
                                   "vectors its devices can take",
                                   sum),
            .actual = xtune_arena_printf(check->arena, "%u", domu),
            .text = "a driver that gets fewer than it wants fails, or shares "
                    "queues",
            .fix = XTUNE_FIX_BOOT,
            .how = xtune_arena_printf(
                check->arena, "\"xltune cmdline set xen extra_guest_irqs=%s\"",
                value),
        });
}

static enum xt_verdict look_at_irqs(xt_check *check,
                                    const xtune_domain *domain)
{
    const xtune_pci **devices;
    unsigned int sum;
    size_t nr;

    if (!domain->nr_pci) return XT_LEFT;
    devices = devices_of(check, domain, &nr);
    sum = xtune_pci_vectors(devices, nr);
    if (sum > xtune_pci_extra_irqs(check->host)) {
        add_few_irqs(check, domain, sum);
        return XT_TOLD;
    }
    return nr < domain->nr_pci ? XT_UNKNOWN : XT_GOOD;
}

void xt_check_guest_irqs(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    if (!check->host->has_pci_details) {
        xt_skip(check, NULL, "devices are not known in detail");
        return;
    }
    if (!check->host->xen.command_line) {
        xt_skip(check, NULL, "Xen's command line is not known");
        return;
    }
    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_irqs);
    xt_tally_end(check, &tally,
                 xtune_arena_printf(check->arena,
                                    "its devices take %u vectors or fewer, as "
                                    "extra_guest_irqs allows",
                                    xtune_pci_extra_irqs(check->host)),
                 tally.nr_unknown
                     ? "devices that domains have are not among those that "
                       "are known"
                     : "no domain has a device");
}

/* shared-rmrr */

/* The finding of a device whose reserved memory is another's as well; NULL. */
static const xtune_finding *shared_memory(const xtune_findings *findings)
{
    size_t i;

    for (i = 0; i < findings->nr; i++)
        if (!strcmp(findings->items[i].name, "rmrr") &&
            findings->items[i].level == XTUNE_FINDING_ERROR)
            return &findings->items[i];
    return NULL;
}

/* True where it is as it should be. */
static bool check_reserved(xt_check *check, const xtune_pci *pci)
{
    xtune_findings *findings = xtune_findings_new();
    const xtune_finding *shared;

    xtune_pci_add_checks(findings, check->host, &pci, 1,
                         xtune_pci_owner(check->host, pci));
    shared = shared_memory(findings);
    if (shared)
        xt_fault_add(check,
                     &(xt_fault){
                         .status = XTUNE_CHECK_WARN,
                         .object = pci->address,
                         .expected = "memory that firmware keeps for it is no "
                                     "other's",
                         .actual = shared->text,
                         .text = "\"shared RMRR\" in Xen's messages",
                         .fix = XTUNE_FIX_PERSON,
                         .how = shared->hint,
                     });
    xtune_findings_free(findings);
    return !shared;
}

void xt_check_shared_rmrr(xt_check *check)
{
    xt_tally tally = { .what = "device" };
    size_t i;

    if (!check->host->has_pci_details) {
        xt_skip(check, NULL, "devices are not known in detail");
        return;
    }
    for (i = 0; i < check->host->nr_pci; i++) {
        const xtune_pci *pci = &check->host->pci[i];

        if (!pci->assignable && !xtune_pci_owner(check->host, pci)) continue;
        if (check_reserved(check, pci))
            tally.nr_good++;
        else
            tally.nr_bad++;
    }
    xt_tally_end(check, &tally,
                 "memory that firmware keeps for a device is no other's",
                 "no device is a guest's, or may be");
}
