/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of dom0's kernel (/sys, /proc) below a root: the live ones, or a
 * recorded tree. Links are followed by their text and within the root, so
 * that no tree leads out of itself. What is read is taken for hostile: it has
 * limits, and no error: what cannot be read is not there.
 */
#ifndef XT_DOM0_FILES_H
#define XT_DOM0_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>

#define XT_DOM0_MAX_ENTRIES 65536 /* of a folder */
#define XT_DOM0_MAX_LINE 4096
#define XT_DOM0_MAX_FILE (4u << 20)

typedef struct xt_dom0_files {
    xtune_arena *arena;  /* of all that is returned */
    const char *root;    /* ""; or a folder, without "/" at its end */
    const char **silent; /* folders: neither they nor what is below is there */
    size_t nr_silent;
} xt_dom0_files;

/* The path without any link in it, below the root; NULL where it leads
 * nowhere. */
const char *xt_dom0_resolve(const xt_dom0_files *files, const char *path);

/* The last part of what a link names; NULL where it is none. */
const char *xt_dom0_link(const xt_dom0_files *files, const char *folder,
                         const char *name);

/* A whole file, with a NUL behind it; NULL. len_r may be NULL. */
char *xt_dom0_read(const xt_dom0_files *files, const char *path, size_t max,
                   size_t *len_r);

/* The first line of folder/name, printable and without blanks around it;
 * NULL, also where nothing is left. */
const char *xt_dom0_line(const xt_dom0_files *files, const char *folder,
                         const char *name);

/* A line that is a number, in base 10 or 16 (then with 0x or without). */
bool xt_dom0_number(const xt_dom0_files *files, const char *folder,
                    const char *name, unsigned int base, uint64_t max,
                    uint64_t *value_r);

/* The names in a folder but for hidden ones, in order: "eth2" is before
 * "eth10". None where there is no folder. */
const char **xt_dom0_list(const xt_dom0_files *files, const char *path,
                          size_t *nr_r);

/* folder/name */
const char *xt_dom0_join(const xt_dom0_files *files, const char *folder,
                         const char *name);

/* The part of a path behind its last "/". */
const char *xt_dom0_base(const char *path);

/* "name", or a prefix and a decimal number: "card0" for "card". */
bool xt_dom0_is_numbered(const char *name, const char *prefix);

#endif
