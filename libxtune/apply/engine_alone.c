/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Actions that stand for themselves, and take their time: so many at a time,
 * within a budget. One that fails leaves its object as it was, and no other.
 */
#include <errno.h>

#include "apply/engine.h"
#include "backend/backend.h"
#include "base/util.h"

typedef struct runner {
    xt_engine *engine;
    xt_results *results;
    size_t at_once;
    unsigned int moves; /* begun so far */
    uint64_t bytes, started_ms;
    bool left;     /* one was left for another time */
    size_t agreed; /* actions below this are within the budget */
} runner;

static const xt_action_kind *kind_at(const runner *r, size_t index)
{
    return xt_action_kind_find(r->engine->actions[index].kind);
}

/* What is copied, by what the action says. */
static uint64_t bytes_of(const xtune_action *action)
{
    const xt_json *sizes = xt_json_get(action->new, "memory_by_node_kb");
    uint64_t sum = 0, kb;
    size_t i;

    for (i = 0; sizes && i < sizes->nr; i++)
        if (xt_json_to_u64(sizes->items[i], UINT64_MAX >> 20, &kb)) sum += kb;
    return sum * 1024;
}

/* Behind the last action on the same object, and on those between: what makes
 * room for others is not begun if there is no budget for them, and for it to
 * go on. */
static size_t end_of(const runner *r, size_t index)
{
    size_t end = index + 1, before, i;

    for (i = end; i < r->engine->nr_actions; i++) {
        before = xt_engine_before(r->engine, i);
        if (before >= index && before < end) end = i + 1;
    }
    return end;
}

/* Why the actions from this one to the end are not to begin; NULL where they
 * are. */
static const char *over_budget(const runner *r, size_t index, size_t end)
{
    const xtune_apply_options *options = r->engine->hands.options;
    uint64_t bytes = r->bytes;
    size_t i;

    for (i = index; i < end; i++)
        bytes += bytes_of(&r->engine->actions[i]);
    if (options->max_moves && r->moves + (end - index) > options->max_moves)
        return "left for another time: as many moves as were allowed are made";
    if (options->max_bytes && bytes > options->max_bytes)
        return "left for another time: it would copy more than was allowed";
    if (options->max_ms && xt_now_ms() - r->started_ms >= options->max_ms)
        return "left for another time: the time allowed is over";
    return NULL;
}

/* Why it is not to begin; NULL where it is. */
static const char *why_kept(runner *r, size_t index)
{
    const size_t before = xt_engine_before(r->engine, index);
    const size_t end = end_of(r, index);
    const char *why;

    if (before != index && r->results->kept[before])
        return "the move before it was not made";
    if (!r->engine->hands.options) return NULL;
    if (xt_engine_is_stopped(r->engine)) return "stopped on request";
    if (index < r->agreed) return NULL;
    why = over_budget(r, index, end);
    if (why)
        r->left = true;
    else
        r->agreed = end;
    return why;
}

/* What failed may have been made all the same. */
static bool made_after_all(const runner *r, size_t index)
{
    return !xt_engine_verify(r->engine, index, XT_FOUND_NEW, NULL);
}

static void keep(const runner *r, size_t index, enum xtune_step step,
                 const char *note)
{
    r->results->kept[index] = true;
    xt_engine_progress(r->engine, step, index, note);
}

static void fail(const runner *r, size_t index, const xtune_error *why)
{
    xt_results *results = r->results;

    if (!results->nr_failed++)
        results->first = xtune_arena_printf(results->arena, "%s: %s",
                                            why->object, why->message);
    keep(r, index, XTUNE_STEP_FAILED, why->message);
}

/* False: not while others are under way. */
static bool begin(runner *r, size_t index)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_hands *hands = &r->engine->hands;
    xt_job *job = &hands->jobs[hands->nr_jobs];
    const char *note = why_kept(r, index);
    int rc;

    if (note) {
        keep(r, index, XTUNE_STEP_KEPT, note);
        return true;
    }
    *job = (xt_job){ .arena = xtune_arena_new(), .index = index };
    rc =
        kind_at(r, index)->begin(hands, &r->engine->actions[index], job, &why);
    if (!rc) {
        r->moves++;
        r->bytes += bytes_of(&r->engine->actions[index]);
        hands->nr_jobs++;
        return true;
    }
    xtune_arena_free(job->arena);
    if (rc == XTUNE_ERR_BUSY && hands->nr_jobs) return false;
    if (r->left && why->errnum == ENOMEM)
        keep(r, index, XTUNE_STEP_KEPT,
             "left for another time: it needs the room of one that was left");
    else
        fail(r, index, why);
    return true;
}

/* One of those that are under way has ended. */
static void end(runner *r, size_t number)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_hands *hands = &r->engine->hands;
    xt_job job = hands->jobs[number];
    xt_made made = { .note = NULL };
    int rc;

    hands->jobs[number] = hands->jobs[--hands->nr_jobs];
    rc = kind_at(r, job.index)
             ->end(hands, &r->engine->actions[job.index], &job,
                   r->results->arena, &made, &why);
    xtune_arena_free(job.arena);
    if (!rc) rc = xt_engine_verify(r->engine, job.index, XT_FOUND_NEW, &why);
    if (rc && !made_after_all(r, job.index)) {
        fail(r, job.index, why);
        return;
    }
    hands->after_move = true;
    r->results->took[job.index] = made.took;
    xt_engine_progress(r->engine, XTUNE_STEP_DONE, job.index,
                       rc ? why->message : made.note);
}

static void wait_for_one(runner *r)
{
    XT_CLEANUP_FREE xt_moving **moving =
        xt_xrealloc(NULL, r->at_once, sizeof(xt_moving *));
    xt_hands *hands = &r->engine->hands;
    size_t i;

    for (i = 0; i < hands->nr_jobs; i++)
        moving[i] = hands->jobs[i].moving;
    end(r, hands->backend->ops->wait_moves(hands->backend, moving,
                                           hands->nr_jobs));
}

/* Whether the one before it on the same object is still under way. */
static bool must_wait(const runner *r, size_t index)
{
    const xt_hands *hands = &r->engine->hands;
    const size_t before = xt_engine_before(r->engine, index);
    size_t i;

    if (hands->nr_jobs == r->at_once) return true;
    for (i = 0; before != index && i < hands->nr_jobs; i++)
        if (hands->jobs[i].index == before) return true;
    return false;
}

void xt_engine_do_alone(xt_engine *engine, xt_results *results, size_t first,
                        size_t last)
{
    const xtune_apply_options *options = engine->hands.options;
    runner r = {
        .engine = engine,
        .results = results,
        .at_once =
            options && options->moves_at_once ? options->moves_at_once : 1,
        .started_ms = xt_now_ms(),
    };
    size_t i;

    engine->hands.jobs =
        XTUNE_NEW_ARRAY(results->arena, xt_job, r.at_once + 1);
    for (i = first; i < last;) {
        if (must_wait(&r, i) || !begin(&r, i))
            wait_for_one(&r);
        else
            i++;
    }
    while (engine->hands.nr_jobs)
        wait_for_one(&r);
}
