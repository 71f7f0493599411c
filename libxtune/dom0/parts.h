/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory and vCPUs: what the files here share. */
#ifndef XT_DOM0_PARTS_H
#define XT_DOM0_PARTS_H

#include <xtune/arena.h>
#include <xtune/dom0.h>

/* No memory to be set below this: as libxl has it. */
#define XT_DOM0_LEAST_KB (UINT64_C(128) << 10)

#define XT_DOM0_XL_CONF "/etc/xen/xl.conf"

/* As a dom0_mem that says nothing: Xen keeps a 16th for itself then. */
#define XT_DOM0_MEM_NONE "0"

/* boot.c: "dom0_mem=" of a command line, as if it stood there once. NULL: it
 * is not there. */
const char *xt_dom0_mem_of(xtune_arena *arena, const char *command_line);

/* boot.c: "dom0_mem=" and "dom0_max_vcpus=" of the next boot, as if each stood
 * there once. NULL: it is not there, or that is not known. */
const char *xt_dom0_boot_mem(xtune_arena *arena, const xtune_host *host);
const char *xt_dom0_boot_max_vcpus(xtune_arena *arena, const xtune_host *host);

/* The "min:" that counts in such a value, with its amount; NULL. */
const char *xt_dom0_mem_min(xtune_arena *arena, const char *value);

/* mem.c: as xtune_dom0_mem_parse(), but what Xen takes is taken, whether
 * anyone means it or not. */
int xt_dom0_mem_read(const char *value, uint64_t host_kb,
                     xtune_dom0_mem *mem_r, xtune_error **err);

/* vcpus.c: "dom0_max_vcpus=" as Xen reads it, the least and the most.
 * XTUNE_ERR_INVALID. */
int xt_dom0_max_vcpus_read(const char *value, uint32_t *min_r, uint32_t *max_r,
                           xtune_error **err);

/* How many dom0 gets of so many CPUs. */
uint32_t xt_dom0_vcpus_of(uint32_t min, uint32_t max, uint32_t nr_cpus);

/* size.c: what the rules give, in whole MiB. */
uint64_t xt_dom0_suse_kb(uint64_t host_kb);
uint64_t xt_dom0_xcp_kb(uint64_t host_kb);     /* from platform 2.9.0 on */
uint64_t xt_dom0_old_xcp_kb(uint64_t host_kb); /* before */
uint32_t xt_dom0_rule_vcpus(uint32_t nr_cpus, uint64_t dom0_kb);

/* The rule of the distribution that dom0 is, or the one that is named; and
 * whether XCP-ng's is the one before platform 2.9.0. */
enum xtune_dom0_rule xt_dom0_rule_of(const xtune_host *host,
                                     enum xtune_dom0_rule rule, bool *old_r);

/* used.c: what dom0's own kernel says of its memory. XTUNE_UNKNOWN_KB: not
 * known. */
typedef struct xt_dom0_used {
    uint64_t available_kb, swapped_kb;
    uint64_t arc_kb, arc_max_kb; /* ZFS's cache, and the most it may be */
    bool has_zfs;
} xt_dom0_used;

/* The last word of a line that begins so, without unit, which ends it:
 * "MemTotal:  8039044 kB". XTUNE_UNKNOWN_KB where there is none, or it is no
 * number. */
uint64_t xt_dom0_number_of(const char *text, const char *key,
                           const char *unit);

/* Any text may be NULL. */
void xt_dom0_used_read(const char *meminfo, const char *arcstats,
                       const char *mountinfo, xt_dom0_used *used_r);

/* The least that dom0 can be given, which has has_kb: what it uses, what it
 * has had to swap out, and a reserve. XTUNE_UNKNOWN_KB where that is not
 * known. */
uint64_t xt_dom0_floor_kb(const xt_dom0_used *used, uint64_t has_kb);

/* share.c: changes what domain 0, which is there, has of the host's memory, as
 * its balloon would. */
void xt_dom0_take_memory(xtune_host *host, uint64_t kb);

/* Domain 0; NULL where it is not among those that were observed. */
const xtune_domain *xt_dom0_of(const xtune_host *host);

/* A size as people write it: "4096 MiB". */
const char *xt_dom0_size_text(xtune_arena *arena, uint64_t kb);

#endif
