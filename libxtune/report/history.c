/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "report/table.h"
#include "report/text.h"

static void put_result(xt_table *table, const xtune_history_entry *entry)
{
    if (!entry->pending)
        xt_table_cell(table, "%s", entry->result);
    else if (entry->left_ms)
        xt_table_cell(table, "%s, to be confirmed within %u s", entry->result,
                      (entry->left_ms + 999) / 1000);
    else
        xt_table_cell(table, "%s, not confirmed in time", entry->result);
}

static void put_entries(FILE *out, const xtune_history *history)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_table table = { .arena = arena };
    size_t i;

    xt_table_column(&table, true, "Id");
    xt_table_column(&table, false, "Time");
    xt_table_column(&table, true, "Actions");
    xt_table_column(&table, false, "Result");
    xt_table_column(&table, false, "Title");
    for (i = 0; i < history->nr_entries; i++) {
        const xtune_history_entry *entry = &history->entries[i];

        xt_table_cell(&table, "%u", entry->id);
        xt_table_cell(&table, "%s", entry->time);
        xt_table_cell(&table, "%zu", entry->nr_actions);
        put_result(&table, entry);
        xt_table_cell(&table, "%s%s%s", entry->title, entry->error ? ": " : "",
                      entry->error ? entry->error : "");
    }
    xt_table_print(out, &table);
}

static void put_moves(FILE *out, const xtune_history_entry *entry)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    for (i = 0; i < entry->nr_moves; i++) {
        const xtune_history_move *move = &entry->moves[i];
        const xtune_move_progress took = {
            .round = (unsigned int)move->rounds,
            .bytes = move->bytes,
            .elapsed_ms = move->total_ms,
            .pause_ms = move->pause_ms,
            .finished = true,
        };
        XT_CLEANUP_FREE char *text = xtune_report_moving(&took);

        fprintf(out, "%u moved %s: %s\n", entry->id,
                xt_text_safe(arena, move->domain), text);
    }
}

char *xtune_report_history(const xtune_history *history)
{
    xt_text text;
    size_t i;

    xt_text_open(&text);
    if (history->nr_entries)
        put_entries(text.out, history);
    else
        fputs("Nothing was changed yet\n", text.out);
    for (i = 0; i < history->nr_entries; i++)
        put_moves(text.out, &history->entries[i]);
    if (history->interrupted)
        fputs("A change was cut off: run \"xltune recover\"\n", text.out);
    return xt_text_close(&text);
}

static xt_json *moves_json(xtune_arena *arena,
                           const xtune_history_entry *entry)
{
    xt_json *moves = xt_json_array(arena);
    size_t i;

    for (i = 0; i < entry->nr_moves; i++) {
        const xtune_history_move *move = &entry->moves[i];
        xt_json *json = xt_json_object(arena);

        xt_json_add_string(arena, json, "domain", move->domain);
        xt_json_add_u64(arena, json, "bytes", move->bytes);
        xt_json_add_u64(arena, json, "rounds", move->rounds);
        xt_json_add_u64(arena, json, "total_ms", move->total_ms);
        xt_json_add_u64(arena, json, "pause_ms", move->pause_ms);
        xt_json_append(arena, moves, json);
    }
    return moves;
}

static xt_json *entry_json(xtune_arena *arena,
                           const xtune_history_entry *entry)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "id", entry->id);
    xt_json_add_string(arena, json, "time", entry->time);
    xt_json_add_string(arena, json, "title", entry->title);
    xt_json_add_string(arena, json, "result", entry->result);
    xt_json_add_u64(arena, json, "actions", entry->nr_actions);
    if (entry->pending)
        xt_json_add_u64(arena, json, "confirm_left_ms", entry->left_ms);
    if (entry->error) xt_json_add_string(arena, json, "error", entry->error);
    if (entry->nr_moves)
        xt_json_add(arena, json, "moves", moves_json(arena, entry));
    return json;
}

char *xtune_report_history_json(const xtune_history *history)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *entries = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/history/1");
    xt_json_add_bool(arena, json, "interrupted", history->interrupted);
    for (i = 0; i < history->nr_entries; i++)
        xt_json_append(arena, entries,
                       entry_json(arena, &history->entries[i]));
    xt_json_add(arena, json, "entries", entries);
    return xt_json_print(json);
}
