/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which device something belongs to, and what dom0 does with it. */
#include "backend/dom0_pci.h"

#include <string.h>

static bool has_prefix(const xt_dom0_device *device, const char *path)
{
    return device->path_len &&
           !strncmp(path, device->path, device->path_len) &&
           path[device->path_len] == '/';
}

const xt_dom0_device *xt_dom0_nearest(const xt_dom0_scan *scan,
                                      const char *path)
{
    const xt_dom0_device *nearest = NULL;
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (has_prefix(&scan->devices[i], path) &&
            (!nearest || scan->devices[i].path_len > nearest->path_len))
            nearest = &scan->devices[i];
    return nearest;
}

/* Intel's VMD is no bridge, and has its disks on a bus of its own. */
bool xt_dom0_is_below(const xt_dom0_scan *scan, const xt_dom0_device *device,
                      const char *path)
{
    if (!has_prefix(device, path)) return false;
    return !device->pci->is_bridge || xt_dom0_nearest(scan, path) == device;
}

/* Of a kind no more are kept than anybody reads; another kind may matter more.
 */
static bool is_known(const xtune_pci *pci, const char *kind, const char *what)
{
    size_t nr = 0, i;

    for (i = 0; i < pci->nr_uses; i++) {
        if (strcmp(pci->uses[i].kind, kind) != 0) continue;
        if (!strcmp(pci->uses[i].what, what)) return true;
        nr++;
    }
    return nr >= XT_DOM0_MAX_USES;
}

void xt_dom0_add_use(const xt_dom0_scan *scan, const xt_dom0_device *device,
                     const char *kind, const char *what,
                     const char *const *through, size_t nr_through)
{
    xtune_arena *arena = scan->host->arena;
    xtune_pci *pci = device->pci;
    xtune_use *use;
    size_t i;

    if (is_known(pci, kind, what)) return;
    pci->uses =
        xtune_arena_grow(arena, pci->uses, pci->nr_uses, sizeof(*pci->uses));
    use = &pci->uses[pci->nr_uses++];
    *use = (xtune_use){
        .kind = kind,
        .what = xtune_arena_strdup(arena, what),
        .through = nr_through
                       ? XTUNE_NEW_ARRAY(arena, const char *, nr_through)
                       : NULL,
        .nr_through = nr_through,
    };
    for (i = 0; i < nr_through; i++)
        use->through[i] = xtune_arena_strdup(arena, through[i]);
}

void xt_dom0_add_uses(const xt_dom0_scan *scan, const char *path,
                      const char *kind, const char *what,
                      const char *const *through, size_t nr_through)
{
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (xt_dom0_is_below(scan, &scan->devices[i], path))
            xt_dom0_add_use(scan, &scan->devices[i], kind, what, through,
                            nr_through);
}
