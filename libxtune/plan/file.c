/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of dom0's files, and of governors, as actions of a plan. */
#include <string.h>

#include "base/json.h"
#include "host/dom0_file.h"
#include "plan/builder.h"

static xtune_action *find_action(const xtune_plan *plan, const char *kind,
                                 const char *object)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, kind) &&
            !strcmp(plan->actions[i].object, object))
            return &plan->actions[i];
    return NULL;
}

static const char *file_value(xtune_arena *arena, const char *path,
                              const char *text)
{
    if (!text) return NULL;
    return xt_file_value(arena, path, xtune_arena_strdup(arena, text));
}

static bool is_same(const char *a, const char *b)
{
    return !a == !b && (!a || !strcmp(a, b));
}

static xt_json *file_target(xtune_arena *arena, const char *path)
{
    xt_json *target = xt_json_object(arena);

    xt_json_add_string(arena, target, "file", path);
    return target;
}

static void drop_action(xtune_plan *plan, xtune_action *action)
{
    const size_t behind =
        plan->nr_actions - 1 - (size_t)(action - plan->actions);

    memmove(action, action + 1, behind * sizeof(*action));
    plan->nr_actions--;
}

/* What one that is there already makes of its file. */
static void change_action(xtune_plan *plan, xtune_action *action,
                          const char *new, const char *reason)
{
    xtune_arena *arena = plan->arena;

    action->new = xt_json_string(arena, new);
    if (xt_json_equal(action->old, action->new))
        drop_action(plan, action);
    else if (!strstr(action->reason, reason))
        action->reason =
            xtune_arena_printf(arena, "%s, %s", action->reason, reason);
}

void xt_plan_add_file(xtune_plan *plan, const char *path, const char *old,
                      const char *new, const char *reason)
{
    xtune_arena *arena = plan->arena;
    xtune_action *action = find_action(plan, "file", path);

    old = file_value(arena, path, old);
    new = file_value(arena, path, new);
    if (action) {
        change_action(plan, action, new, reason);
        return;
    }
    if (is_same(old, new)) return;
    path = xtune_arena_strdup(arena, path);
    xt_plan_add(plan, &(xtune_action){
                          .kind = "file",
                          .object = path,
                          .target = file_target(arena, path),
                          .old = xt_json_string(arena, old),
                          .new = xt_json_string(arena, new),
                          .reason = xtune_arena_strdup(arena, reason),
                      });
}

const char *xt_plan_file(const xtune_plan *plan, const xtune_host *host,
                         const char *path)
{
    const xtune_action *action = find_action(plan, "file", path);

    return action ? xt_json_text(action->new) : xtune_host_file(host, path);
}

void xt_plan_add_governor(xtune_plan *plan, const xtune_cpu *cpu,
                          const char *governor, const char *reason)
{
    xtune_arena *arena = plan->arena;
    xt_json *target;

    if (!cpu->governor || !strcmp(cpu->governor, governor)) return;
    target = xt_json_object(arena);
    xt_json_add_u64(arena, target, "cpu", cpu->id);
    xt_plan_add(
        plan,
        &(xtune_action){
            .kind = "cpufreq-governor",
            .object = xtune_arena_printf(arena, "CPU %u", cpu->id),
            .target = target,
            .old = xt_json_string(arena,
                                  xtune_arena_strdup(arena, cpu->governor)),
            .new = xt_json_string(arena, xtune_arena_strdup(arena, governor)),
            .reason = xtune_arena_strdup(arena, reason),
        });
}
