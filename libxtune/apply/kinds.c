/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

static const xt_action_kind *const kinds[] = {
    &xt_kind_vcpu_affinity,
    &xt_kind_stored_affinity,
    &xt_kind_rehome,
    &xt_kind_cpupool,
    &xt_kind_cpupool_name,
    &xt_kind_cpupool_cpus,
    &xt_kind_cpupool_scheduling,
    &xt_kind_domain_cpupool,
    &xt_kind_scheduling,
    &xt_kind_boot_parameters,
    &xt_kind_file,
    &xt_kind_cpufreq_governor,
    &xt_kind_dom0_memory,
    &xt_kind_dom0_vcpus,
    &xt_kind_pci_assignable,
    &xt_kind_pci,
    &xt_kind_sriov,
    &xt_kind_usb_rules,
    &xt_kind_usb,
    &xt_kind_usb_controller,
    &xt_kind_usb_driver,
};

const xt_action_kind *xt_action_kind_find(const char *name)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(kinds); i++)
        if (!strcmp(kinds[i]->name, name)) return kinds[i];
    return NULL;
}

size_t xt_lasting_actions(xtune_arena *arena, const xtune_action *actions,
                          size_t nr, const xtune_action **lasting_r)
{
    xtune_action *lasting = XTUNE_NEW_ARRAY(arena, xtune_action, nr);
    size_t i, nr_lasting = 0;

    for (i = 0; i < nr; i++) {
        const xt_action_kind *kind = xt_action_kind_find(actions[i].kind);

        if (kind && kind->lasts && kind->lasts(&actions[i]))
            lasting[nr_lasting++] = actions[i];
    }
    *lasting_r = lasting;
    return nr_lasting;
}

bool xt_action_same_object(const xtune_action *a, const xtune_action *b)
{
    const xt_json *uuid_a = xt_json_get(a->target, "uuid");
    const xt_json *uuid_b = xt_json_get(b->target, "uuid");

    return !strcmp(a->kind, b->kind) && !strcmp(a->object, b->object) &&
           uuid_a && uuid_b && xt_json_equal(uuid_a, uuid_b);
}

int xt_kind_domain(const xtune_action *action, xt_domain_ref *ref_r,
                   xtune_error **err)
{
    const char *uuid = xt_json_text(xt_json_get(action->target, "uuid"));
    uint64_t domid;

    if (!uuid || !xt_json_to_u64(xt_json_get(action->target, "domid"),
                                 UINT32_MAX, &domid))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say which domain");
    *ref_r = (xt_domain_ref){
        .domid = (unsigned int)domid,
        .uuid = uuid,
        .name = action->object,
    };
    return 0;
}

int xt_kind_text(const xtune_action *action, const char *key,
                 const char **text_r, xtune_error **err)
{
    *text_r = xt_json_text(xt_json_get(action->target, key));
    if (*text_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                           "the action does not say its \"%s\"", key);
}
