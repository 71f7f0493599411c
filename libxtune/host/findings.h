/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_FINDINGS_H
#define XT_FINDINGS_H

#include <xtune/finding.h>

/* Adds a finding, with copies of its texts. object is a device's address or
 * what else it is about; hint may be NULL; name lives for ever. */
xtune_finding *xt_findings_add(xtune_findings *findings, const char *name,
                               enum xtune_finding_level level,
                               const char *object, const char *hint,
                               const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* "a, b and c", or "none", in the arena; more than a few are counted. */
const char *xt_findings_words(xtune_arena *arena, const char *const *words,
                              size_t nr);

#endif
