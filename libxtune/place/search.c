/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "place/exchange.h"

/* So many homes are weighed at most, so that no host takes for ever. */
#define STEPS_BASE 60000
#define STEPS_ITEM 150

/* Above so many items one way to begin has to do. */
#define MANY_ITEMS 400

#define NOT_SO_MANY "there are not so many free cores"

/* A way to begin. */
typedef struct xt_start {
    enum xt_tie tie;
    bool bound_first; /* those with the fewest nodes before the largest */
} xt_start;

static const xt_start starts[] = {
    { XT_TIE_SPREAD, false },
    { XT_TIE_PACK, false },
    { XT_TIE_PACK, true },
};

void xt_set_home(xt_model *model, xt_item *item, const xt_home *home)
{
    xt_part *parts = item->home.parts;

    if (home->nr_parts > item->max_parts) {
        item->max_parts = home->nr_parts;
        parts = XTUNE_NEW_ARRAY(model->arena, xt_part, item->max_parts);
    }
    if (home->nr_parts && parts != home->parts)
        memcpy(parts, home->parts, home->nr_parts * sizeof(*parts));
    item->home = *home;
    item->home.parts = parts;
    if (home->nodes) xt_enter(model, item, &item->home);
}

void xt_drop_home(xt_model *model, const xt_item *item)
{
    if (item->home.nodes) xt_leave(model, item, &item->home);
}

int64_t xt_present_cost(xt_model *model, const xt_item *item)
{
    if (item->home.nodes) return xt_home_cost(model, item, &item->home);
    return (int64_t)item->memory_kb * XT_REFUSED_COST;
}

void xt_share_cores(xt_model *model, xt_item *item, const char *why)
{
    item->exclusive = false;
    item->load_per_vcpu =
        xt_load_per_vcpu(item->domain, item->nr_vcpus,
                         item->share_core ? model->threads_per_core : 1);
    item->no_cores = why;
}

/* The best home there is now; without cores for itself where there are none,
 * and away from its devices where there is no room. */
static void settle(xt_model *model, xt_item *item, xt_chooser *c,
                   enum xt_tie tie)
{
    xt_choose(c, model, item, tie);
    if (!c->found && item->exclusive) {
        xt_share_cores(model, item, NOT_SO_MANY);
        xt_choose(c, model, item, tie);
    }
    if (c->found)
        xt_set_home(model, item, &c->best);
    else
        item->home.nodes = 0;
}

/* A running domain begins where it is. */
static bool begin_at_home(xt_model *model, xt_item *item, xt_chooser *c)
{
    const uint64_t nodes = item->now ? item->now : item->allowed;

    if (item->is_new || item->given) return false;
    c->model = model;
    c->item = item;
    c->tie = XT_TIE_SPREAD;
    c->found = false;
    xt_consider_staying(c, nodes);
    if (!c->found || c->best.nodes != nodes) return false;
    xt_set_home(model, item, &c->best);
    return true;
}

/* Those who have a core alone go first, then those who want one, for the
 * others can share what is left. */
static int turn_of(const xt_item *item)
{
    return !item->exclusive && !item->no_cores ? 2 : item->pinned ? 0 : 1;
}

static void begin_running(xt_model *model, xt_chooser *c)
{
    XT_CLEANUP_FREE bool *done =
        xt_xrealloc(NULL, model->nr_items + 1, sizeof(*done));
    size_t i;
    int turn;

    for (i = 0; i < model->nr_items; i++)
        done[i] = model->items[i].is_new;
    for (turn = 0; turn <= 2; turn++) {
        for (i = 0; i < model->nr_items; i++)
            if (!done[i] && turn_of(&model->items[i]) == turn)
                done[i] = begin_at_home(model, &model->items[i], c);
        for (i = 0; i < model->nr_items; i++) {
            if (done[i] || turn_of(&model->items[i]) != turn) continue;
            settle(model, &model->items[i], c, XT_TIE_SPREAD);
            done[i] = true;
        }
    }
}

static int by_bounds(const void *a, const void *b)
{
    const xt_item *x = *(xt_item *const *)a, *y = *(xt_item *const *)b;
    const int nx = __builtin_popcountll(x->must ? x->must : x->allowed);
    const int ny = __builtin_popcountll(y->must ? y->must : y->allowed);

    if (nx != ny) return nx < ny ? -1 : 1;
    if (x->nr_devices != y->nr_devices)
        return x->nr_devices > y->nr_devices ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void begin_new(xt_model *model, xt_chooser *c, const xt_start *start)
{
    XT_CLEANUP_FREE xt_item **order =
        xt_xrealloc(NULL, model->nr_items + 1, sizeof(xt_item *));
    size_t i, nr = 0;
    int turn;

    for (i = 0; i < model->nr_items; i++)
        if (model->items[i].is_new) order[nr++] = &model->items[i];
    if (start->bound_first && nr) qsort(order, nr, sizeof(*order), by_bounds);
    for (turn = 0; turn <= 2; turn++)
        for (i = 0; i < nr; i++)
            if (turn_of(order[i]) == turn && !order[i]->home.nodes)
                settle(model, order[i], c, start->tie);
}

/* What a vCPU more costs there: nothing, some or much. */
static int crowding_of(const xt_model *model, const xt_item *item, uint32_t n)
{
    const xt_cell *cell = xt_cell_at(model, item->pool, n);
    const int64_t capacity = cell->capacity - cell->dedicated;

    return cell->load <= capacity ? 0 : cell->load <= 2 * capacity ? 1 : 2;
}

/* Whether there is a node where it is less crowded. */
static bool is_crowded(const xt_model *model, const xt_item *item)
{
    int here = 0, there = 2;
    uint32_t n;

    xt_for_each_node(n,
                     item->home.nodes) if (crowding_of(model, item, n) > here)
        here = crowding_of(model, item, n);
    xt_for_each_node(n, item->allowed) if (crowding_of(model, item, n) < there)
        there = crowding_of(model, item, n);
    return here > there;
}

/* Whether it could be better off anywhere. */
static bool is_unhappy(const xt_model *model, const xt_item *item)
{
    xtune_cost cost;

    if (!item->home.nodes) return true;
    if (item->home.nr_parts == 1 && item->home.placed && !item->nr_devices)
        return is_crowded(model, item);
    xt_own_cost(model, item, &item->home, &cost);
    cost.moving = 0;
    return (int64_t)xtune_cost_sum(&cost) > xt_ideal_cost(item) ||
           is_crowded(model, item);
}

/* True where it has moved. */
static bool move_alone(xt_model *model, xt_item *item, xt_chooser *c)
{
    int64_t before;

    xt_drop_home(model, item);
    before = xt_present_cost(model, item);
    xt_choose(c, model, item, XT_TIE_SPREAD);
    if (!c->found || c->cost >= before) {
        if (item->home.nodes) xt_enter(model, item, &item->home);
        return false;
    }
    xt_set_home(model, item, &c->best);
    return true;
}

/* Those that run, whether they seem unhappy or not: what is planned is not to
 * be planned otherwise the next time. */
static bool improve_running(xt_model *model, xt_chooser *c)
{
    bool changed = false;
    size_t i;

    for (i = 0; i < model->nr_items; i++)
        if (!model->items[i].is_new)
            changed |= move_alone(model, &model->items[i], c);
    return changed;
}

static bool improve_unhappy(xt_model *model, xt_chooser *c, uint64_t limit)
{
    xt_exchange exchange;
    bool changed = false;
    size_t i;

    for (i = 0; i < model->nr_items && model->steps < limit; i++)
        if (is_unhappy(model, &model->items[i]))
            changed |= move_alone(model, &model->items[i], c);
    xt_exchange_begin(&exchange, model);
    for (i = 0; i < model->nr_items && model->steps < limit; i++)
        if (is_unhappy(model, &model->items[i]))
            changed |= xt_exchange_for(&exchange, &model->items[i], c);
    xt_exchange_end(&exchange);
    return changed;
}

static void improve(xt_model *model, xt_chooser *c)
{
    const uint64_t limit =
        model->steps + STEPS_BASE + STEPS_ITEM * model->nr_items;

    while (improve_unhappy(model, c, limit) || improve_running(model, c))
        if (model->steps >= limit) break;
}

static void want_cores(xt_model *model, xt_item *item)
{
    item->no_cores = NULL;
    item->exclusive = true;
    item->load_per_vcpu = xt_load_per_vcpu(
        item->domain, 0, item->share_core ? model->threads_per_core : 1);
}

/* Whether one that went without cores for itself finds them now. */
static bool regain_core(xt_model *model, xt_item *item, xt_chooser *c)
{
    xt_drop_home(model, item);
    want_cores(model, item);
    xt_choose(c, model, item, XT_TIE_SPREAD);
    if (c->found) {
        xt_set_home(model, item, &c->best);
        return true;
    }
    xt_share_cores(model, item, NOT_SO_MANY);
    if (item->home.nodes) xt_enter(model, item, &item->home);
    return false;
}

static bool regain_cores(xt_model *model, xt_chooser *c)
{
    bool regained = false;
    size_t i;

    for (i = 0; i < model->nr_items; i++)
        if (model->items[i].no_cores && !model->items[i].tried_again)
            regained |= regain_core(model, &model->items[i], c);
    return regained;
}

static int64_t total_cost(const xt_model *model)
{
    int64_t cost = 0;
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        cost += xt_item_cost(model, &model->items[i]);
        /* As bad as to have all memory twice as far away. */
        if (model->items[i].no_cores)
            cost += (int64_t)model->items[i].memory_kb * XT_LOCAL_DISTANCE;
    }
    for (i = 0; i < (size_t)model->nr_pools * model->nr_nodes; i++)
        cost += (int64_t)xt_cell_cost(model, &model->cells[i]);
    return cost;
}

/* What one way to begin came to. */
typedef struct xt_outcome {
    int64_t cost;
    xt_home *homes;
    bool *shares; /* it was to have cores for itself, and has not */
} xt_outcome;

static void keep_outcome(xt_model *model, xt_outcome *outcome)
{
    size_t i;

    outcome->cost = total_cost(model);
    for (i = 0; i < model->nr_items; i++) {
        const xt_home *home = &model->items[i].home;

        outcome->homes[i] = *home;
        outcome->homes[i].parts =
            XTUNE_NEW_ARRAY(model->arena, xt_part, home->nr_parts);
        if (home->nr_parts)
            memcpy(outcome->homes[i].parts, home->parts,
                   home->nr_parts * sizeof(*home->parts));
        outcome->shares[i] = model->items[i].no_cores != NULL;
    }
}

/* Takes every item out again, as before the first one was settled. */
static void clear(xt_model *model)
{
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        xt_drop_home(model, item);
        item->home.nodes = 0;
        item->home.nr_parts = 0;
        if (!item->no_cores) continue;
        item->no_cores = NULL;
        item->exclusive = true;
        item->load_per_vcpu = xt_load_per_vcpu(
            item->domain, 0, item->share_core ? model->threads_per_core : 1);
    }
}

static void restore_outcome(xt_model *model, const xt_outcome *outcome)
{
    size_t i;

    clear(model);
    for (i = 0; i < model->nr_items; i++) {
        if (outcome->shares[i])
            xt_share_cores(model, &model->items[i], NOT_SO_MANY);
        xt_set_home(model, &model->items[i], &outcome->homes[i]);
    }
}

/* vCPUs that share, to a core that is left to them. */
#define SHARE_A_CORE 4

static bool is_too_many(const xt_model *model, uint32_t pool)
{
    uint64_t alone = 0, shared = 0, cores = 0;
    uint32_t n;
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        const xt_item *item = &model->items[i];
        const uint64_t load = (uint64_t)item->nr_vcpus * item->load_per_vcpu;

        if (item->pool != pool) continue;
        if (item->exclusive)
            alone += load;
        else
            shared += load;
    }
    for (n = 0; n < model->nr_nodes; n++)
        cores += model->pool_cores[pool][n];
    return alone && alone + shared / SHARE_A_CORE > cores * XT_LOAD;
}

/* Where all cores together are not enough for those who want them alone and
 * for the rest, the largest go without: else the last would be heaped on what
 * is left. */
static void drop_the_largest(xt_model *model, uint32_t pool)
{
    size_t i;

    for (i = 0; i < model->nr_items && is_too_many(model, pool); i++) {
        xt_item *largest = NULL;
        size_t k;

        for (k = 0; k < model->nr_items; k++) {
            xt_item *item = &model->items[k];

            if (item->pool == pool && item->exclusive && !item->pinned &&
                (!largest || item->nr_vcpus > largest->nr_vcpus))
                largest = item;
        }
        if (!largest) return;
        xt_share_cores(model, largest, NOT_SO_MANY);
        largest->tried_again = true;
    }
}

static void run(xt_model *model, xt_chooser *c, const xt_start *start)
{
    begin_running(model, c);
    begin_new(model, c, start);
    do
        improve(model, c);
    while (regain_cores(model, c));
}

static size_t count_new(const xt_model *model)
{
    size_t i, nr = 0;

    for (i = 0; i < model->nr_items; i++)
        nr += model->items[i].is_new;
    return nr;
}

void xt_search(xt_model *model)
{
    const size_t nr = model->nr_items;
    xt_outcome best = { 0 };
    xt_chooser c;
    uint32_t pool;
    size_t i;

    for (pool = 0; pool < model->nr_pools; pool++)
        drop_the_largest(model, pool);
    run(model, &c, &starts[0]);
    if (nr > MANY_ITEMS || count_new(model) < 2) return;
    best.homes = XTUNE_NEW_ARRAY(model->arena, xt_home, nr);
    best.shares = XTUNE_NEW_ARRAY(model->arena, bool, nr);
    keep_outcome(model, &best);
    for (i = 1; i < XT_ARRAY_SIZE(starts); i++) {
        clear(model);
        run(model, &c, &starts[i]);
        if (total_cost(model) < best.cost) keep_outcome(model, &best);
    }
    restore_outcome(model, &best);
}

void xt_search_again(xt_model *model)
{
    xt_chooser c;
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        if (!item->out_of_cores) continue;
        item->out_of_cores = false;
        xt_drop_home(model, item);
        settle(model, item, &c, XT_TIE_SPREAD);
    }
    do
        improve(model, &c);
    while (regain_cores(model, &c));
}

bool xt_search_cores_again(xt_model *model)
{
    bool found = false;
    xt_chooser c;
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        if (!item->no_cores || item->tried_again) continue;
        item->tried_again = true;
        item->no_cores_on = 0;
        found |= regain_core(model, item, &c);
    }
    return found;
}
