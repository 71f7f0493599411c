/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domains: what Xen lists of them, and their names. */
#include "backend/xen.h"

#include <stdio.h>
#include <strings.h>

#include "base/util.h"

#define PAGE_KB (XC_PAGE_SIZE / 1024)

/* So many domains are asked for in one call. */
#define BATCH 256

void xt_xen_format_uuid(const xen_domain_handle_t handle, char uuid_r[37])
{
    char *p = uuid_r;
    size_t i;

    for (i = 0; i < sizeof(xen_domain_handle_t); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *p++ = '-';
        p += sprintf(p, "%02x", handle[i]);
    }
}

static enum xtune_domain_type domain_type(const xc_domaininfo_t *info)
{
    if (!(info->flags & XEN_DOMINF_hvm_guest)) return XTUNE_TYPE_PV;
    return xt_xen_emulates_pc(info) ? XTUNE_TYPE_HVM : XTUNE_TYPE_PVH;
}

static unsigned int domain_state(uint32_t flags)
{
    unsigned int state = 0;

    if (flags & XEN_DOMINF_running) state |= XTUNE_STATE_RUNNING;
    if (flags & XEN_DOMINF_blocked) state |= XTUNE_STATE_BLOCKED;
    if (flags & XEN_DOMINF_paused) state |= XTUNE_STATE_PAUSED;
    if (flags & XEN_DOMINF_shutdown) state |= XTUNE_STATE_SHUTDOWN;
    if (flags & XEN_DOMINF_dying) state |= XTUNE_STATE_DYING;
    return state;
}

static void fill_domain(xtune_domain *domain, const xc_domaininfo_t *info)
{
    *domain = (xtune_domain){
        .id = info->domain,
        .name = "",
        .type = domain_type(info),
        .state = domain_state(info->flags),
        .memory_kb = info->tot_pages * PAGE_KB,
        .max_memory_kb = info->max_pages * PAGE_KB,
        .outstanding_kb = info->outstanding_pages * PAGE_KB,
        .cpu_time_ns = info->cpu_time,
        .online_vcpus = info->nr_online_vcpus,
    };
    if (info->flags & XEN_DOMINF_shutdown)
        domain->shutdown_reason = (info->flags >> XEN_DOMINF_shutdownshift) &
                                  XEN_DOMINF_shutdownmask;
    xt_xen_format_uuid(info->handle, domain->uuid);
}

static void add_domain(xt_xen *xen, xtune_host *host,
                       const xc_domaininfo_t *info)
{
    xt_xen_listed *listed = &xen->listed[xen->nr_listed++];

    host->domains = xtune_arena_grow(host->arena, host->domains,
                                     host->nr_domains, sizeof(*host->domains));
    fill_domain(&host->domains[host->nr_domains++], info);
    *listed = (xt_xen_listed){
        .domid = info->domain,
        .pool_id = info->cpupool,
        /* One that is being made says XEN_INVALID_MAX_VCPU_ID. */
        .nr_vcpu_ids =
            info->max_vcpu_id < XTUNE_MAX_VCPUS ? info->max_vcpu_id + 1 : 0,
    };
    if (info->flags & XEN_DOMINF_xs_domain) xen->store_is_domain = true;
}

int xt_xen_read_domains(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_FREE xc_domaininfo_t *infos =
        xt_xrealloc(NULL, BATCH, sizeof(*infos));
    uint32_t first = 0;
    int nr, i;

    xen->nr_listed = 0;
    do {
        /* Those at and after first, by id. */
        nr = xc_domain_getinfolist(xen->xc, first, BATCH, infos);
        if (nr < 0) return xt_xen_error(err, "xen", "ask it for its domains");
        xen->listed = xt_xrealloc(xen->listed, xen->nr_listed + BATCH,
                                  sizeof(*xen->listed));
        for (i = 0; i < nr; i++)
            add_domain(xen, host, &infos[i]);
        if (nr) first = infos[nr - 1].domain + 1u;
    } while (nr == BATCH);
    return 0;
}

static int compare_domid(const void *key, const void *member)
{
    const uint32_t domid = *(const uint32_t *)key;
    const xt_xen_listed *listed = member;

    return domid < listed->domid ? -1 : domid > listed->domid;
}

const xt_xen_listed *xt_xen_listed_find(const xt_xen *xen, unsigned int domid)
{
    return bsearch(&domid, xen->listed, xen->nr_listed, sizeof(*xen->listed),
                   compare_domid);
}

int xt_xen_read_domain(xt_xen *xen, unsigned int domid, bool *found_r,
                       xc_domaininfo_t *info_r, xtune_error **err)
{
    int nr = xc_domain_getinfolist(xen->xc, domid, 1, info_r);

    if (nr < 0) return xt_xen_error(err, "xen", "ask it for a domain");
    *found_r = nr == 1 && info_r->domain == domid;
    return 0;
}

/* Whether the one found so far is to be preferred to this one. */
static bool is_better(const xc_domaininfo_t *found)
{
    return !(found->flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

/* Of all domains with this uuid; -1 where Xen does not answer. */
static int search_uuid(xt_xen *xen, const char *uuid, bool *found_r,
                       xc_domaininfo_t *info_r)
{
    XT_CLEANUP_FREE xc_domaininfo_t *infos =
        xt_xrealloc(NULL, BATCH, sizeof(*infos));
    uint32_t first = 0;
    char text[37];
    int nr, i;

    *found_r = false;
    do {
        nr = xc_domain_getinfolist(xen->xc, first, BATCH, infos);
        for (i = 0; i < nr; i++) {
            xt_xen_format_uuid(infos[i].handle, text);
            if (strcasecmp(text, uuid) || (*found_r && is_better(info_r)))
                continue;
            *info_r = infos[i];
            *found_r = true;
        }
        if (nr > 0) first = infos[nr - 1].domain + 1u;
    } while (nr == BATCH);
    return nr < 0 ? -1 : 0;
}

int xt_xen_find_domain(xt_xen *xen, const xt_domain_ref *domain,
                       xc_domaininfo_t *info_r, xtune_error **err)
{
    char uuid[37];
    bool found;
    int rc;

    rc = xt_xen_read_domain(xen, domain->domid, &found, info_r, err);
    if (rc) return rc;
    if (found) xt_xen_format_uuid(info_r->handle, uuid);
    if (found && !strcasecmp(uuid, domain->uuid)) return 0;
    found = false;
    if (!xt_is_nil_uuid(domain->uuid) &&
        search_uuid(xen, domain->uuid, &found, info_r))
        return xt_xen_error(err, "xen", "ask it for its domains");
    if (found) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, domain->name, NULL,
                           "the domain is gone");
}

int xt_xen_read_names(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t nr = host->nr_domains;
    const char **paths = XTUNE_NEW_ARRAY(arena, const char *, nr);
    char **names = XTUNE_NEW_ARRAY(arena, char *, nr);
    size_t i;
    int rc;

    for (i = 0; i < nr; i++)
        paths[i] = xtune_arena_printf(arena, "/local/domain/%u/name",
                                      host->domains[i].id);
    rc = xt_xen_store_read_all(xen, host->arena, paths, nr, names, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++)
        if (names[i]) host->domains[i].name = names[i];
    return 0;
}

int xt_xen_select_domains(xtune_host *host, const char *const *domains,
                          size_t nr_domains, xtune_error **err)
{
    XT_CLEANUP_FREE bool *keep =
        xt_xrealloc(NULL, host->nr_domains + 1, sizeof(*keep));
    const xtune_domain *domain;
    size_t i, nr = 0;
    int rc;

    for (i = 0; i < host->nr_domains; i++)
        keep[i] = false;
    for (i = 0; i < nr_domains; i++) {
        rc = xtune_host_find_domain(host, domains[i], &domain, err);
        if (rc) return rc;
        keep[domain - host->domains] = true;
    }
    for (i = 0; i < host->nr_domains; i++)
        if (keep[i]) host->domains[nr++] = host->domains[i];
    host->nr_domains = nr;
    return 0;
}
