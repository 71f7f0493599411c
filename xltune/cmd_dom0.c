/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory and vCPUs: what it should have, and to set it. */
#include "xltune.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/arena.h>
#include <xtune/dom0.h>
#include <xtune/report.h>

#include "verb.h"

/* What is asked for. */
struct dom0_request {
    enum xtune_dom0_rule rule;
    bool auto_size;    /* --set auto */
    uint64_t kb;       /* of memory */
    uint32_t vcpus;    /* of these */
    unsigned int when; /* XTUNE_DOM0_* */
};

/* "dom0 vcpus" is "dom0-vcpus". */
static bool is_about_vcpus(const struct context *ctx)
{
    const char *word =
        ctx->nr_args ? ctx->args[0] : ctx->command->name + strlen("dom0-");

    return !strcmp(word, "vcpus");
}

static int read_set(struct context *ctx, struct dom0_request *request)
{
    const char *set = ctx->settings.set;
    xtune_error *err = NULL;
    char *end;
    unsigned long n;
    int code;

    request->auto_size = set && !strcmp(set, "auto");
    if (!set || request->auto_size) return 0;
    if (is_about_vcpus(ctx)) {
        n = strtoul(set, &end, 10);
        if (strspn(set, "0123456789") != strlen(set) || !n ||
            n > XTUNE_MAX_VCPUS)
            return usage_error(ctx, "--set", "give a number, or auto",
                               "\"%s\" is no number of vCPUs", set);
        request->vcpus = (uint32_t)n;
        return 0;
    }
    if (!xtune_dom0_size_parse(set, &request->kb, &err)) return 0;
    code = usage_error(ctx, "--set", err->hint, "%s", err->message);
    xtune_error_free(err);
    return code;
}

static int read_rule(struct context *ctx, struct dom0_request *request)
{
    const char *rule = ctx->settings.rule;
    xtune_error *err = NULL;
    int code;

    request->rule = XTUNE_DOM0_AUTO;
    if (!rule || !xtune_dom0_rule_parse(rule, &request->rule, &err)) return 0;
    code = usage_error(ctx, "--rule", err->hint, "%s", err->message);
    xtune_error_free(err);
    return code;
}

static int read_request(struct context *ctx, struct dom0_request *request)
{
    const struct settings *s = &ctx->settings;
    int code;

    request->when =
        (s->now ? XTUNE_DOM0_NOW : 0) | (s->boot ? XTUNE_DOM0_BOOT : 0);
    if (request->when && !s->set)
        return usage_error(ctx, s->now ? "--now" : "--boot",
                           "give it with --set", "there is nothing to set");
    if (!request->when) request->when = XTUNE_DOM0_NOW | XTUNE_DOM0_BOOT;
    code = read_rule(ctx, request);
    return code ? code : read_set(ctx, request);
}

int check_dom0(struct context *ctx)
{
    struct dom0_request request = { .kb = 0 };
    const char *word = ctx->nr_args ? ctx->args[0] : NULL;

    if (word && strcmp(word, "vcpus") && strcmp(word, "memory") &&
        strcmp(word, "mem"))
        return usage_error(ctx, word, "say \"memory\" or \"vcpus\"",
                           "there is no such thing of dom0's");
    return read_request(ctx, &request);
}

static char *title_of(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;

    return format_text("dom0-%s --set %s%s%s",
                       is_about_vcpus(ctx) ? "vcpus" : "mem", s->set,
                       s->now ? " --now" : "", s->boot ? " --boot" : "");
}

static int advise(struct context *ctx, const struct dom0_request *request,
                  xtune_arena *arena, xtune_dom0_advice *advice,
                  xtune_error **err)
{
    return xtune_dom0_advise(ctx->host, request->rule, arena, advice, err);
}

static char *report_text(const struct context *ctx,
                         const xtune_dom0_advice *advice)
{
    const bool json = ctx->settings.json;

    if (is_about_vcpus(ctx))
        return json ? xtune_report_dom0_vcpus_json(ctx->host, advice)
                    : xtune_report_dom0_vcpus(ctx->host, advice);
    return json ? xtune_report_dom0_memory_json(advice)
                : xtune_report_dom0_memory(advice);
}

static int show(struct context *ctx, const struct dom0_request *request)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_dom0_advice advice;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc) rc = advise(ctx, request, arena, &advice, &err);
    code = rc ? report_error(ctx, err)
              : print_text(ctx, report_text(ctx, &advice), EXIT_DONE);
    xtune_arena_free(arena);
    return code;
}

/* What "auto" is here. */
static int settle(struct context *ctx, struct dom0_request *request,
                  xtune_error **err)
{
    xtune_arena *arena;
    xtune_dom0_advice advice;
    int rc;

    if (!request->auto_size) return 0;
    arena = xtune_arena_new();
    rc = advise(ctx, request, arena, &advice, err);
    if (!rc) {
        request->kb = advice.should_kb;
        request->vcpus = advice.should_vcpus;
    }
    xtune_arena_free(arena);
    return rc;
}

static int make_plan(struct context *ctx, const struct dom0_request *request,
                     xtune_plan **plan_r, xtune_error **err)
{
    if (is_about_vcpus(ctx))
        return xtune_plan_dom0_vcpus(ctx->host, request->vcpus, request->when,
                                     plan_r, err);
    return xtune_plan_dom0_memory(ctx->host, request->kb, request->when,
                                  plan_r, err);
}

static int set(struct context *ctx, struct dom0_request *request)
{
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = settle(ctx, request, &err);
    if (!rc) rc = make_plan(ctx, request, &plan, &err);
    if (!rc) rc = show_diff(ctx, plan, &err);
    if (rc)
        code = report_error(ctx, err);
    else
        code = run_verb(
            ctx, &(struct verb){ .plan = plan, .title = title_of(ctx) });
    xtune_plan_free(plan);
    return code;
}

int cmd_dom0(struct context *ctx)
{
    struct dom0_request request = { .kb = 0 };
    const int code = read_request(ctx, &request);

    if (code) return code;
    return ctx->settings.set ? set(ctx, &request) : show(ctx, &request);
}
