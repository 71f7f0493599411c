/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of dom0's /sys that change something when they are written. */
#ifndef XT_DOM0_WRITE_H
#define XT_DOM0_WRITE_H

#include <xtune/error.h>

/*
 * Writes text, all of it at once, as Linux wants it there. object is what is
 * changed by it, and hint the way out where Linux refuses; NULL: none is
 * known. XTUNE_ERR_UNSUPPORTED where there is no such file, XTUNE_ERR_REFUSED
 * where it cannot be opened, or Linux says no, with its errno.
 */
int xt_dom0_write(const char *path, const char *text, const char *object,
                  const char *hint, xtune_error **err);

#endif
