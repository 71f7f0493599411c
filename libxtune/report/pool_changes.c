/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for changes of pools and of what schedulers give. */
#include "report/changes.h"

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "report/text.h"

static const char *scalar_text(xtune_arena *arena, const xt_json *value)
{
    if (xt_json_is_null(value)) return "-";
    if (value->type == XT_JSON_BOOL) return value->boolean ? "yes" : "no";
    return value->text ? xt_text_safe(arena, value->text) : "(...)";
}

static void add(xtune_arena *arena, const char **text, const char *change)
{
    *text =
        xtune_arena_printf(arena, "%s%s%s", *text, **text ? ", " : "", change);
}

/* A member with its unit, where the two differ in it. */
static void add_member(xtune_arena *arena, const char **text, const char *what,
                       const char *key, const char *unit, const xt_json *old,
                       const xt_json *new)
{
    const xt_json *from = xt_json_get(old, key), *to = xt_json_get(new, key);

    if (!to || (from && xt_json_equal(from, to))) return;
    add(arena, text,
        xtune_arena_printf(arena, "%s %s%s -> %s%s", what,
                           scalar_text(arena, from), from ? unit : "",
                           scalar_text(arena, to), unit));
}

/* Pools. */

/* What its scheduler is given: ", ratelimit_us 500". */
static const char *parameters_text(xtune_arena *arena, const xt_json *values)
{
    const char *text = "";
    size_t i;

    for (i = 0; values && values->type == XT_JSON_OBJECT && i < values->nr;
         i++)
        text = xtune_arena_printf(arena, "%s, %s %s", text, values->keys[i],
                                  scalar_text(arena, values->items[i]));
    return text;
}

static const char *pool_text(xtune_arena *arena, const xtune_action *action)
{
    if (xt_json_is_null(action->new)) return "removed";
    /* Of what is blocked: a scheduler that it cannot have. */
    if (xt_json_text(action->new))
        return xtune_arena_printf(arena, "scheduler -> %s",
                                  scalar_text(arena, action->new));
    return xtune_arena_printf(
        arena, "made, scheduler %s%s",
        scalar_text(arena, xt_json_get(action->new, "scheduler")),
        parameters_text(arena, xt_json_get(action->new, "scheduling")));
}

static const char *name_text(xtune_arena *arena, const xtune_action *action)
{
    return xtune_arena_printf(arena, "renamed to %s",
                              scalar_text(arena, action->new));
}

static const char *place_name(xtune_arena *arena, const xt_json *place)
{
    return xt_json_is_null(place) ? "free" : scalar_text(arena, place);
}

/* One pool; more of them with their CPUs: "Pool-0 (4-5), free (6)". */
static const char *place_text(xtune_arena *arena, const xt_json *value)
{
    const char *text = "";
    size_t i;

    if (xt_json_is_null(value) || value->type != XT_JSON_ARRAY)
        return place_name(arena, value);
    for (i = 0; i < value->nr; i++) {
        const xt_json *pair = value->items[i];

        if (pair->type != XT_JSON_ARRAY || pair->nr != 2) continue;
        add(arena, &text,
            xtune_arena_printf(arena, "%s (%s)",
                               place_name(arena, pair->items[0]),
                               scalar_text(arena, pair->items[1])));
    }
    return text;
}

static const char *cpus_text(xtune_arena *arena, const xtune_action *action)
{
    return xtune_arena_printf(arena, "cpupool %s -> %s",
                              place_text(arena, action->old),
                              place_text(arena, action->new));
}

/* Schedulers. */

static bool are_alike(const xt_json *vcpus)
{
    size_t i;

    for (i = 1; vcpus && vcpus->type == XT_JSON_ARRAY && i < vcpus->nr; i++)
        if (!xt_json_equal(vcpus->items[0], vcpus->items[i])) return false;
    return true;
}

/* Whether both are of rtds, or both are not: else they have nothing in
 * common. */
static bool is_same_form(const xt_json *old, const xt_json *new)
{
    return !xt_json_get(old, "vcpus") == !xt_json_get(new, "vcpus");
}

/* Of rtds: one where the vCPUs are alike. */
static const xt_json *common_vcpu(const xt_json *value)
{
    const xt_json *vcpus = xt_json_get(value, "vcpus");

    if (!vcpus || vcpus->type != XT_JSON_ARRAY || !vcpus->nr) return value;
    return vcpus->items[0];
}

static void add_scheduling(xtune_arena *arena, const char **text,
                           const xt_json *old, const xt_json *new)
{
    if (!is_same_form(old, new)) old = NULL;
    if (!are_alike(xt_json_get(old, "vcpus")) ||
        !are_alike(xt_json_get(new, "vcpus"))) {
        add(arena, text, "period and budget: one for each vCPU");
        return;
    }
    old = common_vcpu(old);
    new = common_vcpu(new);
    add_member(arena, text, "weight", "weight", "", old, new);
    add_member(arena, text, "cap", "cap", "", old, new);
    add_member(arena, text, "period", "period_us", " us", old, new);
    add_member(arena, text, "budget", "budget_us", " us", old, new);
    add_member(arena, text, "extratime", "extratime", "", old, new);
    add_member(arena, text, "tslice", "tslice_ms", " ms", old, new);
    add_member(arena, text, "ratelimit", "ratelimit_us", " us", old, new);
    add_member(arena, text, "migration delay", "migration_delay_us", " us",
               old, new);
}

static const char *scheduling_text(xtune_arena *arena,
                                   const xtune_action *action)
{
    const char *text = "";

    add_scheduling(arena, &text, action->old, action->new);
    return text;
}

/* Domains. */

static const char *domain_text(xtune_arena *arena, const xtune_action *action)
{
    const xt_json *old = action->old, *new = action->new;
    const xt_json *before = xt_json_get(old, "scheduling");
    const xt_json *after = xt_json_get(new, "scheduling");
    const char *text = "", *masks;

    /* Of what is blocked the pool alone is known. */
    if (xt_json_text(new))
        return xtune_arena_printf(arena, "cpupool -> %s",
                                  scalar_text(arena, new));
    add_member(arena, &text, "cpupool", "cpupool", "", old, new);
    masks = xt_masks_changes(arena, xt_json_get(old, "vcpus"),
                             xt_json_get(new, "vcpus"));
    if (*masks) add(arena, &text, masks);
    if (!xt_json_is_null(after) &&
        (xt_json_is_null(before) || !xt_json_equal(before, after)))
        add_scheduling(arena, &text, before, after);
    return *text ? text : "masks: one for each vCPU";
}

static const struct {
    const char *kind;
    const char *before; /* the object */
    const char *(*text)(xtune_arena *arena, const xtune_action *action);
} rows[] = {
    { "cpupool", "cpupool ", pool_text },
    { "cpupool-name", "cpupool ", name_text },
    { "cpupool-cpus", "", cpus_text },
    { "cpupool-scheduling", "cpupool ", scheduling_text },
    { "domain-cpupool", "", domain_text },
    { "scheduling", "", scheduling_text },
};

/* The object, with what it is. */
static const char *object_text(xtune_arena *arena, const xtune_action *action,
                               const char *before)
{
    const char *object = action->object;

    /* Of a name that is taken back the object is the name to come. */
    if (!strcmp(action->kind, "cpupool-name") && xt_json_text(action->old))
        object = xt_json_text(action->old);
    return *before ? xtune_arena_printf(arena, "%s%s", before, object)
                   : object;
}

bool xt_pool_changes(xtune_arena *arena, const xtune_action *action,
                     const char **object_r, const char **changes_r)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        if (strcmp(rows[i].kind, action->kind)) continue;
        if (object_r) *object_r = object_text(arena, action, rows[i].before);
        /* Of what is blocked there is no more to say. */
        if (changes_r)
            *changes_r =
                xt_json_is_null(action->old) && xt_json_is_null(action->new)
                    ? ""
                    : rows[i].text(arena, action);
        return true;
    }
    return false;
}
