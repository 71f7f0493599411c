/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the next boot's command line says of dom0. */
#include "boot/boot.h"

#include <string.h>

#include "dom0/parts.h"

/* Xen heeds each dom0_mem that stands there, one after the other. */
const char *xt_dom0_mem_of(xtune_arena *arena, const char *command_line)
{
    const char *const *values, *all = NULL;
    size_t i, nr;

    nr = xt_boot_values(arena, command_line, "dom0_mem", &values);
    for (i = 0; i < nr; i++)
        all = all ? xtune_arena_printf(arena, "%s,%s", all, values[i])
                  : values[i];
    return all;
}

const char *xt_dom0_boot_mem(xtune_arena *arena, const xtune_host *host)
{
    const char *line = host->boot.xen_configured;

    return line ? xt_dom0_mem_of(arena, line) : NULL;
}

const char *xt_dom0_boot_max_vcpus(xtune_arena *arena, const xtune_host *host)
{
    const char *line = host->boot.xen_configured;

    return line ? xt_boot_value(arena, line, "dom0_max_vcpus") : NULL;
}

const char *xt_dom0_mem_min(xtune_arena *arena, const char *value)
{
    const char *min = NULL, *word;

    for (word = value; word; word = strchr(word, ',')) {
        if (*word == ',') word++;
        if (!strncmp(word, "min:", 4))
            min = xtune_arena_strndup(arena, word, strcspn(word, ","));
    }
    return min;
}
