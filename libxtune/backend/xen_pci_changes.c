/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCI devices on their way between dom0's drivers and pciback: Linux does it
 * when files in /sys/bus/pci are written, Xen keeps their DMA apart, and the
 * toolstack's store remembers.
 */
#include "backend/xen_pci_work.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <xtune/pci.h>

#include "backend/dom0_write.h"
#include "backend/pci_text.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "host/pci_address.h"

#define PCIBACK XT_PCI_DRIVERS "/" XT_PCIBACK
#define OVERRIDE "driver_override"
#define MAX_SLOTS_BYTES (64 << 10) /* a page, whatever that is */

typedef xt_xen_pci_work work;

int xt_xen_pci_begin(xt_xen *xen, xtune_arena *arena, const char *address,
                     xt_xen_pci_work *work_r, xtune_error **err)
{
    size_t len = strlen(xen->root);
    const char *folder;
    struct stat st;

    if (!xt_pci_address_is_valid(address))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, address, NULL,
                               "it is not the address of a device");
    while (len && xen->root[len - 1] == '/')
        len--;
    *work_r = (xt_xen_pci_work){
        .xen = xen,
        .address = address,
        .files = { .arena = arena,
                   .root = xtune_arena_strndup(arena, xen->root, len) },
    };
    folder = xtune_arena_printf(arena, "%s" XT_PCI_DEVICES "/%s",
                                work_r->files.root, address);
    if (!lstat(folder, &st)) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, errno, address, NULL,
                           "dom0 has no such device");
}

static const char *folder_of(const work *w)
{
    return xtune_arena_printf(w->files.arena, XT_PCI_DEVICES "/%s",
                              w->address);
}

/* NULL: it has none. */
static const char *driver_of(const work *w)
{
    return xt_dom0_link(&w->files, folder_of(w), "driver");
}

static bool is_driver(const char *driver, const char *name)
{
    return driver && !strcmp(driver, name);
}

static bool is_there(const work *w, const char *path)
{
    struct stat st;

    return !stat(xt_path(w->files.arena, w->files.root, path), &st);
}

static int need_pciback(const work *w, xtune_error **err)
{
    if (is_there(w, PCIBACK)) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, ENOENT, w->address,
                           "load it: modprobe xen-pciback; where that says "
                           "no, its hide list may have an error",
                           "dom0's Linux runs no pciback");
}

/* Whether pciback is to have it. */
static int read_slot(const work *w, bool *has_r, xtune_error **err)
{
    const char *text;
    size_t len;

    *has_r = false;
    if (!is_there(w, PCIBACK)) return 0;
    text = xt_dom0_read(&w->files, PCIBACK "/slots", MAX_SLOTS_BYTES, &len);
    if (text && strlen(text) == len &&
        (xt_pci_slots_read(text, w->address, has_r) || *has_r))
        return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, 0, w->address, NULL,
                           "cannot read the list in \"" PCIBACK "/slots\"");
}

int xt_xen_get_pci(xtune_backend *backend, const char *address,
                   xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    xt_json *json = xt_json_object(arena);
    xt_xen_pci_kept kept;
    bool has_slot;
    work w;
    int rc;

    rc = xt_xen_pci_begin((xt_xen *)backend, arena, address, &w, err);
    if (!rc) rc = read_slot(&w, &has_slot, err);
    if (!rc) rc = xt_xen_pci_kept_read(w.xen, arena, address, &kept, err);
    if (rc) return rc;
    xt_json_add_string(arena, json, "driver", driver_of(&w));
    xt_json_add_bool(arena, json, "slot", has_slot);
    xt_json_add_bool(arena, json, "pciback", is_there(&w, PCIBACK));
    xt_json_add_string(arena, json, "name", kept.name);
    xt_json_add_string(arena, json, "former_driver", kept.former_driver);
    xt_json_add(arena, json, "claimed_by",
                kept.claimed_by == XTUNE_NONE
                    ? xt_json_null(arena)
                    : xt_json_u64(arena, kept.claimed_by));
    *value_r = json;
    return 0;
}

/* Into a file below /sys/bus/pci. */
static int write_address(const work *w, const char *path, const char *hint,
                         xtune_error **err)
{
    return xt_dom0_write(xt_path(w->files.arena, w->files.root, path),
                         w->address, w->address, hint, err);
}

static int not_so(const work *w, xtune_error **err)
{
    const char *driver = driver_of(w);

    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, w->address,
                           "see what dom0's kernel log says",
                           "Linux said nothing against it, but its driver is "
                           "%s%s%s",
                           driver ? "\"" : "", driver ? driver : "none",
                           driver ? "\"" : "");
}

/* pciback would let go of it, with no more than a warning, also while a guest
 * uses it. */
static int unbind(const work *w, const char *text, xtune_error **err)
{
    const char *driver = driver_of(w);
    int rc = 0;

    (void)text;
    if (!driver) return 0;
    if (is_driver(driver, XT_PCIBACK))
        rc = xt_xen_pci_check_unlisted(w->xen, &w->address, 1, err);
    if (rc) return rc;
    rc = write_address(w,
                       xtune_arena_printf(w->files.arena,
                                          XT_PCI_DRIVERS "/%s/unbind", driver),
                       NULL, err);
    if (rc) return rc;
    return driver_of(w) ? not_so(w, err) : 0;
}

static int check_driver(const work *w, const char *name, xtune_error **err)
{
    if (!name || !xt_pci_is_driver_name(name))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, w->address, NULL,
                               "\"%.80s\" is not the name of a driver",
                               name ? name : "");
    if (!strcmp(name, XT_PCIBACK)) return need_pciback(w, err);
    if (is_there(
            w, xtune_arena_printf(w->files.arena, XT_PCI_DRIVERS "/%s", name)))
        return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOENT, w->address,
                           "load its module",
                           "dom0's Linux has no driver \"%s\" now", name);
}

/* The text of its file driver_override; "" for none. */
static const char *override_of(const work *w)
{
    const char *text = xt_dom0_line(&w->files, folder_of(w), OVERRIDE);

    return text && strcmp(text, "(null)") != 0 ? text : "";
}

static int set_override(const work *w, const char *name, xtune_error **err)
{
    const char *path =
        xtune_arena_printf(w->files.arena, "%s/" OVERRIDE, folder_of(w));

    return xt_dom0_write(xt_path(w->files.arena, w->files.root, path),
                         *name ? name : "\n", w->address, NULL, err);
}

/* Linux gives a virtual function to no driver where sriov_drivers_autoprobe is
 * 0, and no device to one that is not its override, unless that is named. */
static bool needs_override(const work *w, const char *name)
{
    const char *override = override_of(w);
    uint64_t probes;

    if (*override) return strcmp(override, name) != 0;
    return xt_dom0_number(
               &w->files,
               xtune_arena_printf(w->files.arena, "%s/physfn", folder_of(w)),
               "sriov_drivers_autoprobe", 10, 1, &probes) &&
           !probes;
}

static int write_bind(const work *w, const char *name, xtune_error **err)
{
    return write_address(
        w, xtune_arena_printf(w->files.arena, XT_PCI_DRIVERS "/%s/bind", name),
        "see what dom0's kernel log says of it", err);
}

/* The override is as before then, unless it was one that was cut off here. */
static int bind_with_override(const work *w, const char *name,
                              xtune_error **err)
{
    const char *before = override_of(w);
    int rc;

    rc = set_override(w, name, err);
    if (rc) return rc;
    rc = write_bind(w, name, err);
    if (!strcmp(before, XT_PCIBACK)) before = "";
    if (rc)
        (void)set_override(w, before, NULL);
    else
        rc = set_override(w, before, err);
    return rc;
}

static int bind(const work *w, const char *name, xtune_error **err)
{
    const char *driver = driver_of(w);
    int rc;

    rc = check_driver(w, name, err);
    if (rc || is_driver(driver, name)) return rc;
    if (driver)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EBUSY, w->address, NULL,
                               "the driver \"%s\" has it", driver);
    rc = needs_override(w, name) ? bind_with_override(w, name, err)
                                 : write_bind(w, name, err);
    if (rc) return rc;
    return is_driver(driver_of(w), name) ? 0 : not_so(w, err);
}

/* Linux may have none for it. */
static int probe(const work *w, const char *text, xtune_error **err)
{
    int rc;

    (void)text;
    if (driver_of(w)) return 0;
    rc = write_address(w, "/sys/bus/pci/drivers_probe", NULL, err);
    if (rc) return rc;
    return is_driver(driver_of(w), XT_PCIBACK) ? not_so(w, err) : 0;
}

/* Linux makes two of them where it is asked twice, and wants to be asked for
 * one that there is. */
static int set_slot(const work *w, bool wanted, xtune_error **err)
{
    bool has;
    int rc;

    rc = need_pciback(w, err);
    if (!rc) rc = read_slot(w, &has, err);
    if (rc || has == wanted) return rc;
    rc = write_address(
        w, wanted ? PCIBACK "/new_slot" : PCIBACK "/remove_slot", NULL, err);
    if (!rc) rc = read_slot(w, &has, err);
    if (rc || has == wanted) return rc;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, w->address, NULL,
                           "pciback has taken no notice");
}

static int new_slot(const work *w, const char *text, xtune_error **err)
{
    (void)text;
    return set_slot(w, true, err);
}

static int remove_slot(const work *w, const char *text, xtune_error **err)
{
    (void)text;
    return is_there(w, PCIBACK) ? set_slot(w, false, err) : 0;
}

static int quarantine(const work *w, const char *text, xtune_error **err)
{
    (void)text;
    return xt_xen_pci_quarantine(w, err);
}

static int release(const work *w, const char *text, xtune_error **err)
{
    (void)text;
    return xt_xen_pci_release(w, err);
}

static int keep_driver(const work *w, const char *text, xtune_error **err)
{
    return xt_xen_pci_keep_driver(w->xen, w->address, text, err);
}

static int keep_name(const work *w, const char *text, xtune_error **err)
{
    return xt_xen_pci_keep_name(w->xen, w->address, text, err);
}

static int claim(const work *w, const char *text, xtune_error **err)
{
    return xt_xen_pci_claim(w->xen, w->address, text, err);
}

int xt_xen_do_pci_step(xtune_backend *backend, const char *address,
                       enum xt_pci_step step, const char *text,
                       xtune_error **err)
{
    static int (*const steps[])(const work *, const char *, xtune_error **) = {
        [XT_PCI_UNBIND] = unbind,
        [XT_PCI_BIND] = bind,
        [XT_PCI_PROBE] = probe,
        [XT_PCI_NEW_SLOT] = new_slot,
        [XT_PCI_REMOVE_SLOT] = remove_slot,
        [XT_PCI_QUARANTINE] = quarantine,
        [XT_PCI_RELEASE] = release,
        [XT_PCI_KEEP_DRIVER] = keep_driver,
        [XT_PCI_KEEP_NAME] = keep_name,
        [XT_PCI_CLAIM] = claim,
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    work w;
    int rc;

    rc = xt_xen_check_root((xt_xen *)backend, address, err);
    if (!rc) rc = xt_xen_pci_begin((xt_xen *)backend, arena, address, &w, err);
    return rc ? rc : steps[step](&w, text, err);
}
