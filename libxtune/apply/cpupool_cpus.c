/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpupool-cpus: the pool that CPUs are in, of a target {"cpus": "4-7"}: its
 * name; null where they are in none; where they are not all in one place
 *
 *     [ ["Pool-0", "4-5"], [null, "6-7"] ]
 *
 * by the pools' ids, those in none last.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

static int parse_cpus(xtune_arena *arena, const xtune_action *action,
                      const xt_json *text, unsigned int nr_cpu_ids,
                      xtune_set *cpus_r, xtune_error **err)
{
    const xtune_set universe = xtune_set_all(arena, nr_cpu_ids);
    const xtune_set_names names = { .what = "CPU", .exists = &universe };
    const char *cpus = xt_json_text(text);

    return xtune_set_parse(arena, &names, action->object, cpus ? cpus : "",
                           cpus_r, err);
}

/* The CPUs of the target and the pools as they are. */
static int look(const xt_hands *hands, const xtune_action *action,
                xtune_arena *arena, const xtune_cpupool **pools_r,
                size_t *nr_r, xtune_set *cpus_r, xtune_error **err)
{
    int rc;

    rc = hands->backend->ops->list_pools(hands->backend, arena, pools_r, nr_r,
                                         err);
    if (rc) return rc;
    if (!*nr_r)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, action->object,
                               NULL, "the host has no cpupools");
    return parse_cpus(arena, action, xt_json_get(action->target, "cpus"),
                      (*pools_r)[0].cpus.nbits, cpus_r, err);
}

static void add_place(xtune_arena *arena, xt_json *places, const char *pool,
                      const xtune_set *cpus)
{
    xt_json *pair = xt_json_array(arena);

    xt_json_append(arena, pair, xt_json_string(arena, pool));
    xt_json_append(arena, pair,
                   xt_json_string(arena, xtune_set_format_ids(arena, cpus)));
    xt_json_append(arena, places, pair);
}

static int cpus_read(const xt_hands *hands, const xtune_action *action,
                     xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    xt_json *places = xt_json_array(arena);
    const xtune_cpupool *pools;
    xtune_set cpus, here;
    size_t nr, i;
    int rc;

    rc = look(hands, action, arena, &pools, &nr, &cpus, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++) {
        here = xtune_set_copy(arena, &cpus);
        xtune_set_and(&here, &pools[i].cpus);
        if (xtune_set_is_empty(&here)) continue;
        add_place(arena, places, pools[i].name, &here);
        xtune_set_andnot(&cpus, &here);
    }
    if (!xtune_set_is_empty(&cpus)) add_place(arena, places, NULL, &cpus);
    *value_r = places->nr == 1 ? places->items[0]->items[0] : places;
    return 0;
}

/* Comparing. */

static bool is_place(const xt_json *value)
{
    return value->type == XT_JSON_NULL || value->type == XT_JSON_STRING;
}

static bool is_pair(const xt_json *value)
{
    return value->type == XT_JSON_ARRAY && value->nr == 2 &&
           is_place(value->items[0]) && xt_json_text(value->items[1]);
}

/* Where a value has a CPU; NULL where it does not say. */
static const xt_json *place_of(xtune_arena *arena, const xtune_action *action,
                               const xt_json *value, unsigned int cpu)
{
    xtune_set cpus;
    size_t i;

    if (is_place(value)) return value;
    for (i = 0; value->type == XT_JSON_ARRAY && i < value->nr; i++)
        if (is_pair(value->items[i]) &&
            !parse_cpus(arena, action, value->items[i]->items[1],
                        XTUNE_MAX_CPUS, &cpus, NULL) &&
            xtune_set_has(&cpus, cpu))
            return value->items[i]->items[0];
    return NULL;
}

static bool is_there(const xt_json *place, const xt_json *now)
{
    return place && xt_json_equal(place, now);
}

/* CPUs move one after the other, and are in no pool on the way. */
static enum xt_found cpus_compare(const xtune_action *action,
                                  const xt_json *now)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    unsigned int cpu;
    xtune_set cpus;

    if (xt_json_equal(now, action->old)) return XT_FOUND_OLD;
    if (xt_json_equal(now, action->new)) return XT_FOUND_NEW;
    if (parse_cpus(arena, action, xt_json_get(action->target, "cpus"),
                   XTUNE_MAX_CPUS, &cpus, NULL))
        return XT_FOUND_OTHER;
    xtune_set_for_each(cpu, &cpus)
    {
        const xt_json *here = place_of(arena, action, now, cpu);

        if (!here) return XT_FOUND_OTHER;
        if (here->type != XT_JSON_NULL &&
            !is_there(place_of(arena, action, action->old, cpu), here) &&
            !is_there(place_of(arena, action, action->new, cpu), here))
            return XT_FOUND_OTHER;
    }
    return XT_FOUND_HALF;
}

/* Writing. */

static int move(const xt_hands *hands, const xtune_set *cpus,
                const xt_json *place, xtune_error **err)
{
    return hands->backend->ops->move_cpus(hands->backend, cpus,
                                          xt_json_text(place), err);
}

static int no_value(const xtune_action *action, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                           "the action does not say where the CPUs are to "
                           "be");
}

static int cpus_write(const xt_hands *hands, const xtune_action *action,
                      const xt_json *value, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    const xtune_cpupool *pools;
    xtune_set cpus;
    size_t nr, i;
    int rc;

    (void)made;
    rc = look(hands, action, arena, &pools, &nr, &cpus, err);
    if (rc) return rc;
    if (is_place(value)) return move(hands, &cpus, value, err);
    if (value->type != XT_JSON_ARRAY) return no_value(action, err);
    for (i = 0; !rc && i < value->nr; i++) {
        if (!is_pair(value->items[i])) return no_value(action, err);
        rc = parse_cpus(arena, action, value->items[i]->items[1],
                        pools[0].cpus.nbits, &cpus, err);
        if (!rc) rc = move(hands, &cpus, value->items[i]->items[0], err);
    }
    return rc;
}

const xt_action_kind xt_kind_cpupool_cpus = {
    .name = "cpupool-cpus",
    .read = cpus_read,
    .compare = cpus_compare,
    .write = cpus_write,
};
