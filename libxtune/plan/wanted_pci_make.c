/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done about devices that records want. */
#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/pci_wanter.h"

static bool is_wanted(const xt_pci_wanter *w, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < w->nr; i++)
        if (w->wanted[i].pci == pci) return !w->wanted[i].blocked;
    return false;
}

/* Making them assignable. */

/* Functions of one card, whose addresses differ in the last digit alone;
 * virtual ones stand for themselves. */
static bool same_card(const xtune_pci *a, const xtune_pci *b)
{
    const size_t len = strlen(a->address);

    if (a->physfn || b->physfn) return a == b;
    return len == strlen(b->address) &&
           !strncmp(a->address, b->address, len - 1);
}

static void block(const xt_pci_wanter *w, xt_wanted_device *wanted,
                  const char *why)
{
    wanted->blocked = true;
    if (wanted->pci->assignable) return;
    xt_plan_add_blocked(w->plan, "pci-assignable", wanted->pci->address,
                        "assignable", why);
}

/* What guards say against a device that goes along with these. */
static bool is_kept(const xt_pci_wanter *w, xt_wanted_device *wanted,
                    const xtune_pci *const *card, size_t nr)
{
    xtune_findings *findings = xtune_findings_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    xtune_pci_add_guards(findings, w->host, wanted->pci, card, nr);
    if (xtune_findings_heed(findings, w->request->forced,
                            w->request->nr_forced, &why))
        block(
            w, wanted,
            xtune_arena_printf(w->arena, "%s: %s", why->object, why->message));
    xtune_findings_free(findings);
    return wanted->blocked;
}

/* Whether one more of the card is kept. */
static bool check_rest(xt_pci_wanter *w, size_t first, const xtune_pci **card)
{
    const xtune_pci *pci = w->wanted[first].pci;
    size_t nr = 0, i;

    for (i = first; i < w->nr; i++)
        if (!w->wanted[i].blocked && same_card(pci, w->wanted[i].pci))
            card[nr++] = w->wanted[i].pci;
    for (i = first; i < w->nr; i++) {
        xt_wanted_device *wanted = &w->wanted[i];

        if (wanted->blocked || !same_card(pci, wanted->pci)) continue;
        wanted->checked = true;
        if (is_kept(w, wanted, card, nr)) return true;
    }
    return false;
}

/* What is wanted of a card goes together; what is kept of it may keep others:
 * functions that are reset together. */
static void check_card(xt_pci_wanter *w, size_t first)
{
    const xtune_pci **card =
        XTUNE_NEW_ARRAY(w->arena, const xtune_pci *, w->nr);

    while (check_rest(w, first, card))
        ;
}

/* Its card was looked at as a whole. */
static void make_assignable(xt_pci_wanter *w, xt_wanted_device *wanted)
{
    const xtune_pci_request request = {
        .host = w->host,
        .forced = w->forced,
        .nr_forced = w->request->nr_forced + 1,
    };
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    if (xt_plan_add_assignable(w->plan, &request, &wanted->pci, 1,
                               wanted->name, &why))
        block(w, wanted, xt_pci_why(w, why));
}

void xt_pci_make_assignable(xt_pci_wanter *w)
{
    const size_t nr_forced = w->request->nr_forced;
    size_t i;

    w->forced = XTUNE_NEW_ARRAY(w->arena, const char *, nr_forced + 1);
    for (i = 0; i < nr_forced; i++)
        w->forced[i] = w->request->forced[i];
    w->forced[nr_forced] = "siblings";
    for (i = 0; i < w->nr; i++) {
        if (!w->wanted[i].checked) check_card(w, i);
        if (!w->wanted[i].blocked) make_assignable(w, &w->wanted[i]);
    }
}

/* Giving them to domains. */

/* NULL: nothing is in the way but what attaching itself finds. */
static const char *obstacle(const xt_pci_wanter *w, const xt_gift *gift)
{
    const xtune_domain *domain = &w->host->domains[gift->domain];
    size_t i;

    if (!is_wanted(w, gift->pci)) return "it is not assignable";
    if (domain->type == XTUNE_TYPE_PV && domain->state & XTUNE_STATE_PAUSED)
        return "the domain is paused, and would not take it: \"xl unpause\" "
               "goes first";
    for (i = 0; i < domain->nr_attached; i++)
        if (gift->wish->slot != XTUNE_NONE &&
            domain->attached[i].slot == gift->wish->slot)
            return xtune_arena_printf(w->arena,
                                      "slot %x of the domain has "
                                      "device %s",
                                      gift->wish->slot,
                                      domain->attached[i].address);
    return NULL;
}

void xt_pci_count(xt_pci_wanter *w, const xtune_pci *device, size_t index)
{
    const xtune_host *host = w->then ? w->then : w->host;
    const xtune_domain *before = &host->domains[index];
    xtune_domain *domain;
    const char **pci;
    size_t i;

    pci = XTUNE_NEW_ARRAY(w->arena, const char *, before->nr_pci + 1);
    for (i = 0; i < before->nr_pci; i++)
        pci[i] = before->pci[i];
    pci[i] = device->address;
    if (!w->then) {
        w->then = XTUNE_NEW(w->arena, xtune_host);
        *w->then = *host;
        w->then->domains =
            XTUNE_NEW_ARRAY(w->arena, xtune_domain, host->nr_domains);
        for (i = 0; i < host->nr_domains; i++)
            w->then->domains[i] = host->domains[i];
    }
    domain = &w->then->domains[index];
    domain->pci = pci;
    domain->nr_pci++;
}

static void give(xt_pci_wanter *w, const xt_gift *gift)
{
    const xtune_domain *domain = &w->host->domains[gift->domain];
    const xtune_pci_request request = { .host = w->host };
    XT_CLEANUP_ERROR xtune_error *error = NULL;
    const char *why = obstacle(w, gift);

    if (!why && xt_plan_add_attach(w->plan, &request, domain, gift->wish,
                                   gift->pci, &error))
        why = xt_pci_why(w, error);
    if (why)
        xt_plan_add_blocked(w->plan, "pci",
                            xtune_arena_printf(w->arena, "%s/%s", domain->name,
                                               gift->pci->address),
                            gift->pci->address, why);
    else
        xt_pci_count(w, gift->pci, gift->domain);
}

void xt_pci_give(xt_pci_wanter *w)
{
    size_t i;

    for (i = 0; i < w->nr_gifts; i++)
        give(w, &w->gifts[i]);
}
