/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a record: read, or refused with an error that says where; what
 * is read is held against a host without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/scheduling.h"
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

/* What is kept is the same text however often it is written. */
static void write_again(const xtune_record *record)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL, *again = NULL;
    xtune_policy *policy = xtune_policy_new();
    xt_kept *kept;

    if (xt_kept_new(arena, record, &kept, NULL)) abort();
    if (!xt_kept_check(kept, NULL)) {
        text = xt_kept_text(kept, record->uuid, record->name);
        if (xt_record_read_memory(text, strlen(text), FILE_NAME, policy,
                                  NULL) ||
            xt_kept_new(arena, policy->records, &kept, NULL))
            abort();
        again = xt_kept_text(kept, record->uuid, record->name);
        if (strcmp(text, again)) abort();
    }
    xtune_policy_free(policy);
}

static void plan_scheduling(const xtune_record *record)
{
    static const char *const schedulers[] = { "credit", "rtds", "null" };
    const xtune_host *host = host_of_fuzz();
    size_t i;

    for (i = 0; i < 3; i++) {
        xtune_plan *plan = xt_plan_new();

        host->cpupools[0].scheduler = schedulers[i];
        if (xt_plan_add_scheduling(plan, host, &host->domains[0],
                                   record->scheduling,
                                   record->nr_scheduling) ||
            plan->nr_actions + plan->nr_blocked > 1)
            abort();
        xtune_plan_free(plan);
    }
}

static void read_pools(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    if (xt_pools_read_memory((const char *)data, size, FILE_NAME, policy,
                             &err)) {
        if (!err || policy->nr_pool_records || err->code != XTUNE_ERR_INVALID)
            abort();
    }
    xtune_policy_free(policy);
}

static void read_devices(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();
    size_t i;

    if (xt_devices_read_memory((const char *)data, size, FILE_NAME, policy,
                               &err)) {
        if (!err || policy->nr_devices || err->code != XTUNE_ERR_INVALID)
            abort();
    }
    for (i = 1; i < policy->nr_devices; i++)
        if (strcmp(policy->devices[i - 1].address,
                   policy->devices[i].address) >= 0)
            abort();
    xtune_policy_free(policy);
}

static void read_usb_groups(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();
    size_t i, k;

    if (xt_usb_groups_read_memory((const char *)data, size, FILE_NAME, policy,
                                  &err)) {
        if (!err || policy->nr_usb_groups || err->code != XTUNE_ERR_INVALID)
            abort();
    }
    for (i = 0; i < policy->nr_usb_groups; i++)
        for (k = 0; k < i; k++)
            if (xtune_usb_same_identity(&policy->usb_groups[i].identity,
                                        &policy->usb_groups[k].identity))
                abort();
    xtune_policy_free(policy);
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
        write_again(policy->records);
        plan_scheduling(policy->records);
    }
    xtune_policy_free(policy);
    read_pools(data, size);
    read_devices(data, size);
    read_usb_groups(data, size);
    return 0;
}
