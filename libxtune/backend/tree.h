/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A recorded tree of dom0's files: /sys, /proc, /etc, /boot. */
#ifndef XT_TREE_H
#define XT_TREE_H

#include <xtune/host.h>

/*
 * What a tree tells that a host does not know yet: PCI devices where they are
 * known without details, and command lines where none is; USB devices, and
 * what goes with them, where those are not known; and the same of files that
 * rules look at. Of a PCI device that
 * the host has, what Xen and the toolstack know of it stays, and so does one
 * that the tree has not. Whether there was anything is returned.
 */
bool xt_tree_add(xtune_host *host, const char *root);

#endif
