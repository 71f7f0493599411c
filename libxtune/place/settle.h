/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_SETTLE_H
#define XT_SETTLE_H

#include <xtune/place.h>

/* place.c: one placement, as it comes out. */
int xt_place_once(const xtune_place_request *request,
                  xtune_placement **placement_r, xtune_error **err);

/*
 * Makes sure that a placement of running domains, once applied, is planned
 * again as it is: places the host as it would be then, and takes that over
 * until nothing changes any more.
 */
int xt_settle(const xtune_place_request *request, xtune_placement *placement,
              xtune_error **err);

#endif
