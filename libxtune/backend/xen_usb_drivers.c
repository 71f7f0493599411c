/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's drivers of USB devices: Linux lists them, and looks for one when it
 * is asked, by files in /sys/bus/usb. */
#include "backend/xen_usb.h"

#include <errno.h>
#include <string.h>

#include "backend/dom0_write.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "host/usb_device.h"

#define USB "/sys/bus/usb"
#define MAX_NUMBER 255

int xt_xen_usb_begin(const xt_xen *xen, xtune_arena *arena, const char *path,
                     xt_xen_usb_work *work_r, xtune_error **err)
{
    size_t len = strlen(xen->root);

    if (!xt_usb_path_is_valid(path, NULL))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "USB device", NULL,
                               "\"%.80s\" is not the path of one", path);
    while (len && xen->root[len - 1] == '/')
        len--;
    *work_r = (xt_xen_usb_work){
        .files = { .arena = arena,
                   .root = xtune_arena_strndup(arena, xen->root, len) },
        .path = path,
        .folder = xtune_arena_printf(arena, USB "/devices/%s", path),
    };
    work_r->is_there =
        xt_dom0_number(&work_r->files, work_r->folder, "busnum", 10,
                       XT_USB_MAX_BUS, &work_r->bus) &&
        xt_dom0_number(&work_r->files, work_r->folder, "devnum", 10,
                       XT_USB_MAX_ADDRESS, &work_r->address);
    return 0;
}

/* "1-2:1.0" is number 0 of "1-2". */
static bool is_interface(const xt_xen_usb_work *w, const char *name,
                         uint32_t *number_r)
{
    const size_t len = strlen(w->path);
    const char *dot;
    uint64_t configuration, number;

    if (strncmp(name, w->path, len) != 0 || name[len] != ':') return false;
    name += len + 1;
    dot = strchr(name, '.');
    if (!dot ||
        !xt_parse_u64(
            xtune_arena_strndup(w->files.arena, name, (size_t)(dot - name)),
            10, MAX_NUMBER, &configuration) ||
        !xt_parse_u64(dot + 1, 10, MAX_NUMBER, &number))
        return false;
    *number_r = (uint32_t)number;
    return true;
}

void xt_xen_usb_interfaces(const xt_xen_usb_work *w,
                           xt_xen_usb_interface **list_r, size_t *nr_r)
{
    size_t nr_names, i;
    const char **names = xt_dom0_list(&w->files, w->folder, &nr_names);

    *list_r = XTUNE_NEW_ARRAY(w->files.arena, xt_xen_usb_interface, nr_names);
    *nr_r = 0;
    for (i = 0; i < nr_names; i++) {
        xt_xen_usb_interface *one = &(*list_r)[*nr_r];

        if (!is_interface(w, names[i], &one->number)) continue;
        one->name = names[i];
        one->driver = xt_dom0_link(
            &w->files, xt_dom0_join(&w->files, w->folder, names[i]), "driver");
        ++*nr_r;
    }
}

static int not_there(const char *path, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, path, NULL,
                           "no USB device is plugged in there");
}

int xt_xen_get_usb_device(xtune_backend *backend, const char *path,
                          xtune_arena *arena, xt_json **value_r,
                          xtune_error **err)
{
    static const struct {
        const char *key, *file;
    } words[] = {
        { "vendor", "idVendor" },
        { "product", "idProduct" },
        { "serial", "serial" },
    };
    xt_xen_usb_interface *list;
    xt_json *drivers;
    xt_xen_usb_work w;
    size_t nr, i;
    int rc;

    rc = xt_xen_usb_begin((xt_xen *)backend, arena, path, &w, err);
    if (rc) return rc;
    if (!w.is_there) return not_there(path, err);
    *value_r = xt_json_object(arena);
    for (i = 0; i < XT_ARRAY_SIZE(words); i++)
        xt_json_add_string(arena, *value_r, words[i].key,
                           xt_dom0_line(&w.files, w.folder, words[i].file));
    xt_xen_usb_interfaces(&w, &list, &nr);
    drivers = xt_json_object(arena);
    for (i = 0; i < nr; i++)
        xt_json_add_string(arena, drivers,
                           xtune_arena_printf(arena, "%u", list[i].number),
                           list[i].driver);
    xt_json_add(arena, *value_r, "drivers", drivers);
    return 0;
}

/* Linux may have none for it; and it may go meanwhile. */
static int probe(const xt_xen_usb_work *w, const char *name, xtune_error **err)
{
    const char *folder = xt_dom0_join(&w->files, w->folder, name);
    const int rc = xt_dom0_write(
        xt_path(w->files.arena, w->files.root, USB "/drivers_probe"), name,
        w->path, "see what dom0's kernel log says of it", err);

    if (!rc || xt_dom0_resolve(&w->files, folder)) return rc;
    xt_error_forget(err);
    return 0;
}

int xt_xen_probe_usb(xtune_backend *backend, const char *path,
                     xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    xt_xen_usb_interface *list;
    xt_xen_usb_work w = { .is_there = false };
    size_t nr, i;
    int rc;

    rc = xt_xen_check_root(xen, path, err);
    if (!rc) rc = xt_xen_usb_begin(xen, arena, path, &w, err);
    if (rc) return rc;
    if (!w.is_there) return not_there(path, err);
    xt_xen_usb_interfaces(&w, &list, &nr);
    for (i = 0; !rc && i < nr; i++)
        if (!list[i].driver) rc = probe(&w, list[i].name, err);
    return rc;
}
