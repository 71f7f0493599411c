/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON values in an arena. The library that reads and prints them is known to
 * json.c alone.
 */
#ifndef XT_JSON_H
#define XT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>

enum xt_json_type {
    XT_JSON_NULL,
    XT_JSON_BOOL,
    XT_JSON_NUMBER,
    XT_JSON_STRING,
    XT_JSON_ARRAY,
    XT_JSON_OBJECT,
};

typedef struct xt_json xt_json;

struct xt_json {
    enum xt_json_type type;
    bool boolean;
    const char *text;  /* of a number, as written; of a string, UTF-8 */
    xt_json **items;   /* of an array; the values of an object */
    const char **keys; /* of an object, in order */
    size_t nr;
    unsigned int line; /* where it was read, from 1; 0: not read */
};

#define XT_JSON_MAX_BYTES (64u << 20)
#define XT_JSON_MAX_VALUES (4u << 20)
#define XT_JSON_MAX_DEPTH 64

/*
 * Reads one document. XTUNE_ERR_INVALID with "object:line" for text that is
 * not JSON, is not UTF-8, holds a member twice or a NUL in a string, nests
 * deeper than XT_JSON_MAX_DEPTH, is longer than XT_JSON_MAX_BYTES, has more
 * than XT_JSON_MAX_VALUES values or goes on after the document.
 */
int xt_json_parse(xtune_arena *arena, const char *text, size_t len,
                  const char *object, xt_json **json_r, xtune_error **err);

/* Indented, with a final newline; the caller frees it. Bytes of a string that
 * are not UTF-8 are printed as U+FFFD. */
char *xt_json_print(const xt_json *json);

/* Whether it is UTF-8, so that it is printed as it is. */
bool xt_json_is_text(const char *text);

bool xt_json_equal(const xt_json *a, const xt_json *b);

/* Whether it is null, or not there at all (NULL). */
bool xt_json_is_null(const xt_json *json);

/* A copy that shares nothing with it, in the arena. */
xt_json *xt_json_copy(xtune_arena *arena, const xt_json *json);

xt_json *xt_json_null(xtune_arena *arena);
xt_json *xt_json_bool(xtune_arena *arena, bool value);
xt_json *xt_json_u64(xtune_arena *arena, uint64_t value);
xt_json *xt_json_number(xtune_arena *arena, const char *text);
/* NULL gives null. Strings given to these are not copied. */
xt_json *xt_json_string(xtune_arena *arena, const char *value);
xt_json *xt_json_array(xtune_arena *arena);

/* An array of strings. */
xt_json *xt_json_strings(xtune_arena *arena, const char *const *strings,
                         size_t nr);
xt_json *xt_json_object(xtune_arena *arena);
void xt_json_append(xtune_arena *arena, xt_json *array, xt_json *item);
/* Adds a member, after those that are there. Copies none of its arguments. */
void xt_json_add(xtune_arena *arena, xt_json *object, const char *key,
                 xt_json *value);
void xt_json_add_string(xtune_arena *arena, xt_json *object, const char *key,
                        const char *value);
void xt_json_add_u64(xtune_arena *arena, xt_json *object, const char *key,
                     uint64_t value);
void xt_json_add_bool(xtune_arena *arena, xt_json *object, const char *key,
                      bool value);

/* NULL where there is no such member or json is not an object. */
const xt_json *xt_json_get(const xt_json *json, const char *key);

/* The text of a string, NULL for anything else (NULL included). */
const char *xt_json_text(const xt_json *json);

/* False for anything but an integer from 0 to max. */
bool xt_json_to_u64(const xt_json *json, uint64_t max, uint64_t *value_r);

#endif
