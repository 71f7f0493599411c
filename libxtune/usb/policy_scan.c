/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The characters of a usb-policy, which is whatever a file may hold. */
#include <string.h>
#include <strings.h>

#include "usb/policy.h"

size_t xt_usb_scan_char(const xt_usb_scan *scan, uint32_t *c_r)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *s = (const unsigned char *)scan->at;
    const size_t room = (size_t)(scan->end - scan->at);
    size_t len, i;
    uint32_t c;

    if (!room || (s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4) return 0;
    len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (len > room) return 0;
    c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *c_r = c;
    return len;
}

static bool is_wide_blank(uint32_t c)
{
    return c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

size_t xt_usb_scan_blank(const xt_usb_scan *scan)
{
    unsigned char first;
    uint32_t c;
    size_t len;

    if (scan->at == scan->end) return 0;
    first = (unsigned char)*scan->at;
    if (first < 0x80)
        return first == ' ' || (first >= '\t' && first <= '\r') ||
               (first >= 0x1c && first <= 0x1f);
    len = xt_usb_scan_char(scan, &c);
    return len && is_wide_blank(c) ? len : 0;
}

void xt_usb_scan_skip_blanks(xt_usb_scan *scan)
{
    size_t len;

    while ((len = xt_usb_scan_blank(scan)))
        scan->at += len;
}

size_t xt_usb_scan_letters(const xt_usb_scan *scan)
{
    const char *p;

    for (p = scan->at; p < scan->end; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) break;
    return (size_t)(p - scan->at);
}

enum xt_usb_key xt_usb_scan_key(const xt_usb_scan *scan)
{
    const size_t len = xt_usb_scan_letters(scan);
    unsigned int key;

    for (key = 0; key < XT_USB_NR_KEYS; key++)
        if (xt_usb_keys[key].len == len &&
            !strncasecmp(xt_usb_keys[key].name, scan->at, len))
            break;
    return key;
}

bool xt_usb_scan_is_pair(const xt_usb_scan *scan)
{
    const enum xt_usb_key key = xt_usb_scan_key(scan);
    xt_usb_scan s = *scan;

    if (key == XT_USB_NR_KEYS) return false;
    s.at += xt_usb_keys[key].len;
    xt_usb_scan_skip_blanks(&s);
    return s.at < s.end && *s.at == '=';
}

/* 16: it is no digit. */
static unsigned int digit(char c)
{
    if (c >= '0' && c <= '9') return (unsigned int)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned int)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned int)(c - 'A') + 10;
    return 16;
}

size_t xt_usb_scan_hex(const xt_usb_scan *scan)
{
    const char *p;

    for (p = scan->at; p < scan->end; p++)
        if (digit(*p) > 15) break;
    return (size_t)(p - scan->at);
}

bool xt_usb_scan_number(xt_usb_scan *scan, unsigned int digits,
                        uint32_t *value_r)
{
    uint32_t value = 0;
    unsigned int i;

    if (xt_usb_scan_hex(scan) != digits) return false;
    for (i = 0; i < digits; i++)
        value = value << 4 | digit(scan->at[i]);
    scan->at += digits;
    *value_r = value;
    return true;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* The length of the character of a value at the cursor; 0: it ends here. */
static size_t value_char(const xt_usb_scan *scan, const char *ends,
                         const char **why_r)
{
    uint32_t c;
    size_t len;

    if (scan->at == scan->end) return 0;
    if (ends && (xt_usb_scan_blank(scan) || strchr(ends, *scan->at))) return 0;
    if (!ends && *scan->at == '"') return 0;
    len = xt_usb_scan_char(scan, &c);
    if (!len || is_control(c))
        *why_r = "there are bytes in it that are no text";
    else if (ends && (c == '"' || c == '\\'))
        *why_r = "put all of it in double quotes, and \"\\\" before each "
                 "quote and \"\\\" in it";
    return *why_r ? 0 : len;
}

const char *xt_usb_scan_value(xt_usb_scan *scan, xtune_arena *arena,
                              const char *ends, const char **value_r)
{
    const bool is_quoted = scan->at < scan->end && *scan->at == '"';
    xt_usb_scan s = { scan->at + is_quoted, scan->end };
    const char *why = NULL;
    char value[XT_USB_MAX_SERIAL + 1];
    size_t len = 0, n;

    if (is_quoted) ends = NULL;
    for (;;) {
        if (is_quoted && s.at < s.end && *s.at == '\\') {
            s.at++;
            if (s.at == s.end || (*s.at != '"' && *s.at != '\\'))
                return "\"\\\" stands before \" or \\ only";
            n = 1;
        } else {
            n = value_char(&s, ends, &why);
        }
        if (!n) break;
        if (len + n > XT_USB_MAX_SERIAL) return "it is too long";
        memcpy(value + len, s.at, n);
        len += n;
        s.at += n;
    }
    if (why) return why;
    if (is_quoted && s.at == s.end) return "the closing quote is missing";
    if (!len) return "it is empty";
    scan->at = s.at + is_quoted;
    *value_r = xtune_arena_strndup(arena, value, len);
    return NULL;
}

bool xt_usb_hex(const char *text, unsigned int digits, uint32_t *value_r)
{
    xt_usb_scan scan;

    if (!text) return false;
    scan = (xt_usb_scan){ text, text + strlen(text) };
    return xt_usb_scan_number(&scan, digits, value_r) && scan.at == scan.end;
}
