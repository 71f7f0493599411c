/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of Xen's parameters, and how it reads their values. */
#ifndef XT_XEN_NAMES_H
#define XT_XEN_NAMES_H

#include <stddef.h>

enum xt_xen_kind {
    XT_XEN_OTHER,   /* by a function of its own, or as text */
    XT_XEN_BOOLEAN, /* "no-" before its name turns it round */
    XT_XEN_INTEGER,
    XT_XEN_SIZE, /* KiB without a suffix */
};

typedef struct xt_xen_name {
    const char *name;
    enum xt_xen_kind kind;
} xt_xen_name;

extern const xt_xen_name xt_xen_names[];
extern const size_t xt_nr_xen_names;

#endif
