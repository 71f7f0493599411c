/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What policies and records want of schedulers, and of pools for domains. */
#include "base/util.h"
#include "policy/read.h"

const char *xt_pool_scheduling_fault(xtune_arena *arena,
                                     const xtune_pool_scheduling *wanted)
{
    /* As Xen has it; one with a tslice is of credit. */
    if (wanted->tslice_ms == XTUNE_NONE ||
        wanted->ratelimit_us == XTUNE_NONE ||
        wanted->ratelimit_us <= wanted->tslice_ms * 1000)
        return NULL;
    return xtune_arena_printf(
        arena, "a ratelimit of %u us is above the tslice of %u ms",
        wanted->ratelimit_us, wanted->tslice_ms);
}

const char *xt_scheduling_fault(xtune_arena *arena,
                                const xtune_wanted_scheduling *wanted)
{
    unsigned int id, written = 0;

    for (id = 0; id < XT_FIRST_OF_POOLS; id++)
        written += xt_parameter_get(id, wanted) != XTUNE_NONE;
    if (!written)
        return "it says nothing: one of weight, cap, period, budget and "
               "extratime is missing";
    if (wanted->period_us == XTUNE_NONE || wanted->budget_us == XTUNE_NONE ||
        wanted->budget_us <= wanted->period_us)
        return NULL;
    return xtune_arena_printf(arena,
                              "a budget of %u us is above the period of %u us",
                              wanted->budget_us, wanted->period_us);
}

const xtune_wanted_scheduling *xtune_policy_scheduling(
    const xtune_policy *policy, const xtune_host *host,
    const xtune_domain *domain, size_t *nr_r)
{
    const xtune_record *record = xtune_policy_record(policy, host, domain);
    const xtune_rule *rule;

    if (record && record->nr_scheduling) {
        *nr_r = record->nr_scheduling;
        return record->scheduling;
    }
    rule = xtune_policy_match(policy, domain);
    *nr_r = rule && rule->has_scheduling ? 1 : 0;
    return *nr_r ? &rule->scheduling : NULL;
}

const char *xtune_policy_cpupool(const xtune_policy *policy,
                                 const xtune_host *host,
                                 const xtune_domain *domain,
                                 xtune_source *source_r)
{
    const xtune_record *record = xtune_policy_record(policy, host, domain);
    const xtune_rule *rule;

    if (record && record->cpupool) {
        *source_r = record->cpupool_source;
        return record->cpupool;
    }
    rule = xtune_policy_match(policy, domain);
    if (!rule || !rule->cpupool) return NULL;
    *source_r = rule->cpupool_source;
    return rule->cpupool;
}
