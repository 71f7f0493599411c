/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What schedulers are to do in pools. */
#include <string.h>

#include "base/util.h"
#include "host/parameters.h"
#include "host/scheduling.h"
#include "plan/builder.h"
#include "plan/scheduling.h"
#include "policy/read.h"

#define NOT_SAID "the snapshot does not say what schedulers do"

/* Why a pool cannot be given this, and what to do; NULL: it can. */
static const char *pool_fault(xtune_arena *arena, const xtune_cpupool *pool,
                              const xtune_pool_scheduling *wanted,
                              const char **hint_r)
{
    const char *fault;
    unsigned int id;

    *hint_r = NULL;
    if (!pool->scheduler) return "its scheduler is not known";
    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++) {
        const uint32_t value = xt_parameter_get(id, wanted);

        if (value == XTUNE_NONE) continue;
        if (!xt_scheduler_has(pool->scheduler, id)) {
            const char *verb = xt_scheduler_verb(pool->scheduler);

            *hint_r =
                verb ? xtune_arena_printf(arena, "use \"xltune %s\"", verb)
                     : "leave it out";
            return xtune_arena_printf(arena, "its scheduler \"%s\" has no %s",
                                      pool->scheduler, xt_parameters[id].attr);
        }
        fault = xt_parameter_fault(arena, id, value);
        if (fault) return fault;
    }
    return NULL;
}

/* What the pool is to have. */
static xtune_pool_scheduling pool_then(const xtune_cpupool *pool,
                                       const xtune_pool_scheduling *wanted)
{
    xtune_pool_scheduling then = pool->scheduling;
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        if (xt_parameter_get(id, wanted) != XTUNE_NONE)
            xt_parameter_set(id, &then, xt_parameter_get(id, wanted));
    return then;
}

static bool wants_nothing(const xtune_pool_scheduling *wanted)
{
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        if (xt_parameter_get(id, wanted) != XTUNE_NONE) return false;
    return true;
}

/* Adds the action; or says why not, as pool_fault(). */
static const char *add_pool(xtune_plan *plan, xtune_arena *arena,
                            const xtune_cpupool *pool,
                            const xtune_pool_scheduling *wanted,
                            const char *reason, const char **hint_r)
{
    xtune_cpupool then = *pool;
    const char *fault = pool_fault(arena, pool, wanted, hint_r);
    const xt_json *now, *new;
    xt_json *target;

    then.scheduling = pool_then(pool, wanted);
    /* Only of credit has a pool both. */
    if (!fault) fault = xt_pool_scheduling_fault(arena, &then.scheduling);
    if (fault) return fault;
    now = xt_scheduling_of_pool(plan->arena, pool);
    new = xt_scheduling_of_pool(plan->arena, &then);
    if (now->type == XT_JSON_NULL) return NOT_SAID;
    if (xt_json_equal(now, new)) return NULL;
    target = xt_json_object(plan->arena);
    xt_json_add_string(plan->arena, target, "cpupool",
                       xtune_arena_strdup(plan->arena, pool->name));
    xt_plan_add(plan,
                &(xtune_action){
                    .kind = "cpupool-scheduling",
                    .object = xtune_arena_strdup(plan->arena, pool->name),
                    .target = target,
                    .old = now,
                    .new = new,
                    .reason = reason,
                });
    return NULL;
}

/* What is wanted without what its scheduler does not have, which is blocked
 * and keeps nothing else back. */
static xtune_pool_scheduling block_foreign(xtune_plan *plan,
                                           xtune_arena *arena,
                                           const xtune_cpupool *pool,
                                           const xtune_pool_scheduling *wanted)
{
    xtune_pool_scheduling rest = *wanted;
    const char *hint;
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++) {
        const uint32_t value = xt_parameter_get(id, wanted);
        xtune_pool_scheduling one = XT_NO_POOL_SCHEDULING;

        if (value == XTUNE_NONE || !pool->scheduler ||
            xt_scheduler_has(pool->scheduler, id))
            continue;
        xt_parameter_set(id, &one, value);
        xt_parameter_set(id, &rest, XTUNE_NONE);
        xt_plan_add_blocked(plan, "cpupool-scheduling", pool->name, NULL,
                            pool_fault(arena, pool, &one, &hint));
    }
    return rest;
}

void xt_plan_add_pool_scheduling(xtune_plan *plan, const xtune_cpupool *pool,
                                 const xtune_pool_scheduling *wanted)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_pool_scheduling rest =
        block_foreign(plan, arena, pool, wanted);
    const char *fault, *hint;

    if (wants_nothing(&rest)) return;
    fault = add_pool(plan, arena, pool, &rest,
                     "the policy or a record asks for it", &hint);
    if (fault)
        xt_plan_add_blocked(plan, "cpupool-scheduling", pool->name, NULL,
                            fault);
}

/* One that is yet to be made. */

/* A host in a file may say nothing of what schedulers do: what it is given is
 * then not to be had back. */
static bool says_nothing(const xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (xt_scheduling_has_weight(host->cpupools[i].scheduler) &&
            host->cpupools[i].scheduling.ratelimit_us == XTUNE_NONE)
            return true;
    return false;
}

/* What is written down, and no more. */
static const xt_json *written_only(xtune_arena *arena,
                                   const xtune_pool_scheduling *wanted)
{
    xt_json *json = xt_json_object(arena);
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        if (xt_parameter_get(id, wanted) != XTUNE_NONE)
            xt_json_add_u64(arena, json, xt_parameters[id].name,
                            xt_parameter_get(id, wanted));
    return json;
}

const xt_json *xt_plan_new_pool_scheduling(xtune_plan *plan,
                                           const xtune_host *host,
                                           const char *name,
                                           const char *scheduler,
                                           const xtune_pool_scheduling *wanted)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_cpupool pool = { .name = name, .scheduler = scheduler };
    const xtune_pool_scheduling rest =
        block_foreign(plan, arena, &pool, wanted);
    const char *fault, *hint;

    if (wants_nothing(&rest)) return NULL;
    fault = pool_fault(arena, &pool, &rest, &hint);
    if (!fault) fault = xt_pool_scheduling_fault(arena, &rest);
    if (!fault && says_nothing(host)) fault = NOT_SAID;
    if (!fault) return written_only(plan->arena, &rest);
    xt_plan_add_blocked(plan, "cpupool-scheduling", name, NULL, fault);
    return NULL;
}

/* The verb. */

static void summarize(xtune_plan *plan, const xtune_host *host)
{
    xt_plan_summarize(
        plan, host, XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains));
}

int xtune_plan_pool_scheduling(const xtune_host *host,
                               const xtune_cpupool *pool,
                               const xtune_pool_scheduling *wanted,
                               xtune_plan **plan_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_plan *plan = xt_plan_new();
    const char *fault = NULL, *hint = NULL;

    if (!wants_nothing(wanted))
        fault = add_pool(plan, arena, pool, wanted,
                         pool->scheduler ? xt_scheduler_verb(pool->scheduler)
                                         : NULL,
                         &hint);
    if (fault) {
        xtune_plan_free(plan);
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, pool->name, hint,
                               "%s", fault);
    }
    summarize(plan, host);
    *plan_r = plan;
    return 0;
}
