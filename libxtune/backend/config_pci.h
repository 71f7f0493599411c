/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Items of pci= in xl configurations, see xl-pci-configuration(5). */
#ifndef XT_CONFIG_PCI_H
#define XT_CONFIG_PCI_H

#include <stdbool.h>

#include <xtune/arena.h>

/*
 * The address in "[DDDD:]BB:DD.F[@VSLOT][,KEY=VALUE...]", in the arena; of
 * "BB:DD.*", all functions of a device, the first one's. NULL where the item
 * names a device by "name=" instead. False where it does neither.
 */
bool xt_config_pci(xtune_arena *arena, const char *item,
                   const char **address_r);

#endif
