/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines taken apart as Linux does it (lib/cmdline.c, next_arg()):
 * words between blanks, where double quotes may hold blanks; what stands
 * behind "--" is meant for others.
 */
#ifndef XT_BOOT_LINES_H
#define XT_BOOT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>

/* A part of a text, by offsets, and what is to stand there instead. */
typedef struct xt_boot_cut {
    size_t start, end;
    const char *instead;
} xt_boot_cut;

/* What it takes to set a parameter in a text, or with value NULL to take it
 * out: ascending, in the arena. add: it is added where it is not there. */
size_t xt_boot_cuts(xtune_arena *arena, const char *text, const char *key,
                    const char *value, bool add, xt_boot_cut **cuts_r);

/* The text with all of them made. */
const char *xt_boot_cut_text(xtune_arena *arena, const char *text,
                             const xt_boot_cut *cuts, size_t nr);

/* How often a parameter is there. */
size_t xt_boot_count(const char *text, const char *key);

/* Refuses a key or a value that no command line can hold as it is, or that
 * the boot loader would take for something else. value NULL: none.
 * XTUNE_ERR_INVALID. */
int xt_boot_check_parameter(const char *key, const char *value,
                            xtune_error **err);

/* Refuses a command line in which double quotes are not closed, or, where it
 * begins with the name of a file, are in that: XTUNE_ERR_INVALID. */
int xt_boot_check_quotes(const char *text, bool has_file, const char *object,
                         xtune_error **err);

/* How lines of a text end: "\r\n" where one does so. */
const char *xt_boot_newline(const char *text);

/* Where the newline begins that ends before at, as it ends lines of text. */
size_t xt_boot_newline_before(const char *text, size_t at);

/* Whether two values are one; NULL is none. */
bool xt_boot_is_same_value(const char *a, const char *b);

static inline bool xt_boot_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
