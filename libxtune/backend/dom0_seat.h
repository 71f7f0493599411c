/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an input device is, by the bitmaps in its folder "capabilities": words
 * of 64 bits in hexadecimal, the last one first. */
#ifndef XT_DOM0_SEAT_H
#define XT_DOM0_SEAT_H

#include <stdbool.h>

bool xt_dom0_has_bit(const char *bitmap, unsigned int bit);
bool xt_dom0_is_keyboard(const char *ev, const char *key);
bool xt_dom0_is_pointer(const char *key, const char *rel, const char *abs);

#endif
