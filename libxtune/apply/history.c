/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/apply.h>

#include "apply/journal.h"
#include "base/util.h"

static uint64_t number(const xt_json *took, const char *key)
{
    uint64_t value = 0;

    (void)xt_json_to_u64(xt_json_get(took, key), UINT64_MAX, &value);
    return value;
}

static void add_moves(xtune_arena *arena, const xt_entry *from,
                      xtune_history_entry *to)
{
    size_t i;

    to->moves = XTUNE_NEW_ARRAY(arena, xtune_history_move, from->nr_actions);
    for (i = 0; i < from->nr_actions; i++) {
        const xt_json *took = from->actions[i].took;

        if (!took) continue;
        to->moves[to->nr_moves++] = (xtune_history_move){
            .domain = from->actions[i].object,
            .bytes = number(took, "bytes"),
            .rounds = number(took, "rounds"),
            .total_ms = number(took, "total_ms"),
            .pause_ms = number(took, "pause_ms"),
        };
    }
}

static xtune_history_entry public_entry(const xt_entry *entry)
{
    return (xtune_history_entry){
        .id = entry->id,
        .time = entry->time ? entry->time : "",
        .title = entry->title ? entry->title : "",
        .result = entry->result,
        .nr_actions = entry->nr_actions,
        .error = entry->error,
    };
}

/* An unreadable pending.json does not hide the history; who wants to change
 * something is told of it. */
static void mark_pending(const xtune_state *state, xtune_history *history)
{
    xtune_pending pending;
    bool found;
    size_t i;

    if (xtune_pending_read(state, &found, &pending, NULL) || !found ||
        pending.other_boot)
        return;
    for (i = 0; i < history->nr_entries; i++) {
        xtune_history_entry *entry = &history->entries[i];

        entry->pending = entry->id == pending.id;
        entry->left_ms = entry->pending ? pending.left_ms : 0;
    }
}

int xtune_history_read(xtune_state *state, xtune_history **history_r,
                       xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_history *history = XTUNE_NEW(arena, xtune_history);
    unsigned int *ids;
    size_t nr, i;
    xt_entry entry;
    int rc;

    history->arena = arena;
    history->interrupted = xt_journal_exists(state);
    rc = xt_history_ids(state, arena, &ids, &nr, err);
    if (rc) goto out;
    history->entries = XTUNE_NEW_ARRAY(arena, xtune_history_entry, nr);
    for (i = 0; i < nr; i++) {
        XT_CLEANUP_ERROR xtune_error *why = NULL;

        /* One that is damaged does not hide the others. */
        if (xt_history_read_entry(state, ids[i], arena, &entry, &why))
            entry = (xt_entry){
                .id = ids[i],
                .result = "unreadable",
                .error = xtune_arena_strdup(arena, why->message),
            };
        history->entries[history->nr_entries] = public_entry(&entry);
        add_moves(arena, &entry, &history->entries[history->nr_entries++]);
    }
    mark_pending(state, history);
out:
    if (rc)
        xtune_history_free(history);
    else
        *history_r = history;
    return rc;
}

void xtune_history_free(xtune_history *history)
{
    if (history) xtune_arena_free(history->arena);
}
