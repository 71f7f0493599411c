/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices, their groups and VUSBs, as XAPI has them: of what is plugged
 * in, and of what is written down. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "report/xe.h"

/* While they are gathered. */
typedef struct gathering {
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_policy *policy;
    const xtune_usb_policy *rules;
    xtune_xe_usb *usbs; /* none moves: room is for all that there can be */
    size_t nr_usbs;
    xtune_xe_vusb *vusbs;
    size_t nr_vusbs;
} gathering;

static const xtune_usb *plugged_in(const gathering *g,
                                   const xtune_usb_identity *identity)
{
    const xtune_usb *usb = NULL;

    /* What several devices may be is none of them. */
    return xtune_usb_resolve(g->host, identity, &usb, NULL) ? NULL : usb;
}

static xtune_xe_usb *find(const gathering *g,
                          const xtune_usb_identity *identity,
                          const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < g->nr_usbs; i++)
        if ((usb && g->usbs[i].usb == usb) ||
            xtune_usb_same_identity(&g->usbs[i].identity, identity))
            return &g->usbs[i];
    return NULL;
}

static bool is_allowed(const gathering *g, const xtune_usb *usb)
{
    return g->rules && usb &&
           xtune_usb_policy_judge(g->rules, usb, g->arena).allow;
}

static xtune_xe_usb *add(gathering *g, const xtune_usb_identity *identity,
                         const xtune_usb *usb)
{
    xtune_xe_usb *entry = find(g, identity, usb);

    if (entry) return entry;
    entry = &g->usbs[g->nr_usbs++];
    entry->identity = *identity;
    entry->usb = usb;
    entry->allowed = is_allowed(g, usb);
    xtune_usb_uuid(identity, entry->uuid);
    xtune_usb_group_uuid(identity, entry->group_uuid);
    return entry;
}

static void add_groups(gathering *g)
{
    size_t i;

    for (i = 0; i < g->policy->nr_usb_groups; i++) {
        const xtune_usb_group *group = &g->policy->usb_groups[i];
        xtune_xe_usb *entry =
            add(g, &group->identity, plugged_in(g, &group->identity));

        if (!entry->written) entry->written = group;
    }
}

/* One that is made again may be there with what is left of it. */
static const xtune_domain *domain_of(const gathering *g,
                                     const xtune_record *record)
{
    const xtune_domain *found = NULL;
    size_t i;

    for (i = 0; i < g->host->nr_domains; i++) {
        const xtune_domain *domain = &g->host->domains[i];

        if (!domain->id ||
            xtune_policy_record(g->policy, g->host, domain) != record)
            continue;
        found = domain;
        if (!(domain->state & XTUNE_STATE_DYING)) break;
    }
    return found;
}

static bool is_attached(const gathering *g, const xtune_usb *usb,
                        const xtune_domain *domain)
{
    const xtune_usb_controller *controller;
    uint32_t port;

    return usb && domain &&
           xtune_usb_owner(g->host, usb->path, &controller, &port) == domain &&
           !xtune_usb_is_stale(g->host, controller, port);
}

static void add_vusb(gathering *g, const xtune_record *record,
                     const xtune_wanted_usb *wanted)
{
    xtune_xe_vusb *vusb = &g->vusbs[g->nr_vusbs++];
    const xtune_usb *usb = plugged_in(g, &wanted->identity);

    vusb->record = record;
    vusb->wanted = wanted;
    vusb->usb = add(g, &wanted->identity, usb);
    vusb->domain = domain_of(g, record);
    vusb->attached = is_attached(g, usb, vusb->domain);
    xtune_usb_vusb_uuid(&wanted->identity, record->uuid, vusb->uuid);
}

static void add_vusbs(gathering *g)
{
    size_t i, k;

    for (i = 0; i < g->policy->nr_records; i++)
        for (k = 0; k < g->policy->records[i].nr_usb; k++)
            add_vusb(g, &g->policy->records[i], &g->policy->records[i].usb[k]);
}

static void add_devices(gathering *g)
{
    size_t i;

    for (i = 0; i < g->host->nr_usb; i++) {
        const xtune_usb *usb = &g->host->usb[i];
        const xtune_usb_identity identity =
            xtune_usb_identity_of(g->host, usb);

        if (is_allowed(g, usb)) add(g, &identity, usb);
    }
}

/* Those that are plugged in as the host has them, the others behind them. */
static const xtune_xe_usb **sorted(const gathering *g)
{
    const xtune_xe_usb **usbs =
        XTUNE_NEW_ARRAY(g->arena, const xtune_xe_usb *, g->nr_usbs + 1);
    size_t i, k, nr = 0;

    for (i = 0; i < g->host->nr_usb; i++)
        for (k = 0; k < g->nr_usbs; k++)
            if (g->usbs[k].usb == &g->host->usb[i]) usbs[nr++] = &g->usbs[k];
    for (k = 0; k < g->nr_usbs; k++)
        if (!g->usbs[k].usb) usbs[nr++] = &g->usbs[k];
    return usbs;
}

xtune_xe_usbs xtune_xe_usbs_of(xtune_arena *arena, const xtune_host *host,
                               const xtune_policy *policy,
                               const xtune_usb_policy *rules)
{
    gathering g = {
        .arena = arena,
        .host = host,
        .policy = policy,
        .rules = rules,
    };
    size_t i, nr_rows = 0;

    for (i = 0; i < policy->nr_records; i++)
        nr_rows += policy->records[i].nr_usb;
    g.vusbs = XTUNE_NEW_ARRAY(arena, xtune_xe_vusb, nr_rows + 1);
    g.usbs =
        XTUNE_NEW_ARRAY(arena, xtune_xe_usb,
                        nr_rows + policy->nr_usb_groups + host->nr_usb + 1);
    /* What is written down says what a device is known by. */
    add_groups(&g);
    add_vusbs(&g);
    add_devices(&g);
    return (xtune_xe_usbs){
        .host = host,
        .usbs = sorted(&g),
        .nr_usbs = g.nr_usbs,
        .vusbs = g.vusbs,
        .nr_vusbs = g.nr_vusbs,
    };
}

/* Finding them. */

int xtune_xe_find_pusb(const xtune_xe_usbs *all, const char *uuid,
                       const xtune_xe_usb **usb_r, xtune_error **err)
{
    size_t i;

    for (i = 0; i < all->nr_usbs; i++) {
        *usb_r = all->usbs[i];
        if ((*usb_r)->usb && (*usb_r)->allowed &&
            !strcasecmp((*usb_r)->uuid, uuid))
            return 0;
    }
    return xt_xe_refuse_uuid(&xtune_xe_pusb_class, uuid, err);
}

int xtune_xe_find_usb_group(const xtune_xe_usbs *all, const char *uuid,
                            const xtune_xe_usb **usb_r, xtune_error **err)
{
    size_t i;

    for (i = 0; i < all->nr_usbs; i++) {
        *usb_r = all->usbs[i];
        if (!strcasecmp((*usb_r)->group_uuid, uuid)) return 0;
    }
    return xt_xe_refuse_uuid(&xtune_xe_usb_group_class, uuid, err);
}

int xtune_xe_find_vusb(const xtune_xe_usbs *all, const char *uuid,
                       const xtune_xe_vusb **vusb_r, xtune_error **err)
{
    size_t i;

    for (i = 0; i < all->nr_vusbs; i++) {
        *vusb_r = &all->vusbs[i];
        if (!strcasecmp((*vusb_r)->uuid, uuid)) return 0;
    }
    return xt_xe_refuse_uuid(&xtune_xe_vusb_class, uuid, err);
}

const xtune_xe_vusb *xtune_xe_vusb_of(const xtune_xe_usbs *all,
                                      const xtune_xe_usb *usb)
{
    size_t i;

    for (i = 0; i < all->nr_vusbs; i++)
        if (all->vusbs[i].usb == usb) return &all->vusbs[i];
    return NULL;
}
