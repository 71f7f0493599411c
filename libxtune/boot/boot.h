/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the command lines of dom0's Linux and of Xen live, and how they are
 * changed: /etc/default/grub and /etc/default/grub.d (Debian, SUSE, Fedora)
 * with update-grub or grub2-mkconfig, XCP-ng's grub.cfg, through its
 * xen-cmdline where that is there, and xen.cfg of an EFI boot.
 */
#ifndef XT_BOOT_H
#define XT_BOOT_H

#include <xtune/arena.h>
#include <xtune/boot.h>
#include <xtune/error.h>
#include <xtune/host.h>

struct xt_json;

enum xt_boot_line {
    XT_BOOT_DOM0, /* of dom0's Linux */
    XT_BOOT_XEN,
};

/* "dom0", "xen" */
const char *xt_boot_line_name(enum xt_boot_line line);

/* XTUNE_ERR_INVALID for another name. */
int xt_boot_line_parse(const char *name, enum xt_boot_line *line_r,
                       xtune_error **err);

/* Reads what there is under root into boot; what is not there stays NULL. No
 * error: a file that is not understood is said in its problem. */
void xt_boot_read(xtune_arena *arena, const char *root, xtune_boot *boot);

/*
 * The values of a parameter in a command line, in the order in which they
 * stand there, in the arena: what stands behind its first "=", without the
 * quotes around it; "" where it has none. "-" and "_" are the same in the name
 * of a module's parameter, as for Linux.
 */
size_t xt_boot_values(xtune_arena *arena, const char *command_line,
                      const char *key, const char *const **values_r);

/* The last of them. NULL: it is not there. */
const char *xt_boot_value(xtune_arena *arena, const char *command_line,
                          const char *key);

/*
 * The command line with a change made, of which the line is not heeded: the
 * first values stand where the parameter stood, further ones behind the last
 * of these places, or at the end where there was none; places that are not
 * needed any more go. Everything else stays as it is, byte by byte.
 */
const char *xt_boot_with_change(xtune_arena *arena, const char *command_line,
                                const xtune_boot_change *change);

/* The same of one value; NULL: it is taken out. */
const char *xt_boot_with(xtune_arena *arena, const char *command_line,
                         const char *key, const char *value);

/* A file, and what it is to be. */
typedef struct xt_boot_file {
    const char *path; /* below root */
    const char *before, *after;
} xt_boot_file;

/* Changes that are ready to be written. */
typedef struct xt_boot_edit {
    const xt_boot_file *files; /* those that change */
    size_t nr_files;
    const char *const *const *by; /* programs that are to write them instead,
                                     in order, each with its arguments and NULL
                                     at the end; NULL at the end */
    const char *const *then; /* one that has to run afterwards; NULL: none */
    unsigned int within_ms;  /* a program is killed after that; 0: after a
                                quarter of an hour */
    const xtune_boot_change *changes; /* what is to be so then */
    size_t nr_changes;
} xt_boot_edit;

/*
 * What it takes to make these changes for the next boot.
 * XTUNE_ERR_UNSUPPORTED where nothing is found under root that could be
 * changed; XTUNE_ERR_INVALID, "file:line", where a file is not understood or a
 * value cannot stand there.
 */
int xt_boot_plan(xtune_arena *arena, const char *root,
                 const xtune_boot_change *changes, size_t nr,
                 xt_boot_edit *edit_r, xtune_error **err);

/*
 * Makes it so: all of it or nothing, each file before kept as PATH.xltune-old;
 * where a program fails the files before come back, and it is run again. No
 * program is run for a root that is not this machine's: the files are written
 * then, and that is all. XTUNE_ERR_CHANGED where a file is not as it was when
 * it was read.
 */
int xt_boot_write(const char *root, const xt_boot_edit *edit,
                  xtune_error **err);

/* Lines that go and come, as "diff -u" shows them, in the arena. */
const char *xt_boot_diff(xtune_arena *arena, const xt_boot_edit *edit);

/* The same for two texts; name is what both are called. "" where they are
 * alike. */
const char *xt_boot_diff_texts(xtune_arena *arena, const char *name,
                               const char *before, const char *after);

/*
 * What backends do with all this, each below their root: see get_boot,
 * set_boot and diff_boot of backend/backend.h. XTUNE_ERR_UNSUPPORTED where
 * nothing is found, XTUNE_ERR_INVALID where it is not understood.
 */
int xt_boot_get_parameter(xtune_arena *arena, const char *root,
                          const char *line, const char *key,
                          const char *const **values_r, size_t *nr_r,
                          xtune_error **err);
int xt_boot_set_parameters(const char *root, const xtune_boot_change *changes,
                           size_t nr, const struct xt_json *kept,
                           xtune_arena *arena, const struct xt_json **kept_r,
                           xtune_error **err);
int xt_boot_diff_parameters(xtune_arena *arena, const char *root,
                            const xtune_boot_change *changes, size_t nr,
                            const char **text_r, xtune_error **err);

#endif
