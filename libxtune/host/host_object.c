/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and prints an object by its table of fields. */
#include "host/host_fields.h"

#include <stdarg.h>
#include <string.h>

#include "base/util.h"

static void *member(const void *object, size_t offset)
{
    return (char *)object + offset;
}

static const char *place_text(xtune_arena *arena, const xt_place *place)
{
    const char *up;

    if (!place) return "";
    up = place_text(arena, place->up);
    if (!place->key)
        return xtune_arena_printf(arena, "%s[%zu]", up, place->index);
    return xtune_arena_printf(arena, "%s%s%s", up, up[0] ? "." : "",
                              place->key);
}

int xt_host_read_error(const xt_host_reader *reader, const xt_json *json,
                       const xt_place *place, const char *fmt, ...)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *text, *object = reader->object;
    va_list ap;

    va_start(ap, fmt);
    text = xtune_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    if (json && json->line)
        object = xtune_arena_printf(arena, "%s:%u", object, json->line);
    return xtune_error_set(reader->err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "%s%s%s", place_text(arena, place),
                           place ? ": " : "", text);
}

static const char *found(const xt_json *value)
{
    static const char *const names[] = {
        [XT_JSON_NULL] = "null",      [XT_JSON_BOOL] = "true or false",
        [XT_JSON_NUMBER] = "",        [XT_JSON_STRING] = "",
        [XT_JSON_ARRAY] = "an array", [XT_JSON_OBJECT] = "an object",
    };

    return value->text ? value->text : names[value->type];
}

static int read_number(const xt_host_reader *reader, const xt_json *value,
                       const xt_place *place, uint64_t max, uint64_t *number_r)
{
    if (xt_json_to_u64(value, max, number_r)) return 0;
    return xt_host_read_error(reader, value, place,
                              "\"%s\" is no number from 0 to %llu",
                              found(value), (unsigned long long)max);
}

/* The largest value of each type stands for "not known". */
static uint64_t max_number(const xt_field *field)
{
    if (field->max) return field->max;
    return (field->kind == XT_FIELD_U32 ? UINT32_MAX : UINT64_MAX) - 1;
}

static int read_scalar(const xt_host_reader *reader, const xt_field *field,
                       const xt_json *value, const xt_place *place, void *p)
{
    uint64_t number;
    int rc;

    switch (field->kind) {
    case XT_FIELD_STRING:
        if (value->type != XT_JSON_STRING) break;
        *(const char **)p = value->text;
        return 0;
    case XT_FIELD_U32:
        rc = read_number(reader, value, place, max_number(field), &number);
        if (rc) return rc;
        *(uint32_t *)p = (uint32_t)number;
        return 0;
    case XT_FIELD_U64:
        rc = read_number(reader, value, place, max_number(field), &number);
        if (rc) return rc;
        *(uint64_t *)p = number;
        return 0;
    case XT_FIELD_BOOL:
        if (value->type != XT_JSON_BOOL) break;
        *(bool *)p = value->boolean;
        return 0;
    case XT_FIELD_CUSTOM: break;
    }
    return xt_host_read_error(
        reader, value, place, "\"%s\" is no %s", found(value),
        field->kind == XT_FIELD_BOOL ? "boolean" : "string");
}

static void set_absent(const xt_field *field, void *p)
{
    switch (field->kind) {
    case XT_FIELD_STRING: *(const char **)p = NULL; break;
    case XT_FIELD_U32: *(uint32_t *)p = field->zero ? 0 : UINT32_MAX; break;
    case XT_FIELD_U64: *(uint64_t *)p = field->zero ? 0 : UINT64_MAX; break;
    case XT_FIELD_BOOL: *(bool *)p = false; break;
    case XT_FIELD_CUSTOM: break;
    }
}

static int read_field(const xt_host_reader *reader, const xt_field *field,
                      const xt_json *json, const xt_place *up, void *object)
{
    const xt_place place = { .up = up, .key = field->key };
    const xt_json *value = xt_json_get(json, field->key);

    if (value && value->type == XT_JSON_NULL) value = NULL;
    if (!value && field->required)
        return xt_host_read_error(reader, json, &place, "it is missing");
    if (field->kind == XT_FIELD_CUSTOM)
        return field->read(reader, value, &place, object);
    if (value)
        return read_scalar(reader, field, value, &place,
                           member(object, field->offset));
    set_absent(field, member(object, field->offset));
    return 0;
}

static bool is_known(const xt_object_type *type, const char *key)
{
    size_t i;

    for (i = 0; i < type->nr_fields; i++)
        if (!strcmp(type->fields[i].key, key)) return true;
    return false;
}

int xt_host_object_read(const xt_host_reader *reader,
                        const xt_object_type *type, const xt_json *json,
                        const xt_place *place, void *object)
{
    xt_json **extra = member(object, type->extra_offset);
    size_t i;
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_host_read_error(reader, json, place, "\"%s\" is no object",
                                  found(json));
    for (i = 0; i < type->nr_fields; i++) {
        rc = read_field(reader, &type->fields[i], json, place, object);
        if (rc) return rc;
    }
    for (i = 0; i < json->nr; i++) {
        if (is_known(type, json->keys[i])) continue;
        if (!*extra) *extra = xt_json_object(reader->host->arena);
        xt_json_add(reader->host->arena, *extra, json->keys[i],
                    json->items[i]);
    }
    return 0;
}

int xt_host_list_read(const xt_host_reader *reader, const xt_object_type *type,
                      const xt_json *json, const xt_place *place,
                      void *objects_r, size_t *nr_r)
{
    char *objects;
    size_t i;
    int rc;

    if (!json) return 0;
    if (json->type != XT_JSON_ARRAY)
        return xt_host_read_error(reader, json, place, "\"%s\" is no array",
                                  found(json));
    objects = xtune_arena_alloc(reader->host->arena, json->nr, type->size);
    for (i = 0; i < json->nr; i++) {
        const xt_place element = { .up = place, .index = i };

        rc = xt_host_object_read(reader, type, json->items[i], &element,
                                 objects + i * type->size);
        if (rc) return rc;
    }
    *(void **)objects_r = objects;
    *nr_r = json->nr;
    return 0;
}

static xt_json *print_field(xtune_arena *arena, const xtune_host *host,
                            const xt_field *field, const void *object)
{
    const void *p = member(object, field->offset);

    switch (field->kind) {
    case XT_FIELD_STRING:
        if (*(const char *const *)p)
            return xt_json_string(arena, *(const char *const *)p);
        break;
    case XT_FIELD_U32:
        if (*(const uint32_t *)p != (field->zero ? 0 : UINT32_MAX))
            return xt_json_u64(arena, *(const uint32_t *)p);
        break;
    case XT_FIELD_U64:
        if (*(const uint64_t *)p != (field->zero ? 0 : UINT64_MAX))
            return xt_json_u64(arena, *(const uint64_t *)p);
        break;
    case XT_FIELD_BOOL:
        if (*(const bool *)p || !field->zero)
            return xt_json_bool(arena, *(const bool *)p);
        break;
    case XT_FIELD_CUSTOM: {
        xt_json *json = field->print(arena, host, object);

        if (json) return json;
        break;
    }
    }
    return field->nullable ? xt_json_null(arena) : NULL;
}

xt_json *xt_host_object_to_json(xtune_arena *arena, const xtune_host *host,
                                const xt_object_type *type, const void *object)
{
    const xt_json *extra =
        *(xt_json *const *)member(object, type->extra_offset);
    xt_json *json = xt_json_object(arena);
    size_t i;

    for (i = 0; i < type->nr_fields; i++) {
        const xt_field *field = &type->fields[i];
        xt_json *value = print_field(arena, host, field, object);

        if (value) xt_json_add(arena, json, field->key, value);
    }
    for (i = 0; extra && i < extra->nr; i++)
        xt_json_add(arena, json, extra->keys[i], extra->items[i]);
    return json;
}

xt_json *xt_host_list_to_json(xtune_arena *arena, const xtune_host *host,
                              const xt_object_type *type, const void *objects,
                              size_t nr)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < nr; i++)
        xt_json_append(
            arena, json,
            xt_host_object_to_json(arena, host, type,
                                   (const char *)objects + i * type->size));
    return json;
}
