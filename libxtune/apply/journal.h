/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal of an apply that runs, and the history of those that ended:
 * one form, schema xtune/journal/1, in files of the state directory.
 */
#ifndef XT_JOURNAL_H
#define XT_JOURNAL_H

#include <xtune/apply.h>

#include "base/json.h"

struct xtune_state {
    xtune_arena *arena;
    const char *dir;       /* journal.json and history/ */
    const char *lock_path; /* NULL: not locked */
    int lock_fd;
    bool temporary;      /* the lock's file and an empty dir go at the end */
    const char *boot_id; /* of the kernel that runs; NULL: not known */
};

typedef struct xt_entry {
    unsigned int id;
    const char *time, *title;
    const char *result;       /* "running" in a journal */
    const char *error;        /* or NULL */
    const char *boot_id;      /* of the kernel that ran; NULL: not known */
    const char *host_sum;     /* xt_host_sum() before it; of a journal only */
    unsigned int rollback_of; /* 0: an apply; else the entry put back */
    const xtune_action *actions;
    size_t nr_actions;
} xt_entry;

/* As the kernel writes it: 8-4-4-4-12 hexadecimal digits. */
bool xt_is_boot_id(const char *text);

/*
 * Whether a live host was rebooted since: then nothing is left of what was
 * changed, for all of it was in Xen. Never for a host in a file, where it
 * stays, nor where one of the two is not known.
 */
bool xt_state_is_other_boot(const xtune_state *state, const char *boot_id);

/* Makes the journal: from here until xt_journal_end() a crash is noticed. */
int xt_journal_begin(const xtune_state *state, const xt_entry *entry,
                     xtune_error **err);

/* Writes the entry into the history, then removes the journal. */
int xt_journal_end(const xtune_state *state, const xt_entry *entry,
                   xtune_error **err);

/* What a host that changes at commit (see is_atomic of backends) is like, in
 * a word that is another one for another host; NULL for any other. */
const char *xt_host_sum(xtune_backend *backend, xtune_arena *arena);

/* Keeps, beside the journal, that an action is about to begin, or, where all
 * are made at once, that those up to it are; and how many of them were said to
 * have begun at least, 0 where none was. */
int xt_journal_note_begun(const xtune_state *state, size_t index,
                          xtune_error **err);
int xt_journal_read_begun(const xtune_state *state, size_t *nr_r,
                          xtune_error **err);

/* Removes the journal alone. */
int xt_journal_drop(const xtune_state *state, xtune_error **err);

bool xt_journal_exists(const xtune_state *state);

/* In the arena. XTUNE_ERR_NOT_FOUND where there is none. */
int xt_journal_read(const xtune_state *state, xtune_arena *arena,
                    xt_entry *entry_r, xtune_error **err);
int xt_history_read_entry(const xtune_state *state, unsigned int id,
                          xtune_arena *arena, xt_entry *entry_r,
                          xtune_error **err);

/* The numbers of the entries, ascending, in the arena. */
int xt_history_ids(const xtune_state *state, xtune_arena *arena,
                   unsigned int **ids_r, size_t *nr_r, xtune_error **err);

/* Refuses where a change is yet to be confirmed, and where options want this
 * one to be and that cannot be. */
int xt_pending_check(const xtune_state *state,
                     const xtune_apply_options *options, xtune_error **err);

/*
 * Notes that the entry is to be confirmed, if options say so. To be called
 * between xt_journal_begin() and the first change: what is noted cannot be
 * lost by a cut, or by a failure, when memory has moved and stays.
 */
int xt_pending_begin(const xtune_state *state, const xt_entry *entry,
                     const xtune_apply_options *options, xtune_error **err);

/* Its time begins now. To be called between the last change and
 * xt_journal_end(), from which on it is pending. */
int xt_pending_start(const xtune_state *state, const xt_entry *entry,
                     unsigned int seconds, xtune_error **err);

/* As above, if it was noted that the entry is to be confirmed: for one who
 * recovers. */
int xt_pending_restart(const xtune_state *state, const xt_entry *entry,
                       xtune_error **err);

/* The time now, UTC, as it stands in entries. */
const char *xt_journal_time(xtune_arena *arena);

#endif
