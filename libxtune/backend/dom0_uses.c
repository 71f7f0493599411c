/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which device something belongs to, and what dom0 does with it. */
#include "backend/dom0_scan.h"

#include <string.h>

static bool has_prefix(const xt_dom0_device *device, const char *path)
{
    return device->path_len &&
           !strncmp(path, device->path, device->path_len) &&
           path[device->path_len] == '/';
}

static const xt_dom0_device *nearest(const xt_dom0_scan *scan,
                                     const char *path, bool is_usb)
{
    const xt_dom0_device *found = NULL;
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (!scan->devices[i].pci == is_usb &&
            has_prefix(&scan->devices[i], path) &&
            (!found || scan->devices[i].path_len > found->path_len))
            found = &scan->devices[i];
    return found;
}

const xt_dom0_device *xt_dom0_nearest_pci(const xt_dom0_scan *scan,
                                          const char *path)
{
    return nearest(scan, path, false);
}

/* Intel's VMD is no bridge, and has its disks on a bus of its own. */
bool xt_dom0_is_below(const xt_dom0_scan *scan, const xt_dom0_device *device,
                      const char *path)
{
    if (!has_prefix(device, path)) return false;
    if (device->pci && !device->pci->is_bridge) return true;
    return nearest(scan, path, !device->pci) == device;
}

bool xt_dom0_is_below_any(const xt_dom0_scan *scan, const char *path)
{
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (has_prefix(&scan->devices[i], path)) return true;
    return false;
}

/* Where the uses of a device are kept. */

static xtune_use **uses_of(const xt_dom0_device *device)
{
    return device->pci ? &device->pci->uses : &device->usb->uses;
}

static size_t *nr_uses_of(const xt_dom0_device *device)
{
    return device->pci ? &device->pci->nr_uses : &device->usb->nr_uses;
}

size_t xt_dom0_count_uses(const xt_dom0_device *device)
{
    return *nr_uses_of(device);
}

void xt_dom0_forget_uses(xt_dom0_device *device)
{
    *uses_of(device) = NULL;
    *nr_uses_of(device) = 0;
}

/* Of a kind no more are kept than anybody reads; another kind may matter more.
 */
static bool is_known(const xt_dom0_device *device, const char *kind,
                     const char *what)
{
    const xtune_use *uses = *uses_of(device);
    size_t nr = 0, i;

    for (i = 0; i < *nr_uses_of(device); i++) {
        if (strcmp(uses[i].kind, kind) != 0) continue;
        if (!strcmp(uses[i].what, what)) return true;
        nr++;
    }
    return nr >= XT_DOM0_MAX_USES;
}

void xt_dom0_add_use(const xt_dom0_scan *scan, const xt_dom0_device *device,
                     const char *kind, const char *what,
                     const char *const *through, size_t nr_through)
{
    xtune_arena *arena = scan->host->arena;
    xtune_use **uses = uses_of(device), *use;
    size_t *nr = nr_uses_of(device), i;

    if (is_known(device, kind, what)) return;
    *uses = xtune_arena_grow(arena, *uses, *nr, sizeof(**uses));
    use = &(*uses)[(*nr)++];
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
