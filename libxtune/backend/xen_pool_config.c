/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the configuration of a CPU pool, as "xl cpupool-create" does (xen.git
 * tools/xl/xl_cpupool.c), but strictly: what xl takes for 0 or passes over is
 * an error.
 */
#include <xtune/config.h>

#include <string.h>

#include "backend/xen_cfg.h"
#include "base/util.h"

#define COMMAND_LINE "command line" /* in xl's words */

/* libxlutil does not tell which keys there are. */
static int check_keys(const xt_cfg *cfg, xtune_error **err)
{
    static const char *const known[] = { "name", "sched", "cpus", "nodes" };
    const char *text = cfg->text, *key;
    size_t i;

    while ((key = xt_cfg_next_key(cfg, &text))) {
        for (i = 0; i < XT_ARRAY_SIZE(known); i++)
            if (!strcmp(known[i], key)) break;
        if (i == XT_ARRAY_SIZE(known))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source,
                                   "a pool has name, sched, cpus and nodes",
                                   "unknown key \"%s\"", key);
    }
    return 0;
}

static int read_name(const xt_cfg *cfg, const char *path, const char **name_r,
                     xtune_error **err)
{
    const char *name, *why;
    int rc;

    rc = xt_cfg_text(cfg, "name", &name, err);
    if (rc) return rc;
    if (!name && !path)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source,
                               "give name=\"NAME\"",
                               "it gives the pool no name");
    /* xl's as well: with what the file's name ends with. */
    if (!name) name = xtune_arena_strdup(cfg->arena, basename(path));
    if (!xtune_cpupool_is_name(name, &why))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source, NULL,
                               "no pool can have the name \"%s\": %s", name,
                               why);
    *name_r = name;
    return 0;
}

static int read_scheduler(const xt_cfg *cfg, const char **name_r,
                          xtune_error **err)
{
    static const char *const known[] = { "credit", "credit2", "rtds", "null",
                                         "arinc653" };
    size_t i;
    int rc;

    rc = xt_cfg_text(cfg, "sched", name_r, err);
    if (rc || !*name_r) return rc;
    for (i = 0; i < XT_ARRAY_SIZE(known); i++)
        if (!strcmp(known[i], *name_r)) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_INVALID, 0, cfg->source,
        "it is one of credit, credit2, rtds, null and arinc653",
        "unknown scheduler \"%s\"", *name_r);
}

static int read_values(const xt_cfg *cfg, const char *path,
                       xtune_pool_config *config, xtune_error **err)
{
    int rc;

    rc = check_keys(cfg, err);
    if (!rc) rc = read_name(cfg, path, &config->name, err);
    if (!rc) rc = read_scheduler(cfg, &config->scheduler, err);
    if (!rc) rc = xt_cfg_words(cfg, "cpus", &config->cpus, err);
    if (!rc) rc = xt_cfg_words(cfg, "nodes", &config->nodes, err);
    if (!rc && config->cpus.given && config->nodes.given)
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source,
                             "give one of them",
                             "cpus and nodes contradict each other");
    return rc;
}

/*
 * A setting as libxlutil reads it: people write name=rt in a shell, which
 * takes the quotes of name="rt" away. What is quoted, a list or a number
 * stays.
 */
static char *quote(xtune_arena *arena, const char *setting)
{
    const char *value = strchr(setting, '=');
    char *quoted, *to;

    if (!value || !value[1] || strchr("\"'[ \t", value[1]) ||
        strpbrk(value, "\n;#") || !value[1 + strspn(value + 1, "0123456789")])
        return xtune_arena_strdup(arena, setting);
    /* Each of its bytes may need a backslash. */
    quoted = xtune_arena_alloc(arena, strlen(setting) + 3, 2);
    to = mempcpy(quoted, setting, (size_t)(value + 1 - setting));
    *to++ = '"';
    for (value++; *value; value++) {
        if (strchr("\"\\", *value)) *to++ = '\\';
        *to++ = *value;
    }
    *to = '"';
    return quoted;
}

static char **quote_all(xtune_arena *arena, char *const *settings, size_t nr)
{
    char **quoted = XTUNE_NEW_ARRAY(arena, char *, nr);
    size_t i;

    for (i = 0; i < nr; i++)
        quoted[i] = quote(arena, settings[i]);
    return quoted;
}

int xtune_pool_config_read(const char *path, char *const *args, size_t nr_args,
                           xtune_pool_config **config_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_pool_config *config = XTUNE_NEW(arena, xtune_pool_config);
    xt_cfg cfg = { .arena = arena, .manual = "xlcpupool.cfg(5)" };
    int rc;

    config->arena = arena;
    config->source = xtune_arena_strdup(arena, path ? path : COMMAND_LINE);
    cfg.source = config->source;
    rc =
        xt_cfg_open(&cfg, path, quote_all(arena, args, nr_args), nr_args, err);
    if (!rc) {
        rc = read_values(&cfg, path, config, err);
        xt_cfg_close(&cfg);
    }
    if (rc)
        xtune_arena_free(arena);
    else
        *config_r = config;
    return rc;
}

void xtune_pool_config_free(xtune_pool_config *config)
{
    if (config) xtune_arena_free(config->arena);
}
