/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What xl is told of a domain that has a place. Of a key that is given twice
 * xl takes the last one, and ours come last; what the user's file or arguments
 * say is theirs all the same, so nothing is added that they have.
 */
#include "create.h"

#include <string.h>

/* More than what is added here and by xtune_report_config_settings(). */
#define MAX_ADDED 16

struct words_maker {
    const char **words;
    size_t nr;
};

static void add(struct words_maker *words, const char *word)
{
    words->words[words->nr++] = word;
}

static bool has_key(const char *setting, const char *key)
{
    const size_t len = strlen(key);

    return !strncmp(setting, key, len) && setting[len] == '=';
}

/*
 * The masks of a file that has cpus= stay as they are: the soft ones alone
 * must then lead to the place.
 */
static void keep_hard(xtune_arena *arena, xtune_placed *placed)
{
    const size_t nr = placed->domain->nr_vcpus;
    xtune_set *hard = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    xtune_set *soft = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    size_t i;

    if (!placed->hard || !placed->soft) return;
    for (i = 0; i < nr; i++) {
        hard[i] = xtune_set_all(arena, placed->hard[i].nbits);
        soft[i] = xtune_set_copy(arena, &placed->soft[i]);
        xtune_set_and(&soft[i], &placed->hard[i]);
        if (xtune_set_is_empty(&soft[i]))
            soft[i] = xtune_set_copy(arena, &placed->hard[i]);
    }
    placed->hard = hard;
    placed->soft = soft;
}

/*
 * vnuma= with pnodes, or cpus_soft=, is the user's own placement: of ours only
 * the pool is left. libxl refuses virtual nodes for a guest that is built with
 * less memory than it may have.
 */
static bool is_wanted(const xtune_config *config, const char *setting)
{
    const bool is_placed = config->has_pnodes || config->cpus_soft.given;

    if (has_key(setting, "pool")) return !config->cpupool;
    if (is_placed) return false;
    if (has_key(setting, "cpus")) return !config->cpus.given;
    if (has_key(setting, "vnuma"))
        return !config->has_vnuma &&
               config->memory_kb == config->max_memory_kb;
    return true;
}

/*
 * xl is to take memory from where the domain may run first, which it does
 * where it does not choose nodes by itself.
 */
static void add_spilling(const struct creation *creation,
                         struct words_maker *words)
{
    const xtune_config *config = creation->config;

    if (!config->cpus_soft.given && !config->has_pnodes)
        add(words, "cpus_soft=\"all\"");
}

/* The pool that the policy names for it, whether it is placed or not. */
static void add_pool(const struct creation *creation,
                     struct words_maker *words)
{
    const xtune_config *config = creation->config;
    const xtune_rule *rule = creation->placed->rule;
    const char *pool = creation->placed->cpupool;

    if (config->cpupool || !rule || !rule->cpupool || !pool ||
        strcmp(pool, rule->cpupool))
        return;
    add(words,
        xtune_arena_printf(config->arena, "pool=\"%s\"", rule->cpupool));
}

static void add_settings(struct creation *creation, struct words_maker *words)
{
    const xtune_config *config = creation->config;
    xtune_placed placed = *creation->placed;
    const char **settings;
    size_t nr, i;

    if (creation->to_xl_alone || creation->spills) {
        add_pool(creation, words);
        if (creation->spills) add_spilling(creation, words);
        return;
    }
    if (config->cpus.given) keep_hard(config->arena, &placed);
    nr = xtune_report_config_settings(config->arena, creation->ctx->host,
                                      &placed, config->memory_kb, &settings);
    for (i = 0; i < nr; i++) {
        if (!is_wanted(config, settings[i])) continue;
        add(words, settings[i]);
        if (!has_key(settings[i], "vnuma")) continue;
        create_note(creation, "it sees its nodes, and so cannot be saved or "
                              "migrated; \"vnuma=[]\" leaves that out");
        /* Or xl refuses a domain with more vCPUs than the host has CPUs. */
        add(words, xtune_arena_printf(config->arena, "maxvcpus=%u",
                                      config->max_vcpus));
    }
}

void create_make_command(struct creation *creation)
{
    const struct context *ctx = creation->ctx;
    const struct settings *s = &ctx->settings;
    struct words_maker words = {
        .words = XTUNE_NEW_ARRAY(creation->config->arena, const char *,
                                 ctx->nr_args + MAX_ADDED),
    };
    size_t i;

    add(&words, "xl");
    add(&words, "create");
    if (s->paused) add(&words, "-p");
    if (s->quiet) add(&words, "-q");
    if (s->debug) add(&words, "-d");
    /* As an option's value it may hold a "=" or begin with a "-". */
    add(&words, "-f");
    add(&words, ctx->args[0]);
    for (i = 1; i < ctx->nr_args; i++)
        add(&words, ctx->args[i]);
    add_settings(creation, &words);
    if (creation->pci_setting) add(&words, creation->pci_setting);
    creation->command = words.words;
}
