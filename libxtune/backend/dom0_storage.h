/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which whole disks of dom0 a file or a block device is on. */
#ifndef XT_DOM0_STORAGE_H
#define XT_DOM0_STORAGE_H

#include <sys/stat.h>

#include "backend/dom0_files.h"
#include "host/dom0_mounts.h"

#define XT_STORAGE_MAX_DISKS 256

typedef struct xt_storage xt_storage;

/* What is mounted now; all is in the arena of files. */
xt_storage *xt_storage_new(const xt_dom0_files *files);

/*
 * The names of whole disks in /sys/block, each once, in order. path is without
 * links, and below the root; st is what stat() says of it. NULL where that is
 * not known; *nr_r 0 and not NULL where it is on a server.
 */
const char **xt_storage_disks(xt_storage *storage, const char *path,
                              const struct stat *st, size_t *nr_r);

#endif
