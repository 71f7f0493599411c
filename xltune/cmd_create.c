/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes a domain where it is to be, from its first page on: memory that is
 * once somewhere stays there. xl makes it, for it knows all the rest.
 */
#include "create.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Memory elsewhere that is not worth a word: Xen and libxl take some pages
 * before a domain has a place. */
#define STRAY_SHARE 200

static int prepare(struct creation *creation, xtune_error **err)
{
    struct context *ctx = creation->ctx;
    int rc;

    rc = xtune_config_read(ctx->args[0], ctx->args + 1, ctx->nr_args - 1,
                           &creation->config, err);
    if (!rc) rc = read_policy_if_any(ctx, err);
    /* From before the host is looked at until the domain has its memory: two
     * at once would take the same place. */
    if (!rc && !ctx->settings.dry_run) rc = lock_state(ctx, err);
    if (!rc) rc = create_place(creation, err);
    if (rc) return rc;
    create_make_command(creation);
    if (ctx->settings.dry_run) create_foresee_usb(creation);
    return 0;
}

/* The host afterwards; NULL where it cannot be looked at. */
static xtune_host *look_again(struct creation *creation)
{
    const xtune_observe what = {
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_NODE_AFFINITY |
                 XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_RESIDENCY,
        .residency = residency_mode(&creation->ctx->settings),
    };
    xtune_error *err = NULL;
    xtune_host *host;
    char *text;

    if (!xtune_backend_observe(creation->ctx->backend, &what, &host, &err))
        return host;
    text = xtune_error_text(err);
    create_note(creation, "it was made; where cannot be told: %s", text);
    free(text);
    xtune_error_free(err);
    return NULL;
}

/* Its vCPUs are not up yet, but will be: they count for what is local. */
static const xtune_domain *find_made(const struct creation *creation,
                                     xtune_host *host)
{
    xtune_domain *domain = NULL;
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (!strcmp(host->domains[i].name, creation->config->name))
            domain = &host->domains[i];
    for (i = 0; domain && i < domain->nr_vcpus; i++)
        if (i < creation->config->vcpus) domain->vcpus[i].online = true;
    return domain;
}

static bool was_there(const struct creation *creation, unsigned int id)
{
    const xtune_host *before = creation->ctx->host;
    size_t i;

    for (i = 0; i < before->nr_domains; i++)
        if (before->domains[i].id == id) return true;
    return false;
}

/* Says where it is not as it was placed. */
static void compare(struct creation *creation, const xtune_host *host,
                    const xtune_domain *domain)
{
    xtune_arena *arena = creation->config->arena;
    const xtune_set *home = &creation->placed->nodes;
    uint64_t in_kb, total_kb;
    xtune_set run;

    if (creation->to_xl_alone || creation->spills || xtune_set_is_empty(home))
        return;
    if (creation->config->has_pnodes || creation->config->cpus_soft.given)
        return;
    if (xtune_domain_local_kb(host, domain, home, &in_kb, &total_kb) &&
        total_kb - in_kb > total_kb / STRAY_SHARE)
        create_note(creation,
                    "%" PRIu64 " MiB of its memory are not on node "
                    "%s, where they should be: Xen takes another node's where "
                    "a domain has ended and is not scrubbed yet, \"xltune "
                    "rehome\" moves it",
                    (total_kb - in_kb) / 1024,
                    xtune_set_format_ids(arena, home));
    run = xtune_domain_run_nodes(arena, host, domain, NULL, NULL);
    /* With cpus= of the file they may run where that says. */
    if (!creation->config->cpus.given && !xtune_set_is_subset(&run, home))
        create_note(creation, "its vCPUs may run on nodes %s, not only on %s",
                    xtune_set_format_ids(arena, &run),
                    xtune_set_format_ids(arena, home));
}

static int print_creation(struct creation *creation, const xtune_host *host,
                          const xtune_domain *domain)
{
    struct context *ctx = creation->ctx;
    const xtune_creation report = {
        .placed = creation->placed,
        .command = creation->command,
        .host = host,
        .domain = domain,
        .notes = creation->notes,
    };

    if (ctx->settings.json)
        return print_text(ctx, xtune_report_create_json(&report), EXIT_DONE);
    if (ctx->settings.quiet && !ctx->settings.dry_run) return EXIT_DONE;
    return print_text(ctx, xtune_report_create(&report), EXIT_DONE);
}

/* That it cannot be told makes no failure of a domain that is there. */
static int tell(struct creation *creation)
{
    const xtune_domain *domain;
    xtune_host *host = look_again(creation);
    int code;

    if (!host) return EXIT_DONE;
    domain = find_made(creation, host);
    if (domain)
        compare(creation, host, domain);
    else
        create_note(creation, "it was made, and is gone again");
    code = domain || creation->ctx->settings.json
               ? print_creation(creation, host, domain)
               : EXIT_DONE;
    xtune_host_free(host);
    return code;
}

/* xl removes what it could not finish, unless it was ended itself: then what
 * there is has no name yet. */
static void note_remains(struct creation *creation)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_NAMES };
    xtune_host *host;
    size_t i;

    if (xtune_backend_observe(creation->ctx->backend, &what, &host, NULL))
        return;
    for (i = 0; i < host->nr_domains; i++)
        if (!was_there(creation, host->domains[i].id) &&
            (!host->domains[i].name[0] ||
             !strcmp(host->domains[i].name, creation->config->name)))
            create_note(creation,
                        "it is left half made: \"xl destroy %u\" "
                        "removes it",
                        host->domains[i].id);
    xtune_host_free(host);
}

/* What xl has to say stands on stderr already. */
static int check_status(struct creation *creation, int status,
                        xtune_error **err)
{
    const char *name = creation->config->name;

    if (WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
    if (WIFEXITED(status))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, name, NULL,
                               "xl did not make it: its exit code is %d",
                               WEXITSTATUS(status));
    note_remains(creation);
    return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, name, NULL,
                           "xl was ended by signal %d (%s)", WTERMSIG(status),
                           strsignal(WTERMSIG(status)));
}

static int make(struct creation *creation)
{
    struct context *ctx = creation->ctx;
    xtune_error *err = NULL;
    int status, rc;

    rc = create_make_assignable(creation, &err);
    if (!rc)
        rc = run_program(creation->command, ctx->settings.json, &status, &err);
    if (!rc) rc = check_status(creation, status, &err);
    if (!rc) create_attach_usb(creation);
    /* It has its memory: the next one may look. */
    xtune_state_close(ctx->state);
    ctx->state = NULL;
    return rc ? report_error(ctx, err) : tell(creation);
}

int cmd_create(struct context *ctx)
{
    struct creation creation = { .ctx = ctx };
    xtune_error *err = NULL;
    int code;

    if (ctx->settings.host && !ctx->settings.dry_run)
        return usage_error(ctx, "create",
                           "add --dry-run to see what it would "
                           "do",
                           "a domain cannot be made on the host of a "
                           "snapshot");
    if (prepare(&creation, &err))
        code = report_error(ctx, err);
    else if (ctx->settings.dry_run)
        code = print_creation(&creation, NULL, NULL);
    else
        code = make(&creation);
    xtune_plan_free(creation.devices);
    xtune_placement_free(creation.placement);
    xtune_config_free(creation.config);
    return code;
}
