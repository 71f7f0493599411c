/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/text.h"

#include <stdbool.h>
#include <string.h>

#include "base/printable.h"
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

const char *xt_text_safe(xtune_arena *arena, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    char *safe, *to;
    size_t len;

    while (*p && (len = xt_printable_length(p)))
        p += len;
    if (!*p) return s;

    safe = to = xtune_arena_alloc(arena, strlen(s) + 1, 4);
    for (p = (const unsigned char *)s; *p; p += len ? len : 1) {
        len = xt_printable_length(p);
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
