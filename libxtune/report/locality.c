/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/locality.h"

#include "base/util.h"

xt_locality xt_domain_locality(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain)
{
    xt_locality locality = {
        .run_nodes = xtune_domain_run_nodes(arena, host, domain, NULL, NULL),
    };

    locality.known =
        xtune_domain_local_kb(host, domain, &locality.run_nodes,
                              &locality.local_kb, &locality.total_kb);
    return locality;
}

xt_host_locality xt_host_locality_of(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_host_locality sum = { .local_kb = 0 };
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        xt_locality locality;

        if (host->domains[i].id == 0) continue;
        locality = xt_domain_locality(arena, host, &host->domains[i]);
        if (locality.known) {
            sum.nr_known++;
            sum.local_kb += locality.local_kb;
            sum.total_kb += locality.total_kb;
        } else {
            sum.nr_unknown++;
        }
    }
    return sum;
}

int xt_permille(uint64_t part, uint64_t total)
{
    return total ? (int)((unsigned __int128)part * 1000 / total) : -1;
}
