/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that set the affinity of one domain. */
#include "xltune.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/record.h>
#include <xtune/report.h>

/* What is to be set, and what is to be kept of it. */
struct pin {
    const xtune_domain *domain;
    unsigned int vcpu; /* XTUNE_NONE: all */
    xtune_set hard_set, soft_set;
    const xtune_set *hard, *soft;
    xtune_wanted_affinity wanted;
};

enum { ARG_DOMAIN, ARG_VCPU, ARG_HARD, ARG_SOFT };

/* Those of numa-affinity. */
enum { ARG_MASK = 1, ARG_NODES };

/* All domains where something is kept: a record may be another one's. */
static int observe_domain(struct context *ctx, const xtune_domain **domain_r,
                          xtune_error **err)
{
    const bool all = ctx->settings.persist;
    int rc;

    rc = observe(ctx, 0, all ? NULL : ctx->args, all ? 0 : 1, err);
    if (rc) return rc;
    return xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], domain_r,
                                  err);
}

/* The masks are set: that they will not be kept must not be missed. */
static int keep(struct context *ctx, const struct pin *pin, xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    rc = xtune_record_affinity(ctx->state, ctx->host, pin->domain,
                               &pin->wanted, &cause);
    if (!rc) return 0;
    xtune_error_set(err, rc, cause->errnum, pin->domain->name, cause->hint,
                    "its affinity is set, but will not be kept: %s: %s",
                    cause->object, cause->message);
    xtune_error_free(cause);
    return rc;
}

static int change_affinity(struct context *ctx, const struct pin *pin,
                           const xtune_plan *plan, const char *title)
{
    xtune_error *err = NULL;
    struct change change;
    size_t i;
    int rc;

    for (i = 0; i < plan->nr_notes; i++)
        print_note(plan->notes[i].object, plan->notes[i].text);
    change_begin(&change, ctx, title, true);
    rc = xtune_apply(ctx->backend, ctx->state, plan, &change.options, NULL,
                     &err);
    if (!rc && ctx->settings.persist) rc = keep(ctx, pin, &err);
    return change_end(&change, rc, err,
                      plan->nr_actions ? "applied" : "nothing", NULL);
}

/* Frees title. */
static int set_affinity(struct context *ctx, const struct pin *pin,
                        char *title)
{
    xtune_error *err = NULL;
    xtune_plan *plan = NULL;
    int rc = 0, code;

    /* What could not be kept is not begun. */
    if (ctx->settings.persist)
        rc = xtune_record_check(ctx->state, ctx->host, pin->domain,
                                &pin->wanted, &err);
    if (!rc)
        rc = xtune_plan_vcpu_pin(ctx->host, pin->domain, pin->vcpu, pin->hard,
                                 pin->soft, &plan, &err);
    code =
        rc ? report_error(ctx, err) : change_affinity(ctx, pin, plan, title);
    xtune_plan_free(plan);
    free(title);
    return code;
}

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
                      const char **kept_r, xtune_error **err)
{
    const xtune_set_names names = xtune_host_cpu_names(ctx->host);

    if (is_kept(ctx, arg)) return 0;
    *set_r = set;
    *kept_r = ctx->args[arg];
    return xtune_set_parse(ctx->host->arena, &names, what, ctx->args[arg], set,
                           err);
}

static int read_pin(struct context *ctx, struct pin *pin, xtune_error **err)
{
    int rc;

    rc = observe_domain(ctx, &pin->domain, err);
    if (rc) return rc;
    rc = find_vcpu(ctx, pin->domain, &pin->vcpu, err);
    if (rc) return rc;
    rc = parse_mask(ctx, ARG_HARD, "hard affinity", &pin->hard_set, &pin->hard,
                    &pin->wanted.hard, err);
    if (rc) return rc;
    rc = parse_mask(ctx, ARG_SOFT, "soft affinity", &pin->soft_set, &pin->soft,
                    &pin->wanted.soft, err);
    if (rc) return rc;
    /* By its number: "00" is 0 here, and would be a list of its own there. */
    pin->wanted.vcpus =
        pin->vcpu == XTUNE_NONE
            ? "all"
            : xtune_arena_printf(ctx->host->arena, "%u", pin->vcpu);
    return 0;
}

static char *pin_title(const struct context *ctx)
{
    const bool has_soft = ctx->nr_args > ARG_SOFT;

    return format_text("vcpu-pin %s %s %s%s%s%s", ctx->args[ARG_DOMAIN],
                       ctx->args[ARG_VCPU], ctx->args[ARG_HARD],
                       has_soft ? " " : "",
                       has_soft ? ctx->args[ARG_SOFT] : "",
                       ctx->settings.persist ? " --persist" : "");
}

/*
 * A record may be of a domain that is not there: then it is named as its
 * record names it.
 */
static int find_recorded(struct context *ctx, xtune_domain *domain_r,
                         xtune_error **err)
{
    const char *wanted = ctx->args[ARG_DOMAIN];
    xtune_policy *policy = xtune_policy_new();
    const xtune_record *found = NULL;
    size_t i;
    int rc;

    rc = read_records(ctx, policy, err);
    for (i = 0; !rc && !found && i < policy->nr_records; i++)
        if (!strcasecmp(policy->records[i].uuid, wanted) ||
            !strcmp(policy->records[i].name, wanted))
            found = &policy->records[i];
    if (found) {
        *domain_r = (xtune_domain){ .id = XTUNE_NONE, .name = "" };
        memcpy(domain_r->uuid, found->uuid, sizeof(domain_r->uuid));
    } else if (!rc) {
        rc = xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, wanted,
                             "see \"xltune list\"",
                             "no such domain, and nothing is kept for one");
    }
    xtune_policy_free(policy);
    return rc;
}

static int forget(struct context *ctx, bool *found_r, xtune_error **err)
{
    const xtune_domain *running;
    xtune_error *cause = NULL;
    xtune_domain domain;
    int rc;

    rc = observe(ctx, 0, NULL, 0, err);
    if (rc) return rc;
    rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &running,
                                &cause);
    if (!rc) {
        domain = *running;
    } else if (rc == XTUNE_ERR_NOT_FOUND) {
        xtune_error_free(cause);
        rc = find_recorded(ctx, &domain, err);
    } else {
        *err = cause;
    }
    if (rc) return rc;
    return xtune_record_forget_affinity(ctx->state, ctx->host, &domain,
                                        found_r, err);
}

static int forget_affinity(struct context *ctx)
{
    xtune_error *err = NULL;
    bool found = false;

    if (forget(ctx, &found, &err)) return report_error(ctx, err);
    if (ctx->settings.json)
        return print_text(ctx,
                          xtune_report_outcome_json(
                              found ? "forgotten" : "nothing", NULL, 0, 0),
                          EXIT_DONE);
    if (!found)
        print_note(ctx->args[ARG_DOMAIN], "nothing is kept of its affinity");
    return EXIT_DONE;
}

static int usage_of(struct context *ctx, const char *what)
{
    return usage_error(ctx, ctx->command->name, NULL,
                       "%s: usage is \"xltune %s %s\"", what,
                       ctx->command->name, ctx->command->arguments);
}

int check_vcpu_pin(struct context *ctx)
{
    if (ctx->settings.forget && ctx->settings.persist)
        return usage_error(ctx, "vcpu-pin", "give one of them",
                           "--persist and --forget contradict each other");
    if (ctx->settings.forget && ctx->nr_args > 1)
        return usage_of(ctx, "--forget takes a domain alone");
    if (ctx->settings.forget) return 0;
    if (ctx->nr_args <= ARG_HARD)
        return usage_of(ctx, "an argument is missing");
    if (is_kept(ctx, ARG_HARD) && is_kept(ctx, ARG_SOFT))
        return usage_error(ctx, "vcpu-pin", NULL,
                           "both affinities are \"-\": nothing to set");
    return 0;
}

int cmd_vcpu_pin(struct context *ctx)
{
    struct pin pin = { .domain = NULL };
    xtune_error *err = NULL;

    if (ctx->settings.forget) return forget_affinity(ctx);
    if (read_pin(ctx, &pin, &err)) return report_error(ctx, err);
    return set_affinity(ctx, &pin, pin_title(ctx));
}

/* Nodes as a list of CPUs, which stays true when these are numbered anew. */
static const char *nodes_as_cpus(xtune_arena *arena, const xtune_set *nodes)
{
    const char *from = xtune_set_format(arena, nodes);
    const size_t len = strlen(from);
    char *text, *to;

    if (!strcmp(from, "all")) return from;
    text = xtune_arena_alloc(arena, len + 1, 1 + strlen("node:"));
    for (to = stpcpy(text, "node:"); *from; from++) {
        *to++ = *from;
        if (*from == ',') to = stpcpy(to, "node:");
    }
    return text;
}

static int parse_nodes(struct context *ctx, const char **text_r,
                       xtune_set *cpus_r, xtune_error **err)
{
    const xtune_set_names names = xtune_host_node_names(ctx->host);
    const xtune_set_names cpus = xtune_host_cpu_names(ctx->host);
    const char *what = ctx->args[ARG_NODES];
    xtune_arena *arena = ctx->host->arena;
    xtune_set nodes;
    int rc;

    rc = xtune_set_parse(arena, &names, "nodes", what, &nodes, err);
    if (rc) return rc;
    *text_r = nodes_as_cpus(arena, &nodes);
    if (!xtune_set_is_empty(&nodes)) {
        rc = xtune_set_parse(arena, &cpus, "nodes", *text_r, cpus_r, err);
        if (rc || !xtune_set_is_empty(cpus_r)) return rc;
    }
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "nodes",
                           "name a node that has CPUs, see \"xltune info -n\"",
                           "node list \"%s\" leaves no CPU", what);
}

static int read_numa_pin(struct context *ctx, bool hard, struct pin *pin,
                         xtune_error **err)
{
    xtune_set *set = hard ? &pin->hard_set : &pin->soft_set;
    const char *text;
    int rc;

    rc = lock_state(ctx, err);
    if (!rc) rc = observe_domain(ctx, &pin->domain, err);
    if (!rc) rc = parse_nodes(ctx, &text, set, err);
    if (rc) return rc;
    pin->vcpu = XTUNE_NONE;
    pin->wanted.vcpus = "all";
    *(hard ? &pin->hard : &pin->soft) = set;
    *(hard ? &pin->wanted.hard : &pin->wanted.soft) = text;
    return 0;
}

static int show_nodes(struct context *ctx)
{
    const xtune_domain *domain;
    xtune_error *err = NULL;

    if (observe_domain(ctx, &domain, &err)) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json
                          ? xtune_report_numa_affinity_json(ctx->host, domain)
                          : xtune_report_numa_affinity(ctx->host, domain),
                      EXIT_DONE);
}

static bool is_hard(const struct context *ctx)
{
    return !strcmp(ctx->args[ARG_MASK], "hard");
}

int check_numa_affinity(struct context *ctx)
{
    if (ctx->nr_args <= ARG_MASK)
        return ctx->settings.persist
                   ? usage_of(ctx, "there is nothing to keep")
                   : 0;
    if (!is_hard(ctx) && strcmp(ctx->args[ARG_MASK], "soft"))
        return usage_error(ctx, "numa-affinity", "give hard or soft",
                           "there is no affinity \"%s\"", ctx->args[ARG_MASK]);
    if (ctx->nr_args <= ARG_NODES)
        return usage_of(ctx, "an argument is missing");
    return 0;
}

int cmd_numa_affinity(struct context *ctx)
{
    struct pin pin = { .domain = NULL };
    xtune_error *err = NULL;

    if (ctx->nr_args <= ARG_MASK) return show_nodes(ctx);
    if (read_numa_pin(ctx, is_hard(ctx), &pin, &err))
        return report_error(ctx, err);
    return set_affinity(
        ctx, &pin,
        format_text("numa-affinity %s %s %s%s", ctx->args[ARG_DOMAIN],
                    ctx->args[ARG_MASK], ctx->args[ARG_NODES],
                    ctx->settings.persist ? " --persist" : ""));
}
