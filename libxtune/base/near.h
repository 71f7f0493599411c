/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words that were meant where another was written. */
#ifndef XT_NEAR_H
#define XT_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Whether one is a slip of the pen away from the other: one letter too many,
 * too few, another one, or two that changed places; two such slips in a word
 * of eight letters or more. Those that are alike are not. */
bool xt_is_near(const char *word, const char *meant);

#endif
