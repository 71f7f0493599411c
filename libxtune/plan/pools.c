/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plans behind the verbs of cpupools. */
#include <string.h>

#include "base/util.h"
#include "plan/layout.h"
#include "plan/rehome.h"
#include "plan/split.h"

static xt_layout_pool *pool_of(xt_layout *layout, const xtune_cpupool *pool)
{
    return &layout->pools[pool - layout->host->cpupools];
}

/* CPUs that come and go together are taken together. */
static xtune_set units_of(xtune_arena *arena, const xtune_host *host,
                          const xtune_set *cpus)
{
    return xtune_host_units(arena, host, cpus, host->cpupools[0].granularity);
}

static const char *granularity_of(const xtune_host *host)
{
    return host->cpupools[0].granularity;
}

static void note_siblings(xtune_plan *plan, const xtune_host *host,
                          const char *object, const xtune_set *asked,
                          const xtune_set *units)
{
    xtune_set more = xtune_set_copy(plan->arena, units);
    bool several;

    xtune_set_andnot(&more, asked);
    if (xtune_set_is_empty(&more)) return;
    several = xtune_set_count(&more) > 1;
    xt_plan_add_note(
        plan, object,
        xtune_arena_printf(
            plan->arena, "%s %s along: %s a %s with those named",
            xtune_arena_printf(plan->arena, "CPU%s %s", several ? "s" : "",
                               xtune_set_format_ids(plan->arena, &more)),
            several ? "go" : "goes", several ? "they share" : "it shares",
            granularity_of(host)));
}

/* The pool that a CPU is in; NULL. */
static const xtune_cpupool *holder_of(const xtune_host *host, unsigned int cpu)
{
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (xtune_set_has(&host->cpupools[i].cpus, cpu))
            return &host->cpupools[i];
    return NULL;
}

static int check_free(xtune_arena *arena, const xtune_host *host,
                      const char *object, const xtune_set *cpus,
                      xtune_error **err)
{
    unsigned int cpu;

    if (xtune_set_is_empty(cpus))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                               "see \"xltune info -n\"", "no CPU is named");
    xtune_set_for_each(cpu, cpus)
    {
        const xtune_cpupool *pool = holder_of(host, cpu);

        if (!pool) continue;
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, object,
            xtune_arena_printf(arena, "\"xltune cpupool-cpu-remove %s %u\"",
                               pool->name, cpu),
            "CPU %u is not free: cpupool \"%s\" has it", cpu, pool->name);
    }
    return 0;
}

static int check_new_name(const xtune_host *host, const char *name,
                          xtune_error **err)
{
    const char *why = NULL;
    size_t i;

    if (!xtune_cpupool_is_name(name, &why))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "cpupool", NULL,
                               "\"%.80s\" cannot be its name: %s", name, why);
    for (i = 0; i < host->nr_cpupools; i++)
        if (!strcmp(host->cpupools[i].name, name))
            return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, name,
                                   "see \"xltune cpupool-list\"",
                                   "there is a cpupool of that name already");
    return 0;
}

static int create(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                  const xtune_pool_change *change, xtune_error **err)
{
    const xtune_host *host = layout->host;
    xtune_set cpus;
    int rc;

    rc = check_new_name(host, change->name, err);
    if (rc) return rc;
    cpus = change->cpus ? units_of(arena, host, change->cpus)
                        : xtune_set_new(arena, host->nr_cpu_ids);
    if (change->cpus) {
        rc = check_free(arena, host, change->name, &cpus, err);
        if (rc) return rc;
        note_siblings(plan, host, change->name, change->cpus, &cpus);
    }
    layout->pools[layout->nr_pools++] = (xt_layout_pool){
        .name = change->name,
        .scheduler = change->scheduler ? change->scheduler
                                       : host->cpupools[0].scheduler,
        .cpus = cpus,
    };
    return 0;
}

static int destroy(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                   const xtune_pool_change *change, xtune_error **err)
{
    const size_t gone = (size_t)(change->pool - layout->host->cpupools);
    size_t i;

    (void)plan;
    for (i = 0; i < layout->host->nr_domains; i++)
        if (layout->pool_of[i] == gone &&
            !(layout->host->domains[i].state & XTUNE_STATE_DYING))
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, change->pool->name,
                xtune_arena_printf(arena, "\"xltune cpupool-migrate %s POOL\"",
                                   layout->host->domains[i].name),
                "it cannot be removed: domain %s is in it",
                layout->host->domains[i].name);
    layout->nr_pools--;
    for (i = gone; i < layout->nr_pools; i++)
        layout->pools[i] = layout->pools[i + 1];
    for (i = 0; i < layout->host->nr_domains; i++) {
        if (layout->pool_of[i] == gone) layout->pool_of[i] = XT_NO_POOL;
        if (layout->pool_of[i] != XT_NO_POOL && layout->pool_of[i] > gone)
            layout->pool_of[i]--;
    }
    return 0;
}

static int rename_pool(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                       const xtune_pool_change *change, xtune_error **err)
{
    int rc;

    (void)plan;
    (void)arena;
    if (!strcmp(change->pool->name, change->name)) return 0;
    rc = check_new_name(layout->host, change->name, err);
    if (!rc) pool_of(layout, change->pool)->name = change->name;
    return rc;
}

static int add_cpus(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                    const xtune_pool_change *change, xtune_error **err)
{
    const char *name = change->pool->name;
    xtune_set cpus = units_of(arena, layout->host, change->cpus);
    int rc;

    if (!xtune_set_is_empty(&cpus) &&
        xtune_set_is_subset(&cpus, &change->pool->cpus))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, name, NULL,
                               "it has CPUs %s already",
                               xtune_set_format_ids(arena, change->cpus));
    rc = check_free(arena, layout->host, name, &cpus, err);
    if (rc) return rc;
    note_siblings(plan, layout->host, name, change->cpus, &cpus);
    xtune_set_or(&pool_of(layout, change->pool)->cpus, &cpus);
    return 0;
}

static int remove_cpus(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                       const xtune_pool_change *change, xtune_error **err)
{
    const char *name = change->pool->name;
    xtune_set cpus = units_of(arena, layout->host, change->cpus);
    xtune_set others = xtune_set_copy(arena, &cpus);

    if (xtune_set_is_empty(&cpus))
        return check_free(arena, layout->host, name, &cpus, err);
    xtune_set_andnot(&others, &change->pool->cpus);
    if (!xtune_set_is_empty(&others))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, name,
            xtune_arena_printf(
                arena, "its CPUs are %s",
                xtune_set_format_ids(arena, &change->pool->cpus)),
            "it has not got CPUs %s", xtune_set_format_ids(arena, &others));
    note_siblings(plan, layout->host, name, change->cpus, &cpus);
    xtune_set_andnot(&pool_of(layout, change->pool)->cpus, &cpus);
    return 0;
}

static int split(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                 const xtune_pool_change *change, xtune_error **err)
{
    (void)plan;
    (void)change;
    if (xt_layout_is_split(layout->host)) return 0;
    if (layout->host->nr_cpupools > 1)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, "cpupools",
                               "run \"xltune cpupool-join\" first",
                               "there are %zu cpupools already",
                               layout->host->nr_cpupools);
    return xt_layout_split(layout, arena, err);
}

static int join(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                const xtune_pool_change *change, xtune_error **err)
{
    size_t i;

    (void)plan;
    (void)change;
    (void)err;
    layout->nr_pools = 1;
    layout->pools[0].name = "Pool-0";
    layout->pools[0].cpus = xtune_set_copy(arena, &layout->host->cpu_ids);
    for (i = 0; i < layout->host->nr_domains; i++)
        if (layout->pool_of[i] != XT_NO_POOL) layout->pool_of[i] = 0;
    return 0;
}

static const struct {
    const char *name; /* of the command, as the reason */
    int (*change)(xt_layout *layout, xtune_plan *plan, xtune_arena *arena,
                  const xtune_pool_change *change, xtune_error **err);
} verbs[] = {
    [XTUNE_POOL_CREATE] = { "cpupool-create", create },
    [XTUNE_POOL_DESTROY] = { "cpupool-destroy", destroy },
    [XTUNE_POOL_RENAME] = { "cpupool-rename", rename_pool },
    [XTUNE_POOL_ADD_CPUS] = { "cpupool-cpu-add", add_cpus },
    [XTUNE_POOL_REMOVE_CPUS] = { "cpupool-cpu-remove", remove_cpus },
    [XTUNE_POOL_SPLIT] = { "cpupool-numa-split", split },
    [XTUNE_POOL_JOIN] = { "cpupool-join", join },
};

/* The shares of local memory before and after. */
static void summarize(xtune_plan *plan, xtune_arena *arena,
                      const xt_layout *layout)
{
    xtune_plan *after = xt_plan_new();
    xt_masks *own = XTUNE_NEW_ARRAY(arena, xt_masks, layout->host->nr_domains);

    xt_plan_summarize(plan, layout->host, own);
    xt_plan_summarize(after, xt_layout_then(arena, layout), own);
    plan->local_after_permille = after->local_after_permille;
    xtune_plan_free(after);
}

/* Memory on the nodes of some CPUs; false where it is not known, or where most
 * of it is there. */
static bool most_is_not_at(xtune_arena *arena, const xtune_host *host,
                           const xtune_domain *domain, const xtune_set *cpus,
                           uint64_t *local_r)
{
    const xtune_set nodes = xtune_host_nodes_of(arena, host, cpus);
    uint64_t total;

    return xtune_domain_local_kb(host, domain, &nodes, local_r, &total) &&
           *local_r < total - *local_r;
}

/* Whether its pool, another or with other CPUs, leaves memory behind. */
static bool leaves_memory(xtune_arena *arena, const xtune_host *host,
                          const xtune_domain *domain,
                          const xt_layout_pool *pool)
{
    const xtune_cpupool *now = xtune_host_cpupool(host, domain->cpupool);
    uint64_t before, then;

    if (!most_is_not_at(arena, host, domain, &pool->cpus, &then)) return false;
    return pool->was != now ||
           !most_is_not_at(arena, host, domain, &now->cpus, &before) ||
           then < before;
}

/* Domains that go where most of their memory is not. */
static void note_memory(xtune_plan *plan, xtune_arena *arena,
                        const xt_layout *layout)
{
    const xtune_host *host = layout->host;
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];
        const size_t p = layout->pool_of[i];

        if (!domain->id || p == XT_NO_POOL ||
            !leaves_memory(arena, host, domain, &layout->pools[p]))
            continue;
        xt_plan_add_note(
            plan, domain->name,
            xtune_arena_printf(arena,
                               "most of its memory is not on the nodes of "
                               "cpupool \"%s\": \"xltune rehome\" moves it",
                               layout->pools[p].name));
    }
}

static int end(xtune_plan *plan, xtune_arena *arena, const xt_layout *layout,
               bool follow, int rc, xtune_plan **plan_r, xtune_error **err)
{
    if (!rc) rc = xt_plan_add_layout(plan, layout, err);
    if (rc) {
        xtune_plan_free(plan);
        return rc;
    }
    summarize(plan, arena, layout);
    if (!follow) note_memory(plan, arena, layout);
    *plan_r = plan;
    return 0;
}

int xtune_plan_pool_change(const xtune_host *host,
                           const xtune_pool_change *change,
                           xtune_plan **plan_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_plan *plan = xt_plan_new();
    xt_layout layout = xt_layout_now(arena, host);
    int rc;

    layout.reason = verbs[change->verb].name;
    rc = verbs[change->verb].change(&layout, plan, arena, change, err);
    return end(plan, arena, &layout, false, rc, plan_r, err);
}

/* Moving a domain. */

/* The move of its memory, on top of the layout that is planned. */
static int add_follow(xtune_plan *plan, xtune_arena *arena,
                      const xtune_plan_request *request,
                      const xt_layout *layout, size_t index, xtune_error **err)
{
    xtune_plan_request follow = *request;
    xtune_host *then = xt_layout_then(arena, layout);
    int rc;

    xt_layout_take_stored(then, plan);
    follow.host = then;
    rc = xt_plan_follow(plan, arena, &follow, &then->domains[index], err);
    if (!rc) xt_plan_chain_moves(plan);
    return rc;
}

/* Whether its memory is on the pool's nodes already, all of it that counts. */
static bool is_there(const xtune_host *host, const xtune_domain *domain,
                     const xtune_set *nodes)
{
    uint64_t local, total;

    return xtune_domain_local_kb(host, domain, nodes, &local, &total) &&
           total - local <= total / 64;
}

int xtune_plan_domain_pool(const xtune_plan_request *request,
                           const xtune_domain *domain,
                           const xtune_cpupool *pool, bool follow,
                           xtune_plan **plan_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_host *host = request->host;
    const size_t index = (size_t)(domain - host->domains);
    xt_layout layout = xt_layout_now(arena, host);
    xtune_set nodes = xtune_host_nodes_of(arena, host, &pool->cpus);
    int rc;

    if (domain->state & XTUNE_STATE_DYING)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name, NULL,
                               "it is on its way out");
    layout.reason = "cpupool-migrate";
    layout.pool_of[index] = (size_t)(pool - host->cpupools);
    rc = end(xt_plan_new(), arena, &layout, follow, 0, plan_r, err);
    if (rc || !follow || is_there(host, domain, &nodes)) return rc;
    rc = add_follow(*plan_r, arena, request, &layout, index, err);
    if (rc) {
        xtune_plan_free(*plan_r);
        *plan_r = NULL;
    }
    return rc;
}
