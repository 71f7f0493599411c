/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of dom0's as texts, read and replaced below a root. Links are followed
 * within it, as of backend/dom0_files.h: none leads out of it.
 */
#ifndef XT_DOM0_TEXT_H
#define XT_DOM0_TEXT_H

#include <xtune/error.h>

#include "backend/dom0_files.h"

/* All of a file, of XT_FILE_MAX_BYTES at most; *text_r NULL: it is not there.
 * Errors as of xt_file_read(), and XTUNE_ERR_INVALID for what is no text, and
 * for a link that leads nowhere. */
int xt_dom0_read_text(const xt_dom0_files *files, const char *path,
                      const char **text_r, xtune_error **err);

/*
 * What backends do below their root, see get_file and set_file of
 * backend/backend.h; attributes are not set here.
 */
int xt_dom0_get_file(xtune_arena *arena, const char *root, const char *path,
                     const char **text_r, xtune_error **err);
int xt_dom0_set_file(const char *root, const char *path, const char *text,
                     xtune_error **err);

#endif
