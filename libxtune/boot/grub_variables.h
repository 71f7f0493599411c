/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The variables that grub-mkconfig takes command lines from, as
 * /etc/default/grub and, where there is such a folder, /etc/default/grub.d
 * set them (GRUB's util/grub.d/20_linux_xen.in).
 */
#ifndef XT_BOOT_GRUB_VARIABLES_H
#define XT_BOOT_GRUB_VARIABLES_H

#include "boot/boot.h"
#include "boot/shell.h"
#include "boot/sources.h"

#define XT_GRUB_DEFAULT "/etc/default/grub"

typedef struct xt_grub_files {
    xtune_arena *arena;
    const char *root;
    const char **paths;   /* below root */
    xt_shell_file *files; /* in the order in which they are read */
    size_t nr;
} xt_grub_files;

/* An assignment, by the indices of its file and of itself. */
typedef struct xt_grub_place {
    size_t file, index;
} xt_grub_place;

typedef struct xt_grub_variable {
    const char *name;
    const char *value;   /* at the end; "" where it is not set; NULL: it takes
                            a shell to know it */
    xt_grub_place *live; /* those that the value is made of */
    size_t nr_live;
} xt_grub_variable;

/* A command line: the first variable is for all entries, the second is left
 * out for recovery. */
typedef struct xt_grub_line {
    xt_grub_variable variables[2];
    const char *text; /* both */
} xt_grub_line;

int xt_grub_load(const xt_boot_job *job, xt_grub_files *files_r,
                 xtune_error **err);

/* XTUNE_ERR_INVALID, "file:line", where it takes a shell to know it. */
int xt_grub_read_line(const xt_grub_files *files, enum xt_boot_line line,
                      xt_grub_line *line_r, xtune_error **err);

/* grub_program.c: whether grub-mkconfig reads /etc/default/grub.d, as Debian's
 * does; it is a script that says so. Where it is not known, it does. */
bool xt_grub_reads_folder(xtune_arena *arena, const char *root);

/* The same file: names in an edit what has to run when it is made.
 * XTUNE_ERR_UNSUPPORTED where there is nothing of the kind on this machine. */
int xt_grub_need_program(xtune_arena *arena, const char *root,
                         xt_boot_edit *edit, xtune_error **err);

#endif
