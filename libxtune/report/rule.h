/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule of a policy, as it was read. */
#ifndef XT_REPORT_RULE_H
#define XT_REPORT_RULE_H

#include <stdio.h>

#include <xtune/policy.h>

#include "base/json.h"

/*
 * Where the rule begins and what it matches; then a line for each element,
 * with the attributes that were left out as well.
 */
void xt_put_rule(FILE *out, xtune_arena *arena, const xtune_rule *rule);

/* {"source", "match", "numa": {"source", "placement", ...}, ...}; null for no
 * rule. */
xt_json *xt_rule_json(xtune_arena *arena, const xtune_rule *rule);

#endif
