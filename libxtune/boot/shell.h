/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of assignments that a shell reads (sh(1)), such as /etc/default/grub:
 * what can be known of them without one, and where each character of a value
 * stands in the file.
 */
#ifndef XT_BOOT_SHELL_H
#define XT_BOOT_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>

/* Where a character of a value comes from, and the quotes that it is in: '"',
 * '\'', or 0. */
typedef struct xt_shell_cell {
    size_t start, end;
    char quotes;
} xt_shell_cell;

#define XT_SHELL_REFERENCE '\1' /* stands for "$NAME" in a value */

typedef struct xt_shell_assignment {
    const char *name;
    unsigned int line;
    size_t line_start, line_end; /* of all its lines, with the newline */
    char *text;                  /* the value */
    xt_shell_cell *cells;        /* one a character */
    size_t nr_cells;
    const char **references; /* names, in the order in which they stand */
    size_t nr_references;
    size_t tail;      /* where more of it could stand in the file */
    char tail_quotes; /* as those of a cell */
    bool dynamic;     /* it takes a shell to know it */
    bool conditional; /* it may or may not be made */
    bool marked;      /* XT_SHELL_MARK stands behind it */
} xt_shell_assignment;

/* Behind a line that was added. */
#define XT_SHELL_MARK "# added by xltune"

/* What is no assignment: "if", "echo" and so on. */
typedef struct xt_shell_statement {
    unsigned int line;
    size_t start, end;
} xt_shell_statement;

typedef struct xt_shell_file {
    const char *path; /* for messages */
    const char *text;
    xt_shell_assignment *assignments; /* in order */
    size_t nr_assignments;
    xt_shell_statement *statements;
    size_t nr_statements;
} xt_shell_file;

/* XTUNE_ERR_INVALID, "path:line", for quotes that are not closed. */
int xt_shell_parse(xtune_arena *arena, const char *path, const char *text,
                   xt_shell_file *file_r, xtune_error **err);

/* text as it has to stand in the file within these quotes. */
const char *xt_shell_encode(xtune_arena *arena, const char *text, char quotes);

#endif
