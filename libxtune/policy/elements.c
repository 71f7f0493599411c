/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The elements of a policy and their attributes. policies/policy.rng says
 * the same and xltune-policy(5) explains it: keep the three together.
 */
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

#define ATTRS(rows) .attrs = (rows), .nr_attrs = XT_ARRAY_SIZE(rows)
#define CHILDREN(rows) .children = (rows), .nr_children = XT_ARRAY_SIZE(rows)

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
    policy->pools[policy->nr_pools] = (xtune_wanted_pool){ .source = source };
    *object_r = &policy->pools[policy->nr_pools++];
    return 0;
}

static int close_wanted_pool(xt_policy_reader *r, const void *object)
{
    const xtune_wanted_pool *pool = object, *other;

    for (other = r->policy->pools; other < pool; other++)
        if (!strcmp(other->name, pool->name))
            return xt_policy_refuse(
                r, pool->source.line, "give each pool a name of its own",
                "cpupool \"%s\" is already there, in line %u", pool->name,
                other->source.line);
    return 0;
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

static void set_pool_scheduler(void *object, const char *text,
                               unsigned int word)
{
    (void)word;
    ((xtune_wanted_pool *)object)->scheduler = text;
}

static const xt_attr wanted_pool_attrs[] = {
    { "name", true, &xt_value_pool_name, set_pool_name },
    { "cpus", false, &xt_value_pool_cpus, set_pool_cpus },
    { "scheduler", false, &xt_value_scheduler, set_pool_scheduler },
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

/* <host> */

static int open_host(xt_policy_reader *r, void *parent, xtune_source source,
                     void **object_r)
{
    (void)r;
    (void)source;
    *object_r = parent;
    return 0;
}

static const xt_element host_children[] = {
    { .name = "dom0", .open = open_dom0, ATTRS(dom0_attrs) },
    { .name = "cpupools", .open = open_cpupools, ATTRS(cpupools_attrs) },
    { .name = "cpupool",
      .repeats = true,
      .open = open_wanted_pool,
      .close = close_wanted_pool,
      ATTRS(wanted_pool_attrs) },
    { .name = "headroom", .open = open_headroom, ATTRS(headroom_attrs) },
};

/* <numa> */

static int open_numa(xt_policy_reader *r, void *parent, xtune_source source,
                     void **object_r)
{
    xtune_rule *rule = parent;

    (void)r;
    rule->has_numa = true;
    rule->numa_source = source;
    *object_r = rule;
    return 0;
}

static void set_placement(void *object, const char *text, unsigned int word)
{
    xtune_rule *rule = object;

    (void)word;
    if (!strcmp(text, "none")) {
        rule->placement = XTUNE_PLACE_NONE;
    } else if (!strcmp(text, "auto")) {
        rule->placement = XTUNE_PLACE_AUTO;
    } else {
        rule->placement = XTUNE_PLACE_NODES;
        rule->nodes = text;
    }
}

static void set_mode(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->mode = word;
}

static void set_memory(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->memory = word;
}

static void set_pause(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->allow_pause = word;
}

static const xt_attr numa_attrs[] = {
    { "placement", true, &xt_value_placement, set_placement },
    { "mode", false, &xt_value_affinity, set_mode },
    { "memory", false, &xt_value_memory, set_memory },
    { "pause", false, &xt_value_pause, set_pause },
};

/* <affinity> */

static int open_affinity(xt_policy_reader *r, void *parent,
                         xtune_source source, void **object_r)
{
    xtune_rule *rule = parent;

    rule->affinity =
        xtune_arena_grow(r->policy->arena, rule->affinity, rule->nr_affinity,
                         sizeof(*rule->affinity));
    rule->affinity[rule->nr_affinity] = (xtune_wanted_affinity){
        .source = source,
        .vcpus = "all",
    };
    *object_r = &rule->affinity[rule->nr_affinity++];
    return 0;
}

static int close_affinity(xt_policy_reader *r, const void *object)
{
    const xtune_wanted_affinity *wanted = object;

    if (wanted->hard || wanted->soft) return 0;
    return xt_policy_refuse(r, wanted->source.line, xt_value_hard.form,
                            "element \"affinity\": attribute \"hard\" or "
                            "\"soft\" is missing");
}

static void set_affinity_vcpus(void *object, const char *text,
                               unsigned int word)
{
    (void)word;
    ((xtune_wanted_affinity *)object)->vcpus = text;
}

static void set_affinity_hard(void *object, const char *text,
                              unsigned int word)
{
    (void)word;
    ((xtune_wanted_affinity *)object)->hard = text;
}

static void set_affinity_soft(void *object, const char *text,
                              unsigned int word)
{
    (void)word;
    ((xtune_wanted_affinity *)object)->soft = text;
}

static const xt_attr affinity_attrs[] = {
    { "vcpus", false, &xt_value_vcpus, set_affinity_vcpus },
    { "hard", false, &xt_value_hard, set_affinity_hard },
    { "soft", false, &xt_value_soft, set_affinity_soft },
};

/* <vcpus> */

static int open_vcpus(xt_policy_reader *r, void *parent, xtune_source source,
                      void **object_r)
{
    xtune_rule *rule = parent;

    (void)r;
    rule->has_vcpus = true;
    rule->vcpus_source = source;
    *object_r = rule;
    return 0;
}

static void set_pin(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->pin = word;
}

static void set_smt(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->smt = word;
}

static const xt_attr vcpus_attrs[] = {
    { "pin", false, &xt_value_pin, set_pin },
    { "smt", false, &xt_value_smt, set_smt },
};

/* <devices> */

static int open_devices(xt_policy_reader *r, void *parent, xtune_source source,
                        void **object_r)
{
    xtune_rule *rule = parent;

    (void)r;
    rule->has_devices = true;
    rule->devices_source = source;
    *object_r = rule;
    return 0;
}

static void set_devices(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->devices = word;
}

static const xt_attr devices_attrs[] = {
    { "numa", true, &xt_value_devices, set_devices },
};

/* <cpupool> of <domains> */

static int open_pool(xt_policy_reader *r, void *parent, xtune_source source,
                     void **object_r)
{
    xtune_rule *rule = parent;

    (void)r;
    rule->cpupool_source = source;
    *object_r = rule;
    return 0;
}

static void set_pool(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_rule *)object)->cpupool = text;
}

static const xt_attr pool_attrs[] = {
    { "name", true, &xt_value_pool_name, set_pool },
};

/* <domains> */

static int open_domains(xt_policy_reader *r, void *parent, xtune_source source,
                        void **object_r)
{
    xtune_policy *policy = parent;

    (void)r;
    policy->rules = xtune_arena_grow(policy->arena, policy->rules,
                                     policy->nr_rules, sizeof(*policy->rules));
    policy->rules[policy->nr_rules] = (xtune_rule){ .source = source };
    *object_r = &policy->rules[policy->nr_rules++];
    return 0;
}

static void set_match(void *object, const char *text, unsigned int word)
{
    (void)word;
    ((xtune_rule *)object)->match = text;
}

static void set_enforce(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_rule *)object)->enforce = word;
}

/* Two that both say where the vCPUs run: neither is to win by accident. */
static int close_domains(xt_policy_reader *r, const void *object)
{
    const xtune_rule *rule = object;

    if (!rule->nr_affinity || rule->placement == XTUNE_PLACE_NONE) return 0;
    return xt_policy_refuse(
        r, rule->affinity[0].source.line,
        "write placement=\"none\", or leave the affinity to placement",
        "element \"affinity\" contradicts \"numa\" in line %u, by which the "
        "domain is placed",
        rule->numa_source.line);
}

static const xt_attr domains_attrs[] = {
    { "match", true, &xt_value_match, set_match },
    { "enforce", false, &xt_value_enforce, set_enforce },
};

static const xt_element domains_children[] = {
    { .name = "numa", .open = open_numa, ATTRS(numa_attrs) },
    { .name = "affinity",
      .repeats = true,
      .open = open_affinity,
      .close = close_affinity,
      ATTRS(affinity_attrs) },
    { .name = "vcpus", .open = open_vcpus, ATTRS(vcpus_attrs) },
    { .name = "devices", .open = open_devices, ATTRS(devices_attrs) },
    { .name = "cpupool", .open = open_pool, ATTRS(pool_attrs) },
};

/* <policy> */

static int open_policy(xt_policy_reader *r, void *parent, xtune_source source,
                       void **object_r)
{
    (void)parent;
    (void)source;
    *object_r = r->policy;
    return 0;
}

static void set_policy_name(void *object, const char *text, unsigned int word)
{
    xtune_policy *policy = object;

    (void)word;
    if (policy->name)
        text = xtune_arena_printf(policy->arena, "%s+%s", policy->name, text);
    policy->name = text;
}

static const xt_attr policy_attrs[] = {
    { "name", true, &xt_value_policy_name, set_policy_name },
};

static const xt_element policy_children[] = {
    { .name = "host", .open = open_host, CHILDREN(host_children) },
    { .name = "domains",
      .repeats = true,
      .open = open_domains,
      .close = close_domains,
      ATTRS(domains_attrs),
      CHILDREN(domains_children) },
};

const xt_element xt_policy_element = {
    .name = "policy",
    .open = open_policy,
    ATTRS(policy_attrs),
    CHILDREN(policy_children),
};

_Static_assert(XT_ARRAY_SIZE(policy_children) <= XT_POLICY_MAX_CHILDREN &&
                   XT_ARRAY_SIZE(host_children) <= XT_POLICY_MAX_CHILDREN &&
                   XT_ARRAY_SIZE(domains_children) <= XT_POLICY_MAX_CHILDREN,
               "the walk notes each child's first line");
