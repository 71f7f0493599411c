/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of "create" hand on. */
#ifndef XLTUNE_CREATE_H
#define XLTUNE_CREATE_H

#include "xltune.h"

#include <xtune/config.h>
#include <xtune/place.h>
#include <xtune/report.h>

/* A domain being made. */
struct creation {
    struct context *ctx;
    xtune_config *config;
    xtune_domain newcomer;
    xtune_placement *placement;
    const xtune_placed *placed; /* the newcomer */
    bool to_xl_alone;   /* only the pool is added to what the user gave */
    bool spills;        /* its memory has no room where it may run */
    const char **notes; /* in config's arena; ends with NULL */
    size_t nr_notes;
    const char *pci_setting; /* in config's arena; NULL: as the file says */
    xtune_plan *devices;  /* makes devices assignable; NULL: there are none */
    const char **command; /* in config's arena; ends with NULL */
};

/* create_place.c */

/*
 * Reads the host and decides where the domain is to be. XTUNE_ERR_REFUSED
 * where it may not be made.
 */
int create_place(struct creation *creation, xtune_error **err);

/* Says so on stderr, and keeps it for JSON. */
void create_note(struct creation *creation, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* create_devices.c */

/*
 * Adds the devices of the record of the newcomer to it. XTUNE_ERR_REFUSED for
 * one that a guard keeps, or that another domain has; errors as of
 * xtune_pci_resolve_wanted() for one that is not there.
 */
int create_add_devices(struct creation *creation, xtune_error **err);

/* Makes them assignable; the state is locked. */
int create_make_assignable(struct creation *creation, xtune_error **err);

/* create_usb.c */

/* Notes what becomes of the USB devices of its record. */
void create_foresee_usb(struct creation *creation);

/* Attaches them, now that it is there, and notes what cannot be; the state is
 * locked. */
void create_attach_usb(struct creation *creation);

/* create_command.c */

/* Fills in creation->command. */
void create_make_command(struct creation *creation);

#endif
