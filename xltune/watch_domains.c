/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The model: the newest look at each domain. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

/* Where a domain is, or would be. */
static size_t position(const struct watch *w, unsigned int domid)
{
    size_t first = 0, last = w->nr_domains;

    while (first < last) {
        const size_t middle = (first + last) / 2;

        if (w->domains[middle]->domid < domid)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

struct watched *watch_find(const struct watch *w, unsigned int domid)
{
    const size_t i = position(w, domid);

    return i < w->nr_domains && w->domains[i]->domid == domid ? w->domains[i]
                                                              : NULL;
}

struct watched *watch_add(struct watch *w, unsigned int domid,
                          enum watched_state state)
{
    struct watched *d = need(calloc(1, sizeof(*d)));
    const size_t i = position(w, domid);

    d->domid = domid;
    d->state = state;
    d->next_us = NEVER_US;
    w->domains =
        need(reallocarray(w->domains, w->nr_domains + 1, sizeof(*w->domains)));
    memmove(&w->domains[i + 1], &w->domains[i],
            (w->nr_domains - i) * sizeof(*w->domains));
    w->domains[i] = d;
    w->nr_domains++;
    return d;
}

static void drop_look(struct watch *w, struct look *look)
{
    if (!look || --look->users) return;
    if (w->newest == look) w->newest = NULL;
    xtune_host_free(look->host);
    free(look);
}

static void free_watched(struct watch *w, struct watched *d)
{
    if (d->follows_name && w->events)
        xtune_events_leave_name(w->events, d->domid);
    drop_look(w, d->look);
    free(d->problem);
    free(d);
}

void watch_remove(struct watch *w, struct watched *d)
{
    const size_t i = position(w, d->domid);

    w->nr_domains--;
    memmove(&w->domains[i], &w->domains[i + 1],
            (w->nr_domains - i) * sizeof(*w->domains));
    free_watched(w, d);
}

void watch_free_model(struct watch *w)
{
    while (w->nr_domains)
        watch_remove(w, w->domains[w->nr_domains - 1]);
    drop_look(w, w->newest);
    w->newest = NULL;
    free(w->domains);
    w->domains = NULL;
}

const char *watched_name(const struct watched *d)
{
    static char number[32];

    if (d->seen && d->seen->name[0]) return d->seen->name;
    snprintf(number, sizeof(number), "domain %u", d->domid);
    return number;
}

/* The same number, but another domain. */
static bool is_another(const struct watched *d, const xtune_domain *domain)
{
    return d->seen && strcasecmp(d->seen->uuid, domain->uuid) != 0;
}

static void set_seen(struct watch *w, struct watched *d, struct look *look,
                     const xtune_domain *domain)
{
    if (is_another(d, domain) && d->state != WATCHED_NEW) {
        d->state = WATCHED_NEW;
        d->named_us = now_us();
        d->built_us = d->masks_us = 0;
        d->said_memory = d->repair = false;
    }
    look->users++;
    drop_look(w, d->look);
    d->look = look;
    d->seen = domain;
    if (!d->built_us && domain->nr_vcpus) d->built_us = now_us();
}

static const xtune_domain *find_domain(const xtune_host *host,
                                       unsigned int domid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == domid) return &host->domains[i];
    return NULL;
}

void watch_take(struct watch *w, xtune_host *host, struct watched **asked,
                size_t nr)
{
    struct look *look = need(calloc(1, sizeof(*look)));
    size_t i;

    *look = (struct look){ .host = host, .users = 1 };
    drop_look(w, w->newest);
    w->newest = look;
    for (i = 0; i < nr; i++) {
        const xtune_domain *domain = find_domain(host, asked[i]->domid);

        if (domain) {
            set_seen(w, asked[i], look, domain);
        } else {
            watch_remove(w, asked[i]);
            asked[i] = NULL;
        }
    }
}

/*
 * One that libxl is still making: what Xen has promised it counts as its
 * memory, for it is placed by where that is going to be.
 */
static void complete(xtune_domain *domain, uint64_t host_kb)
{
    if (!domain->id || domain->configured ||
        domain->max_memory_kb <= domain->memory_kb ||
        domain->max_memory_kb > host_kb)
        return;
    domain->memory_kb = domain->max_memory_kb;
    domain->memory_by_node_kb = NULL;
    domain->residency = XTUNE_RESIDENCY_NONE;
}

void watch_view(struct watch *w, xtune_host *view_r)
{
    const xtune_host *newest = w->newest->host;
    size_t i;

    *view_r = *newest;
    view_r->domains =
        need(calloc(w->nr_domains + 1, sizeof(*view_r->domains)));
    view_r->nr_domains = 0;
    for (i = 0; i < w->nr_domains; i++) {
        const struct watched *d = w->domains[i];

        /* A CPU was added to the host: it is looked at again before long. */
        if (!d->seen || d->look->host->nr_cpu_ids != newest->nr_cpu_ids ||
            d->look->host->nr_node_ids != newest->nr_node_ids)
            continue;
        view_r->domains[view_r->nr_domains] = *d->seen;
        complete(&view_r->domains[view_r->nr_domains++], newest->xen.total_kb);
    }
    xtune_host_infer_residency(view_r);
}
