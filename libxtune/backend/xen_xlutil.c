/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/xen_xlutil.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/dlopen_note.h"

/* Of the libxlutil that the headers are of; the Makefile finds it. */
#ifndef XT_LIBXLUTIL_SONAME
#define XT_LIBXLUTIL_SONAME "libxlutil.so.4.17"
#endif

XT_DLOPEN_NOTE(dlopen_note, "create", "recommended",
               "Reads the configuration files of domains and CPU pools",
               XT_LIBXLUTIL_SONAME);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static xt_xlutil xlutil;
static bool loaded;

#define LOAD(name)                                                            \
    *(void **)&xlutil.name = dlsym(handle, #name);                            \
    if (!xlutil.name) return;

/* Stays loaded: it is as small as what unloads it. */
static void load(void)
{
    void *handle = dlopen(XT_LIBXLUTIL_SONAME, RTLD_NOW | RTLD_LOCAL);

    if (!handle) return;
    XT_XLUTIL_FUNCTIONS(LOAD)
    loaded = true;
}

int xt_xlutil_load(const xt_xlutil **xlutil_r, xtune_error **err)
{
    pthread_once(&once, load);
    if (!loaded)
        return xtune_error_set(
            err, XTUNE_ERR_UNSUPPORTED, 0, XT_LIBXLUTIL_SONAME,
            "install the library of Xen's tools that has it, of the version "
            "that xltune was built for: libxenmisc on Debian and Ubuntu, "
            "xen-libs elsewhere",
            "cannot load it, and it reads xl's configurations");
    *xlutil_r = &xlutil;
    return 0;
}
