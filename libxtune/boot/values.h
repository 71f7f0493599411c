/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of parameters, held against what reads them at boot. */
#ifndef XT_BOOT_VALUES_H
#define XT_BOOT_VALUES_H

#include <stdbool.h>

#include <xtune/boot.h>

/* A value, where it is to stand, and for whom. */
typedef struct xt_boot_asked {
    const char *key, *value;
    const xtune_host *host;   /* NULL: no matter which */
    xtune_findings *findings; /* NULL: only what is wrong counts */
} xt_boot_asked;

/* Says that Xen, or Linux, would not take the value: XTUNE_ERR_INVALID. */
int xt_boot_refuse(const xt_boot_asked *asked, const char *hint,
                   xtune_error **err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Something to be known of it. */
void xt_boot_warn(const xt_boot_asked *asked, const char *hint,
                  const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Xen's own words for yes and no. */
bool xt_boot_is_boolean(const char *text, size_t len);

/* values_xen.c: false where nothing is known of the key's values but their
 * kind, and true with *rc_r else. */
bool xt_boot_check_xen(const xt_boot_asked *asked, int *rc_r,
                       xtune_error **err);

#endif
