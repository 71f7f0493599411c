/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/properties.h"

#include <stdarg.h>

#include "report/text.h"
#include "report/used.h"

void xt_put(const xt_properties *to, const char *key, const char *fmt, ...)
{
    const char *value;
    va_list ap;

    va_start(ap, fmt);
    value = xtune_arena_vprintf(to->arena, fmt, ap);
    va_end(ap);
    fprintf(to->out, "%-16s: %s\n", key, xt_text_safe(to->arena, value));
}

void xt_put_text(const xt_properties *to, const char *key, const char *value)
{
    if (value) xt_put(to, key, "%s", value);
}

void xt_put_id(const xt_properties *to, const char *key, const char *id,
               const char *name)
{
    if (id && name)
        xt_put(to, key, "%s (%s)", id, name);
    else
        xt_put_text(to, key, id);
}

void xt_put_uses(const xt_properties *to, const xtune_use *uses, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        xt_put_text(to, "used", xt_used_line(to->arena, &uses[i]));
    if (!uses) xt_put_text(to, "used", "not known");
}
