/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which actions belong together: the steps of one object on its way. What is
 * a step by itself, as the masks of a vCPU, belongs to others of its domain
 * only where those set the masks as well.
 */
#include <string.h>

#include "apply/reverse.h"
#include "backend/backend.h"
#include "base/util.h"

static bool is_kind(const xtune_action *action, const char *kind)
{
    return !strcmp(action->kind, kind);
}

static const char *text_of(const xtune_action *action, const char *key)
{
    return xt_json_text(xt_json_get(action->target, key));
}

static bool same_text(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

/* Domains. */

static bool same_domain(const xtune_action *a, const xtune_action *b)
{
    const char *uuid = text_of(a, "uuid");
    const xt_json *x = xt_json_get(a->target, "domid");
    const xt_json *y = xt_json_get(b->target, "domid");

    if (!same_text(uuid, text_of(b, "uuid"))) return false;
    return !xt_is_nil_uuid(uuid) || (x && y && xt_json_equal(x, y));
}

/* What the pool of a domain takes along. */
static bool goes_with_pool(const xtune_action *action)
{
    return is_kind(action, "domain-cpupool") ||
           is_kind(action, "vcpu-affinity") || is_kind(action, "scheduling");
}

static bool changes_pool(const xt_engine *engine, const xtune_action *action)
{
    size_t i;

    for (i = 0; i < engine->nr_actions; i++)
        if (is_kind(&engine->actions[i], "domain-cpupool") &&
            same_domain(&engine->actions[i], action))
            return true;
    return false;
}

/* Pools. */

static bool has_name(const xtune_action *action, const char *name)
{
    if (!name) return false;
    if (is_kind(action, "cpupool"))
        return same_text(text_of(action, "name"), name);
    return is_kind(action, "cpupool-name") &&
           (same_text(text_of(action, "from"), name) ||
            same_text(text_of(action, "to"), name));
}

static bool share_name(const xtune_action *a, const xtune_action *b)
{
    if (is_kind(a, "cpupool")) return has_name(b, text_of(a, "name"));
    return is_kind(a, "cpupool-name") &&
           (has_name(b, text_of(a, "from")) || has_name(b, text_of(a, "to")));
}

static bool cpus_of(const xtune_action *action, xtune_arena *arena,
                    xtune_set *cpus_r)
{
    const xtune_set all = xtune_set_all(arena, XTUNE_MAX_CPUS);
    const xtune_set_names names = { .what = "CPU", .exists = &all };
    const char *text = text_of(action, "cpus");

    return is_kind(action, "cpupool-cpus") && text &&
           !xtune_set_parse(arena, &names, action->object, text, cpus_r, NULL);
}

static bool share_cpus(const xtune_action *a, const xtune_action *b)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set x, y;

    return cpus_of(a, arena, &x) && cpus_of(b, arena, &y) &&
           xtune_set_intersects(&x, &y);
}

/* Devices: what makes one assignable, and what gives it to a domain. */

static bool share_device(const xtune_action *a, const xtune_action *b)
{
    return (is_kind(a, "pci-assignable") || is_kind(a, "pci")) &&
           (is_kind(b, "pci-assignable") || is_kind(b, "pci")) &&
           same_text(text_of(a, "address"), text_of(b, "address"));
}

/* All of them. */

static bool belong_together(const xt_engine *engine, const xtune_action *a,
                            const xtune_action *b)
{
    if (goes_with_pool(a) && goes_with_pool(b) && same_domain(a, b) &&
        changes_pool(engine, a))
        return true;
    if (share_name(a, b) || share_cpus(a, b) || share_device(a, b))
        return true;
    if (!is_kind(a, b->kind)) return false;
    return xt_action_same_object(a, b) ||
           (a->target && b->target && xt_json_equal(a->target, b->target));
}

void xt_drop_group(const xt_engine *engine, size_t index, bool *dropped)
{
    XT_CLEANUP_FREE size_t *todo =
        xt_xrealloc(NULL, engine->nr_actions, sizeof(*todo));
    size_t nr = 0, done, i;

    todo[nr++] = index;
    dropped[index] = true;
    for (done = 0; done < nr; done++)
        for (i = 0; i < engine->nr_actions; i++) {
            if (dropped[i] ||
                !belong_together(engine, &engine->actions[todo[done]],
                                 &engine->actions[i]))
                continue;
            dropped[i] = true;
            todo[nr++] = i;
        }
}
