/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy wants of dom0. */
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "dom0/parts.h"
#include "plan/builder.h"
#include "plan/dom0.h"

#define DOM0 "Domain-0"

typedef struct wanter {
    xtune_plan *plan;
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_policy *policy;
    xt_dom0_asking asking;
} wanter;

/* The command line may be one that is not known: then it is done now. */
static unsigned int when(const xtune_host *host)
{
    return host->boot.xen_configured ? XTUNE_DOM0_NOW | XTUNE_DOM0_BOOT
                                     : XTUNE_DOM0_NOW;
}

static void note_boot(const wanter *w)
{
    if (w->host->boot.xen_configured) return;
    xt_plan_add_note(w->plan, DOM0,
                     w->host->boot.problem
                         ? w->host->boot.problem
                         : "not at the next boot: it is not known what Xen's "
                           "command line is then");
}

static void block(const wanter *w, const char *kind, const char *wanted,
                  const xtune_error *why)
{
    xt_plan_add_blocked(w->plan, kind, DOM0, wanted,
                        why->hint ? xtune_arena_printf(w->arena, "%s; %s",
                                                       why->message, why->hint)
                                  : why->message);
}

/* What it needs is another figure at each look: where it has as much, that is
 * what it should have. */
static uint64_t auto_memory(const wanter *w, const xtune_dom0_advice *advice)
{
    const uint64_t target_kb = w->host->dom0.target_kb;

    if (advice->should_kb != advice->needs_kb ||
        target_kb == XTUNE_UNKNOWN_KB || target_kb < advice->needs_kb)
        return advice->should_kb;
    return target_kb >> 10 << 10;
}

static int want_memory(const wanter *w, xtune_error **err)
{
    xtune_dom0_advice advice;
    uint64_t kb = 0;
    int rc;

    if (strcmp(w->policy->dom0_memory, "auto") != 0) {
        rc = xtune_dom0_size_parse(w->policy->dom0_memory, &kb, err);
    } else {
        rc = xtune_dom0_advise(w->host, XTUNE_DOM0_AUTO, w->arena, &advice,
                               err);
        if (!rc) kb = auto_memory(w, &advice);
    }
    if (rc) return rc;
    return xt_plan_add_dom0_memory(&w->asking, kb, err);
}

static int want_vcpus(const wanter *w, xtune_error **err)
{
    xtune_dom0_advice advice;
    uint64_t nr;
    int rc;

    if (strcmp(w->policy->dom0_vcpus, "auto") != 0) {
        /* The policy's reader has seen that it is one. */
        (void)xt_parse_u64(w->policy->dom0_vcpus, 10, XTUNE_MAX_VCPUS, &nr);
    } else {
        rc = xtune_dom0_advise(w->host, XTUNE_DOM0_AUTO, w->arena, &advice,
                               err);
        if (rc) return rc;
        nr = advice.should_vcpus;
    }
    return xt_plan_add_dom0_vcpus(&w->asking, (uint32_t)nr, err);
}

/* The host with the memory that dom0 leaves, or takes; the plan says how much
 * that is. */
static const xtune_host *host_then(const wanter *w)
{
    const xtune_host *host = w->host;
    xtune_host *then;
    uint64_t target_kb;
    size_t i;

    for (i = 0; i < w->plan->nr_actions; i++)
        if (!strcmp(w->plan->actions[i].kind, "dom0-memory")) break;
    if (i == w->plan->nr_actions ||
        !xt_json_to_u64(w->plan->actions[i].new, UINT64_MAX >> 12, &target_kb))
        return host;
    then = XTUNE_NEW(w->arena, xtune_host);
    *then = *host;
    then->domains = XTUNE_NEW_ARRAY(w->arena, xtune_domain, host->nr_domains);
    memcpy(then->domains, host->domains,
           host->nr_domains * sizeof(*host->domains));
    then->nodes = XTUNE_NEW_ARRAY(w->arena, xtune_node, host->nr_nodes);
    memcpy(then->nodes, host->nodes, host->nr_nodes * sizeof(*host->nodes));
    if (host->domains[0].memory_by_node_kb) {
        then->domains[0].memory_by_node_kb =
            XTUNE_NEW_ARRAY(w->arena, uint64_t, host->nr_node_ids);
        memcpy(then->domains[0].memory_by_node_kb,
               host->domains[0].memory_by_node_kb,
               host->nr_node_ids * sizeof(uint64_t));
    }
    xt_dom0_take_memory(then, host->domains[0].memory_kb + target_kb -
                                  host->dom0.target_kb);
    return then;
}

const xtune_host *xt_plan_add_wanted_dom0(xtune_plan *plan, xtune_arena *arena,
                                          const xtune_plan_request *request)
{
    const wanter w = {
        .plan = plan,
        .arena = arena,
        .host = request->host,
        .policy = request->policy,
        .asking = {
            .plan = plan,
            .host = request->host,
            .dom0 = xt_dom0_of(request->host),
            .when = when(request->host),
            .reason = xtune_arena_printf(
                plan->arena, "as \"%s\" says",
                xtune_source_text(arena, request->policy->dom0_source)),
        },
    };
    XT_CLEANUP_ERROR xtune_error *no_memory = NULL;
    XT_CLEANUP_ERROR xtune_error *no_vcpus = NULL;

    if (request->only) return request->host;
    if (w.policy->dom0_memory && want_memory(&w, &no_memory))
        block(&w, "dom0-memory", w.policy->dom0_memory, no_memory);
    if (w.policy->dom0_vcpus && want_vcpus(&w, &no_vcpus))
        block(&w, "dom0-vcpus", w.policy->dom0_vcpus, no_vcpus);
    if (w.policy->dom0_memory || w.policy->dom0_vcpus) note_boot(&w);
    return host_then(&w);
}
