/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A layout's order as actions. */
#include <string.h>

#include "base/util.h"
#include "host/scheduling.h"
#include "plan/layout_writer.h"

static const xtune_domain *domain_at(const xt_layout_writer *w, size_t i)
{
    return &w->host->domains[i];
}

/* Writing actions. */

static xt_json *name_to_json(xt_layout_writer *w, const char *name)
{
    return name ? xt_json_string(w->plan->arena,
                                 xtune_arena_strdup(w->plan->arena, name))
                : xt_json_null(w->plan->arena);
}

static void add(xt_layout_writer *w, const xtune_action *action,
                const char *reason)
{
    xtune_action copy = *action;

    copy.object = xtune_arena_strdup(w->plan->arena, action->object);
    copy.reason = xtune_arena_strdup(w->plan->arena, reason);
    xt_plan_add(w->plan, &copy);
}

static bool is_name_now(const xt_layout_writer *w, const char *name)
{
    size_t s;

    for (s = 0; s < w->host->nr_cpupools; s++)
        if (!strcmp(w->host->cpupools[s].name, name)) return true;
    return false;
}

static bool is_name_then(const xt_layout_writer *w, const char *name)
{
    return xt_layout_find(w->layout, name) != XT_NO_POOL;
}

static void write_rename(xt_layout_writer *w, xt_slot *s, const char *to)
{
    xtune_arena *arena = w->plan->arena;
    xt_json *target = xt_json_object(arena);

    xt_json_add(arena, target, "from", name_to_json(w, s->name));
    xt_json_add(arena, target, "to", name_to_json(w, to));
    add(w,
        &(xtune_action){
            .kind = "cpupool-name",
            .object = s->name,
            .target = target,
            .old = name_to_json(w, s->name),
            .new = name_to_json(w, to),
            .after_others = !is_name_now(w, s->name) || is_name_now(w, to),
            .before_others = is_name_then(w, s->name) || !is_name_then(w, to),
        },
        w->layout->reason);
    s->name = to;
}

static xt_slot *holder_of(const xt_layout_writer *w, const char *name)
{
    size_t s;

    for (s = 0; s < w->nr_slots; s++)
        if (w->slots[s].was && w->slots[s].name &&
            !strcmp(w->slots[s].name, name))
            return &w->slots[s];
    return NULL;
}

/* A name that no pool has, for one that is to go or has to wait. */
static const char *spare_name(xt_layout_writer *w, const char *name)
{
    const char *spare;
    unsigned int i;

    for (i = 1;; i++) {
        spare = xtune_arena_printf(w->arena, "%.40s.old%u", name, i);
        if (!holder_of(w, spare) && !is_name_then(w, spare) &&
            !is_name_now(w, spare))
            return spare;
    }
}

/* Sees that no pool has this name any more. */
static void free_name(xt_layout_writer *w, const char *name)
{
    xt_slot *s = holder_of(w, name), *other;
    const char *then;

    if (!s) return;
    then = s->then ? s->then->name : NULL;
    other = then ? holder_of(w, then) : NULL;
    write_rename(w, s, then && !other ? then : spare_name(w, name));
}

static void write_create(xt_layout_writer *w, xt_slot *s)
{
    xtune_arena *arena = w->plan->arena;
    xt_json *target = xt_json_object(arena), *value = xt_json_object(arena);

    free_name(w, s->name);
    xt_json_add(arena, target, "name", name_to_json(w, s->name));
    xt_json_add(arena, value, "scheduler",
                name_to_json(w, s->then->scheduler));
    if (s->then->scheduling)
        xt_json_add(arena, value, "scheduling",
                    xt_json_copy(arena, s->then->scheduling));
    add(w,
        &(xtune_action){
            .kind = "cpupool",
            .object = s->name,
            .target = target,
            .old = xt_json_null(arena),
            .new = value,
            .after_others = is_name_now(w, s->name),
        },
        w->layout->reason);
}

static void write_destroy(xt_layout_writer *w, xt_slot *s)
{
    xtune_arena *arena = w->plan->arena;
    xt_json *target = xt_json_object(arena), *value = xt_json_object(arena);

    xt_json_add(arena, target, "name", name_to_json(w, s->name));
    xt_json_add(arena, value, "scheduler", name_to_json(w, s->was->scheduler));
    xt_json_add(arena, value, "scheduling",
                xt_scheduling_of_pool(arena, s->was));
    add(w,
        &(xtune_action){
            .kind = "cpupool",
            .object = s->name,
            .target = target,
            .old = value,
            .new = xt_json_null(arena),
            .after_others = !is_name_now(w, s->name),
            .before_others = is_name_then(w, s->name),
        },
        w->layout->reason);
    s->name = NULL;
}

/* Whether all of these CPUs are in the pool of that name, by the host or by
 * the layout; NULL: in none. */
static bool are_in(const xt_layout_writer *w, const xtune_set *cpus,
                   const char *name, bool then)
{
    unsigned int cpu;

    xtune_set_for_each(cpu, cpus)
    {
        const size_t s = xt_writer_slot_of_cpu(w, cpu, then);
        const char *in = s == XT_ORDER_FREE ? NULL
                         : then             ? w->slots[s].then->name
                                            : w->slots[s].was->name;

        if (!in != !name || (in && strcmp(in, name))) return false;
    }
    return true;
}

static void write_cpus(xt_layout_writer *w, const xt_order_step *step)
{
    xtune_arena *arena = w->plan->arena;
    xt_json *target = xt_json_object(arena);
    const char *cpus = xtune_set_format_ids(arena, &step->cpus);
    const char *from =
        step->from == XT_ORDER_FREE ? NULL : w->slots[step->from].name;
    const char *to =
        step->to == XT_ORDER_FREE ? NULL : w->slots[step->to].name;

    xt_json_add_string(arena, target, "cpus", cpus);
    add(w,
        &(xtune_action){
            .kind = "cpupool-cpus",
            .object = xtune_arena_printf(
                arena, "CPU%s %s", xtune_set_count(&step->cpus) > 1 ? "s" : "",
                cpus),
            .target = target,
            .old = name_to_json(w, from),
            .new = name_to_json(w, to),
            .after_others = !are_in(w, &step->cpus, from, false),
            .before_others = !are_in(w, &step->cpus, to, true),
        },
        w->layout->reason);
}

/* Domains. */

static xt_json *masks_to_json(xtune_arena *arena, const xtune_set *hard,
                              const xtune_set *soft)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "hard", xtune_set_format(arena, hard));
    xt_json_add_string(arena, json, "soft", xtune_set_format(arena, soft));
    return json;
}

static xt_json *state_to_json(xt_layout_writer *w, size_t i,
                              const xt_domain_state *state)
{
    xtune_arena *arena = w->plan->arena;
    xt_json *json = xt_json_object(arena), *vcpus = xt_json_array(arena);
    size_t v;

    for (v = 0; v < domain_at(w, i)->nr_vcpus; v++)
        xt_json_append(arena, vcpus,
                       masks_to_json(arena, &state->masks.hard[v],
                                     &state->masks.soft[v]));
    xt_json_add(arena, json, "cpupool", name_to_json(w, state->pool));
    xt_json_add(arena, json, "scheduling",
                xt_json_copy(arena, state->scheduling));
    xt_json_add(arena, json, "vcpus", vcpus);
    return json;
}

static void write_move(xt_layout_writer *w, size_t i,
                       const xt_domain_state *then)
{
    xt_json *old = state_to_json(w, i, &w->now[i]);
    xt_json *new = state_to_json(w, i, then);

    add(w,
        &(xtune_action){
            .kind = "domain-cpupool",
            .object = domain_at(w, i)->name,
            .target = xt_plan_target(w->plan->arena, domain_at(w, i)),
            .old = old,
            .new = new,
            .after_others =
                !xt_json_equal(old, state_to_json(w, i, &w->first[i])),
            .before_others =
                !xt_json_equal(new, state_to_json(w, i, &w->last[i])),
        },
        xt_writer_reason(w, i));
}

static bool same_mask(const xt_domain_state *a, const xt_domain_state *b,
                      size_t v)
{
    return xtune_set_equal(&a->masks.hard[v], &b->masks.hard[v]) &&
           xtune_set_equal(&a->masks.soft[v], &b->masks.soft[v]);
}

static void write_masks(xt_layout_writer *w, size_t i,
                        const xt_domain_state *then)
{
    const xtune_domain *domain = domain_at(w, i);
    xtune_arena *arena = w->plan->arena;
    const xt_domain_state *now = &w->now[i];
    xt_json *target;
    size_t v;

    for (v = 0; v < domain->nr_vcpus; v++) {
        if (same_mask(now, then, v)) continue;
        target = xt_plan_target(arena, domain);
        xt_json_add_u64(arena, target, "vcpu", domain->vcpus[v].id);
        add(w,
            &(xtune_action){
                .kind = "vcpu-affinity",
                .object = xtune_arena_printf(arena, "%s/%u", domain->name,
                                             domain->vcpus[v].id),
                .target = target,
                .old = masks_to_json(arena, &now->masks.hard[v],
                                     &now->masks.soft[v]),
                .new = masks_to_json(arena, &then->masks.hard[v],
                                     &then->masks.soft[v]),
                .after_others = !same_mask(now, &w->first[i], v),
                .before_others = !same_mask(then, &w->last[i], v),
            },
            xt_writer_reason(w, i));
    }
}

static void write_domain_step(xt_layout_writer *w, const xt_order_step *step)
{
    const size_t i = w->ordered[step->domain];
    xt_domain_state then = w->last[i];

    w->now[i].pool = w->slots[step->from].name;
    then.pool = w->slots[step->to].name;
    if (!step->last) {
        then.masks.hard = step->hard;
        if (step->kind == XT_ORDER_MASKS)
            then.masks.soft = w->now[i].masks.soft;
    }
    if (step->kind == XT_ORDER_DOMAIN)
        write_move(w, i, &then);
    else
        write_masks(w, i, &then);
    /* Of one that stays that is not touched. */
    if (step->kind == XT_ORDER_MASKS) then.scheduling = w->now[i].scheduling;
    w->now[i] = then;
}

/* All of it. */

static bool goes_in(const xt_layout_writer *w, size_t s)
{
    size_t i, in = 0, out = 0;

    for (i = 0; i < w->nr_steps; i++) {
        if (w->steps[i].kind == XT_ORDER_MASKS) continue;
        in += w->steps[i].to == s;
        out += w->steps[i].from == s;
    }
    return in > out;
}

static bool is_renamed(const xt_slot *s)
{
    return s->was && s->then && strcmp(s->name, s->then->name);
}

/* A pool that things go to is called as it will be from the beginning, one
 * that they leave until the end. */
static void write_renames(xt_layout_writer *w, bool all)
{
    size_t s;

    for (s = 0; s < w->nr_slots; s++) {
        xt_slot *pool = &w->slots[s];

        if (!is_renamed(pool) || !(all || goes_in(w, s))) continue;
        free_name(w, pool->then->name);
        if (is_renamed(pool)) write_rename(w, pool, pool->then->name);
    }
}

static void write_steps(xt_layout_writer *w)
{
    size_t i;

    for (i = 0; i < w->nr_steps; i++)
        if (w->steps[i].kind == XT_ORDER_CPUS)
            write_cpus(w, &w->steps[i]);
        else
            write_domain_step(w, &w->steps[i]);
}

static void write_notes(xt_layout_writer *w)
{
    size_t i;

    for (i = 0; i < w->host->nr_domains; i++)
        if (w->lost[i] && !w->layout->masks[i].hard)
            xt_plan_add_note(w->plan, domain_at(w, i)->name, w->lost[i]);
}

static void write_all(xt_layout_writer *w)
{
    size_t i;

    write_renames(w, false);
    for (i = 0; i < w->nr_slots; i++)
        if (!w->slots[i].was) write_create(w, &w->slots[i]);
    write_steps(w);
    for (i = 0; i < w->nr_slots; i++)
        if (!w->slots[i].then) write_destroy(w, &w->slots[i]);
    write_renames(w, true);
    for (i = 0; i < w->host->nr_domains; i++)
        xt_writer_add_stored(w, i);
    write_notes(w);
}

int xt_plan_add_layout(xtune_plan *plan, const xt_layout *layout,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_layout_writer w = {
        .layout = layout,
        .host = layout->host,
        .plan = plan,
        .arena = arena,
    };
    int rc;

    rc = xt_layout_check(layout, err);
    if (!rc) rc = xt_writer_prepare(&w, err);
    if (!rc) write_all(&w);
    return rc;
}
