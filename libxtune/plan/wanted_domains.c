/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pools that domains are wanted in, by their rules and records. */
#include "base/util.h"
#include "plan/wisher.h"

void xt_wisher_block(const xt_wisher *w, const char *kind, const char *object,
                     const char *wanted, const xtune_error *why)
{
    xt_plan_add_blocked(w->plan, kind, object, wanted,
                        why->hint ? xtune_arena_printf(w->arena, "%s; %s",
                                                       why->message, why->hint)
                                  : why->message);
}

static bool looked_after(const xt_wisher *w, size_t i)
{
    return (!w->request->only || w->request->only[i]) &&
           xt_layout_counts(w->layout, i);
}

/* Where it is wanted; NULL where no word is said of it, or where that pool
 * cannot take it. */
static const char *wanted_pool(const xt_wisher *w, size_t i, size_t *pool_r,
                               xtune_source *source_r)
{
    const xtune_domain *domain = &w->host->domains[i];
    const char *name =
        xtune_policy_cpupool(w->request->policy, w->host, domain, source_r);
    const char *why = NULL;

    if (!name) return NULL;
    *pool_r = xt_layout_find(w->layout, name);
    if (*pool_r == XT_NO_POOL)
        why = xtune_arena_printf(w->arena,
                                 "there is no cpupool \"%s\": name it in "
                                 "<host>, or make it by \"xltune "
                                 "cpupool-create\"",
                                 name);
    else if (xtune_set_is_empty(&w->layout->pools[*pool_r].cpus))
        why = "the cpupool has no CPU";
    if (!why) return name;
    xt_plan_add_blocked(w->plan, "domain-cpupool", domain->name, name, why);
    return NULL;
}

static void stay(const xt_wisher *w, size_t i, size_t kept,
                 const xtune_error *why)
{
    xt_wisher_block(w, "domain-cpupool", w->host->domains[i].name,
                    w->layout->pools[w->layout->pool_of[i]].name, why);
    w->layout->pool_of[i] = kept;
    w->layout->reasons[i] = NULL;
}

static void place_domain(const xt_wisher *w, size_t i)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const size_t kept = w->layout->pool_of[i];
    xtune_source source;
    size_t pool;

    if (!wanted_pool(w, i, &pool, &source)) return;
    w->layout->pool_of[i] = pool;
    w->layout->reasons[i] = xtune_arena_printf(
        w->arena, "as \"%s\" says", xtune_source_text(w->arena, source));
    if (!w->host->domains[i].id && xt_layout_check_dom0(w->layout, &why))
        stay(w, i, kept, why);
}

/* Of those that come to a pool that with the most vCPUs, of like ones the
 * last; the number of domains where none comes. */
static size_t largest_newcomer(const xt_wisher *w, const size_t *kept,
                               size_t pool)
{
    const xtune_domain *domains = w->host->domains;
    size_t i, largest = w->host->nr_domains;

    for (i = 0; i < w->host->nr_domains; i++)
        if (w->layout->pool_of[i] == pool && kept[i] != pool &&
            (largest == w->host->nr_domains ||
             domains[i].online_vcpus >= domains[largest].online_vcpus))
            largest = i;
    return largest;
}

/* One that a pool has no room for is not to keep the others where they are. */
static void turn_away(const xt_wisher *w, const size_t *kept)
{
    size_t p = 0, i;

    while (p < w->layout->nr_pools) {
        XT_CLEANUP_ERROR xtune_error *why = NULL;

        i = w->host->nr_domains;
        if (xt_layout_check_null(w->layout, p, &why))
            i = largest_newcomer(w, kept, p);
        if (i == w->host->nr_domains) {
            p++;
            continue;
        }
        stay(w, i, kept[i], why);
        p = 0; /* where it came from there may be too many now */
    }
}

void xt_wisher_place_domains(const xt_wisher *w)
{
    const size_t nr = w->host->nr_domains;
    size_t *kept = XTUNE_NEW_ARRAY(w->arena, size_t, nr), i;

    for (i = 0; i < nr; i++) {
        kept[i] = w->layout->pool_of[i];
        if (looked_after(w, i)) place_domain(w, i);
    }
    turn_away(w, kept);
}
