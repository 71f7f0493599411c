/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tells this host, and this run of it, from others. */
#ifndef XT_DOM0_MACHINE_H
#define XT_DOM0_MACHINE_H

#include <xtune/host.h>

/*
 * uuid: XAPI's, of /etc/xensource-inventory; where it has written none, one
 * that is derived from /etc/machine-id (RFC 4122, version 5). boot_id: that of
 * dom0's Linux. Files are below root.
 */
void xt_dom0_read_machine(const char *root, xtune_arena *arena,
                          xtune_machine *machine);

#endif
