/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ending what was cut off. */
#include <xtune/apply.h>

#include <inttypes.h>
#include <string.h>

#include "apply/engine.h"
#include "apply/journal.h"
#include "backend/backend.h"
#include "base/util.h"

/* Whether the history already says how the change of the journal ended: it
 * was cut off between the two. */
static bool has_ended(const xtune_state *state, const xt_entry *journal,
                      xtune_arena *arena)
{
    xt_entry entry;

    if (xt_history_read_entry(state, journal->id, arena, &entry, NULL))
        return false;
    /* A number may come again where the history was removed. */
    if (!journal->rollback_of && journal->time && entry.time &&
        strcmp(entry.time, journal->time))
        return false;
    return !journal->rollback_of || strcmp(entry.result, "applied");
}

static int end_recovered(const xtune_state *state, const xt_entry *journal,
                         xtune_error **err)
{
    xt_entry entry = *journal;

    /* A rollback that was cut off has left its entry in force. */
    if (journal->rollback_of) return xt_journal_drop(state, err);
    entry.result = "recovered";
    (void)xtune_pending_drop(state, NULL);
    return xt_journal_end(state, &entry, err);
}

/*
 * Whether an action was made. later: one on the same object, after it, was. A
 * domain that is neither here nor there was not moved by us.
 */
static bool was_made(const xt_engine *engine, size_t index,
                     enum xt_found found, bool later)
{
    /* The one after it on the same object tells. */
    if (engine->actions[index].before_others) return true;
    if (!xt_engine_is_alone(engine, index)) return found != XT_FOUND_OLD;
    return found == XT_FOUND_NEW || (found == XT_FOUND_OTHER && later);
}

/* Which of the actions were made, and whether all of those were that moves
 * come after. made is all false at first. */
static int look_what_was_made(const xt_engine *engine, bool *made,
                              bool *all_else_r, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    size_t i, before;
    int rc;

    *all_else_r = true;
    /* Backwards: while it goes on, made[i] says that a later one was. */
    for (i = engine->nr_actions; i-- > 0;) {
        rc = xt_engine_look(engine, i, &found, err);
        if (rc) return rc;
        made[i] = was_made(engine, i, found, made[i]);
        if (!made[i] && !xt_engine_is_alone(engine, i)) *all_else_r = false;
        before = xt_engine_before(engine, i);
        if (made[i] && before != i) made[before] = true;
    }
    return 0;
}

/*
 * Moves begin when all else is done. Where one was made, what was made stays:
 * to move memory back would be another risk, and the host is on its way to
 * what was wanted. The entry becomes what was made, and recovered_r says so;
 * else: undo.
 */
static int keep_moved(const xt_engine *engine, xtune_arena *arena,
                      xt_entry *entry, xtune_recovered *recovered_r,
                      xtune_error **err)
{
    xtune_action *actions =
        XTUNE_NEW_ARRAY(arena, xtune_action, engine->nr_actions);
    bool *made = XTUNE_NEW_ARRAY(arena, bool, engine->nr_actions);
    bool all_else;
    size_t i, nr = 0;
    int rc;

    rc = look_what_was_made(engine, made, &all_else, err);
    if (rc) return rc;
    for (i = 0; i < engine->nr_actions; i++) {
        const bool alone = xt_engine_is_alone(engine, i);

        recovered_r->nr_moves += alone;
        recovered_r->nr_moved += alone && made[i];
        if (made[i]) actions[nr++] = engine->actions[i];
    }
    if (!all_else || !recovered_r->nr_moved) return 0;
    entry->actions = actions;
    entry->nr_actions = nr;
    recovered_r->result = XTUNE_RECOVERY_KEPT;
    return 0;
}

/* Ends the journal of an apply whose moves stay; if they are to be confirmed,
 * the time for that begins now. */
static int end_kept(const xtune_state *state, const xt_entry *kept,
                    const xtune_recovered *recovered, xtune_arena *arena,
                    xtune_error **err)
{
    const size_t nr = recovered->nr_moves, made = recovered->nr_moved;
    xt_entry entry = *kept;
    int rc;

    if (entry.rollback_of) return xt_journal_drop(state, err);
    entry.result = "applied";
    entry.error =
        made < nr
            ? xtune_arena_printf(arena,
                                 "it was cut off: %zu of %zu moves were made, "
                                 "the rest was not",
                                 made, nr)
            : "it was cut off after the last move";
    rc = xt_pending_restart(state, &entry, err);
    return rc ? rc : xt_journal_end(state, &entry, err);
}

const char *xt_host_sum(xtune_backend *backend, xtune_arena *arena)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    XT_CLEANUP_FREE char *text = NULL;
    xtune_host *host;
    const char *c;

    if (!xt_backend_is_atomic(backend) ||
        xtune_backend_observe(backend, &what, &host, NULL))
        return NULL;
    text = xtune_host_to_json(host);
    xtune_host_free(host);
    for (c = text; *c; c++)
        sum = (sum ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return xtune_arena_printf(arena, "%016" PRIx64, sum);
}

/* Whether the host is as it was when nothing had been made yet. */
static bool is_untouched(xtune_backend *backend, const xt_entry *journal,
                         xtune_arena *arena)
{
    const char *sum = journal->host_sum ? xt_host_sum(backend, arena) : NULL;

    return sum && !strcmp(sum, journal->host_sum);
}

/* Puts back what was made. */
static int undo(xt_engine *engine, xtune_recovered *recovered_r,
                xtune_error **err)
{
    const xtune_apply_options *options = engine->hands.options;
    int rc;

    rc = xt_engine_undo(engine, engine->nr_actions, options && options->force,
                        &recovered_r->nr_left, err);
    if (rc) return rc;
    return engine->hands.backend->ops->commit(engine->hands.backend, err);
}

/* Ends the journal of a host that was rebooted since: what it knows was in
 * Xen, and is gone, but for files. */
static int recover_rebooted(xt_engine *engine, const xtune_state *state,
                            const xt_entry *journal, xtune_arena *arena,
                            xtune_recovered *recovered_r, xtune_error **err)
{
    xt_entry entry = *journal;
    int rc = 0;

    recovered_r->result = XTUNE_RECOVERY_REBOOTED;
    engine->nr_actions = xt_lasting_actions(
        arena, engine->actions, engine->nr_actions, &engine->actions);
    engine->nr_begun = engine->nr_actions;
    if (engine->nr_actions) {
        recovered_r->result = XTUNE_RECOVERY_UNDONE;
        rc = undo(engine, recovered_r, err);
    }
    if (rc) return rc;
    entry.error = "the host was rebooted before it had ended";
    return end_recovered(state, &entry, err);
}

int xtune_recover(xtune_backend *backend, xtune_state *state,
                  const xtune_apply_options *options,
                  xtune_recovered *recovered_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_engine engine = {
        .hands = { .backend = backend,
                   .options = options,
                   .lock_fd = state->lock_fd },
    };
    xt_entry journal;
    int rc;

    *recovered_r = (xtune_recovered){ .result = XTUNE_RECOVERY_NONE };
    rc = backend->ops->settle_all(backend, err);
    if (rc || !xt_journal_exists(state)) return rc;
    recovered_r->result = XTUNE_RECOVERY_UNDONE;
    rc = xt_journal_read(state, arena, &journal, err);
    if (rc) return rc;
    engine.actions = journal.actions;
    engine.nr_actions = journal.nr_actions;
    if (has_ended(state, &journal, arena)) return xt_journal_drop(state, err);
    if (xt_state_is_other_boot(state, journal.boot_id))
        return recover_rebooted(&engine, state, &journal, arena, recovered_r,
                                err);
    if (is_untouched(backend, &journal, arena))
        return end_recovered(state, &journal, err);
    rc = keep_moved(&engine, arena, &journal, recovered_r, err);
    if (rc) return rc;
    if (recovered_r->result == XTUNE_RECOVERY_KEPT)
        return end_kept(state, &journal, recovered_r, arena, err);
    rc = xt_journal_read_begun(state, &engine.nr_begun, err);
    if (!rc) rc = undo(&engine, recovered_r, err);
    return rc ? rc : end_recovered(state, &journal, err);
}
