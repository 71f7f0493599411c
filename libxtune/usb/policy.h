/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the usb-policy share. */
#ifndef XT_USB_POLICY_H
#define XT_USB_POLICY_H

#include <xtune/usb.h>

#include "base/util.h"

/* What a rule may ask for. Numbers first: they are compared alike. */
enum xt_usb_key {
    XT_USB_KEY_VID,
    XT_USB_KEY_PID,
    XT_USB_KEY_REL,
    XT_USB_KEY_CLASS,
    XT_USB_KEY_SUBCLASS,
    XT_USB_KEY_PROT,
    XT_USB_NR_NUMBERS,
    XT_USB_KEY_SERIAL = XT_USB_NR_NUMBERS,
    XT_USB_KEY_PORT,
    XT_USB_NR_KEYS,
};

#define XT_USB_MAX_SERIAL 512 /* a descriptor holds 126 characters */
#define XT_USB_MAX_INTERFACES 255

typedef struct xt_usb_key_row {
    const char *name;
    size_t len;          /* of the name */
    unsigned int digits; /* hexadecimal; 0: it is text */
    size_t offset;       /* of its member in xtune_usb_rule */
} xt_usb_key_row;

/* By enum xt_usb_key. */
extern const xt_usb_key_row xt_usb_keys[XT_USB_NR_KEYS];

uint32_t *xt_usb_rule_number(xtune_usb_rule *rule, enum xt_usb_key key);
const char **xt_usb_rule_text(xtune_usb_rule *rule, enum xt_usb_key key);

/* One that asks for nothing. */
xtune_usb_rule xt_usb_rule_any(void);

/* The keys that a rule gives, a bit each. */
unsigned int xt_usb_rule_given(const xtune_usb_rule *rule);

/* Rules by the keys that they give: of each set of keys, and of each set of
 * values of those, the first. */
typedef struct xt_usb_index {
    struct xt_usb_slot {
        uint32_t tag;  /* a part of the hash */
        uint32_t rule; /* its number and 1; 0: the slot is free */
    } * slots;
    size_t mask; /* there are mask + 1 slots */
    struct xt_usb_group {
        unsigned int given; /* the keys */
        size_t first;       /* no rule with these is before this one */
    } groups[1 << XT_USB_NR_KEYS];
    size_t nr_groups; /* by their first */
} xt_usb_index;

struct xtune_usb_policy {
    xtune_arena *arena;
    const char *object;
    xtune_usb_rule *rules;
    size_t nr;
    /* The first line that is neither a rule nor a comment from its beginning:
     * one that is blank, or begins so; 0: there is none. */
    unsigned int blank_line;
    xt_usb_index index;
};

/* policy_index.c */

void xt_usb_index_make(xtune_usb_policy *policy);

/* The first rule that gives exactly these keys, with the values that subject,
 * which has all of them, has there; NULL. */
const xtune_usb_rule *xt_usb_index_find(const xtune_usb_policy *policy,
                                        unsigned int given,
                                        const xtune_usb_rule *subject);

/* policy_scan.c: text, as the policy and devices in words have it. */

typedef struct xt_usb_scan {
    const char *at, *end;
} xt_usb_scan;

/* The UTF-8 character at the cursor, and its length; 0 where there is none. */
size_t xt_usb_scan_char(const xt_usb_scan *scan, uint32_t *c_r);

/* The length of the blank at the cursor: what Unicode calls white space, which
 * upstream skips. 0: none. */
size_t xt_usb_scan_blank(const xt_usb_scan *scan);
void xt_usb_scan_skip_blanks(xt_usb_scan *scan);

/* The length of the letters, or the hexadecimal digits, at the cursor. */
size_t xt_usb_scan_letters(const xt_usb_scan *scan);
size_t xt_usb_scan_hex(const xt_usb_scan *scan);

/* Takes exactly so many hexadecimal digits, with no more behind them. False:
 * the cursor stays. */
bool xt_usb_scan_number(xt_usb_scan *scan, unsigned int digits,
                        uint32_t *value_r);

/* Takes a word, or what is in double quotes, where "\" makes the next
 * character a plain one. A word ends at a blank or one of these characters.
 * NULL, or what is wrong with it. */
const char *xt_usb_scan_value(xt_usb_scan *scan, xtune_arena *arena,
                              const char *ends, const char **value_r);

/* The key whose name is at the cursor, in letters of either case;
 * XT_USB_NR_KEYS: there is none. And whether it is one with "=" behind it. */
enum xt_usb_key xt_usb_scan_key(const xt_usb_scan *scan);
bool xt_usb_scan_is_pair(const xt_usb_scan *scan);

/* policy_parse.c: lines end with LF, CR or both. Where the line at a place
 * ends, and where the one behind that end begins. */

const char *xt_usb_line_end(const char *at, const char *end);
const char *xt_usb_line_next(const char *line_end, const char *end);

/* policy_scan.c */

/* The hexadecimal text of a device, as sysfs has it. False where there is none
 * or it is not so long. */
bool xt_usb_hex(const char *text, unsigned int digits, uint32_t *value_r);

#endif
