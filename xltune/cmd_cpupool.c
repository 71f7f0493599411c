/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about CPU pools, which are xl's, and planned here. */
#include "verb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/config.h>
#include <xtune/record.h>
#include <xtune/report.h>

/* Of most of them; of cpupool-migrate the first is the domain. */
enum { ARG_POOL, ARG_WHAT };
enum { ARG_DOMAIN, ARG_TO };

/* Looking. */

static unsigned int parts_of_list(const struct settings *s)
{
    unsigned int parts = 0;

    if (s->json) parts |= XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_SCHEDULING;
    if (s->numa)
        parts |= XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS |
                 XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_BUILT |
                 XTUNE_OBSERVE_RESIDENCY;
    return parts;
}

int cmd_cpupool_list(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    const xtune_cpupool *pool = NULL;
    xtune_error *err = NULL;
    char *text;
    int rc;

    rc = observe(ctx, parts_of_list(s), NULL, 0, &err);
    if (!rc && ctx->nr_args)
        rc = xtune_host_find_cpupool(ctx->host, ctx->args[ARG_POOL], &pool,
                                     &err);
    if (rc) return report_error(ctx, err);
    if (s->json)
        text = xtune_report_cpupools_json(ctx->host, pool, s->numa);
    else if (s->numa)
        text = xtune_report_cpupools_numa(ctx->host, pool);
    else
        text = xtune_report_cpupools(ctx->host, pool, s->cpu_list);
    return print_text(ctx, text, EXIT_DONE);
}

/* Changing. */

/* As it was given: "cpupool-cpu-add rt 4-7". */
static char *title_of(const struct context *ctx)
{
    char *title = format_text("%s", ctx->command->name);
    size_t i;

    for (i = 0; i < ctx->nr_args; i++) {
        char *longer = format_text("%s %s", title, ctx->args[i]);

        free(title);
        title = longer;
    }
    return title;
}

static bool is_gone(const struct context *ctx, const xtune_host *now,
                    const char *pool)
{
    return pool && xtune_host_cpupool(ctx->host, pool) &&
           !xtune_host_cpupool(now, pool);
}

static void note_gone(const xtune_source *source, const char *object,
                      const char *pool)
{
    char *note = format_text("\"%s\" still names cpupool \"%s\", which is "
                             "there no more",
                             source->file, pool);

    print_note(object, note);
    free(note);
}

/* What is kept for a pool, or for a domain in it, waits for a pool of that
 * name. */
static void note_records(struct context *ctx)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_NAMES };
    xtune_policy *policy = xtune_policy_new();
    xtune_host *now = NULL;
    size_t i;

    if (read_records(ctx, policy, NULL) ||
        !(policy->nr_records || policy->nr_pool_records) ||
        xtune_backend_observe(ctx->backend, &what, &now, NULL))
        goto out;
    for (i = 0; i < policy->nr_records; i++) {
        const xtune_record *record = &policy->records[i];

        if (is_gone(ctx, now, record->cpupool))
            note_gone(&record->source, record->name, record->cpupool);
    }
    for (i = 0; i < policy->nr_pool_records; i++) {
        const xtune_pool_record *record = &policy->pool_records[i];

        if (is_gone(ctx, now, record->name))
            note_gone(&record->source, record->name, record->name);
    }
out:
    xtune_host_free(now);
    xtune_policy_free(policy);
}

static int run_change(struct context *ctx, const xtune_pool_change *pool)
{
    xtune_error *err = NULL;
    xtune_plan *plan;
    int code;

    if (xtune_plan_pool_change(ctx->host, pool, &plan, &err))
        return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                         });
    if (!code && plan->nr_actions && !ctx->settings.dry_run) note_records(ctx);
    xtune_plan_free(plan);
    return code;
}

/* The pool that the first argument names, if there is one. Domains are split
 * by where their memory is as well. */
static int observe_pool(struct context *ctx, xtune_pool_change *pool,
                        xtune_error **err)
{
    const unsigned int parts =
        pool->verb == XTUNE_POOL_SPLIT
            ? XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_RESIDENCY
            : 0;
    int rc = observe_for_verb(ctx, parts, err);

    if (rc || !ctx->nr_args) return rc;
    return xtune_host_find_cpupool(ctx->host, ctx->args[ARG_POOL], &pool->pool,
                                   err);
}

static int change_pool(struct context *ctx, xtune_pool_change *pool)
{
    xtune_error *err = NULL;

    if (observe_pool(ctx, pool, &err)) return report_error(ctx, err);
    return run_change(ctx, pool);
}

int cmd_cpupool_destroy(struct context *ctx)
{
    return change_pool(ctx,
                       &(xtune_pool_change){ .verb = XTUNE_POOL_DESTROY });
}

int cmd_cpupool_rename(struct context *ctx)
{
    return change_pool(ctx, &(xtune_pool_change){
                                .verb = XTUNE_POOL_RENAME,
                                .name = ctx->args[ARG_WHAT],
                            });
}

int cmd_cpupool_numa_split(struct context *ctx)
{
    return change_pool(ctx, &(xtune_pool_change){ .verb = XTUNE_POOL_SPLIT });
}

int cmd_cpupool_join(struct context *ctx)
{
    return change_pool(ctx, &(xtune_pool_change){ .verb = XTUNE_POOL_JOIN });
}

static int change_cpus(struct context *ctx, enum xtune_pool_verb verb)
{
    xtune_pool_change pool = { .verb = verb };
    xtune_error *err = NULL;
    xtune_set_names names;
    xtune_set cpus;
    int rc;

    rc = observe_pool(ctx, &pool, &err);
    if (rc) return report_error(ctx, err);
    names = xtune_host_cpu_names(ctx->host);
    rc = xtune_set_parse(ctx->host->arena, &names, "CPUs", ctx->args[ARG_WHAT],
                         &cpus, &err);
    if (rc) return report_error(ctx, err);
    /* Those that are off are in no pool, "all" or not. */
    xtune_set_and(&cpus, &ctx->host->cpu_ids);
    pool.cpus = &cpus;
    return run_change(ctx, &pool);
}

int cmd_cpupool_cpu_add(struct context *ctx)
{
    return change_cpus(ctx, XTUNE_POOL_ADD_CPUS);
}

int cmd_cpupool_cpu_remove(struct context *ctx)
{
    return change_cpus(ctx, XTUNE_POOL_REMOVE_CPUS);
}

/* Making one. */

/* As xl takes them: what has no "=" is a file. */
static bool is_setting(const char *arg)
{
    return strchr(arg, '=') != NULL;
}

/* The file becomes settings.file, the settings alone stay as arguments. */
int check_cpupool_create(struct context *ctx)
{
    size_t nr = 0, i;

    for (i = 0; i < ctx->nr_args; i++) {
        if (is_setting(ctx->args[i]))
            ctx->args[nr++] = ctx->args[i];
        else if (ctx->settings.file)
            return usage_error(
                ctx, ctx->args[i], "give one file, and KEY=VALUE",
                "there is a file already, \"%s\"", ctx->settings.file);
        else
            ctx->settings.file = ctx->args[i];
    }
    ctx->nr_args = nr;
    if (nr || ctx->settings.file) return 0;
    return usage_error(ctx, ctx->command->name, NULL,
                       "neither a file nor KEY=VALUE is given");
}

static int print_pool(struct context *ctx, const xtune_pool_config *config,
                      const xtune_pool_change *pool)
{
    const char *scheduler = pool->scheduler;

    if (ctx->settings.json || ctx->settings.quiet) return EXIT_DONE;
    if (!scheduler) scheduler = ctx->host->cpupools[0].scheduler;
    return print_text(ctx,
                      format_text("Using config file \"%s\"\n"
                                  "cpupool name:   %s\n"
                                  "scheduler:      %s\n"
                                  "number of cpus: %u\n",
                                  config->source, pool->name, scheduler,
                                  xtune_set_count(pool->cpus)),
                      EXIT_DONE);
}

static int create_pool(struct context *ctx, const xtune_pool_config *config)
{
    xtune_pool_change pool = {
        .verb = XTUNE_POOL_CREATE,
        .name = config->name,
        .scheduler = config->scheduler,
    };
    xtune_error *err = NULL;
    xtune_plan *plan;
    xtune_set cpus;
    int rc, code;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = xtune_pool_config_cpus(config, ctx->host, &cpus, &err);
    pool.cpus = &cpus;
    if (!rc) rc = xtune_plan_pool_change(ctx->host, &pool, &plan, &err);
    if (rc) return report_error(ctx, err);
    code = print_pool(ctx, config, &pool);
    if (!code)
        code = run_verb(ctx, &(struct verb){
                                 .plan = plan,
                                 .title = format_text(
                                     "%s %s", ctx->command->name, pool.name),
                             });
    xtune_plan_free(plan);
    return code;
}

int cmd_cpupool_create(struct context *ctx)
{
    xtune_pool_config *config;
    xtune_error *err = NULL;
    int code;

    if (xtune_pool_config_read(ctx->settings.file, ctx->args, ctx->nr_args,
                               &config, &err))
        return report_error(ctx, err);
    code = create_pool(ctx, config);
    xtune_pool_config_free(config);
    return code;
}

/* Moving a domain. */

struct migration {
    const xtune_domain *domain;
    const xtune_cpupool *pool;
};

int check_cpupool_migrate(struct context *ctx)
{
    if (!ctx->settings.allow_pause || ctx->settings.follow) return 0;
    return usage_error(ctx, "--allow-pause", "add --follow",
                       "without --follow no memory is moved");
}

static int plan_migration(struct context *ctx, struct migration *m,
                          xtune_plan **plan_r, xtune_error **err)
{
    const unsigned int parts = ctx->settings.follow ? XTUNE_OBSERVE_ALL : 0;
    xtune_plan_request request = {
        .flags = ctx->settings.allow_pause ? XTUNE_PLAN_ALLOW_PAUSE : 0,
    };
    int rc;

    rc = observe_for_verb(ctx, parts, err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                    &m->domain, err);
    if (!rc)
        rc = xtune_host_find_cpupool(ctx->host, ctx->args[ARG_TO], &m->pool,
                                     err);
    /* What could not be kept is not begun. */
    if (!rc && ctx->settings.persist && ctx->state)
        rc = xtune_record_check(ctx->state, ctx->host, m->domain, NULL, err);
    if (rc) return rc;
    ctx->policy = xtune_policy_new();
    request.host = ctx->host;
    request.policy = ctx->policy;
    return xtune_plan_domain_pool(&request, m->domain, m->pool,
                                  ctx->settings.follow, plan_r, err);
}

static int keep_pool(struct context *ctx, const void *what, xtune_error **err)
{
    const struct migration *m = what;

    return xtune_record_cpupool(ctx->state, ctx->host, m->domain,
                                m->pool->name, err);
}

static char *migration_title(const struct context *ctx)
{
    return format_text("cpupool-migrate %s %s%s%s", ctx->args[ARG_DOMAIN],
                       ctx->args[ARG_TO],
                       ctx->settings.follow ? " --follow" : "",
                       ctx->settings.persist ? " --persist" : "");
}

int cmd_cpupool_migrate(struct context *ctx)
{
    struct migration m = { .domain = NULL };
    xtune_error *err = NULL;
    xtune_plan *plan;
    int code;

    if (plan_migration(ctx, &m, &plan, &err)) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = migration_title(ctx),
                             .keep = ctx->settings.persist ? keep_pool : NULL,
                             .what = &m,
                             .object = m.domain->name,
                         });
    xtune_plan_free(plan);
    return code;
}
