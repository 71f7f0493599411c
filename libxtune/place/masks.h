/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_MASKS_H
#define XT_MASKS_H

#include "place/model.h"

/*
 * Gives the vCPUs of every item that is decided their masks, and the parts of
 * a guest their shape. CPUs that a vCPU has for itself are in the masks of no
 * other.
 */
void xt_make_masks(xt_model *model);

#endif
