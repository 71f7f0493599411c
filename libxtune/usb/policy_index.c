/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules that are found by what they ask for. There are few sets of keys that
 * rules give, 256 at most, however many rules there are: of each set one look
 * into a table tells whether a rule with those keys fits.
 */
#include <string.h>

#include "usb/policy.h"

#define ROW(key, name, digits, member)                                        \
    [key] = { name, sizeof(name) - 1, digits,                                 \
              offsetof(xtune_usb_rule, member) }

const xt_usb_key_row xt_usb_keys[XT_USB_NR_KEYS] = {
    ROW(XT_USB_KEY_VID, "vid", 4, vendor),
    ROW(XT_USB_KEY_PID, "pid", 4, product),
    ROW(XT_USB_KEY_REL, "rel", 4, release),
    ROW(XT_USB_KEY_CLASS, "class", 2, class_code),
    ROW(XT_USB_KEY_SUBCLASS, "subclass", 2, subclass),
    ROW(XT_USB_KEY_PROT, "prot", 2, protocol),
    ROW(XT_USB_KEY_SERIAL, "serial", 0, serial),
    ROW(XT_USB_KEY_PORT, "port", 0, port),
};

uint32_t *xt_usb_rule_number(xtune_usb_rule *rule, enum xt_usb_key key)
{
    return (uint32_t *)(void *)((char *)rule + xt_usb_keys[key].offset);
}

const char **xt_usb_rule_text(xtune_usb_rule *rule, enum xt_usb_key key)
{
    return (const char **)(void *)((char *)rule + xt_usb_keys[key].offset);
}

static uint32_t number_of(const xtune_usb_rule *rule, enum xt_usb_key key)
{
    return *xt_usb_rule_number((xtune_usb_rule *)rule, key);
}

static const char *text_of(const xtune_usb_rule *rule, enum xt_usb_key key)
{
    return *xt_usb_rule_text((xtune_usb_rule *)rule, key);
}

xtune_usb_rule xt_usb_rule_any(void)
{
    return (xtune_usb_rule){
        .class_code = XTUNE_NONE,
        .subclass = XTUNE_NONE,
        .protocol = XTUNE_NONE,
        .vendor = XTUNE_NONE,
        .product = XTUNE_NONE,
        .release = XTUNE_NONE,
    };
}

unsigned int xt_usb_rule_given(const xtune_usb_rule *rule)
{
    unsigned int given = 0, key;

    for (key = 0; key < XT_USB_NR_NUMBERS; key++)
        if (number_of(rule, key) != XTUNE_NONE) given |= 1u << key;
    for (; key < XT_USB_NR_KEYS; key++)
        if (text_of(rule, key)) given |= 1u << key;
    return given;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(unsigned int given, const xtune_usb_rule *rule)
{
    uint64_t hash = mix(0, given);
    unsigned int key;
    const char *p;

    for (key = 0; key < XT_USB_NR_NUMBERS; key++)
        if (given & 1u << key) hash = mix(hash, number_of(rule, key));
    for (; key < XT_USB_NR_KEYS; key++)
        for (p = given & 1u << key ? text_of(rule, key) : ""; *p; p++)
            hash = mix(hash, (unsigned char)*p);
    return mix(hash, hash >> 32);
}

static bool is_same(unsigned int given, const xtune_usb_rule *a,
                    const xtune_usb_rule *b)
{
    unsigned int key;

    for (key = 0; key < XT_USB_NR_NUMBERS; key++)
        if (given & 1u << key && number_of(a, key) != number_of(b, key))
            return false;
    for (; key < XT_USB_NR_KEYS; key++)
        if (given & 1u << key && strcmp(text_of(a, key), text_of(b, key)) != 0)
            return false;
    return true;
}

/* The slot of such a rule, or a free one. */
static struct xt_usb_slot *slot_of(const xtune_usb_policy *policy,
                                   unsigned int given,
                                   const xtune_usb_rule *subject,
                                   uint32_t *tag_r)
{
    const xt_usb_index *index = &policy->index;
    const uint64_t hash = hash_of(given, subject);
    size_t at = (size_t)(hash >> 32) & index->mask;
    struct xt_usb_slot *slot;

    *tag_r = (uint32_t)hash;
    for (; (slot = &index->slots[at])->rule; at = (at + 1) & index->mask) {
        const xtune_usb_rule *rule = &policy->rules[slot->rule - 1];

        if (slot->tag == *tag_r && xt_usb_rule_given(rule) == given &&
            is_same(given, rule, subject))
            break;
    }
    return slot;
}

void xt_usb_index_make(xtune_usb_policy *policy)
{
    xt_usb_index *index = &policy->index;
    bool is_known[1 << XT_USB_NR_KEYS] = { false };
    size_t room = 16, i;
    uint32_t tag;

    while (room < policy->nr * 2)
        room *= 2;
    index->slots = XTUNE_NEW_ARRAY(policy->arena, struct xt_usb_slot, room);
    index->mask = room - 1;
    for (i = 0; i < policy->nr; i++) {
        const xtune_usb_rule *rule = &policy->rules[i];
        const unsigned int given = xt_usb_rule_given(rule);
        struct xt_usb_slot *slot = slot_of(policy, given, rule, &tag);

        if (!slot->rule) *slot = (struct xt_usb_slot){ tag, (uint32_t)i + 1 };
        if (is_known[given]) continue;
        is_known[given] = true;
        index->groups[index->nr_groups++] =
            (struct xt_usb_group){ .given = given, .first = i };
    }
}

const xtune_usb_rule *xt_usb_index_find(const xtune_usb_policy *policy,
                                        unsigned int given,
                                        const xtune_usb_rule *subject)
{
    uint32_t tag;
    const struct xt_usb_slot *slot = slot_of(policy, given, subject, &tag);

    return slot->rule ? &policy->rules[slot->rule - 1] : NULL;
}
