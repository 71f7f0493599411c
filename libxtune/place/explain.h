/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_EXPLAIN_H
#define XT_EXPLAIN_H

#include "place/model.h"

/* Fills in the constraints and candidates of request->explain, in a model
 * whose items are decided. */
void xt_explain(xt_model *model, xtune_placement *placement);

#endif
