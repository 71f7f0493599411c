/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of CPUs as xl's configurations have them. */
#ifndef XT_CONFIG_LIST_H
#define XT_CONFIG_LIST_H

#include <xtune/arena.h>

/* Such a list for xtune_set_parse(), in the arena: xl passes over blanks
 * before a number, "0, 2". */
const char *xt_config_list(xtune_arena *arena, const char *text);

#endif
