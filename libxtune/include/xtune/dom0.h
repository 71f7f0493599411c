/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dom0's memory and vCPUs: what it has, has needed, and should have.
 *
 * Sources: SUSE's Virtualization Best Practices (10 % of the host and 1 GB);
 * XCP-ng's and XenServer's host-installer and xcp/dom0.py (by release); their
 * documentation (ZFS, large hosts).
 */
#ifndef XTUNE_DOM0_H
#define XTUNE_DOM0_H

#include <stdbool.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/plan.h>

enum xtune_dom0_rule {
    XTUNE_DOM0_AUTO, /* that of the distribution that dom0 is */
    XTUNE_DOM0_SUSE,
    XTUNE_DOM0_XCP_NG,
};

/* "auto", "suse", "xcp-ng". XTUNE_ERR_INVALID. */
int xtune_dom0_rule_parse(const char *name, enum xtune_dom0_rule *rule_r,
                          xtune_error **err);
const char *xtune_dom0_rule_name(enum xtune_dom0_rule rule);

/* A size as xl's mem-set takes it: a number with b, k, m, g or t behind it,
 * MiB where there is none; whole MiB. XTUNE_ERR_INVALID. */
int xtune_dom0_size_parse(const char *text, uint64_t *kb_r, xtune_error **err);

/* What Xen makes of "dom0_mem=" on a host of this size, in KiB
 * (arch/x86/dom0_build.c). XTUNE_UNKNOWN_KB: not given, unlimited, or a share
 * of a host whose size is not known. */
typedef struct xtune_dom0_mem {
    uint64_t size_kb; /* what dom0 gets: between min and max */
    uint64_t min_kb, max_kb;
    bool has_size, has_max;
} xtune_dom0_mem;

/* host_kb XTUNE_UNKNOWN_KB: not known. XTUNE_ERR_INVALID: Xen would not take
 * it, or not as it is meant. */
int xtune_dom0_mem_parse(const char *value, uint64_t host_kb,
                         xtune_dom0_mem *mem_r, xtune_error **err);

/* Of sizes XTUNE_UNKNOWN_KB, of numbers XTUNE_NONE: it is not known. */
typedef struct xtune_dom0_advice {
    enum xtune_dom0_rule rule; /* suse or xcp-ng */
    const char *why;           /* the formula, with its figures */
    uint64_t has_kb;           /* Xen's word */
    uint64_t target_kb;        /* of its balloon */
    uint64_t static_max_kb;    /* the most before the next boot */
    uint64_t available_kb;     /* of it, what nobody in dom0 needs */
    uint64_t needs_kb;         /* what is in use, swap and all, and a reserve;
                                  the least that it can be made: the floor */
    uint64_t swap_used_kb;     /* what is swapped out now */
    uint64_t swapped_kb;  /* what it has had to swap out since it booted */
    uint64_t should_kb;   /* by the rule, never below the floor */
    bool boot_is_known;   /* what the next boot gives: what follows */
    const char *boot_mem; /* as it stands there, NULL: not at all */
    const char *boot_max_vcpus;
    uint64_t boot_kb;
    bool boot_is_fixed;  /* and no more later: max is the same */
    uint32_t boot_vcpus; /* XTUNE_NONE: as many as there are CPUs */
    uint32_t has_vcpus;  /* that are online */
    uint32_t most_vcpus; /* that can be before the next boot */
    uint32_t should_vcpus;
    bool has_zfs;
    const char *autoballoon; /* as xl.conf has it: "on", "off", "auto", which
                                it is as well where there is none; NULL: it
                                cannot be read */
    const char *notes[8];    /* ZFS's cache, a large host, autoballoon */
    size_t nr_notes;
} xtune_dom0_advice;

/* Texts in the arena. XTUNE_ERR_UNSUPPORTED where dom0's own memory is not
 * known (the host was observed without XTUNE_OBSERVE_DOM0). */
int xtune_dom0_advise(const xtune_host *host, enum xtune_dom0_rule rule,
                      xtune_arena *arena, xtune_dom0_advice *advice_r,
                      xtune_error **err);

enum {
    XTUNE_DOM0_NOW = 1 << 0,
    XTUNE_DOM0_BOOT = 1 << 1,
    /* What cannot be done now, but at boot, is a note of the plan. */
    XTUNE_DOM0_LENIENT = 1 << 2,
};

/*
 * The plan that gives dom0 this much: now, by its balloon (kind
 * "dom0-memory"), and at the next boot ("boot-parameters": dom0_mem with max),
 * with autoballoon off in xl.conf ("file") where it is fixed then.
 * XTUNE_ERR_REFUSED for less than the floor, for more than is free with the
 * domains named that hold it, or more than static-max.
 */
int xtune_plan_dom0_memory(const xtune_host *host, uint64_t kb,
                           unsigned int when, xtune_plan **plan_r,
                           xtune_error **err);

/* The same of vCPUs: kind "dom0-vcpus", and dom0_max_vcpus. */
int xtune_plan_dom0_vcpus(const xtune_host *host, uint32_t nr,
                          unsigned int when, xtune_plan **plan_r,
                          xtune_error **err);

#endif
