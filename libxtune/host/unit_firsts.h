/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_UNIT_FIRSTS_H
#define XT_UNIT_FIRSTS_H

#include <xtune/host.h>

/*
 * Those of a pool's CPUs that count for hard masks. Where CPUs come and go
 * together (xtune_host_units()) it is the first of each unit: Xen refuses a
 * mask without one (xen.git xen/common/sched/core.c vcpu_set_hard_affinity(),
 * private.h cpupool_domain_master_cpumask()). In the arena.
 */
xtune_set xt_host_unit_firsts(xtune_arena *arena, const xtune_host *host,
                              const xtune_set *cpus, const char *granularity);

#endif
