/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose a device is to Xen: dom0's, a guest's, or nobody's (quarantine), where
 * its DMA reaches nothing. */
#include "backend/xen_pci_work.h"

#include <errno.h>

#include <xtune/pci.h>

static int read_sbdf(const xt_xen_pci_work *w, uint32_t *sbdf_r,
                     xtune_error **err)
{
    xtune_pci_address at;
    int rc;

    rc = xtune_pci_address_parse(w->address, &at, err);
    if (!rc)
        *sbdf_r = at.domain << 16 | at.bus << 8 | at.device << 3 | at.function;
    return rc;
}

static bool has_no_iommu(void)
{
    return errno == EOPNOTSUPP || errno == ENOSYS;
}

static int a_guest_has_it(const xt_xen_pci_work *w, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, w->address,
                           "detach it from that domain first",
                           "Xen says that a domain has it");
}

/* What Xen has in quarantine already it puts there once more, gladly. */
int xt_xen_pci_quarantine(const xt_xen_pci_work *w, xtune_error **err)
{
    uint32_t sbdf;
    int rc;

    rc = read_sbdf(w, &sbdf, err);
    if (rc) return rc;
    if (!xc_assign_device(w->xen->xc, DOMID_IO, sbdf,
                          XEN_DOMCTL_DEV_RDM_RELAXED))
        return 0;
    if (has_no_iommu())
        return xtune_error_set(
            err, XTUNE_ERR_UNSUPPORTED, errno, w->address,
            "switch on VT-d or AMD-Vi in the firmware, and do not boot Xen "
            "with iommu=off",
            "Xen uses no IOMMU, which alone could keep its DMA apart");
    if (errno == EBUSY) return a_guest_has_it(w, err);
    if (errno == ENODEV)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, errno, w->address, NULL,
                               "Xen does not know it, or has no IOMMU for it");
    return xt_xen_error(err, w->address, "put it into quarantine");
}

/* By Xen's word where it bears the question without a domain: before 4.17 not
 * every release does (xen.git fa4d84e6dd), and the lists have to do. */
static int check_no_guest(const xt_xen_pci_work *w, uint32_t sbdf,
                          xtune_error **err)
{
    const bool ask =
        xc_version(w->xen->xc, XENVER_version, NULL) >= (4 << 16 | 17);

    if (!ask || !xc_test_assign_device(w->xen->xc, DOMID_INVALID, sbdf) ||
        errno != EINVAL)
        return 0;
    return a_guest_has_it(w, err);
}

/* ENODEV: it is not in quarantine, but dom0's already, or a guest's. */
int xt_xen_pci_release(const xt_xen_pci_work *w, xtune_error **err)
{
    uint32_t sbdf;
    int rc;

    rc = read_sbdf(w, &sbdf, err);
    /* A guest that has not let go has it still, whatever Xen says. */
    if (!rc) rc = xt_xen_pci_check_unlisted(w->xen, &w->address, 1, err);
    if (rc) return rc;
    if (!xc_deassign_device(w->xen->xc, DOMID_IO, sbdf) || has_no_iommu())
        return 0;
    if (errno != ENODEV)
        return xt_xen_error(err, w->address, "take it out of quarantine");
    return check_no_guest(w, sbdf, err);
}
