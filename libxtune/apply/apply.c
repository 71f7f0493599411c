/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/apply.h>

#include <string.h>

#include "apply/engine.h"
#include "apply/journal.h"
#include "backend/backend.h"
#include "base/util.h"

#define RECOVER_HINT "run \"xltune recover\""

static int commit(xtune_backend *backend, xtune_error **err)
{
    return backend->ops->commit(backend, err);
}

static int refuse_if_interrupted(const xtune_state *state, xtune_error **err)
{
    if (!xt_journal_exists(state)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, state->dir,
                           RECOVER_HINT, "an earlier change was cut off");
}

static int next_id(const xtune_state *state, unsigned int *id_r,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    unsigned int *ids;
    size_t nr;
    int rc;

    rc = xt_history_ids(state, arena, &ids, &nr, err);
    if (rc) return rc;
    *id_r = nr ? ids[nr - 1] + 1 : 1;
    return 0;
}

/* The host is as it was to be, but this could not be written down. */
static int end_or_explain(const xtune_state *state, const xt_entry *entry,
                          xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const int rc = xt_journal_end(state, entry, &why);

    if (!rc) return 0;
    return xtune_error_set(err, rc, why->errnum, why->object,
                           "\"xltune recover\" undoes the changes",
                           "all changes were made, but the history could not "
                           "be written: %s",
                           why->message);
}

/* Every object must be as the plan found it. */
static int check_old(const xt_engine *engine, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    size_t i;
    int rc;

    for (i = 0; i < engine->nr_actions; i++) {
        rc = xt_engine_look(engine, i, &found, err);
        if (rc) return rc;
        if (found != XT_FOUND_OLD)
            return xt_engine_changed(engine, i, found, err);
    }
    return 0;
}

/* After a failure: puts back what was made, and says so in the error. The
 * entry becomes what the history is to say; false where the journal must
 * stay. */
static bool undo_failed(const xt_engine *engine, size_t failed,
                        xt_entry *entry, xtune_arena *arena, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = *err, *undo = NULL;
    /* The one that failed may be half made. */
    const size_t nr = failed < engine->nr_actions ? failed + 1 : failed;
    size_t left;
    int rc;

    *err = NULL;
    rc = xt_engine_undo(engine, nr, true, &left, &undo);
    if (!rc) rc = commit(engine->backend, &undo);
    if (!rc) {
        xtune_error_set(err, why->code, why->errnum, why->object,
                        why->hint ? why->hint : "the host is as it was before",
                        "%s", why->message);
        entry->result = "undone";
        entry->error =
            xtune_arena_printf(arena, "%s: %s", why->object, why->message);
        return true;
    }
    xtune_error_set(err, why->code, why->errnum, why->object, RECOVER_HINT,
                    "%s; and not all could be put back: %s: %s", why->message,
                    undo->object, undo->message);
    return false;
}

static int run(const xt_engine *engine, const xtune_state *state,
               xt_entry *entry, xtune_arena *arena, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    size_t failed;
    int rc;

    rc = xt_engine_do(engine, &failed, &why);
    if (!rc) rc = commit(engine->backend, &why);
    if (!rc) {
        entry->result = "applied";
        return end_or_explain(state, entry, err);
    }
    if (undo_failed(engine, failed, entry, arena, &why))
        (void)xt_journal_end(state, entry, NULL);
    if (err) {
        xtune_error_free(*err);
        *err = why;
        why = NULL;
    }
    return rc;
}

int xtune_apply(xtune_backend *backend, xtune_state *state,
                const xtune_plan *plan, const xtune_apply_options *options,
                xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_engine engine = {
        backend,
        options,
        plan->actions,
        plan->nr_actions,
    };
    xt_entry entry = {
        .time = xt_journal_time(arena),
        .title = options && options->title ? options->title : "apply",
        .result = "running",
        .actions = plan->actions,
        .nr_actions = plan->nr_actions,
    };
    int rc;

    if (!plan->nr_actions) return 0;
    rc = refuse_if_interrupted(state, err);
    if (rc) return rc;
    rc = check_old(&engine, err);
    if (rc) return rc;
    rc = next_id(state, &entry.id, err);
    if (rc) return rc;
    rc = xt_journal_begin(state, &entry, err);
    if (rc) return rc;
    return run(&engine, state, &entry, arena, err);
}

/* Rolling back. */

/* The newest entry that is still in force. */
static int find_applied(const xtune_state *state, xtune_arena *arena,
                        xt_entry *entry_r, xtune_error **err)
{
    unsigned int *ids;
    size_t nr;
    int rc;

    rc = xt_history_ids(state, arena, &ids, &nr, err);
    if (rc) return rc;
    while (nr-- > 0) {
        rc = xt_history_read_entry(state, ids[nr], arena, entry_r, err);
        if (rc) return rc;
        if (!strcmp(entry_r->result, "applied")) return 0;
    }
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, state->dir,
                           "see \"xltune history\"",
                           "there is nothing to roll back");
}

/*
 * The actions of an entry turned round, last first, without those whose
 * objects are gone: to put back is to apply them. Where another hand changed
 * an object since, its present value counts as old, if force says so.
 */
static int reverse(const xt_engine *applied, bool force, xtune_arena *arena,
                   xtune_action **actions_r, size_t *nr_r, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    size_t i;
    int rc;

    *actions_r = XTUNE_NEW_ARRAY(arena, xtune_action, applied->nr_actions);
    *nr_r = 0;
    for (i = applied->nr_actions; i-- > 0;) {
        xtune_action *action = &(*actions_r)[*nr_r];

        rc = xt_engine_look(applied, i, &found, err);
        if (rc) return rc;
        if (found == XT_FOUND_GONE)
            xt_engine_progress(applied, XTUNE_STEP_GONE, i, NULL);
        if (found == XT_FOUND_GONE || found == XT_FOUND_OLD) continue;
        *action = applied->actions[i];
        action->old = applied->actions[i].new;
        action->new = applied->actions[i].old;
        if (found == XT_FOUND_OTHER) {
            if (!force)
                return xtune_error_set(
                    err, XTUNE_ERR_CHANGED, 0, action->object,
                    "--force puts back the old value all the same",
                    "it was changed by another hand since; nothing was "
                    "rolled back");
            rc = xt_engine_value(applied, i, arena, &action->old, err);
            if (rc) return rc;
        }
        (*nr_r)++;
    }
    return 0;
}

static int run_rollback(const xt_engine *engine, const xtune_state *state,
                        const xt_entry *entry, xt_entry *applied,
                        xtune_arena *arena, xtune_error **err)
{
    xt_entry outcome = *entry;
    size_t failed;
    int rc;

    rc = xt_journal_begin(state, entry, err);
    if (rc) return rc;
    rc = xt_engine_do(engine, &failed, err);
    if (!rc) rc = commit(engine->backend, err);
    if (rc) {
        if (undo_failed(engine, failed, &outcome, arena, err))
            (void)xt_journal_drop(state, NULL);
        return rc;
    }
    applied->result = "rolled-back";
    return end_or_explain(state, applied, err);
}

int xtune_rollback(xtune_backend *backend, xtune_state *state,
                   const xtune_apply_options *options, unsigned int *id_r,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_engine engine = { backend, options, NULL, 0 };
    xt_entry applied = { .id = 0 }, entry;
    xtune_action *actions = NULL;
    size_t nr_actions = 0;
    int rc;

    rc = refuse_if_interrupted(state, err);
    if (rc) return rc;
    rc = find_applied(state, arena, &applied, err);
    if (rc) return rc;
    engine.actions = applied.actions;
    engine.nr_actions = applied.nr_actions;
    rc = reverse(&engine, options && options->force, arena, &actions,
                 &nr_actions, err);
    if (rc) return rc;
    engine.actions = actions;
    engine.nr_actions = nr_actions;
    entry = (xt_entry){
        .id = applied.id,
        .time = xt_journal_time(arena),
        .title = "rollback",
        .result = "running",
        .rollback_of = applied.id,
        .actions = actions,
        .nr_actions = nr_actions,
    };
    *id_r = applied.id;
    /* undo_failed() wants an error to speak of, asked for or not. */
    rc = run_rollback(&engine, state, &entry, &applied, arena, &why);
    if (rc && err) {
        xtune_error_free(*err);
        *err = why;
        why = NULL;
    }
    return rc;
}

/* Recovering. */

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
    return xt_journal_end(state, &entry, err);
}

int xtune_recover(xtune_backend *backend, xtune_state *state,
                  const xtune_apply_options *options, bool *found_r,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_engine engine = { backend, options, NULL, 0 };
    xt_entry journal;
    size_t left;
    int rc;

    *found_r = xt_journal_exists(state);
    if (!*found_r) return 0;
    rc = xt_journal_read(state, arena, &journal, err);
    if (rc) return rc;
    if (has_ended(state, &journal, arena)) return xt_journal_drop(state, err);
    engine.actions = journal.actions;
    engine.nr_actions = journal.nr_actions;
    rc = xt_engine_undo(&engine, journal.nr_actions, options && options->force,
                        &left, err);
    if (rc) return rc;
    rc = commit(backend, err);
    if (rc) return rc;
    return end_recovered(state, &journal, err);
}
