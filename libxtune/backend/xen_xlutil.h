/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxlutil, which reads xl's configuration files, loaded when the first one
 * is read: it brings libxenlight along, which no other command needs.
 */
#ifndef XT_XEN_XLUTIL_H
#define XT_XEN_XLUTIL_H

#include <libxlutil.h>

#include <xtune/error.h>

/* What of it is used. */
#define XT_XLUTIL_FUNCTIONS(F)                                                \
    F(xlu_cfg_destroy)                                                        \
    F(xlu_cfg_get_list)                                                       \
    F(xlu_cfg_get_listitem)                                                   \
    F(xlu_cfg_get_listitem2)                                                  \
    F(xlu_cfg_get_long)                                                       \
    F(xlu_cfg_get_string)                                                     \
    F(xlu_cfg_init)                                                           \
    F(xlu_cfg_readdata)                                                       \
    F(xlu_cfg_value_get_list)

#define XT_XLUTIL_MEMBER(name) __typeof__(name) *name;

typedef struct xt_xlutil {
    XT_XLUTIL_FUNCTIONS(XT_XLUTIL_MEMBER)
} xt_xlutil;

/*
 * Loads it at the first call. XTUNE_ERR_UNSUPPORTED where it is not
 * installed.
 */
int xt_xlutil_load(const xt_xlutil **xlutil_r, xtune_error **err);

#endif
