/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which device it is. Of what tells devices apart a serial number counts most:
 * it goes with the card. Next comes the path, which goes with the slot, while
 * numbers of buses change with what else is plugged in. Functions of a card
 * share its serial number, so that the number of the function counts as well.
 *
 * A MAC is known only while dom0 has a driver for its card: one that is hidden
 * at boot has none to show, and then is known by its path.
 */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

/* "00.0" of "0000:04:00.0". */
static const char *last_part(const char *address)
{
    const char *colon = strrchr(address, ':');

    return colon ? colon + 1 : address;
}

static const char *path_of(xtune_arena *arena, const xtune_pci *pci)
{
    const char *path = pci->root;
    size_t i;

    if (!path) return NULL;
    for (i = 0; i < pci->nr_bridges; i++)
        path = xtune_arena_printf(arena, "%s/%s", path,
                                  last_part(pci->bridges[i]));
    return xtune_arena_printf(arena, "%s/%s", path, last_part(pci->address));
}

/* Where a maker has put nothing there are zeros, or ones. */
static const char *serial_of(const xtune_pci *pci)
{
    /* A virtual function gets another MAC each time it is made. */
    if (!pci->serial || pci->physfn) return NULL;
    return pci->serial[strspn(pci->serial, "0fF:- ")] ? pci->serial : NULL;
}

xtune_pci_identity xtune_pci_identity_of(xtune_arena *arena,
                                         const xtune_pci *pci)
{
    return (xtune_pci_identity){
        .vendor = pci->vendor,
        .device = pci->device,
        .subsystem_vendor = pci->subsystem_vendor,
        .subsystem_device = pci->subsystem_device,
        .path = path_of(arena, pci),
        .serial = serial_of(pci),
    };
}

/* What is being looked for, and what there is so far. */
typedef struct identity_search {
    xtune_arena *arena;
    const xtune_host *host;
    const char *address;
    const xtune_pci_identity *identity;
    const xtune_pci *found;
    size_t nr_found;
} identity_search;

static bool is_same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static bool may_be_same(const char *a, const char *b)
{
    return !a || !b || !strcmp(a, b);
}

static bool has_ids(const xtune_pci_identity *identity, const xtune_pci *pci)
{
    return is_same(identity->vendor, pci->vendor) &&
           is_same(identity->device, pci->device) &&
           may_be_same(identity->subsystem_vendor, pci->subsystem_vendor) &&
           may_be_same(identity->subsystem_device, pci->subsystem_device);
}

static bool has_serial(const identity_search *s, const xtune_pci *pci)
{
    const char *function = strchr(s->address, '.');

    return is_same(s->identity->serial, serial_of(pci)) &&
           is_same(function, strchr(pci->address, '.'));
}

static bool has_path(const identity_search *s, const xtune_pci *pci)
{
    const xtune_pci_identity now = xtune_pci_identity_of(s->arena, pci);

    return is_same(s->identity->path, now.path);
}

/* Nothing tells that it is another one, and it is in the same slot. */
static bool is_in_place(const identity_search *s, const xtune_pci *pci)
{
    const xtune_pci_identity now = xtune_pci_identity_of(s->arena, pci);

    return has_path(s, pci) && may_be_same(s->identity->serial, now.serial);
}

static bool has_serial_and_path(const identity_search *s, const xtune_pci *pci)
{
    return has_serial(s, pci) && has_path(s, pci);
}

/* A record that holds nothing but ids, as somebody may write one. */
static bool is_at_address(const identity_search *s, const xtune_pci *pci)
{
    return !s->identity->serial && !s->identity->path &&
           !strcmp(pci->address, s->address);
}

static void look_for(identity_search *s, bool (*fits)(const identity_search *s,
                                                      const xtune_pci *pci))
{
    size_t i;

    s->nr_found = 0;
    for (i = 0; i < s->host->nr_pci; i++) {
        const xtune_pci *pci = &s->host->pci[i];

        if (!has_ids(s->identity, pci) || !fits(s, pci)) continue;
        s->found = pci;
        s->nr_found++;
    }
}

/* "8086:100e, serial 52:54:00:12:34:56, at pci0000:00/1c.0/00.0" */
static const char *identity_text(xtune_arena *arena,
                                 const xtune_pci_identity *identity)
{
    return xtune_arena_printf(
        arena, "\"%s:%s\"%s%s%s%s%s%s",
        identity->vendor ? identity->vendor : "?",
        identity->device ? identity->device : "?",
        identity->serial ? ", serial \"" : "",
        identity->serial ? identity->serial : "", identity->serial ? "\"" : "",
        identity->path ? ", at \"" : "", identity->path ? identity->path : "",
        identity->path ? "\"" : "");
}

static int not_found(const identity_search *s, xtune_error **err)
{
    static const char *const hint =
        "if that is the one that is meant, write it down again";
    const xtune_pci *now = xtune_host_pci(s->host, s->address);
    const char *wanted = identity_text(s->arena, s->identity);
    xtune_pci_identity there;

    if (s->nr_found > 1)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, s->address, hint,
                               "%zu devices may be the one that was here, %s",
                               s->nr_found, wanted);
    if (!now)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, s->address,
                               "\"xltune pci-show\" lists all devices",
                               "the device that was here is gone: %s", wanted);
    there = xtune_pci_identity_of(s->arena, now);
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, s->address, hint,
                           "another device is here now: %s, not %s",
                           identity_text(s->arena, &there), wanted);
}

int xtune_pci_resolve(const xtune_host *host, const char *address,
                      const xtune_pci_identity *identity,
                      const xtune_pci **pci_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    identity_search s = {
        .arena = arena,
        .host = host,
        .address = address,
        .identity = identity,
    };

    look_for(&s, has_serial);
    /* Some makers give all of their cards one number. */
    if (s.nr_found > 1) {
        const size_t nr = s.nr_found;

        look_for(&s, has_serial_and_path);
        if (!s.nr_found) s.nr_found = nr;
    } else if (!s.nr_found) {
        look_for(&s, is_in_place);
    }
    if (!s.nr_found) look_for(&s, is_at_address);
    if (s.nr_found != 1) return not_found(&s, err);
    *pci_r = s.found;
    return 0;
}

int xtune_pci_resolve_wanted(const xtune_host *host,
                             const xtune_wanted_pci *wanted,
                             const xtune_pci **pci_r, xtune_error **err)
{
    const xtune_pci_identity identity = {
        .vendor = wanted->vendor,
        .device = wanted->device,
        .subsystem_vendor = wanted->subsystem_vendor,
        .subsystem_device = wanted->subsystem_device,
        .path = wanted->path,
        .serial = wanted->serial,
    };

    return xtune_pci_resolve(host, wanted->address, &identity, pci_r, err);
}
