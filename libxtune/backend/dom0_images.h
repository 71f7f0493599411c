/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the images of domains' disks are, and which of dom0's disks they are
 * on. */
#ifndef XT_DOM0_IMAGES_H
#define XT_DOM0_IMAGES_H

#include <xtune/host.h>

/* Completes the disks that dom0 serves, by their targets below root. */
void xt_dom0_read_images(const char *root, xtune_host *host);

#endif
