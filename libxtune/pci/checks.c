/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What would go wrong with one device. */
#include <string.h>

#include "base/util.h"
#include "host/uses.h"
#include "pci/checks.h"

#define MAX_XEN_DOMAIN "ffff"

static void check_owner(const xt_pci_checks *c, const xtune_pci *pci)
{
    const xtune_domain *owner = xtune_pci_owner(c->host, pci);

    if (owner && owner != c->domain)
        xt_findings_add(
            c->findings, "assigned", XTUNE_FINDING_ERROR, pci->address,
            xtune_arena_printf(c->arena, "\"xltune pci-detach %s %s\"",
                               owner->name, pci->address),
            "domain \"%s\" has it", owner->name);
    xt_pci_add_claim(c->findings, c->host, pci);
    /* Xen has 16 bits for the domains of PCI. */
    if (strcspn(pci->address, ":") > strlen(MAX_XEN_DOMAIN))
        xt_findings_add(c->findings, "segment", XTUNE_FINDING_ERROR,
                        pci->address, "turn Intel VMD off in the firmware",
                        "its PCI domain is above " MAX_XEN_DOMAIN
                        ", where Xen knows no device");
}

/* What dom0 does with it that is worth a word, but no guard. */
static void check_uses(const xt_pci_checks *c, const xtune_pci *pci)
{
    static const struct {
        const char *kind, *name;
    } kinds[] = {
        { "link", "link" },
        { "keyboard", "input" },
        { "pointer", "input" },
    };
    size_t i, j;

    if (!xt_pci_is_dom0s(c->host, pci)) return;
    for (i = 0; i < pci->nr_uses; i++)
        for (j = 0; j < XT_ARRAY_SIZE(kinds); j++) {
            const char *kind = kinds[j].kind;

            if (strcmp(pci->uses[i].kind, kind)) continue;
            if (!strcmp(kind, "keyboard") &&
                xt_pci_has_only_keyboard(c->host, pci, c->devices, c->nr))
                continue;
            xt_findings_add(c->findings, kinds[j].name, XTUNE_FINDING_WARNING,
                            pci->address, "dom0 loses it", "%s",
                            xt_use_text(c->arena, &pci->uses[i]));
        }
}

/* Another device for which firmware keeps the same memory. */
static const xtune_pci *shares(const xtune_host *host, const xtune_pci *pci,
                               const char *range)
{
    size_t i, j;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *other = &host->pci[i];

        if (!strcmp(other->address, pci->address)) continue;
        for (j = 0; j < other->nr_reserved; j++)
            if (!strcmp(other->reserved[j], range)) return other;
    }
    return NULL;
}

static void check_reserved(const xt_pci_checks *c, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < pci->nr_reserved; i++) {
        const char *range = pci->reserved[i];
        const xtune_pci *other = shares(c->host, pci, range);

        if (other)
            xt_findings_add(
                c->findings, "rmrr", XTUNE_FINDING_ERROR, pci->address,
                "rdm_policy=relaxed lets Xen give it away, at the risk "
                "that what uses the other one can write to this "
                "guest's memory",
                "memory that firmware keeps for it, \"%s\", is that of "
                "%s as well: Xen refuses it with rdm_policy=strict",
                range, other->address);
        else
            xt_findings_add(
                c->findings, "rmrr", XTUNE_FINDING_NOTE, pci->address, NULL,
                "firmware keeps memory for it, \"%s\", which is then "
                "mapped into the guest",
                range);
    }
}

static void check_reset(const xt_pci_checks *c, const xtune_pci *pci)
{
    if (pci->nr_reset) return;
    xt_findings_add(
        c->findings, "reset", XTUNE_FINDING_WARNING, pci->address,
        "give it to guests only that trust each other, and boot the "
        "host before another one has it",
        "it cannot be reset: the next one to have it finds it as the "
        "last one left it");
}

enum left_kind {
    LEFT_USED, /* functions of its card that somebody may be using */
    LEFT_CARD, /* all functions of its card */
    LEFT_BUS,  /* all that is on its bus */
};

/* What does not go along. */
static const char *left_behind(const xt_pci_checks *c, const xtune_pci *pci,
                               enum left_kind kind)
{
    size_t nr, nr_left = 0, i;
    const xtune_pci **siblings =
        xtune_pci_siblings(c->arena, c->host, pci, &nr);
    const char **words = XTUNE_NEW_ARRAY(c->arena, const char *, nr);

    for (i = 0; i < nr; i++) {
        const xtune_domain *owner = xtune_pci_owner(c->host, siblings[i]);
        const char *driver = siblings[i]->driver;

        if (xt_pci_is_among(siblings[i], c->devices, c->nr) ||
            (owner && owner == c->domain) ||
            xt_pci_shares_bus(pci, siblings[i]) != (kind == LEFT_BUS))
            continue;
        if (kind == LEFT_USED && !owner &&
            (siblings[i]->assignable || !driver) && !siblings[i]->nr_uses)
            continue;
        if (owner) driver = owner->name;
        words[nr_left++] =
            driver ? xtune_arena_printf(c->arena, "%s (%s)",
                                        siblings[i]->address, driver)
                   : siblings[i]->address;
    }
    return nr_left ? xt_findings_words(c->arena, words, nr_left) : NULL;
}

static void check_siblings(const xt_pci_checks *c, const xtune_pci *pci)
{
    const bool alone = xt_pci_resets_alone(pci);
    const char *others = left_behind(c, pci, alone ? LEFT_USED : LEFT_CARD);

    if (others)
        xt_findings_add(
            c->findings, "siblings", XTUNE_FINDING_WARNING, pci->address,
            xtune_arena_printf(c->arena,
                               "give them to the same domain: \"%.*s.*\" "
                               "means all of them",
                               (int)strcspn(pci->address, "."), pci->address),
            alone ? "other functions of its card stay behind, which it may "
                    "reach past the IOMMU: %s"
                  : "it cannot be reset alone, so that others of its card "
                    "have to go along: %s",
            others);
    others = left_behind(c, pci, LEFT_BUS);
    if (others)
        xt_findings_add(
            c->findings, "siblings", XTUNE_FINDING_WARNING, pci->address,
            "give them to the same domain",
            "the IOMMU cannot tell it from others of its bus, which "
            "have to go along: %s",
            others);
}

static void check_virtual(const xt_pci_checks *c, const xtune_pci *pci)
{
    const xtune_pci *physical =
        pci->physfn ? xtune_host_pci(c->host, pci->physfn) : NULL;

    if (!pci->physfn) return;
    if (physical && (xt_pci_is_among(physical, c->devices, c->nr) ||
                     !xt_pci_is_dom0s(c->host, physical)))
        xt_findings_add(
            c->findings, "vf", XTUNE_FINDING_ERROR, pci->address,
            "give away either the one or the other",
            "it is a virtual function of %s, and gone when that goes",
            pci->physfn);
    else
        xt_findings_add(
            c->findings, "vf", XTUNE_FINDING_NOTE, pci->address, NULL,
            "it is a virtual function: %s, whose it is, has to stay "
            "with dom0",
            pci->physfn);
}

static void check_interrupt(const xt_pci_checks *c, const xtune_pci *pci)
{
    if (pci->msi || pci->msix) return;
    xt_findings_add(
        c->findings, "intx", XTUNE_FINDING_NOTE, pci->address, NULL,
        "it has neither MSI nor MSI-X: others may share its interrupt, "
        "which is not known");
}

static void check_boot(const xt_pci_checks *c, const xtune_pci *pci)
{
    const enum xtune_pci_state state = xtune_pci_state_of(c->host, pci);

    if (!xt_pci_next_line(c->host) ||
        (state != XTUNE_PCI_DOM0 && state != XTUNE_PCI_ASSIGNABLE_ONCE))
        return;
    xt_findings_add(c->findings, "boot", XTUNE_FINDING_NOTE, pci->address,
                    xtune_arena_printf(c->arena,
                                       "\"xltune pci-hide --boot %s\"",
                                       pci->address),
                    "it is not hidden at the next boot: dom0 has it then");
}

void xt_pci_check_device(const xt_pci_checks *c, const xtune_pci *pci)
{
    xt_pci_add_guards_to(c->findings, c->host, pci, c->devices, c->nr,
                         c->domain);
    check_owner(c, pci);
    if (c->host->has_pci_details) {
        check_uses(c, pci);
        check_reserved(c, pci);
        check_reset(c, pci);
        check_siblings(c, pci);
        check_virtual(c, pci);
        check_interrupt(c, pci);
    }
    check_boot(c, pci);
}

void xtune_pci_add_checks(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *const *devices, size_t nr,
                          const xtune_domain *domain)
{
    const xt_pci_checks c = {
        .findings = findings,
        .arena = findings->arena,
        .host = host,
        .devices = devices,
        .nr = nr,
        .domain = domain,
        .object = domain ? domain->name
                  : nr   ? devices[0]->address
                         : "host",
    };
    size_t i;

    for (i = 0; i < nr; i++)
        xt_pci_check_device(&c, devices[i]);
    if (nr) xt_pci_check_domain(&c);
}
