/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports as text or JSON. Each returns text that the caller frees.
 */
#ifndef XTUNE_REPORT_H
#define XTUNE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/apply.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/plan.h>

/* As "xl info [-n]" prints it (xen.git tools/xl/xl_info.c). */
char *xtune_report_info(const xtune_host *host, bool numa);
/* {"schema": "xtune/info/1", "xen", and with numa "nodes", "cpus", "pci"} */
char *xtune_report_info_json(const xtune_host *host, bool numa);

/* As "xl list [-n] [-c]". */
char *xtune_report_list(const xtune_host *host, bool numa, bool cpupool);
/* {"schema": "xtune/list/1", "domains": [...]}, members as in xtune/host/1 */
char *xtune_report_list_json(const xtune_host *host);

/* As "xl vcpu-list". */
char *xtune_report_vcpu_list(const xtune_host *host);
char *xtune_report_vcpu_list_json(const xtune_host *host);

/* Memory by node and local share of each domain, and of the host. source is
 * xtune_backend_describe()'s. */
char *xtune_report_residency(const xtune_host *host, const char *source);
char *xtune_report_residency_json(const xtune_host *host);

/* Actions grouped by domain, what is blocked and why, and a summary. */
char *xtune_report_plan(const xtune_plan *plan, const char *source);

/* An action in a line, without a newline: "web1 vCPU 0: hard all -> 0-3". */
char *xtune_report_action(const xtune_action *action);

char *xtune_report_history(const xtune_history *history);
char *xtune_report_history_json(const xtune_history *history);

/* What became of an action, as xtune_apply_options.progress tells it. */
typedef struct xtune_outcome {
    const char *object; /* of the action */
    enum xtune_step step;
    const char *note; /* or NULL */
} xtune_outcome;

/*
 * {"schema": "xtune/result/1", "result", "steps": [{"object", "step",
 * "note"}]}; result is a word such as "applied".
 */
char *xtune_report_outcome_json(const char *result,
                                const xtune_outcome *outcomes, size_t nr);

/* {"error": {"code", "object", "message", "hint"}} */
char *xtune_report_error_json(const xtune_error *err);

#endif
