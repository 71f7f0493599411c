/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device's configuration space, as sysfs shows it: 64 bytes to others than
 * root, 256, or 4096 of PCI Express. Whatever is in there: nothing is read
 * beyond it, and lists that go round end.
 */
#ifndef XT_DOM0_CONFIG_H
#define XT_DOM0_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xt_dom0_config {
    bool is_bridge;        /* to other buses: header type 1 or 2 */
    bool has_capabilities; /* it was long enough to tell what follows */
    bool flr, af_flr, pm;  /* ways to reset it alone */
    uint32_t msi, msix;    /* vectors */
    uint64_t serial;       /* Device Serial Number; 0: none */
} xt_dom0_config;

/* False where it is too short to tell anything, or the device is gone. */
bool xt_dom0_parse_config(const uint8_t *bytes, size_t len,
                          xt_dom0_config *config_r);

#endif
