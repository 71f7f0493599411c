/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_CORES_H
#define XT_CORES_H

#include <xtune/host.h>

/* By CPU id, nr_cpu_ids of them: the first CPU of its core, in the arena. */
uint32_t *xt_host_cores(xtune_arena *arena, const xtune_host *host);

#endif
