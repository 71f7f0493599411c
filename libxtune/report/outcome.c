/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a command that changes the host ended, and errors, as JSON. */
#include <xtune/report.h>

#include <inttypes.h>

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
    case XTUNE_STEP_KEPT: return "kept";
    }
    return "unknown";
}

static xt_json *took(xtune_arena *arena, const xtune_move_progress *move)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "bytes", move->bytes);
    xt_json_add_u64(arena, json, "rounds", move->round);
    xt_json_add_u64(arena, json, "total_ms", move->elapsed_ms);
    xt_json_add_u64(arena, json, "pause_ms", move->pause_ms);
    return json;
}

static char *finished_text(const xtune_move_progress *move)
{
    return xt_xprintf("%" PRIu64 " MiB in %" PRIu64 ".%" PRIu64
                      " s, %u round%s, paused for %" PRIu64 ".%02" PRIu64 " s",
                      move->bytes >> 20, move->elapsed_ms / 1000,
                      move->elapsed_ms % 1000 / 100, move->round,
                      move->round == 1 ? "" : "s", move->pause_ms / 1000,
                      move->pause_ms % 1000 / 10);
}

char *xtune_report_moving(const xtune_move_progress *move)
{
    const uint64_t mib = move->bytes >> 20;
    const uint64_t left_kb =
        move->total_kb > move->done_kb ? move->total_kb - move->done_kb : 0;
    const uint64_t rate_kb =
        move->elapsed_ms ? (move->bytes >> 10) * 1000 / move->elapsed_ms : 0;

    if (move->finished) return finished_text(move);
    if (move->paused)
        return xt_xprintf("%" PRIu64 " MiB sent, paused for the rest", mib);
    if (!rate_kb) return xt_xprintf("begins");
    return xt_xprintf("%" PRIu64 " MiB sent, round %u: %" PRIu64 " of %" PRIu64
                      " MiB, about %" PRIu64 " s left",
                      mib, move->round, move->done_kb >> 10,
                      move->total_kb >> 10, (left_kb + rate_kb - 1) / rate_kb);
}

char *xtune_report_outcome_json(const char *result,
                                const xtune_outcome *outcomes, size_t nr,
                                unsigned int confirm_s)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *steps = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/result/1");
    xt_json_add_string(arena, json, "result", result);
    if (confirm_s) xt_json_add_u64(arena, json, "confirm_within", confirm_s);
    for (i = 0; i < nr; i++) {
        xt_json *step = xt_json_object(arena);

        xt_json_add_string(arena, step, "object", outcomes[i].object);
        xt_json_add_string(arena, step, "step", step_name(outcomes[i].step));
        if (outcomes[i].note)
            xt_json_add_string(arena, step, "note", outcomes[i].note);
        if (outcomes[i].move.finished)
            xt_json_add(arena, step, "took", took(arena, &outcomes[i].move));
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
