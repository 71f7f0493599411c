/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI devices, as libxl attaches and detaches them. */
#include "backend/device/device.h"

#include <errno.h>
#include <string.h>

#include <xtune/host.h>
#include <xtune/pci.h>

#include "base/util.h"

#define MAX_SLOT 31
#define MAX_FUNCTION 7

static int invalid(xtune_error **err, const char *object, const char *text)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "\"%.80s\" is not one", text);
}

static int read_address(libxl_device_pci *pci, const char *text,
                        xtune_error **err)
{
    xtune_pci_address address;
    int rc;

    rc = xtune_pci_address_parse(text, &address, err);
    if (rc) return rc;
    pci->domain = (int)address.domain;
    pci->bus = (uint8_t)address.bus;
    pci->dev = (uint8_t)address.device;
    pci->func = (uint8_t)address.function;
    return 0;
}

/*
 * libxl puts function F of a device at function F of the guest's where
 * vfunc_mask is 1 << F, and else at 0, for a guest looks for no other before
 * it has found that one (libxl_pci.c, device_pci_add_stubdom_done).
 */
static int read_place(libxl_device_pci *pci, const char *slot_text,
                      const char *function_text, xtune_error **err)
{
    uint64_t slot = 0, function;

    if (strcmp(slot_text, "any") &&
        (!xt_parse_u64(slot_text, 10, MAX_SLOT, &slot) || !slot))
        return invalid(err, "slot", slot_text);
    if (!xt_parse_u64(function_text, 10, MAX_FUNCTION, &function) ||
        (function && (function != pci->func || !slot)))
        return invalid(err, "function", function_text);
    pci->vdevfn = (uint32_t)(slot << 3 | function);
    pci->vfunc_mask = 1u << function;
    return 0;
}

static int read_option(libxl_device_pci *pci, const char *text,
                       xtune_error **err)
{
    if (!strcmp(text, "msitranslate"))
        pci->msitranslate = true;
    else if (!strcmp(text, "power_mgmt"))
        pci->power_mgmt = true;
    else if (!strcmp(text, "permissive"))
        pci->permissive = true;
    else if (!strcmp(text, "relaxed"))
        pci->rdm_policy = LIBXL_RDM_RESERVE_POLICY_RELAXED;
    else
        return invalid(err, "option", text);
    return 0;
}

static bool is_same(const libxl_device_pci *a, const libxl_device_pci *b)
{
    return a->domain == b->domain && a->bus == b->bus && a->dev == b->dev &&
           a->func == b->func;
}

static bool has(const libxl_device_pci *list, int nr,
                const libxl_device_pci *pci)
{
    int i;

    for (i = 0; i < nr; i++)
        if (is_same(&list[i], pci)) return true;
    return false;
}

static void free_list(libxl_device_pci *list, int nr)
{
    int i;

    for (i = 0; i < nr; i++)
        libxl_device_pci_dispose(&list[i]);
    free(list);
}

static bool is_attached(device *d, const libxl_device_pci *pci)
{
    int nr = 0;
    libxl_device_pci *list = libxl_device_pci_list(d->ctx, d->domid, &nr);
    const bool found = has(list, nr, pci);

    free_list(list, nr);
    return found;
}

static bool is_assignable(device *d, const libxl_device_pci *pci)
{
    int nr = 0;
    libxl_device_pci *list = libxl_device_pci_assignable_list(d->ctx, &nr);
    const bool found = has(list, nr, pci);

    free_list(list, nr);
    return found;
}

static uint32_t sbdf_of(const libxl_device_pci *pci)
{
    return (uint32_t)pci->domain << 16 | (uint32_t)pci->bus << 8 |
           (uint32_t)pci->dev << 3 | pci->func;
}

/* 0, or the errno of Xen's answer to whether it may give it to the domain. */
static int ask_xen(device *d, const libxl_device_pci *pci)
{
    xc_interface *xc = xc_interface_open(&d->log.base, &d->log.base, 0);
    int errnum;

    if (!xc) return 0;
    errnum = xc_test_assign_device(xc, d->domid, sbdf_of(pci)) ? errno : 0;
    xc_interface_close(xc);
    return errnum;
}

/*
 * To be asked before libxl is: where it is not so, libxl says no as well, but
 * forgets on its way out which domain has the device (device_pci_add_done),
 * or resets it first. What else Xen answers libxl makes something of.
 */
static int check_free(device *d, const libxl_device_pci *pci,
                      xtune_error **err)
{
    if (!is_assignable(d, pci))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object, NULL,
                               "it is not assignable, or a domain has it");
    switch (ask_xen(d, pci)) {
    case EOPNOTSUPP:
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EOPNOTSUPP, d->object,
                               "create it with passthrough=\"enabled\"",
                               "the domain was created without an IOMMU, or "
                               "Xen uses none");
    case EINVAL:
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, d->object, NULL,
                               "Xen does not know it, or a domain has it");
    }
    return 0;
}

static int fail(device *d, int r, const char *doing, xtune_error **err)
{
    int rc;

    if (r == ERROR_TIMEDOUT && !d->log.error[0])
        rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object, NULL,
                             "cannot %s: the device model or the guest has "
                             "not answered",
                             doing);
    else
        rc = xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, d->object, NULL, "cannot %s: %s", doing,
            d->log.error[0] ? d->log.error : "libxl does not say why");
    d->log.error[0] = '\0';
    return rc;
}

/* Whether the domain had it, as Xen sees it. */
static bool deassign(device *d, const libxl_device_pci *pci)
{
    xc_interface *xc = xc_interface_open(&d->log.base, &d->log.base, 0);
    bool had;

    if (!xc) return false;
    had = !xc_deassign_device(xc, d->domid, sbdf_of(pci));
    xc_interface_close(xc);
    return had;
}

/*
 * Of an attachment that failed, libxl leaves what it had done before: the
 * device in the device model, in the domain, as Xen sees it, and the rights to
 * its memory. Another domain may have it by now: then it is not to be reset.
 */
static int take_back(device *d, libxl_device_pci *pci, xtune_error **err)
{
    const bool is_out = device_model_lets_go(d, pci);

    /* As when it is detached: libxl resets no other function. */
    pci->vfunc_mask = 1;
    if (deassign(d, pci))
        libxl_device_pci_destroy(d->ctx, d->domid, pci, NULL);
    device_take_rights(d, pci);
    if (is_out) return 0;
    return xtune_error_set(err, XTUNE_ERR_BUSY, 0, d->object,
                           "it is free when the domain has ended",
                           "it could not be attached whole, and the guest "
                           "does not let go of what it has of it");
}

static int attach(device *d, libxl_device_pci *pci, xtune_error **err)
{
    int rc, r, gone, left = 0;

    rc = check_free(d, pci, err);
    if (rc) return rc;
    d->log.error[0] = '\0';
    r = libxl_device_pci_add(d->ctx, d->domid, pci, NULL);
    if (r) rc = fail(d, r, "attach it", err);
    /* That says more than what failed for it. */
    gone = device_check_domain(d, err);
    /* A domain that went while libxl was at work may have left its claim. */
    if (gone && !r) libxl_device_pci_destroy(d->ctx, d->domid, pci, NULL);
    if (!gone && r) left = take_back(d, pci, err);
    return gone ? gone : left ? left : rc;
}

int device_pci_attach(device *d, char **args, size_t nr, xtune_error **err)
{
    libxl_device_pci pci;
    size_t i;
    int rc;

    libxl_device_pci_init(&pci);
    pci.rdm_policy = LIBXL_RDM_RESERVE_POLICY_STRICT;
    rc = read_address(&pci, args[0], err);
    if (!rc) rc = read_place(&pci, args[1], args[2], err);
    for (i = 3; !rc && i < nr; i++)
        rc = read_option(&pci, args[i], err);
    if (!rc) rc = attach(d, &pci, err);
    libxl_device_pci_dispose(&pci);
    return rc;
}

static int detach(device *d, libxl_device_pci *pci, bool force,
                  xtune_error **err)
{
    int r;

    if (!is_attached(d, pci))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object, NULL,
                               "the domain does not have it");
    d->log.error[0] = '\0';
    r = force ? libxl_device_pci_destroy(d->ctx, d->domid, pci, NULL)
              : libxl_device_pci_remove(d->ctx, d->domid, pci, NULL);
    if (r) return fail(d, r, "detach it", err);
    /* libxl says nothing where a PV guest does not answer. */
    if (!is_attached(d, pci)) {
        device_take_rights(d, pci);
        return 0;
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, d->object,
                           "it is free when the domain has ended",
                           "Xen has taken it from the guest, whose driver "
                           "has not let go of it");
}

/* Function 0 as libxl sees it, whichever it is: each is reset by itself. */
int device_pci_detach(device *d, char **args, size_t nr, xtune_error **err)
{
    libxl_device_pci pci;
    int rc;

    libxl_device_pci_init(&pci);
    pci.vfunc_mask = 1;
    rc = read_address(&pci, args[0], err);
    if (!rc && nr > 1 && strcmp(args[1], "force"))
        rc = invalid(err, "option", args[1]);
    if (!rc) rc = detach(d, &pci, nr > 1, err);
    libxl_device_pci_dispose(&pci);
    return rc;
}
