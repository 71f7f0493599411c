/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What schedulers are to give to domains. */
#include "plan/scheduling.h"

#include <string.h>

#include "base/util.h"
#include "host/parameters.h"
#include "host/scheduling.h"
#include "plan/builder.h"
#include "policy/read.h"

/* What Xen gives to new domains (xen/common/sched/credit2.c and rt.c). */
#define NEW_WEIGHT 256
#define NEW_PERIOD_US 10000
#define NEW_BUDGET_US 4000

/* The verbs of the schedulers that have parameters. */
static const struct {
    const char *scheduler, *verb;
} verbs[] = {
    { "credit", "sched-credit" },
    { "credit2", "sched-credit2" },
    { "rtds", "sched-rtds" },
};

const char *xt_scheduler_verb(const char *scheduler)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(verbs); i++)
        if (!strcmp(verbs[i].scheduler, scheduler)) return verbs[i].verb;
    return NULL;
}

/* NULL where it is not known. */
static const char *scheduler_of(const xtune_host *host,
                                const xtune_domain *domain)
{
    const xtune_cpupool *pool =
        domain->cpupool ? xtune_host_cpupool(host, domain->cpupool) : NULL;

    return pool ? pool->scheduler : NULL;
}

/* Of a domain. */

/* A copy whose vCPUs are its own, with nothing that is not known. */
static xtune_domain copy_of(xtune_arena *arena, const char *scheduler,
                            const xtune_domain *domain)
{
    xtune_domain copy = *domain;
    size_t i;

    if (xt_scheduling_has_weight(scheduler) && !copy.weight) {
        copy.weight = NEW_WEIGHT;
        copy.cap = 0;
    }
    copy.vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++) {
        xtune_vcpu *vcpu = &copy.vcpus[i];

        *vcpu = domain->vcpus[i];
        if (vcpu->period_us) continue;
        vcpu->period_us = NEW_PERIOD_US;
        vcpu->budget_us = NEW_BUDGET_US;
        vcpu->extratime = true;
    }
    return copy;
}

static uint32_t wanted_or(uint32_t wanted, uint32_t now)
{
    return wanted == XTUNE_NONE ? now : wanted;
}

static int write_over(xtune_arena *arena, xtune_domain *then,
                      const xtune_wanted_scheduling *wanted, xtune_error **err)
{
    xtune_set vcpus;
    size_t i;
    int rc;

    rc = xt_parse_vcpus(arena, "vCPUs", wanted->vcpus ? wanted->vcpus : "all",
                        &vcpus, err);
    if (rc) return rc;
    then->weight = wanted_or(wanted->weight, then->weight);
    then->cap = wanted_or(wanted->cap, then->cap);
    for (i = 0; i < then->nr_vcpus; i++) {
        xtune_vcpu *vcpu = &then->vcpus[i];

        if (!xtune_set_has(&vcpus, vcpu->id)) continue;
        vcpu->period_us = wanted_or(wanted->period_us, vcpu->period_us);
        vcpu->budget_us = wanted_or(wanted->budget_us, vcpu->budget_us);
        vcpu->extratime = wanted_or(wanted->extratime, vcpu->extratime);
    }
    return 0;
}

const char *xt_parameter_fault(xtune_arena *arena, enum xt_parameter_id id,
                               uint32_t value)
{
    const xt_parameter *parameter = &xt_parameters[id];

    if (xt_parameter_takes(parameter, value)) return NULL;
    return xtune_arena_printf(arena, "a %s of %u is not %s", parameter->attr,
                              value, parameter->form);
}

static const char *vcpu_fault(xtune_arena *arena, const xtune_vcpu *vcpu)
{
    const char *fault = xt_parameter_fault(arena, XT_PERIOD, vcpu->period_us);

    if (!fault) fault = xt_parameter_fault(arena, XT_BUDGET, vcpu->budget_us);
    if (fault || vcpu->budget_us <= vcpu->period_us) return fault;
    return xtune_arena_printf(
        arena, "a budget of %u us is above the period of %u us of vCPU %u",
        vcpu->budget_us, vcpu->period_us, vcpu->id);
}

static const char *weight_fault(xtune_arena *arena, const xtune_domain *then)
{
    const char *fault = xt_parameter_fault(arena, XT_WEIGHT, then->weight);

    if (!fault) fault = xt_parameter_fault(arena, XT_CAP, then->cap);
    if (fault || then->cap <= then->nr_vcpus * 100) return fault;
    return xtune_arena_printf(
        arena, "a cap of %u is above %zu, which is 100 for each of its vCPUs",
        then->cap, then->nr_vcpus * 100);
}

static const char *domain_fault(xtune_arena *arena, const char *scheduler,
                                const xtune_domain *then)
{
    const char *fault = NULL;
    size_t i;

    if (xt_scheduling_has_weight(scheduler)) return weight_fault(arena, then);
    for (i = 0; !fault && i < then->nr_vcpus; i++)
        fault = vcpu_fault(arena, &then->vcpus[i]);
    return fault;
}

/* What the domain is to be given, null where the scheduler has nothing of it.
 * *fault_r: why that cannot be, or NULL. */
static int domain_then(xtune_arena *arena, const char *scheduler,
                       const xtune_domain *domain,
                       const xtune_wanted_scheduling *wanted, size_t nr,
                       xt_json **value_r, const char **fault_r,
                       xtune_error **err)
{
    xtune_domain then = copy_of(arena, scheduler, domain);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++) {
        rc = write_over(arena, &then, &wanted[i], err);
        if (rc) return rc;
    }
    *fault_r = domain_fault(arena, scheduler, &then);
    *value_r = xt_scheduling_domain_to_json(arena, scheduler, &then);
    return 0;
}

static void add_domain(xtune_plan *plan, const xtune_host *host,
                       const xtune_domain *domain, const xt_json *value,
                       const char *reason)
{
    xtune_arena *arena = plan->arena;
    const xt_json *now = xt_scheduling_of_domain(arena, host, domain);

    if (xt_json_equal(now, value)) return;
    xt_plan_add(plan, &(xtune_action){
                          .kind = "scheduling",
                          .object = xtune_arena_strdup(arena, domain->name),
                          .target = xt_plan_target(arena, domain),
                          .old = now,
                          .new = xt_json_copy(arena, value),
                          .reason = reason,
                      });
}

/* Whether any of it is something that the scheduler has. */
static bool is_for(const char *scheduler,
                   const xtune_wanted_scheduling *wanted, size_t nr)
{
    unsigned int id;
    size_t i;

    for (i = 0; scheduler && i < nr; i++)
        for (id = 0; id < XT_FIRST_OF_POOLS; id++)
            if (xt_parameter_get(id, &wanted[i]) != XTUNE_NONE &&
                xt_scheduler_has(scheduler, id))
                return true;
    return false;
}

int xt_plan_add_scheduling(xtune_plan *plan, const xtune_host *host,
                           const xtune_domain *domain,
                           const xtune_wanted_scheduling *wanted,
                           size_t nr_wanted)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *scheduler = scheduler_of(host, domain);
    const char *fault, *where;
    xt_json *value;
    int rc;

    if (!is_for(scheduler, wanted, nr_wanted)) return 0;
    rc = domain_then(arena, scheduler, domain, wanted, nr_wanted, &value,
                     &fault, NULL);
    if (rc) return rc;
    where = xtune_source_text(arena, wanted[0].source);
    if (fault)
        xt_plan_add_blocked(plan, "scheduling", domain->name, NULL,
                            xtune_arena_printf(arena, "%s: %s", where, fault));
    else
        add_domain(plan, host, domain, value,
                   xtune_arena_printf(plan->arena, "as \"%s\" says", where));
    return 0;
}

/* The verb. */

/* Says what has it, and what to use instead. */
static int refuse_parameter(const xtune_domain *domain, const char *pool,
                            const char *scheduler, enum xt_parameter_id id,
                            xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *verb = xt_scheduler_verb(scheduler);

    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, domain->name,
        verb ? xtune_arena_printf(arena, "use \"xltune %s\"", verb)
             : "move it to a pool with another scheduler",
        "its cpupool \"%s\" has scheduler \"%s\", which has no %s", pool,
        scheduler, xt_parameters[id].attr);
}

/* One that goes on for ever, as "all,^2", may name more than there are. */
static int check_vcpus(const xtune_domain *domain, const char *text,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set vcpus;
    size_t i;
    int rc;

    if (!text) return 0;
    rc = xt_parse_vcpus(arena, "vCPUs", text, &vcpus, err);
    if (rc || xtune_set_has(&vcpus, vcpus.nbits - 1)) return rc;
    for (i = 0; i < domain->nr_vcpus; i++)
        xtune_set_remove(&vcpus, domain->vcpus[i].id);
    if (xtune_set_is_empty(&vcpus)) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                           "see \"xltune vcpu-list\"", "it has no vCPU %s",
                           xtune_set_format_ids(arena, &vcpus));
}

static int check_wanted(const char *scheduler, const xtune_domain *domain,
                        const xtune_wanted_scheduling *wanted, size_t nr,
                        xtune_error **err)
{
    unsigned int id;
    size_t i;
    int rc;

    for (i = 0; i < nr; i++) {
        for (id = 0; id < XT_FIRST_OF_POOLS; id++)
            if (xt_parameter_get(id, &wanted[i]) != XTUNE_NONE &&
                !xt_scheduler_has(scheduler, id))
                return refuse_parameter(domain, domain->cpupool, scheduler, id,
                                        err);
        rc = check_vcpus(domain, wanted[i].vcpus, err);
        if (rc) return rc;
    }
    return 0;
}

static void summarize(xtune_plan *plan, const xtune_host *host)
{
    xt_plan_summarize(
        plan, host, XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains));
}

int xtune_plan_scheduling(const xtune_host *host, const xtune_domain *domain,
                          const xtune_wanted_scheduling *wanted,
                          size_t nr_wanted, xtune_plan **plan_r,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *scheduler = scheduler_of(host, domain), *fault = NULL;
    xt_json *value = NULL;
    xtune_plan *plan;
    int rc;

    if (!scheduler)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, domain->name,
                               NULL,
                               "the scheduler of its cpupool is not known");
    rc = check_wanted(scheduler, domain, wanted, nr_wanted, err);
    if (!rc && is_for(scheduler, wanted, nr_wanted))
        rc = domain_then(arena, scheduler, domain, wanted, nr_wanted, &value,
                         &fault, err);
    if (rc) return rc;
    if (fault)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name, NULL,
                               "%s", fault);
    plan = xt_plan_new();
    if (value)
        add_domain(plan, host, domain, value, xt_scheduler_verb(scheduler));
    summarize(plan, host);
    *plan_r = plan;
    return 0;
}
