/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/reverse.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

/* All by the index of the applied action. */
typedef struct reversal {
    const xt_engine *applied;
    xtune_arena *arena;
    xtune_action *turned;
    bool *listed;  /* it is to be put back */
    bool *dropped; /* it is not, and neither is what belongs to it */
    bool *stays;   /* another hand changed it, and it is left so */
    size_t nr_staying;
} reversal;

static bool is_forced(const reversal *r)
{
    return r->applied->hands.options && r->applied->hands.options->force;
}

static bool leaves_changed(const reversal *r)
{
    return r->applied->hands.options &&
           r->applied->hands.options->leave_changed;
}

static xtune_action turn_round(const xtune_action *action)
{
    xtune_action turned = *action;

    turned.old = action->new;
    turned.new = action->old;
    turned.after_others = action->before_others;
    turned.before_others = action->after_others;
    turned.took = NULL;
    return turned;
}

/* One action that does not hang on others. */
static bool is_listed_already(const reversal *r, size_t index)
{
    const xtune_action *action = &r->applied->actions[index];
    size_t i;

    for (i = index + 1; i < r->applied->nr_actions; i++)
        if (r->listed[i] &&
            !strcmp(r->applied->actions[i].kind, action->kind) &&
            !strcmp(r->applied->actions[i].object, action->object))
            return true;
    return false;
}

static void drop(reversal *r, size_t index)
{
    size_t i;

    xt_drop_group(r->applied, index, r->dropped);
    for (i = 0; i < r->applied->nr_actions; i++)
        if (r->dropped[i]) r->listed[i] = false;
}

/* Another hand has changed the object of an action. *forced_r: it is to be
 * put back all the same. */
static int meet_change(reversal *r, size_t index, bool *forced_r,
                       xtune_error **err)
{
    *forced_r = false;
    if (leaves_changed(r)) {
        xt_engine_progress(r->applied, XTUNE_STEP_LEFT, index, NULL);
        r->stays[index] = true;
        r->nr_staying++;
        drop(r, index);
        return 0;
    }
    if (!is_forced(r))
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0,
                               r->applied->actions[index].object,
                               "--force puts back the old value all the same",
                               "it was changed by another hand since; nothing "
                               "was rolled back");
    *forced_r = true;
    return 0;
}

static void meet_gone(reversal *r, size_t index)
{
    xt_engine_progress(r->applied, XTUNE_STEP_GONE, index, NULL);
    drop(r, index);
}

/* The last on its object. */
static int reverse_last(reversal *r, size_t index, xtune_error **err)
{
    enum xt_found found = XT_FOUND_GONE;
    bool forced = false;
    int rc;

    rc = xt_engine_look(r->applied, index, &found, err);
    if (rc) return rc;
    r->listed[index] = found != XT_FOUND_GONE && found != XT_FOUND_OLD;
    if (found == XT_FOUND_GONE) meet_gone(r, index);
    if (found != XT_FOUND_OTHER) return 0;
    rc = meet_change(r, index, &forced, err);
    if (rc || !forced) return rc;
    return xt_engine_value(r->applied, index, r->arena, &r->turned[index].old,
                           err);
}

/*
 * The last of those that move a domain to a pool may have steps after it, for
 * some of its vCPUs; the others are to be as it has left them.
 */

static bool is_of_domain(const reversal *r, size_t index, size_t other,
                         const char *kind)
{
    const xtune_action *a = &r->applied->actions[index];
    const xtune_action *b = &r->applied->actions[other];
    const xt_json *x = xt_json_get(a->target, "uuid");
    const xt_json *y = xt_json_get(b->target, "uuid");

    return !strcmp(b->kind, kind) && x && y && xt_json_equal(x, y);
}

static bool is_last_move(const reversal *r, size_t index)
{
    size_t i;

    if (strcmp(r->applied->actions[index].kind, "domain-cpupool") != 0)
        return false;
    for (i = index + 1; i < r->applied->nr_actions; i++)
        if (is_of_domain(r, index, i, "domain-cpupool")) return false;
    return true;
}

static void set_masks(xt_json *value, uint64_t vcpu, const xt_json *masks)
{
    const xt_json *vcpus = xt_json_get(value, "vcpus");

    if (vcpus && vcpu < vcpus->nr && masks)
        vcpus->items[vcpu] = (xt_json *)masks;
}

static const xt_json *masks_in(const xt_json *value, uint64_t vcpu)
{
    const xt_json *vcpus = xt_json_get(value, "vcpus");

    return vcpus && vcpu < vcpus->nr ? vcpus->items[vcpu] : NULL;
}

/* What the pool that the move led to is called when all is made. */
static const xt_json *name_at_last(const reversal *r, size_t index)
{
    const xt_json *name =
        xt_json_get(r->applied->actions[index].new, "cpupool");
    size_t i;

    for (i = index + 1; name && i < r->applied->nr_actions; i++) {
        const xtune_action *step = &r->applied->actions[i];

        if (!strcmp(step->kind, "cpupool-name") &&
            xt_json_equal(step->old, name))
            name = step->new;
    }
    return name;
}

static void replace_name(xt_json *value, const xt_json *from,
                         const xt_json *to)
{
    size_t i;

    for (i = 0; from && to && value->keys && i < value->nr; i++)
        if (!strcmp(value->keys[i], "cpupool") &&
            xt_json_equal(value->items[i], from))
            value->items[i] = (xt_json *)to;
}

/* A copy of a value with what the steps after the move make of its vCPUs, and
 * of its pool's name; back: with what these had before those steps. */
static xt_json *with_steps(const reversal *r, size_t index,
                           const xt_json *value, bool back)
{
    const xtune_action *move = &r->applied->actions[index];
    const xt_json *name = xt_json_get(move->new, "cpupool");
    const xt_json *last = name_at_last(r, index);
    xt_json *copy = xt_json_copy(r->arena, value);
    uint64_t vcpu;
    size_t i;

    replace_name(copy, back ? last : name, back ? name : last);
    for (i = index + 1; i < r->applied->nr_actions; i++) {
        const xtune_action *step = &r->applied->actions[i];

        if (!is_of_domain(r, index, i, "vcpu-affinity") ||
            !xt_json_to_u64(xt_json_get(step->target, "vcpu"), UINT32_MAX,
                            &vcpu))
            continue;
        set_masks(copy, vcpu, back ? masks_in(move->new, vcpu) : step->new);
    }
    return copy;
}

static int reverse_move(reversal *r, size_t index, xtune_error **err)
{
    /* Turned round: what is expected counts, whatever it was before. */
    xtune_action expected = turn_round(&r->applied->actions[index]);
    enum xt_found found = XT_FOUND_GONE;
    xt_engine probe = *r->applied;
    const xt_json *now;
    bool forced = false;
    int rc;

    expected.old = with_steps(r, index, expected.old, false);
    probe.actions = &expected;
    probe.nr_actions = 1;
    rc = xt_engine_look(&probe, 0, &found, err);
    if (rc) return rc;
    r->listed[index] = found != XT_FOUND_GONE;
    if (found == XT_FOUND_GONE) meet_gone(r, index);
    if (found == XT_FOUND_GONE || found == XT_FOUND_OLD) return 0;
    rc = meet_change(r, index, &forced, err);
    if (rc || !forced) return rc;
    rc = xt_engine_value(&probe, 0, r->arena, &now, err);
    if (rc) return rc;
    r->turned[index].old = with_steps(r, index, now, true);
    return 0;
}

static int reverse_one(reversal *r, size_t index, xtune_error **err)
{
    const xtune_action *action = &r->applied->actions[index];

    r->turned[index] = turn_round(action);
    if (r->dropped[index]) return 0;
    if (action->before_others && is_last_move(r, index))
        return reverse_move(r, index, err);
    /*
     * What others have changed further is looked at when its turn comes. A
     * domain that was moved by way of a third node goes back the same way, for
     * the room on the direct one is not there before the others have moved.
     */
    if (action->before_others || (xt_engine_is_alone(r->applied, index) &&
                                  is_listed_already(r, index))) {
        r->listed[index] = true;
        return 0;
    }
    return reverse_last(r, index, err);
}

/* Those that are listed, last first; *indices_r is where they come from. */
static void collect(const reversal *r, const xtune_action **actions_r,
                    size_t *nr_r, size_t **indices_r)
{
    const size_t nr = r->applied->nr_actions;
    xtune_action *actions = XTUNE_NEW_ARRAY(r->arena, xtune_action, nr);
    size_t i;

    *indices_r = XTUNE_NEW_ARRAY(r->arena, size_t, nr);
    *nr_r = 0;
    for (i = nr; i-- > 0;) {
        if (!r->listed[i]) continue;
        (*indices_r)[*nr_r] = i;
        actions[(*nr_r)++] = r->turned[i];
    }
    *actions_r = actions;
}

static xt_engine staying(const reversal *r)
{
    xtune_action *actions =
        XTUNE_NEW_ARRAY(r->arena, xtune_action, r->nr_staying);
    xt_engine engine = { .actions = actions };
    size_t i;

    for (i = 0; i < r->applied->nr_actions; i++)
        if (r->stays[i]) actions[engine.nr_actions++] = r->turned[i];
    return engine;
}

/* It hangs on what stays. */
static void leave_as_well(reversal *r, size_t index, const char *why)
{
    XT_CLEANUP_FREE bool *before =
        xt_xrealloc(NULL, r->applied->nr_actions, sizeof(*before));
    size_t i;

    memcpy(before, r->listed, r->applied->nr_actions * sizeof(*before));
    drop(r, index);
    for (i = r->applied->nr_actions; i-- > 0;)
        if (before[i] && !r->listed[i])
            xt_engine_progress(r->applied, XTUNE_STEP_LEFT, i, why);
}

/* Leaves what cannot be put back while what stays is as it is: the pool of a
 * domain, its last CPU, and whatever would need those. */
static int leave_needed(reversal *r, const xtune_action **actions_r,
                        size_t *nr_r, xtune_error **err)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL,
                                 .residency = XTUNE_RESIDENCY_SKIP };
    const xt_engine to_stay = staying(r);
    xt_engine engine = { .actions = NULL };
    const char *why = NULL;
    size_t failed = 0, *indices;
    xtune_host *host;
    int rc;

    rc = xtune_backend_observe(r->applied->hands.backend, &what, &host, err);
    if (rc) return rc;
    for (;;) {
        collect(r, &engine.actions, &engine.nr_actions, &indices);
        rc =
            xt_rehearse(&engine, &to_stay, host, r->arena, &failed, &why, err);
        if (rc || failed == engine.nr_actions) break;
        leave_as_well(r, indices[failed], why);
    }
    xtune_host_free(host);
    *actions_r = engine.actions;
    *nr_r = engine.nr_actions;
    return rc;
}

int xt_reverse(const xt_engine *applied, xtune_arena *arena,
               const xtune_action **actions_r, size_t *nr_r, xtune_error **err)
{
    const size_t nr = applied->nr_actions;
    reversal r = {
        .applied = applied,
        .arena = arena,
        .turned = XTUNE_NEW_ARRAY(arena, xtune_action, nr),
        .listed = XTUNE_NEW_ARRAY(arena, bool, nr),
        .dropped = XTUNE_NEW_ARRAY(arena, bool, nr),
        .stays = XTUNE_NEW_ARRAY(arena, bool, nr),
    };
    size_t i, *indices;
    int rc;

    for (i = nr; i-- > 0;) {
        rc = reverse_one(&r, i, err);
        if (rc) return rc;
    }
    if (r.nr_staying) return leave_needed(&r, actions_r, nr_r, err);
    collect(&r, actions_r, nr_r, &indices);
    return 0;
}
