/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The places where command lines live, each in a file of its name, and what
 * they have in common: files below a root.
 */
#ifndef XT_BOOT_SOURCES_H
#define XT_BOOT_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/boot.h"

/* Files that a place has read, below root. */
typedef struct xt_boot_reads {
    const char **paths;
    size_t nr;
} xt_boot_reads;

/* Changes that are to be planned. */
typedef struct xt_boot_job {
    xtune_arena *arena;
    const char *root;
    const xtune_boot_change *changes;
    const enum xt_boot_line *lines; /* which each of them is about */
    size_t nr;
    /* As if these files were as they were before. */
    const xt_boot_file *instead;
    size_t nr_instead;
    xt_boot_reads *reads; /* NULL: nobody wants to know */
} xt_boot_job;

typedef struct xt_boot_source {
    /* Whether this host boots by it. */
    bool (*is_there)(const char *root);

    /* Fills in source, dom0_configured and xen_configured. */
    int (*read)(xtune_arena *arena, const char *root, xtune_boot *boot,
                xtune_error **err);

    /* See xt_boot_plan(): by, then and files. */
    int (*plan)(const xt_boot_job *job, xt_boot_edit *edit_r,
                xtune_error **err);
} xt_boot_source;

/* Adds a file to an edit, if it changes. */
void xt_boot_add_file(xtune_arena *arena, xt_boot_edit *edit, const char *path,
                      const char *before, const char *after);

extern const xt_boot_source xt_boot_xcp_grub;
extern const xt_boot_source xt_boot_grub_default;
extern const xt_boot_source xt_boot_xen_cfg;

/* The one that counts; NULL: there is none. */
const xt_boot_source *xt_boot_find_source(const char *root);

/* xt_boot_plan(), as if these files were as they were before, and of values
 * that need no look any more; reads may be NULL. */
int xt_boot_plan_from(xtune_arena *arena, const char *root,
                      const xt_boot_file *instead, size_t nr_instead,
                      const xtune_boot_change *changes, size_t nr,
                      xt_boot_edit *edit_r, xt_boot_reads *reads,
                      xtune_error **err);

/* Whether programs under root may be run: else it is a recorded tree. */
bool xt_boot_is_live(const char *root);

/* xen_cmdline.c */

#define XT_XEN_CMDLINE "/opt/xensource/libexec/xen-cmdline"

/* Whether it is there, and is not xltune under that name. */
bool xt_boot_has_xen_cmdline(const char *root);

/* How it is called to make a change of one value, or of none. */
const char *const *xt_boot_xen_cmdline(xtune_arena *arena,
                                       enum xt_boot_line line,
                                       const xtune_boot_change *what);

/* tree.c */

/* The real path of a file below root, in the arena. XTUNE_ERR_NOT_FOUND;
 * XTUNE_ERR_REFUSED where a link leads out of root. */
int xt_boot_resolve(xtune_arena *arena, const char *root, const char *path,
                    const char **real_r, xtune_error **err);

/* All of a file below root. XTUNE_ERR_INVALID where it is too large or holds
 * a NUL. Errors as of xt_boot_resolve(). */
int xt_boot_read_file(xtune_arena *arena, const char *root, const char *path,
                      char **text_r, xtune_error **err);

/* The same of a file that a job may stand in for. */
int xt_boot_read_for(const xt_boot_job *job, const char *path, char **text_r,
                     xtune_error **err);

bool xt_boot_has_file(const char *root, const char *path);
bool xt_boot_has_folder(const char *root, const char *path);

/* The names in a folder below root that end so, sorted by their bytes; none
 * where there is no such folder. */
size_t xt_boot_list(xtune_arena *arena, const char *root, const char *folder,
                    const char *ending, const char ***names_r);

/* The first of these files that is there; NULL. The list ends with NULL. */
const char *xt_boot_first_file(const char *root, const char *const *paths);

/* module.c */

/* Options of modprobe.d for xen-pciback, and whether there is such a module:
 * as in xtune_boot. */
void xt_boot_read_module(xtune_arena *arena, const char *root,
                         xtune_boot *boot);

/* run.c */

/*
 * Runs a program that is found by its path, and waits for it: its error is
 * its last line of stderr. XTUNE_ERR_IO; XTUNE_ERR_BUSY where it has not ended
 * in so many milliseconds: it was killed then, with all that it had started.
 */
int xt_boot_run(const char *const *argv, unsigned int within_ms,
                xtune_error **err);

#endif
