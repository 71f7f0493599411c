/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The homes that an item may have, and the best of them. */
#ifndef XT_HOMES_H
#define XT_HOMES_H

#include "place/cost.h"

/* Among homes that cost the same. */
enum xt_tie {
    XT_TIE_SPREAD, /* a node that is not half full rather than one that is */
    XT_TIE_PACK,   /* the node with the least memory to spare */
};

typedef struct xt_chooser {
    xt_model *model;
    const xt_item *item;
    enum xt_tie tie;
    bool found;
    int64_t cost; /* with what it adds to the nodes' crowding */
    int64_t key[2];
    xt_home best;
    xt_part parts[XTUNE_MAX_NODES]; /* of best */
} xt_chooser;

/* Finds the best home of an item that is not in the model. */
void xt_choose(xt_chooser *chooser, xt_model *model, const xt_item *item,
               enum xt_tie tie);

/* Weighs one home; parts are copied. */
void xt_consider(xt_chooser *chooser, const xt_home *home);

/* Homes with memory placed on exactly these nodes, or on one of them. */
void xt_consider_split(xt_chooser *chooser, uint64_t nodes);
void xt_consider_single(xt_chooser *chooser, uint32_t node);

/* A home for vCPUs, with memory where it is. */
void xt_consider_staying(xt_chooser *chooser, uint64_t nodes);

/* Counts the vCPUs of a domain on the parts of a home, evenly, at most room[i]
 * on part i, each where its mask lets it be. False where that is not possible.
 * room becomes what is left. */
bool xt_deal_vcpus(const xt_item *item, xt_home *home, uint32_t *room);

/* The least that the item can cost wherever it is. */
int64_t xt_ideal_cost(const xt_item *item);

/* A node of among that is nearest to all of nodes; XTUNE_NONE where there is
 * none. remaining_kb: nodes with so much free memory are worth more. */
uint32_t xt_nearest_node(const xt_model *model, const xt_item *item,
                         uint64_t nodes, uint64_t among,
                         uint64_t remaining_kb);

#endif
