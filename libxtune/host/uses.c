/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/uses.h"

#include <string.h>

#include "base/util.h"
#include "host/host_values.h"

/* As many as a line can bear. */
#define MAX_USES 4
#define MAX_THROUGH 4

/* What a use is to a guard, and in words. */
static const struct use_kind {
    const char *kind, *guard;
    const char *before, *after;
} use_kinds[] = {
    { "mount", "disk", "", " is mounted from it" },
    { "swap", "disk", "", ", on it, is swapped to" },
    { "domain", "disk", "a disk of domain ", " is on it" },
    { "held", "disk", "", ", on it, is held" },
    { "route", "network", "the default route goes over its ", "" },
    { "login", "network", "one is logged in over its ", "" },
    { "storage", "network", "disks or file systems are reached over its ",
      "" },
    { "link", NULL, "its link ", " is up" },
    { "display", "display", "the console is on its ", "" },
    { "console", "display", "the kernel's console is its ", "" },
    { "keyboard", "keyboard", "the keyboard ", " is at it" },
    { "pointer", NULL, "the pointer ", " is at it" },
};

static const struct use_kind *kind_of(const xtune_use *use)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(use_kinds); i++)
        if (!strcmp(use_kinds[i].kind, use->kind)) return &use_kinds[i];
    return NULL;
}

const char *xt_use_guard(const xtune_use *use)
{
    const struct use_kind *kind = kind_of(use);

    return kind ? kind->guard : NULL;
}

const char *xt_use_text(xtune_arena *arena, const xtune_use *use)
{
    const struct use_kind *kind = kind_of(use);
    const char *through = "";
    size_t i;

    for (i = 0; i < use->nr_through && i < MAX_THROUGH; i++)
        through = xtune_arena_printf(arena, "%s%s%s", through, i ? ", " : "",
                                     use->through[i]);
    if (use->nr_through > MAX_THROUGH)
        through = xtune_arena_printf(arena, "%s, ...", through);
    if (*through) through = xtune_arena_printf(arena, " (%s)", through);
    return xtune_arena_printf(arena, "%s\"%s\"%s%s", kind ? kind->before : "",
                              use->what ? use->what : use->kind,
                              kind ? kind->after : ", of it, is in use",
                              through);
}

const char *xt_uses_text(xtune_arena *arena, const xtune_use *uses, size_t nr,
                         const char *guard)
{
    const char *text = NULL;
    size_t i, nr_told = 0;

    for (i = 0; i < nr; i++) {
        const char *of = xt_use_guard(&uses[i]);

        if (guard && (!of || strcmp(of, guard) != 0)) continue;
        if (nr_told++ >= MAX_USES) continue;
        text = text ? xtune_arena_printf(arena, "%s, %s", text,
                                         xt_use_text(arena, &uses[i]))
                    : xt_use_text(arena, &uses[i]);
    }
    if (nr_told > MAX_USES)
        text = xtune_arena_printf(arena, "%s, and %zu more", text,
                                  nr_told - MAX_USES);
    return text;
}

const char *xt_uses_first(const xtune_use *uses, size_t nr, const char *kind)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(uses[i].kind, kind))
            return uses[i].what ? uses[i].what : kind;
    return NULL;
}

/* As members of xtune/host/1. */

STRINGS(xtune_use, through)

static const xt_field use_fields[] = {
    { FIELD(xtune_use, kind, STRING), .required = true },
    { FIELD(xtune_use, what, STRING), .required = true },
    { STRINGS_FIELD(xtune_use, through) },
};
const xt_object_type xt_use_type = TYPE(xtune_use, "uses", use_fields);
