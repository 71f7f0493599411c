/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The masks that records and rules write down, held against a host. */
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

bool xt_has_uuid(const xtune_domain *domain, const char *uuid)
{
    /* All zeros is dom0's; with any other domain it says that nobody knows. */
    return !strcmp(domain->uuid, uuid) &&
           (!domain->id || uuid[strspn(uuid, "0-")]);
}

static bool is_anybodys(const xtune_host *host, const char *uuid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (xt_has_uuid(&host->domains[i], uuid)) return true;
    return false;
}

/*
 * A domain that is made again from its configuration may have another uuid,
 * but is the same one to those who gave it its name.
 */
static const xtune_record *record_by_name(const xtune_policy *policy,
                                          const xtune_host *host,
                                          const xtune_domain *domain)
{
    size_t i;

    for (i = 0; domain->name[0] && i < policy->nr_records; i++) {
        const xtune_record *record = &policy->records[i];

        if (!strcmp(record->name, domain->name) &&
            !is_anybodys(host, record->uuid))
            return record;
    }
    return NULL;
}

const xtune_record *xtune_policy_record(const xtune_policy *policy,
                                        const xtune_host *host,
                                        const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (xt_has_uuid(domain, policy->records[i].uuid))
            return &policy->records[i];
    return record_by_name(policy, host, domain);
}

/* What is written down for a domain. */
typedef struct wanted {
    const xtune_wanted_affinity *rows;
    size_t nr;
} wanted;

static wanted find_wanted(const xtune_policy *policy, const xtune_host *host,
                          const xtune_domain *domain)
{
    const xtune_record *record = xtune_policy_record(policy, host, domain);
    const xtune_rule *rule;

    if (record && record->nr_affinity)
        return (wanted){ record->affinity, record->nr_affinity };
    rule = xtune_policy_match(policy, domain);
    if (rule && rule->placement == XTUNE_PLACE_NONE)
        return (wanted){ rule->affinity, rule->nr_affinity };
    return (wanted){ NULL, 0 };
}

typedef struct masks {
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_domain *domain;
    xtune_set *hard, *soft;
    xtune_error **err;
} masks;

static masks masks_now(const xtune_host *host, const xtune_domain *domain,
                       xtune_arena *arena, xtune_error **err)
{
    masks m = {
        .arena = arena,
        .host = host,
        .domain = domain,
        .hard = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus),
        .soft = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus),
        .err = err,
    };
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        m.hard[i] = xtune_set_copy(arena, &domain->vcpus[i].hard);
        m.soft[i] = xtune_set_copy(arena, &domain->vcpus[i].soft);
    }
    return m;
}

/* As Xen does, and before anything is changed. */
static int check_hard(const masks *m, const char *where, const xtune_set *hard)
{
    const xtune_cpupool *pool =
        xtune_host_cpupool(m->host, m->domain->cpupool);

    if (xtune_set_intersects(hard, pool ? &pool->cpus : &m->host->cpu_ids))
        return 0;
    if (!pool || xtune_set_is_empty(hard))
        return xtune_error_set(
            m->err, XTUNE_ERR_REFUSED, 0, where, "name at least one CPU",
            "hard affinity \"%s\" would let domain \"%s\" "
            "run nowhere",
            xtune_set_format(m->arena, hard), m->domain->name);
    return xtune_error_set(
        m->err, XTUNE_ERR_REFUSED, 0, where,
        xtune_arena_printf(m->arena, "the pool has CPUs %s",
                           xtune_set_format_ids(m->arena, &pool->cpus)),
        "hard affinity \"%s\" has no CPU of cpupool \"%s\", in which domain "
        "\"%s\" is",
        xtune_set_format(m->arena, hard), pool->name, m->domain->name);
}

/* One that is not written is as it is. */
static int parse_mask(const masks *m, const char *where, const char *text,
                      xtune_set *set_r)
{
    const xtune_set_names names = xtune_host_cpu_names(m->host);

    if (!text) return 0;
    return xtune_set_parse(m->arena, &names, where, text, set_r, m->err);
}

static bool has_any(const xtune_domain *domain, const xtune_set *vcpus)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (xtune_set_has(vcpus, domain->vcpus[i].id)) return true;
    return false;
}

static int apply_row(const masks *m, const xtune_wanted_affinity *row)
{
    const char *where = xtune_source_text(m->arena, row->source);
    xtune_set vcpus, hard, soft;
    size_t i;
    int rc;

    rc = xt_parse_vcpus(m->arena, where, row->vcpus, &vcpus, m->err);
    if (!rc) rc = parse_mask(m, where, row->hard, &hard);
    if (!rc) rc = parse_mask(m, where, row->soft, &soft);
    if (!rc && row->hard && has_any(m->domain, &vcpus))
        rc = check_hard(m, where, &hard);
    if (rc) return rc;
    for (i = 0; i < m->domain->nr_vcpus; i++) {
        if (!xtune_set_has(&vcpus, m->domain->vcpus[i].id)) continue;
        if (row->hard) m->hard[i] = hard;
        if (row->soft) m->soft[i] = soft;
    }
    return 0;
}

int xtune_policy_masks(const xtune_policy *policy, const xtune_host *host,
                       const xtune_domain *domain, xtune_arena *arena,
                       xtune_set **hard_r, xtune_set **soft_r,
                       xtune_source *source_r, xtune_error **err)
{
    const wanted w = find_wanted(policy, host, domain);
    masks m;
    size_t i;
    int rc;

    *hard_r = *soft_r = NULL;
    if (!w.nr) return 0;
    m = masks_now(host, domain, arena, err);
    for (i = 0; i < w.nr; i++) {
        rc = apply_row(&m, &w.rows[i]);
        if (rc) return rc;
    }
    *hard_r = m.hard;
    *soft_r = m.soft;
    *source_r = w.rows[0].source;
    return 0;
}
