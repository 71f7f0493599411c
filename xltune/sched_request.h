/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sched-credit, sched-credit2 and sched-rtds are asked for. */
#ifndef SCHED_REQUEST_H
#define SCHED_REQUEST_H

#include "verb.h"

/* What is asked for, read from the settings. */
struct sched_request {
    const char *scheduler;
    xtune_wanted_scheduling *wanted; /* for a domain */
    size_t nr_wanted;
    xtune_pool_scheduling wanted_pool;
    bool sets_pool;
    uint32_t *vcpus; /* of rtds, in the order given; without those of "all" */
    size_t nr_vcpus;
    /* Of the host. */
    const xtune_domain *domain;
    const xtune_cpupool *pool;
};

/* Reads it from the settings, for one of these schedulers; an exit code. It is
 * to be disposed of either way. */
int sched_request_read(struct context *ctx, const char *scheduler,
                       struct sched_request *r);
void sched_request_dispose(struct sched_request *r);

/* Whether anything is to be set. */
bool sched_request_sets(const struct sched_request *r);

#endif
