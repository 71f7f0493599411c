/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where one is logged in from. */
#ifndef XT_DOM0_LOGIN_H
#define XT_DOM0_LOGIN_H

#include "backend/dom0_files.h"

/*
 * The address of the client of the SSH connection that this process runs in,
 * by its environment; on the live host also by that of the processes above
 * it, since sudo leaves the variable out. NULL where there is none.
 */
const char *xt_dom0_login_client(const xt_dom0_files *files);

/* The value of a variable in an environment as /proc/PID/environ has it, up
 * to the first blank. NULL. */
const char *xt_dom0_login_of(xtune_arena *arena, const char *environment,
                             size_t len);

#endif
