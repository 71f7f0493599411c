/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What schedulers give to domains and pools, as JSON, for plans and backends.
 * Of a domain:
 *
 *     { "weight": 256, "cap": 0 }                          credit, credit2
 *     { "vcpus": [ { "period_us": 10000, "budget_us": 4000,
 *                    "extratime": true } ] }               rtds
 *     null                                                 null, arinc653
 *
 * of a pool:
 *
 *     { "tslice_ms": 30, "ratelimit_us": 1000,
 *       "migration_delay_us": 0 }                          credit
 *     { "ratelimit_us": 1000 }                             credit2
 *     null                                                 the others
 */
#ifndef XT_SCHEDULING_H
#define XT_SCHEDULING_H

#include <xtune/host.h>

#include "base/json.h"

/* What they are on the host; null where that is not known. */
xt_json *xt_scheduling_of_domain(xtune_arena *arena, const xtune_host *host,
                                 const xtune_domain *domain);
xt_json *xt_scheduling_of_pool(xtune_arena *arena, const xtune_cpupool *pool);

/* The first for a domain in a pool with this scheduler. */
xt_json *xt_scheduling_domain_to_json(xtune_arena *arena,
                                      const char *scheduler,
                                      const xtune_domain *domain);

/* Whether a value has the form of this scheduler's; null has that of any. */
bool xt_scheduling_is_of(const char *scheduler, const xt_json *value);
bool xt_scheduling_is_of_pool(const char *scheduler, const xt_json *value);

/*
 * Reads such a value into the model: into the domain's weight, cap and vCPUs,
 * or into the pool's scheduling. null leaves them as they are.
 * XTUNE_ERR_INVALID, about object, for one that is not as above for this
 * scheduler, or that is outside what Xen takes (weight 1 to 65535; cap up to
 * 100 for each vCPU; period 10 to 1000000000, budget 10 to the period;
 * tslice 1 to 1000; ratelimit 0 or 100 to 500000, for credit not above tslice;
 * migration delay up to 100000).
 */
int xt_scheduling_read_domain(const char *scheduler, const xt_json *value,
                              const char *object, xtune_domain *domain,
                              xtune_error **err);
int xt_scheduling_read_pool(const char *scheduler, const xt_json *value,
                            const char *object, xtune_cpupool *pool,
                            xtune_error **err);

/* Whether a scheduler has weights, which are then carried over when a domain
 * moves from a pool with one to a pool with another. */
bool xt_scheduling_has_weight(const char *scheduler);

#endif
