/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sched_request.h"

#include <stdlib.h>
#include <string.h>

bool sched_request_sets(const struct sched_request *r)
{
    return r->nr_wanted || r->sets_pool;
}

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

void sched_request_dispose(struct sched_request *r)
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

static xtune_wanted_scheduling *add_wanted(struct sched_request *r,
                                           const char *text)
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

static int read_credit(struct context *ctx, struct sched_request *r)
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

static int read_vcpus(struct context *ctx, struct sched_request *r)
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
static int read_rtds_row(struct context *ctx, struct sched_request *r,
                         size_t i)
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

static int read_rtds(struct context *ctx, struct sched_request *r)
{
    size_t i;
    int code;

    code = read_vcpus(ctx, r);
    for (i = 0; !code && i < ctx->settings.periods.nr; i++)
        code = read_rtds_row(ctx, r, i);
    return code;
}

int sched_request_read(struct context *ctx, const char *scheduler,
                       struct sched_request *r)
{
    *r = (struct sched_request){
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
    struct sched_request r;
    int code;

    code = sched_request_read(ctx, scheduler, &r);
    if (!code && ctx->settings.persist && !sched_request_sets(&r))
        code = refuse(ctx, "give what is to be set", "nothing is to be kept");
    sched_request_dispose(&r);
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
