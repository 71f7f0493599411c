/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drift: the masks of a domain's vCPUs are not those in its stored
 * configuration (host/configured.h), which it gets when it is made again.
 * What changes a host through libxtune changes both; "xl vcpu-pin", or a move
 * to another CPU pool, the vCPUs alone.
 */
#ifndef XTUNE_DRIFT_H
#define XTUNE_DRIFT_H

#include <xtune/host.h>

typedef struct xtune_drift {
    const xtune_vcpu *vcpu; /* of the domain, with the masks that it has */
    xtune_set hard, soft;   /* those that are configured */
} xtune_drift;

/*
 * Whether the configuration says all of where the domain is to be, so that
 * libxl chooses nothing when it makes it: as libxtune leaves one that it has
 * changed. False as well where no configuration is known.
 */
bool xtune_domain_is_configured(const xtune_domain *domain);

/*
 * The vCPUs that have drifted, in the arena; returns how many. Where
 * libxl chose nodes, it has set soft affinity to them, which no
 * configuration says: then only hard affinity counts. None where no
 * configuration is known.
 */
size_t xtune_domain_drift(const xtune_domain *domain, xtune_arena *arena,
                          xtune_drift **drifts_r);

#endif
