/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which device it is. A serial number goes with the device, wherever it is
 * plugged in; without one, the port that it is in is all that tells it from
 * others of its kind. Its address tells nothing: it has another one each time.
 */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "policy/record.h"
#include "host/findings.h"
#include "usb/parts.h"

static const char *const by_names[] = {
    [XTUNE_USB_BY_SERIAL] = "serial",
    [XTUNE_USB_BY_PORT] = "port",
    [XTUNE_USB_BY_BOTH] = "both",
};

const char *xtune_usb_by_name(enum xtune_usb_by by)
{
    return by_names[by];
}

bool xtune_usb_by_read(const char *text, enum xtune_usb_by *by_r)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(by_names); i++) {
        if (strcmp(text, by_names[i]) != 0) continue;
        *by_r = (enum xtune_usb_by)i;
        return true;
    }
    return false;
}

static bool is_same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

/* One that is no text could not be written down. */
static bool has_serial(const xtune_usb *usb)
{
    return usb->serial && xt_record_is_serial(usb->serial);
}

/* Where a maker has put nothing there are zeros, or ones. */
static bool has_own_serial(const xtune_usb *usb)
{
    return has_serial(usb) && usb->serial[strspn(usb->serial, "0fF:-. ")];
}

static bool has_twin(const xtune_host *host, const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < host->nr_usb; i++) {
        const xtune_usb *other = &host->usb[i];

        if (strcmp(other->path, usb->path) != 0 &&
            is_same(other->vendor, usb->vendor) &&
            is_same(other->product, usb->product) &&
            is_same(other->serial, usb->serial))
            return true;
    }
    return false;
}

static xtune_usb_identity identity_with(const xtune_usb *usb,
                                        enum xtune_usb_by by)
{
    return (xtune_usb_identity){
        .by = by,
        .vendor = usb->vendor,
        .product = usb->product,
        .serial = has_serial(usb) ? usb->serial : NULL,
        .port = usb->path,
    };
}

xtune_usb_identity xtune_usb_identity_of(const xtune_host *host,
                                         const xtune_usb *usb)
{
    if (!has_own_serial(usb)) return identity_with(usb, XTUNE_USB_BY_PORT);
    return identity_with(usb, has_twin(host, usb) ? XTUNE_USB_BY_BOTH
                                                  : XTUNE_USB_BY_SERIAL);
}

int xtune_usb_identity_by(const xtune_usb *usb, enum xtune_usb_by by,
                          xtune_usb_identity *identity_r, xtune_error **err)
{
    if (by != XTUNE_USB_BY_PORT && !has_serial(usb))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, usb->path,
                               "it can be known by its port",
                               usb->serial && *usb->serial
                                   ? "the device's serial number is not "
                                     "printable text"
                                   : "the device has no serial number");
    *identity_r = identity_with(usb, by);
    return 0;
}

bool xtune_usb_same_identity(const xtune_usb_identity *a,
                             const xtune_usb_identity *b)
{
    return a->by == b->by && is_same(a->vendor, b->vendor) &&
           is_same(a->product, b->product) &&
           (a->by == XTUNE_USB_BY_PORT || is_same(a->serial, b->serial)) &&
           (a->by == XTUNE_USB_BY_SERIAL || is_same(a->port, b->port));
}

static bool is_meant(const xtune_usb_identity *identity, const xtune_usb *usb)
{
    const xtune_usb_identity now = identity_with(usb, identity->by);

    return xtune_usb_same_identity(identity, &now);
}

const char *xt_usb_identity_text(xtune_arena *arena,
                                 const xtune_usb_identity *identity)
{
    const bool by_serial = identity->by != XTUNE_USB_BY_PORT;
    const bool by_port = identity->by != XTUNE_USB_BY_SERIAL;

    return xtune_arena_printf(
        arena, "%s:%s%s%s%s%s", identity->vendor ? identity->vendor : "?",
        identity->product ? identity->product : "?",
        by_serial ? ",serial=" : "",
        by_serial && identity->serial ? identity->serial : "",
        by_port ? ",port=" : "",
        by_port && identity->port ? identity->port : "");
}

/* One that has not moved is where it was last. */
static const xtune_usb *in_its_port(const xtune_host *host,
                                    const xtune_usb_identity *identity)
{
    const xtune_usb *usb =
        identity->port ? xtune_host_usb(host, identity->port) : NULL;

    return usb && is_meant(identity, usb) ? usb : NULL;
}

static int refuse_several(xtune_arena *arena,
                          const xtune_usb_identity *identity,
                          const char **paths, size_t nr, xtune_error **err)
{
    const char *where =
        identity->port ? xtune_arena_printf(arena,
                                            ", none of which is in port %s, "
                                            "where it was last",
                                            identity->port)
                       : "";

    return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                           xt_usb_identity_text(arena, identity),
                           "\"xltune usb-attach --persist\" says which",
                           "several devices may be it: %s%s",
                           xt_findings_words(arena, paths, nr), where);
}

int xtune_usb_resolve(const xtune_host *host,
                      const xtune_usb_identity *identity,
                      const xtune_usb **usb_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char **paths = XTUNE_NEW_ARRAY(arena, const char *, host->nr_usb);
    const xtune_usb *found = in_its_port(host, identity);
    size_t i, nr = 0;

    for (i = 0; !found && i < host->nr_usb; i++)
        if (is_meant(identity, &host->usb[i])) paths[nr++] = host->usb[i].path;
    if (nr > 1) return refuse_several(arena, identity, paths, nr, err);
    if (nr) found = xtune_host_usb(host, paths[0]);
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENODEV,
                               xt_usb_identity_text(arena, identity), NULL,
                               "the device is not plugged in");
    *usb_r = found;
    return 0;
}
