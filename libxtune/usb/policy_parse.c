/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Takes a usb-policy apart. What upstream's reader takes is taken, and read
 * alike: one colon, keys once and in any order, blanks between them or not,
 * lines that end with LF, CR or both; and comments behind blanks, which it
 * fails on. What it refuses is refused, but for serial= and port=.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host/usb_device.h"
#include "usb/policy.h"

/* As much of a line as an error quotes. */
#define MAX_QUOTED 40

typedef struct parser {
    xtune_usb_policy *policy;
    const char *line; /* where the one that is read begins */
    unsigned int nr;  /* of it */
    xt_usb_scan scan; /* what is left of it */
    xtune_error **err;
} parser;

/* The characters of the line before the cursor, and 1. */
static size_t column_of(const parser *p)
{
    xt_usb_scan s = { p->line, p->scan.end };
    size_t column = 1, len;
    uint32_t c;

    while (s.at < p->scan.at) {
        len = xt_usb_scan_char(&s, &c);
        s.at += len ? len : 1;
        column++;
    }
    return column;
}

/* About what is at the cursor. */
static int fail(const parser *p, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(const parser *p, const char *hint, const char *fmt, ...)
{
    XT_CLEANUP_FREE char *object =
        xt_xprintf("%s:%u:%zu", p->policy->object, p->nr, column_of(p));
    XT_CLEANUP_FREE char *way_out = xt_xprintf(
        "%s; until then no device at all can be passed through", hint);
    XT_CLEANUP_FREE char *message = NULL;
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (r < 0) xt_out_of_memory();
    return xtune_error_set(p->err, XTUNE_ERR_INVALID, 0, object, way_out, "%s",
                           message);
}

/* How much of the rest to quote: up to a blank, or what else ends a word. */
static int word_length(const parser *p)
{
    xt_usb_scan s = p->scan;
    size_t len;
    uint32_t c;

    while (s.at < s.end && !xt_usb_scan_blank(&s) && !strchr(":=#", *s.at)) {
        len = xt_usb_scan_char(&s, &c);
        len = len ? len : 1;
        if (s.at + len - p->scan.at > MAX_QUOTED) break;
        s.at += len;
    }
    /* A sign alone is a word as well. */
    return s.at == p->scan.at && s.at < s.end ? 1 : (int)(s.at - p->scan.at);
}

static bool is_at_end(const parser *p)
{
    return p->scan.at == p->scan.end || *p->scan.at == '#';
}

static int not_understood(const parser *p)
{
    static const char keys[] = "use class, subclass, prot, vid, pid and rel, "
                               "or, here alone, serial and port";

    switch (*p->scan.at) {
    case '\0': return fail(p, "save it as text", "there is a NUL byte");
    case ':': return fail(p, "leave it out", "there is a second \":\"");
    case ',': return fail(p, "put blanks there", "there is a \",\"");
    default:
        return fail(p, keys, "\"%.*s\" is no key", word_length(p), p->scan.at);
    }
}

/* "class", "VID" */
static int take_key(parser *p, enum xt_usb_key *key_r)
{
    *key_r = xt_usb_scan_key(&p->scan);
    return *key_r == XT_USB_NR_KEYS ? not_understood(p) : 0;
}

static int take_equals(parser *p, const xt_usb_key_row *row)
{
    p->scan.at += row->len;
    xt_usb_scan_skip_blanks(&p->scan);
    if (p->scan.at == p->scan.end || *p->scan.at != '=')
        return fail(p, "write a value behind each key",
                    "a \"=\" is missing behind \"%s\"", row->name);
    p->scan.at++;
    xt_usb_scan_skip_blanks(&p->scan);
    return 0;
}

static int take_number(parser *p, xtune_usb_rule *rule, enum xt_usb_key key)
{
    const xt_usb_key_row *row = &xt_usb_keys[key];
    const char *hint = row->digits == 2 ? "write two, as in \"class=03\""
                                        : "write four, as in \"vid=056a\"";
    const size_t len = xt_usb_scan_hex(&p->scan);

    if (xt_usb_scan_number(&p->scan, row->digits,
                           xt_usb_rule_number(rule, key)))
        return 0;
    if (is_at_end(p))
        return fail(p, hint, "the value of \"%s\" is missing", row->name);
    if (!len)
        return fail(p, hint, "\"%.*s\" is no hexadecimal number, for \"%s\"",
                    word_length(p), p->scan.at, row->name);
    return fail(p, hint,
                "\"%.*s\" has %zu hexadecimal digits, and \"%s\" "
                "takes exactly %u",
                (int)(len < MAX_QUOTED ? len : MAX_QUOTED), p->scan.at, len,
                row->name, row->digits);
}

static int take_text(parser *p, xtune_usb_rule *rule, enum xt_usb_key key)
{
    const char **text = xt_usb_rule_text(rule, key);
    const xt_usb_scan before = p->scan;
    const char *why;

    /* A rule that asks for that of the next key would never match. */
    if (xt_usb_scan_is_pair(&p->scan))
        return fail(p, "write it, or put it in double quotes",
                    "the value of \"%s\" is missing", xt_usb_keys[key].name);
    why = xt_usb_scan_value(&p->scan, p->policy->arena, "#", text);
    if (why)
        return fail(p, why, "the value of \"%s\" cannot be read",
                    xt_usb_keys[key].name);
    if (key != XT_USB_KEY_PORT || xt_usb_path_is_valid(*text, NULL)) return 0;
    p->scan = before;
    return fail(p, "write it as sysfs does, as in \"port=1-2.1\"",
                "\"%.*s\" is no port", MAX_QUOTED, *text);
}

static int take_pair(parser *p, xtune_usb_rule *rule, unsigned int *given)
{
    enum xt_usb_key key = XT_USB_NR_KEYS;
    int rc;

    rc = take_key(p, &key);
    if (rc) return rc;
    if (*given & 1u << key)
        return fail(p, "leave one of them out", "\"%s\" is there twice",
                    xt_usb_keys[key].name);
    *given |= 1u << key;
    rc = take_equals(p, &xt_usb_keys[key]);
    if (rc) return rc;
    return xt_usb_keys[key].digits ? take_number(p, rule, key)
                                   : take_text(p, rule, key);
}

static bool is_word(const parser *p, size_t len, const char *word)
{
    return len == strlen(word) && !strncasecmp(p->scan.at, word, len);
}

static int take_action(parser *p, bool *allow_r)
{
    static const char hint[] =
        "begin each line with \"ALLOW:\", \"DENY:\" or \"#\"";
    const size_t len = xt_usb_scan_letters(&p->scan);
    const char *word = p->scan.at;

    *allow_r = is_word(p, len, "allow");
    if (!*allow_r && !is_word(p, len, "deny")) {
        if (!*word) return not_understood(p);
        return fail(p, hint, "\"%.*s\" is neither ALLOW nor DENY",
                    word_length(p), word);
    }
    p->scan.at += len;
    xt_usb_scan_skip_blanks(&p->scan);
    if (p->scan.at == p->scan.end || *p->scan.at != ':')
        return fail(p, hint, "a \":\" is missing behind \"%.*s\"", (int)len,
                    word);
    p->scan.at++;
    return 0;
}

static int take_line(parser *p)
{
    xtune_usb_policy *policy = p->policy;
    xtune_usb_rule rule = xt_usb_rule_any();
    unsigned int given = 0;
    int rc;

    xt_usb_scan_skip_blanks(&p->scan);
    if (is_at_end(p)) {
        if (*p->line != '#' && !policy->blank_line) policy->blank_line = p->nr;
        return 0;
    }
    rule.line = p->nr;
    rc = take_action(p, &rule.allow);
    while (!rc) {
        xt_usb_scan_skip_blanks(&p->scan);
        if (is_at_end(p)) break;
        rc = take_pair(p, &rule, &given);
    }
    if (rc) return rc;
    policy->rules = xtune_arena_grow(policy->arena, policy->rules, policy->nr,
                                     sizeof(*policy->rules));
    policy->rules[policy->nr++] = rule;
    return 0;
}

const char *xt_usb_line_end(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

const char *xt_usb_line_next(const char *line_end, const char *end)
{
    if (line_end == end) return end;
    return line_end +
           (*line_end == '\r' && end - line_end > 1 && line_end[1] == '\n') +
           1;
}

static int check_mark(parser *p, const char *text, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (len < sizeof(mark) - 1 || memcmp(text, mark, sizeof(mark) - 1) != 0)
        return 0;
    p->line = text;
    p->scan = (xt_usb_scan){ text, text + len };
    p->nr = 1;
    return fail(p, "save it as UTF-8 without one",
                "it begins with a byte order mark, which is in the way");
}

int xtune_usb_policy_parse(const char *text, size_t len, const char *object,
                           xtune_usb_policy **policy_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    parser p = { .policy = XTUNE_NEW(arena, xtune_usb_policy), .err = err };
    const char *end = text + len;
    int rc;

    p.policy->arena = arena;
    p.policy->object = xtune_arena_strdup(arena, object);
    rc = check_mark(&p, text, len);
    for (p.line = text; !rc && p.line < end;
         p.line = xt_usb_line_next(p.scan.end, end)) {
        p.scan = (xt_usb_scan){ p.line, xt_usb_line_end(p.line, end) };
        p.nr++;
        rc = take_line(&p);
    }
    if (rc) {
        xtune_usb_policy_free(p.policy);
        return rc;
    }
    xt_usb_index_make(p.policy);
    *policy_r = p.policy;
    return 0;
}

void xtune_usb_policy_free(xtune_usb_policy *policy)
{
    if (policy) xtune_arena_free(policy->arena);
}

const char *xtune_usb_policy_object(const xtune_usb_policy *policy)
{
    return policy->object;
}

const xtune_usb_rule *xtune_usb_policy_rules(const xtune_usb_policy *policy,
                                             size_t *nr_r)
{
    *nr_r = policy->nr;
    return policy->rules;
}
