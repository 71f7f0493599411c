/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory, now and at the next boot. */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"
#include "host/xl_conf.h"
#include "plan/builder.h"
#include "plan/dom0.h"

#define DOM0 "Domain-0"
#define MEM_KEY "dom0_mem"

/* So many guests are named that hold the memory. */
#define MAX_NAMED 4

static int check_least(const xt_dom0_asking *a, uint64_t kb, xtune_error **err)
{
    uint64_t floor_kb = XTUNE_UNKNOWN_KB;
    xt_dom0_used used;

    xt_dom0_used_read(xtune_host_file(a->host, "/proc/meminfo"), NULL, NULL,
                      &used);
    if (a->dom0) floor_kb = xt_dom0_floor_kb(&used, a->dom0->memory_kb);
    if (floor_kb == XTUNE_UNKNOWN_KB) floor_kb = XT_DOM0_LEAST_KB;
    if (kb >= floor_kb) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, DOM0,
        xtune_arena_printf(a->plan->arena,
                           "give it %" PRIu64 " MiB or more, or stop what "
                           "needs memory there",
                           floor_kb >> 10),
        "%" PRIu64 " MiB are less than what runs in it needs now", kb >> 10);
}

static int check_host(const xt_dom0_asking *a, uint64_t kb, xtune_error **err)
{
    const uint64_t host_kb = a->host->xen.total_kb;

    if (host_kb == XTUNE_UNKNOWN_KB || kb < host_kb) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, DOM0, NULL,
                           "the host has %" PRIu64
                           " MiB in all, and Xen needs "
                           "some of them",
                           host_kb >> 10);
}

/* The largest guests, and what the others have: "web1 (4096 MiB), ...". */
static const char *holders(const xt_dom0_asking *a)
{
    xtune_arena *arena = a->plan->arena;
    bool *named = XTUNE_NEW_ARRAY(arena, bool, a->host->nr_domains);
    const char *text = "";
    uint64_t rest_kb = 0;
    size_t i, nr = 0;

    for (; nr < MAX_NAMED; nr++) {
        const xtune_domain *most = NULL;

        for (i = 0; i < a->host->nr_domains; i++) {
            const xtune_domain *domain = &a->host->domains[i];

            if (domain->id && !named[i] &&
                (!most || domain->memory_kb > most->memory_kb))
                most = domain;
        }
        if (!most) break;
        named[most - a->host->domains] = true;
        text = xtune_arena_printf(
            arena, "%s%s%s (%" PRIu64 " MiB)", text, nr ? ", " : "",
            most->name[0] ? most->name : "a guest", most->memory_kb >> 10);
    }
    for (i = 0; i < a->host->nr_domains; i++)
        if (a->host->domains[i].id && !named[i])
            rest_kb += a->host->domains[i].memory_kb;
    if (rest_kb)
        text = xtune_arena_printf(arena, "%s and others (%" PRIu64 " MiB)",
                                  text, rest_kb >> 10);
    return nr ? text : "Xen itself";
}

static int check_free(const xt_dom0_asking *a, uint64_t more_kb,
                      xtune_error **err)
{
    const uint64_t free_kb = a->host->xen.free_kb;

    if (free_kb == XTUNE_UNKNOWN_KB || more_kb <= free_kb) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, DOM0,
        "shut one down or give it less, or set it for the next boot",
        "it would need %" PRIu64 " MiB more, and %" PRIu64
        " are free: %s hold the rest",
        more_kb >> 10, free_kb >> 10, holders(a));
}

static int check_static_max(const xt_dom0_asking *a, uint64_t kb,
                            xtune_error **err)
{
    const uint64_t max_kb = a->host->dom0.static_max_kb;

    if (max_kb == XTUNE_UNKNOWN_KB || kb <= max_kb) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, DOM0, "set it for the next boot",
        "it was booted with %" PRIu64 " MiB at most: more takes a boot",
        max_kb >> 10);
}

static int add_memory_now(const xt_dom0_asking *a, uint64_t kb,
                          xtune_error **err)
{
    const uint64_t target_kb = a->host->dom0.target_kb;
    int rc;

    if (!a->dom0 || target_kb == XTUNE_UNKNOWN_KB)
        return xt_dom0_not_known(err, "what its balloon is to leave it");
    rc = check_static_max(a, kb, err);
    if (!rc && kb > target_kb && kb > a->dom0->memory_kb)
        rc = check_free(a, kb - a->dom0->memory_kb, err);
    if (!rc) xt_dom0_add_number(a, "dom0-memory", target_kb, kb);
    return rc;
}

/* "4096M,max:4096M"; a least that was there before stays. */
static const char *mem_value(const xt_dom0_asking *a, uint64_t kb)
{
    xtune_arena *arena = a->plan->arena;
    const char *before = xt_dom0_boot_mem(arena, a->host);
    const char *min = NULL;
    xtune_dom0_mem mem = { .min_kb = XTUNE_UNKNOWN_KB };

    if (before &&
        !xt_dom0_mem_read(before, a->host->xen.total_kb, &mem, NULL) &&
        mem.min_kb != XTUNE_UNKNOWN_KB && mem.min_kb <= kb)
        min = xt_dom0_mem_min(arena, before);
    if (mem.min_kb != XTUNE_UNKNOWN_KB && mem.min_kb > kb)
        xt_plan_add_note(a->plan, MEM_KEY,
                         "its min: is more than that, and goes");
    return xtune_arena_printf(arena, "%s%s%" PRIu64 "M,max:%" PRIu64 "M",
                              min ? min : "", min ? "," : "", kb >> 10,
                              kb >> 10);
}

/* xl takes no memory from dom0 for guests where what it has is fixed. */
static void add_autoballoon(const xt_dom0_asking *a)
{
    xtune_arena *arena = a->plan->arena;
    const char *text = xtune_host_file(a->host, XT_DOM0_XL_CONF);
    const char *value =
        text ? xt_xl_conf_value(arena, text, "autoballoon") : NULL;
    const char *after;

    if (!text || (value && (!strcmp(value, "off") || !strcmp(value, "0"))))
        return;
    after = xt_xl_conf_with(arena, text, "autoballoon", "off");
    if (!after) {
        xt_plan_add_note(a->plan, XT_DOM0_XL_CONF,
                         xtune_arena_printf(arena,
                                            "autoballoon stays as it is: %s",
                                            xt_xl_conf_problem(arena, text)));
        return;
    }
    xt_plan_add_file(a->plan, XT_DOM0_XL_CONF, text, after,
                     "dom0's memory is fixed at boot");
}

static int add_memory_at_boot(const xt_dom0_asking *a, uint64_t kb,
                              xtune_error **err)
{
    int rc;

    rc = xt_dom0_check_boot(a, err);
    if (rc) return rc;
    xt_dom0_add_boot(a, MEM_KEY, mem_value(a, kb));
    add_autoballoon(a);
    xt_dom0_note_inventory(a, "DOM0_MEM");
    return 0;
}

int xt_plan_add_dom0_memory(const xt_dom0_asking *a, uint64_t kb,
                            xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    rc = check_least(a, kb, err);
    if (!rc) rc = check_host(a, kb, err);
    if (!rc && a->when & XTUNE_DOM0_NOW) {
        rc = add_memory_now(a, kb, &cause);
        rc = xt_dom0_note_refusal(a, rc, cause, err);
    }
    if (!rc && a->when & XTUNE_DOM0_BOOT) rc = add_memory_at_boot(a, kb, err);
    return rc;
}
