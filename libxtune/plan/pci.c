/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that take PCI devices from dom0, and give them back. */
#include "plan/pci.h"

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "plan/builder.h"

#define PCIBACK "pciback"

static void add_text(xtune_arena *arena, xt_json *json, const char *key,
                     const char *text)
{
    xt_json_add(arena, json, key,
                text ? xt_json_string(arena, xtune_arena_strdup(arena, text))
                     : xt_json_null(arena));
}

static xt_json *value_of(xtune_arena *arena, const char *driver,
                         const char *name, const char *former,
                         uint32_t claimed_by)
{
    xt_json *value = xt_json_object(arena);

    add_text(arena, value, "driver", driver);
    add_text(arena, value, "name", name);
    add_text(arena, value, "former_driver", former);
    xt_json_add(arena, value, "claimed_by",
                claimed_by == XTUNE_NONE ? xt_json_null(arena)
                                         : xt_json_u64(arena, claimed_by));
    return value;
}

xt_json *xt_pci_value(xtune_arena *arena, const xtune_pci *pci)
{
    return value_of(arena, pci->driver, pci->assignable_name,
                    pci->former_driver, pci->claimed_by);
}

static void add_change(xtune_plan *plan, const xtune_pci *pci,
                       const xt_json *value, const char *reason)
{
    xtune_arena *arena = plan->arena;
    xt_json *old = xt_pci_value(arena, pci);
    xt_json *target = xt_json_object(arena);

    if (xt_json_equal(old, value)) return;
    add_text(arena, target, "address", pci->address);
    xt_plan_add(plan, &(xtune_action){
                          .kind = "pci-assignable",
                          .object = xtune_arena_strdup(arena, pci->address),
                          .target = target,
                          .old = old,
                          .new = value,
                          .reason = reason,
                      });
}

/* Guards. */

static void drop_guard(xtune_findings *findings, const char *guard)
{
    size_t i, left = 0;

    for (i = 0; i < findings->nr; i++)
        if (!guard || strcmp(findings->items[i].name, guard) != 0)
            findings->items[left++] = findings->items[i];
    findings->nr = left;
}

/* but: a guard that is none here; NULL: there is none. */
static int heed_guards(const xtune_pci_request *request,
                       const xtune_pci *const *devices, size_t nr,
                       const char *but, xtune_error **err)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;
    int rc;

    for (i = 0; i < nr; i++)
        xtune_pci_add_guards(findings, request->host, devices[i], devices, nr);
    drop_guard(findings, but);
    rc = xtune_findings_heed(findings, request->forced, request->nr_forced,
                             err);
    xtune_findings_free(findings);
    return rc;
}

/* Assignable. */

static int check_name(const xtune_pci_request *request, const xtune_pci *pci,
                      const char *name, xtune_error **err)
{
    const char *why = xtune_pci_name_fault(name);
    size_t i;

    if (why)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, pci->address, NULL,
                               "\"%.80s\" is no name for it: %s", name, why);
    for (i = 0; i < request->host->nr_pci; i++) {
        const xtune_pci *other = &request->host->pci[i];

        if (other != pci && other->assignable_name &&
            !strcmp(other->assignable_name, name))
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, pci->address, "give it another one",
                "the name \"%s\" is that of %s", name, other->address);
    }
    return 0;
}

static const xtune_domain *claimer(const xtune_host *host,
                                   const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == pci->claimed_by &&
            !(host->domains[i].state & XTUNE_STATE_DYING))
            return &host->domains[i];
    return NULL;
}

static bool is_forced(const xtune_pci_request *request, const char *guard)
{
    size_t i;

    for (i = 0; i < request->nr_forced; i++)
        if (!strcmp(request->forced[i], guard) ||
            !strcmp(request->forced[i], "all"))
            return true;
    return false;
}

/* The toolstack says that a domain has it before it gives it: what is left of
 * that when the domain is gone is in the way of everybody, but while it is
 * there it may be about to have it. */
static int check_claim(const xtune_pci_request *request, const xtune_pci *pci,
                       xtune_error **err)
{
    const xtune_domain *domain = claimer(request->host, pci);

    if (!domain || xtune_pci_owner(request->host, pci) ||
        is_forced(request, "claim"))
        return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, pci->address,
                           "wait for xl to end; if nothing is under way "
                           "use --force=claim",
                           "domain \"%s\" is about to have it, or failed to",
                           domain->name);
}

/* Without one it cannot be kept apart from the rest, and would have left its
 * driver in vain: a network card comes back without its addresses. */
static int check_iommu(const xtune_host *host, const xtune_pci *pci,
                       xtune_error **err)
{
    const xtune_xen *xen = &host->xen;
    size_t i;

    if (!xen->capabilities || (pci->driver && !strcmp(pci->driver, PCIBACK)))
        return 0;
    for (i = 0; i < xen->nr_capabilities; i++)
        if (!strcmp(xen->capabilities[i], "hvm_directio") ||
            !strcmp(xen->capabilities[i], "pv_directio"))
            return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, pci->address,
                           "switch it on in the firmware, and do not give "
                           "Xen iommu=off",
                           "it cannot be kept apart: Xen has no IOMMU");
}

int xt_plan_add_assignable(xtune_plan *plan, const xtune_pci_request *request,
                           const xtune_pci *const *devices, size_t nr,
                           const char *name, xtune_error **err)
{
    size_t i;
    int rc;

    rc = name ? check_name(request, devices[0], name, err) : 0;
    if (!rc) rc = heed_guards(request, devices, nr, NULL, err);
    for (i = 0; !rc && i < nr; i++) {
        rc = check_claim(request, devices[i], err);
        if (!rc) rc = check_iommu(request->host, devices[i], err);
    }
    for (i = 0; !rc && i < nr; i++) {
        const xtune_pci *pci = devices[i];
        const bool is_there = pci->driver && !strcmp(pci->driver, PCIBACK);

        add_change(
            plan, pci,
            value_of(plan->arena, PCIBACK, name ? name : pci->assignable_name,
                     is_there || !pci->driver ? pci->former_driver
                                              : pci->driver,
                     xtune_pci_owner(request->host, pci) ? pci->claimed_by
                                                         : XTUNE_NONE),
            "it is to be assignable");
    }
    return rc;
}

int xtune_plan_pci_assignable(const xtune_pci_request *request,
                              const xtune_pci *const *devices, size_t nr,
                              const char *name, xtune_plan **plan_r,
                              xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    int rc;

    rc = xt_plan_add_assignable(plan, request, devices, nr, name, err);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

/* The driver that it had comes back; Linux chooses one for a device that was
 * hidden at boot. */
static xt_json *given_back(xtune_arena *arena, const xtune_pci *pci,
                           bool rebind)
{
    xt_json *value;

    if (!rebind)
        return value_of(arena, NULL, NULL, pci->former_driver, XTUNE_NONE);
    value = value_of(arena, pci->former_driver, NULL, NULL, XTUNE_NONE);
    if (!pci->former_driver) xt_json_add_bool(arena, value, "probe", true);
    return value;
}

static int check_free(const xtune_host *host, const xtune_pci *pci,
                      xtune_error **err)
{
    const xtune_domain *owner = xtune_pci_owner(host, pci);

    if (!owner) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, pci->address,
                           "take it back with \"xltune pci-detach\" first",
                           "domain \"%s\" has it", owner->name);
}

int xt_plan_add_unassignable(xtune_plan *plan,
                             const xtune_pci_request *request,
                             const xtune_pci *const *devices, size_t nr,
                             bool rebind, xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++) {
        const xtune_pci *pci = devices[i];

        rc = check_free(request->host, pci, err);
        if (!rc) rc = check_claim(request, pci, err);
        if (rc || !pci->driver || strcmp(pci->driver, PCIBACK) != 0) continue;
        add_change(plan, pci, given_back(plan->arena, pci, rebind),
                   rebind ? "dom0 is to have it again"
                          : "it is to be assignable no longer");
    }
    return rc;
}

int xtune_plan_pci_unassignable(const xtune_pci_request *request,
                                const xtune_pci *const *devices, size_t nr,
                                bool rebind, xtune_plan **plan_r,
                                xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    int rc;

    rc = xt_plan_add_unassignable(plan, request, devices, nr, rebind, err);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

/* Virtual functions. */

static int check_vfs(const xtune_pci *pf, uint32_t vfs, xtune_error **err)
{
    if (!pf->vfs_total || pf->vfs_total == XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, pf->address,
                               "\"xltune sriov-list\" shows those that have",
                               "it has no virtual functions");
    if (vfs > pf->vfs_total)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, pf->address, NULL,
                               "%u are more than the %u virtual functions "
                               "that it has",
                               vfs, pf->vfs_total);
    if (pf->driver && !strcmp(pf->driver, PCIBACK))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, pf->address,
                               "give it back to dom0 first",
                               "dom0 does not have it, and makes none");
    return 0;
}

static const xtune_pci **list_vfs(xtune_arena *arena, const xtune_host *host,
                                  const xtune_pci *pf, size_t *nr_r)
{
    const xtune_pci **vfs =
        XTUNE_NEW_ARRAY(arena, const xtune_pci *, host->nr_pci);
    size_t i;

    *nr_r = 0;
    for (i = 0; i < host->nr_pci; i++)
        if (host->pci[i].physfn && !strcmp(host->pci[i].physfn, pf->address))
            vfs[(*nr_r)++] = &host->pci[i];
    return vfs;
}

/* All of them go, whatever the new number is. Many drivers let none go while
 * pciback has one. */
static int take_vfs(xtune_plan *plan, const xtune_pci_request *request,
                    const xtune_pci *pf, xtune_error **err)
{
    const xtune_pci **vfs;
    size_t nr, i;
    int rc = 0;

    vfs = list_vfs(plan->arena, request->host, pf, &nr);
    for (i = 0; !rc && i < nr; i++)
        rc = check_free(request->host, vfs[i], err);
    if (!rc) rc = heed_guards(request, vfs, nr, "siblings", err);
    if (rc) return rc;
    return xt_plan_add_unassignable(plan, request, vfs, nr, false, err);
}

int xt_plan_add_sriov(xtune_plan *plan, const xtune_pci_request *request,
                      const xtune_pci *pci, uint32_t vfs, xtune_error **err)
{
    xtune_arena *arena = plan->arena;
    xt_json *target = xt_json_object(arena);
    int rc;

    rc = check_vfs(pci, vfs, err);
    if (rc || pci->vfs_enabled == vfs) return rc;
    rc = take_vfs(plan, request, pci, err);
    if (rc) return rc;
    add_text(arena, target, "address", pci->address);
    xt_plan_add(plan, &(xtune_action){
                          .kind = "sriov",
                          .object = xtune_arena_strdup(arena, pci->address),
                          .target = target,
                          .old = xt_json_u64(arena, pci->vfs_enabled),
                          .new = xt_json_u64(arena, vfs),
                          .reason = "virtual functions",
                      });
    return 0;
}

int xtune_plan_sriov(const xtune_pci_request *request, const xtune_pci *pci,
                     uint32_t vfs, xtune_plan **plan_r, xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    int rc;

    rc = xt_plan_add_sriov(plan, request, pci, vfs, err);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}
