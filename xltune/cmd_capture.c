/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host as it is, as what is wanted. */
#include "xltune.h"

#include <xtune/report.h>

#define DEFAULT_NAME "captured"

static const char *name_of(const struct context *ctx)
{
    const char *name = ctx->settings.policy_name;

    return name ? name : DEFAULT_NAME;
}

int check_capture(struct context *ctx)
{
    if (ctx->settings.json)
        return usage_error(ctx, "--json", "leave it out, or see snapshot",
                           "capture prints a policy, which is XML");
    if (xtune_policy_is_name(name_of(ctx))) return 0;
    return usage_error(ctx, "--policy-name",
                       "give up to 64 letters, digits, \".\", \"-\" and "
                       "\"_\", the first a letter or a digit",
                       "no policy can be called \"%s\"", name_of(ctx));
}

int cmd_capture(struct context *ctx)
{
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err)) return report_error(ctx, err);
    return print_text(ctx, xtune_report_capture(ctx->host, name_of(ctx)),
                      EXIT_DONE);
}
