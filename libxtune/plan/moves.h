/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of moves: while a domain moves there are two copies of its
 * memory, so each move must find room that the moves before it have left.
 */
#ifndef XT_MOVES_H
#define XT_MOVES_H

#include <stdbool.h>

#include <xtune/host.h>

/* A move that is wanted. */
typedef struct xt_wanted_move {
    const xtune_domain *domain;
    const uint64_t *to_kb; /* by node id */
    uint64_t gain;         /* the larger, the sooner */
    const char *blocked;   /* out: why it cannot be made; NULL */
} xt_wanted_move;

/* A step of the order: a move, or one to a node where it only makes room. */
typedef struct xt_move_step {
    size_t move;         /* its number among the wanted */
    unsigned int parked; /* the node; XTUNE_NONE: to where it is wanted */
} xt_move_step;

/*
 * Finds an order, in the arena: those with the larger gain first. Where none
 * fits, a domain is parked on a third node if that makes room for another; it
 * is moved on later. The moves for which there is no room get blocked set.
 */
void xt_order_moves(xtune_arena *arena, const xtune_host *host,
                    xt_wanted_move *moves, size_t nr_moves,
                    xt_move_step **steps_r, size_t *nr_steps_r);

#endif
