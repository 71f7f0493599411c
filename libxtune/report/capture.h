/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host as a policy: what its domains and its pools are written with. */
#ifndef XT_REPORT_CAPTURE_H
#define XT_REPORT_CAPTURE_H

#include <stdio.h>

#include <xtune/host.h>

#include "host/parameters.h"

typedef struct xt_capture {
    FILE *out;
    xtune_arena *arena;
    const xtune_host *host;
} xt_capture;

/* An attribute, after a blank. */
void xt_capture_attr(const xt_capture *c, const char *name, const char *value);
void xt_capture_number(const xt_capture *c, enum xt_parameter_id id,
                       uint32_t value);

/* Whether a policy can name the pool. */
bool xt_capture_is_pool_name(const xt_capture *c, const char *name);

/* <host> with the pools, where there is something to say of them. */
void xt_capture_pools(const xt_capture *c);

#endif
