/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses without which dom0 loses disks or file systems. */
#ifndef XT_DOM0_SERVERS_H
#define XT_DOM0_SERVERS_H

#include "backend/dom0_files.h"

/* Each once, in the arena of files. */
const char **xt_dom0_servers(const xt_dom0_files *files, size_t *nr_r);

#endif
