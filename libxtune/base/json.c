/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one file that knows the JSON library: reading, printing, values. */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/util.h"

static xt_json *new_value(xtune_arena *arena, enum xt_json_type type)
{
    xt_json *json = XTUNE_NEW(arena, xt_json);

    json->type = type;
    return json;
}

bool xt_json_is_null(const xt_json *json)
{
    return !json || json->type == XT_JSON_NULL;
}

xt_json *xt_json_null(xtune_arena *arena)
{
    return new_value(arena, XT_JSON_NULL);
}

xt_json *xt_json_bool(xtune_arena *arena, bool value)
{
    xt_json *json = new_value(arena, XT_JSON_BOOL);

    json->boolean = value;
    return json;
}

xt_json *xt_json_number(xtune_arena *arena, const char *text)
{
    xt_json *json = new_value(arena, XT_JSON_NUMBER);

    json->text = text;
    return json;
}

xt_json *xt_json_u64(xtune_arena *arena, uint64_t value)
{
    return xt_json_number(
        arena, xtune_arena_printf(arena, "%llu", (unsigned long long)value));
}

xt_json *xt_json_string(xtune_arena *arena, const char *value)
{
    xt_json *json = new_value(arena, value ? XT_JSON_STRING : XT_JSON_NULL);

    json->text = value;
    return json;
}

xt_json *xt_json_array(xtune_arena *arena)
{
    return new_value(arena, XT_JSON_ARRAY);
}

xt_json *xt_json_object(xtune_arena *arena)
{
    return new_value(arena, XT_JSON_OBJECT);
}

void xt_json_append(xtune_arena *arena, xt_json *array, xt_json *item)
{
    array->items = xtune_arena_grow(arena, array->items, array->nr,
                                    sizeof(*array->items));
    array->items[array->nr++] = item;
}

xt_json *xt_json_strings(xtune_arena *arena, const char *const *strings,
                         size_t nr)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < nr; i++)
        xt_json_append(arena, json, xt_json_string(arena, strings[i]));
    return json;
}

void xt_json_add(xtune_arena *arena, xt_json *object, const char *key,
                 xt_json *value)
{
    object->keys = xtune_arena_grow(arena, object->keys, object->nr,
                                    sizeof(*object->keys));
    object->keys[object->nr] = key;
    xt_json_append(arena, object, value);
}

void xt_json_add_string(xtune_arena *arena, xt_json *object, const char *key,
                        const char *value)
{
    xt_json_add(arena, object, key, xt_json_string(arena, value));
}

void xt_json_add_u64(xtune_arena *arena, xt_json *object, const char *key,
                     uint64_t value)
{
    xt_json_add(arena, object, key, xt_json_u64(arena, value));
}

void xt_json_add_bool(xtune_arena *arena, xt_json *object, const char *key,
                      bool value)
{
    xt_json_add(arena, object, key, xt_json_bool(arena, value));
}

const xt_json *xt_json_get(const xt_json *json, const char *key)
{
    size_t i;

    if (!json || json->type != XT_JSON_OBJECT) return NULL;
    for (i = 0; i < json->nr; i++)
        if (!strcmp(json->keys[i], key)) return json->items[i];
    return NULL;
}

const char *xt_json_text(const xt_json *json)
{
    return json && json->type == XT_JSON_STRING ? json->text : NULL;
}

bool xt_json_to_u64(const xt_json *json, uint64_t max, uint64_t *value_r)
{
    return json && json->type == XT_JSON_NUMBER &&
           xt_parse_u64(json->text, 10, max, value_r);
}

xt_json *xt_json_copy(xtune_arena *arena, const xt_json *json)
{
    xt_json *copy = XTUNE_NEW(arena, xt_json);
    size_t i;

    *copy = *json;
    if (json->text) copy->text = xtune_arena_strdup(arena, json->text);
    if (json->items) copy->items = XTUNE_NEW_ARRAY(arena, xt_json *, json->nr);
    if (json->keys)
        copy->keys = XTUNE_NEW_ARRAY(arena, const char *, json->nr);
    for (i = 0; i < json->nr; i++) {
        copy->items[i] = xt_json_copy(arena, json->items[i]);
        if (json->keys)
            copy->keys[i] = xtune_arena_strdup(arena, json->keys[i]);
    }
    return copy;
}

bool xt_json_equal(const xt_json *a, const xt_json *b)
{
    size_t i;

    if (a->type != b->type || a->nr != b->nr || a->boolean != b->boolean)
        return false;
    if (a->text && strcmp(a->text, b->text)) return false;
    for (i = 0; i < a->nr; i++) {
        if (a->keys && strcmp(a->keys[i], b->keys[i])) return false;
        if (!xt_json_equal(a->items[i], b->items[i])) return false;
    }
    return true;
}

/* Reading. */

typedef struct reader {
    xtune_arena *arena;
    yajl_handle yajl;
    const char *text;
    xt_json *root;
    xt_json *open[XT_JSON_MAX_DEPTH]; /* the containers around this place */
    const char *key[XT_JSON_MAX_DEPTH];
    unsigned int depth;
    size_t nr_values;
    unsigned int line; /* of the byte at "counted" */
    size_t counted;
    const char *refused; /* why a callback stopped the reading */
} reader;

static void count_lines_to(reader *r, size_t end)
{
    for (; r->counted < end; r->counted++)
        if (r->text[r->counted] == '\n') r->line++;
}

static void count_lines(reader *r)
{
    count_lines_to(r, yajl_get_bytes_consumed(r->yajl));
}

static int refuse(reader *r, const char *why)
{
    count_lines(r);
    r->refused = why;
    return 0;
}

/* Puts a value where it belongs; 0 stops the reading. */
static int put(reader *r, xt_json *json)
{
    xt_json *parent = r->depth ? r->open[r->depth - 1] : NULL;

    count_lines(r);
    json->line = r->line;
    if (++r->nr_values > XT_JSON_MAX_VALUES)
        return refuse(r, "too many values");
    if (!parent)
        r->root = json;
    else if (parent->type == XT_JSON_ARRAY)
        xt_json_append(r->arena, parent, json);
    else
        xt_json_add(r->arena, parent, r->key[r->depth - 1], json);
    return 1;
}

static int on_null(void *ctx)
{
    reader *r = ctx;

    return put(r, xt_json_null(r->arena));
}

static int on_boolean(void *ctx, int value)
{
    reader *r = ctx;

    return put(r, xt_json_bool(r->arena, value));
}

static int on_number(void *ctx, const char *text, size_t len)
{
    reader *r = ctx;

    return put(
        r, xt_json_number(r->arena, xtune_arena_strndup(r->arena, text, len)));
}

/* NULL, and the reading stopped, for a string that holds a NUL. */
static const char *copy_string(reader *r, const unsigned char *text,
                               size_t len)
{
    if (memchr(text, '\0', len)) {
        refuse(r, "a string holds a NUL character");
        return NULL;
    }
    return xtune_arena_strndup(r->arena, (const char *)text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    reader *r = ctx;
    const char *copy = copy_string(r, text, len);

    return copy ? put(r, xt_json_string(r->arena, copy)) : 0;
}

static int open_container(reader *r, xt_json *json)
{
    if (r->depth == XT_JSON_MAX_DEPTH) return refuse(r, "nested too deeply");
    if (!put(r, json)) return 0;
    r->open[r->depth++] = json;
    return 1;
}

static int on_start_map(void *ctx)
{
    reader *r = ctx;

    return open_container(r, xt_json_object(r->arena));
}

static int on_start_array(void *ctx)
{
    reader *r = ctx;

    return open_container(r, xt_json_array(r->arena));
}

static int on_end(void *ctx)
{
    reader *r = ctx;

    r->depth--;
    return 1;
}

static int on_map_key(void *ctx, const unsigned char *text, size_t len)
{
    reader *r = ctx;
    const char *key = copy_string(r, text, len);

    if (!key) return 0;
    if (xt_json_get(r->open[r->depth - 1], key))
        return refuse(r, xtune_arena_printf(
                             r->arena, "member \"%s\" stands twice", key));
    r->key[r->depth - 1] = key;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_map_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

/* yajl's own message, without its newline and its drawing of the place. */
static const char *yajl_says(reader *r, size_t len)
{
    unsigned char *text =
        yajl_get_error(r->yajl, 0, (const unsigned char *)r->text, len);
    const char *copy = xtune_arena_strndup(r->arena, (char *)text,
                                           strcspn((char *)text, "\n"));

    yajl_free_error(r->yajl, text);
    return copy;
}

static int report(reader *r, size_t len, const char *object, xtune_error **err)
{
    const char *why = r->refused;

    if (!why) {
        count_lines(r);
        why = yajl_says(r, len);
    }
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0,
        xtune_arena_printf(r->arena, "%s:%u", object, r->line), NULL,
        "not a JSON document that can be read: %s", why);
}

int xt_json_parse(xtune_arena *arena, const char *text, size_t len,
                  const char *object, xt_json **json_r, xtune_error **err)
{
    reader r = { .arena = arena, .text = text, .line = 1 };
    yajl_status status;
    int rc = 0;

    if (len > XT_JSON_MAX_BYTES)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "longer than %u MiB", XT_JSON_MAX_BYTES >> 20);
    r.yajl = yajl_alloc(&callbacks, NULL, &r);
    if (!r.yajl) xt_out_of_memory();
    status = yajl_parse(r.yajl, (const unsigned char *)text, len);
    if (status == yajl_status_ok) {
        count_lines_to(&r, len);
        status = yajl_complete_parse(r.yajl);
    }
    if (status != yajl_status_ok || !r.root)
        rc = report(&r, len, object, err);
    else
        *json_r = r.root;
    yajl_free(r.yajl);
    return rc;
}

/* Printing. */

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* The length of the UTF-8 character at s, 0 where there is none. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) return is_continuation(s[1]) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        if (!is_continuation(s[1]) || !is_continuation(s[2]) ||
            (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
            return 0;
        return 3;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        if (!is_continuation(s[1]) || !is_continuation(s[2]) ||
            !is_continuation(s[3]) || (s[0] == 0xf0 && s[1] < 0x90) ||
            (s[0] == 0xf4 && s[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

bool xt_json_is_text(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t len;

    while ((len = *s ? utf8_length(s) : 0))
        s += len;
    return !*s;
}

static const unsigned char *valid_utf8(xtune_arena *arena, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned char *copy, *p;
    size_t len;

    if (xt_json_is_text(text)) return s;
    p = copy = xtune_arena_alloc(arena, strlen(text) * 3 + 1, 1);
    for (; *s; s += len ? len : 1) {
        len = utf8_length(s);
        memcpy(p, len ? s : (const unsigned char *)"\xef\xbf\xbd",
               len ? len : 3);
        p += len ? len : 3;
    }
    return copy;
}

static void put_string(yajl_gen gen, xtune_arena *arena, const char *text)
{
    const unsigned char *valid = valid_utf8(arena, text);

    yajl_gen_string(gen, valid, strlen((const char *)valid));
}

static bool is_scalar(const xt_json *json)
{
    return json->type != XT_JSON_ARRAY && json->type != XT_JSON_OBJECT;
}

/* Empty containers and lists of scalars stand on one line. */
static bool fits_one_line(const xt_json *json)
{
    size_t i;

    if (json->type == XT_JSON_OBJECT) return !json->nr;
    for (i = 0; i < json->nr; i++)
        if (!is_scalar(json->items[i])) return false;
    return true;
}

static void put_value(yajl_gen gen, xtune_arena *arena, const xt_json *json);

/* The text comes from a generator that does not indent; to the one that does
 * it is an atom, which is what it takes numbers for. */
static void put_one_line(yajl_gen gen, xtune_arena *arena, const xt_json *json)
{
    yajl_gen line = yajl_gen_alloc(NULL);
    const unsigned char *text;
    size_t len;

    if (!line) xt_out_of_memory();
    put_value(line, arena, json);
    yajl_gen_get_buf(line, &text, &len);
    yajl_gen_number(gen, (const char *)text, len);
    yajl_gen_free(line);
}

static void put_item(yajl_gen gen, xtune_arena *arena, const xt_json *json)
{
    if (is_scalar(json) || !fits_one_line(json))
        put_value(gen, arena, json);
    else
        put_one_line(gen, arena, json);
}

static void put_value(yajl_gen gen, xtune_arena *arena, const xt_json *json)
{
    size_t i;

    switch (json->type) {
    case XT_JSON_NULL: yajl_gen_null(gen); break;
    case XT_JSON_BOOL: yajl_gen_bool(gen, json->boolean); break;
    case XT_JSON_NUMBER:
        yajl_gen_number(gen, json->text, strlen(json->text));
        break;
    case XT_JSON_STRING: put_string(gen, arena, json->text); break;
    case XT_JSON_ARRAY:
        yajl_gen_array_open(gen);
        for (i = 0; i < json->nr; i++)
            put_item(gen, arena, json->items[i]);
        yajl_gen_array_close(gen);
        break;
    case XT_JSON_OBJECT:
        yajl_gen_map_open(gen);
        for (i = 0; i < json->nr; i++) {
            put_string(gen, arena, json->keys[i]);
            put_item(gen, arena, json->items[i]);
        }
        yajl_gen_map_close(gen);
        break;
    }
}

char *xt_json_print(const xt_json *json)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    yajl_gen gen = yajl_gen_alloc(NULL);
    const unsigned char *text;
    size_t len;
    char *copy;

    if (!gen) xt_out_of_memory();
    yajl_gen_config(gen, yajl_gen_beautify, 1);
    yajl_gen_config(gen, yajl_gen_indent_string, "  ");
    put_value(gen, arena, json);
    yajl_gen_get_buf(gen, &text, &len);
    copy = xt_xrealloc(NULL, len + 1, 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    yajl_gen_free(gen);
    return copy;
}
