/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file in the syntax of xl's configurations, with settings from the command
 * line as if they stood at its end: libxlutil takes it apart.
 */
#ifndef XT_XEN_CFG_H
#define XT_XEN_CFG_H

#include <xtune/config.h>

#include "backend/xen_xlutil.h"

typedef struct xt_cfg {
    xtune_arena *arena; /* of all that is read */
    const char *source; /* names it in errors */
    const char *manual; /* where its keys are explained */
    const xt_xlutil *xlutil;
    XLU_Config *handle;
    const char *text; /* that of the file and the settings */
} xt_cfg;

/*
 * arena, source and manual must be set. path NULL: there is no file;
 * "/dev/null" is an empty one. Each of args is KEY=VALUE; an error of the
 * syntax in one names it.
 */
int xt_cfg_open(xt_cfg *cfg, const char *path, char *const *args,
                size_t nr_args, xtune_error **err);
void xt_cfg_close(xt_cfg *cfg);

/* What a key says. Of one that is not there: NULL. */
int xt_cfg_text(const xt_cfg *cfg, const char *key, const char **text_r,
                xtune_error **err);
int xt_cfg_list(const xt_cfg *cfg, const char *key, XLU_ConfigList **list_r,
                int *nr_r, xtune_error **err);
int xt_cfg_texts(const xt_cfg *cfg, const char *key, const char ***texts_r,
                 size_t *nr_r, xtune_error **err);

/* One text, or a list of them. */
int xt_cfg_words(const xt_cfg *cfg, const char *key, xtune_config_cpus *words,
                 xtune_error **err);

/* The keys that are set, one after another, each as often as it is set:
 * *text_r is cfg->text at first. NULL: there are no more. */
const char *xt_cfg_next_key(const xt_cfg *cfg, const char **text_r);

#endif
