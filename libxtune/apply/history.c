/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/apply.h>

#include "apply/journal.h"
#include "base/util.h"

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
        history->entries[history->nr_entries++] = public_entry(&entry);
    }
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
