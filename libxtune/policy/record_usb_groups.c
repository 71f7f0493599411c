/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was said of the host's USB devices: usb.json in the state directory. */
#include "apply/journal.h"
#include "base/util.h"
#include "policy/record.h"
#include "usb/parts.h"

#define MAX_GROUPS 4096u

static const char *groups_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/usb.json", state->dir);
}

static bool says_nothing(const xtune_usb_group *group)
{
    return !group->passthrough && !group->name && !group->description &&
           !group->nr_other_config;
}

static xtune_usb_group *find_group(const xtune_policy *policy,
                                   const xtune_usb_identity *identity)
{
    size_t i;

    for (i = 0; i < policy->nr_usb_groups; i++)
        if (xtune_usb_same_identity(&policy->usb_groups[i].identity, identity))
            return &policy->usb_groups[i];
    return NULL;
}

static void add_group(xtune_policy *policy, const xtune_usb_group *group)
{
    policy->usb_groups =
        xtune_arena_grow(policy->arena, policy->usb_groups,
                         policy->nr_usb_groups, sizeof(*group));
    policy->usb_groups[policy->nr_usb_groups++] = *group;
}

/* Reading. */

static int read_group(const xt_record_reader *r, const xt_json *json)
{
    static const char *const known[] = { XT_USB_IDENTITY_MEMBERS,
                                         "passthrough", "name", "description",
                                         "other_config" };
    xtune_usb_group group = { .source = xt_record_source(r, json) };
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(r, json,
                                "member \"usb\": no object in its array");
    rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = xt_record_read_identity(r, json, &group.identity);
    if (!rc) rc = xt_record_flag(r, json, "passthrough", &group.passthrough);
    if (!rc) rc = xt_record_line(r, json, "name", &group.name);
    if (!rc) rc = xt_record_line(r, json, "description", &group.description);
    if (!rc)
        rc = xt_record_map(r, json, "other_config", &group.other_config,
                           &group.nr_other_config);
    if (rc) return rc;
    if (says_nothing(&group))
        return xt_record_refuse(r, json, "it says nothing of this device");
    if (find_group(r->policy, &group.identity))
        return xt_record_refuse(
            r, json, "device \"%s\" is there twice",
            xt_usb_identity_text(r->arena, &group.identity));
    add_group(r->policy, &group);
    return 0;
}

static int read_groups(const xt_record_reader *r, const xt_json *json)
{
    static const char *const known[] = { "schema", "usb" };
    const size_t before = r->policy->nr_usb_groups;
    const xt_json *rows;
    size_t i;
    int rc;

    rc = xt_record_schema(r, json, XT_USB_SCHEMA);
    if (!rc) rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = xt_record_rows(r, json, "usb", MAX_GROUPS, &rows);
    if (rc) return rc;
    if (!rows) return xt_record_refuse(r, json, "member \"usb\" is missing");
    for (i = 0; !rc && i < rows->nr; i++)
        rc = read_group(r, rows->items[i]);
    if (rc) r->policy->nr_usb_groups = before;
    return rc;
}

int xt_usb_groups_read_memory(const char *text, size_t len, const char *file,
                              xtune_policy *policy, xtune_error **err)
{
    return xt_record_take(text, len, file, read_groups, policy, err);
}

int xt_usb_groups_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return xt_record_load(groups_path(state, arena), read_groups, policy, err);
}

/* Writing. */

static xt_json *group_json(xtune_arena *arena, const xtune_usb_group *group)
{
    xt_json *json = xt_json_object(arena);

    xt_record_add_identity(arena, json, &group->identity);
    if (group->passthrough) xt_json_add_bool(arena, json, "passthrough", true);
    if (group->name) xt_json_add_string(arena, json, "name", group->name);
    if (group->description)
        xt_json_add_string(arena, json, "description", group->description);
    xt_record_add_map(arena, json, "other_config", group->other_config,
                      group->nr_other_config);
    return json;
}

static char *groups_text(const xtune_policy *policy, xtune_arena *arena)
{
    xt_json *json = xt_json_object(arena), *rows = xt_json_array(arena);
    size_t i;

    for (i = 0; i < policy->nr_usb_groups; i++)
        xt_json_append(arena, rows, group_json(arena, &policy->usb_groups[i]));
    xt_json_add_string(arena, json, "schema", XT_USB_SCHEMA);
    xt_json_add(arena, json, "usb", rows);
    return xt_json_print(json);
}

/* In its place, or out of it: the others stay in their order. */
static void put_group(xtune_policy *policy, const xtune_usb_group *group)
{
    xtune_usb_group *found = find_group(policy, &group->identity);
    const xtune_usb_group *end = policy->usb_groups + policy->nr_usb_groups;

    if (found && says_nothing(group)) {
        policy->nr_usb_groups--;
        for (; found + 1 < end; found++)
            found[0] = found[1];
    } else if (found) {
        *found = *group;
    } else if (!says_nothing(group)) {
        add_group(policy, group);
    }
}

static int write_groups(const xtune_state *state, const xtune_policy *policy,
                        xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL;
    const char *path = groups_path(state, arena);

    if (!policy->nr_usb_groups) return xt_record_remove(path, err);
    text = groups_text(policy, arena);
    return xt_record_store(state, path, text, read_groups, err);
}

static const char *fault_of(const xtune_usb_group *group)
{
    if ((group->name && !xt_record_is_line(group->name)) ||
        (group->description && !xt_record_is_line(group->description)))
        return "its name, or description, is not one line of text of up to "
               "1024 bytes";
    if (!xt_record_is_map(group->other_config, group->nr_other_config))
        return "its other-config is not lines of text of up to 1024 bytes";
    return xt_record_identity_fault(&group->identity);
}

static int check(const xtune_usb_group *group, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *fault = fault_of(group);

    if (!fault) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                           xt_usb_identity_text(arena, &group->identity), NULL,
                           "nothing can be kept of it: %s", fault);
}

int xtune_record_usb_group(xtune_state *state, const xtune_usb_group *group,
                           xtune_error **err)
{
    xtune_policy *policy;
    int rc = check(group, err);

    if (rc) return rc;
    policy = xtune_policy_new();
    rc = xt_usb_groups_read(state, policy, err);
    if (!rc) {
        put_group(policy, group);
        rc = write_groups(state, policy, err);
    }
    xtune_policy_free(policy);
    return rc;
}

int xtune_record_usb_group_port(xtune_state *state,
                                const xtune_usb_identity *identity,
                                const char *port, xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    xtune_usb_group group;
    int rc = xt_usb_groups_read(state, policy, err);

    if (!rc && identity->by == XTUNE_USB_BY_SERIAL &&
        find_group(policy, identity)) {
        group = *find_group(policy, identity);
        group.identity.port = port;
        rc = check(&group, err);
        if (!rc) {
            put_group(policy, &group);
            rc = write_groups(state, policy, err);
        }
    }
    xtune_policy_free(policy);
    return rc;
}
