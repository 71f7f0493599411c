/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order in which a layout can be made. */
#include <string.h>

#include "base/util.h"
#include "host/scheduling.h"
#include "host/unit_firsts.h"
#include "plan/layout_writer.h"

static const xtune_domain *domain_at(const xt_layout_writer *w, size_t i)
{
    return &w->host->domains[i];
}

bool xt_layout_counts(const xt_layout *layout, size_t i)
{
    const xtune_domain *domain = &layout->host->domains[i];

    return layout->pool_of[i] != XT_NO_POOL && domain->cpupool &&
           !(domain->state & XTUNE_STATE_DYING);
}

/* Slots and states. */

static void make_slots(xt_layout_writer *w)
{
    const xt_layout *layout = w->layout;
    const size_t nr_now = w->host->nr_cpupools;
    size_t i;

    w->slots = XTUNE_NEW_ARRAY(w->arena, xt_slot, nr_now + layout->nr_pools);
    w->slot_of_pool = XTUNE_NEW_ARRAY(w->arena, size_t, layout->nr_pools);
    for (i = 0; i < nr_now; i++)
        w->slots[i] = (xt_slot){ .was = &w->host->cpupools[i],
                                 .name = w->host->cpupools[i].name };
    w->nr_slots = nr_now;
    for (i = 0; i < layout->nr_pools; i++) {
        const xt_layout_pool *pool = &layout->pools[i];
        const size_t s = pool->was ? (size_t)(pool->was - w->host->cpupools)
                                   : w->nr_slots++;

        w->slots[s].then = pool;
        if (!pool->was) w->slots[s].name = pool->name;
        w->slot_of_pool[i] = s;
    }
}

size_t xt_writer_slot_of_domain(const xt_layout_writer *w, size_t i)
{
    size_t s;

    for (s = 0; s < w->host->nr_cpupools; s++)
        if (!strcmp(w->host->cpupools[s].name, domain_at(w, i)->cpupool))
            return s;
    return 0; /* the model has no domain in a pool that is not there */
}

/* What it has now where its new scheduler knows that, else what that gives. */
static const xt_json *scheduling_then(const xt_layout_writer *w, size_t i)
{
    const xt_layout_pool *then = &w->layout->pools[w->layout->pool_of[i]];
    const xtune_cpupool *now =
        &w->host->cpupools[xt_writer_slot_of_domain(w, i)];

    if (w->layout->scheduling[i]) return w->layout->scheduling[i];
    if (!now->scheduler || !then->scheduler) return xt_json_null(w->arena);
    if (!strcmp(now->scheduler, then->scheduler) ||
        (xt_scheduling_has_weight(now->scheduler) &&
         xt_scheduling_has_weight(then->scheduler)))
        return w->first[i].scheduling;
    return xt_json_null(w->arena);
}

static void make_states(xt_layout_writer *w)
{
    const size_t nr = w->host->nr_domains;
    size_t i;

    w->first = XTUNE_NEW_ARRAY(w->arena, xt_domain_state, nr);
    w->last = XTUNE_NEW_ARRAY(w->arena, xt_domain_state, nr);
    w->now = XTUNE_NEW_ARRAY(w->arena, xt_domain_state, nr);
    w->lost = XTUNE_NEW_ARRAY(w->arena, const char *, nr);
    for (i = 0; i < nr; i++) {
        const xt_layout_pool *pool;

        if (!xt_layout_counts(w->layout, i)) continue;
        pool = &w->layout->pools[w->layout->pool_of[i]];
        w->first[i] = (xt_domain_state){
            .pool = domain_at(w, i)->cpupool,
            .scheduling =
                xt_scheduling_of_domain(w->arena, w->host, domain_at(w, i)),
            .masks = xt_own_masks(w->arena, domain_at(w, i)),
        };
        w->last[i] = (xt_domain_state){
            .pool = pool->name,
            .scheduling = scheduling_then(w, i),
            .masks = w->layout->masks[i].hard
                         ? w->layout->masks[i]
                         : xt_layout_masks(w->arena, w->host, domain_at(w, i),
                                           &pool->cpus, &w->lost[i]),
        };
        w->now[i] = w->first[i];
    }
}

/* The order. */

size_t xt_writer_slot_of_cpu(const xt_layout_writer *w, unsigned int cpu,
                             bool then)
{
    const xtune_set *cpus;
    size_t s;

    for (s = 0; s < w->nr_slots; s++) {
        const xt_slot *slot = &w->slots[s];

        cpus = then        ? slot->then ? &slot->then->cpus : NULL
               : slot->was ? &slot->was->cpus
                           : NULL;
        if (cpus && xtune_set_has(cpus, cpu)) return s;
    }
    return XT_ORDER_FREE;
}

/* Units are what counts of them for masks. */
static void make_units(const xt_layout_writer *w, xt_order_problem *problem)
{
    const xtune_host *host = w->host;
    const char *granularity = host->cpupools[0].granularity;
    xtune_set *units = XTUNE_NEW_ARRAY(w->arena, xtune_set, host->nr_cpus);
    size_t *from = XTUNE_NEW_ARRAY(w->arena, size_t, host->nr_cpus);
    size_t *to = XTUNE_NEW_ARRAY(w->arena, size_t, host->nr_cpus);
    xtune_set left = xtune_set_copy(w->arena, &host->cpu_ids), one;
    size_t nr = 0;
    unsigned int cpu;

    while ((cpu = xtune_set_next(&left, 0)) != XTUNE_SET_END) {
        one = xtune_set_new(w->arena, host->nr_cpu_ids);
        xtune_set_add(&one, cpu);
        one = xtune_host_units(w->arena, host, &one, granularity);
        units[nr] = xt_host_unit_firsts(w->arena, host, &one, granularity);
        from[nr] = xt_writer_slot_of_cpu(w, cpu, false);
        to[nr] = xt_writer_slot_of_cpu(w, cpu, true);
        xtune_set_andnot(&left, &one);
        nr++;
    }
    problem->units = units;
    problem->unit_from = from;
    problem->unit_to = to;
    problem->nr_units = nr;
}

bool xt_writer_same_masks(const xt_masks *a, const xt_masks *b, size_t nr)
{
    size_t v;

    for (v = 0; v < nr; v++)
        if (!xtune_set_equal(&a->hard[v], &b->hard[v]) ||
            !xtune_set_equal(&a->soft[v], &b->soft[v]))
            return false;
    return true;
}

static void make_domains(xt_layout_writer *w, xt_order_problem *problem)
{
    const size_t nr = w->host->nr_domains;
    xt_order_domain *domains = XTUNE_NEW_ARRAY(w->arena, xt_order_domain, nr);
    size_t i;

    w->ordered = XTUNE_NEW_ARRAY(w->arena, size_t, nr);
    for (i = 0; i < nr; i++) {
        const size_t nr_vcpus = domain_at(w, i)->nr_vcpus;

        if (!xt_layout_counts(w->layout, i)) continue;
        w->ordered[problem->nr_domains] = i;
        domains[problem->nr_domains++] = (xt_order_domain){
            .from = xt_writer_slot_of_domain(w, i),
            .to = w->slot_of_pool[w->layout->pool_of[i]],
            .nr_vcpus = nr_vcpus,
            .hard = w->first[i].masks.hard,
            .hard_then = w->last[i].masks.hard,
            .masks_change = !xt_writer_same_masks(&w->first[i].masks,
                                                  &w->last[i].masks, nr_vcpus),
        };
    }
    problem->domains = domains;
}

/* The first CPU of a unit takes the others along. */
static void complete_steps(xt_layout_writer *w)
{
    size_t i;

    for (i = 0; i < w->nr_steps; i++)
        if (w->steps[i].kind == XT_ORDER_CPUS)
            w->steps[i].cpus =
                xtune_host_units(w->arena, w->host, &w->steps[i].cpus,
                                 w->host->cpupools[0].granularity);
}

static int find_order(xt_layout_writer *w, xtune_error **err)
{
    xt_order_problem problem = { .nr_pools = w->nr_slots };

    make_units(w, &problem);
    make_domains(w, &problem);
    if (xt_order_find(w->arena, &problem, &w->steps, &w->nr_steps)) {
        complete_steps(w);
        return 0;
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, "cpupools",
                           "move domains by \"xltune cpupool-migrate\" first",
                           "no order of changes was found that leaves every "
                           "domain a CPU");
}

int xt_writer_prepare(xt_layout_writer *w, xtune_error **err)
{
    make_slots(w);
    make_states(w);
    return find_order(w, err);
}
