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
#include <xtune/error.h>
#include <xtune/host.h>

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
 * The value of a parameter in a command line, in the arena: what stands behind
 * its first "=", without the quotes around it; "" where it has none. NULL: it
 * is not there. Of one that is there several times the last. "-" and "_" are
 * the same in the name of a module's parameter, as for Linux.
 */
const char *xt_boot_value(xtune_arena *arena, const char *command_line,
                          const char *key);

/*
 * The command line with that parameter set, replacing it where it stands
 * first and dropping it elsewhere, or added at the end; value NULL takes it
 * out. Everything else stays as it is, byte by byte.
 */
const char *xt_boot_with(xtune_arena *arena, const char *command_line,
                         const char *key, const char *value);

/* A change of a file that is ready to be written. */
typedef struct xt_boot_edit {
    const char *path;   /* below root */
    const char *before; /* the whole file */
    const char *after;
    const char *const *by;   /* a program that is to write it, and its
                                arguments, NULL at the end; NULL: none */
    const char *const *then; /* one that has to run afterwards; NULL: none */
    enum xt_boot_line line;  /* what is to be so then */
    const char *key, *value;
} xt_boot_edit;

/*
 * What it takes to set, or with value NULL to take out, a parameter for the
 * next boot. XTUNE_ERR_UNSUPPORTED where nothing is found under root that
 * could be changed; XTUNE_ERR_INVALID, "file:line", where a file is not
 * understood or the value cannot stand there. Where nothing is to be
 * changed, before and after are the same text.
 */
int xt_boot_plan(xtune_arena *arena, const char *root, enum xt_boot_line line,
                 const char *key, const char *value, xt_boot_edit *edit_r,
                 xtune_error **err);

/*
 * Makes it so: whole or not at all, the file before kept as PATH.xltune-old;
 * where a program fails the file before comes back. No program is run for a
 * root that is not this machine's: the file is written then, and that is all.
 * XTUNE_ERR_CHANGED where the file is not as it was when it was read.
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
                          const char **value_r, xtune_error **err);
int xt_boot_set_parameter(const char *root, const char *line, const char *key,
                          const char *value, xtune_error **err);
int xt_boot_diff_parameter(xtune_arena *arena, const char *root,
                           const char *line, const char *key,
                           const char *value, const char **text_r,
                           xtune_error **err);

#endif
