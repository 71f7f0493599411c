/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices that domains are to have, as their records say. */
#include <string.h>

#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "report/table.h"
#include "report/text.h"

/* A device of a record, held against the host. */
struct assigned {
    const xtune_record *record;
    const xtune_wanted_pci *wanted;
    const xtune_pci *pci; /* NULL: it is gone, or another one */
    const char *state;
};

static const xtune_domain *domain_of(const xtune_host *host,
                                     const xtune_policy *policy,
                                     const xtune_record *record)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id &&
            xtune_policy_record(policy, host, &host->domains[i]) == record)
            return &host->domains[i];
    return NULL;
}

static const xtune_pci *resolve(const xtune_host *host,
                                const xtune_wanted_pci *wanted, int *rc_r)
{
    const xtune_pci *pci = NULL;

    *rc_r = xtune_pci_resolve_wanted(host, wanted, &pci, NULL);
    return *rc_r ? NULL : pci;
}

static struct assigned hold(const xtune_host *host, const xtune_policy *policy,
                            const xtune_record *record, size_t i)
{
    struct assigned a = { .record = record, .wanted = &record->pci[i] };
    const xtune_domain *owner;
    int rc;

    a.pci = resolve(host, a.wanted, &rc);
    if (!a.pci) {
        a.state = rc == XTUNE_ERR_CHANGED ? "another device" : "gone";
        return a;
    }
    owner = xtune_pci_owner(host, a.pci);
    if (!owner)
        a.state = xtune_pci_state_name(xtune_pci_state_of(host, a.pci));
    else if (owner == domain_of(host, policy, record))
        a.state = "attached";
    else
        a.state = "another domain's";
    return a;
}

static const char *options_of(xtune_arena *arena,
                              const xtune_wanted_pci *wanted)
{
    const struct {
        bool is_set;
        const char *name;
    } options[] = {
        { wanted->msitranslate, "msitranslate" },
        { wanted->power_mgmt, "power_mgmt" },
        { wanted->permissive, "permissive" },
        { wanted->relaxed, "relaxed" },
    };
    const char *text = NULL;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(options); i++)
        if (options[i].is_set)
            text = xtune_arena_printf(arena, "%s%s%s", text ? text : "",
                                      text ? "," : "", options[i].name);
    return text ? text : "-";
}

static void put_row(xt_table *table, const struct assigned *a)
{
    const char *name = *a->record->name ? a->record->name : a->record->uuid;

    xt_table_cell(table, "%s", xt_text_safe(table->arena, name));
    xt_table_cell(table, "%s", a->pci ? a->pci->address : a->wanted->address);
    if (a->wanted->slot == XTUNE_NONE)
        xt_table_cell(table, "-");
    else
        xt_table_cell(table, "%02x", a->wanted->slot);
    xt_table_cell(table, "%s", options_of(table->arena, a->wanted));
    xt_table_cell(table, "%s", a->state);
}

char *xtune_report_pci_assigned(const xtune_host *host,
                                const xtune_policy *policy)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_table table = { .arena = arena };
    xt_text text;
    size_t i, k;

    xt_table_column(&table, false, "Domain");
    xt_table_column(&table, false, "Device");
    xt_table_column(&table, true, "Slot");
    xt_table_column(&table, false, "Options");
    xt_table_column(&table, false, "State");
    for (i = 0; i < policy->nr_records; i++)
        for (k = 0; k < policy->records[i].nr_pci; k++) {
            const struct assigned a =
                hold(host, policy, &policy->records[i], k);

            put_row(&table, &a);
        }
    xt_text_open(&text);
    if (table.nr_cells > table.nr_columns) xt_table_print(text.out, &table);
    return xt_text_close(&text);
}

static xt_json *row_json(xtune_arena *arena, const struct assigned *a)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "uuid", a->record->uuid);
    xt_json_add_string(arena, json, "name", a->record->name);
    xt_json_add_string(arena, json, "address",
                       a->pci ? a->pci->address : a->wanted->address);
    xt_json_add(arena, json, "slot",
                a->wanted->slot == XTUNE_NONE
                    ? xt_json_null(arena)
                    : xt_json_u64(arena, a->wanted->slot));
    xt_json_add_bool(arena, json, "msitranslate", a->wanted->msitranslate);
    xt_json_add_bool(arena, json, "power_mgmt", a->wanted->power_mgmt);
    xt_json_add_bool(arena, json, "permissive", a->wanted->permissive);
    xt_json_add_bool(arena, json, "relaxed", a->wanted->relaxed);
    xt_json_add_string(arena, json, "state", a->state);
    return json;
}

char *xtune_report_pci_assigned_json(const xtune_host *host,
                                     const xtune_policy *policy)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *devices = xt_json_array(arena);
    size_t i, k;

    for (i = 0; i < policy->nr_records; i++)
        for (k = 0; k < policy->records[i].nr_pci; k++) {
            const struct assigned a =
                hold(host, policy, &policy->records[i], k);

            xt_json_append(arena, devices, row_json(arena, &a));
        }
    xt_json_add_string(arena, json, "schema", "xtune/pci-assigned/1");
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}
