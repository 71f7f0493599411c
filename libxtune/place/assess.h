/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_ASSESS_H
#define XT_ASSESS_H

#include <xtune/place.h>

/* Where somebody else would put a newcomer. */
typedef struct xt_assignment {
    const uint32_t *vcpus_on;  /* by node id; NULL: it is refused */
    const uint64_t *memory_kb; /* by node id */
} xt_assignment;

typedef struct xt_assessment {
    xtune_cost cost; /* as xtune_placement.cost, for newcomers not refused */
    size_t nr_refused;
    uint64_t refused_kb;
    uint64_t excess_kb; /* memory put where there is none; 0: it fits */
    uint64_t local_kb, total_kb; /* of newcomers: mean over its vCPUs */
    /* Vcpus to a core at the fullest node of a pool, in thousandths. */
    uint64_t fullest_milli;
} xt_assessment;

/*
 * What assignments[i] of request->newcomers[i] cost beside the domains of the
 * host as they are, by the model of xtune/place.h. The same figures for the
 * engine's own answer (placed->vcpus_on, placed->memory_kb).
 */
int xt_assess(const xtune_place_request *request,
              const xt_assignment *assignments, xt_assessment *assessment_r,
              xtune_error **err);

#endif
