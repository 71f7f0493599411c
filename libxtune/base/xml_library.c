/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/xml_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/dlopen_note.h"

/* Of the libxml2 that the headers are of; the Makefile finds it. */
#ifndef XT_LIBXML2_SONAME
#define XT_LIBXML2_SONAME "libxml2.so.2"
#endif

XT_DLOPEN_NOTE(dlopen_note, "policy", "required", "Reads policies",
               XT_LIBXML2_SONAME);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static xt_xml_library library;
static bool loaded;

#define LOAD(name)                                                            \
    *(void **)&library.name = dlsym(handle, #name);                           \
    if (!library.name) return;

/* Stays loaded: libxml2 keeps state of its own. */
static void load(void)
{
    void *handle = dlopen(XT_LIBXML2_SONAME, RTLD_NOW | RTLD_LOCAL);

    if (!handle) return;
    XT_XML_FUNCTIONS(LOAD)
    library.free_r = dlsym(handle, "xmlFree");
    loaded = library.free_r != NULL;
}

int xt_xml_load(const xt_xml_library **library_r, xtune_error **err)
{
    pthread_once(&once, load);
    if (!loaded)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0,
                               XT_LIBXML2_SONAME, "install libxml2",
                               "cannot load it, and policies are XML");
    *library_r = &library;
    return 0;
}
