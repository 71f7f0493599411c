/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 does with devices, in words, and the guard that each use is to. */
#ifndef XT_USES_H
#define XT_USES_H

#include <xtune/host.h>

/* "disk", "network", "display" or "keyboard"; NULL where a use is to none by
 * itself, or is not known. */
const char *xt_use_guard(const xtune_use *use);

/* A use in words: ""/boot" is mounted from it (nvme0n1p2, dm-0)". */
const char *xt_use_text(xtune_arena *arena, const xtune_use *use);

/* Those of a guard, in words; guard NULL: all of them. NULL: there is none. */
const char *xt_uses_text(xtune_arena *arena, const xtune_use *uses, size_t nr,
                         const char *guard);

/* What the first use of this kind is about; NULL: there is none. */
const char *xt_uses_first(const xtune_use *uses, size_t nr, const char *kind);

#endif
