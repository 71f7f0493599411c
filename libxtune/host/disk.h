/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks of domains, as the model has them. */
#ifndef XT_DISK_H
#define XT_DISK_H

#include <xtune/host.h>

/* One of which nothing is known. */
xtune_disk xt_disk_unknown(const char *device);

/* For qsort(): by device, "hd2" before "hd10". */
int xt_disk_compare(const void *a, const void *b);

#endif
