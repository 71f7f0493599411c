/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a usb-policy says, by going through its rules one by one: slow, and
 * plain to see. */
#ifndef TEST_USB_POLICY_LOOP_H
#define TEST_USB_POLICY_LOOP_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

static inline bool fits_hex(uint32_t wanted, const char *text)
{
    return wanted == XTUNE_NONE || wanted == strtoul(text, NULL, 16);
}

static inline bool fits_byte(uint32_t wanted, uint32_t byte)
{
    return wanted == XTUNE_NONE || wanted == byte;
}

static inline bool fits_text(const char *wanted, const char *text)
{
    return !wanted || (text && !strcmp(wanted, text));
}

static inline bool rule_fits(const xtune_usb_rule *rule, const xtune_usb *usb,
                             const xtune_usb_interface *interface)
{
    return fits_hex(rule->vendor, usb->vendor) &&
           fits_hex(rule->product, usb->product) &&
           fits_hex(rule->release, usb->release) &&
           fits_byte(rule->class_code, interface->class_code) &&
           fits_byte(rule->subclass, interface->subclass) &&
           fits_byte(rule->protocol, interface->protocol) &&
           fits_text(rule->serial, usb->serial) &&
           fits_text(rule->port, usb->path);
}

/* The first that fits; NULL. */
static inline const xtune_usb_rule *first_that_fits(
    const xtune_usb_rule *rules, size_t nr, const xtune_usb *usb,
    const xtune_usb_interface *interface)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (rule_fits(&rules[i], usb, interface)) return &rules[i];
    return NULL;
}

#endif
