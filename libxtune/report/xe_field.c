/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One field of a record, to be shown or to be set, as words of xe's say. */
#include <string.h>

#include "base/util.h"
#include "report/xe.h"

static int refuse_missing(xtune_arena *arena, const xtune_xe_class *class,
                          const char *name, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type,
                           xt_xe_fields_hint(arena, class),
                           "Missing parameter: %s", name);
}

int xtune_xe_get(xtune_arena *arena, const xtune_xe_class *class,
                 const xtune_xe_record *record, const xtune_xe_words *words,
                 const char **text_r, xtune_error **err)
{
    const char *name, *key = xtune_xe_word(words, "param-key");
    size_t field;
    int rc;

    rc = xtune_xe_need(words, "param-name", &name, err);
    if (rc) return rc;
    if (!xt_xe_find_field(class, name, &field))
        return refuse_missing(arena, class, name, err);
    if (!key || class->fields[field].type != XTUNE_XE_MAP) {
        *text_r =
            xt_xe_text(arena, &class->fields[field], &record->values[field]);
        return 0;
    }
    *text_r = xt_xe_in_map(&record->values[field], key);
    if (*text_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, name, NULL,
                           "Key %s not found in map", key);
}

int xtune_xe_settable(const xtune_xe_class *class, const char *key,
                      size_t *field_r, const char **map_key_r,
                      xtune_error **err)
{
    const xtune_xe_field *field;
    int rc = xt_xe_field_of(class, key, field_r, map_key_r, err);

    if (rc) return rc;
    field = &class->fields[*field_r];
    if (*map_key_r && field->type == XTUNE_XE_SET)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type, NULL,
                               "Cannot param-set on set fields");
    if (!field->writable)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type, NULL,
                               "%s '%s' is read-only.",
                               *map_key_r ? "Map field" : "Field",
                               field->name);
    if (*map_key_r && !**map_key_r)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type, NULL,
                               "Field '%s' is a map: the key behind ':' is "
                               "missing",
                               field->name);
    if (!*map_key_r && field->type == XTUNE_XE_MAP)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type, NULL,
                               "Field '%s' is a map or set. use the "
                               "'name:key=value' syntax.",
                               field->name);
    return 0;
}

static int find_field(const xtune_xe_class *class, const char *name,
                      size_t *field_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xt_xe_find_field(class, name, field_r)
               ? 0
               : refuse_missing(arena, class, name, err);
}

/* A map that can be changed; what else it may be has a message each. */
static int find_map(const xtune_xe_class *class, const char *name,
                    const char *read_only, const char *no_map, size_t *field_r,
                    xtune_error **err)
{
    int rc = find_field(class, name, field_r, err);

    if (rc || (class->fields[*field_r].type == XTUNE_XE_MAP &&
               class->fields[*field_r].writable))
        return rc;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name, NULL, "%s",
                           xt_xe_has_items(class, *field_r) ? read_only
                                                            : no_map);
}

int xtune_xe_removable(const xtune_xe_class *class, const char *name,
                       size_t *field_r, xtune_error **err)
{
    return find_map(class, name, "Cannot remove parameters from read-only map",
                    "Can only remove from parameters of type Set or Map",
                    field_r, err);
}

int xtune_xe_addable(const xtune_xe_class *class, const char *name,
                     size_t *field_r, xtune_error **err)
{
    return find_map(class, name, "Parameter is read-only",
                    "Can only add to parameters of type Set or Map", field_r,
                    err);
}

int xtune_xe_clearable(const xtune_xe_class *class, const char *name,
                       size_t *field_r, xtune_error **err)
{
    int rc = find_field(class, name, field_r, err);

    if (rc || class->fields[*field_r].writable) return rc;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name, NULL,
                           "Can only clear RW parameters");
}

int xtune_xe_put(xtune_arena *arena, const char ***items, size_t *nr,
                 const char *key, const char *value, xtune_error **err)
{
    const char **all = XTUNE_NEW_ARRAY(arena, const char *, *nr + 2);
    bool found = false;
    size_t i, left = 0;

    for (i = 0; i + 1 < *nr; i += 2) {
        const bool is_it = !strcmp((*items)[i], key);

        found = found || is_it;
        if (is_it && !value) continue;
        all[left++] = (*items)[i];
        all[left++] = is_it ? value : (*items)[i + 1];
    }
    if (!found && !value)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, key, NULL,
                               "Key %s is not in map", key);
    if (!found) {
        all[left++] = key;
        all[left++] = value;
    }
    *items = all;
    *nr = left;
    return 0;
}

int xtune_xe_flag(const char *key, const char *text, bool *flag_r,
                  xtune_error **err)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, text, NULL,
                               "Failed to parse parameter '%s': expecting a "
                               "boolean (true or false)",
                               key);
    *flag_r = !strcmp(text, "true");
    return 0;
}
