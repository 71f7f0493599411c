/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records are read as strictly as policies: a hand may have been at them. */
#include <stdarg.h>
#include <string.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

#define SUFFIX ".json"
#define UUID_LEN 36
#define WAY_OUT "put it right, or remove this file"

/* Each second of all the vCPUs that there can be takes less. */
#define MAX_VALUE 32768

typedef struct reader {
    xtune_arena *arena; /* for what is needed while reading only */
    xtune_policy *policy;
    const char *file; /* in the policy's arena */
    xtune_error **err;
} reader;

const char *xt_record_dir(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/records", state->dir);
}

static xtune_source source_of(const reader *r, const xt_json *json)
{
    return (xtune_source){ r->file, json && json->line ? json->line : 1 };
}

static int refuse(const reader *r, const xt_json *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(const reader *r, const xt_json *where, const char *fmt, ...)
{
    const char *message;
    va_list ap;

    va_start(ap, fmt);
    message = xtune_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    xtune_error_set(r->err, XTUNE_ERR_INVALID, 0,
                    xtune_source_text(r->arena, source_of(r, where)), WAY_OUT,
                    "%s", message);
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
static int check_members(const reader *r, const xt_json *json,
                         const char *const *known, size_t nr)
{
    size_t i;

    for (i = 0; i < json->nr; i++)
        if (!is_among(json->keys[i], known, nr))
            return refuse(r, json->items[i], "unknown member \"%s\"",
                          json->keys[i]);
    return 0;
}

/* In the policy's arena. */
static int read_text(const reader *r, const xt_json *json, const char *key,
                     const char **text_r)
{
    const xt_json *value = xt_json_get(json, key);
    const char *text = xt_json_text(value);

    if (!value) return refuse(r, json, "member \"%s\" is missing", key);
    if (!text) return refuse(r, value, "member \"%s\" is no text", key);
    *text_r = xtune_arena_strdup(r->policy->arena, text);
    return 0;
}

static int check_schema(const reader *r, const xt_json *json)
{
    const xt_json *schema = xt_json_get(json, "schema");
    const char *text = xt_json_text(schema);

    if (json->type != XT_JSON_OBJECT || !text)
        return refuse(r, json, "this is no record of xltune's");
    if (strcmp(text, XT_RECORD_SCHEMA))
        return refuse(r, schema,
                      "its schema is \"%s\", not \"" XT_RECORD_SCHEMA "\"",
                      text);
    return 0;
}

/* Small letters: one domain, one name of a file. */
static bool is_record_uuid(const char *text)
{
    return xt_is_uuid(text) && !text[strcspn(text, "ABCDEF")];
}

static int read_uuid(const reader *r, const xt_json *json, const char **uuid_r)
{
    const char *slash = strrchr(r->file, '/');
    const char *name = slash ? slash + 1 : r->file;
    int rc;

    rc = read_text(r, json, "uuid", uuid_r);
    if (rc) return rc;
    if (!is_record_uuid(*uuid_r))
        return refuse(r, xt_json_get(json, "uuid"),
                      "\"%s\" is no uuid in small letters, with dashes",
                      *uuid_r);
    if (strlen(name) != UUID_LEN + strlen(SUFFIX) ||
        strncmp(name, *uuid_r, UUID_LEN))
        return refuse(r, xt_json_get(json, "uuid"),
                      "the record of \"%s\" is not in a file \"%s" SUFFIX "\"",
                      *uuid_r, *uuid_r);
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

static int read_name(const reader *r, const xt_json *json, const char **name_r)
{
    int rc = read_text(r, json, "name", name_r);

    if (rc) return rc;
    if (!xt_record_name_is_plain(*name_r))
        return refuse(r, xt_json_get(json, "name"),
                      "the name has control characters");
    return 0;
}

/* A list, if it is there. */
static int read_list(const reader *r, const xt_json *json, const char *key,
                     const xt_value *form, const char **text_r)
{
    const xt_json *value = xt_json_get(json, key);
    const char *text = xt_json_text(value), *why = NULL;

    *text_r = NULL;
    if (!value) return 0;
    if (!text) return refuse(r, value, "member \"%s\" is no text", key);
    if (strlen(text) > MAX_VALUE)
        return refuse(r, value, "member \"%s\": text too long", key);
    if (!form->is_valid(r->arena, text, &why))
        return refuse(r, value, "member \"%s\": %s", key, why);
    *text_r = xtune_arena_strdup(r->policy->arena, text);
    return 0;
}

static int read_row(const reader *r, const xt_json *json,
                    xtune_wanted_affinity *row)
{
    static const char *const known[] = { "vcpus", "hard", "soft" };
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return refuse(r, json, "member \"affinity\": no object in its array");
    row->source = source_of(r, json);
    rc = check_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_list(r, json, "vcpus", &xt_value_vcpus, &row->vcpus);
    if (!rc) rc = read_list(r, json, "hard", &xt_value_hard, &row->hard);
    if (!rc) rc = read_list(r, json, "soft", &xt_value_soft, &row->soft);
    if (rc) return rc;
    if (!row->vcpus) return refuse(r, json, "member \"vcpus\" is missing");
    if (!row->hard && !row->soft)
        return refuse(r, json, "member \"hard\" or \"soft\" is missing");
    return 0;
}

static int read_affinity(const reader *r, const xt_json *json,
                         xtune_record *record)
{
    const xt_json *rows = xt_json_get(json, "affinity");
    size_t i;
    int rc;

    if (!rows) return 0;
    if (rows->type != XT_JSON_ARRAY)
        return refuse(r, rows, "member \"affinity\" is no array");
    /* One written by xltune has at most a row for each vCPU. */
    if (rows->nr > XTUNE_MAX_VCPUS)
        return refuse(r, rows, "member \"affinity\" has more than %d rows",
                      XTUNE_MAX_VCPUS);
    record->affinity =
        XTUNE_NEW_ARRAY(r->policy->arena, xtune_wanted_affinity, rows->nr);
    record->nr_affinity = rows->nr;
    for (i = 0; i < rows->nr; i++) {
        rc = read_row(r, rows->items[i], &record->affinity[i]);
        if (rc) return rc;
    }
    return 0;
}

static int read_record(const reader *r, const xt_json *json,
                       xtune_record *record)
{
    static const char *const known[] = {
        "schema",
        "uuid",
        "name",
        "affinity",
    };
    int rc;

    record->source = source_of(r, json);
    rc = check_schema(r, json);
    if (!rc) rc = check_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_uuid(r, json, &record->uuid);
    if (!rc) rc = read_name(r, json, &record->name);
    return rc ? rc : read_affinity(r, json, record);
}

int xt_record_read_memory(const char *text, size_t len, const char *file,
                          xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const reader r = {
        .arena = arena,
        .policy = policy,
        .file = xtune_arena_strdup(policy->arena, file),
        .err = err,
    };
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    xtune_record record = { .uuid = NULL };
    xt_json *json;
    int rc;

    rc = xt_json_parse(arena, text, len, file, &json, &cause);
    if (rc)
        return xtune_error_set(err, rc, 0, cause->object, WAY_OUT, "%s",
                               cause->message);
    rc = read_record(&r, json, &record);
    if (rc) return rc;
    policy->records =
        xtune_arena_grow(policy->arena, policy->records, policy->nr_records,
                         sizeof(*policy->records));
    policy->records[policy->nr_records++] = record;
    return 0;
}

int xt_record_check_text(const char *text, const char *file, xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    int rc = xt_record_read_memory(text, strlen(text), file, policy, err);

    xtune_policy_free(policy);
    return rc;
}

static int read_file(const char *file, xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, file, XT_RECORD_MAX_BYTES, &text, &len, err);
    return rc ? rc : xt_record_read_memory(text, len, file, policy, err);
}

int xtune_records_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    const char *dir = xt_record_dir(state, arena);
    const char **files;
    size_t nr, i;
    int rc;

    rc = xt_list_files(arena, dir, SUFFIX, &files, &nr, &cause);
    if (rc == XTUNE_ERR_NOT_FOUND) return 0;
    if (rc)
        return xtune_error_set(err, rc, cause->errnum, cause->object,
                               cause->hint, "%s", cause->message);
    for (i = 0; i < nr; i++) {
        rc = read_file(files[i], policy, err);
        if (rc) return rc;
    }
    return 0;
}
