/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who wants what of devices, as records say. */
#include "plan/wanted_pci.h"

#include <string.h>

#include "base/util.h"
#include "pci/parts.h"
#include "plan/builder.h"
#include "plan/pci_wanter.h"
#include "plan/wanted_record.h"

const char *xt_pci_why(const xt_pci_wanter *w, const xtune_error *why)
{
    if (!why->hint) return why->message;
    return xtune_arena_printf(w->arena, "%s; %s", why->message, why->hint);
}

static const xtune_pci *find(const xt_pci_wanter *w,
                             const xtune_wanted_pci *wanted, xtune_error **err)
{
    const xtune_pci *pci;

    if (xtune_pci_resolve_wanted(w->host, wanted, &pci, err)) return NULL;
    return pci;
}
/* Whether the plan makes it anew, with the other functions of its kind. */
static bool is_made_anew(const xt_pci_wanter *w, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; pci->physfn && i < w->plan->nr_actions; i++)
        if (!strcmp(w->plan->actions[i].kind, "sriov") &&
            !strcmp(w->plan->actions[i].object, pci->physfn))
            return true;
    return false;
}

/* NULL, and told, where it is gone or another one; by its own address where
 * it is in another place now. */
static const xtune_pci *resolve(const xt_pci_wanter *w, const char *kind,
                                const char *object,
                                const xtune_wanted_pci *wanted)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xtune_pci *pci = find(w, wanted, &why);

    if (pci ? is_made_anew(w, pci)
            : why->code == XTUNE_ERR_NOT_FOUND && w->makes_vfs) {
        xt_plan_add_note(w->plan, wanted->address,
                         "when the virtual functions are made it is looked "
                         "for again");
        return NULL;
    }
    if (!pci)
        xt_plan_add_blocked(w->plan, kind, object, wanted->address,
                            xt_pci_why(w, why));
    else if (strcmp(pci->address, wanted->address))
        xt_plan_add_note(
            w->plan, pci->address,
            xtune_arena_printf(w->arena, "it is what %s knows as %s",
                               xtune_source_text(w->arena, wanted->source),
                               wanted->address));
    return pci;
}

/* What is to be assignable. */

static void want(xt_pci_wanter *w, const xtune_pci *pci, const char *name)
{
    size_t i;

    for (i = 0; i < w->nr; i++)
        if (w->wanted[i].pci == pci) return;
    w->wanted =
        xtune_arena_grow(w->arena, w->wanted, w->nr, sizeof(*w->wanted));
    w->wanted[w->nr++] = (xt_wanted_device){ .pci = pci, .name = name };
}

/* Virtual functions. */

static void want_vfs(xt_pci_wanter *w, const xtune_pci *pf)
{
    size_t i;

    for (i = 0; i < w->host->nr_pci; i++)
        if (w->host->pci[i].physfn &&
            !strcmp(w->host->pci[i].physfn, pf->address))
            want(w, &w->host->pci[i], NULL);
}

/* Those that are there go where their number is to be another one. */
static void add_vfs(xt_pci_wanter *w, const xtune_wanted_pci *wish,
                    const xtune_pci *pf)
{
    const xtune_pci_request request = { .host = w->host };
    const size_t nr = w->plan->nr_actions;
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    if (xt_plan_add_sriov(w->plan, &request, pf, wish->vfs, &why)) {
        xt_plan_add_blocked(w->plan, "sriov", pf->address,
                            xtune_arena_printf(w->arena, "%u", wish->vfs),
                            xt_pci_why(w, why));
        return;
    }
    if (w->plan->nr_actions == nr) {
        if (wish->vfs_assignable) want_vfs(w, pf);
        return;
    }
    w->makes_vfs = w->makes_vfs || wish->vfs;
    if (wish->vfs_assignable)
        xt_plan_add_note(w->plan, pf->address,
                         "its virtual functions are made assignable when they "
                         "are there");
}

static void add_all_vfs(xt_pci_wanter *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;

    w->pfs = XTUNE_NEW_ARRAY(w->arena, const xtune_pci *, policy->nr_devices);
    for (i = 0; i < policy->nr_devices; i++) {
        const xtune_wanted_pci *wish = &policy->devices[i];

        if (wish->vfs == XTUNE_NONE) continue;
        w->pfs[i] = resolve(w, "sriov", wish->address, wish);
        if (!w->pfs[i]) continue;
        add_vfs(w, wish, w->pfs[i]);
        if (!wish->vfs) w->pfs[i] = NULL;
    }
}

static bool keeps_vfs(const xt_pci_wanter *w, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; w->pfs && i < w->request->policy->nr_devices; i++)
        if (w->pfs[i] == pci) return true;
    return false;
}

/* Who wants what. */

/* A list that is wrong hides nothing, and is told as a contradiction. */
static void want_hidden(xt_pci_wanter *w)
{
    const xtune_host *host = w->host;
    const char *text = xt_pci_list_of(w->arena, host, host->boot.dom0_running);
    xtune_pci_hidden *hidden;
    size_t nr, i;

    if (!text ||
        xtune_pci_hide_parse(w->arena, text, "dom0", &hidden, &nr, NULL))
        return;
    for (i = 0; i < host->nr_pci; i++)
        if (!host->pci[i].assignable && !host->pci[i].is_bridge &&
            xtune_pci_hide_has(hidden, nr, host->pci[i].address))
            want(w, &host->pci[i], NULL);
}

static void want_of_host(xt_pci_wanter *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;

    add_all_vfs(w);
    if (w->request->flags & XTUNE_PLAN_AT_BOOT) want_hidden(w);
    for (i = 0; i < policy->nr_devices; i++) {
        const xtune_wanted_pci *wish = &policy->devices[i];
        const xtune_pci *pci = NULL;

        if (wish->assignable)
            pci = resolve(w, "pci-assignable", wish->address, wish);
        if (pci) want(w, pci, wish->name);
    }
}

static void want_for(xt_pci_wanter *w, const xtune_wanted_pci *wish,
                     size_t index)
{
    const bool runs = index < w->host->nr_domains;
    const xtune_domain *domain = runs ? &w->host->domains[index] : NULL;
    const char *kind = runs ? "pci" : "pci-assignable";
    const char *object = runs ? xtune_arena_printf(w->arena, "%s/%s",
                                                   domain->name, wish->address)
                              : wish->address;
    const xtune_pci *pci = resolve(w, kind, object, wish);

    if (!pci || (runs && xtune_pci_owner(w->host, pci) == domain)) return;
    if (keeps_vfs(w, pci)) {
        xt_plan_add_blocked(w->plan, kind, object, pci->address,
                            "it is to have virtual functions, for which dom0 "
                            "needs it");
        return;
    }
    want(w, pci, NULL);
    if (!runs) return;
    w->gifts =
        xtune_arena_grow(w->arena, w->gifts, w->nr_gifts, sizeof(*w->gifts));
    w->gifts[w->nr_gifts++] =
        (xt_gift){ .pci = pci, .wish = wish, .domain = index };
}

/* As if it had them. */
static void count_devices(xt_pci_wanter *w, const xtune_record *record,
                          size_t index)
{
    const xtune_pci *pci;
    size_t i;

    for (i = 0; i < record->nr_pci; i++) {
        pci = find(w, &record->pci[i], NULL);
        if (pci && !xtune_pci_owner(w->host, pci)) xt_pci_count(w, pci, index);
    }
}

static void want_of_record(xt_pci_wanter *w, const xtune_record *record)
{
    const size_t index = xt_record_domain(w->request, record);
    const bool runs = index < w->host->nr_domains;
    const enum xt_care care =
        runs ? xt_record_care(w->request, index) : XT_CARE_GIVE;
    size_t i;

    if (care == XT_CARE_LEAVE || (!runs && w->request->only)) return;
    if (care == XT_CARE_COUNT) {
        count_devices(w, record, index);
        return;
    }
    for (i = 0; i < record->nr_pci; i++)
        want_for(w, &record->pci[i], index);
}

static void want_of_domains(xt_pci_wanter *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (policy->records[i].nr_pci) want_of_record(w, &policy->records[i]);
}

/* What the places that say something of devices contradict each other in; what
 * records want is told as changes, or as blocked. */
static void note_contradictions(const xt_pci_wanter *w)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;

    xtune_pci_add_contradictions(findings, w->host, NULL);
    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        xt_plan_add_note(
            w->plan, f->object,
            f->hint ? xtune_arena_printf(w->arena, "%s; %s", f->text, f->hint)
                    : f->text);
    }
    xtune_findings_free(findings);
}

const xtune_host *xt_plan_add_wanted_pci(xtune_plan *plan, xtune_arena *arena,
                                         const xtune_plan_request *request)
{
    xt_pci_wanter w = {
        .plan = plan,
        .arena = arena,
        .request = request,
        .host = request->host,
    };

    if (!xtune_policy_has_devices(request->policy) &&
        !(request->flags & XTUNE_PLAN_AT_BOOT))
        return request->host;
    if (!request->host->has_pci_details) {
        if (!request->only)
            xt_plan_add_note(plan, "devices",
                             "what records want of them is left out: this "
                             "host was recorded without what dom0 does with "
                             "them");
        return request->host;
    }
    if (!request->only) want_of_host(&w);
    want_of_domains(&w);
    xt_pci_make_assignable(&w);
    xt_pci_give(&w);
    if (!request->only) note_contradictions(&w);
    return w.then ? w.then : request->host;
}
