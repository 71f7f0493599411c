/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happens on the live host: domains that come, that go, and that get
 * their name, as xenstored tells it; USB devices that come and go, as dom0's
 * Linux tells it. An event says where to look, not what is there: by the time
 * it is read that may be gone.
 */
#ifndef XTUNE_EVENTS_H
#define XTUNE_EVENTS_H

#include <stdbool.h>

#include <xtune/backend.h>
#include <xtune/error.h>

typedef struct xtune_events xtune_events;

enum xtune_event_kind {
    XTUNE_EVENT_INTRODUCED, /* one is built, and about to run */
    XTUNE_EVENT_RELEASED,   /* one was shut down or is gone */
    XTUNE_EVENT_NAMED,      /* one has come and has a name, or another one */
    XTUNE_EVENT_USB,        /* a USB device came or went */
    XTUNE_EVENT_USB_TAKEN,  /* dom0's driver has let go of one, as it does when
                               it is given to a domain */
};

typedef struct xtune_event {
    enum xtune_event_kind kind;
    unsigned int domid; /* of NAMED; else XTUNE_NONE: xenstored does not say */
    /* Of USB devices: where, "1-2.1", and whether it came: once, and again for
     * each of its interfaces, without which it cannot be used. "": more has
     * happened than could be told: look at all. */
    char path[64];
    bool came;
    /* It is the device itself that came: whoever has one there has another
     * one, that is gone. */
    bool is_new;
} xtune_event;

/*
 * Begins to listen, on a connection of its own. Domains and devices that were
 * there before are not told: list them afterwards. XTUNE_ERR_UNSUPPORTED for a
 * snapshot, in which nothing happens; XTUNE_ERR_IO where there is no
 * xenstored, or Linux does not tell of devices.
 */
int xtune_events_open(xtune_backend *backend, xtune_events **events_r,
                      xtune_error **err);

/* To be polled for input: then there may be events. */
int xtune_events_fd(const xtune_events *events);

/*
 * The next event, without waiting; *found_r false: there is none yet.
 * XTUNE_ERR_IO: the connection is lost, and events may be: open another one
 * and list the domains.
 */
int xtune_events_next(xtune_events *events, bool *found_r,
                      xtune_event *event_r, xtune_error **err);

/* Whether xenstored still answers; a lost connection may not show in the file
 * descriptor. XTUNE_ERR_IO. */
int xtune_events_check(xtune_events *events, xtune_error **err);

/*
 * From now on NAMED is told of this domain also when it is renamed; and once
 * at once. Until it is ended; ending what was not begun does no harm.
 */
int xtune_events_follow_name(xtune_events *events, unsigned int domid,
                             xtune_error **err);
void xtune_events_leave_name(xtune_events *events, unsigned int domid);

/* NULL is fine. */
void xtune_events_close(xtune_events *events);

#endif
