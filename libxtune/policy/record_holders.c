/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* That no device is in the records of two domains. */
#include <string.h>

#include <xtune/usb.h>

#include "base/util.h"
#include "policy/record.h"
#include "usb/parts.h"

/* A device of a domain, and the record that has it. */
typedef struct holding {
    const char *key;    /* the same for the same device */
    const char *device; /* for people */
    xtune_source source;
    size_t place; /* among all, so that the order is one */
} holding;

typedef struct holdings {
    xtune_arena *arena;
    holding *items;
    size_t nr;
} holdings;

static void add(holdings *all, const char *key, const char *device,
                xtune_source source)
{
    all->items =
        xtune_arena_grow(all->arena, all->items, all->nr, sizeof(*all->items));
    all->items[all->nr] = (holding){ key, device, source, all->nr };
    all->nr++;
}

static void add_pci(holdings *all, const xtune_record *record)
{
    size_t i;

    for (i = 0; i < record->nr_pci; i++)
        add(all, record->pci[i].address, record->pci[i].address,
            record->pci[i].source);
}

static void add_usb(holdings *all, const xtune_record *record)
{
    size_t i;

    for (i = 0; i < record->nr_usb; i++) {
        const xtune_wanted_usb *row = &record->usb[i];
        char uuid[37];

        xtune_usb_uuid(&row->identity, uuid);
        add(all, xtune_arena_strdup(all->arena, uuid),
            xt_usb_identity_text(all->arena, &row->identity), row->source);
    }
}

static int by_key(const void *a, const void *b)
{
    const holding *x = a, *y = b;
    const int order = strcmp(x->key, y->key);

    if (order) return order;
    return x->place < y->place ? -1 : x->place > y->place;
}

int xt_record_check_holders(const xtune_policy *policy, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    holdings all = { .arena = arena };
    size_t i;

    for (i = 0; i < policy->nr_records; i++) {
        add_pci(&all, &policy->records[i]);
        add_usb(&all, &policy->records[i]);
    }
    if (all.nr) qsort(all.items, all.nr, sizeof(*all.items), by_key);
    for (i = 1; i < all.nr; i++) {
        const holding *first = &all.items[i - 1], *second = &all.items[i];

        if (strcmp(first->key, second->key)) continue;
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0,
            xtune_source_text(arena, second->source),
            "put one of them right, or remove it",
            "device \"%s\" is another domain's already, by \"%s\"",
            second->device, xtune_source_text(arena, first->source));
    }
    return 0;
}
