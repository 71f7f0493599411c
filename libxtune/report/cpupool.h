/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the reports of pools tell of one. */
#ifndef XT_REPORT_CPUPOOL_H
#define XT_REPORT_CPUPOOL_H

#include <xtune/host.h>

typedef struct xt_pool_view {
    const xtune_cpupool *pool;
    size_t nr_domains; /* dom0 is one */
    unsigned int nr_cpus;
    xtune_set nodes;
    uint64_t free_kb;      /* of its nodes; XTUNE_UNKNOWN_KB */
    unsigned int nr_vcpus; /* that are online */
    int load_pct;          /* vCPUs for a CPU; -1: it has no CPU */
    const char **warnings;
    size_t nr_warnings;
} xt_pool_view;

/* In the arena; its warnings only with numa. */
xt_pool_view xt_pool_view_of(xtune_arena *arena, const xtune_host *host,
                             const xtune_cpupool *pool, bool numa);

bool xt_pool_has(const xtune_cpupool *pool, const xtune_domain *domain);

/* Adds what is not as it should be. */
void xt_pool_warn(xtune_arena *arena, const xtune_host *host,
                  xt_pool_view *view);

/* "1.50", in the arena; "-" where it has no CPU. */
const char *xt_pool_load(xtune_arena *arena, const xt_pool_view *view);

#endif
