/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kinds of action: how the object of each is read and written. A value is
 * JSON, as it stands in a plan's old and new.
 */
#ifndef XT_KINDS_H
#define XT_KINDS_H

#include <xtune/backend.h>
#include <xtune/plan.h>

#include "base/json.h"

typedef struct xt_action_kind {
    const char *name;

    /* What the object is now. XTUNE_ERR_NOT_FOUND: it is no more. */
    int (*read)(xtune_backend *backend, const xtune_action *action,
                xtune_arena *arena, xt_json **value_r, xtune_error **err);

    /*
     * Makes the object be value. *note_r, NULL on entry, may be set to how
     * what became of it differs from what was asked for.
     */
    int (*write)(xtune_backend *backend, const xtune_action *action,
                 const xt_json *value, xtune_arena *arena, const char **note_r,
                 xtune_error **err);
} xt_action_kind;

/* NULL where there is none of that name. */
const xt_action_kind *xt_action_kind_find(const char *name);

#endif
