/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan behind vcpu-pin. */
#include <xtune/plan.h>

#include "base/util.h"
#include "host/configured.h"
#include "plan/builder.h"

static int check_hard(const xtune_host *host, const xtune_domain *domain,
                      const xtune_set *hard, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);

    if (!hard ||
        xtune_set_intersects(hard, pool ? &pool->cpus : &host->cpu_ids))
        return 0;
    if (!pool || xtune_set_is_empty(hard))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                               "name at least one CPU",
                               "hard affinity \"none\" would let it run "
                               "nowhere");
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, domain->name,
        xtune_arena_printf(arena, "the pool has CPUs %s",
                           xtune_set_format_ids(arena, &pool->cpus)),
        "hard affinity \"%s\" has no CPU of its cpupool \"%s\"",
        xtune_set_format(arena, hard), pool->name);
}

/* What is asked, as far as Xen can give it: the vCPUs of a unit have one mask,
 * of whole units. */
typedef struct pin {
    const xtune_host *host;
    const xtune_domain *domain;
    unsigned int first, nr; /* vCPUs by id; all of them: nr is XTUNE_NONE */
    const xtune_set *hard, *soft; /* NULL: as they are */
} pin;

static bool is_meant(const pin *p, const xtune_vcpu *vcpu)
{
    return p->nr == XTUNE_NONE ||
           (vcpu->id >= p->first && vcpu->id - p->first < p->nr);
}

static const xtune_set *whole(xtune_arena *arena, const xtune_host *host,
                              const char *granularity, const xtune_set *asked)
{
    xtune_set *set = XTUNE_NEW(arena, xtune_set);

    *set = *asked;
    if (!xtune_set_is_all(asked))
        *set = xtune_host_units(arena, host, asked, granularity);
    return set;
}

static void widen(pin *p, unsigned int vcpu, xtune_plan *plan)
{
    const xtune_cpupool *pool =
        xtune_host_cpupool(p->host, p->domain->cpupool);
    const xtune_set *hard = p->hard, *soft = p->soft;
    const unsigned int size = xtune_host_unit_size(p->host, pool);

    if (size == 1) return;
    if (hard) p->hard = whole(plan->arena, p->host, pool->granularity, hard);
    if (soft) p->soft = whole(plan->arena, p->host, pool->granularity, soft);
    if (vcpu != XTUNE_NONE) {
        p->first = vcpu / size * size;
        p->nr = size;
    }
    if (vcpu != XTUNE_NONE || (hard && !xtune_set_equal(hard, p->hard)) ||
        (soft && !xtune_set_equal(soft, p->soft)))
        xt_plan_add_note(
            plan, p->domain->name,
            xtune_arena_printf(plan->arena,
                               "Xen schedules whole %ss: %u vCPUs share "
                               "affinity, and it is of whole %ss",
                               pool->granularity, size, pool->granularity));
}

static void add_stored(xtune_plan *plan, const pin *p)
{
    const xt_json *value = p->domain->configured;
    size_t i;

    for (i = 0; value && i < p->domain->nr_vcpus; i++)
        if (is_meant(p, &p->domain->vcpus[i]))
            value = xt_configured_pin(
                plan->arena, value, p->domain->nr_vcpus,
                p->nr == XTUNE_NONE ? XTUNE_NONE : p->domain->vcpus[i].id,
                p->hard, p->soft);
    if (value) xt_plan_set_stored(plan, p->domain, value, "vcpu-pin");
}

int xtune_plan_vcpu_pin(const xtune_host *host, const xtune_domain *domain,
                        unsigned int vcpu, const xtune_set *hard,
                        const xtune_set *soft, xtune_plan **plan_r,
                        xtune_error **err)
{
    pin p = { .host = host,
              .domain = domain,
              .first = vcpu,
              .nr = vcpu == XTUNE_NONE ? XTUNE_NONE : 1,
              .hard = hard,
              .soft = soft };
    xtune_plan *plan;
    size_t i, found = 0;
    int rc;

    rc = check_hard(host, domain, hard, err);
    if (rc) return rc;
    plan = xt_plan_new();
    widen(&p, vcpu, plan);
    add_stored(plan, &p);
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *v = &domain->vcpus[i];

        if (!is_meant(&p, v)) continue;
        xt_plan_add_affinity(plan, domain, v, p.hard ? p.hard : &v->hard,
                             p.soft ? p.soft : &v->soft, "vcpu-pin");
        found += v->id == vcpu;
    }
    if (!found && vcpu != XTUNE_NONE) {
        xtune_plan_free(plan);
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name, NULL,
                               "it has no vCPU %u", vcpu);
    }
    xt_plan_summarize(
        plan, host, XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains));
    *plan_r = plan;
    return 0;
}
