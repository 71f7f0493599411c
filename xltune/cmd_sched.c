/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sched-credit, sched-credit2 and sched-rtds: what schedulers give to domains
 * and pools. */
#include "verb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>
#include <xtune/report.h>

/* What is asked for, read from the settings. */
struct request {
    const char *scheduler;
    xtune_wanted_scheduling *wanted; /* for a domain */
    size_t nr_wanted;
    xtune_pool_scheduling wanted_pool;
    bool sets_pool;
    uint32_t *vcpus; /* of rtds, in the order given; without those of "all" */
    size_t nr_vcpus;
    /* Of the host. */
    const xtune_domain *domain;
    const xtune_cpupool *pool;
};

static bool sets(const struct request *r)
{
    return r->nr_wanted || r->sets_pool;
}

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

static void request_dispose(struct request *r)
{
    size_t i;

    for (i = 0; i < r->nr_wanted; i++)
        free((char *)r->wanted[i].vcpus);
    free(r->wanted);
    free(r->vcpus);
}

/* Reading. */

/* Digits alone: xl takes 12abc for 12. *number_r stays as it is without
 * text. */
static int read_number(struct context *ctx, const char *option,
                       const char *text, uint32_t max, uint32_t *number_r)
{
    const size_t len = text ? strlen(text) : 0;
    unsigned long long number;

    if (!text) return 0;
    if (len && len < 11 && strspn(text, "0123456789") == len) {
        number = strtoull(text, NULL, 10);
        if (number <= max) {
            *number_r = (uint32_t)number;
            return 0;
        }
    }
    return usage_error(ctx, option, "give a whole number, not too large",
                       "\"%s\" is no such number", text);
}

static xtune_wanted_scheduling *add_wanted(struct request *r, const char *text)
{
    xtune_wanted_scheduling *wanted;

    r->wanted =
        need(reallocarray(r->wanted, r->nr_wanted + 1, sizeof(*r->wanted)));
    wanted = &r->wanted[r->nr_wanted++];
    *wanted = (xtune_wanted_scheduling){
        .vcpus = need(strdup(text)),
        .weight = XTUNE_NONE,
        .cap = XTUNE_NONE,
        .period_us = XTUNE_NONE,
        .budget_us = XTUNE_NONE,
        .extratime = XTUNE_NONE,
    };
    return wanted;
}

/* No number is XTUNE_NONE: that is none. */
#define MAX_NUMBER (XTUNE_NONE - 1)

static int read_credit(struct context *ctx, struct request *r)
{
    const struct settings *s = &ctx->settings;
    xtune_wanted_scheduling *wanted;
    int code;

    if (s->weight || s->cap) {
        wanted = add_wanted(r, "all");
        code = read_number(ctx, "--weight", s->weight, MAX_NUMBER,
                           &wanted->weight);
        if (!code)
            code = read_number(ctx, "--cap", s->cap, MAX_NUMBER, &wanted->cap);
        return code;
    }
    r->sets_pool = s->tslice || s->ratelimit || s->migration_delay;
    code = read_number(ctx, "--tslice_ms", s->tslice, MAX_NUMBER,
                       &r->wanted_pool.tslice_ms);
    if (!code)
        code = read_number(ctx, "--ratelimit_us", s->ratelimit, MAX_NUMBER,
                           &r->wanted_pool.ratelimit_us);
    if (!code)
        code = read_number(ctx, "--migration_delay_us", s->migration_delay,
                           MAX_NUMBER, &r->wanted_pool.migration_delay_us);
    return code;
}

static bool is_all(const struct settings *s)
{
    return s->vcpus.nr == 1 && !strcmp(s->vcpus.words[0], "all");
}

static int read_vcpus(struct context *ctx, struct request *r)
{
    const struct settings *s = &ctx->settings;
    size_t i;
    int code = 0;

    if (is_all(s)) return 0;
    r->vcpus = need(calloc(s->vcpus.nr + 1, sizeof(*r->vcpus)));
    for (i = 0; !code && i < s->vcpus.nr; i++)
        code = read_number(ctx, "--vcpuid", s->vcpus.words[i],
                           XTUNE_MAX_VCPUS - 1, &r->vcpus[i]);
    r->nr_vcpus = s->vcpus.nr;
    return code;
}

/* The n-th of each option belong together. */
static int read_rtds_row(struct context *ctx, struct request *r, size_t i)
{
    const struct settings *s = &ctx->settings;
    char *vcpu = r->vcpus ? format_text("%u", (unsigned int)r->vcpus[i])
                          : need(strdup("all"));
    xtune_wanted_scheduling *wanted = add_wanted(r, vcpu);
    int code;

    free(vcpu);
    code = read_number(ctx, "--period", s->periods.words[i], MAX_NUMBER,
                       &wanted->period_us);
    if (!code)
        code = read_number(ctx, "--budget", s->budgets.words[i], MAX_NUMBER,
                           &wanted->budget_us);
    if (!code)
        code = read_number(ctx, "--extratime", s->extratimes.words[i], 1,
                           &wanted->extratime);
    return code;
}

static int read_rtds(struct context *ctx, struct request *r)
{
    size_t i;
    int code;

    code = read_vcpus(ctx, r);
    for (i = 0; !code && i < ctx->settings.periods.nr; i++)
        code = read_rtds_row(ctx, r, i);
    return code;
}

static int read_request(struct context *ctx, const char *scheduler,
                        struct request *r)
{
    *r = (struct request){
        .scheduler = scheduler,
        .wanted_pool = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
    };
    return strcmp(scheduler, "rtds") ? read_credit(ctx, r) : read_rtds(ctx, r);
}

/* Whether words fit each other. */

static int refuse(struct context *ctx, const char *hint, const char *what)
{
    return usage_error(ctx, ctx->command->name, hint, "%s", what);
}

static int check_rest(struct context *ctx, const char *scheduler)
{
    struct request r;
    int code;

    code = read_request(ctx, scheduler, &r);
    if (!code && ctx->settings.persist && !sets(&r))
        code = refuse(ctx, "give what is to be set", "nothing is to be kept");
    request_dispose(&r);
    return code;
}

int check_sched_credit(struct context *ctx)
{
    const struct settings *s = &ctx->settings;

    if ((s->pool || s->schedparam) && (s->domain || s->weight || s->cap))
        return refuse(ctx, "give a domain and what it is to have, or a pool",
                      "options of a domain and of a pool contradict each "
                      "other");
    if (!s->domain && (s->weight || s->cap))
        return refuse(ctx, "add --domain DOM",
                      "it is not said which domain is to have that");
    if (!s->schedparam && (s->tslice || s->ratelimit || s->migration_delay))
        return refuse(ctx, "add --schedparam",
                      "what is set is of a pool, not of a domain");
    return check_rest(ctx, "credit");
}

static int check_counts(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    const size_t nr = s->periods.nr;

    if (s->budgets.nr == nr && s->extratimes.nr == nr &&
        (!nr || s->vcpus.nr == nr))
        return 0;
    return refuse(ctx,
                  "give --vcpuid, --period, --budget and --extratime as often "
                  "as each other",
                  "the numbers of vCPUs, periods, budgets and extratimes "
                  "differ");
}

static int check_all(struct context *ctx)
{
    const struct words *vcpus = &ctx->settings.vcpus;
    size_t i;

    for (i = 0; vcpus->nr > 1 && i < vcpus->nr; i++)
        if (!strcmp(vcpus->words[i], "all"))
            return refuse(ctx, "give one or the other",
                          "\"all\" and other vCPUs contradict each other");
    return 0;
}

int check_sched_rtds(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    const bool gives = s->periods.nr || s->budgets.nr || s->extratimes.nr;
    int code;

    if (s->pool && (s->domain || s->vcpus.nr || gives))
        return refuse(ctx, "give --cpupool alone",
                      "--cpupool and other options contradict each other");
    code = check_all(ctx);
    if (code) return code;
    if (!s->domain && (gives || (s->vcpus.nr && !is_all(s))))
        return refuse(ctx, "add --domain DOM",
                      "it is not said which domain is meant");
    if (gives && !s->vcpus.nr)
        return refuse(ctx, "add --vcpuid VCPU or --vcpuid all",
                      "it is not said which vCPUs are to have that");
    code = check_counts(ctx);
    return code ? code : check_rest(ctx, "rtds");
}

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
static const char *object_of(const struct request *r)
{
    if (r->domain) return r->domain->name;
    return r->pool ? r->pool->name : "cpupool";
}

static int check_domain(struct context *ctx, const struct request *r,
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

static int find_objects(struct context *ctx, struct request *r,
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

static int show(struct context *ctx, struct request *r)
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

static int plan_request(struct context *ctx, const struct request *r,
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
    const struct request *r = what;

    if (r->domain)
        return xtune_record_scheduling(ctx->state, ctx->host, r->domain,
                                       r->wanted, r->nr_wanted, err);
    return xtune_record_pool_scheduling(ctx->state, r->pool->name,
                                        &r->wanted_pool, err);
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

static int set(struct context *ctx, struct request *r)
{
    const bool persist = ctx->settings.persist;
    xtune_error *err = NULL;
    xtune_plan *plan;
    int rc, code;

    rc = observe_for_verb(ctx,
                          XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS |
                              XTUNE_OBSERVE_BUILT,
                          &err);
    if (!rc) rc = find_objects(ctx, r, &err);
    /* What could not be kept is not begun. */
    if (!rc && persist && r->domain)
        rc = xtune_record_check(ctx->state, ctx->host, r->domain, NULL, &err);
    if (!rc) rc = plan_request(ctx, r, &plan, &err);
    if (rc) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                             .keep = persist ? keep : NULL,
                             .what = r,
                             .object = object_of(r),
                         });
    xtune_plan_free(plan);
    return code;
}

static int run(struct context *ctx, const char *scheduler)
{
    struct request r;
    int code;

    code = read_request(ctx, scheduler, &r);
    if (!code) code = sets(&r) ? set(ctx, &r) : show(ctx, &r);
    request_dispose(&r);
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
