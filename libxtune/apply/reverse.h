/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What puts the changes of an entry back: its actions turned round. */
#ifndef XT_REVERSE_H
#define XT_REVERSE_H

#include "apply/engine.h"

/*
 * The actions of an entry turned round, last first, in the arena: to put back
 * is to apply them. Those on an object that is gone are left out, all that
 * lead to it as well. Where another hand changed an object since, its present
 * value counts as old if the options say force; with leave_changed it is left
 * out, and all that cannot be put back while it stays as it is; else it is
 * XTUNE_ERR_CHANGED.
 */
int xt_reverse(const xt_engine *applied, xtune_arena *arena,
               const xtune_action **actions_r, size_t *nr_r,
               xtune_error **err);

/* groups.c */

/* For each of the actions that is not dropped: drops it where it belongs to
 * the one of that index, as another step on the way of the same object. */
void xt_drop_group(const xt_engine *engine, size_t index, bool *dropped);

/* rehearse.c */

/*
 * Makes the actions on a copy of the host. *failed_r is the index of the first
 * that could not be made there, or that would change the object of one of
 * those to stay, and *why_r says why, in the arena; nr_actions where all can
 * be made.
 */
int xt_rehearse(const xt_engine *engine, const xt_engine *to_stay,
                const xtune_host *host, xtune_arena *arena, size_t *failed_r,
                const char **why_r, xtune_error **err);

#endif
