/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_SHELL_WORD_H
#define XT_SHELL_WORD_H

#include <xtune/arena.h>

/* A text as a shell takes it for one word (sh(1), quoting): db1, 'my guest';
 * in the arena, or text itself. */
const char *xt_shell_word(xtune_arena *arena, const char *text);

#endif
