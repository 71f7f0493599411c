/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/text.h"

#include <stdbool.h>
#include <string.h>

#include "base/util.h"

void xt_text_open(xt_text *text)
{
    *text = (xt_text){ .out = NULL };
    text->out = open_memstream(&text->text, &text->len);
    if (!text->out) xt_out_of_memory();
}

char *xt_text_close(xt_text *text)
{
    if (fclose(text->out)) xt_out_of_memory();
    return text->text;
}

/*
 * The length of the UTF-8 character at s, 0 where there is none or where it
 * is a control character (U+0080 to U+009F are, as well as those of ASCII).
 */
static size_t printable_length(const unsigned char *s)
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

const char *xt_text_safe(xtune_arena *arena, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    char *safe, *to;
    size_t len;

    while (*p && (len = printable_length(p)))
        p += len;
    if (!*p) return s;

    safe = to = xtune_arena_alloc(arena, strlen(s) + 1, 4);
    for (p = (const unsigned char *)s; *p; p += len ? len : 1) {
        len = printable_length(p);
        if (len)
            to = mempcpy(to, p, len);
        else
            to += sprintf(to, "\\x%02x", *p);
    }
    return safe;
}

const char *xt_text_name(xtune_arena *arena, const char *name)
{
    return name && *name ? xt_text_safe(arena, name) : "(null)";
}

const char *xt_text_permille(xtune_arena *arena, int permille)
{
    if (permille < 0) return "-";
    return xtune_arena_printf(arena, "%d.%d %%", permille / 10, permille % 10);
}
