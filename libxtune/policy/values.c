/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the attributes of a policy may hold. */
#include <string.h>

#include "base/util.h"
#include "host/parameters.h"
#include "policy/read.h"

#define WORDS(list) .words = (list), .nr_words = XT_ARRAY_SIZE(list)

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *const affinity_words[] = {
    [XTUNE_AFFINITY_SOFT] = "soft",
    [XTUNE_AFFINITY_HARD] = "hard",
};
const xt_value xt_value_affinity = { WORDS(affinity_words) };

static const char *const memory_words[] = {
    [XTUNE_MEMORY_STAY] = "stay",
    [XTUNE_MEMORY_FOLLOW] = "follow",
};
const xt_value xt_value_memory = { WORDS(memory_words) };

static const char *const pause_words[] = { "never", "allow" };
const xt_value xt_value_pause = { WORDS(pause_words) };

static const char *const no_yes_words[] = { "no", "yes" };
const xt_value xt_value_enforce = { WORDS(no_yes_words) };
const xt_value xt_value_extratime = { WORDS(no_yes_words) };

static const char *const pin_words[] = {
    [XTUNE_PIN_NODE] = "node",
    [XTUNE_PIN_ONE_TO_ONE] = "one-to-one",
    [XTUNE_PIN_NONE] = "none",
};
const xt_value xt_value_pin = { WORDS(pin_words) };

static const char *const smt_words[] = {
    [XTUNE_SMT_AVOID] = "avoid",
    [XTUNE_SMT_ALLOW] = "allow",
    [XTUNE_SMT_ISOLATE] = "isolate",
};
const xt_value xt_value_smt = { WORDS(smt_words) };

static const char *const devices_words[] = {
    [XTUNE_DEVICES_PREFERRED] = "preferred",
    [XTUNE_DEVICES_REQUIRED] = "required",
    [XTUNE_DEVICES_IGNORE] = "ignore",
};
const xt_value xt_value_devices = { WORDS(devices_words) };

static const char *const split_words[] = { "numa" };
const xt_value xt_value_split = { WORDS(split_words) };

/* Xen's, by the names that "sched=" and libxl know. */
static const char *const scheduler_words[] = {
    "credit", "credit2", "rtds", "null", "arinc653",
};
const xt_value xt_value_scheduler = { WORDS(scheduler_words) };

/* The name of a policy stands in titles and may name a file. */
bool xtune_policy_is_name(const char *text)
{
    const size_t len = strlen(text);

    return len > 0 && len <= 64 && !strchr(".-_", text[0]) &&
           strspn(text, LETTERS DIGITS ".-_") == len;
}

static bool is_policy_name(xtune_arena *arena, const char *text,
                           const char **why_r)
{
    (void)arena;
    (void)why_r;
    return xtune_policy_is_name(text);
}

const xt_value xt_value_policy_name = {
    .is_valid = is_policy_name,
    .form = "up to 64 letters, digits, \".\", \"-\" and \"_\"",
};

static bool is_match(xtune_arena *arena, const char *text, const char **why_r)
{
    (void)arena;
    (void)why_r;
    return xt_match_is_valid(text);
}

const xt_value xt_value_match = {
    .is_valid = is_match,
    .form = "name:GLOB, uuid:UUID, type:pv, type:pvh, type:hvm or *",
};

/*
 * A list is held against the largest host that there can be: what is wrong
 * with it there is wrong with it everywhere.
 */
static bool is_list(xtune_arena *arena, const xtune_set_names *names,
                    const char *text, xtune_set *set_r, const char **why_r)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (!xtune_set_parse(arena, names, "", text, set_r, &err)) return true;
    *why_r = xtune_arena_strdup(arena, err->message);
    return false;
}

static bool is_nodes(xtune_arena *arena, const char *text, const char **why_r)
{
    const xtune_set exists = xtune_set_all(arena, XTUNE_MAX_NODES);
    const xtune_set_names names = { .what = "node", .exists = &exists };
    xtune_set nodes;

    if (!is_list(arena, &names, text, &nodes, why_r)) return false;
    if (!xtune_set_is_empty(&nodes)) return true;
    *why_r =
        xtune_arena_printf(arena, "node list \"%s\": no node is left", text);
    return false;
}

const xt_value xt_value_nodes = {
    .is_valid = is_nodes,
    .form = "nodes such as \"0\", \"0-1,3\" or \"all,^0\"",
};

static bool is_placement(xtune_arena *arena, const char *text,
                         const char **why_r)
{
    return !strcmp(text, "auto") || !strcmp(text, "none") ||
           is_nodes(arena, text, why_r);
}

const xt_value xt_value_placement = {
    .is_valid = is_placement,
    .form = "auto, none, or nodes such as \"0\", \"0-1,3\" or \"all,^0\"",
};

static bool is_cpu_list(xtune_arena *arena, const char *text, xtune_set *set_r,
                        const char **why_r)
{
    const xtune_set exists = xtune_set_all(arena, XTUNE_MAX_CPUS);
    xtune_set nodes[XTUNE_MAX_NODES];
    const xtune_set_names names = {
        .what = "CPU",
        .exists = &exists,
        .nodes = nodes,
        .nr_nodes = XTUNE_MAX_NODES,
    };
    size_t i;

    for (i = 0; i < XTUNE_MAX_NODES; i++)
        nodes[i] = exists;
    return is_list(arena, &names, text, set_r, why_r);
}

static bool is_pool_cpus(xtune_arena *arena, const char *text,
                         const char **why_r)
{
    xtune_set cpus;

    if (strcmp(text, "none")) return is_cpu_list(arena, text, &cpus, why_r);
    *why_r = "a pool has at least one CPU";
    return false;
}

const xt_value xt_value_pool_cpus = {
    .is_valid = is_pool_cpus,
    .form = "CPUs such as \"8-15\", \"8-15,^9\" or \"node:1\"",
};

/*
 * Which CPUs a node has is for the host to say: whether "node:0,^node:1"
 * leaves any is not known before.
 */
static bool is_hard(xtune_arena *arena, const char *text, const char **why_r)
{
    xtune_set cpus;

    if (!is_cpu_list(arena, text, &cpus, why_r)) return false;
    if (!xtune_set_is_empty(&cpus) || strstr(text, "node")) return true;
    *why_r =
        xtune_arena_printf(arena, "CPU list \"%s\": no CPU is left", text);
    return false;
}

const xt_value xt_value_hard = {
    .is_valid = is_hard,
    .form = "all, or CPUs such as \"0-3\", \"0-7,^5\" or \"node:1\"",
};

static bool is_soft(xtune_arena *arena, const char *text, const char **why_r)
{
    xtune_set cpus;

    return is_cpu_list(arena, text, &cpus, why_r);
}

const xt_value xt_value_soft = {
    .is_valid = is_soft,
    .form = "all, none, or CPUs such as \"0-3\", \"0-7,^5\" or \"node:1\"",
};

const char *xt_list_but(xtune_arena *arena, const xtune_set *set)
{
    xtune_set others = xtune_set_all(arena, set->nbits);
    const char *from;
    char *text, *to;

    xtune_set_andnot(&others, set);
    if (xtune_set_is_empty(&others)) return "all";
    from = xtune_set_format_ids(arena, &others);
    text = xtune_arena_alloc(arena, strlen(from) + sizeof("all,^"), 2);
    for (to = stpcpy(text, "all,^"); *from; from++) {
        *to++ = *from;
        if (*from == ',') *to++ = '^';
    }
    return text;
}

int xt_parse_vcpus(xtune_arena *arena, const char *object, const char *text,
                   xtune_set *vcpus_r, xtune_error **err)
{
    const xtune_set exists = xtune_set_all(arena, XTUNE_MAX_VCPUS);
    const xtune_set_names names = { .what = "vCPU", .exists = &exists };

    return xtune_set_parse(arena, &names, object, text, vcpus_r, err);
}

static bool is_vcpus(xtune_arena *arena, const char *text, const char **why_r)
{
    const xtune_set exists = xtune_set_all(arena, XTUNE_MAX_VCPUS);
    const xtune_set_names names = { .what = "vCPU", .exists = &exists };
    xtune_set vcpus;

    if (!is_list(arena, &names, text, &vcpus, why_r)) return false;
    if (!xtune_set_is_empty(&vcpus)) return true;
    *why_r =
        xtune_arena_printf(arena, "vCPU list \"%s\": no vCPU is left", text);
    return false;
}

const xt_value xt_value_vcpus = {
    .is_valid = is_vcpus,
    .form = "all, or vCPUs such as \"0\", \"0-1,3\" or \"all,^0\"",
};

static bool is_pool_name(xtune_arena *arena, const char *text,
                         const char **why_r)
{
    const char *fault;

    if (xtune_cpupool_is_name(text, &fault)) return true;
    *why_r =
        xtune_arena_printf(arena, "no such value \"%s\": %s", text, fault);
    return false;
}

const xt_value xt_value_pool_name = {
    .is_valid = is_pool_name,
    .form = "the name of a CPU pool, of up to 63 bytes",
};

bool xt_parse_percent(const char *text, unsigned int *percent_r)
{
    const size_t digits = strspn(text, DIGITS);
    unsigned int percent = 0;
    size_t i;

    if (!digits || digits > 3 || strcmp(text + digits, "%")) return false;
    for (i = 0; i < digits; i++)
        percent = percent * 10 + (unsigned int)(text[i] - '0');
    if (percent > 100) return false;
    *percent_r = percent;
    return true;
}

static bool is_percent(xtune_arena *arena, const char *text,
                       const char **why_r)
{
    unsigned int percent;

    (void)arena;
    (void)why_r;
    return xt_parse_percent(text, &percent);
}

const xt_value xt_value_percent = {
    .is_valid = is_percent,
    .form = "a whole share from 0% to 100%",
};

/* Nine digits of TiB, in KiB, still are a uint64_t. */
static bool is_dom0_memory(xtune_arena *arena, const char *text,
                           const char **why_r)
{
    const size_t digits = strspn(text, DIGITS);

    (void)arena;
    (void)why_r;
    if (!strcmp(text, "auto")) return true;
    return digits && digits <= 9 && text[0] != '0' && text[digits] &&
           strchr("KMGT", text[digits]) && !text[digits + 1];
}

const xt_value xt_value_dom0_memory = {
    .is_valid = is_dom0_memory,
    .form = "auto, or a size with K, M, G or T, such as \"4G\"",
};

static bool is_dom0_vcpus(xtune_arena *arena, const char *text,
                          const char **why_r)
{
    uint64_t vcpus;

    (void)arena;
    (void)why_r;
    if (!strcmp(text, "auto")) return true;
    return text[0] != '0' && xt_parse_u64(text, 10, XTUNE_MAX_VCPUS, &vcpus);
}

const xt_value xt_value_dom0_vcpus = {
    .is_valid = is_dom0_vcpus,
    .form = "auto, or a number from 1 to 8192",
};

#define PARAMETER(id)                                                         \
    {                                                                         \
        .parameter = &xt_parameters[id]                                       \
    }

const xt_value xt_value_weight = PARAMETER(XT_WEIGHT);
const xt_value xt_value_cap = PARAMETER(XT_CAP);
const xt_value xt_value_period = PARAMETER(XT_PERIOD);
const xt_value xt_value_budget = PARAMETER(XT_BUDGET);
const xt_value xt_value_tslice = PARAMETER(XT_TSLICE);
const xt_value xt_value_ratelimit = PARAMETER(XT_RATELIMIT);
const xt_value xt_value_migration_delay = PARAMETER(XT_MIGRATION_DELAY);
