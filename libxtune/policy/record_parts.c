/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading files of records: what they all have. */
#include <stdarg.h>
#include <string.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

#define WAY_OUT "put it right, or remove this file"

#define MAX_TEXT 1024
#define MAX_NAMES 256u /* of a map */

xtune_source xt_record_source(const xt_record_reader *r, const xt_json *json)
{
    return (xtune_source){ r->file, json && json->line ? json->line : 1 };
}

int xt_record_refuse(const xt_record_reader *r, const xt_json *where,
                     const char *fmt, ...)
{
    const char *message;
    va_list ap;

    va_start(ap, fmt);
    message = xtune_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    xtune_error_set(r->err, XTUNE_ERR_INVALID, 0,
                    xtune_source_text(r->arena, xt_record_source(r, where)),
                    WAY_OUT, "%s", message);
    return XTUNE_ERR_INVALID;
}

static bool is_among(const char *word, const char *const *words, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(words[i], word)) return true;
    return false;
}

/* What is not understood must not be taken for what is not there. */
int xt_record_members(const xt_record_reader *r, const xt_json *json,
                      const char *const *known, size_t nr)
{
    size_t i;

    for (i = 0; i < json->nr; i++)
        if (!is_among(json->keys[i], known, nr))
            return xt_record_refuse(r, json->items[i], "unknown member \"%s\"",
                                    json->keys[i]);
    return 0;
}

/* In the policy's arena. */
int xt_record_text(const xt_record_reader *r, const xt_json *json,
                   const char *key, const char **text_r)
{
    const xt_json *value = xt_json_get(json, key);
    const char *text = xt_json_text(value);

    if (!value)
        return xt_record_refuse(r, json, "member \"%s\" is missing", key);
    if (!text)
        return xt_record_refuse(r, value, "member \"%s\" is no text", key);
    *text_r = xtune_arena_strdup(r->policy->arena, text);
    return 0;
}

int xt_record_schema(const xt_record_reader *r, const xt_json *json,
                     const char *schema)
{
    const xt_json *value = xt_json_get(json, "schema");
    const char *text = xt_json_text(value);

    if (json->type != XT_JSON_OBJECT || !text)
        return xt_record_refuse(r, json, "this is no record of xltune's");
    if (strcmp(text, schema))
        return xt_record_refuse(r, value, "its schema is \"%s\", not \"%s\"",
                                text, schema);
    return 0;
}

/* Of those that xltune wrote none has more rows. */
int xt_record_rows(const xt_record_reader *r, const xt_json *json,
                   const char *key, unsigned int max, const xt_json **rows_r)
{
    const xt_json *rows = xt_json_get(json, key);

    *rows_r = rows;
    if (!rows) return 0;
    if (rows->type != XT_JSON_ARRAY)
        return xt_record_refuse(r, rows, "member \"%s\" is no array", key);
    if (rows->nr > max)
        return xt_record_refuse(r, rows, "member \"%s\" has more than %u rows",
                                key, max);
    return 0;
}

int xt_record_flag(const xt_record_reader *r, const xt_json *json,
                   const char *key, bool *flag_r)
{
    const xt_json *value = xt_json_get(json, key);

    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_record_refuse(r, value, "member \"%s\" is not true or false",
                                key);
    *flag_r = value->boolean;
    return 0;
}

int xt_record_number(const xt_record_reader *r, const xt_json *json,
                     const char *key, uint32_t min, uint32_t max,
                     uint32_t *number_r)
{
    const xt_json *value = xt_json_get(json, key);
    uint64_t number;

    if (!value) return 0;
    if (!xt_json_to_u64(value, max, &number) || number < min)
        return xt_record_refuse(r, value,
                                "member \"%s\" is not a number from %u to %u",
                                key, min, max);
    *number_r = (uint32_t)number;
    return 0;
}

int xt_record_parameter(const xt_record_reader *r, const xt_json *json,
                        enum xt_parameter_id id, void *scheduling)
{
    const xt_parameter *parameter = &xt_parameters[id];
    const xt_json *value = xt_json_get(json, parameter->name);
    uint64_t number;

    if (!value) return 0;
    if (!xt_json_to_u64(value, UINT32_MAX, &number) ||
        !xt_parameter_takes(parameter, number))
        return xt_record_refuse(r, value, "member \"%s\" is not %s",
                                parameter->name, parameter->form);
    xt_parameter_set(id, scheduling, (uint32_t)number);
    return 0;
}

bool xt_record_name_is_plain(const char *name)
{
    const unsigned char *c = (const unsigned char *)name;

    for (; *c; c++)
        if (*c < 0x20 || *c == 0x7f ||
            /* U+0080 to U+009F */
            (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            return false;
    return true;
}

bool xt_record_is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == 4 && !text[4];
}

bool xt_record_is_line(const char *text)
{
    return strlen(text) <= MAX_TEXT && xt_json_is_text(text) &&
           xt_record_name_is_plain(text);
}

bool xt_record_is_serial(const char *text)
{
    return *text && xt_record_is_line(text);
}

int xt_record_line(const xt_record_reader *r, const xt_json *json,
                   const char *key, const char **text_r)
{
    int rc;

    if (!xt_json_get(json, key)) return 0;
    rc = xt_record_text(r, json, key, text_r);
    if (rc || xt_record_is_line(*text_r)) return rc;
    return xt_record_refuse(r, xt_json_get(json, key),
                            "member \"%s\" is not one line of text of up to "
                            "%u bytes",
                            key, MAX_TEXT);
}

bool xt_record_is_map(const char *const *items, size_t nr)
{
    size_t i;

    if (nr / 2 > MAX_NAMES) return false;
    for (i = 0; i < nr; i++)
        if (!xt_record_is_line(items[i]) || (i % 2 == 0 && !*items[i]))
            return false;
    return true;
}

int xt_record_map(const xt_record_reader *r, const xt_json *json,
                  const char *key, const char ***items_r, size_t *nr_r)
{
    const xt_json *map = xt_json_get(json, key);
    xtune_arena *arena = r->policy->arena;
    const char **items, *text;
    size_t i;

    if (!map) return 0;
    if (map->type != XT_JSON_OBJECT || map->nr > MAX_NAMES)
        return xt_record_refuse(r, map,
                                "member \"%s\" is no object of up to %u "
                                "members",
                                key, MAX_NAMES);
    items = XTUNE_NEW_ARRAY(arena, const char *, 2 * map->nr + 1);
    for (i = 0; i < map->nr; i++) {
        text = xt_json_text(map->items[i]);
        items[2 * i] = xtune_arena_strdup(arena, map->keys[i]);
        items[2 * i + 1] = xtune_arena_strdup(arena, text ? text : "");
        if (!text || !xt_record_is_map(&items[2 * i], 2))
            return xt_record_refuse(r, map->items[i],
                                    "member \"%s\" of \"%s\" is not one line "
                                    "of text of up to %u bytes",
                                    items[2 * i], key, MAX_TEXT);
    }
    *items_r = items;
    *nr_r = 2 * map->nr;
    return 0;
}

void xt_record_add_map(xtune_arena *arena, xt_json *json, const char *key,
                       const char *const *items, size_t nr)
{
    xt_json *map = xt_json_object(arena);
    size_t i;

    if (!nr) return;
    for (i = 0; i + 1 < nr; i += 2)
        xt_json_add_string(arena, map, items[i], items[i + 1]);
    xt_json_add(arena, json, key, map);
}

/* What is wrong with it is told with the way out. */
static int parse(const xt_record_reader *r, const char *text, size_t len,
                 xt_json **json_r)
{
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    int rc = xt_json_parse(r->arena, text, len, r->file, json_r, &cause);

    if (!rc) return 0;
    return xtune_error_set(r->err, rc, 0, cause->object, WAY_OUT, "%s",
                           cause->message);
}

int xt_record_take(const char *text, size_t len, const char *file,
                   xt_record_read_fn *read, xtune_policy *policy,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_record_reader r = {
        .arena = arena,
        .policy = policy,
        .file = xtune_arena_strdup(policy->arena, file),
        .err = err,
    };
    xt_json *json;
    int rc = parse(&r, text, len, &json);

    return rc ? rc : read(&r, json);
}

int xt_record_load(const char *path, xt_record_read_fn *read,
                   xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;
    size_t len;
    int rc;

    rc = xt_record_read_file(arena, path, &text, &len, err);
    if (rc || !text) return rc;
    return xt_record_take(text, len, path, read, policy, err);
}

int xt_record_check_readable(const char *text, const char *path,
                             xt_record_read_fn *read, xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    const int rc = xt_record_take(text, strlen(text), path, read, policy, err);

    xtune_policy_free(policy);
    return rc;
}

int xt_record_store(const xtune_state *state, const char *path,
                    const char *text, xt_record_read_fn *read,
                    xtune_error **err)
{
    int rc = xt_record_check_readable(text, path, read, err);

    if (!rc) rc = xt_make_dirs(state->dir, 0755, err);
    return rc ? rc : xt_file_replace(path, text, strlen(text), 0600, err);
}
