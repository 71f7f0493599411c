/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules as text, and devices in words. */
#include <string.h>

#include "host/usb_device.h"
#include "usb/policy.h"

/* Rules. */

/* Whether it can stand there without quotes. */
static bool is_plain(const char *value)
{
    xt_usb_scan scan = { value, value + strlen(value) };
    uint32_t c;
    size_t len;

    if (xt_usb_scan_is_pair(&scan)) return false;
    for (; scan.at < scan.end; scan.at += len) {
        len = xt_usb_scan_char(&scan, &c);
        if (!len || xt_usb_scan_blank(&scan) || strchr("#,\"\\", *scan.at))
            return false;
    }
    return true;
}

static const char *quoted(xtune_arena *arena, const char *value)
{
    char *text, *to;

    if (is_plain(value)) return value;
    text = to = xtune_arena_alloc(arena, strlen(value) * 2 + 3, 1);
    *to++ = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') *to++ = '\\';
        *to++ = *value;
    }
    *to = '"';
    return text;
}

const char *xtune_usb_rule_text(xtune_arena *arena, const xtune_usb_rule *rule)
{
    const unsigned int given = xt_usb_rule_given(rule);
    const char *text = rule->allow ? "ALLOW:" : "DENY:";
    xtune_usb_rule copy = *rule;
    unsigned int key;

    for (key = 0; key < XT_USB_NR_KEYS; key++) {
        const xt_usb_key_row *row = &xt_usb_keys[key];

        if (!(given & 1u << key)) continue;
        text = row->digits
                   ? xtune_arena_printf(arena, "%s %s=%0*x", text, row->name,
                                        (int)row->digits,
                                        *xt_usb_rule_number(&copy, key))
                   : xtune_arena_printf(
                         arena, "%s %s=%s", text, row->name,
                         quoted(arena, *xt_usb_rule_text(&copy, key)));
    }
    return text;
}

/* Devices. */

typedef struct parser {
    xtune_arena *arena;
    const char *text;
    xt_usb_scan scan;
    xtune_usb *usb;
    bool has_class;
    xtune_error **err;
} parser;

static const char ends[] = ",";

static int fail(const parser *p, const char *hint, const char *what)
{
    return xtune_error_set(p->err, XTUNE_ERR_INVALID, 0, p->text, hint,
                           "%s, at \"%.40s\"", what, p->scan.at);
}

static bool take(parser *p, const char *word)
{
    const size_t len = strlen(word);

    if ((size_t)(p->scan.end - p->scan.at) < len ||
        memcmp(p->scan.at, word, len) != 0)
        return false;
    p->scan.at += len;
    return true;
}

static bool take_id(parser *p, const char **id_r)
{
    uint32_t value;

    if (!xt_usb_scan_number(&p->scan, 4, &value)) return false;
    *id_r = xtune_arena_printf(p->arena, "%04x", value);
    return true;
}

/* A device always has a release: where none is given it is 0000. */
static int take_ids(parser *p)
{
    static const char hint[] = "begin with \"vendor:product\" or "
                               "\"vendor:product:release\", of four "
                               "hexadecimal digits each";

    if (!take_id(p, &p->usb->vendor) || !take(p, ":") ||
        !take_id(p, &p->usb->product))
        return fail(p, hint, "there are no ids");
    p->usb->release = "0000";
    if (take(p, ":") && !take_id(p, &p->usb->release))
        return fail(p, hint, "the release is none");
    return 0;
}

static int take_interface(parser *p)
{
    xtune_usb *usb = p->usb;
    xtune_usb_interface *interface;

    if (usb->nr_interfaces == XT_USB_MAX_INTERFACES)
        return fail(p, NULL, "there are too many interfaces");
    usb->interfaces = xtune_arena_grow(p->arena, usb->interfaces,
                                       usb->nr_interfaces, sizeof(*interface));
    interface = &usb->interfaces[usb->nr_interfaces];
    *interface =
        (xtune_usb_interface){ .number = (uint32_t)usb->nr_interfaces };
    usb->nr_interfaces++;
    if (xt_usb_scan_number(&p->scan, 2, &interface->class_code) &&
        take(p, "/") &&
        xt_usb_scan_number(&p->scan, 2, &interface->subclass) &&
        take(p, "/") && xt_usb_scan_number(&p->scan, 2, &interface->protocol))
        return 0;
    return fail(p,
                "write class, subclass and protocol of two hexadecimal digits "
                "each, as in \"if=08/06/50\"",
                "this is no interface");
}

static int fail_twice(const parser *p)
{
    return fail(p, "leave one of them out", "it is there twice");
}

static int take_text(parser *p, const char **text_r)
{
    const char *why;

    if (*text_r) return fail_twice(p);
    why = xt_usb_scan_value(&p->scan, p->arena, ends, text_r);
    return why ? fail(p, why, "the value cannot be read") : 0;
}

static int take_class(parser *p)
{
    if (p->has_class) return fail_twice(p);
    p->has_class = xt_usb_scan_number(&p->scan, 2, &p->usb->class_code);
    if (p->has_class) return 0;
    return fail(p, "write two hexadecimal digits", "this is no class");
}

static int take_port(parser *p)
{
    const xt_usb_scan before = p->scan;
    const int rc = take_text(p, &p->usb->path);

    if (rc || xt_usb_path_is_valid(p->usb->path, NULL)) return rc;
    p->scan = before;
    return fail(p, "write it as sysfs does, as in \"port=1-2.1\"",
                "this is no port");
}

static int take_item(parser *p)
{
    if (take(p, "if=")) return take_interface(p);
    if (take(p, "class=")) return take_class(p);
    if (take(p, "serial=")) return take_text(p, &p->usb->serial);
    if (take(p, "port=")) return take_port(p);
    /* Behind an interface others may follow without "if=". */
    if (p->usb->nr_interfaces && xt_usb_scan_hex(&p->scan))
        return take_interface(p);
    return fail(
        p, "use if=, serial=, port= and class=", "this is not understood");
}

/* Items have commas or blanks between them. */
static bool take_separator(parser *p)
{
    const char *before = p->scan.at;

    do
        xt_usb_scan_skip_blanks(&p->scan);
    while (take(p, ","));
    return p->scan.at > before;
}

int xtune_usb_device_parse(xtune_arena *arena, const char *text,
                           xtune_usb *usb_r, xtune_error **err)
{
    parser p = { .arena = arena, .text = text, .usb = usb_r, .err = err };
    int rc;

    p.scan = (xt_usb_scan){ text, text + strlen(text) };
    *usb_r = (xtune_usb){
        .bus = XTUNE_NONE,
        .address = XTUNE_NONE,
        .configured = true,
    };
    xt_usb_scan_skip_blanks(&p.scan);
    rc = take_ids(&p);
    while (!rc && p.scan.at < p.scan.end) {
        if (!take_separator(&p))
            rc = fail(&p, "put commas or blanks between the words",
                      "there is something behind the value");
        else if (p.scan.at < p.scan.end)
            rc = take_item(&p);
    }
    if (rc || usb_r->nr_interfaces) return rc;
    return fail(&p, "name at least one, as in \"if=08/06/50\"",
                "there is no interface");
}
