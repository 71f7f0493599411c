/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/engine.h"

#include "apply/kinds.h"
#include "base/json.h"
#include "base/util.h"

void xt_engine_progress(const xt_engine *engine, enum xtune_step step,
                        size_t index, const char *note)
{
    const xtune_apply_options *options = engine->options;

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
    rc = kind->read(engine->backend, action, arena, &value, err);
    if (rc) return rc;
    *value_r = value;
    return 0;
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
    if (xt_json_equal(value, action->old))
        *found_r = XT_FOUND_OLD;
    else if (xt_json_equal(value, action->new))
        *found_r = XT_FOUND_NEW;
    else
        *found_r = XT_FOUND_OTHER;
    return 0;
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

/* Writes a value and sees that it is there. */
static int write_value(const xt_engine *engine, size_t index,
                       const xt_json *value, xtune_arena *arena,
                       const char **note_r, xtune_error **err)
{
    const xtune_action *action = &engine->actions[index];
    const xt_action_kind *kind;
    xt_json *now;
    int rc;

    rc = kind_of(action, &kind, err);
    if (rc) return rc;
    rc = kind->write(engine->backend, action, value, arena, note_r, err);
    if (rc) return rc;
    rc = kind->read(engine->backend, action, arena, &now, err);
    if (rc) return rc;
    if (xt_json_equal(now, value)) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, 0, action->object, NULL,
                           "the host said that it was changed, but it was "
                           "not");
}

static bool told_to_stop(const xt_engine *engine)
{
    return engine->options && engine->options->stop && *engine->options->stop;
}

int xt_engine_do(const xt_engine *engine, size_t *failed_r, xtune_error **err)
{
    size_t i;
    int rc;

    for (i = 0; i < engine->nr_actions; i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const char *note = NULL;

        *failed_r = i;
        if (told_to_stop(engine))
            return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0,
                                   engine->actions[i].object, NULL,
                                   "stopped on request before this change");
        rc = write_value(engine, i, engine->actions[i].new, arena, &note, err);
        if (rc) {
            xt_engine_progress(engine, XTUNE_STEP_FAILED, i, NULL);
            return rc;
        }
        xt_engine_progress(engine, XTUNE_STEP_DONE, i, note);
    }
    *failed_r = engine->nr_actions;
    return 0;
}

/* Puts one object back. */
static int undo_one(const xt_engine *engine, size_t index, bool overrule,
                    xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *note = NULL;
    enum xt_found found = XT_FOUND_GONE;
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
        return 0;
    }
    rc = write_value(engine, index, engine->actions[index].old, arena, &note,
                     err);
    if (!rc) xt_engine_progress(engine, XTUNE_STEP_UNDONE, index, NULL);
    return rc;
}

int xt_engine_undo(const xt_engine *engine, size_t nr, bool overrule,
                   size_t *left_r, xtune_error **err)
{
    size_t i;
    int rc = 0;

    *left_r = 0;
    for (i = nr; i-- > 0;) {
        XT_CLEANUP_ERROR xtune_error *why = NULL;
        const int r = undo_one(engine, i, overrule, &why);

        if (!r) continue;
        xt_engine_progress(engine, XTUNE_STEP_LEFT, i, why->message);
        if (!(*left_r)++)
            rc = xtune_error_set(err, r, why->errnum, why->object, why->hint,
                                 "%s", why->message);
    }
    return rc;
}
