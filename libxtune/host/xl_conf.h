/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xl.conf, xl's own configuration, as xl reads it: the syntax of libxlutil
 * (tools/libs/util/libxlu_cfg_l.l and libxlu_cfg_y.y), which knows no bare
 * words as values, and no carriage return outside of a comment. Of a key that
 * is set several times the last one counts.
 */
#ifndef XT_XL_CONF_H
#define XT_XL_CONF_H

#include <xtune/arena.h>

/* Why xl does not take the file, as it does not start then: "line 3: ...", in
 * the arena; NULL: it does. */
const char *xt_xl_conf_problem(xtune_arena *arena, const char *text);

/* The value of a key, without its quotes, in the arena. NULL: it is not set,
 * or is a list, or xl does not take the file. text may be NULL: there is no
 * such file. */
const char *xt_xl_conf_value(xtune_arena *arena, const char *text,
                             const char *key);

/*
 * The file with that key set, in the arena: where it is set and counts, else
 * in a line of its own, behind the last comment that shows it, or at the end.
 * value NULL takes it out, wherever it is set. Everything else stays as it is,
 * byte by byte. text as above; NULL is returned where xl does not take it, but
 * for a newline that is missing at its end.
 */
const char *xt_xl_conf_with(xtune_arena *arena, const char *text,
                            const char *key, const char *value);

#endif
