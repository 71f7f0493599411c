/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules that a Xen host is held against, each a function and a row of a table
 * (libxtune/check/rules.c): what is expected, what is so, and the way out.
 */
#ifndef XTUNE_CHECK_H
#define XTUNE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/plan.h>
#include <xtune/policy.h>

struct xt_check; /* libxtune/check/check.h */

#define XTUNE_CHECK_SCHEMA "xtune/check/1"

enum xtune_check_status {
    XTUNE_CHECK_PASS,
    XTUNE_CHECK_WARN,
    XTUNE_CHECK_FAIL,
    XTUNE_CHECK_SKIP,
};

/* How it can be mended. */
enum xtune_fix {
    XTUNE_FIX_NONE,   /* there is nothing to do, or to be done about it */
    XTUNE_FIX_NOW,    /* safe on a host that runs: --fix does it */
    XTUNE_FIX_BOOT,   /* a command of xltune, and the next boot */
    XTUNE_FIX_PERSON, /* it takes a decision: the text says what */
};

/* What a rule says of one object. Texts are in the report's arena. */
typedef struct xtune_check_result {
    const struct xtune_host_rule *rule;
    enum xtune_check_status status;
    const char *object;   /* "web1", "sda", "/etc/xen/xl.conf"; "host" */
    const char *expected; /* NULL for SKIP */
    const char *actual;   /* NULL for SKIP */
    const char *text;     /* SKIP: why; else what it means; NULL */
    enum xtune_fix fix;
    const char *how; /* to mend it: a command, or what to do; NULL for PASS and
                        SKIP */
} xtune_check_result;

/* A rule. Its name is stable: lower case, with dashes. */
typedef struct xtune_host_rule {
    const char *name;
    enum xtune_check_status severity; /* what it says at worst: WARN or FAIL */
    const char *source; /* whose advice it is: "SUSE Virtualization Best
                           Practices", "Xen" */
    const char *asks;   /* what is asked of Xen, or which file */
    const char *title;  /* one line: what should be so */
    const char *why;    /* what happens else */
    /* Adds its results; at least one. */
    void (*check)(struct xt_check *check);
    unsigned int parts; /* of a host that it looks at: XTUNE_OBSERVE_* */
    /* Adds actions that mend what it found, those that are safe now; NULL:
     * there are none such. */
    int (*fix)(struct xt_check *check, xtune_plan *plan, xtune_error **err);
} xtune_host_rule;

/* All, in the order in which they are reported. */
const xtune_host_rule *xtune_host_rules(size_t *nr_r);

/* XTUNE_ERR_NOT_FOUND, naming one that is near. */
int xtune_host_rule_find(const char *name, const xtune_host_rule **rule_r,
                         xtune_error **err);

typedef struct xtune_check_request {
    const xtune_host *host;
    const xtune_policy *policy; /* NULL: there is none */
    /* The same host sampled_ms before; NULL: no load was sampled. */
    const xtune_host *earlier;
    uint64_t sampled_ms;
    const xtune_host_rule *const *rules; /* NULL: all */
    size_t nr_rules;
} xtune_check_request;

typedef struct xtune_check_report {
    xtune_arena *arena;
    xtune_check_result *results; /* by rule */
    size_t nr_results;
    size_t nr_by_status[4]; /* by enum xtune_check_status */
} xtune_check_report;

int xtune_check_host(const xtune_check_request *request,
                     xtune_check_report **report_r, xtune_error **err);
void xtune_check_report_free(xtune_check_report *report);

/* The plan of all that is safe to mend now; empty where there is nothing. */
int xtune_check_plan(const xtune_check_request *request,
                     const xtune_check_report *report, xtune_plan **plan_r,
                     xtune_error **err);

/* "PASS", "WARN", "FAIL", "SKIP" */
const char *xtune_check_status_name(enum xtune_check_status status);

#endif
