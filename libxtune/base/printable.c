/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

size_t xt_printable_length(const unsigned char *s)
{
    static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
    size_t i, len;
    uint32_t c;

    len = s[0] < 0x80   ? 1
          : s[0] < 0xc0 ? 0
          : s[0] < 0xe0 ? 2
          : s[0] < 0xf0 ? 3
          : s[0] < 0xf8 ? 4
                        : 0;
    if (!len) return 0;
    c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[len] || c == 0x7f || c > 0x10ffff ||
        (c >= 0xd800 && c <= 0xdfff))
        return 0;
    return len;
}

void xt_printable_clean(char *text)
{
    const bool is_text = xt_json_is_text(text);
    char *p;

    for (p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == '\x7f' || (!is_text && *p < 0))
            *p = '?';
}
