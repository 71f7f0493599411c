/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making and undoing a list of actions: what apply, rollback and recover
 * share. It knows no journals. */
#ifndef XT_ENGINE_H
#define XT_ENGINE_H

#include <xtune/apply.h>

#include "apply/kinds.h"

typedef struct xt_engine {
    xt_hands hands;
    const xtune_action *actions;
    size_t nr_actions;
    /*
     * Told before an action is begun whose object others before it have
     * changed: only by that can be seen afterwards whether it was. NULL: it
     * need not be kept.
     */
    int (*begins)(void *opaque, size_t index, xtune_error **err);
    void *opaque;
    /* By index: what was made of it had before, as its kind keeps it (see
     * xtune_action), in an arena that outlives this; NULL: nothing is kept. */
    xtune_arena *kept_in;
    const xt_json **kept;
    size_t nr_begun; /* undo: of those actions the ones from here on were not;
                        nr_actions where that is not known */
} xt_engine;

/* What came of the actions that stand for themselves. */
typedef struct xt_results {
    xtune_arena *arena;
    bool *kept;           /* by index: it was not made, and that is no reason
                             to undo the others */
    const xt_json **took; /* by index, see xtune_action */
    size_t nr_failed;
    const char *first; /* about the first that failed; NULL */
} xt_results;

/* Looks at the object of one action. */
int xt_engine_look(const xt_engine *engine, size_t index,
                   enum xt_found *found_r, xtune_error **err);

/* What the object of one action is now, in the arena. */
int xt_engine_value(const xt_engine *engine, size_t index, xtune_arena *arena,
                    const xt_json **value_r, xtune_error **err);

/* The error for an object that is not as it was. */
int xt_engine_changed(const xt_engine *engine, size_t index,
                      enum xt_found found, xtune_error **err);

/* Whether it stands for itself: see xt_action_kind. */
bool xt_engine_is_alone(const xt_engine *engine, size_t index);

/* The last action before this one on the same object; index where there is
 * none. Only of those that stand for themselves. */
size_t xt_engine_before(const xt_engine *engine, size_t index);

/*
 * Makes the actions in order, each read back. On failure, or when told to
 * stop, *failed_r is the index of the action that was not made, or perhaps
 * was half made. What stands for itself never makes it fail.
 */
int xt_engine_do(xt_engine *engine, xt_results *results, size_t *failed_r,
                 xtune_error **err);

/* Makes the actions from first to last - 1, all of which stand for
 * themselves. */
void xt_engine_do_alone(xt_engine *engine, xt_results *results, size_t first,
                        size_t last);

/* Whether the object is as wanted; an error where it is not. */
int xt_engine_verify(const xt_engine *engine, size_t index,
                     enum xt_found wanted, xtune_error **err);

/* Whether it was asked to stop. */
bool xt_engine_is_stopped(const xt_engine *engine);

/*
 * Puts old back, last first, for the first nr actions whose objects are not
 * as they were, but for those that stand for themselves. Goes on past
 * failures; *left_r counts the objects that were not put back, and err is
 * about the first that could not be. An object that another hand changed
 * (XT_FOUND_OTHER) is put back only where overrule is set, else it is left,
 * which is no error.
 */
int xt_engine_undo(const xt_engine *engine, size_t nr, bool overrule,
                   size_t *left_r, xtune_error **err);

void xt_engine_progress(const xt_engine *engine, enum xtune_step step,
                        size_t index, const char *note);

#endif
