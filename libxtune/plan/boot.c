/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that change command lines of the next boot. */
#include <xtune/boot.h>

#include <string.h>

#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"
#include "plan/boot_json.h"
#include "plan/builder.h"

#define OBJECT "command line"

static xtune_action *find_action(const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, XT_BOOT_PARAMETERS))
            return &plan->actions[i];
    return NULL;
}

static xtune_action *add_action(xtune_plan *plan)
{
    xtune_arena *arena = plan->arena;

    xt_plan_add(plan, &(xtune_action){
                          .kind = XT_BOOT_PARAMETERS,
                          .object = OBJECT,
                          .target = xt_json_object(arena),
                          .old = xt_json_object(arena),
                          .new = xt_json_object(arena),
                          .reason = "",
                      });
    xt_plan_add_note(plan, OBJECT, "its changes take effect at the next boot");
    return find_action(plan);
}

static void add_reason(xtune_arena *arena, xtune_action *action,
                       const char *reason)
{
    if (strstr(action->reason, reason)) return;
    action->reason = xtune_arena_printf(arena, "%s%s%s", action->reason,
                                        *action->reason ? ", " : "", reason);
}

static xt_json *values_of(xtune_arena *arena, const char *const *values,
                          size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();

    return xt_json_copy(arena, xt_boot_values_to_json(scratch, values, nr));
}

void xt_plan_add_boot(xtune_plan *plan, const char *line, const char *key,
                      const char *const *old, size_t nr_old,
                      const char *const *new, size_t nr_new,
                      const char *reason)
{
    xtune_arena *arena = plan->arena;
    xtune_action *action = find_action(plan);

    if (xt_boot_is_same_values(old, nr_old, new, nr_new)) return;
    if (!action) action = add_action(plan);
    xt_boot_json_set(arena, (xt_json *)action->old, line, key,
                     values_of(arena, old, nr_old));
    xt_boot_json_set(arena, (xt_json *)action->new, line, key,
                     values_of(arena, new, nr_new));
    add_reason(arena, action, reason);
}

/* Changes that a person asks for. */

static int not_known(const xtune_boot *boot, const char *line,
                     xtune_error **err)
{
    if (boot->problem)
        return xtune_error_set(
            err, XTUNE_ERR_UNSUPPORTED, 0, OBJECT, "mend it there",
            "what the next boot's is cannot be told: %s", boot->problem);
    return xtune_error_set(
        err, XTUNE_ERR_UNSUPPORTED, 0, OBJECT,
        "a snapshot that \"xltune snapshot\" makes in dom0 has it; or name "
        "dom0's files with --root",
        "it is not known what the next boot's is of %s", line);
}

static int is_twice(const xtune_boot_change *change, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, change->key, "give all its values at once",
        "it is there twice among the changes of \"%s\"", change->line);
}

static int add_change(xtune_plan *plan, const xtune_host *host,
                      const xtune_boot_change *change, xtune_error **err)
{
    const xtune_boot *boot = &host->boot;
    const char *text = !strcmp(change->line, "xen") ? boot->xen_configured
                                                    : boot->dom0_configured;
    const char *const *values = NULL;
    size_t nr = 0;
    int rc;

    if (text) nr = xt_boot_values(plan->arena, text, change->key, &values);
    rc = xt_boot_check_values(change, values, nr, err);
    if (rc) return rc;
    if (!text) return not_known(boot, change->line, err);
    xt_plan_add_boot(plan, change->line, change->key, values, nr,
                     change->values, change->nr_values, "asked for");
    return 0;
}

int xtune_plan_boot(const xtune_host *host, const xtune_boot_change *changes,
                    size_t nr, xtune_plan **plan_r, xtune_error **err)
{
    enum xt_boot_line which = XT_BOOT_DOM0;
    xtune_plan *plan = xt_plan_new();
    size_t i, k;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++) {
        rc = xt_boot_check_change(&changes[i], &which, err);
        for (k = 0; !rc && k < i; k++)
            if (!strcmp(changes[k].line, changes[i].line) &&
                xt_boot_is_same_key(changes[k].key, changes[i].key))
                rc = is_twice(&changes[i], err);
        if (!rc) rc = add_change(plan, host, &changes[i], err);
    }
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}
