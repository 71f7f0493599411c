/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What parameters of command lines are, as it stands in actions of kind
 * "boot-parameters": { "xen": { KEY: VALUE }, "dom0": { KEY: VALUE } }, where
 * VALUE is null (it is not there), a text ("" of a flag), or a list of texts.
 */
#ifndef XT_PLAN_BOOT_JSON_H
#define XT_PLAN_BOOT_JSON_H

#include <xtune/boot.h>

#include "base/json.h"

#define XT_BOOT_PARAMETERS "boot-parameters" /* the kind's name */

/* A VALUE, with nothing copied. */
xt_json *xt_boot_values_to_json(xtune_arena *arena, const char *const *values,
                                size_t nr);

/* Sets a VALUE in the JSON above, replacing the one that it had. */
void xt_boot_json_set(xtune_arena *arena, xt_json *json, const char *line,
                      const char *key, xt_json *value);

/* All of the JSON above, in its order. XTUNE_ERR_INVALID where it is another
 * thing. */
int xt_boot_changes_from_json(xtune_arena *arena, const xt_json *json,
                              const char *object,
                              xtune_boot_change **changes_r, size_t *nr_r,
                              xtune_error **err);

#endif
