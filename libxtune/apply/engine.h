/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making and undoing a list of actions: what apply, rollback and recover
 * share. It knows neither journals nor kinds. */
#ifndef XT_ENGINE_H
#define XT_ENGINE_H

#include <xtune/apply.h>

/* How an object is, against an action on it. */
enum xt_found {
    XT_FOUND_OLD,   /* as before the action */
    XT_FOUND_NEW,   /* as after it */
    XT_FOUND_OTHER, /* neither: another hand was there */
    XT_FOUND_GONE,  /* it is no more */
};

typedef struct xt_engine {
    xtune_backend *backend;
    const xtune_apply_options *options;
    const xtune_action *actions;
    size_t nr_actions;
} xt_engine;

/* Looks at the object of one action. */
int xt_engine_look(const xt_engine *engine, size_t index,
                   enum xt_found *found_r, xtune_error **err);

/* What the object of one action is now, in the arena. */
int xt_engine_value(const xt_engine *engine, size_t index, xtune_arena *arena,
                    const struct xt_json **value_r, xtune_error **err);

/* The error for an object that is not as it was. */
int xt_engine_changed(const xt_engine *engine, size_t index,
                      enum xt_found found, xtune_error **err);

/*
 * Makes the actions in order, each read back. On failure, or when told to
 * stop, *failed_r is the index of the action that was not made, or perhaps
 * was half made.
 */
int xt_engine_do(const xt_engine *engine, size_t *failed_r, xtune_error **err);

/*
 * Puts old back, last first, for the first nr actions whose objects are not
 * as they were. Goes on past failures; *left_r counts the objects that could
 * not be put back, and err is about the first of them. An object that another
 * hand changed (XT_FOUND_OTHER) is put back only where overrule is set, else
 * it is left, and not counted.
 */
int xt_engine_undo(const xt_engine *engine, size_t nr, bool overrule,
                   size_t *left_r, xtune_error **err);

void xt_engine_progress(const xt_engine *engine, enum xtune_step step,
                        size_t index, const char *note);

#endif
