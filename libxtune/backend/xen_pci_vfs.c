/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual functions (SR-IOV), which Linux makes and takes away. */
#include "backend/xen_pci_work.h"

#include <errno.h>

#include "backend/dom0_write.h"
#include "backend/pci_text.h"
#include "base/util.h"

static int read_vfs(const xt_xen_pci_work *w, const char *name, uint32_t *nr_r,
                    xtune_error **err)
{
    uint64_t nr;

    if (!xt_dom0_number(&w->files,
                        xtune_arena_printf(w->files.arena,
                                           XT_PCI_DEVICES "/%s", w->address),
                        name, 10, UINT16_MAX, &nr))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, w->address, NULL,
                               "it has no virtual functions (SR-IOV), or "
                               "Linux does not show them");
    *nr_r = (uint32_t)nr;
    return 0;
}

int xt_xen_get_vfs(xtune_backend *backend, const char *address, uint32_t *nr_r,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen_pci_work w;
    int rc;

    rc = xt_xen_pci_begin((xt_xen *)backend, arena, address, &w, err);
    return rc ? rc : read_vfs(&w, "sriov_numvfs", nr_r, err);
}

/* Linux leaves it to the device's driver whether one that a guest has may go.
 */
static int check_unused(const xt_xen_pci_work *w, uint32_t nr,
                        xtune_error **err)
{
    xtune_arena *arena = w->files.arena;
    const char **vfs = XTUNE_NEW_ARRAY(arena, const char *, nr);
    const char *folder =
        xtune_arena_printf(arena, XT_PCI_DEVICES "/%s", w->address);
    uint32_t i, nr_vfs = 0;

    for (i = 0; i < nr; i++) {
        vfs[nr_vfs] = xt_dom0_link(&w->files, folder,
                                   xtune_arena_printf(arena, "virtfn%u", i));
        if (vfs[nr_vfs]) nr_vfs++;
    }
    return xt_xen_pci_check_unlisted(w->xen, vfs, nr_vfs, err);
}

static int write_vfs(const xt_xen_pci_work *w, uint32_t nr, xtune_error **err)
{
    xtune_arena *arena = w->files.arena;
    uint32_t now = 0;
    int rc;

    rc = xt_dom0_write(
        xtune_arena_printf(arena, "%s" XT_PCI_DEVICES "/%s/sriov_numvfs",
                           w->files.root, w->address),
        xtune_arena_printf(arena, "%u", nr), w->address,
        nr ? "its driver in dom0 must be one that makes virtual functions"
           : "take them back from domains and pciback first",
        err);
    if (!rc) rc = read_vfs(w, "sriov_numvfs", &now, err);
    if (rc || now == nr) return rc;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, w->address, NULL,
                           "it has %u virtual functions now, not %u", now, nr);
}

int xt_xen_set_vfs(xtune_backend *backend, const char *address, uint32_t nr,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    uint32_t now = 0, total = 0;
    xt_xen_pci_work w;
    int rc;

    rc = xt_xen_check_root((xt_xen *)backend, address, err);
    if (!rc) rc = xt_xen_pci_begin((xt_xen *)backend, arena, address, &w, err);
    if (!rc) rc = read_vfs(&w, "sriov_numvfs", &now, err);
    if (!rc) rc = read_vfs(&w, "sriov_totalvfs", &total, err);
    if (rc || now == nr) return rc;
    if (nr > total)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, ERANGE, address, NULL,
                               "it can have %u virtual functions, not %u",
                               total, nr);
    if (now && nr)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, address,
                               "make it 0 first",
                               "it has %u virtual functions", now);
    if (now) rc = check_unused(&w, now, err);
    if (rc) return rc;
    return write_vfs(&w, nr, err);
}
