/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of command lines as rows of tables. */
#ifndef TEST_BOOT_WISH_H
#define TEST_BOOT_WISH_H

#include "boot_tree.h"

#define MAX_VALUES 4

/* A change in a table: values end with NULL. */
typedef struct wish {
    const char *line, *key;
    const char *values[MAX_VALUES + 1];
} wish;

static inline size_t to_changes(const wish *wishes, size_t nr,
                                xtune_boot_change *changes)
{
    size_t i;

    for (i = 0; i < nr && wishes[i].key; i++) {
        changes[i] = (xtune_boot_change){ .line = wishes[i].line,
                                          .key = wishes[i].key,
                                          .values = wishes[i].values };
        while (wishes[i].values[changes[i].nr_values])
            changes[i].nr_values++;
    }
    return i;
}

#endif
