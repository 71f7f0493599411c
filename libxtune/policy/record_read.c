/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records are read as strictly as policies: a hand may have been at them. */
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

#define SUFFIX ".json"
#define UUID_LEN 36
#define WAY_OUT "put it right, or remove this file"

/* Each second of all the vCPUs that there can be takes less. */
#define MAX_VALUE 32768

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

/* Small letters: one domain, one name of a file. */
static bool is_record_uuid(const char *text)
{
    return xt_is_uuid(text) && !text[strcspn(text, "ABCDEF")];
}

static int read_uuid(const xt_record_reader *r, const xt_json *json,
                     const char **uuid_r)
{
    const char *slash = strrchr(r->file, '/');
    const char *name = slash ? slash + 1 : r->file;
    int rc;

    rc = xt_record_text(r, json, "uuid", uuid_r);
    if (rc) return rc;
    if (!is_record_uuid(*uuid_r))
        return xt_record_refuse(
            r, xt_json_get(json, "uuid"),
            "\"%s\" is no uuid in small letters, with dashes", *uuid_r);
    if (strlen(name) != UUID_LEN + strlen(SUFFIX) ||
        strncmp(name, *uuid_r, UUID_LEN))
        return xt_record_refuse(
            r, xt_json_get(json, "uuid"),
            "the record of \"%s\" is not in a file \"%s" SUFFIX "\"", *uuid_r,
            *uuid_r);
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

static int read_name(const xt_record_reader *r, const xt_json *json,
                     const char **name_r)
{
    int rc = xt_record_text(r, json, "name", name_r);

    if (rc) return rc;
    if (!xt_record_name_is_plain(*name_r))
        return xt_record_refuse(r, xt_json_get(json, "name"),
                                "the name has control characters");
    return 0;
}

/* A list, if it is there. */
static int read_list(const xt_record_reader *r, const xt_json *json,
                     const char *key, const xt_value *form,
                     const char **text_r)
{
    const xt_json *value = xt_json_get(json, key);
    const char *text = xt_json_text(value), *why = NULL;

    *text_r = NULL;
    if (!value) return 0;
    if (!text)
        return xt_record_refuse(r, value, "member \"%s\" is no text", key);
    if (strlen(text) > MAX_VALUE)
        return xt_record_refuse(r, value, "member \"%s\": text too long", key);
    if (!form->is_valid(r->arena, text, &why))
        return xt_record_refuse(r, value, "member \"%s\": %s", key, why);
    *text_r = xtune_arena_strdup(r->policy->arena, text);
    return 0;
}

static int read_row(const xt_record_reader *r, const xt_json *json,
                    xtune_wanted_affinity *row)
{
    static const char *const known[] = { "vcpus", "hard", "soft" };
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(r, json,
                                "member \"affinity\": no object in its array");
    row->source = xt_record_source(r, json);
    rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_list(r, json, "vcpus", &xt_value_vcpus, &row->vcpus);
    if (!rc) rc = read_list(r, json, "hard", &xt_value_hard, &row->hard);
    if (!rc) rc = read_list(r, json, "soft", &xt_value_soft, &row->soft);
    if (rc) return rc;
    if (!row->vcpus)
        return xt_record_refuse(r, json, "member \"vcpus\" is missing");
    if (!row->hard && !row->soft)
        return xt_record_refuse(r, json,
                                "member \"hard\" or \"soft\" is missing");
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

static int read_affinity(const xt_record_reader *r, const xt_json *json,
                         xtune_record *record)
{
    const xt_json *rows;
    size_t i;
    int rc;

    rc = xt_record_rows(r, json, "affinity", XTUNE_MAX_VCPUS, &rows);
    if (rc || !rows) return rc;
    record->affinity =
        XTUNE_NEW_ARRAY(r->policy->arena, xtune_wanted_affinity, rows->nr);
    record->nr_affinity = rows->nr;
    for (i = 0; i < rows->nr; i++) {
        rc = read_row(r, rows->items[i], &record->affinity[i]);
        if (rc) return rc;
    }
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

static int read_extratime(const xt_record_reader *r, const xt_json *json,
                          xtune_wanted_scheduling *row)
{
    const xt_json *value = xt_json_get(json, "extratime");

    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_record_refuse(r, value,
                                "member \"extratime\" is not true or false");
    row->extratime = value->boolean;
    return 0;
}

/* A weight of some of its vCPUs is none. */
static int check_scheduling_row(const xt_record_reader *r, const xt_json *json,
                                const xtune_wanted_scheduling *row)
{
    const char *fault = xt_scheduling_fault(r->arena, row);

    if (!row->vcpus)
        return xt_record_refuse(r, json, "member \"vcpus\" is missing");
    if (fault) return xt_record_refuse(r, json, "%s", fault);
    if ((row->weight == XTUNE_NONE && row->cap == XTUNE_NONE) ||
        !strcmp(row->vcpus, "all"))
        return 0;
    return xt_record_refuse(
        r, json, "\"weight\" and \"cap\" are of all vCPUs, not of \"%s\"",
        row->vcpus);
}

static int read_scheduling_row(const xt_record_reader *r, const xt_json *json,
                               xtune_wanted_scheduling *row)
{
    static const char *const known[] = {
        "vcpus", "weight", "cap", "period_us", "budget_us", "extratime",
    };
    unsigned int id;
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(
            r, json, "member \"scheduling\": no object in its array");
    *row = XT_NO_SCHEDULING;
    row->source = xt_record_source(r, json);
    rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_list(r, json, "vcpus", &xt_value_vcpus, &row->vcpus);
    for (id = 0; !rc && id < XT_EXTRATIME; id++)
        rc = xt_record_parameter(r, json, id, row);
    if (!rc) rc = read_extratime(r, json, row);
    return rc ? rc : check_scheduling_row(r, json, row);
}

static int read_scheduling(const xt_record_reader *r, const xt_json *json,
                           xtune_record *record)
{
    const xt_json *rows;
    size_t i;
    int rc;

    rc = xt_record_rows(r, json, "scheduling", XTUNE_MAX_VCPUS + 1, &rows);
    if (rc || !rows) return rc;
    record->scheduling =
        XTUNE_NEW_ARRAY(r->policy->arena, xtune_wanted_scheduling, rows->nr);
    record->nr_scheduling = rows->nr;
    for (i = 0; i < rows->nr; i++) {
        rc = read_scheduling_row(r, rows->items[i], &record->scheduling[i]);
        if (rc) return rc;
    }
    return 0;
}

/* That there is such a pool is for a plan to say. */
static int read_cpupool(const xt_record_reader *r, const xt_json *json,
                        xtune_record *record)
{
    const xt_json *value = xt_json_get(json, "cpupool");
    const char *why;
    int rc;

    if (!value) return 0;
    rc = xt_record_text(r, json, "cpupool", &record->cpupool);
    if (rc) return rc;
    record->cpupool_source = xt_record_source(r, value);
    if (xtune_cpupool_is_name(record->cpupool, &why)) return 0;
    return xt_record_refuse(r, value, "\"%s\" is no name of a pool: %s",
                            record->cpupool, why);
}

static int read_record(const xt_record_reader *r, const xt_json *json,
                       xtune_record *record)
{
    static const char *const known[] = {
        "schema", "uuid", "name", "affinity", "scheduling", "cpupool", "pci",
    };
    int rc;

    record->source = xt_record_source(r, json);
    rc = xt_record_schema(r, json, XT_RECORD_SCHEMA);
    if (!rc) rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = read_uuid(r, json, &record->uuid);
    if (!rc) rc = read_name(r, json, &record->name);
    if (!rc) rc = read_affinity(r, json, record);
    if (!rc) rc = read_scheduling(r, json, record);
    if (!rc) rc = read_cpupool(r, json, record);
    return rc ? rc : xt_record_read_pci(r, json, record);
}

int xt_record_parse(const xt_record_reader *r, const char *text, size_t len,
                    xt_json **json_r)
{
    XT_CLEANUP_ERROR xtune_error *cause = NULL;
    int rc = xt_json_parse(r->arena, text, len, r->file, json_r, &cause);

    if (!rc) return 0;
    return xtune_error_set(r->err, rc, 0, cause->object, WAY_OUT, "%s",
                           cause->message);
}

int xt_record_read_memory(const char *text, size_t len, const char *file,
                          xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_record_reader r = {
        .arena = arena,
        .policy = policy,
        .file = xtune_arena_strdup(policy->arena, file),
        .err = err,
    };
    xtune_record record = { .uuid = NULL };
    xt_json *json;
    int rc;

    rc = xt_record_parse(&r, text, len, &json);
    if (!rc) rc = read_record(&r, json, &record);
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
