/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Moving a domain's memory, and how much may be moved at a time. */
#include "xltune.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More bytes than any host has, and a sum of two that does not overflow. */
#define MAX_BYTES (UINT64_C(1) << 63)

enum { ARG_DOMAIN, ARG_NODES };

/* Digits alone, and not 0. */
static bool read_number(const char *text, size_t len, uint64_t *number_r)
{
    uint64_t number = 0;
    size_t i;

    if (!len || len > 19) return false;
    for (i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *number_r = number;
    return number > 0;
}

static int read_limit(struct context *ctx, const char *option,
                      const char *text, uint64_t max, uint64_t *number_r)
{
    char *hint;
    int code;

    if (!text) return 0;
    if (read_number(text, strlen(text), number_r) && *number_r <= max)
        return 0;
    hint = format_text("give a whole number from 1 to %" PRIu64, max);
    code = usage_error(ctx, option, hint, "\"%s\" is no such number", text);
    free(hint);
    return code;
}

/* A number, with K, M, G or T behind it. */
static int read_size(struct context *ctx, const char *option, const char *text,
                     uint64_t *bytes_r)
{
    static const char units[] = "KMGT";
    unsigned int shift = 0;
    const char *unit;
    size_t len;

    if (!text) return 0;
    len = strlen(text);
    unit = len ? strchr(units, text[len - 1]) : NULL;
    if (unit) {
        len--;
        shift = 10 * (unsigned int)(unit - units + 1);
    }
    if (read_number(text, len, bytes_r) && *bytes_r <= MAX_BYTES >> shift) {
        *bytes_r <<= shift;
        return 0;
    }
    return usage_error(ctx, option,
                       "give a number with K, M, G or T, as in 16G",
                       "\"%s\" is no size", text);
}

int read_budget(struct context *ctx)
{
    struct settings *s = &ctx->settings;
    uint64_t moves = 0, seconds = 0, at_once = 0;
    int code;

    code = read_limit(ctx, "--max-moves", s->max_moves, 1000000, &moves);
    if (!code)
        code = read_size(ctx, "--max-bytes", s->max_bytes, &s->budget.bytes);
    if (!code)
        code = read_limit(ctx, "--max-time", s->max_time, 31536000, &seconds);
    if (!code) code = read_limit(ctx, "--at-once", s->at_once, 64, &at_once);
    s->budget.at_once = (unsigned int)at_once;
    s->budget.moves = (unsigned int)moves;
    s->budget.ms = seconds * 1000;
    return code;
}

static int read_nodes(struct context *ctx, xtune_set *set,
                      const xtune_set **nodes_r, xtune_error **err)
{
    const xtune_set_names names = xtune_host_node_names(ctx->host);
    int rc;

    *nodes_r = NULL;
    if (ctx->nr_args <= ARG_NODES || !strcmp(ctx->args[ARG_NODES], "auto"))
        return 0;
    rc = xtune_set_parse(ctx->host->arena, &names, "nodes",
                         ctx->args[ARG_NODES], set, err);
    if (rc) return rc;
    xtune_set_and(set, &ctx->host->node_ids);
    if (xtune_set_is_empty(set))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "nodes",
                               "name at least one node", "\"%s\" names none",
                               ctx->args[ARG_NODES]);
    *nodes_r = set;
    return 0;
}

static int make_plan(struct context *ctx, const xtune_domain **domain_r,
                     xtune_plan **plan_r, xtune_error **err)
{
    xtune_plan_request request = {
        .flags = ctx->settings.allow_pause ? XTUNE_PLAN_ALLOW_PAUSE : 0,
    };
    const xtune_set *nodes;
    xtune_set set;
    int rc;

    rc = read_policy_if_any(ctx, err);
    if (!rc) rc = observe(ctx, 0, NULL, 0, err);
    if (rc) return rc;
    if (!ctx->policy) ctx->policy = xtune_policy_new();
    rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], domain_r,
                                err);
    if (!rc) rc = read_nodes(ctx, &set, &nodes, err);
    if (rc) return rc;
    request.host = ctx->host;
    request.policy = ctx->policy;
    return xtune_plan_rehome(&request, *domain_r, nodes, plan_r, err);
}

void note_record(const struct context *ctx, const xtune_policy *policy,
                 const xtune_domain *domain)
{
    const xtune_record *record =
        xtune_policy_record(policy, ctx->host, domain);
    char *note;

    if (!record) return;
    if (record->nr_pci && !record->nr_affinity)
        note = format_text("\"%s\" keeps devices for it, which the next apply "
                           "attaches again; \"xltune pci-unassign %s all\" "
                           "drops them",
                           record->source.file, domain->name);
    else if (record->nr_usb && !record->nr_affinity)
        note = format_text("\"%s\" keeps USB devices for it, which the next "
                           "apply attaches again; \"xltune usb-detach "
                           "--persist\" drops one",
                           record->source.file);
    else
        note = format_text("\"%s\" keeps other masks for it, which the next "
                           "apply sets again; \"xltune vcpu-pin --forget "
                           "%s\" drops them",
                           record->source.file, domain->name);
    print_note(domain->name, note);
    free(note);
}

static char *title_of(const struct context *ctx)
{
    return format_text("rehome %s %s", ctx->args[ARG_DOMAIN],
                       ctx->nr_args > ARG_NODES ? ctx->args[ARG_NODES]
                                                : "auto");
}

int cmd_rehome(struct context *ctx)
{
    const xtune_domain *domain;
    xtune_error *err = NULL;
    struct change change;
    xtune_plan *plan;
    char *title;
    int rc;

    if (make_plan(ctx, &domain, &plan, &err)) return report_error(ctx, err);
    if (plan->nr_actions) note_record(ctx, ctx->policy, domain);
    title = title_of(ctx);
    change_begin(&change, ctx, title, false);
    rc = xtune_apply(ctx->backend, ctx->state, plan, &change.options, NULL,
                     &err);
    rc = change_end(&change, rc, err, plan->nr_actions ? "applied" : "nothing",
                    plan->nr_actions
                        ? NULL
                        : format_text("Its memory is where it is to be\n"));
    xtune_plan_free(plan);
    free(title);
    return rc;
}
