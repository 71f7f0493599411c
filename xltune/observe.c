/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands read before they do anything: the host, the policy. */
#include "xltune.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>

#ifndef XTUNE_SYSCONFDIR
#define XTUNE_SYSCONFDIR "/etc"
#endif

/* For tests: faults are injected below the trace, which shows the calls as
 * they were made. */
static int wrap_backend(struct context *ctx, xtune_error **err)
{
    const char *fault = getenv("XLTUNE_FAULT");
    const char *trace = getenv("XLTUNE_TRACE");
    FILE *out = stderr;
    int rc;

    if (fault && *fault) {
        rc = xtune_backend_fault(ctx->backend, fault, &ctx->backend, err);
        if (rc) return rc;
    }
    if (!trace || !*trace) return 0;
    if (strcmp(trace, "1")) {
        out = fopen(trace, "ae");
        if (!out)
            return xtune_error_set(err, XTUNE_ERR_IO, errno, trace, NULL,
                                   "cannot write: %m");
        setlinebuf(out);
        ctx->trace = out;
    }
    ctx->backend = xtune_backend_trace(ctx->backend, out);
    return 0;
}

/* Where there is no Xen, a tree of files of a host that has it may do. */
static int open_live_or_tree(struct context *ctx, const char *root,
                             xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    rc = xtune_backend_open_live(root, &ctx->backend, &cause);
    if (rc == XTUNE_ERR_NO_XEN && root &&
        !xtune_backend_open_tree(root, &ctx->backend, NULL)) {
        xtune_error_free(cause);
        return 0;
    }
    if (rc) *err = cause;
    return rc;
}

int open_backend(struct context *ctx, xtune_error **err)
{
    const struct settings *settings = &ctx->settings;
    const char *root = settings->root;
    int rc;

    /* This machine's own files are no recording. */
    if (root && !root[strspn(root, "/")]) root = NULL;
    if (settings->host)
        rc = xtune_backend_open_snapshot_with(settings->host, root,
                                              &ctx->backend, err);
    else
        rc = open_live_or_tree(ctx, root, err);
    return rc ? rc : wrap_backend(ctx, err);
}

enum xtune_residency_mode residency_mode(const struct settings *s)
{
    if (!s->residency_word) return XTUNE_RESIDENCY_AUTO;
    switch (s->residency_word[0]) {
    case 'm': return XTUNE_RESIDENCY_MEASURE;
    case 'i': return XTUNE_RESIDENCY_INFER;
    default: return XTUNE_RESIDENCY_SKIP;
    }
}

unsigned int device_parts(const xtune_policy *policy)
{
    return policy && xtune_policy_has_devices(policy) ? DEVICE_PARTS : 0;
}

unsigned int usb_parts(const xtune_policy *policy)
{
    return policy && xtune_policy_has_usb(policy) ? USB_GIVING_PARTS : 0;
}

unsigned int dom0_parts(const xtune_policy *policy)
{
    return policy && (policy->dom0_memory || policy->dom0_vcpus)
               ? XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_BOOT
               : 0;
}

int observe(struct context *ctx, unsigned int more_parts, char **domains,
            size_t nr_domains, xtune_error **err)
{
    const xtune_observe what = {
        .parts = ctx->command->parts | more_parts,
        .residency = residency_mode(&ctx->settings),
        .domains = nr_domains ? (const char *const *)domains : NULL,
        .nr_domains = nr_domains,
    };

    return xtune_backend_observe(ctx->backend, &what, &ctx->host, err);
}

int observe_arguments(struct context *ctx, unsigned int more_parts,
                      xtune_host *view_r, xtune_error **err)
{
    const xtune_domain *domain;
    size_t i;
    int rc;

    rc = observe(ctx, more_parts, ctx->args, ctx->nr_args, err);
    if (rc) return rc;
    *view_r = *ctx->host;
    if (!ctx->nr_args) return 0;
    /* As xl: in the order asked for, and twice what is asked for twice. */
    view_r->domains =
        XTUNE_NEW_ARRAY(ctx->host->arena, xtune_domain, ctx->nr_args);
    view_r->nr_domains = ctx->nr_args;
    for (i = 0; i < ctx->nr_args; i++) {
        rc = xtune_host_find_domain(ctx->host, ctx->args[i], &domain, err);
        if (rc) return rc;
        view_r->domains[i] = *domain;
    }
    return 0;
}

static int read_policy_dir(struct context *ctx, const char *dir, bool need,
                           xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    rc = xtune_policy_read_dir(dir, &ctx->policy, &cause);
    if (!rc) return 0;
    /* About the folder: a file in it that is not there is an error. */
    if (!need && rc == XTUNE_ERR_NOT_FOUND && !strcmp(cause->object, dir)) {
        xtune_error_free(cause);
        return 0;
    }
    *err = cause;
    return rc;
}

static int read_policies(struct context *ctx, bool need, xtune_error **err)
{
    const struct settings *s = &ctx->settings;
    char *dir;
    int rc;

    if (s->policies.nr)
        return xtune_policy_read(s->policies.words, s->policies.nr,
                                 &ctx->policy, err);
    dir = format_text("%s%s/xltune/policy.d", s->root ? s->root : "",
                      XTUNE_SYSCONFDIR);
    rc = read_policy_dir(ctx, dir, need, err);
    free(dir);
    return rc;
}

int read_records(struct context *ctx, xtune_policy *policy, xtune_error **err)
{
    xtune_state *state;
    int rc;

    if (ctx->state) return xtune_records_read(ctx->state, policy, err);
    rc = xtune_state_open(ctx->backend, ctx->settings.root, &state, err);
    if (rc) return rc;
    rc = xtune_records_read(state, policy, err);
    xtune_state_close(state);
    return rc;
}

/* Where no policy is installed, records alone say what is wanted. */
static int read_records_alone(struct context *ctx, xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    int rc = read_records(ctx, policy, err);

    if (rc || !(policy->nr_records || policy->nr_pool_records ||
                policy->nr_devices)) {
        xtune_policy_free(policy);
        return rc;
    }
    ctx->policy = policy;
    return 0;
}

int read_policy_if_any(struct context *ctx, xtune_error **err)
{
    int rc = read_policies(ctx, false, err);

    if (rc) return rc;
    return ctx->policy ? read_records(ctx, ctx->policy, err)
                       : read_records_alone(ctx, err);
}

int read_policy(struct context *ctx, xtune_error **err)
{
    int rc = read_policy_if_any(ctx, err);

    if (rc || ctx->policy) return rc;
    /* What there is not, and how to go on. */
    return read_policies(ctx, true, err);
}
