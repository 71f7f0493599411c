/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration as the domain that it would be on a host. */
#include <xtune/config.h>

#include <string.h>

#include "base/util.h"
#include "host/config_list.h"

/* The pool of a name or, all digits, of an id: so libxl takes it. */
static const xtune_cpupool *find_pool(const xtune_host *host, const char *text)
{
    uint64_t id;
    size_t i;

    if (!xt_parse_u64(text, 10, UINT32_MAX, &id))
        return xtune_host_cpupool(host, text);
    for (i = 0; i < host->nr_cpupools; i++)
        if (host->cpupools[i].id == id) return &host->cpupools[i];
    return NULL;
}

const char *xt_config_list(xtune_arena *arena, const char *text)
{
    char *copy = xtune_arena_strdup(arena, text), *to = copy;

    for (; *text; text++) {
        if ((*text == ' ' || *text == '\t') && (to == copy || to[-1] == ','))
            continue;
        *to++ = *text;
    }
    *to = '\0';
    return copy;
}

/* What to put before an error about the CPUs of vCPU i. */
static const char *cpus_object(const xtune_config *config, const char *key,
                               const xtune_config_cpus *cpus, size_t i)
{
    return cpus->is_list ? xtune_arena_printf(config->arena, "%s: %s[%zu]",
                                              config->path, key, i)
                         : xtune_arena_printf(config->arena, "%s: %s",
                                              config->path, key);
}

/* The masks of nr vCPUs: of a list, vCPUs beyond its end have none. */
static int make_masks(const xtune_config *config, const xtune_host *host,
                      const char *key, const xtune_config_cpus *cpus,
                      xtune_set *masks, size_t nr, xtune_error **err)
{
    const xtune_set_names names = xtune_host_cpu_names(host);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++) {
        const size_t item = cpus->is_list ? i : 0;

        if (item >= cpus->nr) {
            masks[i] = xtune_set_all(config->arena, host->nr_cpu_ids);
            continue;
        }
        if (!cpus->is_list && i) {
            masks[i] = xtune_set_copy(config->arena, &masks[0]);
            continue;
        }
        rc = xtune_set_parse(
            config->arena, &names, cpus_object(config, key, cpus, i),
            xt_config_list(config->arena, cpus->texts[item]), &masks[i], err);
        if (rc) return rc;
    }
    return 0;
}

static int make_vcpus(const xtune_config *config, const xtune_host *host,
                      xtune_domain *domain, xtune_error **err)
{
    const size_t nr = config->max_vcpus;
    xtune_set *hard = XTUNE_NEW_ARRAY(config->arena, xtune_set, nr);
    xtune_set *soft = XTUNE_NEW_ARRAY(config->arena, xtune_set, nr);
    size_t i;
    int rc;

    rc = make_masks(config, host, "cpus", &config->cpus, hard, nr, err);
    if (!rc)
        rc = make_masks(config, host, "cpus_soft", &config->cpus_soft, soft,
                        nr, err);
    if (rc) return rc;
    domain->vcpus = XTUNE_NEW_ARRAY(config->arena, xtune_vcpu, nr);
    domain->nr_vcpus = nr;
    domain->online_vcpus = config->vcpus;
    for (i = 0; i < nr; i++)
        domain->vcpus[i] = (xtune_vcpu){
            .id = (uint32_t)i,
            .online = i < config->vcpus,
            .cpu = XTUNE_NONE,
            .hard = hard[i],
            .soft = soft[i],
        };
    return 0;
}

/* As libxl reckons; more where the file reserves more for paging. */
static uint64_t needed_kb(const xtune_config *config)
{
    const uint64_t kb =
        xtune_needed_kb(config->type, config->memory_kb, config->max_vcpus);

    if (config->shadow_kb == XTUNE_UNKNOWN_KB ||
        config->type == XTUNE_TYPE_PV ||
        kb > config->memory_kb + config->shadow_kb)
        return kb;
    return config->memory_kb + config->shadow_kb;
}

int xtune_config_domain(const xtune_config *config, const xtune_host *host,
                        xtune_domain *domain_r, xtune_error **err)
{
    const xtune_cpupool *pool = NULL;

    if (config->cpupool) {
        pool = find_pool(host, config->cpupool);
        if (!pool)
            return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, config->path,
                                   "see \"xl cpupool-list\"",
                                   "pool \"%s\" is not there",
                                   config->cpupool);
    }
    *domain_r = (xtune_domain){
        .id = XTUNE_NONE,
        .name = config->name,
        .type = config->type,
        .shutdown_reason = XTUNE_NONE,
        .cpupool = pool ? pool->name : NULL,
        .memory_kb = needed_kb(config),
        .max_memory_kb = config->max_memory_kb,
        .pci = config->pci,
        .nr_pci = config->nr_pci,
    };
    if (config->uuid)
        memcpy(domain_r->uuid, config->uuid, sizeof(domain_r->uuid));
    return make_vcpus(config, host, domain_r, err);
}
