/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PLACER_H
#define XT_PLACER_H

#include <xtune/place.h>

/* What is carried from one domain to the next. */
typedef struct xt_placer {
    xtune_arena *arena;
    const xtune_host *host;
    unsigned int *core_of; /* by CPU id: the first CPU of its core */
    xtune_set taken;       /* CPUs that one vCPU has for itself */
    xtune_set taken_cores; /* their cores, each as its first CPU */
} xt_placer;

#endif
