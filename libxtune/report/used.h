/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 does with a device, in words. Safe on a terminal. */
#ifndef XT_REPORT_USED_H
#define XT_REPORT_USED_H

#include <xtune/host.h>

/* A few words on all of it: "/, swap", "eth0, default route"; "-" for nothing,
 * "?" where uses is NULL, which is not known. */
const char *xt_used_summary(xtune_arena *arena, const xtune_use *uses,
                            size_t nr);

/* One of it, from the device up: "mount: nvme0n1p2 > dm-0 > /". */
const char *xt_used_line(xtune_arena *arena, const xtune_use *use);

/* Words with something between. */
const char *xt_words_joined(xtune_arena *arena, const char *const *words,
                            size_t nr, const char *between);

#endif
