/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PIN_H
#define XT_PIN_H

#include "place/placer.h"

/*
 * Gives each vCPU of a domain whose nodes are chosen its masks, as its rule
 * says. allowed is what it may use at all.
 */
void xt_pin(xt_placer *placer, xtune_placed *placed, const xtune_set *allowed);

#endif
