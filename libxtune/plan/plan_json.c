/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/plan.h>

#include "base/json.h"
#include "base/util.h"
#include "plan/action_json.h"

static xt_json *actions_to_json(xtune_arena *arena,
                                const xtune_action *actions, size_t nr)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < nr; i++)
        xt_json_append(arena, json, xt_action_to_json(arena, &actions[i]));
    return json;
}

static xt_json *notes_to_json(xtune_arena *arena, const xtune_plan *plan)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < plan->nr_notes; i++) {
        xt_json *note = xt_json_object(arena);

        xt_json_add_string(arena, note, "object", plan->notes[i].object);
        xt_json_add_string(arena, note, "text", plan->notes[i].text);
        xt_json_append(arena, json, note);
    }
    return json;
}

/* A percentage with one decimal; null where it is not known. */
static xt_json *pct_to_json(xtune_arena *arena, int permille)
{
    if (permille < 0) return xt_json_null(arena);
    return xt_json_number(
        arena,
        xtune_arena_printf(arena, "%d.%d", permille / 10, permille % 10));
}

char *xtune_plan_to_json(const xtune_plan *plan)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *summary = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", XTUNE_PLAN_SCHEMA);
    xt_json_add(arena, json, "actions",
                actions_to_json(arena, plan->actions, plan->nr_actions));
    xt_json_add(arena, json, "blocked",
                actions_to_json(arena, plan->blocked, plan->nr_blocked));
    if (plan->nr_notes)
        xt_json_add(arena, json, "notes", notes_to_json(arena, plan));
    xt_json_add(arena, summary, "local_memory_before_pct",
                pct_to_json(arena, plan->local_before_permille));
    xt_json_add(arena, summary, "local_memory_after_pct",
                pct_to_json(arena, plan->local_after_permille));
    xt_json_add_string(arena, summary, "residency",
                       xtune_residency_name(plan->residency));
    xt_json_add(arena, json, "summary", summary);
    return xt_json_print(json);
}
