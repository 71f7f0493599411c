/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What schedulers give to domains and pools, byte for byte as xl prints it
 * (xen.git tools/xl/xl_sched.c); "-" for what a snapshot does not hold.
 */
#include <inttypes.h>
#include <string.h>

#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "host/scheduling.h"
#include "report/cpupool.h"
#include "report/text.h"

typedef struct view_writer {
    FILE *out;
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_scheduling_view *view;
} view_writer;

static bool is(const view_writer *w, const char *scheduler)
{
    return !strcmp(w->view->scheduler, scheduler);
}

static bool runs(const xtune_scheduling_view *view, const xtune_cpupool *pool)
{
    return pool->scheduler && !strcmp(pool->scheduler, view->scheduler);
}

/* The vCPUs that are to be shown, in the order that was asked for. */
static size_t vcpus_of(xtune_arena *arena, const xtune_scheduling_view *view,
                       const xtune_domain *domain, const xtune_vcpu ***vcpus_r)
{
    const size_t nr_ids =
        view->vcpu_ids ? view->nr_vcpu_ids : domain->nr_vcpus;
    const xtune_vcpu **vcpus =
        XTUNE_NEW_ARRAY(arena, const xtune_vcpu *, nr_ids);
    size_t nr = 0, i, k;

    for (i = 0; i < nr_ids; i++)
        for (k = 0; k < domain->nr_vcpus; k++)
            if (view->vcpu_ids ? domain->vcpus[k].id == view->vcpu_ids[i]
                               : k == i)
                vcpus[nr++] = &domain->vcpus[k];
    *vcpus_r = vcpus;
    return nr;
}

/* Of a pool. */

static void put_pool(const view_writer *w, const xtune_cpupool *pool)
{
    const xtune_pool_scheduling *s = &pool->scheduling;
    const bool credit = is(w, "credit");

    fprintf(w->out, "Cpupool %s: ", xt_text_name(w->arena, pool->name));
    if (is(w, "rtds"))
        fputs("sched=RTDS\n", w->out);
    else if (!runs(w->view, pool) || s->ratelimit_us == XTUNE_NONE ||
             (credit && s->tslice_ms == XTUNE_NONE))
        fputs("[sched params unavailable]\n", w->out);
    else if (credit)
        fprintf(w->out,
                "tslice=%" PRIu32 "ms ratelimit=%" PRIu32
                "us migration-delay=%" PRIu32 "us\n",
                s->tslice_ms, s->ratelimit_us,
                s->migration_delay_us == XTUNE_NONE ? 0
                                                    : s->migration_delay_us);
    else
        fprintf(w->out, "ratelimit=%" PRIu32 "us\n", s->ratelimit_us);
}

/* Of domains. */

/* What Xen says of a domain under rtds, whatever its vCPUs have: it is there
 * for those to come (xen.git xen/common/sched/rt.c). xl adds the "yes". */
static const char *const rtds_defaults[] = { "10000", "4000", "yes" };

static void put_header(const view_writer *w)
{
    if (!is(w, "rtds"))
        fprintf(w->out, "%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
    else if (w->view->vcpus)
        fprintf(w->out, "%-33s %4s %4s %9s %9s %10s\n", "Name", "ID", "VCPU",
                "Period", "Budget", "Extratime");
    else
        fprintf(w->out, "%-33s %4s %9s %9s %10s\n", "Name", "ID", "Period",
                "Budget", "Extratime");
}

static void put_weight(const view_writer *w, const xtune_domain *domain)
{
    fprintf(w->out, "%-33s %4" PRIu32, xt_text_name(w->arena, domain->name),
            domain->id);
    if (domain->weight)
        fprintf(w->out, " %6" PRIu32 " %4" PRIu32 "\n", domain->weight,
                domain->cap);
    else
        fprintf(w->out, " %6s %4s\n", "-", "-");
}

static void put_vcpu(const view_writer *w, const xtune_domain *domain,
                     const xtune_vcpu *vcpu)
{
    fprintf(w->out, "%-33s %4" PRIu32 " %4" PRIu32,
            xt_text_name(w->arena, domain->name), domain->id, vcpu->id);
    if (vcpu->period_us)
        fprintf(w->out, " %9" PRIu32 " %9" PRIu32 " %10s\n", vcpu->period_us,
                vcpu->budget_us, vcpu->extratime ? "yes" : "no");
    else
        fprintf(w->out, " %9s %9s %10s\n", "-", "-", "-");
}

static void put_domain(const view_writer *w, const xtune_domain *domain)
{
    const xtune_vcpu **vcpus;
    size_t nr, i;

    if (!is(w, "rtds")) {
        put_weight(w, domain);
    } else if (!w->view->vcpus) {
        fprintf(w->out, "%-33s %4" PRIu32 " %9s %9s %10s\n",
                xt_text_name(w->arena, domain->name), domain->id,
                rtds_defaults[0], rtds_defaults[1], rtds_defaults[2]);
    } else {
        nr = vcpus_of(w->arena, w->view, domain, &vcpus);
        for (i = 0; i < nr; i++)
            put_vcpu(w, domain, vcpus[i]);
    }
}

static void put_pool_and_domains(const view_writer *w,
                                 const xtune_cpupool *pool)
{
    size_t i;

    put_pool(w, pool);
    put_header(w);
    for (i = 0; i < w->host->nr_domains; i++)
        if (xt_pool_has(pool, &w->host->domains[i]))
            put_domain(w, &w->host->domains[i]);
}

static void put_view(const view_writer *w)
{
    const xtune_scheduling_view *view = w->view;
    size_t i;

    if (view->domain) {
        put_header(w);
        put_domain(w, view->domain);
        return;
    }
    if (view->pool_alone) {
        put_pool(w, view->pool);
        return;
    }
    for (i = 0; i < w->host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &w->host->cpupools[i];

        if (runs(view, pool) && (!view->pool || view->pool == pool))
            put_pool_and_domains(w, pool);
    }
}

char *xtune_report_scheduling(const xtune_host *host,
                              const xtune_scheduling_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    view_writer w = { .arena = arena, .host = host, .view = view };
    xt_text text;

    xt_text_open(&text);
    w.out = text.out;
    put_view(&w);
    return xt_text_close(&text);
}

/* As JSON. */

static xt_json *vcpus_json(xtune_arena *arena,
                           const xtune_scheduling_view *view,
                           const xtune_domain *domain)
{
    xt_json *rows = xt_json_array(arena);
    const xtune_vcpu **vcpus;
    const size_t nr = vcpus_of(arena, view, domain, &vcpus);
    size_t i;

    for (i = 0; i < nr; i++) {
        xt_json *row = xt_json_object(arena);

        xt_json_add_u64(arena, row, "id", vcpus[i]->id);
        if (vcpus[i]->period_us) {
            xt_json_add_u64(arena, row, "period_us", vcpus[i]->period_us);
            xt_json_add_u64(arena, row, "budget_us", vcpus[i]->budget_us);
            xt_json_add_bool(arena, row, "extratime", vcpus[i]->extratime);
        }
        xt_json_append(arena, rows, row);
    }
    return rows;
}

static xt_json *domain_json(xtune_arena *arena,
                            const xtune_scheduling_view *view,
                            const xtune_domain *domain)
{
    xt_json *json = xt_json_object(arena);
    const bool known = domain->weight;

    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    if (!strcmp(view->scheduler, "rtds")) {
        xt_json_add(arena, json, "vcpus", vcpus_json(arena, view, domain));
    } else {
        xt_json_add(arena, json, "weight",
                    known ? xt_json_u64(arena, domain->weight)
                          : xt_json_null(arena));
        xt_json_add(arena, json, "cap",
                    known ? xt_json_u64(arena, domain->cap)
                          : xt_json_null(arena));
    }
    return json;
}

static xt_json *pool_json(xtune_arena *arena, const xtune_host *host,
                          const xtune_scheduling_view *view,
                          const xtune_cpupool *pool)
{
    xt_json *json = xt_json_object(arena), *rows = xt_json_array(arena);
    size_t i;

    xt_json_add_u64(arena, json, "id", pool->id);
    xt_json_add_string(arena, json, "name", pool->name);
    xt_json_add(arena, json, "scheduling",
                runs(view, pool) ? xt_scheduling_of_pool(arena, pool)
                                 : xt_json_null(arena));
    if (view->pool_alone) return json;
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (view->domain ? view->domain == domain : xt_pool_has(pool, domain))
            xt_json_append(arena, rows, domain_json(arena, view, domain));
    }
    xt_json_add(arena, json, "domains", rows);
    return json;
}

/* That of the domain, where it is about one. */
static bool shows_pool(const xtune_scheduling_view *view,
                       const xtune_cpupool *pool)
{
    if (view->domain) return xt_pool_has(pool, view->domain);
    if (view->pool_alone) return pool == view->pool;
    return runs(view, pool) && (!view->pool || view->pool == pool);
}

char *xtune_report_scheduling_json(const xtune_host *host,
                                   const xtune_scheduling_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *pools = xt_json_array(arena);
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (shows_pool(view, &host->cpupools[i]))
            xt_json_append(arena, pools,
                           pool_json(arena, host, view, &host->cpupools[i]));
    xt_json_add_string(arena, json, "schema", "xtune/scheduling/1");
    xt_json_add_string(arena, json, "scheduler", view->scheduler);
    xt_json_add(arena, json, "cpupools", pools);
    return xt_json_print(json);
}
