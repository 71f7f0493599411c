/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records: what verbs were told to keep (vcpu-pin --persist). They are part
 * of what is wanted and beat policies.
 *
 * One file a domain, records/UUID.json in the state directory, schema
 * xtune/record/1:
 *
 *     { "schema": "xtune/record/1", "uuid": "...", "name": "web1",
 *       "affinity": [ { "vcpus": "0-1", "hard": "node:1", "soft": "all" } ],
 *       "scheduling": [ { "vcpus": "all", "weight": 512, "cap": 0 } ],
 *       "cpupool": "rt" }
 *
 * Lists are kept as they were given, "node:" included. What pools were given
 * is in pools.json there, schema xtune/pools/1:
 *
 *     { "schema": "xtune/pools/1",
 *       "cpupools": [ { "name": "Pool-0", "ratelimit_us": 500 } ] }
 */
#ifndef XTUNE_RECORD_H
#define XTUNE_RECORD_H

#include <xtune/apply.h>
#include <xtune/policy.h>

/*
 * Adds the records of a state directory to a policy: those of domains in the
 * order of their files' names, and those of pools. XTUNE_ERR_INVALID with
 * "file:line" as object for one that is not as it should be; no folder is no
 * error.
 */
int xtune_records_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err);

/*
 * Whether xtune_record_affinity() can keep this, before anything is changed.
 * XTUNE_ERR_REFUSED for a domain without a uuid, XTUNE_ERR_INVALID for lists
 * that are none, and for what is kept already as xtune_records_read(). NULL
 * for wanted: whether anything can be kept for the domain.
 */
int xtune_record_check(const xtune_state *state, const xtune_host *host,
                       const xtune_domain *domain,
                       const xtune_wanted_affinity *wanted, xtune_error **err);

/*
 * Keeps masks for a domain of the host: over what its record, as of
 * xtune_policy_record(), says of these vCPUs. A record that is its by name
 * becomes its by uuid. hard and soft as in xtune_wanted_affinity; the lists
 * must have been checked. The state is locked.
 */
int xtune_record_affinity(xtune_state *state, const xtune_host *host,
                          const xtune_domain *domain,
                          const xtune_wanted_affinity *wanted,
                          xtune_error **err);

/* The same for what its scheduler is to give it. Each of wanted is over what
 * was kept of these vCPUs before; weight and cap are of all. XTUNE_ERR_INVALID
 * where a budget and a period that was kept before contradict each other. */
int xtune_record_scheduling(xtune_state *state, const xtune_host *host,
                            const xtune_domain *domain,
                            const xtune_wanted_scheduling *wanted,
                            size_t nr_wanted, xtune_error **err);

/* The same for the pool that it is to be in. XTUNE_ERR_INVALID, about the
 * pool, for one whose name is none (xtune_cpupool_is_name()). */
int xtune_record_cpupool(xtune_state *state, const xtune_host *host,
                         const xtune_domain *domain, const char *pool,
                         xtune_error **err);

/*
 * Keeps what a pool's scheduler is to do, by the pool's name; XTUNE_NONE
 * leaves what is kept, but for what the pool's scheduler does not have, which
 * is forgotten. XTUNE_ERR_INVALID, about the pool, as above, and for a tslice
 * and a ratelimit that contradict each other; for what is kept already as
 * xtune_records_read(). The state is locked.
 */
int xtune_record_pool_scheduling(xtune_state *state, const xtune_cpupool *pool,
                                 const xtune_pool_scheduling *wanted,
                                 xtune_error **err);

/* Whether it can be kept, before anything is changed: errors as above. */
int xtune_record_pool_check(const xtune_state *state,
                            const xtune_cpupool *pool,
                            const xtune_pool_scheduling *wanted,
                            xtune_error **err);

/*
 * Forgets what is kept of a domain's affinity; its record is removed where it
 * says nothing more. *found_r: there was something.
 */
int xtune_record_forget_affinity(xtune_state *state, const xtune_host *host,
                                 const xtune_domain *domain, bool *found_r,
                                 xtune_error **err);

#endif
