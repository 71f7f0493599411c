/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/table.h"

#include <stdarg.h>

#include "report/text.h"

/* Characters of UTF-8: every byte but those that continue one. */
static size_t text_width(const char *s)
{
    size_t width = 0;

    for (; *s; s++)
        width += ((unsigned char)*s & 0xc0) != 0x80;
    return width;
}

static void add_cell(xt_table *table, const char *text)
{
    /* While columns are added there are as many as cells. */
    const size_t column = table->nr_cells % table->nr_columns;
    const size_t width = text_width(text);

    table->cells = xtune_arena_grow(table->arena, table->cells,
                                    table->nr_cells, sizeof(*table->cells));
    table->cells[table->nr_cells++] = text;
    if (table->width[column] < width) table->width[column] = width;
}

void xt_table_column(xt_table *table, bool right, const char *title)
{
    table->right[table->nr_columns++] = right;
    add_cell(table, title);
}

void xt_table_cell(xt_table *table, const char *fmt, ...)
{
    const char *text;
    va_list ap;

    va_start(ap, fmt);
    text = xtune_arena_vprintf(table->arena, fmt, ap);
    va_end(ap);
    add_cell(table, xt_text_safe(table->arena, text));
}

/* Whether nothing stands behind a cell in its row. */
static bool ends_row(const xt_table *table, size_t cell)
{
    for (cell++; cell % table->nr_columns; cell++)
        if (*table->cells[cell]) return false;
    return true;
}

void xt_table_print(FILE *out, const xt_table *table)
{
    size_t i;

    for (i = 0; i < table->nr_cells; i++) {
        const size_t column = i % table->nr_columns;
        const bool last = ends_row(table, i);
        const size_t width = text_width(table->cells[i]);
        const int pad = (int)(table->width[column] - width);

        fprintf(out, "%*s%s%*s%s", table->right[column] ? pad : 0, "",
                table->cells[i], table->right[column] || last ? 0 : pad, "",
                last ? "\n" : "  ");
        if (last) i += table->nr_columns - 1 - column;
    }
}
