/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "dom0_mem=" as Xen reads it (xen.git xen/arch/x86/dom0_build.c, xen/lib/
 * parse-size.c), and what it makes of it.
 */
#include <xtune/dom0.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"

#define KB_PER_PAGE 4
#define MIB(n) (UINT64_C(n) << 10)

/* Less than Linux boots with as dom0: it is a number without its unit. */
#define LEAST_KB MIB(64)

/* <size>, <frac>% or <size>+<frac>%; minus: all but that. */
typedef struct amount {
    uint64_t pages;
    unsigned int percent;
    bool minus, given;
    bool odd; /* a number that Xen does not take as a decimal one */
} amount;

typedef struct reading {
    const char *value; /* all of it, for messages */
    amount size, min, max;
} reading;

static int refuse(const reading *r, xtune_error **err, const char *hint,
                  const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "dom0_mem", hint,
                           "\"%s\": %s", r->value, why);
}

#define FORMS                                                                 \
    "write \"4096M,max:4096M\", or \"min:\", \"max:\" and an amount each: "   \
    "SIZE, FRAC% or SIZE+FRAC%, with b, k, m, g or t behind SIZE"

static unsigned int digit_of(char c)
{
    if (isdigit((unsigned char)c)) return (unsigned int)(c - '0');
    if (isxdigit((unsigned char)c))
        return (unsigned int)(tolower((unsigned char)c) - 'a') + 10;
    return 16;
}

/* As Xen's simple_strtoull() with base 0, but that it tells an overflow. */
static bool read_number(const char **s, bool *odd, uint64_t *n_r)
{
    unsigned int base = 10;
    uint64_t n = 0;

    if (**s == '0') {
        *odd = isdigit((unsigned char)(*s)[1]) || tolower((*s)[1]) == 'x';
        base = 8;
        if (tolower((*s)[1]) == 'x' && isxdigit((unsigned char)(*s)[2])) {
            *s += 2;
            base = 16;
        }
    }
    for (; digit_of(**s) < base; (*s)++)
        if (__builtin_mul_overflow(n, base, &n) ||
            __builtin_add_overflow(n, digit_of(**s), &n))
            return false;
    *n_r = n;
    return true;
}

/* Bytes of a unit; 1024 where there is none. */
static uint64_t read_unit(const char **s)
{
    static const char units[] = "bkmgt";
    const char *unit = **s ? strchr(units, tolower((unsigned char)**s)) : NULL;

    if (!unit) return 1024;
    (*s)++;
    return UINT64_C(1) << 10 * (unit - units);
}

static int read_item(reading *r, const char **s, amount *a, xtune_error **err)
{
    uint64_t n, bytes;

    if (!isdigit((unsigned char)**s))
        return refuse(r, err, FORMS, "there is no number where one is due");
    if (!read_number(s, &a->odd, &n))
        return refuse(r, err, NULL, "a number is too large");
    if (**s == '%') {
        (*s)++;
        if (n >= 100) return refuse(r, err, NULL, "it is 100 % or more");
        a->percent = (unsigned int)n;
        return 0;
    }
    if (__builtin_mul_overflow(n, read_unit(s), &bytes))
        return refuse(r, err, NULL, "a number is too large");
    a->pages = bytes / (1024 * KB_PER_PAGE);
    return 0;
}

static int read_amount(reading *r, const char **s, amount *to,
                       xtune_error **err)
{
    amount a = { .given = true };
    const char *first;
    int rc;

    a.minus = **s == '-';
    if (a.minus) (*s)++;
    first = *s;
    rc = read_item(r, s, &a, err);
    if (!rc && **s == '+' && (*s)[-1] != '%') {
        (*s)++;
        rc = read_item(r, s, &a, err);
        if (!rc && (*s)[-1] != '%')
            return refuse(r, err, FORMS, "what is added is no percentage");
    }
    if (rc) return rc;
    if (**s && **s != ',')
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "dom0_mem", FORMS,
                               "\"%s\": \"%.*s\" is no amount", r->value,
                               (int)strcspn(first, ","), first);
    *to = a;
    return 0;
}

static int read_value(reading *r, const char *value, xtune_error **err)
{
    const char *s = value;
    int rc;

    *r = (reading){ .value = value };
    for (;;) {
        amount *to = &r->size;

        if (!strncmp(s, "min:", 4))
            to = &r->min;
        else if (!strncmp(s, "max:", 4))
            to = &r->max;
        s += to == &r->size ? 0 : 4;
        rc = read_amount(r, &s, to, err);
        if (rc || !*s) return rc;
        s++;
    }
}

/* What it is of so much; Xen lets a difference below 0 wrap round, and takes
 * all there is then. */
static uint64_t pages_of(const amount *a, uint64_t available)
{
    const unsigned __int128 some =
        a->pages + (unsigned __int128)a->percent * available / 100;

    if (a->minus)
        return some > available ? UINT64_MAX : available - (uint64_t)some;
    return some > UINT64_MAX ? UINT64_MAX : (uint64_t)some;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t to_kb(uint64_t pages)
{
    return pages > UINT64_MAX / KB_PER_PAGE - 1 ? XTUNE_UNKNOWN_KB
                                                : pages * KB_PER_PAGE;
}

static bool depends(const amount *a)
{
    return a->minus || a->percent;
}

/* An amount alone; not known where the host's size is not, and counts. */
static uint64_t amount_kb(const amount *a, uint64_t host_kb)
{
    if (!a->given || (depends(a) && host_kb == XTUNE_UNKNOWN_KB))
        return XTUNE_UNKNOWN_KB;
    return to_kb(pages_of(a, host_kb / KB_PER_PAGE));
}

/* Where nothing is asked for, a 16th is left to others, of 128 MiB at most. */
static uint64_t size_pages(const reading *r, uint64_t available)
{
    uint64_t pages = pages_of(&r->size, available);

    if (!pages)
        pages = available - least(available / 16, MIB(128) / KB_PER_PAGE);
    if (r->min.given && pages < pages_of(&r->min, available))
        pages = pages_of(&r->min, available);
    if (r->max.given) pages = least(pages, pages_of(&r->max, available));
    return least(pages, available);
}

static xtune_dom0_mem compute(const reading *r, uint64_t host_kb)
{
    xtune_dom0_mem mem = {
        .size_kb = XTUNE_UNKNOWN_KB,
        .min_kb = amount_kb(&r->min, host_kb),
        .max_kb = amount_kb(&r->max, host_kb),
        .has_size = r->size.given,
        .has_max = r->max.given,
    };
    const bool known = host_kb != XTUNE_UNKNOWN_KB ||
                       (r->size.pages && !depends(&r->size) &&
                        !depends(&r->min) && !depends(&r->max));

    if (known) mem.size_kb = to_kb(size_pages(r, host_kb / KB_PER_PAGE));
    return mem;
}

int xt_dom0_mem_read(const char *value, uint64_t host_kb,
                     xtune_dom0_mem *mem_r, xtune_error **err)
{
    reading r;
    int rc;

    rc = read_value(&r, value, err);
    if (!rc) *mem_r = compute(&r, host_kb);
    return rc;
}

/* A size that is not between both, whatever the host has. 0 is none. */
static bool is_cut(const reading *r)
{
    const uint64_t pages = r->size.pages;

    if (!pages) return false;
    return (r->max.given && !depends(&r->max) && pages > r->max.pages) ||
           (r->min.given && !depends(&r->min) && pages < r->min.pages);
}

/* What Xen takes, and nobody means. */
static int check_meaning(const reading *r, const xtune_dom0_mem *mem,
                         uint64_t host_kb, xtune_error **err)
{
    const uint64_t asked_kb = amount_kb(&r->size, host_kb);

    if (r->size.odd || r->min.odd || r->max.odd)
        return refuse(r, err, "write decimal numbers without a 0 before them",
                      "Xen takes a number that begins with 0 as octal, or "
                      "hexadecimal");
    if ((mem->size_kb < LEAST_KB) || mem->max_kb < LEAST_KB)
        return refuse(r, err, "give the unit: \"4096M\"",
                      "dom0 does not boot with so little; a number without a "
                      "unit is KiB");
    if (r->max.given && r->min.given && mem->min_kb > mem->max_kb &&
        mem->min_kb != XTUNE_UNKNOWN_KB)
        return refuse(r, err, NULL,
                      "Xen does not heed a min that is above max");
    if (r->size.given && !depends(&r->size) && is_cut(r))
        return refuse(r, err, "give one that min: and max: allow",
                      "Xen does not heed a size below min or above max");
    if (host_kb == XTUNE_UNKNOWN_KB || !r->size.given) return 0;
    if (asked_kb <= host_kb) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "dom0_mem", NULL,
                           "\"%s\": that is more than the %" PRIu64
                           " MiB that the host has",
                           r->value, host_kb >> 10);
}

int xtune_dom0_mem_parse(const char *value, uint64_t host_kb,
                         xtune_dom0_mem *mem_r, xtune_error **err)
{
    xtune_dom0_mem mem;
    reading r;
    int rc;

    rc = read_value(&r, value, err);
    if (rc) return rc;
    mem = compute(&r, host_kb);
    rc = check_meaning(&r, &mem, host_kb, err);
    if (!rc) *mem_r = mem;
    return rc;
}
