/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's vCPUs, now and at the next boot. */
#include <string.h>

#include "dom0/parts.h"
#include "plan/builder.h"
#include "plan/dom0.h"

#define DOM0 "Domain-0"
#define VCPUS_KEY "dom0_max_vcpus"

static int check_order(const xt_dom0_asking *a, xtune_error **err)
{
    size_t i;

    for (i = 0; i < a->dom0->nr_vcpus; i++)
        if (a->dom0->vcpus[i].online != (i < a->dom0->online_vcpus))
            return xtune_error_set(
                err, XTUNE_ERR_UNSUPPORTED, 0, DOM0,
                "bring those online first that are between",
                "its vCPUs that are online are not its first %u",
                a->dom0->online_vcpus);
    return 0;
}

static int add_vcpus_now(const xt_dom0_asking *a, uint32_t nr,
                         xtune_error **err)
{
    int rc;

    if (!a->dom0 || !a->dom0->nr_vcpus)
        return xt_dom0_not_known(err, "what vCPUs it has");
    if (nr > a->dom0->nr_vcpus)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, DOM0,
                               "set it for the next boot",
                               "it was booted with %zu vCPUs: more take a "
                               "boot",
                               a->dom0->nr_vcpus);
    rc = check_order(a, err);
    if (!rc) xt_dom0_add_number(a, "dom0-vcpus", a->dom0->online_vcpus, nr);
    return rc;
}

/* "N" is as many whatever the host has, "M-N" as many as it has CPUs within
 * that: XCP-ng has "1-N". A range stays one. */
static const char *vcpus_value(const xt_dom0_asking *a, uint32_t nr)
{
    xtune_arena *arena = a->plan->arena;
    const char *before = xt_dom0_boot_max_vcpus(arena, a->host);
    uint32_t min = 1, max;

    if (before ? !strchr(before, '-') : !xt_dom0_is_xcp(a->host))
        return xtune_arena_printf(arena, "%u", nr);
    if (!before || xt_dom0_max_vcpus_read(before, &min, &max, NULL) ||
        min > nr)
        min = 1;
    return xtune_arena_printf(arena, "%u-%u", min, nr);
}

static int add_vcpus_at_boot(const xt_dom0_asking *a, uint32_t nr,
                             xtune_error **err)
{
    int rc;

    rc = xt_dom0_check_boot(a, err);
    if (rc) return rc;
    xt_dom0_add_boot(a, VCPUS_KEY, vcpus_value(a, nr));
    if (a->host->nr_cpus && nr > a->host->nr_cpus)
        xt_plan_add_note(a->plan, DOM0,
                         xtune_arena_printf(
                             a->plan->arena,
                             "the host has %zu CPUs: its vCPUs will wait for "
                             "each other",
                             a->host->nr_cpus));
    xt_dom0_note_inventory(a, "DOM0_VCPUS");
    return 0;
}

int xt_plan_add_dom0_vcpus(const xt_dom0_asking *a, uint32_t nr,
                           xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc = 0;

    if (!nr)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, DOM0, NULL,
                               "it needs one vCPU at least");
    if (a->when & XTUNE_DOM0_NOW) {
        rc = add_vcpus_now(a, nr, &cause);
        rc = xt_dom0_note_refusal(a, rc, cause, err);
    }
    if (!rc && a->when & XTUNE_DOM0_BOOT) rc = add_vcpus_at_boot(a, nr, err);
    return rc;
}
