/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Carrying out a plan: check, journal, do, read back, undo on failure; and
 * rolling back, recovering, and the history of it.
 *
 * State directories hold journal.json while an apply runs and after one was
 * cut off, history/NNNNNN.json for each that ended, and the lock.
 */
#ifndef XTUNE_APPLY_H
#define XTUNE_APPLY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/backend.h>
#include <xtune/error.h>
#include <xtune/plan.h>

typedef struct xtune_state xtune_state;

/*
 * Opens the state of a backend's host and takes its lock, waiting up to
 * wait_ms milliseconds for another writer. what says what the lock is held
 * for ("apply"). root is as for xtune_backend_open_live(). XTUNE_ERR_BUSY
 * names the holder; XTUNE_ERR_PERMISSION and XTUNE_ERR_IO for its files.
 */
int xtune_state_lock(const xtune_backend *backend, const char *root,
                     const char *what, unsigned int wait_ms,
                     xtune_state **state_r, xtune_error **err);

/* As above without the lock, to read only: xtune_history_read(). */
int xtune_state_open(const xtune_backend *backend, const char *root,
                     xtune_state **state_r, xtune_error **err);

/* A journal is there: an apply, or a rollback, is under way or was cut off. */
bool xtune_state_is_interrupted(const xtune_state *state);

/* The same of one that this title was given to (xtune_apply_options). */
bool xtune_state_is_interrupted_by(const xtune_state *state,
                                   const char *title);

/* Releases the lock. NULL is fine. */
void xtune_state_close(xtune_state *state);

/* What happened to one action, for progress. */
enum xtune_step {
    XTUNE_STEP_DONE, /* made, and read back */
    XTUNE_STEP_FAILED,
    XTUNE_STEP_UNDONE,
    XTUNE_STEP_LEFT, /* not put back: undoing it failed as well, or another
                        hand has changed it since, or what hangs on it */
    XTUNE_STEP_GONE, /* its object is no more: nothing to undo */
    XTUNE_STEP_KEPT, /* not begun, or as it was again: see the note */
};

/* How far a move has come. */
typedef struct xtune_move_progress {
    const char *domain;         /* its name */
    unsigned int round;         /* from 1; 0: it has not begun */
    uint64_t done_kb, total_kb; /* of this round */
    uint64_t bytes;             /* sent so far, of all rounds */
    uint64_t elapsed_ms;
    bool paused;
    bool finished;     /* it has moved; elapsed_ms is all that it took, */
    uint64_t pause_ms; /* for so long of which it did not run */
} xtune_move_progress;

typedef struct xtune_apply_options {
    const char *title; /* for the history: "apply low-latency" */
    /* Called after each action; may be NULL. note is NULL, or says how what
     * Xen made of it differs from what was asked for. */
    void (*progress)(void *opaque, enum xtune_step step,
                     const xtune_action *action, size_t index, size_t nr,
                     const char *note);
    /* Called a few times a second while memory moves; may be NULL. */
    void (*moving)(void *opaque, const xtune_move_progress *progress);
    void *opaque;
    /* Set by a signal handler to stop after the action under way and undo;
     * may be NULL. Memory that has moved stays where it is then. */
    const volatile sig_atomic_t *stop;
    bool force; /* rollback: put back even what changed since */
    /* How moves find out where memory is. */
    enum xtune_residency_mode residency;
    unsigned int moves_at_once; /* 0 and 1: one after the other */
    /* No move is begun beyond these; 0: no limit. */
    unsigned int max_moves;
    uint64_t max_bytes, max_ms;
    bool no_history; /* the history is to say nothing of it */
    /* rollback: leave what another hand has changed since (XTUNE_STEP_LEFT),
     * and what cannot be put back while that stays as it is, as the pool of a
     * domain; put back the rest */
    bool leave_changed;
    const char *reason; /* rollback: the history is to say why; or NULL */
    const char *kind;   /* rollback: the newest that has an action of this kind;
                           NULL: of any */
    /* apply: what it changes is to be confirmed within so many seconds, at
     * most XTUNE_CONFIRM_MAX_S; 0: it is not. Not with no_history. */
    unsigned int confirm_s;
} xtune_apply_options;

/*
 * Carries out a plan, whole or not at all; but a move ("rehome") stands for
 * itself: when one fails that domain is as it was, the others go on, and what
 * was made before stays. *failed_r, where not NULL, counts the moves that
 * failed. XTUNE_ERR_CHANGED: the host is not
 * as the plan found it, nothing was done. XTUNE_ERR_INTERRUPTED: recover
 * first. XTUNE_ERR_BUSY: an earlier change is yet to be confirmed, for what
 * would be rolled back otherwise is not clear. Any other error: the host is as
 * it was before, unless the message says what could not be put back (the
 * journal is then kept for recover). An empty plan does nothing and leaves no
 * trace.
 */
int xtune_apply(xtune_backend *backend, xtune_state *state,
                const xtune_plan *plan, const xtune_apply_options *options,
                size_t *failed_r, xtune_error **err);

/*
 * Puts back what the newest entry of the history that was applied, and not
 * rolled back since, changed. XTUNE_ERR_NOT_FOUND: there is none.
 * XTUNE_ERR_CHANGED: something was changed since by another hand; nothing was
 * done (force overrides). XTUNE_ERR_REFUSED: that entry is from before a
 * reboot of a live host, which has lost all that it changed (files outlive it,
 * and are put back); or Xen refuses something, and what was put back was
 * changed again. What is gone, and what
 * led to it, is left out. *id_r is the entry's number.
 */
int xtune_rollback(xtune_backend *backend, xtune_state *state,
                   const xtune_apply_options *options, unsigned int *id_r,
                   xtune_error **err);

enum xtune_recovery {
    XTUNE_RECOVERY_NONE,     /* nothing was cut off */
    XTUNE_RECOVERY_UNDONE,   /* the host is as it was before */
    XTUNE_RECOVERY_KEPT,     /* memory had moved: what was made stays, the rest
                                was not made */
    XTUNE_RECOVERY_REBOOTED, /* a live host was rebooted since: nothing was
                                left to undo (files would be), and nothing was
                                changed */
};

typedef struct xtune_recovered {
    enum xtune_recovery result;
    size_t nr_moved, nr_moves; /* of KEPT: so many moves were made of so many
                                */
    size_t nr_left; /* of UNDONE: so many were left, for another hand has
                       changed them since; not with force */
} xtune_recovered;

/*
 * Ends an apply, or a rollback, that was cut off: puts back what it has
 * changed; but a domain whose memory was moving is left where that brought
 * it, running and whole. Where what was made stays and was to be confirmed, it
 * still is: its time begins anew. What a live host has lost by a reboot since
 * is not looked for.
 */
int xtune_recover(xtune_backend *backend, xtune_state *state,
                  const xtune_apply_options *options,
                  xtune_recovered *recovered_r, xtune_error **err);

/*
 * Confirming: what an apply with confirm_s changed is to be rolled back unless
 * somebody confirms it in time. The state directory holds pending.json
 * meanwhile: the entry of the history, and when its time is over by a clock
 * that no one sets back (CLOCK_BOOTTIME and the boot's id).
 *
 * xtune_apply() writes it before the first change, and once more, when its
 * time begins, after the last one and before the journal ends: wherever it is
 * cut off there is either a journal, which recover undoes, or something
 * pending. It counts while its entry is in force: xtune_rollback() drops it,
 * and xtune_recover() as well where it undoes. Who does the rolling back in
 * time is not the library's matter: somebody calls xtune_rollback().
 */
#define XTUNE_CONFIRM_MAX_S 86400

typedef struct xtune_pending {
    unsigned int id;      /* of the history's newest applied entry */
    unsigned int left_ms; /* 0: its time is over */
    /* A live host was rebooted since, and what was changed is gone with the
     * domains, but for files, which stay: it stops nobody. Never for a host in
     * a file, where the change stays: its time is over then. */
    bool other_boot;
} xtune_pending;

/*
 * *found_r false: nothing is pending; the id is then that of an apply under
 * way, or cut off, which is to be confirmed, or 0. XTUNE_ERR_INVALID,
 * XTUNE_ERR_UNSUPPORTED, XTUNE_ERR_IO and XTUNE_ERR_PERMISSION for a file that
 * cannot be read or is damaged; then nobody may assume anything.
 */
int xtune_pending_read(const xtune_state *state, bool *found_r,
                       xtune_pending *pending_r, xtune_error **err);

/* It is confirmed. The state is locked. None pending is no error. */
int xtune_pending_drop(const xtune_state *state, xtune_error **err);

/*
 * A descriptor that becomes readable (inotify(7)) when something in the state
 * directory changes, for the caller to close; -1 where there is none to be
 * had, and one has to look now and then.
 */
int xtune_pending_watch(const xtune_state *state);

/* What a move took. */
typedef struct xtune_history_move {
    const char *domain;
    uint64_t bytes, rounds, total_ms, pause_ms;
} xtune_history_move;

typedef struct xtune_history_entry {
    unsigned int id;
    const char *time; /* UTC, ISO 8601 */
    const char *title;
    const char *result; /* "applied", "undone", "rolled-back", "recovered",
                           "unreadable" */
    size_t nr_actions;
    const char *error; /* of "undone", "unreadable" and, where there was a
                          reason, "rolled-back": why; of "applied": which
                          moves were not made; or NULL */
    xtune_history_move *moves;
    size_t nr_moves;
    bool pending; /* it is to be confirmed, within */
    unsigned int left_ms;
} xtune_history_entry;

typedef struct xtune_history {
    xtune_arena *arena;
    xtune_history_entry *entries; /* oldest first */
    size_t nr_entries;
    bool interrupted; /* a journal is there: recover */
} xtune_history;

int xtune_history_read(xtune_state *state, xtune_history **history_r,
                       xtune_error **err);
void xtune_history_free(xtune_history *history);

/*
 * What a plan changes in files, command lines of the next boot among them, as
 * "diff -u" shows it; "" where there is nothing. The caller frees it.
 */
int xtune_plan_diff(xtune_backend *backend, const xtune_plan *plan,
                    char **text_r, xtune_error **err);

#endif
