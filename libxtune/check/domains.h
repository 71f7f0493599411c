/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules of domains and CPUs share. */
#ifndef XT_CHECK_DOMAINS_H
#define XT_CHECK_DOMAINS_H

#include "check/check.h"

/* Neither shut down nor on its way out. */
bool xt_check_runs(const xtune_domain *domain);

/* The same, and not dom0. */
bool xt_check_is_guest(const xtune_domain *domain);

/* The CPUs of its pool; of the host, where that is not known. */
const xtune_set *xt_check_pool_cpus(const xtune_host *host,
                                    const xtune_domain *domain);

/* The CPUs on which a vCPU may run by its hard affinity, in the arena. */
xtune_set xt_check_vcpu_cpus(xtune_arena *arena, const xtune_host *host,
                             const xtune_domain *domain,
                             const xtune_vcpu *vcpu);

/* The same of all its vCPUs that are online, together. */
xtune_set xt_check_domain_cpus(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain);

/* "1 domain", "3 domains", in the arena. */
const char *xt_check_count(xtune_arena *arena, size_t nr, const char *what);

/*
 * Of many objects those that are at fault are reported one by one, and all
 * others together.
 */
typedef struct xt_tally {
    const char *what; /* "domain", "disk" */
    size_t nr_good, nr_bad;
    size_t nr_unknown;  /* of which it cannot be told */
    const char *actual; /* what is so of those that are good; NULL: that it is
                           as expected */
} xt_tally;

/* What a rule finds of one of them. */
enum xt_verdict {
    XT_GOOD,
    XT_TOLD, /* it has a result of its own, be it at fault or not */
    XT_UNKNOWN,
    XT_LEFT, /* the rule is not about it */
};

void xt_tally_add(xt_tally *tally, enum xt_verdict verdict);

typedef enum xt_verdict xt_look_at(xt_check *check,
                                   const xtune_domain *domain);

/* Looks at each domain that is one of those that count: xt_check_runs(),
 * xt_check_is_guest(). */
void xt_tally_domains(xt_check *check, xt_tally *tally,
                      bool counts(const xtune_domain *domain),
                      xt_look_at *look);

/* The PASS of those that are good, and a SKIP of those of which nothing is
 * known; a SKIP with why where there were no others. */
void xt_tally_end(xt_check *check, const xt_tally *tally, const char *expected,
                  const char *why);

#endif
