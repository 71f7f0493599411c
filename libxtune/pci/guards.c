/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guards: what taking a device away from dom0 would break. */
#include <string.h>

#include "base/util.h"
#include "host/uses.h"
#include "pci/parts.h"

/* "claim": see xtune_plan_pci_assignable(). */
const char *const xtune_pci_guards[] = {
    "disk",     "network", "display", "keyboard", "bridge",
    "siblings", "claim",   "unknown", NULL,
};

static const struct guard_kind {
    const char *guard, *hint;
} guard_kinds[] = {
    { "disk", "move what is on it to another disk, or unmount it" },
    { "network", "let another card have the route and the connection" },
    { "display", "give the console another card, or a serial line" },
};

const char *xt_pci_in_use(xtune_arena *arena, const xtune_host *host,
                          const xtune_pci *pci, const xtune_domain *domain)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);

    if (owner && owner != domain)
        return xtune_arena_printf(arena, "domain \"%s\" has it", owner->name);
    if (owner || pci->assignable) return NULL;
    return xt_uses_text(arena, pci->uses, pci->nr_uses, NULL);
}

static void add_guard(xtune_findings *findings, const char *name,
                      const xtune_pci *pci, const char *hint, const char *text)
{
    xt_findings_add(findings, name, XTUNE_FINDING_ERROR, pci->address, hint,
                    "%s", text)
        ->is_guard = true;
}

static const char *keyboard_of(const xtune_pci *pci)
{
    return xt_uses_first(pci->uses, pci->nr_uses, "keyboard");
}

bool xt_pci_has_only_keyboard(const xtune_host *host, const xtune_pci *pci,
                              const xtune_pci *const *taken, size_t nr_taken)
{
    size_t i;

    if (!keyboard_of(pci)) return false;
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *other = &host->pci[i];

        if (other != pci && keyboard_of(other) &&
            !xt_pci_is_among(other, taken, nr_taken) &&
            xt_pci_is_dom0s(host, other))
            return false;
    }
    return true;
}

static void guard_uses(xtune_findings *findings, const xtune_host *host,
                       const xtune_pci *pci, const xtune_pci *const *taken,
                       size_t nr_taken)
{
    const char *text;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(guard_kinds); i++) {
        text = xt_uses_text(findings->arena, pci->uses, pci->nr_uses,
                            guard_kinds[i].guard);
        if (text)
            add_guard(findings, guard_kinds[i].guard, pci, guard_kinds[i].hint,
                      text);
    }
    if (xt_pci_has_only_keyboard(host, pci, taken, nr_taken))
        add_guard(findings, "keyboard", pci,
                  "plug a keyboard in elsewhere, if the console needs one",
                  xtune_arena_printf(findings->arena,
                                     "the only keyboard, \"%s\", is at it",
                                     keyboard_of(pci)));
}

/* Host bridges and those to ISA are no bridges by their headers. */
static bool is_bridge(const xtune_pci *pci)
{
    const char *class_code = pci->class_code ? pci->class_code : "";

    return pci->is_bridge || !strncmp(class_code, "0600", 4) ||
           !strncmp(class_code, "0601", 4) || !strncmp(class_code, "0604", 4);
}

/* "0000:04:00.1 (its link "eth1" is up)" for each that is in use: functions of
 * its card, or what is on its bus. */
static const char *used_siblings(xtune_arena *arena, const xtune_host *host,
                                 const xtune_pci *pci,
                                 const xtune_pci *const *taken,
                                 size_t nr_taken, const xtune_domain *domain,
                                 bool of_bus)
{
    size_t nr, nr_used = 0, i;
    const xtune_pci **siblings = xtune_pci_siblings(arena, host, pci, &nr);
    const char **words = XTUNE_NEW_ARRAY(arena, const char *, nr);

    for (i = 0; i < nr; i++) {
        const char *use = xt_pci_in_use(arena, host, siblings[i], domain);

        if (use && xt_pci_shares_bus(pci, siblings[i]) == of_bus &&
            !xt_pci_is_among(siblings[i], taken, nr_taken))
            words[nr_used++] = xtune_arena_printf(arena, "%s (%s)",
                                                  siblings[i]->address, use);
    }
    return nr_used ? xt_findings_words(arena, words, nr_used) : NULL;
}

/* Its virtual functions that there are, as "0000:05:00.1 of "web1"". */
static const char *vfs_text(xtune_arena *arena, const xtune_host *host,
                            const xtune_pci *pci)
{
    const char **words = XTUNE_NEW_ARRAY(arena, const char *, host->nr_pci);
    size_t i, nr = 0;

    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *vf = &host->pci[i];
        const xtune_domain *owner;

        if (!vf->physfn || strcmp(vf->physfn, pci->address)) continue;
        owner = xtune_pci_owner(host, vf);
        words[nr++] = owner ? xtune_arena_printf(arena, "%s of \"%s\"",
                                                 vf->address, owner->name)
                            : vf->address;
    }
    if (nr) return xt_findings_words(arena, words, nr);
    return xt_pci_known(pci->vfs_enabled)
               ? xtune_arena_printf(arena, "%u", pci->vfs_enabled)
               : NULL;
}

static void guard_siblings(xtune_findings *findings, const xtune_host *host,
                           const xtune_pci *pci, const xtune_pci *const *taken,
                           size_t nr_taken, const xtune_domain *domain)
{
    xtune_arena *arena = findings->arena;
    const char *words = vfs_text(arena, host, pci);

    if (words)
        add_guard(
            findings, "siblings", pci,
            xtune_arena_printf(arena, "\"xltune sriov-set %s 0\" first",
                               pci->address),
            xtune_arena_printf(
                arena, "its virtual functions go with its driver: %s", words));
    words = used_siblings(arena, host, pci, taken, nr_taken, domain, true);
    if (words)
        add_guard(findings, "siblings", pci,
                  "let them go first, or take them along",
                  xtune_arena_printf(arena,
                                     "the IOMMU cannot tell it from others of "
                                     "its bus, which are in use: %s",
                                     words));
    if (xt_pci_resets_alone(pci)) return;
    words = used_siblings(arena, host, pci, taken, nr_taken, domain, false);
    if (words)
        add_guard(findings, "siblings", pci,
                  "let them go first, or take them along",
                  xtune_arena_printf(arena,
                                     "it cannot be reset without others of "
                                     "the same card, which are in use: %s",
                                     words));
}

void xt_pci_add_guards_to(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *pci, const xtune_pci *const *taken,
                          size_t nr_taken, const xtune_domain *domain)
{
    if (!xt_pci_is_dom0s(host, pci)) return;
    guard_uses(findings, host, pci, taken, nr_taken);
    if (is_bridge(pci))
        add_guard(findings, "bridge", pci, "take the devices behind it",
                  "it is a bridge: what is behind it goes through it");
    guard_siblings(findings, host, pci, taken, nr_taken, domain);
    if (!pci->uses)
        add_guard(findings, "unknown", pci,
                  "see what it is for with \"lspci -v\"",
                  "it is not known what dom0 does with it");
}

void xtune_pci_add_guards(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *pci, const xtune_pci *const *taken,
                          size_t nr_taken)
{
    xt_pci_add_guards_to(findings, host, pci, taken, nr_taken, NULL);
}
