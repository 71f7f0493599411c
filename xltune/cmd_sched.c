/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sched-credit, sched-credit2 and sched-rtds: what schedulers give to domains
 * and pools. */
#include "sched_request.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>
#include <xtune/report.h>

/* The host. */

static const char *hint_for(const char *scheduler)
{
    static const char *const hints[][2] = {
        { "credit", "see \"xltune sched-credit\"" },
        { "credit2", "see \"xltune sched-credit2\"" },
        { "rtds", "see \"xltune sched-rtds\"" },
    };
    size_t i;

    for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
        if (!strcmp(hints[i][0], scheduler)) return hints[i][1];
    return "it has nothing to be set";
}

static const char *scheduler_of(const xtune_cpupool *pool)
{
    return pool && pool->scheduler ? pool->scheduler : "unknown";
}

static bool runs(const xtune_cpupool *pool, const char *scheduler)
{
    return !strcmp(scheduler_of(pool), scheduler);
}

/* What it is all about: a domain or a pool. */
static const char *object_of(const struct sched_request *r)
{
    if (r->domain) return r->domain->name;
    return r->pool ? r->pool->name : "cpupool";
}

static int check_domain(struct context *ctx, const struct sched_request *r,
                        xtune_error **err)
{
    const xtune_cpupool *pool =
        xtune_host_cpupool(ctx->host, r->domain->cpupool);
    const char *has = scheduler_of(pool);
    size_t i, k;

    if (!runs(pool, r->scheduler))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, r->domain->name,
                               hint_for(has),
                               "its pool \"%s\" has the scheduler %s, not %s",
                               r->domain->cpupool, has, r->scheduler);
    for (i = 0; i < r->nr_vcpus; i++) {
        for (k = 0; k < r->domain->nr_vcpus; k++)
            if (r->domain->vcpus[k].id == r->vcpus[i]) break;
        if (k == r->domain->nr_vcpus)
            return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0,
                                   r->domain->name, "see \"xltune vcpu-list\"",
                                   "there is no vCPU \"%u\"",
                                   (unsigned int)r->vcpus[i]);
    }
    return 0;
}

static int find_objects(struct context *ctx, struct sched_request *r,
                        xtune_error **err)
{
    const struct settings *s = &ctx->settings;
    int rc = 0;

    if (s->pool || s->schedparam)
        rc = xtune_host_find_cpupool(ctx->host, s->pool ? s->pool : "0",
                                     &r->pool, err);
    if (rc || !s->domain) return rc;
    rc = xtune_host_find_domain(ctx->host, s->domain, &r->domain, err);
    return rc ? rc : check_domain(ctx, r, err);
}

/* Showing. */

static int show(struct context *ctx, struct sched_request *r)
{
    const struct settings *s = &ctx->settings;
    xtune_scheduling_view view = {
        .scheduler = r->scheduler,
        .pool_alone = s->schedparam,
        .vcpus = s->vcpus.nr > 0,
        .vcpu_ids = r->nr_vcpus ? r->vcpus : NULL,
        .nr_vcpu_ids = r->nr_vcpus,
    };
    xtune_error *err = NULL;
    int rc;

    rc = observe(ctx, view.vcpus || s->json ? XTUNE_OBSERVE_VCPUS : 0, NULL, 0,
                 &err);
    if (!rc) rc = find_objects(ctx, r, &err);
    if (rc) return report_error(ctx, err);
    view.pool = r->pool;
    view.domain = r->domain;
    if (view.pool_alone && !runs(r->pool, r->scheduler)) {
        char *note =
            format_text("it has the scheduler %s", scheduler_of(r->pool));

        print_note(object_of(r), note);
        free(note);
    }
    return print_text(ctx,
                      s->json ? xtune_report_scheduling_json(ctx->host, &view)
                              : xtune_report_scheduling(ctx->host, &view),
                      EXIT_DONE);
}

/* Setting. */

static int plan_request(struct context *ctx, const struct sched_request *r,
                        xtune_plan **plan_r, xtune_error **err)
{
    if (r->domain)
        return xtune_plan_scheduling(ctx->host, r->domain, r->wanted,
                                     r->nr_wanted, plan_r, err);
    if (!runs(r->pool, r->scheduler))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, object_of(r),
                               hint_for(scheduler_of(r->pool)),
                               "it has the scheduler %s, not %s",
                               scheduler_of(r->pool), r->scheduler);
    return xtune_plan_pool_scheduling(ctx->host, r->pool, &r->wanted_pool,
                                      plan_r, err);
}

static int keep(struct context *ctx, const void *what, xtune_error **err)
{
    const struct sched_request *r = what;

    if (r->domain)
        return xtune_record_scheduling(ctx->state, ctx->host, r->domain,
                                       r->wanted, r->nr_wanted, err);
    return xtune_record_pool_scheduling(ctx->state, r->pool, &r->wanted_pool,
                                        err);
}

static void append(char **text, const char *option, const char *value)
{
    char *longer;

    if (!value) return;
    longer = format_text("%s %s%s%s", *text, option, *value ? " " : "", value);
    free(*text);
    *text = longer;
}

static char *title_of(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    char *title = format_text("%s", ctx->command->name);
    size_t i;

    append(&title, "-d", s->domain);
    append(&title, "-p", s->pool);
    append(&title, "-w", s->weight);
    append(&title, "-c", s->cap);
    if (s->schedparam) append(&title, "-s", "");
    append(&title, "-t", s->tslice);
    append(&title, "-r", s->ratelimit);
    append(&title, "-m", s->migration_delay);
    for (i = 0; i < s->periods.nr; i++) {
        append(&title, "-v", s->vcpus.words[i]);
        append(&title, "-p", s->periods.words[i]);
        append(&title, "-b", s->budgets.words[i]);
        append(&title, "-e", s->extratimes.words[i]);
    }
    if (s->persist) append(&title, "--persist", "");
    return title;
}

/* What could not be kept is not begun. */
static int check_keeping(struct context *ctx, const struct sched_request *r,
                         xtune_error **err)
{
    if (!ctx->settings.persist || !ctx->state) return 0;
    if (r->domain)
        return xtune_record_check(ctx->state, ctx->host, r->domain, NULL, err);
    return xtune_record_pool_check(ctx->state, r->pool, &r->wanted_pool, err);
}

static int set(struct context *ctx, struct sched_request *r)
{
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;
    int rc, code;

    rc = observe_for_verb(ctx,
                          XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS |
                              XTUNE_OBSERVE_BUILT,
                          &err);
    if (!rc) rc = find_objects(ctx, r, &err);
    if (!rc) rc = plan_request(ctx, r, &plan, &err);
    if (!rc) rc = check_keeping(ctx, r, &err);
    if (rc) {
        xtune_plan_free(plan);
        return report_error(ctx, err);
    }
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                             .keep = ctx->settings.persist ? keep : NULL,
                             .what = r,
                             .object = object_of(r),
                         });
    xtune_plan_free(plan);
    return code;
}

static int run(struct context *ctx, const char *scheduler)
{
    struct sched_request r;
    int code;

    code = sched_request_read(ctx, scheduler, &r);
    if (!code) code = sched_request_sets(&r) ? set(ctx, &r) : show(ctx, &r);
    sched_request_dispose(&r);
    return code;
}

int cmd_sched_credit(struct context *ctx)
{
    return run(ctx, "credit");
}

int cmd_sched_credit2(struct context *ctx)
{
    return run(ctx, "credit2");
}

int cmd_sched_rtds(struct context *ctx)
{
    return run(ctx, "rtds");
}
