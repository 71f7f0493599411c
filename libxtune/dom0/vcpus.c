/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "dom0_max_vcpus=" as Xen reads it (xen.git xen/arch/x86/dom0_build.c). */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"

#define MAX_VCPUS 8192 /* Xen: MAX_VIRT_CPUS of a PV dom0 */

static int refuse(const char *value, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, "dom0_max_vcpus", "write \"4\" or \"1-4\"",
        "\"%s\" is no number of vCPUs, and no range of them", value);
}

/* Digits up to a "-" or the end. */
static bool read_bound(const char *text, size_t len, uint32_t *n_r)
{
    char digits[16];
    uint64_t n;

    if (len >= sizeof(digits)) return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    if (!xt_parse_u64(digits, 10, UINT32_MAX - 1, &n)) return false;
    *n_r = (uint32_t)n;
    return true;
}

int xt_dom0_max_vcpus_read(const char *value, uint32_t *min_r, uint32_t *max_r,
                           xtune_error **err)
{
    const char *dash = strchr(value, '-');
    uint32_t min = 1, max = XTUNE_NONE;

    if (dash != value &&
        !read_bound(value, dash ? (size_t)(dash - value) : strlen(value),
                    &min))
        return refuse(value, err);
    if (!min) min = 1;
    if (!dash) max = min;
    if (dash && dash[1] && !read_bound(dash + 1, strlen(dash + 1), &max))
        return refuse(value, err);
    if (dash == value && !dash[1]) return refuse(value, err);
    *min_r = min;
    *max_r = max;
    return 0;
}

uint32_t xt_dom0_vcpus_of(uint32_t min, uint32_t max, uint32_t nr_cpus)
{
    uint32_t nr = nr_cpus;

    if (nr < min) nr = min;
    if (nr > max) nr = max;
    return nr > MAX_VCPUS ? MAX_VCPUS : nr;
}
