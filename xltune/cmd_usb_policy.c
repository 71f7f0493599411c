/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The usb-policy: what is wrong with it, what it says of devices, and making
 * it say something else. */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

enum { ARG_WHAT, ARG_OF };

/* The words that may follow the command. */
struct what {
    const char *name;
    int (*run)(struct context *ctx, const struct what *what);
    size_t min_args, max_args; /* with that word */
    bool devices;              /* --device is needed, and has no place else */
    bool changes;              /* --by and --dry-run have a place */
    bool allow;
};

static int run_check(struct context *ctx, const struct what *what);
static int run_explain(struct context *ctx, const struct what *what);
static int run_test(struct context *ctx, const struct what *what);
static int run_edit(struct context *ctx, const struct what *what);

static const struct what whats[] = {
    { "check", run_check, 1, 2, false, false, false },
    { "explain", run_explain, 2, 2, false, false, false },
    { "test", run_test, 2, 2, true, false, false },
    { "allow", run_edit, 2, 2, false, true, true },
    { "deny", run_edit, 2, 2, false, true, false },
};

static const struct what *find_what(const char *word)
{
    size_t i;

    for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
        if (!strcmp(whats[i].name, word)) return &whats[i];
    return NULL;
}

static int check_options(struct context *ctx, const struct what *what)
{
    const struct settings *s = &ctx->settings;
    enum xtune_usb_by by;

    if (what->devices && !s->devices.nr)
        return usage_error(ctx, what->name, "name a device with --device",
                           "there is nothing to be tried");
    if (!what->devices && s->devices.nr)
        return usage_error(ctx, "--device", NULL,
                           "it has no place with \"%s\"", what->name);
    if (!what->changes && (s->by || s->dry_run))
        return usage_error(ctx, s->by ? "--by" : "--dry-run", NULL,
                           "it has no place with \"%s\"", what->name);
    if (s->by && !xtune_usb_by_read(s->by, &by))
        return usage_error(ctx, "--by", "give serial, port or both",
                           "unknown word \"%s\"", s->by);
    return 0;
}

int check_usb_policy(struct context *ctx)
{
    const struct what *what = find_what(ctx->args[ARG_WHAT]);

    if (!what)
        return usage_error(ctx, ctx->command->name,
                           "give check, explain, test, allow or deny",
                           "unknown word \"%s\"", ctx->args[ARG_WHAT]);
    if (ctx->nr_args < what->min_args || ctx->nr_args > what->max_args)
        return usage_error(ctx, ctx->command->name,
                           "see \"xltune help usb-policy\"", "\"%s\" takes %s",
                           what->name,
                           what->max_args > what->min_args ? "one file at most"
                           : what->devices                 ? "one file"
                                                           : "one device");
    return check_options(ctx, what);
}

int cmd_usb_policy(struct context *ctx)
{
    const struct what *what = find_what(ctx->args[ARG_WHAT]);

    return what->run(ctx, what);
}

/* check */

static int code_of(const xtune_findings *findings)
{
    size_t i;

    for (i = 0; i < findings->nr; i++)
        if (findings->items[i].level != XTUNE_FINDING_NOTE)
            return EXIT_DIFFERENCE;
    return EXIT_DONE;
}

/* Where there is no host, its file can be read all the same. */
static int read_without_host(struct context *ctx, xtune_usb_policy **policy_r,
                             xtune_error *cause, xtune_error **err)
{
    print_note(cause->object, cause->message);
    xtune_error_free(cause);
    print_note("usb-policy", "which rules are about no device that is plugged "
                             "in is not told");
    return xtune_usb_policy_below(ctx->settings.root, policy_r, err);
}

/* What cannot be read the file itself says better: in which line. */
static int read_of_host(struct context *ctx, xtune_usb_policy **policy_r,
                        xtune_error **err)
{
    int rc = observe(ctx, 0, NULL, 0, err);

    if (!rc && ctx->host->usb_rules.problem && !ctx->settings.host) {
        rc = xtune_usb_policy_below(ctx->settings.root, policy_r, err);
        if (!rc) xtune_usb_policy_free(*policy_r);
    }
    return rc ? rc : xtune_usb_policy_of(ctx->host, policy_r, err);
}

static int read_checked(struct context *ctx, xtune_usb_policy **policy_r,
                        xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    if (ctx->nr_args > ARG_OF)
        return xtune_usb_policy_read(ctx->args[ARG_OF], policy_r, err);
    rc = open_backend(ctx, &cause);
    if (rc == XTUNE_ERR_NO_XEN && !ctx->settings.host)
        return read_without_host(ctx, policy_r, cause, err);
    if (!rc) rc = read_of_host(ctx, policy_r, &cause);
    if (rc) *err = cause;
    return rc;
}

static int run_check(struct context *ctx, const struct what *what)
{
    /* For a host without devices: a list of none. */
    static const xtune_usb none;
    xtune_findings *findings;
    xtune_usb_policy *policy;
    xtune_error *err = NULL;
    int code;

    (void)what;
    if (read_checked(ctx, &policy, &err)) return report_error(ctx, err);
    findings = xtune_findings_new();
    if (ctx->host && ctx->host->has_usb)
        xtune_usb_policy_add_lint(findings, policy,
                                  ctx->host->nr_usb ? ctx->host->usb : &none,
                                  ctx->host->nr_usb);
    else
        xtune_usb_policy_add_lint(findings, policy, NULL, 0);
    code =
        print_text(ctx,
                   ctx->settings.json
                       ? xtune_report_usb_policy_check_json(policy, findings)
                       : xtune_report_usb_policy_check(policy, findings),
                   code_of(findings));
    xtune_findings_free(findings);
    xtune_usb_policy_free(policy);
    return code;
}

/* explain and test */

static int print_verdicts(struct context *ctx, const xtune_usb_policy *policy,
                          const xtune_usb_judged *judged, size_t nr)
{
    return print_text(ctx,
                      ctx->settings.json
                          ? xtune_report_usb_verdicts_json(policy, judged, nr)
                          : xtune_report_usb_verdicts(policy, judged, nr),
                      EXIT_DONE);
}

static int run_explain(struct context *ctx, const struct what *what)
{
    xtune_usb_judged judged = { .usb = NULL };
    xtune_usb_policy *policy = NULL;
    xtune_error *err = NULL;
    int rc, code;

    (void)what;
    rc = open_backend(ctx, &err);
    if (!rc) rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc)
        rc = xtune_usb_find(ctx->host, ctx->args[ARG_OF], &judged.usb, &err);
    if (!rc) rc = xtune_usb_policy_of(ctx->host, &policy, &err);
    if (rc) return report_error(ctx, err);
    judged.words =
        xtune_arena_printf(ctx->host->arena, "%s %s", judged.usb->path,
                           xtune_usb_name(ctx->host->arena, judged.usb));
    code = print_verdicts(ctx, policy, &judged, 1);
    xtune_usb_policy_free(policy);
    return code;
}

static int run_test(struct context *ctx, const struct what *what)
{
    const struct words *words = &ctx->settings.devices;
    xtune_arena *arena = xtune_arena_new();
    xtune_usb_judged *judged =
        XTUNE_NEW_ARRAY(arena, xtune_usb_judged, words->nr);
    xtune_usb *devices = XTUNE_NEW_ARRAY(arena, xtune_usb, words->nr);
    xtune_usb_policy *policy = NULL;
    xtune_error *err = NULL;
    size_t i;
    int rc, code;

    (void)what;
    rc = xtune_usb_policy_read(ctx->args[ARG_OF], &policy, &err);
    for (i = 0; !rc && i < words->nr; i++) {
        judged[i] = (xtune_usb_judged){ words->words[i], &devices[i] };
        rc = xtune_usb_device_parse(arena, words->words[i], &devices[i], &err);
    }
    if (rc)
        code = report_error(ctx, err);
    else
        code = print_verdicts(ctx, policy, judged, words->nr);
    xtune_usb_policy_free(policy);
    xtune_arena_free(arena);
    return code;
}

/* allow and deny */

struct edit {
    const xtune_usb *usb;
    const char *before, *after; /* text */
    xtune_plan *plan;
};

/* With --by the rule is to name that; else the ids alone. */
static int make_edit(struct context *ctx, bool allow, struct edit *edit,
                     xtune_error **err)
{
    const xtune_usb_request request = usb_request(ctx);
    xtune_arena *arena = ctx->host->arena;
    xtune_usb_identity identity;
    xtune_usb_policy *policy = NULL;
    enum xtune_usb_by by;
    int rc = 0;

    if (ctx->settings.by && xtune_usb_by_read(ctx->settings.by, &by))
        rc = xtune_usb_identity_by(edit->usb, by, &identity, err);
    if (!rc) rc = xtune_usb_policy_of(ctx->host, &policy, err);
    if (rc) return rc;
    edit->before = xtune_usb_policy_text(arena, ctx->host);
    rc = xtune_usb_policy_edit(
        arena, policy, edit->before, strlen(edit->before), edit->usb, allow,
        ctx->settings.by ? &identity : NULL, &edit->after, err);
    if (!rc)
        rc = xtune_plan_usb_rules(&request, edit->after, &edit->plan, err);
    xtune_usb_policy_free(policy);
    return rc;
}

static void show_edit(struct context *ctx, const struct edit *edit)
{
    if (ctx->settings.quiet || ctx->settings.json || !edit->plan->nr_actions)
        return;
    print_text(ctx,
               xtune_report_diff(edit->plan->actions[0].object, edit->before,
                                 edit->after),
               EXIT_DONE);
    fflush(stdout);
}

static char *said_already(const struct edit *edit, bool allow)
{
    if (edit->plan->nr_actions) return NULL;
    return format_text("%s: it is %s already\n", edit->usb->path,
                       allow ? "allowed" : "denied");
}

static int run_edit(struct context *ctx, const struct what *what)
{
    struct edit edit = { .plan = NULL };
    xtune_error *err = NULL;
    int rc, code;

    rc = open_backend(ctx, &err);
    if (!rc) rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_usb_find(ctx->host, ctx->args[ARG_OF], &edit.usb, &err);
    if (!rc) rc = make_edit(ctx, what->allow, &edit, &err);
    if (rc) return report_error(ctx, err);
    show_edit(ctx, &edit);
    code = run_verb(
        ctx, &(struct verb){ .plan = edit.plan,
                             .title = usb_title(ctx),
                             .text = said_already(&edit, what->allow) });
    xtune_plan_free(edit.plan);
    return code;
}
