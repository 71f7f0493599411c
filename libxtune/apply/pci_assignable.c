/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pci-assignable: whether a device is dom0's or pciback's, and what the
 * toolstack keeps of it, of a target {"address"}:
 *
 *     { "driver": "e1000", "name": null, "former_driver": null,
 *       "claimed_by": null }
 *
 * It is assignable where its driver is "pciback". In new, "probe": true
 * instead of a driver stands for the one that Linux chooses.
 */
#include "apply/kinds.h"

#include <inttypes.h>
#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

#define PCIBACK "pciback"

/* One device under way. */
typedef struct work {
    xtune_backend *backend;
    const char *address;
    xtune_arena *arena;
    bool rename; /* it stays assignable */
} work;

static int look(const work *w, xt_json **value_r, xtune_error **err)
{
    return w->backend->ops->get_pci(w->backend, w->address, w->arena, value_r,
                                    err);
}

static int step(const work *w, enum xt_pci_step what, const char *text,
                xtune_error **err)
{
    return w->backend->ops->do_pci_step(w->backend, w->address, what, text,
                                        err);
}

static const char *member(const xt_json *value, const char *key)
{
    return xt_json_text(xt_json_get(value, key));
}

static bool is_true(const xt_json *value, const char *key)
{
    const xt_json *found = xt_json_get(value, key);

    return found && found->type == XT_JSON_BOOL && found->boolean;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool is_pciback(const char *driver)
{
    return driver && !strcmp(driver, PCIBACK);
}

static int assignable_read(const xt_hands *hands, const xtune_action *action,
                           xtune_arena *arena, xt_json **value_r,
                           xtune_error **err)
{
    work w = { .backend = hands->backend, .arena = arena };
    int rc;

    rc = xt_kind_text(action, "address", &w.address, err);
    return rc ? rc : look(&w, value_r, err);
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    const char *driver = member(now, "driver");

    if (!is_same(member(value, "name"), member(now, "name")) ||
        !is_same(member(value, "former_driver"), member(now, "former_driver")))
        return false;
    if (!xt_json_equal(xt_json_get(value, "claimed_by"),
                       xt_json_get(now, "claimed_by")))
        return false;
    if (is_true(value, "probe")) return !is_pciback(driver);
    return is_same(member(value, "driver"), driver);
}

/* Between drivers it has none, or one of the two; what the store keeps changes
 * one by one. */
static bool is_half(const xtune_action *action, const xt_json *now)
{
    static const char *const keys[] = { "driver", "name", "former_driver" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(keys); i++) {
        const char *text = member(now, keys[i]);

        if (text && !is_same(text, member(action->old, keys[i])) &&
            !is_same(text, member(action->new, keys[i])))
            return false;
    }
    return true;
}

static enum xt_found assignable_compare(const xtune_action *action,
                                        const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    return is_half(action, now) ? XT_FOUND_HALF : XT_FOUND_OTHER;
}

static int no_pciback(const work *w, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, w->address,
                           "load it: modprobe xen-pciback; where that says "
                           "no, its hide list may have an error",
                           "dom0's Linux runs no pciback");
}

/* Where there is no pciback it does not even leave its driver. Its DMA is kept
 * away from everything before anything can use it again. That it leaves its
 * driver comes first: what is cut off then shows. */
static int take(const work *w, const xt_json *now, xtune_error **err)
{
    const char *driver = member(now, "driver");
    int rc = 0;

    if (is_pciback(driver))
        return w->rename ? 0 : step(w, XT_PCI_QUARANTINE, NULL, err);
    if (!is_true(now, "pciback")) return no_pciback(w, err);
    if (driver) rc = step(w, XT_PCI_UNBIND, NULL, err);
    if (!rc) rc = step(w, XT_PCI_QUARANTINE, NULL, err);
    if (!rc && !is_true(now, "slot")) rc = step(w, XT_PCI_NEW_SLOT, NULL, err);
    return rc ? rc : step(w, XT_PCI_BIND, PCIBACK, err);
}

/* Xen refuses first, where a guest has it. */
static int give_back(const work *w, const xt_json *now, const xt_json *value,
                     xtune_error **err)
{
    const char *driver = member(now, "driver");
    const char *wanted = member(value, "driver");
    int rc;

    rc = step(w, XT_PCI_RELEASE, NULL, err);
    if (!rc && driver && !is_same(driver, wanted))
        rc = step(w, XT_PCI_UNBIND, NULL, err);
    if (!rc && is_true(now, "slot"))
        rc = step(w, XT_PCI_REMOVE_SLOT, NULL, err);
    if (rc || (driver && is_same(driver, wanted))) return rc;
    if (wanted) return step(w, XT_PCI_BIND, wanted, err);
    return is_true(value, "probe") ? step(w, XT_PCI_PROBE, NULL, err) : 0;
}

static int keep(const work *w, const xt_json *now, const xt_json *value,
                const char *key, enum xt_pci_step what, xtune_error **err)
{
    const char *wanted = member(value, key);

    if (is_same(wanted, member(now, key))) return 0;
    return step(w, what, wanted, err);
}

/* What the store says of a domain. */
static int claim(const work *w, const xt_json *now, const xt_json *value,
                 xtune_error **err)
{
    const xt_json *wanted = xt_json_get(value, "claimed_by");
    uint64_t domid;

    if (xt_json_equal(wanted, xt_json_get(now, "claimed_by"))) return 0;
    return step(w, XT_PCI_CLAIM,
                xt_json_to_u64(wanted, UINT32_MAX, &domid)
                    ? xtune_arena_printf(w->arena, "%" PRIu64, domid)
                    : NULL,
                err);
}

/* From whatever it is now. What tells that all is done comes last. */
static int bring_to(const work *w, const xt_json *value, xtune_error **err)
{
    xt_json *now;
    int rc;

    rc = look(w, &now, err);
    if (rc) return rc;
    rc = is_pciback(member(value, "driver")) ? take(w, now, err)
                                             : give_back(w, now, value, err);
    if (!rc) rc = claim(w, now, value, err);
    if (!rc) rc = keep(w, now, value, "name", XT_PCI_KEEP_NAME, err);
    if (!rc)
        rc = keep(w, now, value, "former_driver", XT_PCI_KEEP_DRIVER, err);
    return rc;
}

static void say_driver(const work *w, const xt_json *value, xt_made *made)
{
    xt_json *now;
    const char *driver;

    if (!is_true(value, "probe") || look(w, &now, NULL)) return;
    driver = member(now, "driver");
    made->note =
        driver
            ? xtune_arena_printf(w->arena, "its driver is now \"%s\"", driver)
            : "Linux has no driver for it";
}

static bool is_claimed_as(const xtune_action *action, const xt_json *now)
{
    const xt_json *claim = xt_json_get(now, "claimed_by");

    return xt_json_equal(claim, xt_json_get(action->old, "claimed_by")) ||
           xt_json_equal(claim, xt_json_get(action->new, "claimed_by"));
}

/* A domain that came to it meanwhile was not there before, nor is to be. */
static int check_claim(const xtune_action *action, const xt_json *now,
                       xtune_error **err)
{
    uint64_t domid;

    if (is_claimed_as(action, now) ||
        !xt_json_to_u64(xt_json_get(now, "claimed_by"), UINT32_MAX, &domid))
        return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, action->object,
                           "take it back with \"xltune pci-detach\" first",
                           "domain %" PRIu64 " has it, or is about to", domid);
}

/* Where a step fails all are undone. */
static int assignable_write(const xt_hands *hands, const xtune_action *action,
                            const xt_json *value, xtune_arena *arena,
                            xt_made *made, xtune_error **err)
{
    work w = { .backend = hands->backend, .arena = arena };
    xt_json *before;
    int rc;

    w.rename = is_pciback(member(action->old, "driver")) &&
               is_pciback(member(action->new, "driver"));
    rc = xt_kind_text(action, "address", &w.address, err);
    if (!rc) rc = look(&w, &before, err);
    if (!rc) rc = check_claim(action, before, err);
    if (rc) return rc;
    rc = bring_to(&w, value, err);
    if (rc)
        bring_to(&w, before, NULL);
    else
        say_driver(&w, value, made);
    return rc;
}

const xt_action_kind xt_kind_pci_assignable = {
    .name = "pci-assignable",
    .read = assignable_read,
    .compare = assignable_compare,
    .write = assignable_write,
};
