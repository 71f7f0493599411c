/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thing with all that is known of it, a line a property: "vendor : 8086".
 * Safe on a terminal. */
#ifndef XT_REPORT_PROPERTIES_H
#define XT_REPORT_PROPERTIES_H

#include <stdio.h>

#include <xtune/host.h>

typedef struct xt_properties {
    FILE *out;
    xtune_arena *arena;
} xt_properties;

void xt_put(const xt_properties *to, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* No line where the value is NULL, which is not known. */
void xt_put_text(const xt_properties *to, const char *key, const char *value);

/* With the name of what has this id beside it, where there is one. */
void xt_put_id(const xt_properties *to, const char *key, const char *id,
               const char *name);

/* What dom0 does with it, a line for each; uses NULL: not known. */
void xt_put_uses(const xt_properties *to, const xtune_use *uses, size_t nr);

#endif
