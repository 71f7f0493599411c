/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/boot_json.h"

#include <string.h>

xt_json *xt_boot_values_to_json(xtune_arena *arena, const char *const *values,
                                size_t nr)
{
    if (nr > 1) return xt_json_strings(arena, values, nr);
    return nr ? xt_json_string(arena, values[0]) : xt_json_null(arena);
}

static xt_json *member(xtune_arena *arena, xt_json *json, const char *key)
{
    xt_json *object = (xt_json *)xt_json_get(json, key);

    if (object) return object;
    object = xt_json_object(arena);
    xt_json_add(arena, json, xtune_arena_strdup(arena, key), object);
    return object;
}

void xt_boot_json_set(xtune_arena *arena, xt_json *json, const char *line,
                      const char *key, xt_json *value)
{
    xt_json *of_line = member(arena, json, line);
    size_t i;

    for (i = 0; i < of_line->nr; i++) {
        if (strcmp(of_line->keys[i], key) != 0) continue;
        of_line->items[i] = value;
        return;
    }
    xt_json_add(arena, of_line, xtune_arena_strdup(arena, key), value);
}

static int not_one(const char *object, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "the action does not say what parameters are to "
                           "be");
}

static bool read_values(xtune_arena *arena, const xt_json *value,
                        xtune_boot_change *change)
{
    const char **values;
    size_t i;

    if (value->type == XT_JSON_NULL) return true;
    values = XTUNE_NEW_ARRAY(arena, const char *, value->nr + 1);
    change->values = values;
    change->nr_values = value->type == XT_JSON_STRING ? 1 : value->nr;
    values[0] = xt_json_text(value);
    for (i = 0; value->type == XT_JSON_ARRAY && i < value->nr; i++)
        values[i] = xt_json_text(value->items[i]);
    for (i = 0; i < change->nr_values; i++)
        if (!values[i]) return false;
    return value->type == XT_JSON_STRING ||
           (value->type == XT_JSON_ARRAY && value->nr > 1);
}

int xt_boot_changes_from_json(xtune_arena *arena, const xt_json *json,
                              const char *object,
                              xtune_boot_change **changes_r, size_t *nr_r,
                              xtune_error **err)
{
    xtune_boot_change *changes = NULL;
    size_t i, k, nr = 0;

    if (json->type != XT_JSON_OBJECT || !json->nr) return not_one(object, err);
    for (i = 0; i < json->nr; i++) {
        const xt_json *of_line = json->items[i];

        if (of_line->type != XT_JSON_OBJECT) return not_one(object, err);
        for (k = 0; k < of_line->nr; k++) {
            changes = xtune_arena_grow(arena, changes, nr, sizeof(*changes));
            changes[nr] = (xtune_boot_change){ .line = json->keys[i],
                                               .key = of_line->keys[k] };
            if (!read_values(arena, of_line->items[k], &changes[nr++]))
                return not_one(object, err);
        }
    }
    *changes_r = changes;
    *nr_r = nr;
    return 0;
}
