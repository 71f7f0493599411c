/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules are written with. */
#ifndef XT_CHECK_H
#define XT_CHECK_H

#include <xtune/check.h>

/* One rule at work. */
struct xt_check {
    const xtune_check_request *request;
    const xtune_host *host;
    const xtune_host_rule *rule;
    xtune_check_report *report;
    xtune_arena *arena; /* the report's */
};

typedef struct xt_check xt_check;

/* Each adds one result; texts are copied, and object NULL is the host. */
void xt_pass(xt_check *check, const char *object, const char *expected,
             const char *actual);
void xt_skip(xt_check *check, const char *object, const char *why);

/* What is not as it should be: WARN or FAIL. */
typedef struct xt_fault {
    enum xtune_check_status status;
    const char *object, *expected, *actual, *text;
    enum xtune_fix fix;
    const char *how;
} xt_fault;

void xt_fault_add(xt_check *check, const xt_fault *fault);

/* The functions of the rules, by the file that holds them. */

#endif
