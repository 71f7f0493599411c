/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs have in common that make one plan and carry it out. */
#ifndef XLTUNE_VERB_H
#define XLTUNE_VERB_H

#include "xltune.h"

struct verb {
    const xtune_plan *plan;
    char *title; /* for the history; freed by run_verb() */
    char *text;  /* what is said when it was carried out; freed as well; NULL:
                    nothing */
    /* Writes down what --persist is to keep, when the plan was carried out;
     * NULL: there is nothing to keep. object is what errors are about. */
    int (*keep)(struct context *ctx, const void *what, xtune_error **err);
    const void *what;
    const char *object;
    bool told_later; /* with --json: what came of it is printed by the caller */
};

/*
 * Takes the lock and observes all domains: with --dry-run no lock, but more
 * parts, so that the plan of a command that looks at nodes tells what becomes
 * of local memory.
 */
int observe_for_verb(struct context *ctx, unsigned int more_parts,
                     xtune_error **err);

/* Shows what the plan changes in files, before anything is done: what it
 * cannot show it could not write. */
int show_diff(struct context *ctx, const xtune_plan *plan, xtune_error **err);

/*
 * Carries the plan out, quietly but for its notes, or with --dry-run shows it.
 * Returns the exit code.
 */
int run_verb(struct context *ctx, const struct verb *verb);

#endif
