/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/engine.h"

#include <string.h>

#include "base/util.h"

void xt_engine_progress(const xt_engine *engine, enum xtune_step step,
                        size_t index, const char *note)
{
    const xtune_apply_options *options = engine->hands.options;

    if (options && options->progress)
        options->progress(options->opaque, step, &engine->actions[index],
                          index, engine->nr_actions, note);
}

static int kind_of(const xtune_action *action, const xt_action_kind **kind_r,
                   xtune_error **err)
{
    *kind_r = xt_action_kind_find(action->kind);
    if (*kind_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, action->object, NULL,
                           "this xltune knows no action \"%s\"", action->kind);
}

int xt_engine_value(const xt_engine *engine, size_t index, xtune_arena *arena,
                    const xt_json **value_r, xtune_error **err)
{
    const xtune_action *action = &engine->actions[index];
    const xt_action_kind *kind;
    xt_json *value;
    int rc;

    rc = kind_of(action, &kind, err);
    if (rc) return rc;
    rc = kind->read(&engine->hands, action, arena, &value, err);
    if (rc) return rc;
    *value_r = value;
    return 0;
}

/* The kind is known: its object was read. */
static enum xt_found compare(const xtune_action *action, const xt_json *now)
{
    const xt_action_kind *kind = xt_action_kind_find(action->kind);

    if (kind->compare) return kind->compare(action, now);
    if (xt_json_equal(now, action->old)) return XT_FOUND_OLD;
    if (xt_json_equal(now, action->new)) return XT_FOUND_NEW;
    return XT_FOUND_OTHER;
}

int xt_engine_look(const xt_engine *engine, size_t index,
                   enum xt_found *found_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_action *action = &engine->actions[index];
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xt_json *value;
    int rc;

    rc = xt_engine_value(engine, index, arena, &value, &why);
    if (rc == XTUNE_ERR_NOT_FOUND) {
        *found_r = XT_FOUND_GONE;
        return 0;
    }
    if (rc)
        return xtune_error_set(err, rc, why->errnum, why->object, why->hint,
                               "%s", why->message);
    *found_r = compare(action, value);
    return 0;
}

bool xt_engine_is_alone(const xt_engine *engine, size_t index)
{
    const xt_action_kind *kind =
        xt_action_kind_find(engine->actions[index].kind);

    return kind && kind->alone;
}

size_t xt_engine_before(const xt_engine *engine, size_t index)
{
    const xtune_action *action = &engine->actions[index];
    size_t i;

    for (i = index; xt_engine_is_alone(engine, index) && i-- > 0;)
        if (xt_action_same_object(&engine->actions[i], action)) return i;
    return index;
}

int xt_engine_changed(const xt_engine *engine, size_t index,
                      enum xt_found found, xtune_error **err)
{
    const char *object = engine->actions[index].object;

    if (found == XT_FOUND_GONE)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, object,
                               "nothing was changed; plan again",
                               "it is no longer there");
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, object,
                           "nothing was changed; plan again",
                           "it was changed by another hand meanwhile");
}

int xt_engine_verify(const xt_engine *engine, size_t index,
                     enum xt_found wanted, xtune_error **err)
{
    const char *object = engine->actions[index].object;
    enum xt_found found = XT_FOUND_GONE;
    int rc;

    rc = xt_engine_look(engine, index, &found, err);
    if (rc || found == wanted) return rc;
    if (found == XT_FOUND_GONE)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, object, NULL,
                               "it has gone meanwhile");
    return xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL,
                           "the host said that it was changed, but it was "
                           "not");
}

/* Writes old or new and sees that it is there. */
static int write_value(const xt_engine *engine, size_t index, bool back,
                       xtune_arena *arena, xt_made *made, xtune_error **err)
{
    xtune_action action = engine->actions[index];
    const xt_action_kind *kind;
    int rc;

    *made = (xt_made){ .note = NULL };
    rc = kind_of(&action, &kind, err);
    if (rc) return rc;
    /* What an action has with it belongs to the change that it takes back. */
    if (back) action.kept = engine->kept ? engine->kept[index] : NULL;
    rc = kind->write(&engine->hands, &action, back ? action.old : action.new,
                     arena, made, err);
    if (made->kept && engine->kept && !back)
        engine->kept[index] = xt_json_copy(engine->kept_in, made->kept);
    if (rc || made->as_is) return rc;
    return xt_engine_verify(engine, index, back ? XT_FOUND_OLD : XT_FOUND_NEW,
                            err);
}

bool xt_engine_is_stopped(const xt_engine *engine)
{
    const xtune_apply_options *options = engine->hands.options;

    return options && options->stop && *options->stop;
}

/* It is looked at now, where it could not be before the first change. */
static int begin_one(const xt_engine *engine, size_t index, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    int rc;

    if (!engine->actions[index].after_others) return 0;
    rc = xt_engine_look(engine, index, &found, err);
    if (rc) return rc;
    if (found != XT_FOUND_OLD)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0,
                               engine->actions[index].object, NULL,
                               "it is not as the changes before this one "
                               "were to leave it");
    return engine->begins ? engine->begins(engine->opaque, index, err) : 0;
}

static bool is_gone(const xt_engine *engine, size_t index)
{
    enum xt_found found = XT_FOUND_OTHER;

    return !xt_engine_look(engine, index, &found, NULL) &&
           found == XT_FOUND_GONE;
}

/* One that the others depend on. */
static int do_one(const xt_engine *engine, size_t index, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_made made;
    int rc;

    if (xt_engine_is_stopped(engine))
        return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0,
                               engine->actions[index].object, NULL,
                               "stopped on request before this change");
    rc = begin_one(engine, index, &why);
    if (!rc) rc = write_value(engine, index, false, arena, &made, &why);
    if (rc && engine->hands.back && is_gone(engine, index)) {
        xt_engine_progress(engine, XTUNE_STEP_GONE, index, NULL);
        return 0;
    }
    xt_engine_progress(engine, rc ? XTUNE_STEP_FAILED : XTUNE_STEP_DONE, index,
                       rc ? NULL : made.note);
    if (!rc) return 0;
    return xtune_error_set(err, rc, why->errnum, why->object, why->hint, "%s",
                           why->message);
}

int xt_engine_do(xt_engine *engine, xt_results *results, size_t *failed_r,
                 xtune_error **err)
{
    size_t i, end;
    int rc;

    results->kept = XTUNE_NEW_ARRAY(results->arena, bool, engine->nr_actions);
    results->took =
        XTUNE_NEW_ARRAY(results->arena, const xt_json *, engine->nr_actions);
    for (i = 0; i < engine->nr_actions; i = end) {
        *failed_r = i;
        end = i;
        while (end < engine->nr_actions && xt_engine_is_alone(engine, end))
            end++;
        if (end > i) {
            xt_engine_do_alone(engine, results, i, end);
            continue;
        }
        end = i + 1;
        rc = do_one(engine, i, err);
        if (rc) return rc;
    }
    *failed_r = engine->nr_actions;
    return 0;
}

/* Puts one object back; or counts it where another hand's is left. */
static int undo_one(const xt_engine *engine, size_t index, bool overrule,
                    size_t *left, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    enum xt_found found = XT_FOUND_GONE;
    xt_made made;
    int rc;

    rc = xt_engine_look(engine, index, &found, err);
    if (rc) return rc;
    if (found == XT_FOUND_OLD) return 0;
    if (found == XT_FOUND_GONE) {
        xt_engine_progress(engine, XTUNE_STEP_GONE, index, NULL);
        return 0;
    }
    if (found == XT_FOUND_OTHER && !overrule) {
        xt_engine_progress(engine, XTUNE_STEP_LEFT, index,
                           "another hand changed it; it is left as it is");
        (*left)++;
        return 0;
    }
    rc = write_value(engine, index, true, arena, &made, err);
    if (!rc)
        xt_engine_progress(engine, XTUNE_STEP_UNDONE, index,
                           made.as_is ? made.note : NULL);
    return rc;
}

static bool was_begun(const xt_engine *engine, size_t index)
{
    return !engine->actions[index].after_others || index < engine->nr_begun;
}

int xt_engine_undo(const xt_engine *engine, size_t nr, bool overrule,
                   size_t *left_r, xtune_error **err)
{
    xt_engine undoing = *engine;
    size_t i;
    int rc = 0;

    undoing.hands.back = true;
    *left_r = 0;
    for (i = nr; i-- > 0;) {
        XT_CLEANUP_ERROR xtune_error *why = NULL;
        int r;

        if (xt_engine_is_alone(engine, i) || !was_begun(engine, i)) continue;
        r = undo_one(&undoing, i, overrule, left_r, &why);
        /* A domain on its way out is there until one wants something of it. */
        if (r == XTUNE_ERR_NOT_FOUND)
            xt_engine_progress(engine, XTUNE_STEP_GONE, i, NULL);
        if (!r || r == XTUNE_ERR_NOT_FOUND) continue;
        xt_engine_progress(engine, XTUNE_STEP_LEFT, i, why->message);
        (*left_r)++;
        if (!rc)
            rc = xtune_error_set(err, r, why->errnum, why->object, why->hint,
                                 "%s", why->message);
    }
    return rc;
}
