/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the forms of a check's report share. */
#ifndef XT_REPORT_HOST_CHECK_H
#define XT_REPORT_HOST_CHECK_H

#include <xtune/check.h>

#include "base/json.h"

/* "pass", "warn", "fail", "skip", as they stand in JSON. */
const char *xt_check_status_word(enum xtune_check_status status);

/* "none", "now", "boot", "person" */
const char *xt_check_fix_word(enum xtune_fix fix);

/* How many of the results from first on are of its rule. */
size_t xt_check_nr_of_rule(const xtune_check_report *report, size_t first);

/* The worst of them: FAIL, WARN, PASS; SKIP where all are. */
enum xtune_check_status xt_check_worst(const xtune_check_result *results,
                                       size_t nr);

/* How many are to be mended in this way. */
size_t xt_check_nr_to_mend(const xtune_check_report *report,
                           enum xtune_fix fix);

/* All of a rule's row but its functions. */
xt_json *xt_check_rule_json(xtune_arena *arena, const xtune_host_rule *rule);

#endif
