/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a record: read, or refused with an error that says where; what
 * is read is held against a host without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "policy/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UUID "00000002-0000-4000-8000-00000000000a"
#define FILE_NAME "/fuzz/" UUID ".json"

static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}, {\"id\": 1, \"memory_kb\": 4096}], "
    "\"cpus\": [{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 3, \"node\": 1, \"socket\": 1, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0,3\"}], "
    "\"domains\": [{\"id\": 1, \"name\": \"web1\", \"uuid\": \"" UUID "\", "
    "\"memory_kb\": 4, \"cpupool\": \"Pool-0\", \"vcpus\": [{\"id\": 0, "
    "\"online\": true, \"hard\": \"all\", \"soft\": \"all\"}]}]}";

static xtune_host *host_of_fuzz(void)
{
    static xtune_host *host;

    if (!host && xtune_host_from_json(host_text, sizeof(host_text) - 1, "h",
                                      &host, NULL))
        abort();
    return host;
}

static void hold_against_host(const xtune_policy *policy)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_host *host = host_of_fuzz();
    xtune_set *hard, *soft;
    xtune_source source;
    int rc = xtune_policy_masks(policy, host, &host->domains[0], arena, &hard,
                                &soft, &source, &err);

    if (!rc != !err || (rc && (hard || soft))) abort();
    if (rc && rc != XTUNE_ERR_INVALID && rc != XTUNE_ERR_REFUSED) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();
    int rc = xt_record_read_memory((const char *)data, size, FILE_NAME, policy,
                                   &err);

    if (rc) {
        XT_CLEANUP_FREE char *text = err ? xtune_error_text(err) : NULL;

        if (!text || policy->nr_records || rc != XTUNE_ERR_INVALID ||
            strncmp(err->object, FILE_NAME ":", sizeof(FILE_NAME)))
            abort();
    } else {
        if (policy->nr_records != 1 || err) abort();
        hold_against_host(policy);
    }
    xtune_policy_free(policy);
    return 0;
}
