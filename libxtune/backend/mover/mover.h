/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xltune-move: gives a running domain memory on other nodes by migrating it
 * to the host that it is on. It is the sender of xl's migration protocol
 * (xen tools/xl/xl_migrate.c); the receiver is xl itself, so that xl goes on
 * watching the domain. A program of its own: it needs libxenlight, and must
 * live on when the command that started it does not.
 *
 * "Old" is the domain that is moved, "copy" the one that takes its place.
 */
#ifndef XT_MOVER_H
#define XT_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "backend/libxl/common.h"

#define MOVER_MAX_REQUEST (4u << 20)
#define MOVER_MAX_NAME 255

/* A process that is not taken for a later one with its number. */
typedef struct mover_process {
    pid_t pid; /* 0: there is none */
    uint64_t start;
} mover_process;

/* What is kept of a move in its lock file, for settle. */
typedef struct mover_record {
    uint32_t old, copy; /* copy: 0 until it is known */
    bool go;            /* the copy may have been told to run */
    bool runs;          /* the copy is known to have run */
    mover_process receiver;
    mover_process watcher; /* xl's, of the old one; stopped meanwhile */
} mover_record;

typedef struct mover {
    xtune_arena *arena;
    xt_libxl_log log; /* its first error */
    libxl_ctx *ctx;
    libxl_uuid id;
    const char *uuid; /* lower case */
    const char *name; /* of the domain when nothing moves; NULL: unknown */
    const char *lock_path;
    int lock_fd; /* -1: not held */
    mover_record record;
    bool may_suspend; /* the old one may have been asked to, and do it yet */
} mover;

/* One vCPU's masks as they stand in the request. */
typedef struct mover_vcpu {
    const char *hard, *soft;
} mover_vcpu;

/* What is read from stdin. */
typedef struct mover_request {
    uint32_t domid;
    const char *uuid, *name;
    bool pause;
    const char *nodes; /* NULL: as the masks say */
    bool keep_masks;
    mover_vcpu *vcpus;
    size_t nr_vcpus;
} mover_request;

/* A domain that has the UUID and is not on its way out. */
typedef struct mover_domain {
    uint32_t domid;
    const char *name; /* "" where it has none yet */
    bool paused;
    bool shut; /* has shut down, for whatever reason */
    bool suspended;
    bool has_run;
} mover_domain;

/* xen_request.c */

/* XTUNE_ERR_INVALID says where it is wrong. */
int mover_request_read(xtune_arena *arena, int fd, mover_request *request_r,
                       xtune_error **err);

/* Strictly the usual form, without regard to case. */
int mover_uuid_read(mover *m, const char *text, xtune_error **err);

/*
 * xen_events.c: what is told of a move, also by other threads. What happens
 * during it and cannot be written at once is dropped: nobody who reads slowly,
 * or not at all, holds up a guest.
 */

/* "failed CODE MESSAGE"; the exit code of it. */
int mover_say_failed(const xtune_error *err);

/* Pages of a round: "Frames iteration 2", "Frames". */
void mover_events_pages(const char *what, unsigned long done,
                        unsigned long total);
void mover_events_bytes(uint64_t bytes);
/* For the first time; the time is kept. */
void mover_events_paused(void);

typedef struct mover_figures {
    uint64_t bytes;
    unsigned int rounds;
    uint64_t paused_at_ms; /* 0: was not seen */
} mover_figures;
mover_figures mover_events_figures(void);

void mover_sleep_ms(unsigned int ms);

/* xen_libxl.c */

int mover_open(mover *m, xtune_error **err);
void mover_close(mover *m);

/* "cannot DOING: REASON", with libxl's own reason where it gave one. */
int mover_libxl_error(mover *m, xtune_error **err, const char *doing);

/* The domains with the UUID of m, in its arena. */
int mover_look(mover *m, mover_domain **domains_r, size_t *nr_r,
               xtune_error **err);
const mover_domain *mover_domain_find(const mover_domain *domains, size_t nr,
                                      uint32_t domid);

/* Whether xl says by the name that it migrates; and the name without that. */
bool mover_name_is_marked(const char *name);
const char *mover_name_unmarked(xtune_arena *arena, const char *name);

/* xen_check.c */

/*
 * Whether it can be moved at all: XTUNE_ERR_REFUSED says why not,
 * XTUNE_ERR_NOT_FOUND that there is no such domain. Sets m->name where it is
 * NULL. config is initialised, and gets what libxl has stored.
 */
int mover_check(mover *m, uint32_t domid, libxl_domain_config *config,
                xtune_error **err);

/* xen_masks.c */

/* Makes of the configuration the one that the copy is built by; as JSON in
 * the arena. */
int mover_masks_config(mover *m, const mover_request *request,
                       libxl_domain_config *config, char **json_r,
                       xtune_error **err);

/* The copy's memory is where it should be: what it gets later, and its next
 * incarnation, follow its masks. */
int mover_masks_forget_nodes(mover *m, uint32_t domid, xtune_error **err);

/* xen_process.c */

mover_process mover_process_of(pid_t pid);
bool mover_process_lives(const mover_process *process);
void mover_process_signal(const mover_process *process, int signum);
/* Whether it has ended by then. */
bool mover_process_wait(const mover_process *process, unsigned int ms);

/* The xl that waits for this domain to end; pid 0 where none is found. */
mover_process mover_watcher_find(uint32_t domid);
/* The same, for a domain that has been settled: an xl that has just begun may
 * not have said so yet. */
bool mover_is_watched(uint32_t domid);
/* Tells the system's log that nobody watches it. */
void mover_log_unwatched(const mover *m, uint32_t domid);

/* xen_record.c: /run/xltune/move-UUID.lock, locked while a mover works. */

/* XTUNE_ERR_BUSY where another holds it and wait is false. */
int mover_lock(mover *m, bool wait, xtune_error **err);
/* False in *found_r: nothing was begun. */
int mover_record_read(mover *m, bool *found_r, xtune_error **err);
int mover_record_write(mover *m, xtune_error **err);
/* Those of which there is a file, in the arena. */
int mover_record_list(mover *m, const char ***uuids_r, size_t *nr_r,
                      xtune_error **err);
/* With done, nothing is left to settle. */
void mover_unlock(mover *m, bool done);

/* xen_receiver.c: xl migrate-receive. */

typedef struct mover_receiver {
    pid_t pid; /* 0: not started, or reaped */
    int to, from;
    int errors; /* what it says on stderr; a file */
} mover_receiver;

#define MOVER_NO_RECEIVER                                                     \
    {                                                                         \
        .to = -1, .from = -1, .errors = -1                                    \
    }

int mover_receiver_start(mover_receiver *rx, xtune_error **err);
/* Waits for its greeting, then sends header and configuration. */
int mover_receiver_greet(mover_receiver *rx, const char *json,
                         xtune_error **err);
int mover_receiver_ready(mover_receiver *rx, xtune_error **err);
/*
 * Lets the copy run. *known_r: whether the receiver has told how that went;
 * where it failed, and that is known, the copy is gone.
 */
int mover_receiver_go(mover_receiver *rx, bool *known_r, xtune_error **err);
bool mover_receiver_has_ended(const mover_receiver *rx);
/* Waits for its end; kills one that does not come to it if asked to. */
void mover_receiver_finish(mover_receiver *rx, bool may_kill);
/* Puts its own reason into an error that came of its end. */
int mover_receiver_error(mover_receiver *rx, xtune_error **err,
                         const char *doing);

/* xen_copy.c: from libxl's pipe to the receiver. */

typedef struct mover_copy mover_copy;

/* *fd_r is for libxl; the copy takes no part in closing it. */
int mover_copy_start(mover *m, const mover_receiver *rx, uint32_t domid,
                     mover_copy **copy_r, int *fd_r, xtune_error **err);
/* After *fd_r is closed. */
void mover_copy_finish(mover_copy *copy);

/* xen_settle.c */

enum mover_survivor { MOVER_NONE, MOVER_OLD, MOVER_COPY };

/*
 * Leaves one domain, as the record and what is seen demand; the receiver must
 * have ended. XTUNE_ERR_REFUSED where that is not clear: nothing was done.
 */
int mover_settle(mover *m, enum mover_survivor *survivor_r, uint32_t *domid_r,
                 xtune_error **err);

/* The command of that name; its exit code. m->name NULL: as the domain is
 * called. */
int mover_settle_main(mover *m);

/* xen_move.c: the command of that name; its exit code. */
int mover_move_main(mover *m, const mover_request *request);

#endif
