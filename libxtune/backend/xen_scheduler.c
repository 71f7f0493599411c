/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scheduler of its pool gives each domain: a call for each. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

static int read_credit(xt_xen *xen, xtune_domain *domain)
{
    struct xen_domctl_sched_credit params = { .weight = 0 };

    if (xc_sched_credit_domain_get(xen->xc, domain->id, &params)) return -1;
    domain->weight = params.weight;
    domain->cap = params.cap;
    return 0;
}

static int read_credit2(xt_xen *xen, xtune_domain *domain)
{
    struct xen_domctl_sched_credit2 params = { .weight = 0 };

    if (xc_sched_credit2_domain_get(xen->xc, domain->id, &params)) return -1;
    domain->weight = params.weight;
    domain->cap = params.cap;
    return 0;
}

/* The schedulers that know weights: null, rtds and arinc653 do not. */
static const struct {
    const char *scheduler;
    /* -1 with errno where Xen says no. */
    int (*read)(xt_xen *xen, xtune_domain *domain);
} readers[] = {
    { "credit", read_credit },
    { "credit2", read_credit2 },
};

static int read_domain(xt_xen *xen, const xtune_host *host,
                       xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    size_t i;

    for (i = 0; pool && i < XT_ARRAY_SIZE(readers); i++)
        if (!strcmp(pool->scheduler, readers[i].scheduler))
            return readers[i].read(xen, domain);
    return 0;
}

int xt_xen_read_scheduling(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    size_t i, kept = 0;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        /* EINVAL: it has moved to a pool with another scheduler, and what it
         * has there is not known (xen/common/sched/core.c, sched_adjust). */
        if (read_domain(xen, host, domain) && errno != EINVAL) {
            if (errno == ESRCH) continue;
            return xt_xen_error(err, domain->name[0] ? domain->name : "xen",
                                "ask Xen for its weight");
        }
        host->domains[kept++] = *domain;
    }
    host->nr_domains = kept;
    return 0;
}
