/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of xe's records share. */
#ifndef XT_REPORT_XE_H
#define XT_REPORT_XE_H

#include <xtune/xe.h>

/* As xe prints a value: "a; b", "key: value; key: value". */
const char *xt_xe_text(xtune_arena *arena, const xtune_xe_field *field,
                       const xtune_xe_value *value);

/* The place of a field in its class; false: it has none of this name. */
bool xt_xe_find_field(const xtune_xe_class *class, const char *name,
                      size_t *field_r);

/* "it has uuid, name-label", in the arena. */
const char *xt_xe_fields_hint(xtune_arena *arena, const xtune_xe_class *class);

/* Whether it is a set or a map. */
bool xt_xe_has_items(const xtune_xe_class *class, size_t field);

/*
 * The field that a word is about: one of this name, else what stands in front
 * of ":" in it, else of "-"; *rest_r is what stands behind, or NULL.
 * XTUNE_ERR_INVALID where there is none.
 */
int xt_xe_field_of(const xtune_xe_class *class, const char *key,
                   size_t *field_r, const char **rest_r, xtune_error **err);

/* XTUNE_ERR_NOT_FOUND: no object of the class has it. */
int xt_xe_refuse_uuid(const xtune_xe_class *class, const char *uuid,
                      xtune_error **err);

/* What a map has under a key; NULL. */
const char *xt_xe_in_map(const xtune_xe_value *value, const char *key);

#endif
