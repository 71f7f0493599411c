/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts share that find out which pools are wanted. */
#ifndef XT_WISHER_H
#define XT_WISHER_H

#include "plan/layout.h"

typedef struct xt_wisher {
    xtune_plan *plan;
    xtune_arena *arena;
    const xtune_plan_request *request;
    const xtune_host *host;
    xt_layout *layout;
} xt_wisher;

/* wanted_domains.c */

/* Adds an error as what blocks something. */
void xt_wisher_block(const xt_wisher *w, const char *kind, const char *object,
                     const char *wanted, const xtune_error *why);

/* Each looked after goes where it is wanted; one that cannot stays, and is
 * blocked. */
void xt_wisher_place_domains(const xt_wisher *w);

#endif
