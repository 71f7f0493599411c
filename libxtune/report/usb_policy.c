/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a usb-policy says of devices, and what is wrong with it. */
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "boot/boot.h"
#include "report/changes.h"
#include "report/pci.h"
#include "report/text.h"

static const char *verdict_name(bool allow)
{
    return allow ? "allow" : "deny";
}

/* Findings. */

char *xtune_report_usb_policy_check(const xtune_usb_policy *policy,
                                    const xtune_findings *findings)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t nr;

    xtune_usb_policy_rules(policy, &nr);
    xt_text_open(&text);
    xt_pci_put_findings(text.out, arena, findings, NULL);
    fprintf(text.out, "%s: %zu rule%s%s\n",
            xt_text_safe(arena, xtune_usb_policy_object(policy)), nr,
            nr == 1 ? "" : "s",
            findings->nr ? "" : ", and nothing is wrong with them");
    return xt_text_close(&text);
}

char *xtune_report_usb_policy_check_json(const xtune_usb_policy *policy,
                                         const xtune_findings *findings)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena);
    size_t nr;

    xtune_usb_policy_rules(policy, &nr);
    xt_json_add_string(arena, json, "schema", "xtune/usb-policy-check/1");
    xt_json_add_string(arena, json, "file", xtune_usb_policy_object(policy));
    xt_json_add_u64(arena, json, "rules", nr);
    xt_json_add(arena, json, "findings",
                xt_pci_findings_json(arena, findings, NULL));
    return xt_json_print(json);
}

/* Verdicts. */

static const char *reason_name(enum xtune_usb_reason reason)
{
    switch (reason) {
    case XTUNE_USB_IS_HUB: return "hub";
    case XTUNE_USB_NOT_CONFIGURED: return "not-configured";
    case XTUNE_USB_BY_RULES: break;
    }
    return "rules";
}

static const char *reason_text(enum xtune_usb_reason reason)
{
    switch (reason) {
    case XTUNE_USB_IS_HUB: return ": hubs are never passed through";
    case XTUNE_USB_NOT_CONFIGURED:
        return ": it has no configuration, and no rule is asked about it";
    case XTUNE_USB_BY_RULES: break;
    }
    return "";
}

static void put_decision(FILE *out, xtune_arena *arena,
                         const xtune_usb_policy *policy,
                         const xtune_usb_interface *interface,
                         const xtune_usb_rule *rule)
{
    fprintf(out, "  interface %u (%02x/%02x/%02x): ", interface->number,
            interface->class_code, interface->subclass, interface->protocol);
    if (rule)
        fprintf(out, "%s, by %s:%u, \"%s\"\n", verdict_name(rule->allow),
                xt_text_safe(arena, xtune_usb_policy_object(policy)),
                rule->line,
                xt_text_safe(arena, xtune_usb_rule_text(arena, rule)));
    else
        fputs("deny, as no rule matches\n", out);
}

char *xtune_report_usb_verdicts(const xtune_usb_policy *policy,
                                const xtune_usb_judged *judged, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_usb_verdict verdict;
    xt_text text;
    size_t i, k;

    xt_text_open(&text);
    for (i = 0; i < nr; i++) {
        verdict = xtune_usb_policy_judge(policy, judged[i].usb, arena);
        fprintf(text.out, "%s: %s%s\n", xt_text_safe(arena, judged[i].words),
                verdict_name(verdict.allow), reason_text(verdict.reason));
        for (k = 0; k < verdict.nr_decisions; k++)
            put_decision(text.out, arena, policy,
                         &judged[i].usb->interfaces[k], verdict.decisions[k]);
    }
    return xt_text_close(&text);
}

static xt_json *byte_json(xtune_arena *arena, uint32_t byte)
{
    return xt_json_string(arena, xtune_arena_printf(arena, "%02x", byte));
}

static xt_json *rule_json(xtune_arena *arena, const xtune_usb_rule *rule)
{
    xt_json *json;

    if (!rule) return xt_json_null(arena);
    json = xt_json_object(arena);
    xt_json_add_u64(arena, json, "line", rule->line);
    xt_json_add_string(arena, json, "text", xtune_usb_rule_text(arena, rule));
    return json;
}

static xt_json *decision_json(xtune_arena *arena,
                              const xtune_usb_interface *interface,
                              const xtune_usb_rule *rule)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "number", interface->number);
    xt_json_add(arena, json, "class", byte_json(arena, interface->class_code));
    xt_json_add(arena, json, "subclass",
                byte_json(arena, interface->subclass));
    xt_json_add(arena, json, "protocol",
                byte_json(arena, interface->protocol));
    xt_json_add_string(arena, json, "verdict",
                       verdict_name(rule && rule->allow));
    xt_json_add(arena, json, "rule", rule_json(arena, rule));
    return json;
}

static void add_verdict(xtune_arena *arena, xt_json *json,
                        const xtune_usb_policy *policy,
                        const xtune_usb_judged *judged)
{
    const xtune_usb *usb = judged->usb;
    const xtune_usb_verdict verdict =
        xtune_usb_policy_judge(policy, usb, arena);
    xt_json *interfaces = xt_json_array(arena);
    size_t i;

    for (i = 0; i < verdict.nr_decisions; i++)
        xt_json_append(
            arena, interfaces,
            decision_json(arena, &usb->interfaces[i], verdict.decisions[i]));
    xt_json_add_string(arena, json, "device", judged->words);
    xt_json_add_string(arena, json, "verdict", verdict_name(verdict.allow));
    xt_json_add_string(arena, json, "reason", reason_name(verdict.reason));
    xt_json_add(arena, json, "interfaces", interfaces);
}

char *xtune_report_usb_verdicts_json(const xtune_usb_policy *policy,
                                     const xtune_usb_judged *judged, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *devices, *device;
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/usb-verdict/1");
    xt_json_add_string(arena, json, "file", xtune_usb_policy_object(policy));
    if (nr == 1) {
        add_verdict(arena, json, policy, judged);
        return xt_json_print(json);
    }
    devices = xt_json_array(arena);
    for (i = 0; i < nr; i++) {
        device = xt_json_object(arena);
        add_verdict(arena, device, policy, &judged[i]);
        xt_json_append(arena, devices, device);
    }
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}

/* Changes. */

static size_t count_lines(const char *diff, char what)
{
    size_t nr = 0;

    for (; *diff; diff += *diff == '\n') {
        nr += *diff == what;
        diff += strcspn(diff, "\n");
    }
    return nr;
}

const char *xt_usb_rules_changes(xtune_arena *arena,
                                 const xtune_action *action)
{
    const char *before = xt_json_text(action->old);
    const char *after = xt_json_text(action->new), *diff;

    if (!after) return before ? "removed" : "";
    if (!before) return "made";
    diff = xt_boot_diff_texts(arena, "", before, after);
    if (!*diff) return "";
    /* Behind the two lines that name the texts. */
    diff = strchr(strchr(diff, '\n') + 1, '\n') + 1;
    return xtune_arena_printf(arena, "lines -%zu +%zu", count_lines(diff, '-'),
                              count_lines(diff, '+'));
}

char *xtune_report_diff(const char *name, const char *before,
                        const char *after)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xt_xstrdup(xt_boot_diff_texts(arena, name, before, after));
}
