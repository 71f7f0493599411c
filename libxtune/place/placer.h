/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PLACER_H
#define XT_PLACER_H

#include <xtune/place.h>

/* What is carried from one domain to the next. */
typedef struct xt_placer {
    xtune_arena *arena;
    const xtune_host *host;
    xtune_set taken; /* CPUs that one vCPU has for itself */
} xt_placer;

#endif
