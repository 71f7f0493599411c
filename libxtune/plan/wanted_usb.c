/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which USB devices domains are to have, as their records say. */
#include "plan/wanted_usb.h"

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/usb.h"
#include "plan/wanted_record.h"
#include "usb/parts.h"

typedef struct wanter {
    const xtune_plan_request *request;
    xt_usb_planner p;
} wanter;

static void block(const wanter *w, const xtune_domain *domain,
                  const char *device, const xtune_error *why)
{
    xtune_arena *arena = w->p.arena;

    xt_plan_add_blocked(
        w->p.plan, "usb",
        xtune_arena_printf(arena, "%s/%s", domain->name, device), device,
        why->hint
            ? xtune_arena_printf(arena, "%s; %s", why->message, why->hint)
            : why->message);
}

/* Somebody took it back by hand, for as long as this domain runs. */
static bool is_unplugged(const wanter *w, const xtune_domain *domain,
                         const xtune_wanted_usb *wish)
{
    const char *boot_id = w->request->host->machine.boot_id;

    return wish->unplugged && boot_id &&
           !strcmp(wish->unplugged, xtune_arena_printf(w->p.arena, "%s/%u",
                                                       boot_id, domain->id));
}

static bool has(const wanter *w, const xtune_domain *domain,
                const xtune_usb *usb)
{
    const xtune_usb_controller *controller;
    uint32_t port;
    const xtune_domain *owner =
        xtune_usb_owner(w->p.then, usb->path, &controller, &port);

    return owner && owner->id == domain->id &&
           !xtune_usb_is_stale(w->p.then, controller, port);
}

/* Whether what was said of it says that it may be given away, by whatever that
 * knows it by. It is listed by the first that does, or as the record has it.
 */
static int check_passthrough(const wanter *w, const xtune_wanted_usb *wish,
                             const xtune_usb *usb, xtune_error **err)
{
    const xtune_policy *policy = w->request->policy;
    const xtune_usb_identity *listed = NULL;
    const xtune_usb *found;
    char uuid[37];
    size_t i;

    for (i = 0; i < policy->nr_usb_groups; i++) {
        const xtune_usb_group *group = &policy->usb_groups[i];

        if (xtune_usb_resolve(w->request->host, &group->identity, &found,
                              NULL) ||
            found != usb)
            continue;
        if (group->passthrough) return 0;
        if (!listed) listed = &group->identity;
    }
    xtune_usb_uuid(listed ? listed : &wish->identity, uuid);
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, usb->path,
        xtune_arena_printf(w->p.arena,
                           "\"xltune pusb-param-set uuid=%s "
                           "passthrough-enabled=true\" enables it",
                           uuid),
        "pass-through is not enabled for it");
}

/* Whether what has the number of a device that was elsewhere is its twin,
 * which a record gives to somebody by where it is as well. */
static bool is_twin(const wanter *w, const xtune_wanted_usb *wish,
                    const xtune_usb *usb)
{
    const xtune_policy *policy = w->request->policy;
    const xtune_usb *found;
    size_t i, k;

    if (wish->identity.by != XTUNE_USB_BY_SERIAL || !wish->identity.port ||
        !strcmp(wish->identity.port, usb->path))
        return false;
    for (i = 0; i < policy->nr_records; i++)
        for (k = 0; k < policy->records[i].nr_usb; k++) {
            const xtune_wanted_usb *other = &policy->records[i].usb[k];

            if (other->identity.by == XTUNE_USB_BY_BOTH &&
                !xtune_usb_resolve(w->request->host, &other->identity, &found,
                                   NULL) &&
                found == usb)
                return true;
        }
    return false;
}

static void want(wanter *w, const xtune_domain *domain,
                 const xtune_wanted_usb *wish)
{
    const xtune_usb_place place = { XTUNE_NONE, XTUNE_NONE, wish->version };
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xtune_usb *usb;
    int rc;

    if (is_unplugged(w, domain, wish)) return;
    rc = xtune_usb_resolve(w->request->host, &wish->identity, &usb, &why);
    if (rc == XTUNE_ERR_NOT_FOUND) return;
    if (rc) {
        block(w, domain, xt_usb_identity_text(w->p.arena, &wish->identity),
              why);
        return;
    }
    if (has(w, domain, usb) || is_twin(w, wish, usb)) return;
    rc = check_passthrough(w, wish, usb, &why);
    if (!rc)
        rc = xt_usb_plan_attach(
            &w->p, domain, usb, &place,
            xtune_arena_printf(w->p.arena, "record %s",
                               xtune_source_text(w->p.arena, wish->source)),
            &why);
    if (rc) block(w, domain, usb->path, why);
}

static void want_of_record(wanter *w, const xtune_record *record)
{
    const size_t index = xt_record_domain(w->request, record);
    size_t i;

    if (index == w->request->host->nr_domains ||
        xt_record_care(w->request, index) != XT_CARE_GIVE)
        return;
    for (i = 0; i < record->nr_usb; i++)
        want(w, &w->request->host->domains[index], &record->usb[i]);
}

const xtune_host *xt_plan_add_wanted_usb(xtune_plan *plan, xtune_arena *arena,
                                         const xtune_plan_request *request)
{
    const xtune_policy *policy = request->policy;
    const size_t nr = plan->nr_actions;
    wanter w = { .request = request };
    size_t i;

    if (!xtune_policy_has_usb(policy)) return request->host;
    if (!request->host->has_usb) {
        if (!request->only)
            xt_plan_add_note(plan, "USB devices",
                             "what records want of them is left out: this "
                             "host was recorded without them");
        return request->host;
    }
    xt_usb_planner_init(&w.p, plan, arena,
                        &(xtune_usb_request){
                            .host = request->host,
                            .forced = request->forced,
                            .nr_forced = request->nr_forced,
                        });
    for (i = 0; i < policy->nr_records; i++)
        want_of_record(&w, &policy->records[i]);
    xt_usb_planner_dispose(&w.p);
    return plan->nr_actions > nr ? w.p.then : request->host;
}
