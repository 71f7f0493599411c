/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration space of any bytes and any length. */
#include <stdlib.h>

#include "backend/dom0_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xt_dom0_config config;

    if (!xt_dom0_parse_config(data, size, &config)) return 0;
    /* What there cannot be: MSI's powers of two up to 32, 2048 of MSI-X. */
    if (config.msi > 32 || config.msi & (config.msi - 1) || config.msix > 2048)
        abort();
    if (!config.has_capabilities &&
        (config.msi || config.msix || config.flr || config.serial))
        abort();
    return 0;
}
