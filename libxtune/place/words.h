/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a placement says of itself. */
#ifndef XT_WORDS_H
#define XT_WORDS_H

#include "place/model.h"

/* "0-1,3", in the arena of the model. */
const char *xt_nodes_text(const xt_model *model, uint64_t nodes);

/* "node 1" or "nodes 0-1". */
const char *xt_node_words(const xt_model *model, uint64_t nodes);

/* "3.5 GiB", "640.0 MiB". */
const char *xt_kb_text(const xt_model *model, uint64_t kb);

/* Says what stands in the way of what is wanted; a second one is added to the
 * first. */
void xt_block(const xt_model *model, xtune_placed *placed, const char *fmt,
              ...) __attribute__((format(printf, 3, 4)));

/* Fills in the reason, and what is in the way, of an item that is decided. */
void xt_explain_item(xt_model *model, xt_item *item);

#endif
