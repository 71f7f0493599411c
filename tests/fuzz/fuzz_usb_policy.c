/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usb-policies from any bytes. One that is taken is the same when its rules
 * are written and read again; it says the same of a device as its rules do one
 * by one; and a change makes it say what it was to say, and adds to it or
 * turns one word alone.
 */
#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

#include "../unit/usb_policy_loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(xtune_arena *arena, const xtune_usb_policy *policy)
{
    xtune_usb_policy *again;
    const char *text;
    size_t nr, i;

    xtune_usb_policy_rules(policy, &nr);
    for (i = 0; i < nr && i < 16; i++) {
        text = xtune_usb_rule_text(arena,
                                   &xtune_usb_policy_rules(policy, &nr)[i]);
        if (xtune_usb_policy_parse(text, strlen(text), "f", &again, NULL))
            abort();
        if (strcmp(text, xtune_usb_rule_text(
                             arena, xtune_usb_policy_rules(again, &nr))) != 0)
            abort();
        xtune_usb_policy_free(again);
        xtune_usb_policy_rules(policy, &nr);
    }
}

/* A device that the policy is about, where it is about any. */
static void make_device(xtune_arena *arena, const xtune_usb_policy *policy,
                        xtune_usb *usb)
{
    const char *text = "0951:1666:0110 if=08/06/50,03/01/01 port=1-2";
    const xtune_usb_rule *rules;
    size_t nr;

    if (xtune_usb_device_parse(arena, text, usb, NULL)) abort();
    rules = xtune_usb_policy_rules(policy, &nr);
    if (!nr) return;
    rules += nr / 2;
    if (rules->vendor != XTUNE_NONE)
        usb->vendor = xtune_arena_printf(arena, "%04x", rules->vendor);
    if (rules->product != XTUNE_NONE)
        usb->product = xtune_arena_printf(arena, "%04x", rules->product);
    if (rules->class_code != XTUNE_NONE &&
        rules->class_code != XTUNE_USB_CLASS_HUB)
        usb->interfaces[1].class_code = rules->class_code;
    usb->serial = rules->serial;
}

static void check_verdict(xtune_arena *arena, const xtune_usb_policy *policy,
                          const xtune_usb *usb)
{
    const xtune_usb_verdict verdict =
        xtune_usb_policy_judge(policy, usb, arena);
    const xtune_usb_rule *rules;
    size_t nr, i;

    rules = xtune_usb_policy_rules(policy, &nr);
    for (i = 0; i < usb->nr_interfaces; i++)
        if (verdict.decisions[i] !=
            first_that_fits(rules, nr, usb, &usb->interfaces[i]))
            abort();
}

static void check_edit(xtune_arena *arena, const xtune_usb_policy *policy,
                       const char *text, size_t len, const xtune_usb *usb,
                       bool allow)
{
    xtune_usb_policy *then;
    const char *after;

    if (memchr(text, '\0', len)) return;
    if (xtune_usb_policy_edit(arena, policy, text, len, usb, allow, NULL,
                              &after, NULL))
        abort();
    if (xtune_usb_policy_parse(after, strlen(after), "f", &then, NULL))
        abort();
    if (xtune_usb_policy_judge(then, usb, arena).allow != allow) abort();
    if (strlen(after) + 1 < len || strlen(after) > len + 128) abort();
    xtune_usb_policy_free(then);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xtune_arena *arena = xtune_arena_new();
    const char *text = (const char *)data;
    const char *words =
        xtune_arena_strndup(arena, text, size > 4096 ? 4096 : size);
    xtune_usb_policy *policy;
    xtune_findings *findings;
    xtune_usb usb;

    xtune_usb_device_parse(arena, words, &usb, NULL);
    if (!xtune_usb_policy_parse(text, size, "f", &policy, NULL)) {
        findings = xtune_findings_new();
        make_device(arena, policy, &usb);
        xtune_usb_policy_add_lint(findings, policy, &usb, 1);
        xtune_findings_free(findings);
        check_words(arena, policy);
        check_verdict(arena, policy, &usb);
        check_edit(arena, policy, text, size, &usb, true);
        check_edit(arena, policy, text, size, &usb, false);
        xtune_usb_policy_free(policy);
    }
    xtune_arena_free(arena);
    return 0;
}
