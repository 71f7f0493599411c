/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's block devices, and how they stand on each other. */
#ifndef XT_DOM0_BLOCKS_H
#define XT_DOM0_BLOCKS_H

#include "host/dom0_mounts.h"
#include "backend/dom0_scan.h"

#define XT_DOM0_NO_BLOCK ((size_t)-1)

/* What uses a block device itself. */
typedef struct xt_dom0_claim {
    const char *kind, *what;
} xt_dom0_claim;

typedef struct xt_dom0_block {
    const char *name, *path;
    const char *mapped; /* the device mapper's name of it; NULL */
    size_t btrfs;       /* which of the file systems it is of; or
                           XT_DOM0_NO_BLOCK */
    uint32_t major, minor;
    size_t disk;         /* of a partition; XT_DOM0_NO_BLOCK */
    const char **places; /* paths of what it is on: its own; and those of the
                            controllers of an NVMe disk that has several */
    size_t nr_places;
    size_t *holders; /* LVM, LUKS, multipath, md */
    size_t nr_holders;
    xt_dom0_claim *claims;
    size_t nr_claims;
} xt_dom0_block;

typedef struct xt_dom0_blocks {
    xt_dom0_block *items;
    size_t nr;
    bool is_unknown; /* what is mounted or swapped to could not be read */
    bool has_pool;   /* a file system is on disks that it does not name */
} xt_dom0_blocks;

/* All there are, without claims; none where no device has one. */
void xt_dom0_read_blocks(const xt_dom0_scan *scan, xt_dom0_blocks *blocks_r);

/* Those that have been found; NULL. */
xt_dom0_block *xt_dom0_block_by_number(const xt_dom0_blocks *blocks,
                                       uint32_t major, uint32_t minor);

/* "/dev/sda1", "/dev/mapper/vg-root" */
xt_dom0_block *xt_dom0_block_by_device(const xt_dom0_files *files,
                                       const xt_dom0_blocks *blocks,
                                       const char *device);

/* What is mounted. False where that cannot be read. */
bool xt_dom0_read_mounts(const xt_dom0_files *files, xt_dom0_mount **mounts_r,
                         size_t *nr_r);

/* What there is that uses block devices. */
void xt_dom0_read_claims(const xt_dom0_files *files, xt_dom0_blocks *blocks);

#endif
