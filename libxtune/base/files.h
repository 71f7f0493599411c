/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files under a root, read with limits and replaced whole.
 */
#ifndef XT_FILES_H
#define XT_FILES_H

#include <stddef.h>
#include <sys/types.h>

#include <xtune/arena.h>
#include <xtune/error.h>

/* root + path in the arena; root may be NULL or "". */
const char *xt_path(xtune_arena *arena, const char *root, const char *path);

/*
 * Reads a whole regular file of at most max bytes; the
 * text is followed by a NUL that *len_r does not count. In the arena.
 */
int xt_file_read(xtune_arena *arena, const char *path, size_t max,
                 char **text_r, size_t *len_r, xtune_error **err);

/*
 * The first line of a small file (sysfs, proc) without its newline, in the
 * arena; NULL where it cannot be read.
 */
char *xt_file_read_line(xtune_arena *arena, const char *path);

/*
 * Replaces or makes a file: written beside, synced, renamed, and its folder
 * synced; mode, owner, ACL and label of the file that was there are kept, mode
 * is for a new one. A symbolic link is followed: the file it names is replaced.
 */
int xt_file_replace(const char *path, const char *text, size_t len,
                    mode_t mode, xtune_error **err);

/*
 * The same of a file that holds the text before, and is no link:
 * XTUNE_ERR_CHANGED where it does not, and then it is left as it is.
 */
int xt_file_exchange(const char *path, const char *before, size_t before_len,
                     const char *text, size_t len, xtune_error **err);

/*
 * Keeps the text that a file has before it is changed beside it, under its
 * name with XT_FILE_OLD behind it, with its mode. XTUNE_ERR_REFUSED where
 * something is there that is no regular file.
 */
#define XT_FILE_OLD ".xltune-old"
int xt_file_keep_old(const char *path, const char *text, size_t len,
                     xtune_error **err);

/* Makes a folder and those above it. */
int xt_make_dirs(const char *path, mode_t mode, xtune_error **err);

#endif
