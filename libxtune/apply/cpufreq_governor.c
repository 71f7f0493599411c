/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpufreq-governor: that of a CPU as Xen has it, of a target {"cpu"}. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int find_cpu(const xtune_action *action, uint32_t *cpu_r,
                    xtune_error **err)
{
    uint64_t cpu;

    if (!xt_json_to_u64(xt_json_get(action->target, "cpu"), XTUNE_MAX_CPUS - 1,
                        &cpu))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say which CPU");
    *cpu_r = (uint32_t)cpu;
    return 0;
}

/* A CPU that is offline, or is no more, has none. */
static int governor_read(const xt_hands *hands, const xtune_action *action,
                         xtune_arena *arena, xt_json **value_r,
                         xtune_error **err)
{
    const char *governor;
    uint32_t cpu = 0;
    int rc;

    rc = find_cpu(action, &cpu, err);
    if (rc) return rc;
    rc = hands->backend->ops->get_governor(hands->backend, cpu, arena,
                                           &governor, err);
    if (rc == XTUNE_ERR_UNSUPPORTED) return XTUNE_ERR_NOT_FOUND;
    if (!rc) *value_r = xt_json_string(arena, governor);
    return rc;
}

static int governor_write(const xt_hands *hands, const xtune_action *action,
                          const xt_json *value, xtune_arena *arena,
                          xt_made *made, xtune_error **err)
{
    uint32_t cpu = 0;
    int rc;

    (void)arena;
    (void)made;
    rc = find_cpu(action, &cpu, err);
    if (rc) return rc;
    if (!xt_json_text(value))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say which governor");
    return hands->backend->ops->set_governor(hands->backend, cpu,
                                             xt_json_text(value), err);
}

const xt_action_kind xt_kind_cpufreq_governor = {
    .name = "cpufreq-governor",
    .read = governor_read,
    .write = governor_write,
};
