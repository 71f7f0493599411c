/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is mounted and swapped to, from the text of /proc: pure. */
#ifndef XT_DOM0_MOUNTS_H
#define XT_DOM0_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>

typedef struct xt_dom0_mount {
    const char *where;     /* "/boot"; NULL: swap */
    const char *source;    /* "/dev/sda1", or anything else */
    bool has_number;       /* it is known which block device it is */
    uint32_t major, minor; /* then; major 0 is none, as btrfs has it */
    const char *type;      /* "ext4"; NULL: swap */
    const char *options;   /* of the file system: "rw,addr=192.0.2.1"; NULL */
    const char *server;    /* its address, of what is not on this host; NULL */
} xt_dom0_mount;

/* Each takes text apart, which it changes; what is in the arena points into
 * it. A line that is not as Linux writes it is left out. */

/* /proc/self/mountinfo */
xt_dom0_mount *xt_dom0_parse_mountinfo(xtune_arena *arena, char *text,
                                       size_t *nr_r);

/* /proc/mounts */
xt_dom0_mount *xt_dom0_parse_mounts(xtune_arena *arena, char *text,
                                    size_t *nr_r);

/* /proc/swaps */
xt_dom0_mount *xt_dom0_parse_swaps(xtune_arena *arena, char *text,
                                   size_t *nr_r);

/* The value of one of a mount's options, in the arena, "" where it has none;
 * NULL: it is not there. */
const char *xt_dom0_mount_option(xtune_arena *arena, const char *options,
                                 const char *name);

/* "fd:3" in base 16, "253:3" in base 10; nothing more. */
bool xt_dom0_parse_number(const char *text, unsigned int base,
                          uint32_t *major_r, uint32_t *minor_r);

#endif
