/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What rules look at in dom0: files of its own and of its kernel, programs
 * that run, toolstacks that are installed. It is the same for a recorded tree.
 */
#ifndef XT_DOM0_RULES_FILES_H
#define XT_DOM0_RULES_FILES_H

#include <xtune/host.h>

/* Fills files, services and toolstacks of host->dom0. Whether there was any of
 * them is returned. */
bool xt_dom0_read_rules_files(const char *root, xtune_host *host);

#endif
