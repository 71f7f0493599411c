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

/*
 * What a parameter has after the next boot, in the order in which it stands
 * there, in the arena: *nr_r 0 where it is not there. XTUNE_ERR_UNSUPPORTED
 * where the command line is not known.
 */
int xtune_boot_get(const xtune_host *host, xtune_arena *arena,
                   const char *line, const char *key,
                   const char *const **values_r, size_t *nr_r,
                   xtune_error **err);

/*
 * The parameters after the next boot, "KEY" or "KEY=VALUE", in the order in
 * which they stand there, in the arena: those that words name, by "KEY" or
 * "KEY=VALUE"; without words all. Errors as above.
 */
int xtune_boot_parameters(const xtune_host *host, xtune_arena *arena,
                          const char *line, const char *const *words,
                          size_t nr_words, const char ***parameters_r,
                          size_t *nr_r, xtune_error **err);

/* Words as "cmdline set" and "cmdline delete" take them. */
typedef struct xtune_boot_words {
    const char *line;
    bool set; /* else they are taken out */
    /* "KEY", "KEY=VALUE", 'KEY="WITH BLANKS"', or several of them with blanks
     * between. Set: all that a key has is replaced by all that is given for
     * it. Taken out: a key, or one of its values. */
    const char *const *words;
    size_t nr;
} xtune_boot_words;

/*
 * What such words, one group after the other, make of the next boot's command
 * lines, in the arena: a change for each key that they name. XTUNE_ERR_INVALID
 * for a word that is none, XTUNE_ERR_UNSUPPORTED where the command lines are
 * not known.
 */
int xtune_boot_words_read(const xtune_host *host, xtune_arena *arena,
                          const xtune_boot_words *groups, size_t nr_groups,
                          xtune_boot_change **changes_r, size_t *nr_r,
                          xtune_error **err);

/*
 * The plan of such changes: one action of kind "boot-parameters", or none
 * where all is configured so already. XTUNE_ERR_INVALID for a key that is
 * there twice, and for text that no command line can hold; what
 * xtune_boot_check() says is the caller's to heed.
 */
int xtune_plan_boot(const xtune_host *host, const xtune_boot_change *changes,
                    size_t nr, xtune_plan **plan_r, xtune_error **err);

#endif
