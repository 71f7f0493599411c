/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pools were given: pools.json in the state directory. */
#include <string.h>

#include "apply/journal.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

/* A name tells one pool from another; more than there are CPUs there are
 * not. */
#define MAX_POOLS XTUNE_MAX_CPUS

static const char *pools_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/pools.json", state->dir);
}

static xtune_pool_record *find_pool(const xtune_policy *policy,
                                    const char *name)
{
    size_t i;

    for (i = 0; i < policy->nr_pool_records; i++)
        if (!strcmp(policy->pool_records[i].name, name))
            return &policy->pool_records[i];
    return NULL;
}

/* One that says nothing yet. */
static xtune_pool_record *add_pool(xtune_policy *policy,
                                   xtune_pool_record record)
{
    policy->pool_records =
        xtune_arena_grow(policy->arena, policy->pool_records,
                         policy->nr_pool_records, sizeof(record));
    record.scheduling = XT_NO_POOL_SCHEDULING;
    policy->pool_records[policy->nr_pool_records] = record;
    return &policy->pool_records[policy->nr_pool_records++];
}

/* Reading. */

static int read_pool_name(const xt_record_reader *r, const xt_json *json,
                          const char **name_r)
{
    const char *why;
    int rc = xt_record_text(r, json, "name", name_r);

    if (rc) return rc;
    if (!xtune_cpupool_is_name(*name_r, &why))
        return xt_record_refuse(r, xt_json_get(json, "name"),
                                "\"%s\" is no name of a pool: %s", *name_r,
                                why);
    if (find_pool(r->policy, *name_r))
        return xt_record_refuse(r, json, "cpupool \"%s\" is there twice",
                                *name_r);
    return 0;
}

static int check_pool(const xt_record_reader *r, const xt_json *json,
                      const xtune_pool_scheduling *scheduling)
{
    const char *fault = xt_pool_scheduling_fault(r->arena, scheduling);
    unsigned int id, written = 0;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        written += xt_parameter_get(id, scheduling) != XTUNE_NONE;
    if (!written)
        return xt_record_refuse(r, json, "it says nothing of this pool");
    return fault ? xt_record_refuse(r, json, "%s", fault) : 0;
}

static int read_pool(const xt_record_reader *r, const xt_json *json)
{
    static const char *const known[] = {
        "name",
        "tslice_ms",
        "ratelimit_us",
        "migration_delay_us",
    };
    xtune_pool_record record = { .source = xt_record_source(r, json) };
    xtune_pool_scheduling scheduling = XT_NO_POOL_SCHEDULING;
    unsigned int id;
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(r, json,
                                "member \"cpupools\": no object in its array");
    rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_pool_name(r, json, &record.name);
    for (id = XT_FIRST_OF_POOLS; !rc && id < XT_NR_PARAMETERS; id++)
        rc = xt_record_parameter(r, json, id, &scheduling);
    if (!rc) rc = check_pool(r, json, &scheduling);
    if (rc) return rc;
    add_pool(r->policy, record)->scheduling = scheduling;
    return 0;
}

static int read_pools(const xt_record_reader *r, const xt_json *json)
{
    static const char *const known[] = { "schema", "cpupools" };
    const size_t before = r->policy->nr_pool_records;
    const xt_json *pools;
    size_t i;
    int rc;

    rc = xt_record_schema(r, json, XT_POOLS_SCHEMA);
    if (!rc) rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = xt_record_rows(r, json, "cpupools", MAX_POOLS, &pools);
    if (rc) return rc;
    if (!pools)
        return xt_record_refuse(r, json, "member \"cpupools\" is missing");
    for (i = 0; !rc && i < pools->nr; i++)
        rc = read_pool(r, pools->items[i]);
    if (rc) r->policy->nr_pool_records = before;
    return rc;
}

int xt_pools_read_memory(const char *text, size_t len, const char *file,
                         xtune_policy *policy, xtune_error **err)
{
    return xt_record_take(text, len, file, read_pools, policy, err);
}

int xt_pools_read(const xtune_state *state, xtune_policy *policy,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xt_record_load(pools_path(state, arena), read_pools, policy, err);
}

/* Writing. */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const xtune_pool_record *)a)->name,
                  ((const xtune_pool_record *)b)->name);
}

/* By their names: the same is always the same text. */
static char *pools_text(xtune_policy *policy, xtune_arena *arena)
{
    xt_json *json = xt_json_object(arena), *pools = xt_json_array(arena);
    unsigned int id;
    size_t i;

    qsort(policy->pool_records, policy->nr_pool_records,
          sizeof(*policy->pool_records), by_name);
    for (i = 0; i < policy->nr_pool_records; i++) {
        const xtune_pool_record *record = &policy->pool_records[i];
        xt_json *pool = xt_json_object(arena);

        xt_json_add_string(arena, pool, "name", record->name);
        for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
            xt_record_add_parameter(arena, pool, id, &record->scheduling);
        xt_json_append(arena, pools, pool);
    }
    xt_json_add_string(arena, json, "schema", XT_POOLS_SCHEMA);
    xt_json_add(arena, json, "cpupools", pools);
    return xt_json_print(json);
}

/* What its scheduler has not was kept when the pool had another one. */
static void drop_foreign(const char *scheduler, xtune_pool_scheduling *kept)
{
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; scheduler && id < XT_NR_PARAMETERS; id++)
        if (!xt_scheduler_has(scheduler, id))
            xt_parameter_set(id, kept, XTUNE_NONE);
}

static int write_over(xtune_policy *policy, xtune_arena *arena,
                      const xtune_cpupool *pool,
                      const xtune_pool_scheduling *wanted, xtune_error **err)
{
    xtune_pool_record *record = find_pool(policy, pool->name);
    const char *fault;
    unsigned int id;

    if (!record)
        record = add_pool(policy, (xtune_pool_record){ .name = pool->name });
    drop_foreign(pool->scheduler, &record->scheduling);
    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++) {
        const uint32_t value = xt_parameter_get(id, wanted);

        if (value != XTUNE_NONE)
            xt_parameter_set(id, &record->scheduling, value);
    }
    fault = xt_pool_scheduling_fault(arena, &record->scheduling);
    if (!fault) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, pool->name,
                           "give the tslice and the ratelimit together",
                           "with what is kept already, %s", fault);
}

/* The file as it is to be; the caller frees it. */
static int make_text(const xtune_state *state, xtune_arena *arena,
                     const xtune_cpupool *pool,
                     const xtune_pool_scheduling *wanted, char **text_r,
                     xtune_error **err)
{
    xtune_policy *policy;
    const char *why;
    int rc;

    if (!xtune_cpupool_is_name(pool->name, &why))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, pool->name,
                               "give it another name, and keep that",
                               "nothing can be kept of this pool: %s", why);
    policy = xtune_policy_new();
    rc = xt_pools_read(state, policy, err);
    if (!rc) rc = write_over(policy, arena, pool, wanted, err);
    if (!rc) {
        *text_r = pools_text(policy, arena);
        rc = xt_record_check_readable(*text_r, pools_path(state, arena),
                                      read_pools, err);
    }
    xtune_policy_free(policy);
    return rc;
}

int xtune_record_pool_check(const xtune_state *state,
                            const xtune_cpupool *pool,
                            const xtune_pool_scheduling *wanted,
                            xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL;

    return make_text(state, arena, pool, wanted, &text, err);
}

int xtune_record_pool_scheduling(xtune_state *state, const xtune_cpupool *pool,
                                 const xtune_pool_scheduling *wanted,
                                 xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL;
    int rc;

    rc = make_text(state, arena, pool, wanted, &text, err);
    if (rc) return rc;
    return xt_record_store(state, pools_path(state, arena), text, read_pools,
                           err);
}
