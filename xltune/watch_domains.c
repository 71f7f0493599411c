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
    d->want_name = true;
    d->want_devices = state == WATCHED_FOUND;
    d->is_new = state == WATCHED_NEW;
    d->give_us = NEVER_US;
    w->domains =
        need(reallocarray(w->domains, w->nr_domains + 1, sizeof(*w->domains)));
    memmove(&w->domains[i + 1], &w->domains[i],
            (w->nr_domains - i) * sizeof(*w->domains));
    w->domains[i] = d;
    w->nr_domains++;
    return d;
}

static void drop_look(struct look *look)
{
    if (!look || --look->users) return;
    xtune_host_free(look->host);
    free(look);
}

static void hold(struct look **held, struct look *look)
{
    struct look *before = *held;

    look->users++;
    *held = look;
    drop_look(before);
}

static void free_watched(struct watch *w, struct watched *d)
{
    if (d->follows_name && w->events)
        xtune_events_leave_name(w->events, d->domid);
    drop_look(d->look);
    free(d->problem);
    free(d);
}

void watch_remove(struct watch *w, struct watched *d)
{
    const size_t i = position(w, d->domid);

    watch_leave_usb(w, d->domid);
    w->nr_domains--;
    memmove(&w->domains[i], &w->domains[i + 1],
            (w->nr_domains - i) * sizeof(*w->domains));
    free_watched(w, d);
}

void watch_free_model(struct watch *w)
{
    while (w->nr_domains)
        watch_remove(w, w->domains[w->nr_domains - 1]);
    drop_look(w->newest);
    drop_look(w->machine);
    xtune_host_free(w->usb);
    w->newest = w->machine = NULL;
    w->usb = NULL;
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

bool watched_is_coming(const struct watched *d)
{
    return d->state == WATCHED_NEW || d->state == WATCHED_SETTLING;
}

/* The same number, but another domain. */
static bool is_another(const struct watched *d, const xtune_domain *domain)
{
    return d->seen && strcasecmp(d->seen->uuid, domain->uuid) != 0;
}

/* What was not asked for is as it was. */
static void keep_name(const struct watched *d, xtune_arena *arena,
                      xtune_domain *domain)
{
    if (d->seen) domain->name = xtune_arena_strdup(arena, d->seen->name);
}

static void keep_devices(const struct watched *d, xtune_arena *arena,
                         xtune_domain *domain)
{
    const size_t nr = d->seen ? d->seen->nr_pci : 0;
    size_t i;

    if (!nr) return;
    domain->pci = XTUNE_NEW_ARRAY(arena, const char *, nr);
    domain->nr_pci = nr;
    for (i = 0; i < nr; i++)
        domain->pci[i] = xtune_arena_strdup(arena, d->seen->pci[i]);
}

/* How it has them. */
static void keep_attached(const struct watched *d, xtune_arena *arena,
                          xtune_domain *domain)
{
    const size_t nr = d->seen ? d->seen->nr_attached : 0;
    size_t i;

    if (!nr) return;
    domain->attached = XTUNE_NEW_ARRAY(arena, xtune_attachment, nr);
    domain->nr_attached = nr;
    for (i = 0; i < nr; i++) {
        domain->attached[i] = d->seen->attached[i];
        domain->attached[i].address =
            xtune_arena_strdup(arena, d->seen->attached[i].address);
    }
}

static void keep_details(struct watched *d, xtune_arena *arena,
                         xtune_domain *domain, unsigned int parts)
{
    if (parts & XTUNE_OBSERVE_NAMES)
        d->want_name = false;
    else
        keep_name(d, arena, domain);
    if (parts & XTUNE_OBSERVE_PCI)
        d->want_devices = false;
    else
        keep_devices(d, arena, domain);
    if (!(parts & XTUNE_OBSERVE_PCI_DETAILS)) keep_attached(d, arena, domain);
}

static void set_seen(struct watch *w, struct watched *d, struct look *look,
                     xtune_domain *domain, unsigned int parts)
{
    keep_details(d, look->host->arena, domain, parts);
    if (is_another(d, domain) && d->state != WATCHED_NEW) {
        d->state = WATCHED_NEW;
        d->named_us = d->next_us = now_us();
        d->built_us = d->masks_us = 0;
        d->said_memory = d->repair = d->complete = false;
        d->want_name = d->want_devices = d->is_new = true;
        d->give_us = NEVER_US;
        d->usb_due = false;
        watch_leave_usb(w, d->domid);
    }
    hold(&d->look, look);
    d->seen = domain;
    if (!d->built_us && domain->nr_vcpus) d->built_us = now_us();
}

static xtune_domain *find_domain(const xtune_host *host, unsigned int domid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == domid) return &host->domains[i];
    return NULL;
}

void watch_take(struct watch *w, xtune_host *host, struct watched **asked,
                size_t nr, unsigned int parts)
{
    struct look *look = need(calloc(1, sizeof(*look)));
    size_t i;

    look->host = host;
    hold(&w->newest, look);
    if (parts & XTUNE_OBSERVE_PCI) hold(&w->machine, look);
    for (i = 0; i < nr; i++) {
        xtune_domain *domain = find_domain(host, asked[i]->domid);

        if (domain) {
            set_seen(w, asked[i], look, domain, parts);
        } else {
            watch_remove(w, asked[i]);
            asked[i] = NULL;
        }
    }
}

/*
 * One that libxl is still making is placed as what it is going to be: Xen has
 * promised it its memory, and its vCPUs come online when it is built.
 */
static void complete(xtune_arena *arena, xtune_domain *domain,
                     uint64_t host_kb)
{
    xtune_vcpu *vcpus;
    size_t i;

    if (!watched_is_made(domain)) return;
    vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++) {
        vcpus[i] = domain->vcpus[i];
        vcpus[i].online = true;
    }
    domain->vcpus = vcpus;
    domain->memory_by_node_kb = NULL;
    domain->residency = XTUNE_RESIDENCY_NONE;
    if (watched_has_limit(domain, host_kb))
        domain->memory_kb = domain->max_memory_kb;
}

bool watched_is_made(const xtune_domain *domain)
{
    size_t i;

    if (!domain->id || domain->configured) return false;
    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].online) return false;
    return true;
}

bool watched_has_limit(const xtune_domain *domain, uint64_t host_kb)
{
    return domain->max_memory_kb > 0 && domain->max_memory_kb <= host_kb;
}

static uint64_t add_set(uint64_t sum, const xtune_set *set)
{
    return sum_bytes(sum, set->words, ((size_t)set->nbits + 63) / 64 * 8);
}

uint64_t watched_sum(const xtune_domain *domain, uint64_t host_kb)
{
    const bool states[] = {
        domain->configured != NULL,
        watched_is_made(domain),
        watched_has_limit(domain, host_kb),
    };
    uint64_t sum = sum_bytes(SUM_BEGIN, states, sizeof(states));
    size_t i;

    sum = sum_bytes(sum, domain->name, strlen(domain->name));
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        sum = sum_bytes(sum, &vcpu->online, sizeof(vcpu->online));
        sum = add_set(sum, &vcpu->hard);
        sum = add_set(sum, &vcpu->soft);
    }
    return sum;
}

void watch_view(struct watch *w, xtune_host *view_r)
{
    const xtune_host *newest = w->newest->host;
    size_t i;

    *view_r = *newest;
    view_r->pci = w->machine->host->pci;
    view_r->nr_pci = w->machine->host->nr_pci;
    view_r->has_pci_topology = w->machine->host->has_pci_topology;
    view_r->has_pci_details = w->machine->host->has_pci_details;
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
        complete(view_r->arena, &view_r->domains[view_r->nr_domains++],
                 newest->xen.total_kb);
    }
    xtune_host_infer_residency(view_r);
}
