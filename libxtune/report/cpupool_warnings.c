/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What costs the domains of a pool time, as far as it shows. */
#include <stdarg.h>
#include <string.h>

#include "report/cpupool.h"
#include "report/locality.h"
#include "report/text.h"

static void warn(xtune_arena *arena, xt_pool_view *view, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void warn(xtune_arena *arena, xt_pool_view *view, const char *fmt, ...)
{
    va_list ap;

    view->warnings = xtune_arena_grow(arena, view->warnings, view->nr_warnings,
                                      sizeof(*view->warnings));
    va_start(ap, fmt);
    view->warnings[view->nr_warnings++] = xtune_arena_vprintf(arena, fmt, ap);
    va_end(ap);
}

/* Of those that it is on, the one where it has most CPUs. */
static void warn_of_spread(xtune_arena *arena, const xtune_host *host,
                           xt_pool_view *view)
{
    unsigned int best = XTUNE_NONE, most = 0, id;

    if (xtune_set_count(&view->nodes) < 2) return;
    xtune_set_for_each(id, &view->nodes)
    {
        xtune_set here = xtune_set_copy(arena, &host->node_cpus[id]);

        if (xtune_set_count(&here) < view->nr_cpus) continue;
        xtune_set_and(&here, &view->pool->cpus);
        if (xtune_set_count(&here) <= most) continue;
        most = xtune_set_count(&here);
        best = id;
    }
    if (best == XTUNE_NONE) return;
    warn(arena, view,
         "its %u CPUs are on nodes %s, and node %u alone has as many",
         view->nr_cpus, xtune_set_format_ids(arena, &view->nodes), best);
}

static void warn_of_memory(xtune_arena *arena, const xtune_host *host,
                           xt_pool_view *view)
{
    const char *nodes = xtune_arena_printf(
        arena, "node%s %s", xtune_set_count(&view->nodes) == 1 ? "" : "s",
        xtune_set_format_ids(arena, &view->nodes));
    uint64_t sum = 0;
    unsigned int id;

    if (xtune_set_is_empty(&view->nodes)) return;
    xtune_set_for_each(id, &view->nodes)
    {
        const xtune_node *node = xtune_host_node(host, id);

        if (!node || node->memory_kb == XTUNE_UNKNOWN_KB) return;
        sum += node->memory_kb;
    }
    if (!sum)
        warn(arena, view, "there is no memory on %s: all is far", nodes);
    else if (!view->free_kb)
        warn(arena, view, "no memory is free on %s", nodes);
}

static void warn_of_domain(xtune_arena *arena, const xtune_host *host,
                           xt_pool_view *view, const xtune_domain *domain)
{
    const char *name = *domain->name ? domain->name : domain->uuid;
    uint64_t local_kb, total_kb;

    if (xtune_domain_local_kb(host, domain, &view->nodes, &local_kb,
                              &total_kb) &&
        local_kb < total_kb - local_kb)
        warn(arena, view,
             "most of the memory of %s is elsewhere, %s of it is local", name,
             xt_text_permille(arena, xt_permille(local_kb, total_kb)));
}

/* Each CPU of the null scheduler runs one vCPU, of whichever domain. */
static void warn_of_null(xtune_arena *arena, const xtune_host *host,
                         xt_pool_view *view)
{
    unsigned int vcpus = 0;
    size_t i;

    if (!view->pool->scheduler || strcmp(view->pool->scheduler, "null"))
        return;
    for (i = 0; i < host->nr_domains; i++)
        if (xt_pool_has(view->pool, &host->domains[i]))
            vcpus += host->domains[i].online_vcpus;
    if (vcpus > view->nr_cpus)
        warn(arena, view,
             "its domains have %u vCPUs and it has %u CPUs: under the null "
             "scheduler some never run",
             vcpus, view->nr_cpus);
}

void xt_pool_warn(xtune_arena *arena, const xtune_host *host,
                  xt_pool_view *view)
{
    size_t i;

    warn_of_spread(arena, host, view);
    warn_of_memory(arena, host, view);
    for (i = 0; i < host->nr_domains; i++)
        if (xt_pool_has(view->pool, &host->domains[i]))
            warn_of_domain(arena, host, view, &host->domains[i]);
    warn_of_null(arena, host, view);
}
