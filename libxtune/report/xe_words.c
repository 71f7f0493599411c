/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words that xe takes, held against a class and its records. What is wrong
 * is said in xe's words: scripts look for them. */
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "report/xe.h"

/* Taking them apart. */

xtune_xe_words xtune_xe_parse(xtune_arena *arena, char *const *texts,
                              size_t nr)
{
    xtune_xe_words words = {
        .keys = XTUNE_NEW_ARRAY(arena, const char *, nr + 1),
        .values = XTUNE_NEW_ARRAY(arena, const char *, nr + 1),
        .nr = nr,
    };
    size_t i;

    for (i = 0; i < nr; i++) {
        const size_t len = strcspn(texts[i], "=");

        words.keys[i] = xtune_arena_strndup(arena, texts[i], len);
        words.values[i] = texts[i] + len + (texts[i][len] == '=');
    }
    return words;
}

const char *xtune_xe_word(const xtune_xe_words *words, const char *key)
{
    size_t i;

    for (i = 0; i < words->nr; i++)
        if (!strcmp(words->keys[i], key)) return words->values[i];
    return NULL;
}

int xtune_xe_need(const xtune_xe_words *words, const char *key,
                  const char **value_r, xtune_error **err)
{
    *value_r = xtune_xe_word(words, key);
    if (*value_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "",
                           "see \"xltune help\"",
                           "Required parameter not found: %s", key);
}

static bool is_among(const char *const *keys, const char *key)
{
    for (; *keys; keys++)
        if (!strcmp(*keys, key)) return true;
    return false;
}

int xtune_xe_only(const xtune_xe_words *words, const char *const *keys,
                  xtune_error **err)
{
    size_t i, k;

    for (i = 0; i < words->nr; i++) {
        if (!is_among(keys, words->keys[i]))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, words->keys[i],
                                   NULL, "this command has no such parameter");
        for (k = 0; k < i; k++)
            if (!strcmp(words->keys[i], words->keys[k]))
                return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                                       words->keys[i], NULL,
                                       "the parameter is there twice");
    }
    return 0;
}

/* Fields. */

static bool find_field(const xtune_xe_class *class, const char *name,
                       size_t len, size_t *field_r)
{
    size_t i;

    for (i = 0; i < class->nr_fields; i++) {
        if (strlen(class->fields[i].name) != len ||
            memcmp(class->fields[i].name, name, len) != 0)
            continue;
        *field_r = i;
        return true;
    }
    return false;
}

bool xt_xe_find_field(const xtune_xe_class *class, const char *name,
                      size_t *field_r)
{
    return find_field(class, name, strlen(name), field_r);
}

const char *xt_xe_fields_hint(xtune_arena *arena, const xtune_xe_class *class)
{
    const char *names = "it has ";
    size_t i;

    for (i = 0; i < class->nr_fields; i++)
        names = xtune_arena_printf(arena, "%s%s%s", names, i ? ", " : "",
                                   class->fields[i].name);
    return names;
}

static int refuse_unknown(const xtune_xe_class *class, const char *key,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type,
                           xt_xe_fields_hint(arena, class),
                           "Unknown field '%s'", key);
}

bool xt_xe_has_items(const xtune_xe_class *class, size_t field)
{
    return class->fields[field].type == XTUNE_XE_SET ||
           class->fields[field].type == XTUNE_XE_MAP;
}

/* "other-config-key", as xe was told before it knew ":". The longest name
 * counts. */
static bool find_dashed(const xtune_xe_class *class, const char *key,
                        size_t *field_r)
{
    size_t i, longest = 0;

    for (i = 0; i < class->nr_fields; i++) {
        const size_t len = strlen(class->fields[i].name);

        if (!xt_xe_has_items(class, i) || len < longest ||
            strncmp(key, class->fields[i].name, len) != 0 || key[len] != '-')
            continue;
        longest = len;
        *field_r = i;
    }
    return longest > 0;
}

int xt_xe_field_of(const xtune_xe_class *class, const char *key,
                   size_t *field_r, const char **rest_r, xtune_error **err)
{
    const size_t len = strcspn(key, ":");

    *rest_r = NULL;
    if (xt_xe_find_field(class, key, field_r)) return 0;
    if (key[len] ? !find_field(class, key, len, field_r)
                 : !find_dashed(class, key, field_r))
        return refuse_unknown(class, key, err);
    if (!xt_xe_has_items(class, *field_r))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, class->type, NULL,
                               "Field '%s' is not a set or map",
                               class->fields[*field_r].name);
    *rest_r = key + strlen(class->fields[*field_r].name) + 1;
    return 0;
}

const char *xt_xe_in_map(const xtune_xe_value *value, const char *key)
{
    size_t i;

    for (i = 0; i + 1 < value->nr_items; i += 2)
        if (!strcmp(value->items[i], key)) return value->items[i + 1];
    return NULL;
}

/* Filters. */

typedef struct filter {
    const xtune_xe_field *field;
    size_t place;
    const char *key; /* of a map; NULL: the whole value, or a set's member */
    bool member;
    const char *value;
} filter;

static int read_filter(const xtune_xe_class *class, const char *key,
                       const char *value, filter *filter_r, xtune_error **err)
{
    const char *rest;
    size_t place = 0;
    int rc = xt_xe_field_of(class, key, &place, &rest, err);

    if (rc) return rc;
    *filter_r = (filter){
        .field = &class->fields[place],
        .place = place,
        .value = value,
    };
    if (!rest) return 0;
    if (filter_r->field->type == XTUNE_XE_MAP) {
        filter_r->key = rest;
        return 0;
    }
    filter_r->member = true;
    if (!strcmp(rest, "contains")) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, key, NULL,
                           "Invalid syntax for set filtering (should be "
                           "set-param:contains=key)");
}

static bool has_member(const xtune_xe_value *value, const char *member)
{
    size_t i;

    for (i = 0; i < value->nr_items; i++)
        if (!strcmp(value->items[i], member)) return true;
    return false;
}

static bool fits(xtune_arena *arena, const filter *by,
                 const xtune_xe_record *record)
{
    const xtune_xe_value *value = &record->values[by->place];
    const char *text;

    if (by->member) return has_member(value, by->value);
    text = by->key ? xt_xe_in_map(value, by->key)
                   : xt_xe_text(arena, by->field, value);
    return text && !strcmp(text, by->value);
}

/* What is no filter. */
static bool is_option(const char *key)
{
    return !strcmp(key, "params") || !strcmp(key, "minimal");
}

static int choose_records(xtune_arena *arena, const xtune_xe_class *class,
                          const xtune_xe_words *words, xtune_xe_record *chosen,
                          size_t *nr, xtune_error **err)
{
    size_t i, k, left;

    for (i = 0; i < words->nr; i++) {
        filter by;
        int rc;

        if (is_option(words->keys[i])) continue;
        rc = read_filter(class, words->keys[i], words->values[i], &by, err);
        if (rc) return rc;
        for (k = left = 0; k < *nr; k++)
            if (fits(arena, &by, &chosen[k])) chosen[left++] = chosen[k];
        *nr = left;
    }
    return 0;
}

/* The first name that the class has not is told, and no more: a newer xe may
 * know it. */
static const char *choose_fields(xtune_arena *arena,
                                 const xtune_xe_class *class,
                                 const char *params, bool *shown)
{
    const char *unknown = NULL;
    char *names, *name;
    size_t i, field;

    if (params && !strcmp(params, "all")) {
        memset(shown, true, class->nr_fields * sizeof(*shown));
    } else if (params) {
        names = xtune_arena_strdup(arena, params);
        while ((name = strsep(&names, ","))) {
            if (xt_xe_find_field(class, name, &field))
                shown[field] = true;
            else if (!unknown)
                unknown = name;
        }
    } else {
        for (i = 0; class->listed[i]; i++)
            if (xt_xe_find_field(class, class->listed[i], &field))
                shown[field] = true;
    }
    return unknown;
}

int xtune_xe_select(xtune_arena *arena, const xtune_xe_class *class,
                    const xtune_xe_record *records, size_t nr,
                    const xtune_xe_words *words, xtune_xe_list *list_r,
                    xtune_error **err)
{
    xtune_xe_record *chosen = XTUNE_NEW_ARRAY(arena, xtune_xe_record, nr + 1);
    bool *shown = XTUNE_NEW_ARRAY(arena, bool, class->nr_fields);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++)
        chosen[i] = records[i];
    rc = choose_records(arena, class, words, chosen, &nr, err);
    if (rc) return rc;
    *list_r = (xtune_xe_list){
        .class = class,
        .shown = shown,
        .records = chosen,
        .nr_records = nr,
        .unknown =
            choose_fields(arena, class, xtune_xe_word(words, "params"), shown),
    };
    return 0;
}

xtune_xe_list xtune_xe_whole(xtune_arena *arena, const xtune_xe_class *class,
                             const xtune_xe_record *record)
{
    bool *shown = XTUNE_NEW_ARRAY(arena, bool, class->nr_fields);

    memset(shown, true, class->nr_fields * sizeof(*shown));
    return (xtune_xe_list){
        .class = class,
        .shown = shown,
        .records = record,
        .nr_records = 1,
    };
}

int xt_xe_refuse_uuid(const xtune_xe_class *class, const char *uuid,
                      xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xtune_error_set(
        err, XTUNE_ERR_NOT_FOUND, 0, uuid,
        xtune_arena_printf(arena,
                           "\"xltune %s-list\" shows those that there are",
                           class->name),
        "The uuid you supplied was invalid: it is that of no %s", class->type);
}

int xtune_xe_find(const xtune_xe_class *class, const xtune_xe_record *records,
                  size_t nr, const char *uuid,
                  const xtune_xe_record **record_r, xtune_error **err)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        *record_r = &records[i];
        if (!strcasecmp(records[i].values[0].text, uuid)) return 0;
    }
    return xt_xe_refuse_uuid(class, uuid, err);
}
