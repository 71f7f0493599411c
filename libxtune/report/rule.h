/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule of a policy and a record, as they were read. */
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

/* The same for a record: where it begins, for whom, and its rows. */
void xt_put_record(FILE *out, xtune_arena *arena, const xtune_record *record);

/* {"source", "match", "numa": {"source", "placement", ...}, ...}; null for no
 * rule. */
xt_json *xt_rule_json(xtune_arena *arena, const xtune_rule *rule);

/* {"source", "uuid", "name", "affinity": [...]}, and where it says something
 * of them "scheduling": [...] and "cpupool": {...}; null for none. */
xt_json *xt_record_json(xtune_arena *arena, const xtune_record *record);

#endif
