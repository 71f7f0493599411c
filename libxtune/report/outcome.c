/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a command that changes the host ended, and errors, as JSON. */
#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"

static const char *step_name(enum xtune_step step)
{
    switch (step) {
    case XTUNE_STEP_DONE: return "done";
    case XTUNE_STEP_FAILED: return "failed";
    case XTUNE_STEP_UNDONE: return "undone";
    case XTUNE_STEP_LEFT: return "left";
    case XTUNE_STEP_GONE: return "gone";
    }
    return "unknown";
}

char *xtune_report_outcome_json(const char *result,
                                const xtune_outcome *outcomes, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *steps = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/result/1");
    xt_json_add_string(arena, json, "result", result);
    for (i = 0; i < nr; i++) {
        xt_json *step = xt_json_object(arena);

        xt_json_add_string(arena, step, "object", outcomes[i].object);
        xt_json_add_string(arena, step, "step", step_name(outcomes[i].step));
        if (outcomes[i].note)
            xt_json_add_string(arena, step, "note", outcomes[i].note);
        xt_json_append(arena, steps, step);
    }
    xt_json_add(arena, json, "steps", steps);
    return xt_json_print(json);
}

char *xtune_report_error_json(const xtune_error *err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *error = xt_json_object(arena);

    xt_json_add_string(arena, error, "code", xtune_rc_name(err->code));
    xt_json_add_string(arena, error, "object", err->object);
    xt_json_add_string(arena, error, "message", err->message);
    xt_json_add_string(arena, error, "hint", err->hint);
    xt_json_add(arena, json, "error", error);
    return xt_json_print(json);
}
