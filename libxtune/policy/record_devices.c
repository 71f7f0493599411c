/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the host's devices are to be: devices.json in the state directory. */
#include <string.h>

#include "apply/journal.h"
#include "base/util.h"
#include "policy/record.h"

#define MAX_DEVICES 4096u

static const char *devices_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/devices.json", state->dir);
}

static bool wants_nothing(const xtune_wanted_pci *wanted)
{
    return !wanted->assignable && wanted->vfs == XTUNE_NONE;
}

/* In words; NULL: nothing is wrong with it. */
static const char *fault_of(const xtune_wanted_pci *wanted)
{
    if (wants_nothing(wanted)) return "it says nothing of this device";
    if (wanted->name && !wanted->assignable)
        return "it has a name, and is not to be assignable";
    if (wanted->vfs_assignable && (wanted->vfs == XTUNE_NONE || !wanted->vfs))
        return "it has no virtual functions that could be assignable";
    if (wanted->assignable && wanted->vfs != XTUNE_NONE && wanted->vfs)
        return "dom0 makes no virtual functions of a device that it has given "
               "away";
    return NULL;
}

/* Reading. */

static int by_address(const void *a, const void *b)
{
    return strcmp(((const xtune_wanted_pci *)a)->address,
                  ((const xtune_wanted_pci *)b)->address);
}

static void add_device(xtune_policy *policy, const xtune_wanted_pci *wanted)
{
    policy->devices = xtune_arena_grow(policy->arena, policy->devices,
                                       policy->nr_devices, sizeof(*wanted));
    policy->devices[policy->nr_devices++] = *wanted;
}

static int check_row(const xt_record_reader *r, const xt_json *json,
                     const xtune_wanted_pci *row)
{
    const xtune_policy *policy = r->policy;
    const char *fault = fault_of(row);

    if (fault) return xt_record_refuse(r, json, "%s", fault);
    if (xt_record_find_pci(policy->devices, policy->nr_devices, row->address))
        return xt_record_refuse(r, json, "device \"%s\" is there twice",
                                row->address);
    return 0;
}

static int read_rows(const xt_record_reader *r, const xt_json *rows)
{
    xtune_policy *policy = r->policy;
    const size_t before = policy->nr_devices;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < rows->nr; i++) {
        xtune_wanted_pci row;

        rc = xt_record_read_pci_row(r, rows->items[i], XT_PCI_OF_HOST, &row);
        if (!rc) rc = check_row(r, rows->items[i], &row);
        if (!rc) add_device(policy, &row);
    }
    if (rc)
        policy->nr_devices = before;
    else if (policy->nr_devices)
        qsort(policy->devices, policy->nr_devices, sizeof(*policy->devices),
              by_address);
    return rc;
}

static int read_devices(const xt_record_reader *r, const xt_json *json)
{
    static const char *const known[] = { "schema", "pci" };
    const xt_json *rows;
    int rc;

    rc = xt_record_schema(r, json, XT_DEVICES_SCHEMA);
    if (!rc) rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = xt_record_rows(r, json, "pci", MAX_DEVICES, &rows);
    if (rc) return rc;
    if (!rows) return xt_record_refuse(r, json, "member \"pci\" is missing");
    return read_rows(r, rows);
}

int xt_devices_read_memory(const char *text, size_t len, const char *file,
                           xtune_policy *policy, xtune_error **err)
{
    return xt_record_take(text, len, file, read_devices, policy, err);
}

int xt_devices_read(const xtune_state *state, xtune_policy *policy,
                    xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xt_record_load(devices_path(state, arena), read_devices, policy,
                          err);
}

bool xtune_policy_has_devices(const xtune_policy *policy)
{
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (policy->records[i].nr_pci) return true;
    return policy->nr_devices > 0;
}

/* Writing. */

static char *devices_text(const xtune_policy *policy, xtune_arena *arena)
{
    xt_json *json = xt_json_object(arena), *rows = xt_json_array(arena);
    size_t i;

    for (i = 0; i < policy->nr_devices; i++)
        xt_json_append(
            arena, rows,
            xt_record_pci_json(arena, XT_PCI_OF_HOST, &policy->devices[i]));
    xt_json_add_string(arena, json, "schema", XT_DEVICES_SCHEMA);
    xt_json_add(arena, json, "pci", rows);
    return xt_json_print(json);
}

/* In its place by address, or out of it. */
static void put_device(xtune_policy *policy, const xtune_wanted_pci *wanted)
{
    xtune_wanted_pci *found = xt_record_find_pci(
        policy->devices, policy->nr_devices, wanted->address);

    if (wants_nothing(wanted)) {
        if (!found) return;
        *found = policy->devices[--policy->nr_devices];
    } else if (found) {
        *found = *wanted;
    } else {
        add_device(policy, wanted);
    }
    if (policy->nr_devices)
        qsort(policy->devices, policy->nr_devices, sizeof(*policy->devices),
              by_address);
}

static int write_devices(const xtune_state *state, const xtune_policy *policy,
                         const char *path, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL;

    if (!policy->nr_devices) return xt_record_remove(path, err);
    text = devices_text(policy, arena);
    return xt_record_store(state, path, text, read_devices, err);
}

static int refuse(const xtune_wanted_pci *wanted, const char *fault,
                  xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, wanted->address, NULL,
                           "it cannot be kept: %s", fault);
}

int xtune_record_device(xtune_state *state, const xtune_wanted_pci *wanted,
                        xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *fault = wants_nothing(wanted) ? NULL : fault_of(wanted);
    xtune_policy *policy;
    int rc;

    if (fault) return refuse(wanted, fault, err);
    policy = xtune_policy_new();
    rc = xt_devices_read(state, policy, err);
    if (!rc) {
        put_device(policy, wanted);
        rc = write_devices(state, policy, devices_path(state, arena), err);
    }
    xtune_policy_free(policy);
    return rc;
}
