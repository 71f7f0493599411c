/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking: at some domains, at the list of all, and at what has happened. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What to look at: xenstore takes longer to answer than all the rest. */
static unsigned int parts_to_see(const struct watch *w,
                                 struct watched *const *domains, size_t nr)
{
    bool names = !w->machine, devices = !w->machine;
    unsigned int parts = w->ctx->command->parts;
    size_t i;

    for (i = 0; i < nr; i++) {
        names = names || domains[i]->want_name;
        devices = devices || domains[i]->want_devices;
    }
    if (!names) parts &= ~(unsigned int)XTUNE_OBSERVE_NAMES;
    if (!devices) return parts & ~(unsigned int)XTUNE_OBSERVE_PCI;
    for (i = 0; i < nr; i++)
        if (domains[i]->is_new || domains[i]->give_us != NEVER_US ||
            !w->machine)
            return parts | device_parts(w->ctx->policy);
    return parts;
}

int watch_look(struct watch *w, struct watched **domains, size_t nr,
               xtune_error **err)
{
    char(*texts)[16] = calloc(nr + 1, sizeof(*texts));
    const char **ids = calloc(nr + 1, sizeof(*ids));
    xtune_observe what = {
        .parts = parts_to_see(w, domains, nr),
        /* Counting pages stops Xen: never behind anybody's back. */
        .residency = XTUNE_RESIDENCY_INFER,
        .domains = ids,
        .nr_domains = nr,
    };
    xtune_host *host;
    size_t i;
    int rc;

    if (!texts || !ids) abort();
    for (i = 0; i < nr; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%u", domains[i]->domid);
        ids[i] = texts[i];
    }
    rc = xtune_backend_observe(w->ctx->backend, &what, &host, err);
    if (!rc) watch_take(w, host, domains, nr, what.parts);
    free(texts);
    free(ids);
    return rc;
}

static bool is_another(const xtune_domain *seen, const xtune_domain *domain)
{
    return strcmp(seen->name, domain->name) != 0 ||
           strcasecmp(seen->uuid, domain->uuid) != 0;
}

/* Another rule may be for it now. */
static void on_another(struct watch *w, struct watched *d)
{
    d->want_name = d->want_devices = true;
    if (watched_is_coming(d)) return;
    d->state = WATCHED_FOUND;
    w->round_us = 0;
}

/* What came without our being told, what went, and what has another name. */
static void merge_list(struct watch *w, const xtune_host *host, bool first)
{
    size_t i, k = 0;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];
        struct watched *d;

        while (k < w->nr_domains && w->domains[k]->domid < domain->id)
            watch_remove(w, w->domains[k]);
        d = k < w->nr_domains && w->domains[k]->domid == domain->id
                ? w->domains[k]
                : NULL;
        k++;
        if (!d) {
            d = watch_add(w, domain->id, first ? WATCHED_FOUND : WATCHED_NEW);
            if (!first) d->named_us = d->next_us = now_us();
        } else if (d->seen && is_another(d->seen, domain)) {
            on_another(w, d);
        }
    }
    while (k < w->nr_domains)
        watch_remove(w, w->domains[w->nr_domains - 1]);
}

int watch_list(struct watch *w, xtune_error **err)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_NAMES };
    const bool first = !w->nr_domains;
    xtune_host *host;
    int rc;

    w->list_us = NEVER_US;
    rc = xtune_backend_observe(w->ctx->backend, &what, &host, err);
    if (rc) return rc;
    merge_list(w, host, first);
    xtune_host_free(host);
    return 0;
}

static void on_named(struct watch *w, unsigned int domid)
{
    struct watched *d = watch_find(w, domid);
    const uint64_t now = now_us();

    if (!d) d = watch_add(w, domid, WATCHED_NEW);
    if (d->state != WATCHED_NEW) return;
    d->named_us = d->next_us = now;
}

/* One that libxl makes is known by its name before: the list tells whether it
 * was another one. */
static void on_introduced(struct watch *w)
{
    uint64_t soon = now_us() + 100 * MS_US;
    size_t i;

    for (i = 0; i < w->nr_domains; i++)
        if (watched_is_coming(w->domains[i])) soon = now_us() + AFTER_US;
    if (w->list_us > soon) w->list_us = soon;
}

static void on_released(struct watch *w)
{
    const uint64_t soon = now_us() + 200 * MS_US;

    if (w->list_us > soon) w->list_us = soon;
}

static void lose_events(struct watch *w, xtune_error *err)
{
    log_error(PRIORITY_ERROR, err);
    xtune_events_close(w->events);
    w->events = NULL;
}

void watch_take_events(struct watch *w)
{
    xtune_error *err = NULL;
    xtune_event event;
    bool found = true;

    while (w->events) {
        if (xtune_events_next(w->events, &found, &event, &err)) {
            lose_events(w, err);
            return;
        }
        if (!found) return;
        switch (event.kind) {
        case XTUNE_EVENT_NAMED: on_named(w, event.domid); break;
        case XTUNE_EVENT_INTRODUCED: on_introduced(w); break;
        case XTUNE_EVENT_RELEASED: on_released(w); break;
        case XTUNE_EVENT_USB:
        case XTUNE_EVENT_USB_TAKEN: watch_take_usb(w, &event); break;
        }
    }
}
