/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The next boot's command lines, as the model has them. */
#ifndef XT_BOOT_CONFIGURED_H
#define XT_BOOT_CONFIGURED_H

#include <xtune/host.h>

/* NULL: not known. */
const char *xt_boot_configured(const xtune_host *host, const char *line);

/* XTUNE_ERR_UNSUPPORTED where it is not known, XTUNE_ERR_INVALID where there
 * is no such line. */
int xt_boot_check_known(const xtune_host *host, const char *line,
                        xtune_error **err);

#endif
