/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The usb-policy of a host in a file. What counted before one was made comes
 * back when that is removed: it is kept beside it meanwhile.
 */
#include <string.h>

#include "backend/snapshot.h"
#include "base/json.h"
#include "usb/policy_file.h"

#define COVERED "covered" /* a member of "usb_rules" */

int xt_snapshot_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                              const char **text_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    const xtune_usb_rules *rules;
    int rc;

    *text_r = NULL;
    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    rules = &s->host->usb_rules;
    if (!xt_usb_policy_is_own(rules->file)) return 0;
    if (rules->problem)
        return xtune_error_set(err, XTUNE_ERR_IO, 0, rules->file, NULL, "%s",
                               rules->problem);
    if (rules->text) *text_r = xtune_arena_strdup(arena, rules->text);
    return 0;
}

/* What a member of it says; NULL where it says nothing. */
static const char *covered(const xtune_usb_rules *rules, const char *key)
{
    return xt_json_text(
        xt_json_get(xt_json_get(rules->extra_members, COVERED), key));
}

static void cover(xtune_arena *arena, xtune_usb_rules *rules)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "file", rules->file);
    xt_json_add_string(arena, json, "text", rules->text);
    if (!rules->extra_members) rules->extra_members = xt_json_object(arena);
    xt_json_add(arena, rules->extra_members, COVERED, json);
}

static void uncover(xtune_arena *arena, xtune_usb_rules *rules)
{
    const xt_json *members = rules->extra_members;
    xt_json *others = NULL;
    size_t i;

    rules->file = covered(rules, "file");
    rules->text = covered(rules, "text");
    for (i = 0; members && i < members->nr; i++) {
        if (!strcmp(members->keys[i], COVERED)) continue;
        if (!others) others = xt_json_object(arena);
        xt_json_add(arena, others, members->keys[i], members->items[i]);
    }
    rules->extra_members = others;
}

int xt_snapshot_set_usb_rules(xtune_backend *backend, const char *text,
                              xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_usb_rules *rules;
    xtune_arena *arena;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    rules = &s->host->usb_rules;
    arena = s->host->arena;
    if (text && !xt_usb_policy_is_own(rules->file)) {
        if (rules->file) cover(arena, rules);
        rules->file = xt_usb_policy_files[XT_USB_POLICY_OURS];
    }
    if (text)
        rules->text = xtune_arena_strdup(arena, text);
    else if (xt_usb_policy_is_own(rules->file))
        uncover(arena, rules);
    rules->problem = NULL;
    s->dirty = true;
    return 0;
}
