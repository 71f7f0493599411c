/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_ACTION_JSON_H
#define XT_ACTION_JSON_H

#include <xtune/plan.h>

#include "base/json.h"

/* An action as it stands in plans, journals and the history. */
xt_json *xt_action_to_json(xtune_arena *arena, const xtune_action *action);

/*
 * Reads an array of them; object names the file. What they hold points into
 * json. XTUNE_ERR_INVALID.
 */
int xt_actions_from_json(xtune_arena *arena, const xt_json *json,
                         const char *object, xtune_action **actions_r,
                         size_t *nr_r, xtune_error **err);

#endif
