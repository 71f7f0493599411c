/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What records want of devices. */
#include "plan/wanted_pci.h"

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/pci.h"

/* A device that is to be assignable. */
struct wanted {
    const xtune_pci *pci;
    const char *name;      /* under this name; NULL: as it is */
    bool checked, blocked; /* with its card */
};

/* A device that a domain is to have. */
struct gift {
    const xtune_pci *pci;
    const xtune_wanted_pci *wish;
    size_t domain; /* by index */
};

struct wanter {
    xtune_plan *plan;
    xtune_arena *arena;
    const xtune_plan_request *request;
    const xtune_host *host;
    struct wanted *wanted;
    size_t nr;
    struct gift *gifts;
    size_t nr_gifts;
    const xtune_pci **pfs; /* by index of the policy's devices: those that are
                              to have virtual functions, or NULL */
    bool makes_vfs;
    const char **forced; /* the request's, and "siblings" */
    xtune_host *then;    /* NULL: no domain has other devices then */
};

static const char *why_text(const struct wanter *w, const xtune_error *why)
{
    if (!why->hint) return why->message;
    return xtune_arena_printf(w->arena, "%s; %s", why->message, why->hint);
}

/* NULL, and told, where it is gone or another one; by its own address where
 * it is in another place now. */
static const xtune_pci *resolve(const struct wanter *w, const char *kind,
                                const char *object,
                                const xtune_wanted_pci *wanted)
{
    const xtune_pci_identity identity = {
        .vendor = wanted->vendor,
        .device = wanted->device,
        .subsystem_vendor = wanted->subsystem_vendor,
        .subsystem_device = wanted->subsystem_device,
        .path = wanted->path,
        .serial = wanted->serial,
    };
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xtune_pci *pci;
    int rc =
        xtune_pci_resolve(w->host, wanted->address, &identity, &pci, &why);

    if (rc == XTUNE_ERR_NOT_FOUND && w->makes_vfs)
        xt_plan_add_note(w->plan, wanted->address,
                         "it is not there; when the virtual functions are "
                         "made it is looked for again");
    else if (rc)
        xt_plan_add_blocked(w->plan, kind, object, wanted->address,
                            why_text(w, why));
    if (rc) return NULL;
    if (strcmp(pci->address, wanted->address))
        xt_plan_add_note(
            w->plan, pci->address,
            xtune_arena_printf(w->arena, "it is what %s knows as %s",
                               xtune_source_text(w->arena, wanted->source),
                               wanted->address));
    return pci;
}

/* What is to be assignable. */

static void want(struct wanter *w, const xtune_pci *pci, const char *name)
{
    size_t i;

    for (i = 0; i < w->nr; i++)
        if (w->wanted[i].pci == pci) return;
    w->wanted =
        xtune_arena_grow(w->arena, w->wanted, w->nr, sizeof(*w->wanted));
    w->wanted[w->nr++] = (struct wanted){ .pci = pci, .name = name };
}

static bool is_wanted(const struct wanter *w, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < w->nr; i++)
        if (w->wanted[i].pci == pci) return !w->wanted[i].blocked;
    return false;
}

/* Virtual functions. */

static void want_vfs(struct wanter *w, const xtune_pci *pf)
{
    size_t i;

    for (i = 0; i < w->host->nr_pci; i++)
        if (w->host->pci[i].physfn &&
            !strcmp(w->host->pci[i].physfn, pf->address))
            want(w, &w->host->pci[i], NULL);
}

/* Those that are there go where their number is to be another one. */
static void add_vfs(struct wanter *w, const xtune_wanted_pci *wish,
                    const xtune_pci *pf)
{
    const xtune_pci_request request = { .host = w->host };
    const size_t nr = w->plan->nr_actions;
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    if (xt_plan_add_sriov(w->plan, &request, pf, wish->vfs, &why)) {
        xt_plan_add_blocked(w->plan, "sriov", pf->address,
                            xtune_arena_printf(w->arena, "%u", wish->vfs),
                            why_text(w, why));
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

static void add_all_vfs(struct wanter *w)
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

static bool keeps_vfs(const struct wanter *w, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; w->pfs && i < w->request->policy->nr_devices; i++)
        if (w->pfs[i] == pci) return true;
    return false;
}

/* Who wants what. */

static void want_of_host(struct wanter *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;

    add_all_vfs(w);
    for (i = 0; i < policy->nr_devices; i++) {
        const xtune_wanted_pci *wish = &policy->devices[i];
        const xtune_pci *pci = NULL;

        if (wish->assignable)
            pci = resolve(w, "pci-assignable", wish->address, wish);
        if (pci) want(w, pci, wish->name);
    }
}

/* The domain that has a record; the number of domains where none runs. */
static size_t domain_of(const struct wanter *w, const xtune_record *record)
{
    size_t i;

    for (i = 0; i < w->host->nr_domains; i++)
        if (w->host->domains[i].id &&
            xtune_policy_record(w->request->policy, w->host,
                                &w->host->domains[i]) == record)
            break;
    return i;
}

/* One that libxl is still making, or that is on its way out, takes none. */
static bool takes_devices(const struct wanter *w, size_t index)
{
    const xtune_domain *domain = &w->host->domains[index];
    const xtune_plan_request *request = w->request;
    size_t i;

    if (domain->state & (XTUNE_STATE_DYING | XTUNE_STATE_SHUTDOWN))
        return false;
    if (request->devices || request->only)
        return (!request->only || request->only[index]) && request->devices &&
               request->devices[index] && domain->configured;
    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].online) return true;
    return domain->configured;
}

static void want_for(struct wanter *w, const xtune_wanted_pci *wish,
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
        (struct gift){ .pci = pci, .wish = wish, .domain = index };
}

static void want_of_domains(struct wanter *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i, k;

    for (i = 0; i < policy->nr_records; i++) {
        const xtune_record *record = &policy->records[i];
        size_t index;

        if (!record->nr_pci) continue;
        index = domain_of(w, record);
        if (index == w->host->nr_domains ? w->request->only != NULL
                                         : !takes_devices(w, index))
            continue;
        for (k = 0; k < record->nr_pci; k++)
            want_for(w, &record->pci[k], index);
    }
}

/* Making them assignable. */

/* Functions of one card, whose addresses differ in the last digit alone. */
static bool same_card(const xtune_pci *a, const xtune_pci *b)
{
    const size_t len = strlen(a->address);

    return len == strlen(b->address) &&
           !strncmp(a->address, b->address, len - 1);
}

static void block(const struct wanter *w, struct wanted *wanted,
                  const char *why)
{
    wanted->blocked = true;
    if (wanted->pci->assignable) return;
    xt_plan_add_blocked(w->plan, "pci-assignable", wanted->pci->address,
                        "assignable", why);
}

/* What is wanted of a card goes together, or not at all. */
static void check_card(struct wanter *w, size_t first)
{
    const xtune_pci **card =
        XTUNE_NEW_ARRAY(w->arena, const xtune_pci *, w->nr);
    xtune_pci_findings *findings = xtune_pci_findings_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    size_t nr = 0, i;
    int rc;

    for (i = first; i < w->nr; i++)
        if (same_card(w->wanted[first].pci, w->wanted[i].pci))
            card[nr++] = w->wanted[i].pci;
    for (i = 0; i < nr; i++)
        xtune_pci_add_guards(findings, w->host, card[i], card, nr);
    rc = xtune_pci_heed(findings, w->request->forced, w->request->nr_forced,
                        &why);
    xtune_pci_findings_free(findings);
    for (i = first; i < w->nr; i++) {
        struct wanted *wanted = &w->wanted[i];

        if (!same_card(w->wanted[first].pci, wanted->pci)) continue;
        wanted->checked = true;
        if (rc)
            block(w, wanted,
                  xtune_arena_printf(w->arena, "%s: %s", why->object,
                                     why->message));
    }
}

/* Its card was looked at as a whole. */
static void make_assignable(struct wanter *w, struct wanted *wanted)
{
    const xtune_pci_request request = {
        .host = w->host,
        .forced = w->forced,
        .nr_forced = w->request->nr_forced + 1,
    };
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    if (xt_plan_add_assignable(w->plan, &request, &wanted->pci, 1,
                               wanted->name, &why))
        block(w, wanted, why_text(w, why));
}

static void make_all_assignable(struct wanter *w)
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
static const char *obstacle(const struct wanter *w, const struct gift *gift)
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

static void count_device(struct wanter *w, const struct gift *gift)
{
    xtune_domain *domain;
    const char **pci;
    size_t i;

    if (!w->then) {
        w->then = XTUNE_NEW(w->arena, xtune_host);
        *w->then = *w->host;
        w->then->domains =
            XTUNE_NEW_ARRAY(w->arena, xtune_domain, w->host->nr_domains);
        for (i = 0; i < w->host->nr_domains; i++)
            w->then->domains[i] = w->host->domains[i];
    }
    domain = &w->then->domains[gift->domain];
    pci = XTUNE_NEW_ARRAY(w->arena, const char *, domain->nr_pci + 1);
    for (i = 0; i < domain->nr_pci; i++)
        pci[i] = domain->pci[i];
    pci[domain->nr_pci++] = gift->pci->address;
    domain->pci = pci;
}

static void give(struct wanter *w, const struct gift *gift)
{
    const xtune_domain *domain = &w->host->domains[gift->domain];
    const xtune_pci_request request = { .host = w->host };
    XT_CLEANUP_ERROR xtune_error *error = NULL;
    const char *why = obstacle(w, gift);

    if (!why && xt_plan_add_attach(w->plan, &request, domain, gift->wish,
                                   gift->pci, &error))
        why = why_text(w, error);
    if (why)
        xt_plan_add_blocked(w->plan, "pci",
                            xtune_arena_printf(w->arena, "%s/%s", domain->name,
                                               gift->pci->address),
                            gift->pci->address, why);
    else
        count_device(w, gift);
}

/* What the places that say something of devices contradict each other in; what
 * records want is told as changes, or as blocked. */
static void note_contradictions(const struct wanter *w)
{
    xtune_pci_findings *findings = xtune_pci_findings_new();
    size_t i;

    xtune_pci_add_contradictions(findings, w->host, NULL);
    for (i = 0; i < findings->nr; i++) {
        const xtune_pci_finding *f = &findings->items[i];

        xt_plan_add_note(
            w->plan, f->object,
            f->hint ? xtune_arena_printf(w->arena, "%s; %s", f->text, f->hint)
                    : f->text);
    }
    xtune_pci_findings_free(findings);
}

const xtune_host *xt_plan_add_wanted_pci(xtune_plan *plan, xtune_arena *arena,
                                         const xtune_plan_request *request)
{
    struct wanter w = {
        .plan = plan,
        .arena = arena,
        .request = request,
        .host = request->host,
    };
    size_t i;

    if (!xtune_policy_has_devices(request->policy) ||
        !request->host->has_pci_details)
        return request->host;
    if (!request->only) want_of_host(&w);
    want_of_domains(&w);
    make_all_assignable(&w);
    for (i = 0; i < w.nr_gifts; i++)
        give(&w, &w.gifts[i]);
    if (!request->only) note_contradictions(&w);
    return w.then ? w.then : request->host;
}
