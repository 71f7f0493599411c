/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb/hwdb.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#include <libudev.h>

#include "base/dlopen_note.h"
#include "base/util.h"

/* Of the libudev that the headers are of; the Makefile finds it. */
#ifndef XT_LIBUDEV_SONAME
#define XT_LIBUDEV_SONAME "libudev.so.1"
#endif

XT_DLOPEN_NOTE(dlopen_note, "usb-names", "recommended", "Names of USB devices",
               XT_LIBUDEV_SONAME);

/* What of it is used. */
#define FUNCTIONS(F)                                                          \
    F(udev_new)                                                               \
    F(udev_unref)                                                             \
    F(udev_hwdb_new)                                                          \
    F(udev_hwdb_unref)                                                        \
    F(udev_hwdb_get_properties_list_entry)                                    \
    F(udev_list_entry_get_by_name)                                            \
    F(udev_list_entry_get_value)

#define MEMBER(name) __typeof__(name) *name;

struct library {
    FUNCTIONS(MEMBER)
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct library library;
static bool loaded;

#define LOAD(name)                                                            \
    *(void **)&library.name = dlsym(handle, #name);                           \
    if (!library.name) return;

/* Stays loaded: the daemon asks for names each time that it looks. */
static void load(void)
{
    void *handle = dlopen(XT_LIBUDEV_SONAME, RTLD_NOW | RTLD_LOCAL);

    if (!handle) return;
    FUNCTIONS(LOAD)
    loaded = true;
}

static const char *value_of(xtune_arena *arena, struct udev_list_entry *list,
                            const char *key)
{
    struct udev_list_entry *entry =
        library.udev_list_entry_get_by_name(list, key);
    const char *value =
        entry ? library.udev_list_entry_get_value(entry) : NULL;

    return value && *value ? xtune_arena_strdup(arena, value) : NULL;
}

/* Asked for as udev does for its own rules, so that the names are those that
 * XAPI shows. */
static void read_names(struct udev_hwdb *hwdb, xtune_arena *arena,
                       xtune_usb *usb)
{
    uint64_t vendor, product;
    struct udev_list_entry *list;
    char key[32];

    if (!xt_parse_u64(usb->vendor, 16, 0xffff, &vendor) ||
        !xt_parse_u64(usb->product, 16, 0xffff, &product))
        return;
    snprintf(key, sizeof(key), "usb:v%04Xp%04X:", (unsigned int)vendor,
             (unsigned int)product);
    list = library.udev_hwdb_get_properties_list_entry(hwdb, key, 0);
    if (!list) return;
    usb->vendor_desc = value_of(arena, list, "ID_VENDOR_FROM_DATABASE");
    usb->product_desc = value_of(arena, list, "ID_MODEL_FROM_DATABASE");
}

void xt_usb_read_names(xtune_host *host)
{
    struct udev_hwdb *hwdb;
    struct udev *udev;
    size_t i;

    if (!host->nr_usb) return;
    pthread_once(&once, load);
    udev = loaded ? library.udev_new() : NULL;
    if (!udev) return;
    hwdb = library.udev_hwdb_new(udev);
    for (i = 0; hwdb && i < host->nr_usb; i++)
        read_names(hwdb, host->arena, &host->usb[i]);
    if (hwdb) library.udev_hwdb_unref(hwdb);
    library.udev_unref(udev);
}
