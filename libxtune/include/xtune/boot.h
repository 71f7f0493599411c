/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines of Xen and of dom0's Linux: what is asked of them for the next
 * boot, what Xen would make of it, and what is not yet so.
 */
#ifndef XTUNE_BOOT_H
#define XTUNE_BOOT_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/finding.h>
#include <xtune/host.h>
#include <xtune/plan.h>

/* A parameter, and what it is to be. */
typedef struct xtune_boot_change {
    const char *line; /* "xen", "dom0" */
    const char *key;  /* "console" */
    /* All that it has then, in this order: the first stands where it stood
     * first. "": a flag without a value. */
    const char *const *values;
    size_t nr_values; /* 0: it is taken out */
} xtune_boot_change;

/*
 * Whether Xen (docs/misc/xen-command-line.pandoc, and its parsers), or Linux,
 * would take a value as it is meant: dom0_mem, dom0_max_vcpus,
 * extra_guest_irqs, iommu, sched, cpufreq, xen-pciback.hide and others.
 * XTUNE_ERR_INVALID, object the key: what would happen, and what to write
 * instead; host may be NULL, else it is also held against that (a CPU that is
 * not there, more memory than the host has). A key that is not known here is
 * taken as it is, but for one that is a slip of the pen away from a known one:
 * that is a warning among findings, which may be NULL.
 */
int xtune_boot_check(const char *line, const char *key, const char *value,
                     const xtune_host *host, xtune_findings *findings,
                     xtune_error **err);

/* A parameter whose values are others now than after the next boot. */
typedef struct xtune_boot_difference {
    const char *line, *key;
    const char *const *running, *const *configured;
    size_t nr_running, nr_configured; /* 0: it is not there */
} xtune_boot_difference;

/*
 * Those that the next boot will change, in the arena, by line and then in the
 * order in which they stand. What the boot loader adds of its own
 * (BOOT_IMAGE=, placeholder, "no-real-mode edd=off" of Debian's Xen) does not
 * count. XTUNE_ERR_UNSUPPORTED where one of both is not known.
 */
int xtune_boot_pending(const xtune_host *host, xtune_arena *arena,
                       xtune_boot_difference **differences_r, size_t *nr_r,
                       xtune_error **err);

/* The plan of such changes: one action of kind "boot-parameters", or none
 * where all is configured so already. XTUNE_ERR_INVALID as of
 * xtune_boot_check(), and for a key that is there twice. */
int xtune_plan_boot(const xtune_host *host, const xtune_boot_change *changes,
                    size_t nr, xtune_plan **plan_r, xtune_error **err);

#endif
