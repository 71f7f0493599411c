/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that set one thing of one domain. */
#include "xltune.h"

#include <stdlib.h>
#include <string.h>

enum { ARG_DOMAIN, ARG_VCPU, ARG_HARD, ARG_SOFT };

/* "-" leaves a mask as it is. */
static bool is_kept(const struct context *ctx, size_t arg)
{
    return arg >= ctx->nr_args || !strcmp(ctx->args[arg], "-");
}

/* Digits only: xl reads "0-3" as 0. False for anything else. */
static bool parse_number(const char *text, unsigned int *number_r)
{
    const size_t len = strlen(text);

    if (!len || len > 6 || strspn(text, "0123456789") != len) return false;
    *number_r = (unsigned int)strtoul(text, NULL, 10);
    return true;
}

static int find_vcpu(struct context *ctx, const xtune_domain *domain,
                     unsigned int *vcpu_r, xtune_error **err)
{
    const char *text = ctx->args[ARG_VCPU];
    unsigned int id;
    size_t i;

    *vcpu_r = XTUNE_NONE;
    if (!strcmp(text, "all")) return 0;
    if (!parse_number(text, &id))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, domain->name,
                               "give a number or \"all\"", "\"%s\" is no vCPU",
                               text);
    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].id == id) *vcpu_r = id;
    if (*vcpu_r == XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                               "see \"xltune vcpu-list\"",
                               "there is no vCPU \"%s\"", text);
    return 0;
}

static int parse_mask(struct context *ctx, size_t arg, const char *what,
                      xtune_set *set, const xtune_set **set_r,
                      xtune_error **err)
{
    const xtune_set_names names = xtune_host_cpu_names(ctx->host);

    *set_r = NULL;
    if (is_kept(ctx, arg)) return 0;
    *set_r = set;
    return xtune_set_parse(ctx->host->arena, &names, what, ctx->args[arg], set,
                           err);
}

static int plan_pin(struct context *ctx, xtune_plan **plan_r,
                    xtune_error **err)
{
    const xtune_set *hard, *soft;
    const xtune_domain *domain;
    xtune_set hard_set, soft_set;
    unsigned int vcpu;
    int rc;

    rc = observe(ctx, 0, ctx->args, 1, err);
    if (rc) return rc;
    rc =
        xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain, err);
    if (rc) return rc;
    rc = find_vcpu(ctx, domain, &vcpu, err);
    if (rc) return rc;
    rc = parse_mask(ctx, ARG_HARD, "hard affinity", &hard_set, &hard, err);
    if (rc) return rc;
    rc = parse_mask(ctx, ARG_SOFT, "soft affinity", &soft_set, &soft, err);
    if (rc) return rc;
    return xtune_plan_vcpu_pin(ctx->host, domain, vcpu, hard, soft, plan_r,
                               err);
}

static char *pin_title(const struct context *ctx)
{
    const bool has_soft = ctx->nr_args > ARG_SOFT;

    return format_text("vcpu-pin %s %s %s%s%s", ctx->args[ARG_DOMAIN],
                       ctx->args[ARG_VCPU], ctx->args[ARG_HARD],
                       has_soft ? " " : "",
                       has_soft ? ctx->args[ARG_SOFT] : "");
}

int cmd_vcpu_pin(struct context *ctx)
{
    char *title;
    xtune_error *err = NULL;
    struct change change;
    xtune_plan *plan;
    int rc;

    if (is_kept(ctx, ARG_HARD) && is_kept(ctx, ARG_SOFT))
        return usage_error(ctx, "vcpu-pin", NULL,
                           "both affinities are \"-\": nothing to set");
    if (plan_pin(ctx, &plan, &err)) return report_error(ctx, err);
    title = pin_title(ctx);
    change_begin(&change, ctx, title, true);
    rc = xtune_apply(ctx->backend, ctx->state, plan, &change.options, &err);
    rc = change_end(&change, rc, err, plan->nr_actions ? "applied" : "nothing",
                    NULL);
    xtune_plan_free(plan);
    free(title);
    return rc;
}
