/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci/names.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>

#include <pci/pci.h>

#include "base/dlopen_note.h"
#include "base/util.h"

/* Of the libpci that the headers are of; the Makefile finds it. */
#ifndef XT_LIBPCI_SONAME
#define XT_LIBPCI_SONAME "libpci.so.3"
#endif

XT_DLOPEN_NOTE(dlopen_note, "pci-names", "recommended", "Names of PCI devices",
               XT_LIBPCI_SONAME);

/* What of it is used. */
#define FUNCTIONS(F)                                                          \
    F(pci_alloc)                                                              \
    F(pci_cleanup)                                                            \
    F(pci_load_name_list)                                                     \
    F(pci_lookup_name)                                                        \
    F(pci_set_name_list_path)

#define MEMBER(name) __typeof__(name) *name;

struct library {
    FUNCTIONS(MEMBER)
};

struct xt_pci_names {
    struct pci_access *access;
    int flags;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct library library;
static bool loaded;

#define LOAD(name)                                                            \
    *(void **)&library.name = dlsym(handle, #name);                           \
    if (!library.name) return;

/* Stays loaded, as its udev does. */
static void load(void)
{
    void *handle = dlopen(XT_LIBPCI_SONAME, RTLD_NOW | RTLD_LOCAL);

    if (!handle) return;
    FUNCTIONS(LOAD)
    loaded = true;
}

/*
 * libpci would print what it finds wrong, and end the process. An error must
 * not return; of all that is done here only reading the file has one: what
 * stands before it is known then.
 */
static __thread jmp_buf *reading;

static void say_nothing(char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void give_up(char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

static void say_nothing(char *fmt, ...)
{
    (void)fmt;
}

static void give_up(char *fmt, ...)
{
    (void)fmt;
    if (!reading) xt_out_of_memory();
    longjmp(*reading, 1);
}

static void read_database(struct pci_access *access)
{
    jmp_buf back;

    reading = &back;
    if (!setjmp(back)) library.pci_load_name_list(access);
    reading = NULL;
}

/* Where distributions have it; NULL. */
static char *database_below(const char *root)
{
    static const char *const places[] = {
        "/usr/share/misc/pci.ids",
        "/usr/share/hwdata/pci.ids",
        "/usr/share/pci.ids",
    };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(places); i++) {
        char *path = xt_xprintf("%s%s", root, places[i]);

        if (!access(path, R_OK)) return path;
        free(path);
    }
    return NULL;
}

xt_pci_names *xt_pci_names_open(const char *root)
{
    const bool own = root && *root;
    char *path = own ? database_below(root) : NULL;
    xt_pci_names *names;

    if (own && !path) return NULL;
    pthread_once(&once, load);
    if (!loaded) {
        free(path);
        return NULL;
    }
    names = xt_xrealloc(NULL, 1, sizeof(*names));
    /* Devices are not looked for: pci_init() is not called, which would also
     * have filled these in. */
    names->access = library.pci_alloc();
    names->access->error = give_up;
    names->access->warning = names->access->debug = say_nothing;
    names->flags = PCI_LOOKUP_NO_NUMBERS | (own ? PCI_LOOKUP_NO_HWDB : 0);
    if (path) library.pci_set_name_list_path(names->access, path, 1);
    read_database(names->access);
    return names;
}

void xt_pci_names_close(xt_pci_names *names)
{
    if (!names) return;
    library.pci_cleanup(names->access);
    free(names);
}

/* Four digits, as the model has them. */
static bool id_of(const char *text, int *id_r)
{
    uint64_t number;

    if (!text || !xt_parse_u64(text, 16, 0xffff, &number)) return false;
    *id_r = (int)number;
    return true;
}

#define LOOK_UP(names, arena, what, ...)                                      \
    kept(arena,                                                               \
         library.pci_lookup_name((names)->access, (char[256]){ "" }, 256,     \
                                 (what) | (names)->flags, __VA_ARGS__))

static const char *kept(xtune_arena *arena, const char *name)
{
    return name ? xtune_arena_strdup(arena, name) : NULL;
}

const char *xt_pci_names_class(xt_pci_names *names, xtune_arena *arena,
                               const xtune_pci *pci)
{
    uint64_t code;

    if (!names || !pci->class_code ||
        !xt_parse_u64(pci->class_code, 16, 0xffffff, &code))
        return NULL;
    return LOOK_UP(names, arena, PCI_LOOKUP_CLASS, (int)(code >> 8));
}

const char *xt_pci_names_vendor(xt_pci_names *names, xtune_arena *arena,
                                const xtune_pci *pci)
{
    int vendor;

    if (!names || !id_of(pci->vendor, &vendor)) return NULL;
    return LOOK_UP(names, arena, PCI_LOOKUP_VENDOR, vendor);
}

const char *xt_pci_names_device(xt_pci_names *names, xtune_arena *arena,
                                const xtune_pci *pci)
{
    int vendor, device;

    if (!names || !id_of(pci->vendor, &vendor) || !id_of(pci->device, &device))
        return NULL;
    return LOOK_UP(names, arena, PCI_LOOKUP_DEVICE, vendor, device);
}

const char *xt_pci_names_subsystem(xt_pci_names *names, xtune_arena *arena,
                                   const xtune_pci *pci)
{
    int vendor, device, subvendor, subdevice;

    if (!names || !id_of(pci->vendor, &vendor) ||
        !id_of(pci->device, &device) ||
        !id_of(pci->subsystem_vendor, &subvendor) ||
        !id_of(pci->subsystem_device, &subdevice))
        return NULL;
    return LOOK_UP(names, arena, PCI_LOOKUP_SUBSYSTEM | PCI_LOOKUP_DEVICE,
                   vendor, device, subvendor, subdevice);
}
