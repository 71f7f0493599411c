/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that grows, and text from outside made safe for a terminal.
 */
#ifndef XT_REPORT_TEXT_H
#define XT_REPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <xtune/arena.h>

/* A stream into memory; text is the caller's after xt_text_close(). */
typedef struct xt_text {
    FILE *out;
    char *text;
    size_t len;
} xt_text;

void xt_text_open(xt_text *text);
char *xt_text_close(xt_text *text);

/*
 * s with control characters and bytes that are not UTF-8 as \xNN, so that a
 * domain's name cannot steer the terminal. s itself where it has none, else
 * in the arena. Names that xl accepts have none.
 */
const char *xt_text_safe(xtune_arena *arena, const char *s);

/* A name as xl prints it, safe as above; "(null)" where there is none. */
const char *xt_text_name(xtune_arena *arena, const char *name);

/* A share as "87.5 %", or "-" for a negative one, that is an unknown one. */
const char *xt_text_permille(xtune_arena *arena, int permille);

#endif
