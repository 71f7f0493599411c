/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Trying actions on a copy of the host: a host in memory refuses what Xen
 * refuses, so that it shows which of them hang on what is to stay as it is.
 */
#include <string.h>

#include "apply/reverse.h"
#include "backend/backend.h"
#include "base/util.h"

/* What those that are to stay are at first; NULL: they are gone. */
static const xt_json **values_of(const xt_engine *to_stay, xtune_arena *arena)
{
    const xt_json **values =
        XTUNE_NEW_ARRAY(arena, const xt_json *, to_stay->nr_actions);
    size_t i;

    for (i = 0; i < to_stay->nr_actions; i++)
        if (xt_engine_value(to_stay, i, arena, &values[i], NULL))
            values[i] = NULL;
    return values;
}

/* The first that is not as it was; NULL where there is none. */
static const char *find_changed(const xt_engine *to_stay,
                                const xt_json *const *values)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_json *now;
    size_t i;

    for (i = 0; i < to_stay->nr_actions; i++)
        if (values[i] && !xt_engine_value(to_stay, i, arena, &now, NULL) &&
            !xt_json_equal(values[i], now))
            return to_stay->actions[i].object;
    return NULL;
}

/* NULL: it can be made. Moves of memory stand for themselves, and are no
 * matter here where they fail. */
static const char *why_not(const xt_engine *engine, size_t index,
                           const xt_engine *to_stay,
                           const xt_json *const *values, xtune_arena *arena)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_results results = { .arena = arena };
    xt_engine one = *engine;
    const char *object;
    size_t failed;

    one.actions = &engine->actions[index];
    one.nr_actions = 1;
    if (xt_engine_do(&one, &results, &failed, &why))
        return xtune_arena_printf(arena, "%s: %s", why->object, why->message);
    /* Only those of CPUs change what they are not about. */
    if (strcmp(one.actions->kind, "cpupool-cpus") != 0) return NULL;
    object = find_changed(to_stay, values);
    return object ? xtune_arena_printf(arena, "%s needs it", object) : NULL;
}

int xt_rehearse(const xt_engine *engine, const xt_engine *to_stay,
                const xtune_host *host, xtune_arena *arena, size_t *failed_r,
                const char **why_r, xtune_error **err)
{
    xt_engine trial = { .actions = engine->actions,
                        .nr_actions = engine->nr_actions };
    xt_engine staying = { .actions = to_stay->actions,
                          .nr_actions = to_stay->nr_actions };
    const xt_json **values;
    xtune_backend *copy;
    size_t i;
    int rc;

    rc = xt_backend_open_copy(host, &copy, err);
    if (rc) return rc;
    trial.hands = staying.hands = (xt_hands){ .backend = copy, .lock_fd = -1 };
    trial.hands.back = true;
    values = values_of(&staying, arena);
    *why_r = NULL;
    for (i = 0; i < trial.nr_actions; i++) {
        *why_r = why_not(&trial, i, &staying, values, arena);
        if (*why_r) break;
    }
    *failed_r = i;
    xtune_backend_close(copy);
    return 0;
}
