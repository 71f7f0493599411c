/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plan: the changes that lead from the host as it is to the host that is
 * wanted, in order, each with what it finds and what it leaves.
 *
 * Schema xtune/plan/1. Deterministic: the same host and policy give the same
 * bytes.
 */
#ifndef XTUNE_PLAN_H
#define XTUNE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/host.h>
#include <xtune/place.h>
#include <xtune/policy.h>

#define XTUNE_PLAN_SCHEMA "xtune/plan/1"

struct xt_json;

typedef struct xtune_action {
    const char *kind;                /* "vcpu-affinity", "stored-affinity",
                                        "rehome": a row of apply/kinds.c */
    const char *object;              /* "web1/0": domain web1, vCPU 0 */
    const struct xt_json *target;    /* what identifies the object */
    const struct xt_json *old, *new; /* of blocked: may be NULL */
    const char *reason;
    const char *why;            /* of blocked: what is in the way */
    const struct xt_json *took; /* of a move that was made: "bytes", "rounds",
                                   "total_ms", "pause_ms"; else NULL */
} xtune_action;

/* -1 stands for "not known" in the shares below. */
typedef struct xtune_plan {
    xtune_arena *arena;
    xtune_action *actions;
    size_t nr_actions;
    xtune_action *blocked;
    size_t nr_blocked;
    int local_before_permille, local_after_permille;
    enum xtune_residency residency; /* of the least certain figure */
} xtune_plan;

enum {
    /* Memory stays, also where the policy says follow. */
    XTUNE_PLAN_NO_MOVES = 1 << 0,
    /* A domain that cannot be moved while it runs may be paused for it, also
     * where the policy does not say so. */
    XTUNE_PLAN_ALLOW_PAUSE = 1 << 1,
};

typedef struct xtune_plan_request {
    const xtune_host *host;
    const xtune_policy *policy;
    unsigned int flags; /* XTUNE_PLAN_* */
    /* By index of the host's domains: true for those that are to be looked
     * after; the others are taken as they are. NULL: all. The host's own
     * wishes are then left out. */
    const bool *only;
} xtune_plan_request;

/* What the policy and its records want, against the host. */
int xtune_plan_make(const xtune_plan_request *request, xtune_plan **plan_r,
                    xtune_error **err);

/*
 * The plan that moves one domain's memory, and its vCPUs, to nodes; NULL: to
 * those that placement chooses for it, or to those where its vCPUs may run,
 * where no rule places it. What is in the way is an error:
 * XTUNE_ERR_REFUSED, whose hint may be an order of moves that would help.
 */
int xtune_plan_rehome(const xtune_plan_request *request,
                      const xtune_domain *domain, const xtune_set *nodes,
                      xtune_plan **plan_r, xtune_error **err);

/*
 * The plan that sets vCPU masks of one domain: hard and soft may be NULL to
 * leave that mask. vcpu XTUNE_NONE stands for all. A hard mask without a CPU
 * of the domain's pool is refused: XTUNE_ERR_REFUSED.
 */
int xtune_plan_vcpu_pin(const xtune_host *host, const xtune_domain *domain,
                        unsigned int vcpu, const xtune_set *hard,
                        const xtune_set *soft, xtune_plan **plan_r,
                        xtune_error **err);

/* As JSON, with a final newline; the caller frees it. */
char *xtune_plan_to_json(const xtune_plan *plan);

void xtune_plan_free(xtune_plan *plan);

#endif
