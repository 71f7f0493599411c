/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Actions on files that several fixes have a part in. */
#ifndef XT_CHECK_MEND_H
#define XT_CHECK_MEND_H

#include <xtune/plan.h>

#include "check/check.h"

/* An attribute of the kernel's becomes value, where it is not so, and where
 * there is a kernel. */
void xt_mend_attribute(xt_check *check, xtune_plan *plan, const char *path,
                       const char *value, const char *reason);

/* Whether a line of a file is the one that is to be replaced. */
typedef bool xt_mend_is_line(const char *line, const void *what);

/*
 * A file has this line, instead of the first that is_line says, or else at its
 * end; others that it says go. Where the plan changes that file already, it is
 * one change.
 */
void xt_mend_line(xt_check *check, xtune_plan *plan, const char *path,
                  const char *line, xt_mend_is_line *is_line, const void *what,
                  const char *reason);

#endif
