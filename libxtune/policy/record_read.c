/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records are read as strictly as policies: a hand may have been at them. */
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

#define SUFFIX ".json"
#define UUID_LEN 36

/* Each second of all the vCPUs that there can be takes less. */
#define MAX_VALUE 32768

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
    bool extratime = false;
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
    if (!rc) rc = xt_record_flag(r, json, "extratime", &extratime);
    if (rc) return rc;
    if (xt_json_get(json, "extratime")) row->extratime = extratime;
    return check_scheduling_row(r, json, row);
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
        "schema",     "uuid",    "name", "affinity",
        "scheduling", "cpupool", "pci",  "usb",
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
    if (!rc) rc = xt_record_read_pci(r, json, record);
    return rc ? rc : xt_record_read_usb(r, json, record);
}

static int add_record(const xt_record_reader *r, const xt_json *json)
{
    xtune_policy *policy = r->policy;
    xtune_record record = { .uuid = NULL };
    int rc;

    rc = read_record(r, json, &record);
    if (rc) return rc;
    policy->records =
        xtune_arena_grow(policy->arena, policy->records, policy->nr_records,
                         sizeof(*policy->records));
    policy->records[policy->nr_records++] = record;
    return 0;
}

int xt_record_read_memory(const char *text, size_t len, const char *file,
                          xtune_policy *policy, xtune_error **err)
{
    return xt_record_take(text, len, file, add_record, policy, err);
}

int xt_record_check_text(const char *text, const char *file, xtune_error **err)
{
    return xt_record_check_readable(text, file, add_record, err);
}
