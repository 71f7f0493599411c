/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest change of a usb-policy that makes it say something else of a
 * device. */
#include <string.h>

#include "base/printable.h"
#include "usb/policy.h"

#define MAX_NAME 60 /* of a device, in the comment behind its rule */

typedef struct edit {
    xtune_arena *arena;
    const xtune_usb_policy *policy;
    const char *text, *end;
    const xtune_usb *usb;
    xtune_usb_rule rule; /* that there is to be */
} edit;

static int check_device(const edit *e, const xtune_usb_verdict *verdict,
                        xtune_error **err)
{
    const char *object = e->usb->path ? e->usb->path : e->policy->object;

    switch (verdict->reason) {
    case XTUNE_USB_IS_HUB:
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, object,
                               "pass what is plugged into it through",
                               "it is a hub, which no rule can allow");
    case XTUNE_USB_NOT_CONFIGURED:
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, object,
                               "plug it in again, and see what dom0's kernel "
                               "says of it",
                               "it has no configuration, and no rule is asked "
                               "about it");
    case XTUNE_USB_BY_RULES: break;
    }
    return 0;
}

static int check_serial(const edit *e, xtune_error **err)
{
    const char *serial = e->rule.serial;
    xt_usb_scan scan = { .at = NULL };
    uint32_t c;
    size_t len;

    if (!serial) return 0;
    scan = (xt_usb_scan){ serial, serial + strlen(serial) };
    for (; scan.at < scan.end; scan.at += len) {
        len = xt_usb_scan_char(&scan, &c);
        if (!len || c < 0x20 || (c >= 0x7f && c < 0xa0)) break;
    }
    if (*serial && scan.at == scan.end && strlen(serial) <= XT_USB_MAX_SERIAL)
        return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0,
        e->usb->path ? e->usb->path : e->policy->object, "name it by its port",
        "its serial number \"%s\" cannot stand in a rule", serial);
}

static void make_rule(edit *e, bool allow, const xtune_usb_identity *of)
{
    e->rule = xt_usb_rule_any();
    e->rule.allow = allow;
    xt_usb_hex(e->usb->vendor, 4, &e->rule.vendor);
    xt_usb_hex(e->usb->product, 4, &e->rule.product);
    if (of && of->by != XTUNE_USB_BY_PORT) e->rule.serial = of->serial;
    if (of && of->by != XTUNE_USB_BY_SERIAL) e->rule.port = of->port;
}

/* The first rule that decides otherwise; NULL where that none matches does. */
static const xtune_usb_rule *first_other(const xtune_usb_verdict *verdict,
                                         bool allow)
{
    const xtune_usb_rule *first = NULL;
    size_t i;

    for (i = 0; i < verdict->nr_decisions; i++) {
        const xtune_usb_rule *rule = verdict->decisions[i];

        if (rule && rule->allow != allow && (!first || rule < first))
            first = rule;
    }
    return first;
}

static bool is_just_this(const edit *e, const xtune_usb_rule *rule)
{
    const unsigned int given = xt_usb_rule_given(&e->rule);

    return xt_usb_rule_given(rule) == given &&
           xt_usb_index_find(e->policy, given, &e->rule) == rule;
}

/* Where the line of a rule begins. */
static const char *find_line(const edit *e, const xtune_usb_rule *rule)
{
    const char *line = e->text;
    unsigned int nr;

    for (nr = 1; nr < rule->line; nr++)
        line = xt_usb_line_next(xt_usb_line_end(line, e->end), e->end);
    return line;
}

/* The text with len bytes at a place replaced. */
static const char *replace(const edit *e, const char *at, size_t len,
                           const char *by)
{
    const size_t before = (size_t)(at - e->text), added = strlen(by);
    const size_t behind = (size_t)(e->end - at) - len;
    char *text = xtune_arena_alloc(e->arena, before + added + behind + 1, 1);

    memcpy(text, e->text, before);
    memcpy(text + before, by, added);
    memcpy(text + before + added, at + len, behind);
    return text;
}

/* Only the word is another one. */
static const char *turn(const edit *e, const xtune_usb_rule *rule)
{
    xt_usb_scan scan = { find_line(e, rule), e->end };

    xt_usb_scan_skip_blanks(&scan);
    return replace(e, scan.at, xt_usb_scan_letters(&scan),
                   rule->allow ? "DENY" : "ALLOW");
}

/* What a device says of itself is not to steer a terminal, nor to end the
 * line. */
static const char *comment(const edit *e)
{
    const char *name = xtune_usb_name(e->arena, e->usb);
    const unsigned char *s = (const unsigned char *)name;
    char text[MAX_NAME + 1] = "";
    size_t len, nr = 0;

    for (; *s && nr < MAX_NAME; s += len ? len : 1) {
        len = xt_printable_length(s);
        if (nr + len > MAX_NAME) break;
        if (len) memcpy(text + nr, s, len);
        nr += len;
    }
    return *text ? xtune_arena_printf(e->arena, " # %.*s", (int)nr, text) : "";
}

/* How lines end: as the one at a place does, or else the one before it. */
static const char *ending_at(const edit *e, const char *at)
{
    const char *line_end = xt_usb_line_end(at, e->end);

    if (line_end == e->end && at > e->text)
        line_end = at - 1 - (at - e->text > 1 && at[-2] == '\r');
    if (line_end == e->end || *line_end == '\n') return "\n";
    return e->end - line_end > 1 && line_end[1] == '\n' ? "\r\n" : "\r";
}

static bool is_line_start(const edit *e, const char *at)
{
    return at == e->text || at[-1] == '\n' || at[-1] == '\r';
}

/* In front of that rule; NULL: at the end. */
static const char *insert(const edit *e, const xtune_usb_rule *rule)
{
    const char *at = rule ? find_line(e, rule) : e->end;
    const char *rule_text = xtune_usb_rule_text(e->arena, &e->rule);
    const char *ending, *line;

    if (is_line_start(e, at)) {
        ending = ending_at(e, at);
        line = xtune_arena_printf(e->arena, "%s%s%s", rule_text, comment(e),
                                  ending);
    } else {
        /* The last line has no end, and gets one. */
        const char *last = at;

        while (!is_line_start(e, last))
            last--;
        ending = ending_at(e, last);
        line = xtune_arena_printf(e->arena, "%s%s%s%s", ending, rule_text,
                                  comment(e), ending);
    }
    return replace(e, at, 0, line);
}

int xtune_usb_policy_edit(xtune_arena *arena, const xtune_usb_policy *policy,
                          const char *text, size_t len, const xtune_usb *usb,
                          bool allow, const xtune_usb_identity *of,
                          const char **text_r, xtune_error **err)
{
    edit e = { .arena = arena,
               .policy = policy,
               .text = text,
               .end = text + len,
               .usb = usb };
    xtune_usb_verdict verdict = xtune_usb_policy_judge(policy, usb, arena);
    const xtune_usb_rule *other;
    int rc;

    if (memchr(text, '\0', len))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, policy->object,
                               "save it as text", "there is a NUL byte in it");
    if (verdict.allow == allow) {
        *text_r = replace(&e, text, 0, "");
        return 0;
    }
    rc = check_device(&e, &verdict, err);
    if (rc) return rc;
    make_rule(&e, allow, of);
    rc = check_serial(&e, err);
    if (rc) return rc;
    other = first_other(&verdict, allow);
    *text_r =
        other && is_just_this(&e, other) ? turn(&e, other) : insert(&e, other);
    return 0;
}
