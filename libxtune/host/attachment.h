/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a domain has a device, as JSON: { "slot": 6, "function": 0,
 * "msitranslate": false, "power_mgmt": false, "permissive": false,
 * "relaxed": false }; slot is null where it is any, or not known.
 */
#ifndef XT_ATTACHMENT_H
#define XT_ATTACHMENT_H

#include <xtune/host.h>

#include "base/json.h"

#define XT_MAX_GUEST_SLOT 31

xt_json *xt_attachment_to_json(xtune_arena *arena,
                               const xtune_attachment *attachment);

/* False where it is not as above, members missing included. The address is
 * not part of it. */
bool xt_attachment_from_json(const xt_json *json, const char *address,
                             xtune_attachment *attachment_r);

#endif
