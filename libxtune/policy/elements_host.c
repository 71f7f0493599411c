/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What <host> holds: as elements.c, whose rows refer to these. */
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

/* The host is described in one file, so that two cannot contradict. */
static int already(const xt_policy_reader *r, xtune_source here,
                   const char *element, xtune_source there)
{
    return xt_policy_refuse(r, here.line, "write it in one file only",
                            "element \"%s\" is already in \"%s\"", element,
                            xtune_source_text(r->arena, there));
}

static int contradicts(const xt_policy_reader *r, xtune_source here,
                       const char *element, const char *other,
                       xtune_source there)
{
    return xt_policy_refuse(
        r, here.line, "split the host by nodes, or name its pools",
        "element \"%s\" contradicts \"%s\" in \"%s\"", element, other,
        xtune_source_text(r->arena, there));
}

/* <dom0> */

static int open_dom0(xt_policy_reader *r, void *parent, xtune_source source,
                     void **object_r)
{
    xtune_policy *policy = parent;

    if (policy->has_dom0)
        return already(r, source, "dom0", policy->dom0_source);
    policy->has_dom0 = true;
    policy->dom0_source = source;
    *object_r = policy;
    return 0;
}

static void set_dom0_memory(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_policy *)object)->dom0_memory = text;
}

static void set_dom0_vcpus(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_policy *)object)->dom0_vcpus = text;
}

static const xt_attr dom0_attrs[] = {
    { "memory", false, &xt_value_dom0_memory, set_dom0_memory },
    { "vcpus", false, &xt_value_dom0_vcpus, set_dom0_vcpus },
};

/* <cpupools>, and <cpupool> of <host> */

static int open_cpupools(xt_policy_reader *r, void *parent,
                         xtune_source source, void **object_r)
{
    xtune_policy *policy = parent;

    if (policy->split_numa)
        return already(r, source, "cpupools", policy->cpupools_source);
    if (policy->nr_pools)
        return contradicts(r, source, "cpupools", "cpupool",
                           policy->pools[0].source);
    policy->cpupools_source = source;
    *object_r = policy;
    return 0;
}

static void set_split(void *object, const char *text, unsigned int word)
{
    (void)text;
    (void)word; /* there is one */
    ((xtune_policy *)object)->split_numa = true;
}

static const xt_attr cpupools_attrs[] = {
    { "split", true, &xt_value_split, set_split },
};

static int open_wanted_pool(xt_policy_reader *r, void *parent,
                            xtune_source source, void **object_r)
{
    xtune_policy *policy = parent;

    if (policy->split_numa)
        return contradicts(r, source, "cpupool", "cpupools",
                           policy->cpupools_source);
    if (policy->nr_pools && policy->pools[0].source.file != r->file)
        return already(r, source, "cpupool", policy->pools[0].source);
    policy->pools = xtune_arena_grow(policy->arena, policy->pools,
                                     policy->nr_pools, sizeof(*policy->pools));
    policy->pools[policy->nr_pools] = (xtune_wanted_pool){
        .source = source,
        .scheduling = XT_NO_POOL_SCHEDULING,
    };
    *object_r = &policy->pools[policy->nr_pools++];
    return 0;
}

static int check_pool_name(const xt_policy_reader *r,
                           const xtune_wanted_pool *pool)
{
    const xtune_wanted_pool *other;

    for (other = r->policy->pools; other < pool; other++)
        if (!strcmp(other->name, pool->name))
            return xt_policy_refuse(
                r, pool->source.line, "give each pool a name of its own",
                "cpupool \"%s\" is already there, in line %u", pool->name,
                other->source.line);
    return 0;
}

/* What schedulers have is known here, where the scheduler is written. */
static int check_pool_scheduler(const xt_policy_reader *r,
                                const xtune_wanted_pool *pool)
{
    unsigned int id;

    if (!pool->scheduler) return 0;
    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++) {
        if (xt_parameter_get(id, &pool->scheduling) == XTUNE_NONE ||
            xt_scheduler_has(pool->scheduler, id))
            continue;
        return xt_policy_refuse(
            r, pool->source.line, "leave it out, or write another scheduler",
            "element \"cpupool\": scheduler \"%s\" has no \"%s\"",
            pool->scheduler, xt_parameters[id].attr);
    }
    return 0;
}

static int close_wanted_pool(xt_policy_reader *r, const void *object)
{
    const xtune_wanted_pool *pool = object;
    const char *fault;
    int rc;

    rc = check_pool_name(r, pool);
    if (!rc) rc = check_pool_scheduler(r, pool);
    if (rc) return rc;
    if (pool->cpus && pool->nodes)
        return xt_policy_refuse(r, pool->source.line, "write one of them",
                                "element \"cpupool\": attributes \"cpus\" "
                                "and \"nodes\" contradict each other");
    fault = xt_pool_scheduling_fault(r->arena, &pool->scheduling);
    if (!fault) return 0;
    return xt_policy_refuse(r, pool->source.line, NULL,
                            "element \"cpupool\": %s", fault);
}

static void set_pool_name(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_wanted_pool *)object)->name = text;
}

static void set_pool_cpus(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_wanted_pool *)object)->cpus = text;
}

static void set_pool_nodes(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_wanted_pool *)object)->nodes = text;
}

static void set_pool_scheduler(void *object, const char *text,
                               unsigned int word)
{
    (void)word;
    ((xtune_wanted_pool *)object)->scheduler = text;
}

/* The text was checked before. */
static void set_parameter(enum xt_parameter_id id, void *object,
                          const char *text)
{
    uint32_t value;

    if (xt_parameter_parse(&xt_parameters[id], text, &value))
        xt_parameter_set(id, &((xtune_wanted_pool *)object)->scheduling,
                         value);
}

static void set_tslice(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_TSLICE, object, text);
}

static void set_ratelimit(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_RATELIMIT, object, text);
}

static void set_migration_delay(void *object, const char *text,
                                unsigned int word)
{
    (void)word;
    set_parameter(XT_MIGRATION_DELAY, object, text);
}

static const xt_attr wanted_pool_attrs[] = {
    { "name", true, &xt_value_pool_name, set_pool_name },
    { "cpus", false, &xt_value_pool_cpus, set_pool_cpus },
    { "nodes", false, &xt_value_nodes, set_pool_nodes },
    { "scheduler", false, &xt_value_scheduler, set_pool_scheduler },
    { "tslice", false, &xt_value_tslice, set_tslice },
    { "ratelimit", false, &xt_value_ratelimit, set_ratelimit },
    { "migration-delay", false, &xt_value_migration_delay,
      set_migration_delay },
};

/* <headroom> */

static int open_headroom(xt_policy_reader *r, void *parent,
                         xtune_source source, void **object_r)
{
    xtune_policy *policy = parent;

    if (policy->has_headroom)
        return already(r, source, "headroom", policy->headroom_source);
    policy->has_headroom = true;
    policy->headroom_source = source;
    *object_r = policy;
    return 0;
}

static void set_headroom(void *object, const char *text, unsigned int word)
{
    (void)word;
    (void)xt_parse_percent(text, &((xtune_policy *)object)->headroom_pct);
}

static const xt_attr headroom_attrs[] = {
    { "cpu", true, &xt_value_percent, set_headroom },
};

const xt_element xt_host_children[XT_NR_HOST_CHILDREN] = {
    { .name = "dom0", .open = open_dom0, XT_ATTRS(dom0_attrs) },
    { .name = "cpupools", .open = open_cpupools, XT_ATTRS(cpupools_attrs) },
    { .name = "cpupool",
      .repeats = true,
      .open = open_wanted_pool,
      .close = close_wanted_pool,
      XT_ATTRS(wanted_pool_attrs) },
    { .name = "headroom", .open = open_headroom, XT_ATTRS(headroom_attrs) },
};
