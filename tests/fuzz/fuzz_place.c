/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host from any bytes, one of the policies that ship, newcomers: placed and
 * planned, or refused with an error. What is placed must be within the host.
 *
 * The input is a host as JSON, and after a byte 0 what chooses the rest; or,
 * where it does not begin as JSON, what tests/unit/random_case.h makes of it.
 */
#include <stdlib.h>
#include <string.h>

#include <xtune/plan.h>

#include "base/util.h"
#include "policy/read.h"

#include "../unit/random_lies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define POLICY(name, host, numa, vcpus, devices)                              \
    "<policy name=\"" name "\">" host "<domains match=\"*\"><numa " numa      \
    "/><vcpus " vcpus "/><devices numa=\"" devices "\"/></domains></policy>"

/* As policies/ has them, without the comments. */
static const char *const policies[] = {
    POLICY("balanced", "", "placement=\"auto\" mode=\"soft\" memory=\"stay\"",
           "pin=\"node\" smt=\"avoid\"", "preferred"),
    POLICY("low-latency", "<host><headroom cpu=\"20%\"/></host>",
           "placement=\"auto\" mode=\"hard\" memory=\"follow\"",
           "pin=\"node\" smt=\"isolate\"", "required"),
    POLICY("high-throughput", "",
           "placement=\"auto\" mode=\"soft\" memory=\"stay\"",
           "pin=\"node\" smt=\"allow\"", "preferred"),
};

/* Read once: that takes longer than to place anything. */
static xtune_policy *get_policy(size_t which)
{
    static xtune_policy *known[XT_ARRAY_SIZE(policies)];
    const char *text = policies[which];

    if (!known[which] &&
        xt_policy_read_memory(text, strlen(text), "fuzz", &known[which], NULL))
        abort();
    return known[which];
}

static void check_placed(const xtune_host *host, const xtune_placed *p)
{
    uint64_t sum = 0;
    unsigned int id;

    if (!p->domain || !p->reason) abort();
    if (!p->hard != !p->soft) abort();
    if (!xtune_set_is_subset(&p->nodes, &host->node_ids)) abort();
    for (id = 0; p->memory_kb && id < host->nr_node_ids; id++) {
        if (p->memory_kb[id] && !xtune_set_has(&host->node_ids, id)) abort();
        sum += p->memory_kb[id];
    }
    /* A newcomer gets what it asks for, or nothing. */
    if (p->memory_kb && p->domain->id == XTUNE_NONE &&
        sum != p->domain->memory_kb)
        abort();
}

static void place(const random_case *c)
{
    const xtune_place_request request = random_case_request(c);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_placement *placement;
    size_t i;

    if (xtune_place(&request, &placement, &err)) {
        if (!err) abort();
        return;
    }
    if (placement->nr_domains != c->host->nr_domains + c->nr_newcomers)
        abort();
    for (i = 0; i < placement->nr_domains; i++)
        check_placed(c->host, &placement->domains[i]);
    xtune_placement_free(placement);
}

static void plan(const random_case *c)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *text = NULL;
    xtune_plan *plan;

    if (!c->policy) return;
    if (xtune_plan_make(
            &(xtune_plan_request){ .host = c->host, .policy = c->policy },
            &plan, &err)) {
        if (!err) abort();
        return;
    }
    text = xtune_plan_to_json(plan);
    xtune_plan_free(plan);
}

/* Newcomers for a host that was read. */
static void add_newcomers(random_case *c, rng *r)
{
    const random_limits limits = { 8, 8, 8, 6, 9, false };
    bool *taken = XTUNE_NEW_ARRAY(c->arena, bool, c->host->nr_pci);
    size_t i;

    if (!c->host->nr_cpupools || !c->host->nr_nodes) return;
    for (i = 0; i < c->host->nr_cpupools; i++)
        if (xtune_set_is_empty(&c->host->cpupools[i].cpus)) return;
    c->nr_newcomers = rng_pick(r, limits.newcomers);
    c->newcomers = XTUNE_NEW_ARRAY(c->arena, xtune_domain, c->nr_newcomers);
    for (i = 0; i < c->nr_newcomers; i++)
        fill_random_newcomer(r, c->host, &limits, &c->newcomers[i],
                             (unsigned int)i, taken);
}

static void try_json(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, 0, size);
    const size_t len = end ? (size_t)(end - data) : size;
    rng r = { .bytes = data + len, .nr_bytes = size - len };
    random_case c = { .seed = 0 };

    if (xtune_host_from_json((const char *)data, len, "f", &c.host, NULL))
        return;
    c.arena = c.host->arena;
    rng_next(&r);
    c.flags = rng_pick(&r, 4);
    c.policy = get_policy(rng_pick(&r, XT_ARRAY_SIZE(policies)));
    add_newcomers(&c, &r);
    place(&c);
    plan(&c);
    xtune_host_free(c.host);
}

static void try_random(const uint8_t *data, size_t size)
{
    const random_limits limits = { 6, 6, 8, 5, 9, false };
    rng r = { .bytes = data, .nr_bytes = size };
    random_case c;

    random_case_fill(&c, &r, &limits);
    if (rng_chance(&r, 50))
        c.policy = get_policy(rng_pick(&r, XT_ARRAY_SIZE(policies)));
    if (rng_chance(&r, 30)) random_case_spoil(&c, &r);
    place(&c);
    plan(&c);
    xtune_host_free(c.host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && data[0] == '{')
        try_json(data, size);
    else
        try_random(data, size);
    return 0;
}
