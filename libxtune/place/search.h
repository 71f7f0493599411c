/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_SEARCH_H
#define XT_SEARCH_H

#include "place/homes.h"

/*
 * Decides every item of a model: those that have a home keep it, the others
 * get the best that is left, the largest first; then homes are changed one by
 * one and in exchange as long as that makes the whole cheaper.
 */
void xt_search(xt_model *model);

/* The same from where they are, after some were found out_of_cores. */
void xt_search_again(xt_model *model);

/* When the masks are made: those that had to share look once more for cores
 * of their own. True where some found any, and masks are to be made anew. */
bool xt_search_cores_again(xt_model *model);

/* Gives an item that is not in the model a home, which is copied; one without
 * nodes stands for none. */
void xt_set_home(xt_model *model, xt_item *item, const xt_home *home);

/* Takes an item out of the model; its home is remembered. */
void xt_drop_home(xt_model *model, const xt_item *item);

/* What its home would cost, of an item that is not in the model. */
int64_t xt_present_cost(xt_model *model, const xt_item *item);

/* Of an item that is not in the model: its vCPUs share cores after all. */
void xt_share_cores(xt_model *model, xt_item *item, const char *why);

#endif
