/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files as they were before a change, for it to be taken back byte by byte:
 * { PATH: { "before": TEXT, "after": TEXT } }, and with "bytes": true each
 * byte of these as a character of its own, where they are not UTF-8.
 */
#ifndef XT_BOOT_KEPT_H
#define XT_BOOT_KEPT_H

#include "base/json.h"
#include "boot/boot.h"

/* Texts of files, in the arena. */
const struct xt_json *xt_boot_kept_make(xtune_arena *arena,
                                        const xt_boot_file *files, size_t nr);

/* What a file, or the line that it stands for, was before a change, if it is
 * now as the change left it. NULL: it is not, or is not known. */
const char *xt_boot_kept_before(xtune_arena *arena, const struct xt_json *kept,
                                const xt_boot_file *file);

/*
 * Makes of an edit, which takes a change back parameter by parameter, one that
 * puts the files back as they were before the change: if they are as it left
 * them, and have what is asked for then. kept is empty where the change was
 * cut off: the files that are kept beside then tell. False: it stays as it is.
 */
bool xt_boot_kept_use(xtune_arena *arena, const char *root,
                      const struct xt_json *kept, xt_boot_edit *edit);

#endif
