/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making room for an item on a node by moving others. */
#ifndef XT_EXCHANGE_H
#define XT_EXCHANGE_H

#include "place/homes.h"

/* The items whose memory is placed on one node alone, by node, the smallest
 * first. They may have gone elsewhere since. */
typedef struct xt_exchange {
    xt_model *model;
    xt_item **items;
    size_t first[XTUNE_MAX_NODES + 1];
} xt_exchange;

void xt_exchange_begin(xt_exchange *exchange, xt_model *model);
void xt_exchange_end(xt_exchange *exchange);

/* True where the item, and others for it, got a home that is cheaper for
 * all. */
bool xt_exchange_for(xt_exchange *exchange, xt_item *item, xt_chooser *c);

#endif
