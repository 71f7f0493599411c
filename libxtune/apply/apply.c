/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/apply.h>

#include <string.h>

#include "apply/engine.h"
#include "apply/journal.h"
#include "apply/reverse.h"
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

/* The host is as it was to be; where this cannot be written down the journal
 * stays. confirm_s, where not 0, begins now. */
static int end_or_explain(const xtune_state *state, const xt_entry *entry,
                          unsigned int confirm_s, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    int rc = 0;

    if (confirm_s) rc = xt_pending_start(state, entry, confirm_s, &why);
    if (!rc) rc = xt_journal_end(state, entry, &why);
    if (!rc) return 0;
    return xtune_error_set(err, rc, why->errnum, why->object, RECOVER_HINT,
                           "all changes were made, but this could not be "
                           "written down: %s",
                           why->message);
}

/* Every object must be as the plan found it, before it is changed for the
 * first time. */
static int check_old(const xt_engine *engine, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    size_t i;
    int rc;

    for (i = 0; i < engine->nr_actions; i++) {
        if (engine->actions[i].after_others ||
            xt_engine_before(engine, i) != i)
            continue;
        rc = xt_engine_look(engine, i, &found, err);
        if (rc) return rc;
        if (found != XT_FOUND_OLD)
            return xt_engine_changed(engine, i, found, err);
    }
    return 0;
}

/* What is to be said of a host where all is undone that can be: in a rollback
 * memory moves before the rest, and stays where it is then. */
static const char *after_undoing(const xt_engine *engine, size_t failed)
{
    size_t i;

    for (i = 0; i < failed; i++)
        if (xt_engine_is_alone(engine, i))
            return "memory that was moved back stays there, all else is as it "
                   "was before; try again";
    return "the host is as it was before";
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
    xt_engine undoing = *engine;
    size_t left;
    int rc;

    *err = NULL;
    undoing.nr_begun = nr;
    rc = xt_engine_undo(&undoing, nr, true, &left, &undo);
    if (!rc) rc = commit(engine->hands.backend, &undo);
    if (!rc) {
        xtune_error_set(err, why->code, why->errnum, why->object,
                        why->hint ? why->hint : after_undoing(engine, failed),
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

/* The entry of what was made, and what came of it. */
static void keep_made(const xt_engine *engine, const xt_results *results,
                      xt_entry *entry)
{
    xtune_action *made =
        XTUNE_NEW_ARRAY(results->arena, xtune_action, engine->nr_actions);
    size_t i;

    entry->actions = made;
    entry->nr_actions = 0;
    for (i = 0; i < engine->nr_actions; i++) {
        if (results->kept[i]) continue;
        made[entry->nr_actions] = engine->actions[i];
        made[entry->nr_actions].kept = engine->kept[i];
        made[entry->nr_actions++].took = results->took[i];
    }
    entry->result = entry->nr_actions ? "applied" : "undone";
    entry->error = results->first;
}

static int end_applied(const xt_engine *engine, const xtune_state *state,
                       const xt_entry *entry, xtune_error **err)
{
    const xtune_apply_options *options = engine->hands.options;

    if (!entry->nr_actions) (void)xtune_pending_drop(state, NULL);
    /* Nothing was made, and nothing went wrong: there was no budget. */
    if ((options && options->no_history) ||
        (!entry->nr_actions && !entry->error))
        return xt_journal_drop(state, err);
    return end_or_explain(
        state, entry, options && entry->nr_actions ? options->confirm_s : 0,
        err);
}

/* What is made at once begins here: all of it, or nothing. */
static int commit_made(const xt_engine *engine, const xtune_state *state,
                       xtune_error **err)
{
    int rc = 0;

    if (engine->nr_actions && xt_backend_is_atomic(engine->hands.backend))
        rc = xt_journal_note_begun(state, engine->nr_actions - 1, err);
    return rc ? rc : commit(engine->hands.backend, err);
}

static int run(xt_engine *engine, const xtune_state *state, xt_entry *entry,
               xt_results *results, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    size_t failed;
    int rc;

    rc = xt_engine_do(engine, results, &failed, &why);
    if (!rc) rc = commit_made(engine, state, &why);
    if (!rc) {
        keep_made(engine, results, entry);
        return end_applied(engine, state, entry, err);
    }
    if (undo_failed(engine, failed, entry, results->arena, &why)) {
        (void)xtune_pending_drop(state, NULL);
        (void)xt_journal_end(state, entry, NULL);
    }
    if (err) {
        xtune_error_free(*err);
        *err = why;
        why = NULL;
    }
    return rc;
}

/* What is to be confirmed is noted before the first change: what cannot be
 * noted is not begun. */
static int begin(const xtune_state *state, const xt_entry *entry,
                 const xtune_apply_options *options, xtune_error **err)
{
    int rc;

    rc = xt_journal_begin(state, entry, err);
    if (rc) return rc;
    rc = xt_pending_begin(state, entry, options, err);
    if (rc) (void)xt_journal_drop(state, NULL);
    return rc;
}

/* With room for what each of them keeps. */
static void set_actions(xt_engine *engine, xtune_arena *arena,
                        const xtune_action *actions, size_t nr)
{
    engine->actions = actions;
    engine->nr_actions = nr;
    engine->kept_in = arena;
    engine->kept = XTUNE_NEW_ARRAY(arena, const xt_json *, nr);
}

static int note_begun(void *opaque, size_t index, xtune_error **err)
{
    return xt_journal_note_begun(opaque, index, err);
}

static xt_engine make_engine(xtune_backend *backend, const xtune_state *state,
                             const xtune_apply_options *options)
{
    return (xt_engine){
        .hands = { .backend = backend,
                   .options = options,
                   .lock_fd = state->lock_fd },
        /* Where commit makes all at once none is begun before. */
        .begins = xt_backend_is_atomic(backend) ? NULL : note_begun,
        .opaque = (void *)state,
    };
}

int xtune_apply(xtune_backend *backend, xtune_state *state,
                const xtune_plan *plan, const xtune_apply_options *options,
                size_t *failed_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_engine engine = make_engine(backend, state, options);
    xt_results results = { .arena = arena };
    xt_entry entry = {
        .time = xt_journal_time(arena),
        .title = options && options->title ? options->title : "apply",
        .result = "running",
        .boot_id = state->boot_id,
        .host_sum = xt_host_sum(backend, arena),
        .actions = plan->actions,
        .nr_actions = plan->nr_actions,
    };
    int rc;

    if (failed_r) *failed_r = 0;
    if (!plan->nr_actions) return 0;
    set_actions(&engine, arena, plan->actions, plan->nr_actions);
    rc = refuse_if_interrupted(state, err);
    if (rc) return rc;
    rc = xt_pending_check(state, options, err);
    if (rc) return rc;
    rc = check_old(&engine, err);
    if (rc) return rc;
    rc = next_id(state, &entry.id, err);
    if (rc) return rc;
    rc = begin(state, &entry, options, err);
    if (rc) return rc;
    rc = run(&engine, state, &entry, &results, err);
    if (failed_r) *failed_r = results.nr_failed;
    return rc;
}

/* Rolling back. */

/* What it changed is gone with the domains and pools of that time, and what
 * has their names now is not what it was about; files alone are left. */
static int keep_lasting(xt_engine *engine, const xtune_state *state,
                        const xt_entry *entry, xtune_arena *arena,
                        xtune_error **err)
{
    if (!xt_state_is_other_boot(state, entry->boot_id)) return 0;
    engine->nr_actions = xt_lasting_actions(
        arena, engine->actions, engine->nr_actions, &engine->actions);
    if (engine->nr_actions) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, state->dir,
                           "see \"xltune history\"",
                           "nothing is left to roll back of change %u "
                           "(\"%s\"): the host was rebooted since",
                           entry->id, entry->title ? entry->title : "");
}

static bool has_kind(const xt_entry *entry, const char *kind)
{
    size_t i;

    for (i = 0; kind && i < entry->nr_actions; i++)
        if (!strcmp(entry->actions[i].kind, kind)) return true;
    return !kind;
}

/* Whether something is left of it that could be put back. */
static bool has_left(const xtune_state *state, const xt_entry *entry,
                     xtune_arena *arena)
{
    const xtune_action *lasting;

    return !xt_state_is_other_boot(state, entry->boot_id) ||
           xt_lasting_actions(arena, entry->actions, entry->nr_actions,
                              &lasting) > 0;
}

/* The newest entry that is still in force, with an action of this kind; kind
 * NULL: of any. One that a reboot left nothing of only where there is no
 * other. */
static int find_applied(const xtune_state *state, const char *kind,
                        xtune_arena *arena, xt_entry *entry_r,
                        xtune_error **err)
{
    unsigned int *ids;
    xt_entry entry;
    bool found = false;
    size_t nr;
    int rc;

    rc = xt_history_ids(state, arena, &ids, &nr, err);
    if (rc) return rc;
    while (nr-- > 0) {
        rc = xt_history_read_entry(state, ids[nr], arena, &entry, err);
        if (rc) return rc;
        if (strcmp(entry.result, "applied") != 0 || !has_kind(&entry, kind))
            continue;
        if (!found || has_left(state, &entry, arena)) *entry_r = entry;
        found = true;
        if (has_left(state, entry_r, arena)) return 0;
    }
    if (found) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, state->dir,
                           "see \"xltune history\"",
                           "there is nothing to roll back");
}

/* What stands for itself may have failed alone: the rest is rolled back. */
static int partly(const xt_results *results, xtune_error **err)
{
    if (!results->nr_failed)
        return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, "rollback",
                               "what is rolled back stays so; try again",
                               "stopped on request");
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, "rollback",
                           "the rest is rolled back; try again",
                           "%zu of the moves could not be undone: %s",
                           results->nr_failed, results->first);
}

/* What waits to be confirmed may be another change, that is newer; where
 * kinds were not asked for it is the newest that was rolled back. */
static void drop_pending_of(const xtune_state *state, unsigned int id,
                            bool is_newest)
{
    xtune_pending pending;
    bool found;
    int rc;

    rc = xtune_pending_read(state, &found, &pending, NULL);
    if (is_newest || (!rc && (!found || pending.id == id)))
        (void)xtune_pending_drop(state, NULL);
}

static int run_rollback(xt_engine *engine, const xtune_state *state,
                        const xt_entry *entry, xt_entry *applied,
                        xtune_arena *arena, xtune_error **err)
{
    xt_results results = { .arena = arena };
    xt_entry outcome = *entry;
    size_t failed, i;
    bool kept = false;
    int rc;

    rc = xt_journal_begin(state, entry, err);
    if (rc) return rc;
    rc = xt_engine_do(engine, &results, &failed, err);
    if (!rc) rc = commit_made(engine, state, err);
    if (rc) {
        if (undo_failed(engine, failed, &outcome, arena, err))
            (void)xt_journal_drop(state, NULL);
        return rc;
    }
    for (i = 0; i < engine->nr_actions; i++)
        kept = kept || results.kept[i];
    if (kept) {
        rc = xt_journal_drop(state, err);
        return rc ? rc : partly(&results, err);
    }
    applied->result = "rolled-back";
    applied->error =
        engine->hands.options ? engine->hands.options->reason : NULL;
    rc = end_or_explain(state, applied, 0, err);
    if (!rc)
        drop_pending_of(state, applied->id,
                        !engine->hands.options ||
                            !engine->hands.options->kind);
    return rc;
}

int xtune_rollback(xtune_backend *backend, xtune_state *state,
                   const xtune_apply_options *options, unsigned int *id_r,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_engine engine = make_engine(backend, state, options);
    xt_entry applied = { .id = 0 }, entry;
    const xtune_action *actions = NULL;
    size_t nr_actions = 0;
    int rc;

    rc = refuse_if_interrupted(state, err);
    if (rc) return rc;
    rc = find_applied(state, options ? options->kind : NULL, arena, &applied,
                      err);
    if (rc) return rc;
    engine.actions = applied.actions;
    engine.nr_actions = applied.nr_actions;
    rc = keep_lasting(&engine, state, &applied, arena, err);
    if (rc) return rc;
    rc = xt_reverse(&engine, arena, &actions, &nr_actions, err);
    if (rc) return rc;
    engine.hands.back = true;
    set_actions(&engine, arena, actions, nr_actions);
    entry = (xt_entry){
        .id = applied.id,
        .time = xt_journal_time(arena),
        .title = "rollback",
        .result = "running",
        .boot_id = state->boot_id,
        .host_sum = xt_host_sum(backend, arena),
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
