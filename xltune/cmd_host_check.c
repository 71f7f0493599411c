/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host-check: the host held against rules, and what is safe mended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xtune/check.h>
#include <xtune/report.h>

#include "verb.h"

/* Of what two samples are compared: the first is of these parts only. */
#define SAMPLED_PARTS                                                         \
    (XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_TOPOLOGY |     \
     XTUNE_OBSERVE_DOM0)

/* The host under check, and what came of it. */
struct checking {
    struct context *ctx;
    const xtune_host_rule **rules; /* NULL: all */
    xtune_host *earlier;
    unsigned int sample_s; /* 0: no load is sampled */
    unsigned int parts;
    xtune_check_request request;
    xtune_check_report *report;
};

/* Words. */

static int check_forms(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    const int nr = s->json + s->junit + s->openmetrics;

    if (nr > 1)
        return usage_error(ctx, ctx->command->name,
                           "give one of --json, --junit and --openmetrics",
                           "there is one form at a time");
    if (s->fix && (s->junit || s->openmetrics))
        return usage_error(ctx, "--fix", NULL, "it has no place with \"%s\"",
                           s->junit ? "--junit" : "--openmetrics");
    if (s->dry_run && !s->fix)
        return usage_error(ctx, "--dry-run", "nothing is changed without it",
                           "it has no place without \"--fix\"");
    return 0;
}

/* What only tells of rules looks at no host. */
static bool is_about_rules(const struct settings *s)
{
    return s->explain || s->list_rules;
}

static int check_about_rules(struct context *ctx)
{
    const struct settings *s = &ctx->settings;

    if (s->explain && s->list_rules)
        return usage_error(ctx, "--list", NULL,
                           "it has no place with \"--explain\"");
    if (!is_about_rules(s)) return 0;
    if (ctx->nr_args || s->fix || s->sample || s->junit || s->openmetrics)
        return usage_error(ctx, s->explain ? "--explain" : "--list", NULL,
                           "it tells of rules, and checks nothing");
    return 0;
}

static int check_sample(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    unsigned int seconds;

    if (!s->sample) return 0;
    if (s->host)
        return usage_error(ctx, "--sample", NULL,
                           "a snapshot is one moment, and has no load");
    return read_seconds(ctx, "--sample", s->sample, &seconds);
}

static int check_rule_name(struct context *ctx, const char *name)
{
    const xtune_host_rule *rule;
    xtune_error *err = NULL;
    int code;

    if (!xtune_host_rule_find(name, &rule, &err)) return 0;
    code = usage_error(ctx, err->object, err->hint, "%s", err->message);
    xtune_error_free(err);
    return code;
}

int check_host_check(struct context *ctx)
{
    const char *rule = ctx->settings.explain;
    size_t i;
    int code;

    code = check_forms(ctx);
    if (!code) code = check_about_rules(ctx);
    if (!code) code = check_sample(ctx);
    if (!code && rule) code = check_rule_name(ctx, rule);
    for (i = 0; !code && i < ctx->nr_args; i++)
        code = check_rule_name(ctx, ctx->args[i]);
    return code;
}

/* The rules that were asked for, and the parts of the host that they look
 * at. */
static int choose_rules(struct checking *c, xtune_error **err)
{
    struct context *ctx = c->ctx;
    const xtune_host_rule *all;
    size_t i, nr;
    int rc = 0;

    all = xtune_host_rules(&nr);
    if (!ctx->nr_args) {
        for (i = 0; i < nr; i++)
            c->parts |= all[i].parts;
        return 0;
    }
    c->rules = reallocarray(NULL, ctx->nr_args, sizeof(const void *));
    if (!c->rules) abort();
    for (i = 0; !rc && i < ctx->nr_args; i++) {
        rc = xtune_host_rule_find(ctx->args[i], &c->rules[i], err);
        if (!rc) c->parts |= c->rules[i]->parts;
    }
    return rc;
}

/* The host. */

/* Xen counts pages under a lock only where that was asked for. */
static enum xtune_residency_mode cautious_mode(const struct settings *s)
{
    const enum xtune_residency_mode mode = residency_mode(s);

    return mode == XTUNE_RESIDENCY_AUTO ? XTUNE_RESIDENCY_INFER : mode;
}

static int look(struct checking *c, unsigned int parts, xtune_host **host_r,
                xtune_error **err)
{
    const xtune_observe what = {
        .parts = parts,
        .residency = cautious_mode(&c->ctx->settings),
    };

    return xtune_backend_observe(c->ctx->backend, &what, host_r, err);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int look_twice(struct checking *c, xtune_error **err)
{
    struct timespec left = { .tv_sec = c->sample_s };
    uint64_t began;
    int rc = 0;

    began = now_ms();
    if (c->sample_s) rc = look(c, c->parts & SAMPLED_PARTS, &c->earlier, err);
    while (!rc && c->sample_s && nanosleep(&left, &left) && errno == EINTR)
        ;
    c->request.sampled_ms = c->sample_s ? now_ms() - began : 0;
    return rc ? rc : look(c, c->parts, &c->ctx->host, err);
}

/* What a policy says of headroom, and records of devices: one that is broken
 * does not keep the host from being checked. */
static void read_wishes(struct context *ctx)
{
    xtune_error *err = NULL;

    if (!read_policy_if_any(ctx, &err)) return;
    print_note(err->object, err->message);
    xtune_error_free(err);
    print_note("policy", "what it asks for, and what records keep, is not "
                         "heeded");
}

static int run_rules(struct checking *c, xtune_error **err)
{
    xtune_check_report *report;
    int rc;

    c->request.host = c->ctx->host;
    c->request.policy = c->ctx->policy;
    c->request.earlier = c->earlier;
    c->request.rules = c->rules;
    c->request.nr_rules = c->ctx->nr_args;
    rc = xtune_check_host(&c->request, &report, err);
    if (rc) return rc;
    xtune_check_report_free(c->report);
    c->report = report;
    return 0;
}

static int begin(struct checking *c, xtune_error **err)
{
    struct context *ctx = c->ctx;
    const char *sample = ctx->settings.sample;
    int rc = 0;

    /* It was looked at before. */
    if (sample) c->sample_s = (unsigned int)strtoul(sample, NULL, 10);
    rc = choose_rules(c, err);
    if (!rc && ctx->settings.fix && !ctx->settings.dry_run)
        rc = lock_state(ctx, err);
    if (!rc) rc = look_twice(c, err);
    if (rc) return rc;
    read_wishes(ctx);
    return run_rules(c, err);
}

static bool is_well(const xtune_check_report *report)
{
    return !report->nr_by_status[XTUNE_CHECK_WARN] &&
           !report->nr_by_status[XTUNE_CHECK_FAIL];
}

static int code_of(const xtune_check_report *report)
{
    return is_well(report) ? EXIT_DONE : EXIT_DIFFERENCE;
}

/* Reports. */

static int print_junit(struct checking *c)
{
    xtune_error *err = NULL;
    char *text;

    if (xtune_report_host_check_junit(c->report, &text, &err))
        return report_error(c->ctx, err);
    return print_text(c->ctx, text, code_of(c->report));
}

static int print_report(struct checking *c)
{
    const struct settings *s = &c->ctx->settings;
    char *text;

    if (s->junit) return print_junit(c);
    if (s->openmetrics)
        text = xtune_report_host_check_metrics(c->report);
    else if (s->json)
        text = xtune_report_host_check_json(c->report);
    else
        text = xtune_report_host_check(
            c->report, s->verbose || c->ctx->nr_args > 0,
            s->quiet ? NULL : xtune_backend_describe(c->ctx->backend));
    return print_text(c->ctx, text, code_of(c->report));
}

/* Mending. */

/* What the host is like now. */
static int check_again(struct checking *c, xtune_error **err)
{
    xtune_host *host;
    int rc;

    rc = look(c, c->parts, &host, err);
    if (rc) return rc;
    xtune_host_free(c->ctx->host);
    c->ctx->host = host;
    return run_rules(c, err);
}

static int print_left(struct checking *c)
{
    const struct settings *s = &c->ctx->settings;
    xtune_error *err = NULL;

    if (check_again(c, &err)) return report_error(c->ctx, err);
    if (s->json)
        return print_text(c->ctx, xtune_report_host_check_json(c->report),
                          code_of(c->report));
    if (s->quiet) return code_of(c->report);
    return print_text(c->ctx, xtune_report_host_check_left(c->report),
                      code_of(c->report));
}

/* What it will do: what becomes of files, and the plan. */
static int show_plan(struct checking *c, const xtune_plan *plan,
                     xtune_error **err)
{
    const struct settings *s = &c->ctx->settings;
    int rc;

    rc = show_diff(c->ctx, plan, err);
    if (!rc && plan->nr_actions && !s->json && !s->quiet && !s->dry_run) {
        print_text(
            c->ctx,
            xtune_report_plan(plan, xtune_backend_describe(c->ctx->backend)),
            EXIT_DONE);
        fflush(stdout);
    }
    return rc;
}

/* As it was given. */
static char *title_of(const struct context *ctx)
{
    char *title = format_text("host-check --fix"), *more;
    size_t i;

    for (i = 0; i < ctx->nr_args; i++) {
        more = format_text("%s %s", title, ctx->args[i]);
        free(title);
        title = more;
    }
    return title;
}

static int mend(struct checking *c)
{
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc, code;

    rc = xtune_check_plan(&c->request, c->report, &plan, &err);
    if (!rc) rc = show_plan(c, plan, &err);
    if (rc) {
        xtune_plan_free(plan);
        return report_error(c->ctx, err);
    }
    code = run_verb(c->ctx, &(struct verb){ .plan = plan,
                                            .title = title_of(c->ctx),
                                            .told_later = true });
    xtune_plan_free(plan);
    if (code != EXIT_DONE) return code;
    return c->ctx->settings.dry_run ? code_of(c->report) : print_left(c);
}

static int print_rules(struct context *ctx)
{
    const char *name = ctx->settings.explain;
    const xtune_host_rule *rule = NULL;
    char *text;

    if (name && xtune_host_rule_find(name, &rule, NULL)) return EXIT_USAGE;
    if (ctx->settings.json)
        text = xtune_report_host_rules_json(rule);
    else
        text = rule ? xtune_report_host_rule(rule) : xtune_report_host_rules();
    return print_text(ctx, text, EXIT_DONE);
}

int cmd_host_check(struct context *ctx)
{
    struct checking c = { .ctx = ctx };
    xtune_error *err = NULL;
    int code;

    if (is_about_rules(&ctx->settings)) return print_rules(ctx);
    if (open_backend(ctx, &err) || begin(&c, &err))
        code = report_error(ctx, err);
    else
        code = ctx->settings.fix ? mend(&c) : print_report(&c);
    xtune_check_report_free(c.report);
    xtune_host_free(c.earlier);
    free(c.rules);
    return code;
}
