/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kinds of action: how the object of each is read and written. A value is
 * JSON, as it stands in a plan's old and new.
 */
#ifndef XT_KINDS_H
#define XT_KINDS_H

#include <xtune/apply.h>
#include <xtune/backend.h>
#include <xtune/plan.h>

#include "base/json.h"

/* How an object is, against an action on it. */
enum xt_found {
    XT_FOUND_OLD,   /* as before the action */
    XT_FOUND_NEW,   /* as after it */
    XT_FOUND_HALF,  /* in between: it was cut off */
    XT_FOUND_OTHER, /* neither: another hand was there */
    XT_FOUND_GONE,  /* it is no more */
};

/* An action that takes its time, and was begun. */
typedef struct xt_job {
    xtune_arena *arena; /* owns what follows */
    size_t index;       /* of the action */
    struct xt_moving *moving;
    void *own; /* of its kind */
} xt_job;

/* What actions are made with. */
typedef struct xt_hands {
    xtune_backend *backend;
    const xtune_apply_options *options; /* NULL: none */
    int lock_fd;     /* of the state, for what outlives us; -1 */
    bool back;       /* something is put back: what is gone needs none */
    bool after_move; /* memory that another one has left is yet to be free */
    xt_job *jobs;    /* those that are under way */
    size_t nr_jobs;
} xt_hands;

/* What came of writing, in the arena; nothing on entry. */
typedef struct xt_made {
    const char *note;    /* how it differs from what was asked for */
    bool as_is;          /* so much that it is not to be read back */
    const xt_json *took; /* see xtune_action */
    const xt_json *kept; /* the same */
} xt_made;

typedef struct xt_action_kind {
    const char *name;

    /* It is whole by itself: what was made before it stays where it fails,
     * and it is not undone where others fail. */
    bool alone;

    /* Whether what an action makes outlives a reboot; NULL: it does not. */
    bool (*lasts)(const xtune_action *action);

    /* What the object is now. XTUNE_ERR_NOT_FOUND: it is no more. */
    int (*read)(const xt_hands *hands, const xtune_action *action,
                xtune_arena *arena, xt_json **value_r, xtune_error **err);

    /* How what was read is to be taken; NULL: old and new are equal to it, or
     * are not. */
    enum xt_found (*compare)(const xtune_action *action, const xt_json *now);

    /* Makes the object be value; NULL where alone is set. */
    int (*write)(const xt_hands *hands, const xtune_action *action,
                 const xt_json *value, xtune_arena *arena, xt_made *made,
                 xtune_error **err);

    /*
     * Where alone is set: begins to make the object be as after the action,
     * and sees what became of it when that has ended, settled where it failed.
     * XTUNE_ERR_BUSY: not while those are under way that are. What is in made
     * is in arena.
     */
    int (*begin)(const xt_hands *hands, const xtune_action *action,
                 xt_job *job, xtune_error **err);
    int (*end)(const xt_hands *hands, const xtune_action *action, xt_job *job,
               xtune_arena *arena, xt_made *made, xtune_error **err);

    /* The lines of files that it would change, as "diff -u" shows them, in the
     * arena; NULL: it changes none. */
    int (*diff)(xtune_backend *backend, const xtune_action *action,
                xtune_arena *arena, const char **text_r, xtune_error **err);
} xt_action_kind;

/* Whether two actions are of one kind and on one domain: by its uuid, for
 * names may be alike. */
bool xt_action_same_object(const xtune_action *a, const xtune_action *b);

/* NULL where there is none of that name. */
const xt_action_kind *xt_action_kind_find(const char *name);

/* Those of the actions that outlive a reboot, in the arena. */
size_t xt_lasting_actions(xtune_arena *arena, const xtune_action *actions,
                          size_t nr, const xtune_action **lasting_r);

/* The kinds, each in a file of its name. */
extern const xt_action_kind xt_kind_vcpu_affinity;
extern const xt_action_kind xt_kind_stored_affinity;
extern const xt_action_kind xt_kind_rehome;
extern const xt_action_kind xt_kind_cpupool;
extern const xt_action_kind xt_kind_cpupool_name;
extern const xt_action_kind xt_kind_cpupool_cpus;
extern const xt_action_kind xt_kind_cpupool_scheduling;
extern const xt_action_kind xt_kind_domain_cpupool;
extern const xt_action_kind xt_kind_scheduling;
extern const xt_action_kind xt_kind_boot_parameters;
extern const xt_action_kind xt_kind_file;
extern const xt_action_kind xt_kind_cpufreq_governor;
extern const xt_action_kind xt_kind_dom0_memory;
extern const xt_action_kind xt_kind_dom0_vcpus;
extern const xt_action_kind xt_kind_pci_assignable;
extern const xt_action_kind xt_kind_pci;
extern const xt_action_kind xt_kind_sriov;
extern const xt_action_kind xt_kind_usb;
extern const xt_action_kind xt_kind_usb_controller;
extern const xt_action_kind xt_kind_usb_driver;
extern const xt_action_kind xt_kind_usb_rules;

/* usb_driver.c: what is plugged in at a path, as get_usb_device says; JSON
 * null where nothing is. */
int xt_kind_usb_device(const xt_hands *hands, const char *path,
                       xtune_arena *arena, struct xt_json **value_r,
                       xtune_error **err);

/* The domain of an action's target; XTUNE_ERR_INVALID where it names none. */
struct xt_domain_ref;
int xt_kind_domain(const xtune_action *action, struct xt_domain_ref *ref_r,
                   xtune_error **err);

/* A string of an action's target. XTUNE_ERR_INVALID where it is not there. */
int xt_kind_text(const xtune_action *action, const char *key,
                 const char **text_r, xtune_error **err);

#endif
