/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CPUs that the configuration of a pool asks for, on a host. */
#include <xtune/config.h>

#include "base/util.h"
#include "host/config_list.h"

static const char *object_of(const xtune_pool_config *config, const char *key)
{
    return xtune_arena_printf(config->arena, "%s: %s", config->source, key);
}

/* A list in the file has one number in each item, a text is a list of its
 * own. */
static int read_ids(const xtune_pool_config *config, const char *key,
                    const xtune_config_cpus *words,
                    const xtune_set_names *names, xtune_set *ids,
                    xtune_error **err)
{
    const char *object = object_of(config, key);
    uint64_t id;
    size_t i;

    if (!words->is_list)
        return xtune_set_parse(config->arena, names, object,
                               xt_config_list(config->arena, words->texts[0]),
                               ids, err);
    for (i = 0; i < words->nr; i++) {
        if (!xt_parse_u64(words->texts[i], 10, UINT32_MAX, &id))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                                   "an item is a number; ranges are for a "
                                   "text, as in \"0-3,^2\"",
                                   "item \"%s\" is no %s", words->texts[i],
                                   names->what);
        if (!xtune_set_has(names->exists, (unsigned int)id))
            return xtune_error_set(
                err, XTUNE_ERR_INVALID, 0, object, "see \"xltune info -n\"",
                "the host has no %s %s", names->what, words->texts[i]);
        xtune_set_add(ids, (unsigned int)id);
    }
    return 0;
}

static int cpus_of_nodes(const xtune_pool_config *config,
                         const xtune_host *host, const xtune_set *nodes,
                         xtune_set *cpus, xtune_error **err)
{
    const xtune_set free_cpus = xtune_host_free_cpus(config->arena, host);
    unsigned int node;

    xtune_set_for_each(node, nodes)
    {
        xtune_set one;

        if (!xtune_set_has(&host->node_ids, node)) continue;
        one = xtune_set_copy(config->arena, &host->node_cpus[node]);
        xtune_set_and(&one, &free_cpus);
        if (xtune_set_is_empty(&one))
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, object_of(config, "nodes"),
                "\"xltune cpupool-list -n\" shows which pool has them",
                "node %u has no free CPU", node);
        xtune_set_or(cpus, &one);
    }
    return 0;
}

/* A pool that is made gets the granularity that Xen was started with, which
 * is that of the first one. */
static int first_free(const xtune_pool_config *config, const xtune_host *host,
                      xtune_set *cpus, xtune_error **err)
{
    const xtune_set free_cpus = xtune_host_free_cpus(config->arena, host);

    if (xtune_set_is_empty(&free_cpus))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, config->source,
                               "\"xltune cpupool-cpu-remove\" takes one out "
                               "of its pool",
                               "no CPU is free");
    xtune_set_add(cpus, xtune_set_next(&free_cpus, 0));
    if (host->nr_cpupools)
        *cpus = xtune_host_units(config->arena, host, cpus,
                                 host->cpupools[0].granularity);
    return 0;
}

int xtune_pool_config_cpus(const xtune_pool_config *config,
                           const xtune_host *host, xtune_set *cpus_r,
                           xtune_error **err)
{
    const xtune_set_names cpu_names = xtune_host_cpu_names(host);
    const xtune_set_names node_names = xtune_host_node_names(host);
    xtune_arena *arena = config->arena;
    xtune_set cpus = xtune_set_new(arena, host->nr_cpu_ids);
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    const char *key = config->nodes.given ? "nodes" : "cpus";
    int rc;

    if (config->nodes.given) {
        rc = read_ids(config, key, &config->nodes, &node_names, &nodes, err);
        if (!rc) rc = cpus_of_nodes(config, host, &nodes, &cpus, err);
    } else if (config->cpus.given) {
        rc = read_ids(config, key, &config->cpus, &cpu_names, &cpus, err);
        xtune_set_and(&cpus, &host->cpu_ids); /* "all" names more */
    } else {
        rc = first_free(config, host, &cpus, err);
    }
    if (rc) return rc;
    if (xtune_set_is_empty(&cpus))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                               object_of(config, key), "name at least one",
                               "it names none");
    *cpus_r = cpus;
    return 0;
}
