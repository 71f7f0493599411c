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
#include <xtune/boot.h>
#include <xtune/error.h>

#include "boot/boot.h"

/* A part of a text, by offsets, and what is to stand there instead. */
typedef struct xt_boot_cut {
    size_t start, end;
    const char *instead;
} xt_boot_cut;

/* A parameter on its way into the texts in which it stands. */
typedef struct xt_boot_setting {
    const char *key;
    const char *const *values; /* those that have no place yet */
    size_t nr;
    size_t places;    /* where it stands, and was not met so far: the last one
                         takes all that is left */
    const bool *goes; /* of each of these, whether it is taken out; NULL: the
                         first ones are what the values take */
} xt_boot_setting;

/* What is to become of a parameter that has these values now. Where it loses
 * some of them, and no more, the others stay where they are. */
xt_boot_setting xt_boot_setting_of(xtune_arena *arena,
                                   const xtune_boot_change *change,
                                   const char *const *now, size_t nr_now);

/* What is to stand in a text where the parameter stands, ascending, in the
 * arena. A value that stands there already is left as it is written. */
size_t xt_boot_cuts(xtune_arena *arena, const char *text,
                    xt_boot_setting *setting, xt_boot_cut **cuts_r);

/* Adds all its values behind the last word, or before "--". */
xt_boot_cut xt_boot_cut_to_add(xtune_arena *arena, const char *text,
                               xt_boot_setting *setting);

/* What it takes to make a change in a text, of which the line is not heeded:
 * as above, and added where it is not there. */
size_t xt_boot_change_cuts(xtune_arena *arena, const char *text,
                           const xtune_boot_change *change,
                           xt_boot_cut **cuts_r);

/* The same of a text that begins with the name of a file. */
size_t xt_boot_cuts_behind_file(xtune_arena *arena, const char *text,
                                const xtune_boot_change *change,
                                xt_boot_cut **cuts_r);

/* The text with all of them made. */
const char *xt_boot_cut_text(xtune_arena *arena, const char *text,
                             const xt_boot_cut *cuts, size_t nr);

/* How often a parameter is there. */
size_t xt_boot_count(const char *text, const char *key);

/* Whether its name is written by the letter wherever it is there, and no quote
 * before it. */
bool xt_boot_is_spelled_so(const char *text, const char *key);

/* Refuses a key or a value that no command line can hold as it is, or that
 * the boot loader would take for something else. value NULL: none.
 * XTUNE_ERR_INVALID. */
int xt_boot_check_parameter(const char *key, const char *value,
                            xtune_error **err);

/* The same of a change's key, and of its line's name. */
int xt_boot_check_change(const xtune_boot_change *change,
                         enum xt_boot_line *line_r, xtune_error **err);

/* The same of its values. One that it has now stays what it is: nobody gives
 * it. */
int xt_boot_check_values(const xtune_boot_change *change,
                         const char *const *now, size_t nr_now,
                         xtune_error **err);

/* Refuses a command line in which double quotes are not closed, or blanks are
 * kept together otherwise, or where there are quotes in the name of a file
 * that it begins with: XTUNE_ERR_INVALID. */
int xt_boot_check_quotes(const char *text, bool has_file, const char *object,
                         xtune_error **err);

/* How lines of a text end: "\r\n" where one does so. */
const char *xt_boot_newline(const char *text);

/* Where the newline begins that ends before at, as it ends lines of text. */
size_t xt_boot_newline_before(const char *text, size_t at);

/* The name of the next parameter from *at on, in the arena; NULL behind the
 * last. */
const char *xt_boot_next_key(xtune_arena *arena, const char *text, size_t *at);

/* Whether two names are one, as for xt_boot_value(). */
bool xt_boot_is_same_key(const char *a, const char *b);

static inline bool xt_boot_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* compare.c */

bool xt_boot_is_same_values(const char *const *a, size_t nr_a,
                            const char *const *b, size_t nr_b);
bool xt_boot_is_among(const char *const *values, size_t nr, const char *value);

/* Whether a text has what a change is to give it. */
bool xt_boot_has_values(xtune_arena *arena, const char *text,
                        const xtune_boot_change *change);

/* Whether two command lines, of the line of that name, differ in nothing but
 * what changes are about, and in blanks. */
bool xt_boot_is_same_rest(xtune_arena *arena, const char *a, const char *b,
                          const char *line, const xtune_boot_change *changes,
                          size_t nr);

#endif
