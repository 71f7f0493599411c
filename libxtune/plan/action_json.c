/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/action_json.h"

#include "base/util.h"

static void add_if(xtune_arena *arena, xt_json *json, const char *key,
                   const xt_json *value)
{
    if (value) xt_json_add(arena, json, key, (xt_json *)value);
}

xt_json *xt_action_to_json(xtune_arena *arena, const xtune_action *action)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "kind", action->kind);
    xt_json_add_string(arena, json, "object", action->object);
    add_if(arena, json, "target", action->target);
    add_if(arena, json, "old", action->old);
    add_if(arena, json, "new", action->new);
    xt_json_add_string(arena, json, "reason", action->reason);
    if (action->after_others)
        xt_json_add_bool(arena, json, "after_others", true);
    if (action->before_others)
        xt_json_add_bool(arena, json, "before_others", true);
    add_if(arena, json, "took", action->took);
    add_if(arena, json, "kept", action->kept);
    if (action->why) xt_json_add_string(arena, json, "why", action->why);
    return json;
}

static bool is_true(const xt_json *json)
{
    return json && json->type == XT_JSON_BOOL && json->boolean;
}

static bool read_action(const xt_json *json, xtune_action *action)
{
    *action = (xtune_action){
        .kind = xt_json_text(xt_json_get(json, "kind")),
        .object = xt_json_text(xt_json_get(json, "object")),
        .target = xt_json_get(json, "target"),
        .old = xt_json_get(json, "old"),
        .new = xt_json_get(json, "new"),
        .reason = xt_json_text(xt_json_get(json, "reason")),
        .after_others = is_true(xt_json_get(json, "after_others")),
        .before_others = is_true(xt_json_get(json, "before_others")),
        .took = xt_json_get(json, "took"),
        .kept = xt_json_get(json, "kept"),
    };
    return action->kind && action->object && action->target && action->old &&
           action->new;
}

int xt_actions_from_json(xtune_arena *arena, const xt_json *json,
                         const char *object, xtune_action **actions_r,
                         size_t *nr_r, xtune_error **err)
{
    size_t i;

    if (!json || json->type != XT_JSON_ARRAY)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "it has no list of actions");
    *actions_r = XTUNE_NEW_ARRAY(arena, xtune_action, json->nr);
    *nr_r = json->nr;
    for (i = 0; i < json->nr; i++)
        if (!read_action(json->items[i], &(*actions_r)[i]))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                                   "action %zu is not complete", i + 1);
    return 0;
}
