/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a usb-policy says of a device. */
#include "usb/policy.h"

/* Whether it is known what there is to be judged. */
static bool take_ids(const xtune_usb *usb, xtune_usb_rule *subject)
{
    subject->serial = usb->serial;
    subject->port = usb->path;
    return xt_usb_hex(usb->vendor, 4, &subject->vendor) &&
           xt_usb_hex(usb->product, 4, &subject->product) &&
           xt_usb_hex(usb->release, 4, &subject->release);
}

static bool take_interface(const xtune_usb_interface *interface,
                           xtune_usb_rule *subject)
{
    subject->class_code = interface->class_code;
    subject->subclass = interface->subclass;
    subject->protocol = interface->protocol;
    return subject->class_code != XTUNE_NONE &&
           subject->subclass != XTUNE_NONE && subject->protocol != XTUNE_NONE;
}

/* Groups come by their first rules: behind one that fits none can fit whose
 * group begins behind it. */
static const xtune_usb_rule *decide(const xtune_usb_policy *policy,
                                    const xtune_usb_rule *subject)
{
    const unsigned int has = xt_usb_rule_given(subject);
    const xt_usb_index *index = &policy->index;
    const xtune_usb_rule *best = NULL, *found;
    size_t i;

    for (i = 0; i < index->nr_groups; i++) {
        const struct xt_usb_group *group = &index->groups[i];

        if (best && &policy->rules[group->first] > best) break;
        if (group->given & ~has) continue;
        found = xt_usb_index_find(policy, group->given, subject);
        if (found && (!best || found < best)) best = found;
    }
    return best;
}

/* The reason that no rule is asked for: as upstream, hubs are not listed, and
 * what is not wholly there is not ready. */
static enum xtune_usb_reason reason_of(const xtune_usb *usb,
                                       xtune_usb_rule *subject)
{
    size_t i;

    if (xtune_usb_is_hub(usb)) return XTUNE_USB_IS_HUB;
    if (!usb->configured || !usb->nr_interfaces || !take_ids(usb, subject))
        return XTUNE_USB_NOT_CONFIGURED;
    for (i = 0; i < usb->nr_interfaces; i++)
        if (!take_interface(&usb->interfaces[i], subject))
            return XTUNE_USB_NOT_CONFIGURED;
    return XTUNE_USB_BY_RULES;
}

xtune_usb_verdict xtune_usb_policy_judge(const xtune_usb_policy *policy,
                                         const xtune_usb *usb,
                                         xtune_arena *arena)
{
    xtune_usb_rule subject = xt_usb_rule_any();
    xtune_usb_verdict verdict = { .reason = reason_of(usb, &subject) };
    size_t i;

    if (verdict.reason != XTUNE_USB_BY_RULES) return verdict;
    verdict.allow = true;
    verdict.nr_decisions = usb->nr_interfaces;
    verdict.decisions =
        XTUNE_NEW_ARRAY(arena, const xtune_usb_rule *, usb->nr_interfaces);
    for (i = 0; i < usb->nr_interfaces; i++) {
        take_interface(&usb->interfaces[i], &subject);
        verdict.decisions[i] = decide(policy, &subject);
        if (!verdict.decisions[i] || !verdict.decisions[i]->allow)
            verdict.allow = false;
    }
    return verdict;
}
