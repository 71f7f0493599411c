/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Placement: where each domain is to run. Pure: a host and a policy go in, a
 * placement comes out; the same input gives the same output.
 */
#ifndef XTUNE_PLACE_H
#define XTUNE_PLACE_H

#include <xtune/arena.h>
#include <xtune/host.h>
#include <xtune/policy.h>

typedef struct xtune_placed {
    const xtune_domain *domain;
    const xtune_rule *rule; /* that decided; NULL: no rule matches */
    xtune_set nodes;        /* its home; empty where none was chosen */
    /* By index of vCPU; both NULL where the domain is left as it is. */
    xtune_set *hard, *soft;
    const char *reason;  /* one line */
    const char *blocked; /* what is wanted and cannot be, or NULL */
} xtune_placed;

typedef struct xtune_placement {
    xtune_arena *arena;    /* owns all of this; points into the host's and
                              the policy's, which must outlive it */
    xtune_placed *domains; /* one for each domain of the host, same order */
    size_t nr_domains;
} xtune_placement;

/*
 * Decides for every domain. XTUNE_ERR_INVALID where the policy names nodes
 * that the host does not have.
 */
int xtune_place(const xtune_host *host, const xtune_policy *policy,
                xtune_placement **placement_r, xtune_error **err);

void xtune_placement_free(xtune_placement *placement);

#endif
