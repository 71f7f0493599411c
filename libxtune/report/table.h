/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables that xl has no format for. Two of them do not pay for libsmartcols,
 * which would add 9 % to the instructions of every start of the command.
 */
#ifndef XT_REPORT_TABLE_H
#define XT_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <xtune/arena.h>

#define XT_TABLE_MAX_COLUMNS 16

typedef struct xt_table {
    xtune_arena *arena;
    size_t nr_columns, nr_cells;
    bool right[XT_TABLE_MAX_COLUMNS];   /* numbers end at the same place */
    size_t width[XT_TABLE_MAX_COLUMNS]; /* in characters */
    const char **cells;                 /* row by row, the titles first */
} xt_table;

/* All columns first, then all cells, left to right, row by row. The arena
 * holds what is copied. */
void xt_table_column(xt_table *table, bool right, const char *title);
void xt_table_cell(xt_table *table, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void xt_table_print(FILE *out, const xt_table *table);

#endif
