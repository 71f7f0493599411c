/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/util.h"

static unsigned int digit_value(char c)
{
    if (c >= '0' && c <= '9') return (unsigned int)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned int)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned int)(c - 'A') + 10;
    return ~0u;
}

bool xt_parse_u64(const char *text, unsigned int base, uint64_t max,
                  uint64_t *value_r)
{
    uint64_t value = 0;
    const char *p;

    for (p = text; *p; p++) {
        unsigned int digit = digit_value(*p);

        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value) || value > max)
            return false;
    }
    if (p == text) return false;
    *value_r = value;
    return true;
}
