/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the residency reports tell of a domain, and of a host. */
#ifndef XT_REPORT_LOCALITY_H
#define XT_REPORT_LOCALITY_H

#include <stdbool.h>
#include <stdint.h>

#include <xtune/host.h>

typedef struct xt_locality {
    bool known; /* where the memory is */
    xtune_set run_nodes;
    uint64_t local_kb, total_kb;
} xt_locality;

/* In the arena. */
xt_locality xt_domain_locality(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain);

typedef struct xt_host_locality {
    uint64_t local_kb, total_kb; /* of the domains that are known */
    size_t nr_known, nr_unknown; /* domains; dom0 is not counted */
} xt_host_locality;

xt_host_locality xt_host_locality_of(const xtune_host *host);

/* In thousandths, rounded down: all of it is 1000, nothing less. -1 where
 * there is no memory to speak of. */
int xt_permille(uint64_t part, uint64_t total);

#endif
