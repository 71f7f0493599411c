/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/wanted_record.h"

size_t xt_record_domain(const xtune_plan_request *request,
                        const xtune_record *record)
{
    const xtune_host *host = request->host;
    size_t i, found = host->nr_domains;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (!domain->id ||
            xtune_policy_record(request->policy, host, domain) != record)
            continue;
        found = i;
        /* One that is made again may be there with what is left of it. */
        if (!(domain->state & XTUNE_STATE_DYING)) break;
    }
    return found;
}

/* One that libxl is still making, or that is on its way out, takes none; but
 * the former is to be beside those that it is going to have. */
enum xt_care xt_record_care(const xtune_plan_request *request, size_t index)
{
    const xtune_domain *domain = &request->host->domains[index];
    size_t i;

    if (domain->state & (XTUNE_STATE_DYING | XTUNE_STATE_SHUTDOWN))
        return XT_CARE_LEAVE;
    if (request->only) {
        if (!request->only[index]) return XT_CARE_LEAVE;
        return request->devices && request->devices[index] ? XT_CARE_GIVE
                                                           : XT_CARE_COUNT;
    }
    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].online) return XT_CARE_GIVE;
    return domain->configured ? XT_CARE_GIVE : XT_CARE_COUNT;
}
