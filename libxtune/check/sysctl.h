/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What /proc/sys is set to at boot: sysctl.d(5), and /etc/sysctl.conf, which
 * "sysctl --system" reads last.
 */
#ifndef XT_CHECK_SYSCTL_H
#define XT_CHECK_SYSCTL_H

#include <xtune/arena.h>
#include <xtune/host.h>
#include <xtune/plan.h>

#include "check/check.h"

#define XT_SYSCTL_FILE "/etc/sysctl.d/90-xltune.conf"

/* A setting that counts, and where it is. */
typedef struct xt_sysctl {
    const char *value; /* NULL: nothing sets it */
    const char *file;
} xt_sysctl;

/* Of a key such as "vm.swappiness"; texts are in the arena, or the host's. */
xt_sysctl xt_sysctl_at_boot(xtune_arena *arena, const xtune_host *host,
                            const char *key);

/* Whether what we would write could not count, for that file comes after
 * ours. */
bool xt_sysctl_beats_ours(const xt_sysctl *setting);

/*
 * How a key that is not as it should be is mended: by us, where nothing that
 * comes after our file sets it; by the next boot, where that will have it
 * right (is_next) and nothing runs that could be changed. how_r: in the arena.
 */
enum xtune_fix xt_sysctl_fix(xt_check *check, const xt_sysctl *at_boot,
                             bool is_next, const char *key, uint64_t value,
                             const char **how_r);

/* Adds to a plan that the attribute becomes value now, and that our file sets
 * it at boot, each where it is not so already. */
void xt_sysctl_mend(xt_check *check, xtune_plan *plan, const char *key,
                    const char *value, const char *reason);

#endif
