/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records: what verbs were told to keep (vcpu-pin --persist). They are part
 * of what is wanted and beat policies.
 *
 * One file a domain, records/UUID.json in the state directory, schema
 * xtune/record/1:
 *
 *     { "schema": "xtune/record/1", "uuid": "...", "name": "web1",
 *       "affinity": [ { "vcpus": "0-1", "hard": "node:1", "soft": "all" } ] }
 *
 * Lists are kept as they were given, "node:" included.
 */
#ifndef XTUNE_RECORD_H
#define XTUNE_RECORD_H

#include <xtune/apply.h>
#include <xtune/policy.h>

/*
 * Adds the records of a state directory to a policy, in the order of their
 * files' names. XTUNE_ERR_INVALID with "file:line" as object for one that is
 * not as it should be; no folder is no error.
 */
int xtune_records_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err);

/*
 * Whether xtune_record_affinity() can keep this, before anything is changed.
 * XTUNE_ERR_REFUSED for a domain without a uuid, XTUNE_ERR_INVALID for lists
 * that are none, and for what is kept already as xtune_records_read().
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

/*
 * Forgets what is kept of a domain's affinity; its record is removed where it
 * says nothing more. *found_r: there was something.
 */
int xtune_record_forget_affinity(xtune_state *state, const xtune_host *host,
                                 const xtune_domain *domain, bool *found_r,
                                 xtune_error **err);

#endif
