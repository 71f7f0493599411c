/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parameters of Xen's schedulers: which has which, and what it takes. The
 * limits are those of Xen (xen/include/public/sysctl.h, common/sched/) and of
 * libxl (libxl_sched.c).
 */
#ifndef XT_PARAMETERS_H
#define XT_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xt_parameter_id {
    /* Of domains; of vCPUs those of rtds. */
    XT_WEIGHT,
    XT_CAP,
    XT_PERIOD,
    XT_BUDGET,
    XT_EXTRATIME,
    /* Of pools. */
    XT_TSLICE,
    XT_RATELIMIT,
    XT_MIGRATION_DELAY,
    XT_NR_PARAMETERS,
    XT_FIRST_OF_POOLS = XT_TSLICE,
};

typedef struct xt_parameter {
    const char *name;          /* of the member in JSON */
    const char *attr;          /* in policies */
    const char *schedulers[3]; /* that have it, NULL at their end */
    uint32_t min, max;
    bool or_zero;
    const char *form; /* for people: min, max and or_zero */
    /* Of the uint32_t in xtune_wanted_scheduling, of pools in
     * xtune_pool_scheduling. */
    size_t offset;
} xt_parameter;

extern const xt_parameter xt_parameters[XT_NR_PARAMETERS];

/* The value in such a structure; XTUNE_NONE: it is not written. */
uint32_t xt_parameter_get(enum xt_parameter_id id, const void *scheduling);
void xt_parameter_set(enum xt_parameter_id id, void *scheduling,
                      uint32_t value);

/* Whether it may be so much, in some pool and of some domain. */
bool xt_parameter_takes(const xt_parameter *parameter, uint64_t value);

/* Reads such a number; there is one way to write each. */
bool xt_parameter_parse(const xt_parameter *parameter, const char *text,
                        uint32_t *value_r);

bool xt_scheduler_has(const char *scheduler, enum xt_parameter_id id);

#endif
