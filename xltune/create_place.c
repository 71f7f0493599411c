/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides where a new domain is to be, and whether it may be made there. */
#include "create.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void create_note(struct creation *creation, const char *fmt, ...)
{
    xtune_arena *arena = creation->config->arena;
    const char *note;
    va_list ap;

    va_start(ap, fmt);
    note = xtune_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    print_note(creation->config->name, note);
    creation->notes = xtune_arena_grow(
        arena, creation->notes, creation->nr_notes, sizeof(*creation->notes));
    creation->notes[creation->nr_notes++] = note;
    /* Zeroed, it ends them. */
    creation->notes = xtune_arena_grow(
        arena, creation->notes, creation->nr_notes, sizeof(*creation->notes));
}

/*
 * Memory of running domains is not measured for this: they stay, and what is
 * free on each node says all that a newcomer asks.
 */
static int read_host(struct creation *creation, xtune_error **err)
{
    struct context *ctx = creation->ctx;
    const xtune_observe what = {
        .parts = ctx->command->parts | device_parts(ctx->policy) |
                 usb_parts(ctx->policy),
        .residency = XTUNE_RESIDENCY_INFER,
    };
    const char *name = creation->config->name;
    size_t i;
    int rc;

    rc = xtune_backend_observe(ctx->backend, &what, &ctx->host, err);
    if (rc) return rc;
    for (i = 0; i < ctx->host->nr_domains; i++)
        if (!strcmp(ctx->host->domains[i].name, name))
            return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, name,
                                   "give it another name, or destroy that one",
                                   "there is a domain with this name");
    return 0;
}

static const xtune_rule *rule_of(const struct creation *creation)
{
    const xtune_policy *policy = creation->ctx->policy;

    return policy ? xtune_policy_match(policy, &creation->newcomer) : NULL;
}

/* Whose pool counts where both name one: the file's. */
static void note_pool(struct creation *creation)
{
    const xtune_rule *rule = rule_of(creation);

    if (!rule || !rule->cpupool || !creation->newcomer.cpupool ||
        !strcmp(rule->cpupool, creation->newcomer.cpupool))
        return;
    create_note(
        creation,
        "pool \"%s\" is what %s has, it is kept; %s has "
        "\"%s\"",
        creation->newcomer.cpupool, creation->config->path,
        xtune_source_text(creation->config->arena, rule->cpupool_source),
        rule->cpupool);
}

static void note_own_placement(struct creation *creation)
{
    const xtune_config *config = creation->config;

    if (config->has_pnodes)
        create_note(creation,
                    "vnuma is what %s has, it is kept: it is not "
                    "placed",
                    config->path);
    else if (config->cpus_soft.given)
        create_note(creation,
                    "cpus_soft is what %s has, it is kept: it is "
                    "not placed",
                    config->path);
    if (config->nr_named_pci)
        create_note(creation,
                    "%zu of its devices are given by name, their "
                    "nodes do not count",
                    config->nr_named_pci);
}

static uint64_t free_kb(const xtune_host *host)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < host->nr_nodes; i++)
        if (host->nodes[i].free_kb != XTUNE_UNKNOWN_KB)
            sum += host->nodes[i].free_kb;
    return sum;
}

/*
 * Whether xl will make dom0 give up memory for it: xl.conf(5), autoballoon,
 * does by default where dom0 was not given a size at boot.
 */
static bool will_balloon(const struct creation *creation)
{
    const xtune_host *host = creation->ctx->host;

    return free_kb(host) < creation->newcomer.memory_kb &&
           host->xen.command_line &&
           !strstr(host->xen.command_line, "dom0_mem=");
}

/* Whether the policy wants it at its place or not at all. */
static bool is_strict(const struct creation *creation)
{
    const xtune_rule *rule = creation->placed->rule;

    if (!rule) return false;
    if (rule->has_devices && rule->devices == XTUNE_DEVICES_REQUIRED &&
        creation->newcomer.nr_pci)
        return true;
    return rule->has_numa && rule->placement != XTUNE_PLACE_NONE &&
           rule->mode == XTUNE_AFFINITY_HARD;
}

/* Whether Xen takes its masks: each must have a CPU of the pool. */
static bool can_run(const struct creation *creation)
{
    const char *name = creation->placed->cpupool;
    const xtune_cpupool *pool =
        name ? xtune_host_cpupool(creation->ctx->host, name) : NULL;
    size_t i;

    for (i = 0; pool && i < creation->newcomer.nr_vcpus; i++)
        if (!xtune_set_intersects(&creation->newcomer.vcpus[i].hard,
                                  &pool->cpus))
            return false;
    return pool != NULL;
}

/* A newcomer that the engine has no place for, and what becomes of it: true
 * where it is made all the same. */
static bool is_made_unplaced(struct creation *creation, const char *why)
{
    if (is_strict(creation) || !can_run(creation)) return false;
    if (will_balloon(creation)) {
        creation->to_xl_alone = true;
        create_note(creation, "dom0 has to give up memory for it, from nodes "
                              "that are not known: it is not placed");
        return true;
    }
    if (free_kb(creation->ctx->host) < creation->newcomer.memory_kb)
        return false;
    creation->spills = true;
    create_note(creation,
                "%s; it is made where it may run, and what has no "
                "room there is elsewhere",
                why);
    return true;
}

static int judge(struct creation *creation, xtune_error **err)
{
    const xtune_placed *placed = creation->placed;
    const char *why =
        placed->blocked ? placed->blocked : "there is no place for it";
    const bool force = creation->ctx->settings.force;

    if (!placed->refused && !placed->blocked) return 0;
    if (placed->refused && is_made_unplaced(creation, why)) return 0;
    if (!force && (placed->refused || is_strict(creation)))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0,
                               creation->config->name,
                               "--force makes it all the same", "%s", why);
    creation->to_xl_alone = placed->refused;
    create_note(creation, "%s%s", why,
                placed->refused ? "; it is made all the same, and not placed"
                                : "");
    return 0;
}

static bool places_itself(const xtune_config *config)
{
    return config->has_pnodes || config->cpus_soft.given;
}

/* The place that would be chosen is none of a domain whose file places it. */
static void leave_place(struct creation *creation)
{
    xtune_arena *arena = creation->config->arena;
    xtune_placed *placed = XTUNE_NEW(arena, xtune_placed);

    *placed = *creation->placed;
    placed->nodes = xtune_set_new(arena, placed->nodes.nbits);
    placed->hard = placed->soft = NULL;
    placed->memory_kb = NULL;
    placed->nr_vnodes = 0;
    placed->reason = "its configuration places it itself";
    creation->placed = placed;
}

int create_place(struct creation *creation, xtune_error **err)
{
    struct context *ctx = creation->ctx;
    xtune_place_request request = { .flags = XTUNE_PLACE_KEEP_RUNNING };
    int rc;

    rc = read_host(creation, err);
    if (!rc)
        rc = xtune_config_domain(creation->config, ctx->host,
                                 &creation->newcomer, err);
    if (!rc) rc = create_add_devices(creation, err);
    if (rc) return rc;
    note_pool(creation);
    note_own_placement(creation);
    request.host = ctx->host;
    request.policy = ctx->policy;
    request.newcomers = &creation->newcomer;
    request.nr_newcomers = 1;
    rc = xtune_place(&request, &creation->placement, err);
    if (rc) return rc;
    creation->placed =
        &creation->placement->domains[creation->placement->nr_domains - 1];
    if (places_itself(creation->config)) leave_place(creation);
    return judge(creation, err);
}
