/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/drift.h>

#include "base/json.h"

bool xtune_domain_is_configured(const xtune_domain *domain)
{
    const xt_json *placement = xt_json_get(domain->configured, "placement");

    return placement && placement->type == XT_JSON_BOOL &&
           !placement->boolean && !xt_json_get(domain->configured, "nodes");
}

/* The mask of a vCPU in a list of them; one that is not there is "all". */
static xtune_set configured_mask(xtune_arena *arena, const xt_json *masks,
                                 size_t index, unsigned int nbits)
{
    xtune_set set = xtune_set_all(arena, nbits);
    const xtune_set all = set;
    const xtune_set_names names = { .what = "CPU", .exists = &all };
    const char *text =
        masks && masks->type == XT_JSON_ARRAY && index < masks->nr
            ? xt_json_text(masks->items[index])
            : NULL;

    if (text) (void)xtune_set_parse(arena, &names, "", text, &set, NULL);
    return set;
}

size_t xtune_domain_drift(const xtune_domain *domain, xtune_arena *arena,
                          xtune_drift **drifts_r)
{
    const bool all = xtune_domain_is_configured(domain);
    const xt_json *hard = xt_json_get(domain->configured, "hard");
    const xt_json *soft = xt_json_get(domain->configured, "soft");
    size_t i, nr = 0;

    *drifts_r = XTUNE_NEW_ARRAY(arena, xtune_drift, domain->nr_vcpus);
    for (i = 0; domain->configured && i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];
        const unsigned int nbits = vcpu->hard.nbits;
        xtune_drift *drift = &(*drifts_r)[nr];

        *drift = (xtune_drift){
            .vcpu = vcpu,
            .hard = configured_mask(arena, hard, vcpu->id, nbits),
            .soft = all ? configured_mask(arena, soft, vcpu->id, nbits)
                        : xtune_set_copy(arena, &vcpu->soft),
        };
        if (!xtune_set_equal(&vcpu->hard, &drift->hard) ||
            !xtune_set_equal(&vcpu->soft, &drift->soft))
            nr++;
    }
    return nr;
}
