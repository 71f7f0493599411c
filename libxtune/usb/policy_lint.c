/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a usb-policy that can be read. */
#include <string.h>

#include "host/findings.h"
#include "usb/policy.h"

/* XAPI's own, which XAPI's own reader has to understand. */
#define XAPI_FILE "/etc/xensource/usb-policy.conf"

static const char *place_of(xtune_arena *arena, const xtune_usb_policy *policy,
                            const xtune_usb_rule *rule)
{
    return xtune_arena_printf(arena, "%s:%u", policy->object, rule->line);
}

/* The first rule before this one that takes all that this one could; NULL. A
 * rule that gives a part of its keys, with the same values, does. */
static const xtune_usb_rule *shadow_of(const xtune_usb_policy *policy,
                                       const xtune_usb_rule *rule)
{
    const unsigned int given = xt_usb_rule_given(rule);
    const xt_usb_index *index = &policy->index;
    const xtune_usb_rule *best = rule, *found;
    size_t i;

    for (i = 0; i < index->nr_groups; i++) {
        const struct xt_usb_group *group = &index->groups[i];

        if (&policy->rules[group->first] >= best) break;
        if (group->given & ~given) continue;
        found = xt_usb_index_find(policy, group->given, rule);
        if (found && found < best) best = found;
    }
    return best == rule ? NULL : best;
}

static bool add_shadowed(xtune_findings *findings,
                         const xtune_usb_policy *policy,
                         const xtune_usb_rule *rule)
{
    const xtune_usb_rule *shadow = shadow_of(policy, rule);

    if (!shadow) return false;
    xt_findings_add(findings, "shadowed", XTUNE_FINDING_WARNING,
                    place_of(findings->arena, policy, rule),
                    shadow->allow == rule->allow
                        ? "take it out"
                        : "put it in front of that one, or take it out",
                    "\"%s\" can never match: line %u, \"%s\", takes all that "
                    "it would",
                    xtune_usb_rule_text(findings->arena, rule), shadow->line,
                    xtune_usb_rule_text(findings->arena, shadow));
    return true;
}

static bool add_hub(xtune_findings *findings, const xtune_usb_policy *policy,
                    const xtune_usb_rule *rule)
{
    if (rule->class_code != XTUNE_USB_CLASS_HUB) return false;
    xt_findings_add(findings, "hub",
                    rule->allow ? XTUNE_FINDING_WARNING : XTUNE_FINDING_NOTE,
                    place_of(findings->arena, policy, rule), "take it out",
                    "\"%s\" can never match: hubs are never passed through, "
                    "whatever the rules say",
                    xtune_usb_rule_text(findings->arena, rule));
    return true;
}

static bool ends_with(const char *text, const char *ending)
{
    const size_t len = strlen(text), tail = strlen(ending);

    return len >= tail && !strcmp(text + len - tail, ending);
}

static void add_extension(xtune_findings *findings,
                          const xtune_usb_policy *policy,
                          const xtune_usb_rule *rule)
{
    if (!rule->serial && !rule->port) return;
    if (!ends_with(policy->object, XAPI_FILE)) return;
    xt_findings_add(findings, "extension", XTUNE_FINDING_WARNING,
                    place_of(findings->arena, policy, rule),
                    "use vid, pid and rel alone in this file",
                    "XAPI, whose file this is, does not know \"%s\", and "
                    "passes nothing through as long as it is there",
                    rule->serial ? "serial" : "port");
}

/* XAPI's reader looks for a rule in each line that "#" does not begin. */
static void add_blank_line(xtune_findings *findings,
                           const xtune_usb_policy *policy)
{
    if (!policy->blank_line || !ends_with(policy->object, XAPI_FILE)) return;
    xt_findings_add(findings, "extension", XTUNE_FINDING_WARNING,
                    xtune_arena_printf(findings->arena, "%s:%u",
                                       policy->object, policy->blank_line),
                    "begin each such line with \"#\" in this file",
                    "XAPI, whose file this is, fails on a line that is blank "
                    "(before 25.29), or begins with a blank before \"#\", and "
                    "passes nothing through as long as it is there");
}

/* By rule, whether it decides about one of these devices. */
static bool *find_used(xtune_arena *arena, const xtune_usb_policy *policy,
                       const xtune_usb *devices, size_t nr_devices)
{
    bool *used = XTUNE_NEW_ARRAY(arena, bool, policy->nr + 1);
    xtune_usb_verdict verdict;
    size_t i, k;

    for (i = 0; i < nr_devices; i++) {
        verdict = xtune_usb_policy_judge(policy, &devices[i], arena);
        for (k = 0; k < verdict.nr_decisions; k++)
            if (verdict.decisions[k])
                used[verdict.decisions[k] - policy->rules] = true;
    }
    return used;
}

static void add_unused(xtune_findings *findings,
                       const xtune_usb_policy *policy,
                       const xtune_usb_rule *rule)
{
    xt_findings_add(findings, "unused", XTUNE_FINDING_NOTE,
                    place_of(findings->arena, policy, rule), NULL,
                    "\"%s\" decides about no device that is plugged in here",
                    xtune_usb_rule_text(findings->arena, rule));
}

void xtune_usb_policy_add_lint(xtune_findings *findings,
                               const xtune_usb_policy *policy,
                               const xtune_usb *devices, size_t nr_devices)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const bool *used =
        devices ? find_used(arena, policy, devices, nr_devices) : NULL;
    size_t i;

    if (!policy->nr)
        xt_findings_add(findings, "empty", XTUNE_FINDING_NOTE, policy->object,
                        "a line \"ALLOW:\" at the end allows what no rule "
                        "denies",
                        "there is no rule in it: nothing can be passed "
                        "through");
    add_blank_line(findings, policy);
    for (i = 0; i < policy->nr; i++) {
        const xtune_usb_rule *rule = &policy->rules[i];

        add_extension(findings, policy, rule);
        if (add_hub(findings, policy, rule) ||
            add_shadowed(findings, policy, rule))
            continue;
        if (used && !used[i]) add_unused(findings, policy, rule);
    }
}
