/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/scheduling.h"

#include <string.h>

#include "base/util.h"

/* Limits: xen.git xen/include/public/sysctl.h and xen/common/sched/rt.c. */
#define MAX_WEIGHT 65535
#define MIN_PERIOD_US 10
#define MAX_PERIOD_US 1000000000
#define MIN_RATELIMIT_US 100
#define MAX_RATELIMIT_US 500000
#define MAX_TSLICE_MS 1000
#define MAX_MIGRATION_DELAY_US 100000

static bool is(const char *scheduler, const char *name)
{
    return scheduler && !strcmp(scheduler, name);
}

bool xt_scheduling_has_weight(const char *scheduler)
{
    return is(scheduler, "credit") || is(scheduler, "credit2");
}

static bool has_budget(const char *scheduler)
{
    return is(scheduler, "rtds");
}

/* To JSON. */

static xt_json *vcpus_to_json(xtune_arena *arena, const xtune_domain *domain)
{
    xt_json *json = xt_json_object(arena), *vcpus = xt_json_array(arena);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];
        xt_json *item = xt_json_object(arena);

        if (!vcpu->period_us) return xt_json_null(arena);
        xt_json_add_u64(arena, item, "period_us", vcpu->period_us);
        xt_json_add_u64(arena, item, "budget_us", vcpu->budget_us);
        xt_json_add_bool(arena, item, "extratime", vcpu->extratime);
        xt_json_append(arena, vcpus, item);
    }
    if (!vcpus->nr) return xt_json_null(arena);
    xt_json_add(arena, json, "vcpus", vcpus);
    return json;
}

xt_json *xt_scheduling_domain_to_json(xtune_arena *arena,
                                      const char *scheduler,
                                      const xtune_domain *domain)
{
    xt_json *json;

    if (has_budget(scheduler)) return vcpus_to_json(arena, domain);
    if (!xt_scheduling_has_weight(scheduler) || !domain->weight)
        return xt_json_null(arena);
    json = xt_json_object(arena);
    xt_json_add_u64(arena, json, "weight", domain->weight);
    xt_json_add_u64(arena, json, "cap", domain->cap);
    return json;
}

xt_json *xt_scheduling_of_domain(xtune_arena *arena, const xtune_host *host,
                                 const xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);

    return xt_scheduling_domain_to_json(arena, pool ? pool->scheduler : NULL,
                                        domain);
}

xt_json *xt_scheduling_of_pool(xtune_arena *arena, const xtune_cpupool *pool)
{
    const bool is_credit = is(pool->scheduler, "credit");
    const xtune_pool_scheduling *now = &pool->scheduling;
    xt_json *json;

    if (!is_credit && !is(pool->scheduler, "credit2"))
        return xt_json_null(arena);
    if (now->ratelimit_us == XTUNE_NONE ||
        (is_credit && (now->tslice_ms == XTUNE_NONE ||
                       now->migration_delay_us == XTUNE_NONE)))
        return xt_json_null(arena);
    json = xt_json_object(arena);
    if (is_credit) xt_json_add_u64(arena, json, "tslice_ms", now->tslice_ms);
    xt_json_add_u64(arena, json, "ratelimit_us", now->ratelimit_us);
    if (is_credit)
        xt_json_add_u64(arena, json, "migration_delay_us",
                        now->migration_delay_us);
    return json;
}

/* From JSON. */

bool xt_scheduling_is_of(const char *scheduler, const xt_json *value)
{
    if (!value || value->type == XT_JSON_NULL) return true;
    if (xt_scheduling_has_weight(scheduler))
        return xt_json_get(value, "weight") != NULL;
    return has_budget(scheduler) && xt_json_get(value, "vcpus") != NULL;
}

bool xt_scheduling_is_of_pool(const char *scheduler, const xt_json *value)
{
    if (!value || value->type == XT_JSON_NULL) return true;
    if (!xt_scheduling_has_weight(scheduler) ||
        !xt_json_get(value, "ratelimit_us"))
        return false;
    return is(scheduler, "credit") ==
           (xt_json_get(value, "tslice_ms") != NULL);
}

static int read_number(const xt_json *value, const char *key, uint64_t min,
                       uint64_t max, const char *object, uint32_t *number_r,
                       xtune_error **err)
{
    uint64_t number = 0;

    if (!xt_json_to_u64(xt_json_get(value, key), max, &number) || number < min)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "its \"%s\" is to be a number from %llu to "
                               "%llu",
                               key, (unsigned long long)min,
                               (unsigned long long)max);
    *number_r = (uint32_t)number;
    return 0;
}

/* Nothing but these members. */
static int check_members(const xt_json *value, const char *const *keys,
                         size_t nr_keys, const char *scheduler,
                         const char *object, xtune_error **err)
{
    size_t i, k;

    for (i = 0; value->type == XT_JSON_OBJECT && i < value->nr; i++) {
        for (k = 0; k < nr_keys; k++)
            if (!strcmp(value->keys[i], keys[k])) break;
        if (k == nr_keys)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                                   "scheduler \"%s\" has no \"%s\" here",
                                   scheduler ? scheduler : "", value->keys[i]);
    }
    if (value->type == XT_JSON_OBJECT) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "this is no value for scheduler \"%s\"",
                           scheduler ? scheduler : "");
}

static int read_weight(const char *scheduler, const xt_json *value,
                       const char *object, xtune_domain *domain,
                       xtune_error **err)
{
    static const char *const keys[] = { "weight", "cap" };
    const uint64_t nr = domain->nr_vcpus ? domain->nr_vcpus : XTUNE_MAX_VCPUS;
    uint64_t max_cap = 100 * nr;
    uint32_t weight, cap;
    int rc;

    /* 16 bits, of which Xen takes the largest value for "leave it". */
    if (max_cap > UINT16_MAX - 1) max_cap = UINT16_MAX - 1;
    rc = check_members(value, keys, XT_ARRAY_SIZE(keys), scheduler, object,
                       err);
    if (!rc)
        rc = read_number(value, "weight", 1, MAX_WEIGHT, object, &weight, err);
    if (!rc) rc = read_number(value, "cap", 0, max_cap, object, &cap, err);
    if (rc) return rc;
    domain->weight = weight;
    domain->cap = cap;
    return 0;
}

static int read_vcpu(const char *scheduler, const xt_json *value,
                     const char *object, xtune_vcpu *vcpu, xtune_error **err)
{
    static const char *const keys[] = { "period_us", "budget_us",
                                        "extratime" };
    const xt_json *extratime = xt_json_get(value, "extratime");
    uint32_t period, budget;
    int rc;

    rc = check_members(value, keys, XT_ARRAY_SIZE(keys), scheduler, object,
                       err);
    if (!rc)
        rc = read_number(value, "period_us", MIN_PERIOD_US, MAX_PERIOD_US,
                         object, &period, err);
    if (!rc)
        rc = read_number(value, "budget_us", MIN_PERIOD_US, period, object,
                         &budget, err);
    if (!rc && (!extratime || extratime->type != XT_JSON_BOOL))
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                             "its \"extratime\" is to be true or false");
    if (rc) return rc;
    vcpu->period_us = period;
    vcpu->budget_us = budget;
    vcpu->extratime = extratime->boolean;
    return 0;
}

/* All vCPUs or none. */
static int read_vcpus(const char *scheduler, const xt_json *value,
                      const char *object, xtune_domain *domain,
                      xtune_error **err)
{
    static const char *const keys[] = { "vcpus" };
    const xt_json *vcpus = xt_json_get(value, "vcpus");
    xtune_vcpu scratch;
    size_t i;
    int rc;

    rc = check_members(value, keys, XT_ARRAY_SIZE(keys), scheduler, object,
                       err);
    if (rc) return rc;
    if (!vcpus || vcpus->type != XT_JSON_ARRAY || !vcpus->nr ||
        vcpus->nr != domain->nr_vcpus)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "\"vcpus\" is to have one entry for each of "
                               "its %zu vCPUs",
                               domain->nr_vcpus);
    for (i = 0; !rc && i < vcpus->nr; i++)
        rc = read_vcpu(scheduler, vcpus->items[i], object, &scratch, err);
    for (i = 0; !rc && i < vcpus->nr; i++)
        rc = read_vcpu(scheduler, vcpus->items[i], object, &domain->vcpus[i],
                       err);
    return rc;
}

static int no_such_value(const char *scheduler, const char *object,
                         xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "scheduler \"%s\" has no parameters",
                           scheduler ? scheduler : "");
}

int xt_scheduling_read_domain(const char *scheduler, const xt_json *value,
                              const char *object, xtune_domain *domain,
                              xtune_error **err)
{
    if (!value || value->type == XT_JSON_NULL) return 0;
    if (xt_scheduling_has_weight(scheduler))
        return read_weight(scheduler, value, object, domain, err);
    if (has_budget(scheduler))
        return read_vcpus(scheduler, value, object, domain, err);
    return no_such_value(scheduler, object, err);
}

static int read_ratelimit(const xt_json *value, const char *object,
                          xtune_pool_scheduling *then, xtune_error **err)
{
    int rc;

    rc = read_number(value, "ratelimit_us", 0, MAX_RATELIMIT_US, object,
                     &then->ratelimit_us, err);
    if (rc || !then->ratelimit_us || then->ratelimit_us >= MIN_RATELIMIT_US)
        return rc;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "its \"ratelimit_us\" is to be 0, or from %u to %u",
                           MIN_RATELIMIT_US, MAX_RATELIMIT_US);
}

static int read_credit(const xt_json *value, const char *object,
                       xtune_pool_scheduling *then, xtune_error **err)
{
    int rc;

    rc = read_number(value, "tslice_ms", 1, MAX_TSLICE_MS, object,
                     &then->tslice_ms, err);
    if (!rc)
        rc =
            read_number(value, "migration_delay_us", 0, MAX_MIGRATION_DELAY_US,
                        object, &then->migration_delay_us, err);
    if (rc || then->ratelimit_us <= then->tslice_ms * 1000) return rc;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "its \"ratelimit_us\" is more than its "
                           "\"tslice_ms\"");
}

int xt_scheduling_read_pool(const char *scheduler, const xt_json *value,
                            const char *object, xtune_cpupool *pool,
                            xtune_error **err)
{
    static const char *const keys[] = { "ratelimit_us", "tslice_ms",
                                        "migration_delay_us" };
    const bool is_credit = is(scheduler, "credit");
    xtune_pool_scheduling then = pool->scheduling;
    int rc;

    if (!value || value->type == XT_JSON_NULL) return 0;
    if (!xt_scheduling_has_weight(scheduler))
        return no_such_value(scheduler, object, err);
    rc = check_members(value, keys, is_credit ? 3 : 1, scheduler, object, err);
    if (!rc) rc = read_ratelimit(value, object, &then, err);
    if (!rc && is_credit) rc = read_credit(value, object, &then, err);
    if (!rc) pool->scheduling = then;
    return rc;
}
