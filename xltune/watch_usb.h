/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What watch_usb.c and watch_usb_mend.c share. */
#ifndef XLTUNE_WATCH_USB_H
#define XLTUNE_WATCH_USB_H

#include "watch.h"

/* The host may change under a plan: so often it is made again, until something
 * happens. */
#define MOST_USB_TRIES 20

bool usb_paths_have(const struct usb_paths *paths, const char *path);
void usb_paths_add(struct usb_paths *paths, const char *path);
void usb_paths_remove(struct usb_paths *paths, size_t at);

/* USB devices are to be looked at then, or earlier. */
void watch_usb_due(struct watch *w, uint64_t at_us);

/* Whether what came of a plan is that it is to be made again, for which it is
 * due then. */
bool watch_usb_waits(struct watch *w, enum applied result);

/* Says what keeps us from it, once; frees err. */
void watch_usb_problem(struct watch *w, xtune_error *err);

/* A device is one that came; "": all are. */
void watch_usb_note_came(struct watch *w, const char *path);

/* Before w->usb is replaced by now: whose devices were plugged in again, so
 * that they have not what is there. */
void watch_usb_note_replugged(struct watch *w, const xtune_host *now);

/* Frees the port of one of them. False: nothing was to be done; else it is to
 * be looked again. */
bool watch_usb_mend_replugged(struct watch *w);

/* The same: which devices domains have no longer. */
void watch_usb_note_freed(struct watch *w, const xtune_host *now);

/* Those of them that dom0 drives again, or that are gone. */
void watch_usb_forget_driven(struct watch *w);

/* Puts right what is left. False: there is nothing; else it is to be looked
 * again. */
bool watch_usb_mend(struct watch *w);

#endif
