/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The elements of a policy and their attributes. policies/policy.rng says
 * the same and xltune-policy(5) explains it: keep the three together.
 */
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

/* <host> */

static int open_host(xt_policy_reader *r, void *parent, xtune_source source,
                     void **object_r)
{
    (void)r;
    (void)source;
    *object_r = parent;
    return 0;
}

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

/* <scheduler> */

static int open_scheduler(xt_policy_reader *r, void *parent,
                          xtune_source source, void **object_r)
{
    xtune_rule *rule = parent;

    (void)r;
    rule->has_scheduling = true;
    rule->scheduling = XT_NO_SCHEDULING;
    rule->scheduling.source = source;
    *object_r = &rule->scheduling;
    return 0;
}

static int close_scheduler(xt_policy_reader *r, const void *object)
{
    const xtune_wanted_scheduling *wanted = object;
    const char *fault = xt_scheduling_fault(r->arena, wanted);

    if (!fault) return 0;
    return xt_policy_refuse(r, wanted->source.line,
                            "weight and cap are of credit and credit2, "
                            "period, budget and extratime of rtds",
                            "element \"scheduler\": %s", fault);
}

/* The text was checked before. */
static void set_parameter(enum xt_parameter_id id, void *object,
                          const char *text)
{
    uint32_t value;

    if (xt_parameter_parse(&xt_parameters[id], text, &value))
        xt_parameter_set(id, object, value);
}

static void set_weight(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_WEIGHT, object, text);
}

static void set_cap(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_CAP, object, text);
}

static void set_period(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_PERIOD, object, text);
}

static void set_budget(void *object, const char *text, unsigned int word)
{
    (void)word;
    set_parameter(XT_BUDGET, object, text);
}

static void set_extratime(void *object, const char *text, unsigned int word)
{
    (void)text;
    ((xtune_wanted_scheduling *)object)->extratime = word;
}

static const xt_attr scheduler_attrs[] = {
    { "weight", false, &xt_value_weight, set_weight },
    { "cap", false, &xt_value_cap, set_cap },
    { "period", false, &xt_value_period, set_period },
    { "budget", false, &xt_value_budget, set_budget },
    { "extratime", false, &xt_value_extratime, set_extratime },
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
    { .name = "numa", .open = open_numa, XT_ATTRS(numa_attrs) },
    { .name = "affinity",
      .repeats = true,
      .open = open_affinity,
      .close = close_affinity,
      XT_ATTRS(affinity_attrs) },
    { .name = "vcpus", .open = open_vcpus, XT_ATTRS(vcpus_attrs) },
    { .name = "devices", .open = open_devices, XT_ATTRS(devices_attrs) },
    { .name = "cpupool", .open = open_pool, XT_ATTRS(pool_attrs) },
    { .name = "scheduler",
      .open = open_scheduler,
      .close = close_scheduler,
      XT_ATTRS(scheduler_attrs) },
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
    { .name = "host", .open = open_host, XT_CHILDREN(xt_host_children) },
    { .name = "domains",
      .repeats = true,
      .open = open_domains,
      .close = close_domains,
      XT_ATTRS(domains_attrs),
      XT_CHILDREN(domains_children) },
};

const xt_element xt_policy_element = {
    .name = "policy",
    .open = open_policy,
    XT_ATTRS(policy_attrs),
    XT_CHILDREN(policy_children),
};

_Static_assert(XT_ARRAY_SIZE(policy_children) <= XT_POLICY_MAX_CHILDREN &&
                   XT_NR_HOST_CHILDREN <= XT_POLICY_MAX_CHILDREN &&
                   XT_ARRAY_SIZE(domains_children) <= XT_POLICY_MAX_CHILDREN,
               "the walk notes each child's first line");
